"""The experiment that this product exists for, replayed: it opens inside, and from the internet it is 403."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from localaws import further, signing_in, studio, tokens
from localaws.browsing import Reply, ask, browse
from localaws.laptop import ALICE, CALLERS, MALLORY, Laptop

REFUSED = "Auth token containing insufficient permissions"
_SIGN_IN = "/stand-in/sign-in"
_WHO = (ALICE, CALLERS[ALICE])


@dataclass(frozen=True, slots=True)
class Row:
    """One step: what was tried, what must come of it, and what came."""

    what: str
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        """Tell whether it came out as it must."""
        return self.expected == self.found


def play(laptop: Laptop) -> Iterator[Row]:
    """Replay the experiment step by step; each row is what really came back. People sign in where a provider runs."""
    for what, expected, step in _STEPS + further.STEPS + (signing_in.STEPS if laptop.people else ()):
        laptop.clock.ahead = timedelta()
        yield Row(what, expected, step(laptop))
    laptop.clock.ahead = timedelta()
    unread = ", ".join(map(str, laptop.enforced.unsupported))
    yield Row("Every policy in force could be evaluated", "yes", f"no: {unread}" if unread else "yes")


def _mint(laptop: Laptop, query: str = "") -> Reply:
    return ask(f"{laptop.gateway.endpoint}/iam/url/research{query}", _WHO)


def _gate(reply: Reply) -> str:
    """Say who refused, and with what; or what else came."""
    if reply.by_gateway:
        return f"{reply.status} by API Gateway"
    return f"{reply.status} {reply.decoded.get('type', '').rpartition(':')[2]}".strip()


def _studio(reply: Reply) -> str:
    if reply.status == 302:  # noqa: PLR2004 - HTTP
        location = reply.headers.get("location", "")
        return "sent to sign in" if _SIGN_IN in location else "302 with a session" if reply.cookie else "302"
    return f"{reply.status} with the text" if REFUSED in reply.body else str(reply.status)


def _open_inside(path: str, token: str | None = None) -> Callable[[Laptop], str]:
    """Open with a token or an assertion by its name in `tokens`; without one, Alice signs."""

    def step(laptop: Laptop) -> str:
        who, headers = (None, tokens.header(token)) if token else (_WHO, None)
        reply = ask(f"{laptop.gateway.endpoint}{path}", who, headers)
        location = reply.headers.get("location", "")
        if not location:
            return _gate(reply)
        redeemed = browse(laptop.site, laptop.site.inside, location)
        host = location.partition("/auth")[0]
        page = browse(laptop.site, laptop.site.inside, f"{host}/", redeemed.cookie)
        shown = "Studio (stand-in)" in page.body and "alice" in page.body
        return f"{reply.status}, then {page.status} {'with Studio of alice' if shown else 'without Studio'}"

    return step


def _bring(path: str, token: str | None, way: str = "endpoint") -> Callable[[Laptop], str]:
    """Ask with a token or an assertion by its name in `tokens`, or with none, and count what was minted."""

    def step(laptop: Laptop) -> str:
        before = len(studio.mints())
        reply = ask(f"{getattr(laptop.gateway, way)}{path}", None, tokens.header(token) if token else None)
        return f"{_gate(reply)}, {len(studio.mints()) - before} minted"

    return step


def _redeem(way: str) -> Callable[[Laptop], str]:
    def step(laptop: Laptop) -> str:
        url = _mint(laptop).decoded.get("url")
        if not url:
            return "nothing minted"
        sites = (laptop.site, laptop.lenient)
        found = {_studio(browse(site, getattr(site, way), url)) for site in sites}
        return " / ".join(sorted(found))

    return step


def _later(seconds: int) -> Callable[[Laptop], str]:
    def step(laptop: Laptop) -> str:
        url = _mint(laptop, "?expires_in=10").decoded.get("url", "")
        laptop.clock.ahead = timedelta(seconds=seconds)
        return _studio(browse(laptop.site, laptop.site.inside, url)) if url else "nothing minted"

    return step


def _session(seconds: int, way: str = "inside") -> Callable[[Laptop], str]:
    def step(laptop: Laptop) -> str:
        url = _mint(laptop, "?session_expires_in=1800").decoded.get("url", "")
        cookie = browse(laptop.site, laptop.site.inside, url).cookie if url else ""
        if not cookie:
            return "no session"
        laptop.clock.ahead = timedelta(seconds=seconds)
        return _studio(browse(laptop.site, getattr(laptop.site, way), f"{url.partition('/auth')[0]}/", cookie))

    return step


def _ask(path: str, who: str | None = ALICE, way: str = "endpoint") -> Callable[[Laptop], str]:
    signer = (who, CALLERS[who]) if who else None
    return lambda laptop: _gate(ask(f"{getattr(laptop.gateway, way)}{path}", signer))


_OPENED = "302, then 200 with Studio of alice"
_NOT_PROVED, _BY_GATEWAY = "401 not-proved, 0 minted", "403 by API Gateway, 0 minted"
_STEPS: tuple[tuple[str, str, Callable[[Laptop], str]], ...] = (
    ("Alice mints from inside and opens it inside", _OPENED, _open_inside("/iam/open/research")),
    ("the same from the internet", "403 with the text", _redeem("internet")),
    ("the same through another studio endpoint", "403 with the text", _redeem("elsewhere")),
    ("Alice mints through another execute-api endpoint", "403 by API Gateway", _ask("/iam/url", way="other_endpoint")),
    ("Alice mints from the internet", "403 by API Gateway", _ask("/iam/url", way="internet")),
    ("nobody signs", "403 by API Gateway", _ask("/iam/url", None)),
    ("Alice asks for Bob's profile", "403 refused", _ask("/iam/url/research?profile=bob")),
    ("Mallory is an administrator of the account", "403 refused", _ask("/iam/url/research", MALLORY)),
    ("a URL for 10 s is opened after 5 s", "302 with a session", _later(5)),
    ("a URL for 10 s is opened after 11 s", "sent to sign in", _later(11)),
    ("a session for 1800 s is used after 1790 s", "200", _session(1790)),
    ("a session for 1800 s is used after 1801 s", "sent to sign in", _session(1801)),
    ("a session's cookie is used from the internet", "403 with the text", _session(5, "internet")),
    ("a tool opens with Alice's token", _OPENED, _open_inside("/jwt/open/research", "jwt")),
    ("a load balancer lets Alice through", _OPENED, _open_inside("/proxy/open/research", "alb")),
    ("another proxy lets Alice through", _OPENED, _open_inside("/proxy/open/research", "edge")),
    ("a token through another execute-api endpoint", _BY_GATEWAY, _bring("/jwt/url", "jwt", "other_endpoint")),
    ("a token from the internet", _BY_GATEWAY, _bring("/jwt/url", "jwt", "internet")),
    ("an assertion through another endpoint", _BY_GATEWAY, _bring("/proxy/url", "alb", "other_endpoint")),
    ("no token", _NOT_PROVED, _bring("/jwt/url", None)),
    ("a token that has expired", _NOT_PROVED, _bring("/jwt/url", "jwt-expired")),
    ("a token for another service", _NOT_PROVED, _bring("/jwt/url", "jwt-wrong-audience")),
    ("a token of another issuer", _NOT_PROVED, _bring("/jwt/url", "jwt-wrong-issuer")),
    ("a token signed with another key", _NOT_PROVED, _bring("/jwt/url", "jwt-other-key")),
    ("an ID token instead of an access token", _NOT_PROVED, _bring("/jwt/url", "jwt-id")),
    ("an assertion where a token is due", _NOT_PROVED, _bring("/jwt/url", "alb")),
    ("a token where a signature is due", _BY_GATEWAY, _bring("/iam/url", "jwt")),
    ("Alice signs where a token is due", "401 not-proved", _ask("/jwt/url")),
    ("no assertion", _NOT_PROVED, _bring("/proxy/url", None)),
    ("a load balancer's assertion, another key", _NOT_PROVED, _bring("/proxy/url", "alb-forged")),
    ("somebody else's load balancer", _NOT_PROVED, _bring("/proxy/url", "alb-other-load-balancer")),
    ("another proxy's assertion, another key", _NOT_PROVED, _bring("/proxy/url", "edge-forged")),
    ("a token where an assertion is due", _NOT_PROVED, _bring("/proxy/url", "jwt")),
    ("Carol's token, no policy permits it", "403 refused, 0 minted", _bring("/jwt/url/sandbox", "jwt-carol")),
)
