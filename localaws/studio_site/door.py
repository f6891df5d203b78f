"""What the stand-in Studio answers to one request: redeem a URL, show a page, or refuse."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import unquote, urlsplit

from localaws.apps_api import run, running
from localaws.enforcement import MINT, Clock, Enforcement
from localaws.records import Mint, mints, studio_state
from localaws.studio_site import pages
from localaws.studio_site.kinds import APPS, KINDS, PAGES, redeems

COOKIE = "__Host-studio-stand-in"
SIGN_IN = "/stand-in/sign-in"
# API_CreatePresignedDomainUrl: what holds where the caller asked for nothing, in seconds. A notebook instance's URL is
# good for five minutes, whatever is asked (API_CreatePresignedNotebookInstanceUrl).
_EXPIRES_IN = 300
_SESSION_EXPIRES_IN = 43200
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, through which endpoint, if any, and from which address; what could hold a secret is not shown."""

    host: str
    target: str = field(repr=False)
    cookies: str = field(repr=False)
    endpoint: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a page and what headers it has of its own."""

    status: int
    page: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class _Session:
    mint: Mint
    host: str
    ends_at: datetime
    # The space whose app is meant by "default".
    space: str | None


class Studio:
    """The sessions of one run, and who may enter.

    A token is random bytes that only the stand-in has handed out, so the whole URL is looked up among the mints:
    nothing needs to be signed, and host and parameters are bound to the token. As with AWS, as far as is known, a URL
    can be redeemed again until it expires; MLflow's is good once, and how AWS refuses it then is not known. Whose space
    is opened is not asked here: the gate has to.
    """

    def __init__(self, enforcement: Enforcement, clock: Clock, *, session_policy_counts: bool) -> None:
        self._enforcement = enforcement
        self._clock = clock
        self._session_policy_counts = session_policy_counts
        # By the digest of the cookie's value.
        self._sessions: dict[bytes, _Session] = {}
        self._used: set[bytes] = set()

    def answer(self, visit: Visit) -> Answer:
        """Answer a GET request; nothing of it is kept but the session that it opens."""
        if visit.target.partition("?")[0] == SIGN_IN:
            return Answer(200, pages.sign_in())
        return self._redeem(visit) if redeems(visit.host, visit.target) else self._visit(visit)

    def start(self, visit: Visit) -> Answer | None:
        """Answer the POST request of a space's "Run" button, or None to any other: its default app runs at once."""
        app_type, space = _portal(visit.target)
        if not app_type:
            return None
        session = self._admitted(visit)
        if isinstance(session, Answer):
            return session
        if not self._has_space(session.mint, space):
            return Answer(404)
        run((session.mint.account, session.mint.region), str(session.mint.parameters["DomainId"]), space, app_type)
        return Answer(303, headers={"Location": visit.target})

    def _redeem(self, visit: Visit) -> Answer:
        mint = _minted(f"https://{visit.host}{visit.target}")
        if not mint or not self._allows(mint, visit):
            return Answer(403, pages.refused())
        now = self._clock()
        if now >= mint.minted_at + _seconds(mint, "ExpiresInSeconds", _EXPIRES_IN):
            return _to_sign_in()
        kind, used = KINDS[mint.operation], _digest(mint.url.get_secret_value())
        if kind.once and used in self._used:
            return Answer(403, pages.refused())
        self._used.add(used)
        life = _seconds(mint, "SessionExpirationDurationInSeconds", _SESSION_EXPIRES_IN)
        value = secrets.token_urlsafe(_TOKEN_BYTES)
        space = cast("str | None", mint.parameters.get("SpaceName"))
        self._sessions[_digest(value)] = _Session(mint, visit.host, now + life, space)
        cookie = f"{COOKIE}={value}; Max-Age={life // timedelta(seconds=1)}; Path=/; HttpOnly; Secure; SameSite=Lax"
        return Answer(302, headers={"Location": kind.landing(mint.parameters), "Set-Cookie": cookie})

    def _admitted(self, visit: Visit) -> _Session | Answer:
        session = self._sessions.get(_digest(_cookie(visit.cookies)))
        if not session or session.host != visit.host:
            return _to_sign_in()
        if not self._allows(session.mint, visit):
            return Answer(403, pages.refused())
        return session if self._clock() < session.ends_at else _to_sign_in()

    def _visit(self, visit: Visit) -> Answer:
        session = self._admitted(visit)
        if isinstance(session, Answer):
            return session
        return self._show(session, visit.target)

    def _show(self, session: _Session, target: str) -> Answer:
        mint, kind = session.mint, KINDS[session.mint.operation]
        rows = {name: str(mint.parameters[parameter]) for name, parameter in kind.names.items()}
        ends = {"The session ends at": f"{session.ends_at:%Y-%m-%dT%H:%M:%SZ}"}
        if mint.operation != MINT:
            return Answer(200, pages.inside(kind.title, rows | ends))
        app_type, path = _app(target)
        if app_type:
            owner = {"Space": session.space} if session.space else {}
            # A bare 404, as measured.
            if self._apps(mint, session.space).get(app_type) != "InService":
                return Answer(404)
            return Answer(200, pages.inside(app_type, rows | owner | {"Path": path} | ends))
        app_type, space = _portal(target)
        if not app_type:
            return Answer(200, pages.inside(kind.title, rows | ends))
        if not self._has_space(mint, space):
            return Answer(404)
        session.space = space
        status = self._apps(mint, space).get(app_type)
        return Answer(
            200, pages.space(rows | {"Space": space, app_type: status or "Stopped"} | ends, _lab(app_type), status)
        )

    def _apps(self, mint: Mint, space: str | None) -> dict[str, str]:
        owner = ("SpaceName", space) if space else ("UserProfileName", str(mint.parameters["UserProfileName"]))
        return running((mint.account, mint.region), str(mint.parameters["DomainId"]), owner)

    def _has_space(self, mint: Mint, space: str) -> bool:
        key = ("Space", str(mint.parameters.get("DomainId")), space)
        return mint.operation == MINT and key in studio_state(mint.account, mint.region).resources

    def _allows(self, mint: Mint, visit: Visit) -> bool:
        counts = self._session_policy_counts
        verdict = self._enforcement.may_use(mint, visit.endpoint, session_policy_counts=counts, address=visit.address)
        return verdict.allowed


def _minted(url: str) -> Mint | None:
    """Find the mint of exactly that URL. Digests, because comparing them takes as long whatever is in them."""
    digest = _digest(url)
    found = [mint for mint in mints() if hmac.compare_digest(_digest(_as_sent(mint)), digest)]
    return next((mint for mint in found if mint.operation in KINDS), None)


def _as_sent(mint: Mint) -> str:
    """Return the URL as a browser sends it: a notebook instance's has no path."""
    url = mint.url.get_secret_value()
    return url if urlsplit(url).path else url.replace("?", "/?", 1)


def _app(target: str) -> tuple[str, str]:
    """Return the type of an app's own page and the path in it, or two empty texts."""
    app, _, rest = unquote(urlsplit(target).path).strip("/").partition("/default")
    known = app in APPS and (not rest or rest.startswith("/"))
    inner = rest.removeprefix(_lab(APPS[app]).partition("/default")[2]) if known else ""
    return (APPS[app], inner or "/") if known and "/default" in target else ("", "")


def _portal(target: str) -> tuple[str, str]:
    """Return the type of app and the space of Studio's page for them, or two empty texts."""
    app, _, space = unquote(urlsplit(target).path).strip("/").partition("/")
    return (PAGES[app], space) if app in PAGES and space else ("", "")


def _lab(app_type: str) -> str:
    return f"/{app_type.lower()}/default" + ("/lab" if app_type == "JupyterLab" else "")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _seconds(mint: Mint, parameter: str, default: int) -> timedelta:
    return timedelta(seconds=cast("int", mint.parameters.get(parameter, default)))


def _to_sign_in() -> Answer:
    return Answer(302, headers={"Location": SIGN_IN})


def _cookie(header: str) -> str:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")
