"""What the stand-in Studio answers to one request: redeem a URL, show a page, or refuse."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import quote

from localaws.enforcement import MINT, Clock, Enforcement
from localaws.records import Mint, mints
from localaws.studio_site import pages

COOKIE = "__Host-studio-stand-in"
SIGN_IN = "/stand-in/sign-in"
# API_CreatePresignedDomainUrl: what holds where the caller asked for nothing, in seconds.
_EXPIRES_IN = 300
_SESSION_EXPIRES_IN = 43200
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visit:
    """One GET request and the endpoint it came through, or none; what could hold a secret is not shown."""

    host: str
    target: str = field(repr=False)
    cookies: str = field(repr=False)
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a page and what headers it has of its own."""

    status: int
    page: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Session:
    mint: Mint
    host: str
    ends_at: datetime


class Studio:
    """The sessions of one run, and who may enter.

    A token is 3,072 random bytes that only the stand-in has handed out, so the whole URL is looked up among the mints:
    nothing needs to be signed, and host and parameters are bound to the token. As with AWS, as far as is known, a URL
    can be redeemed again until it expires.
    """

    def __init__(self, enforcement: Enforcement, clock: Clock, *, session_policy_counts: bool) -> None:
        self._enforcement = enforcement
        self._clock = clock
        self._session_policy_counts = session_policy_counts
        # By the digest of the cookie's value.
        self._sessions: dict[bytes, _Session] = {}

    def answer(self, visit: Visit) -> Answer:
        """Answer a GET request; nothing of it is kept but the session that it opens."""
        match visit.target.partition("?")[0]:
            case "/auth":
                return self._redeem(visit)
            case path if path == SIGN_IN:
                return Answer(200, pages.sign_in())
            case _:
                return self._show(visit)

    def _redeem(self, visit: Visit) -> Answer:
        mint = _minted(f"https://{visit.host}{visit.target}")
        if not mint or not self._allows(mint, visit):
            return Answer(403, pages.refused())
        now = self._clock()
        if now >= mint.minted_at + _seconds(mint, "ExpiresInSeconds", _EXPIRES_IN):
            return _to_sign_in()
        life = _seconds(mint, "SessionExpirationDurationInSeconds", _SESSION_EXPIRES_IN)
        value = secrets.token_urlsafe(_TOKEN_BYTES)
        self._sessions[_digest(value)] = _Session(mint, visit.host, now + life)
        cookie = f"{COOKIE}={value}; Max-Age={life // timedelta(seconds=1)}; Path=/; HttpOnly; Secure; SameSite=Lax"
        return Answer(302, headers={"Location": _landing(mint.parameters), "Set-Cookie": cookie})

    def _show(self, visit: Visit) -> Answer:
        session = self._sessions.get(_digest(_cookie(visit.cookies)))
        if not session or session.host != visit.host:
            return _to_sign_in()
        if not self._allows(session.mint, visit):
            return Answer(403, pages.refused())
        if self._clock() >= session.ends_at:
            return _to_sign_in()
        asked = session.mint.parameters
        return Answer(200, pages.studio(str(asked["DomainId"]), str(asked["UserProfileName"]), session.ends_at))

    def _allows(self, mint: Mint, visit: Visit) -> bool:
        counts = self._session_policy_counts
        return self._enforcement.may_use(mint, visit.endpoint, session_policy_counts=counts).allowed


def _minted(url: str) -> Mint | None:
    """Find the mint of exactly that URL. Digests, because comparing them takes as long whatever is in them."""
    digest = _digest(url)
    found = [mint for mint in mints() if hmac.compare_digest(_digest(mint.url.get_secret_value()), digest)]
    return next((mint for mint in found if mint.operation == MINT), None)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _seconds(mint: Mint, parameter: str, default: int) -> timedelta:
    return timedelta(seconds=cast("int", mint.parameters.get(parameter, default)))


def _to_sign_in() -> Answer:
    return Answer(302, headers={"Location": SIGN_IN})


def _cookie(header: str) -> str:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")


def _landing(asked: Mapping[str, object]) -> str:
    """Return where AWS leads to (facts of LandingUri, measured): `studio::/x` really goes to another host, `//x`."""
    kind, _, rest = str(asked.get("LandingUri", "")).partition(":")
    app, _, path = rest.partition(":")
    if kind == "app":
        landing = f"/{app.lower()}/default/{path or 'lab'}"
    elif kind == "studio":
        landing = f"/{path}"
    else:
        landing = "/jupyterlab/default/lab" if "SpaceName" in asked else "/"
    # No character that could end the header.
    return quote(landing, safe="/:@!$&'()*+,;=?#%~")
