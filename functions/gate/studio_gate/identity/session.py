"""The session proof: a sealed cookie that says who signed in, and when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from studio_gate.identity import Caller, Proof
from studio_gate.identity.seals import Purpose, SealingKeys, seal, unseal
from studio_gate.sign_in_config import SignIn

# RFC 6265bis, section 4.1.3: only https and only this very host can have set it, for every path.
COOKIE = "__Host-studio-gate"
# In seconds: how much of the idle time may pass before a cookie is sealed anew.
_RENEWED_AFTER = 60
_MOST_OPENED = 64


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; both moments in seconds since 1970."""

    caller: Caller
    began: int
    seen: int


def cookies(headers: Sequence[str]) -> dict[str, str]:
    """Return the cookies of a request; one that is given twice is none, since nobody knows which was meant."""
    # Blanks and tabs alone, as browsers have it: to them a name that begins with another space is no `__Host-` name, so
    # that any host of the domain may set it.
    pairs = [part.strip(" \t").partition("=") for header in headers for part in header.split(";")]
    times = Counter(name for name, _, _ in pairs)
    return {name: value for name, _, value in pairs if name and times[name] == 1}


def set_cookie(name: str, value: str, *, same_site: str = "Lax", max_age: int | None = None) -> str:
    """Write a Set-Cookie that scripts, other hosts and plain http never see; `max_age` in seconds, 0 deletes it."""
    age = "" if max_age is None else f"; Max-Age={max_age}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}{age}"


def sealed(session: Session, sign_in: SignIn, keys: SealingKeys) -> str:
    """Return the Set-Cookie that keeps a session; `GateError` 403 when there is too much to keep."""
    caller = session.caller
    payload = {
        "iss": caller.issuer,
        "of": sign_in.name,
        "sub": caller.subject,
        "name": caller.name,
        "email": caller.email,
        "groups": sorted(caller.groups),
        "began": session.began,
        "seen": session.seen,
    }
    return set_cookie(COOKIE, seal(Purpose.SESSION, payload, keys), max_age=sign_in.lifetime)


def read(given: Mapping[str, str], sign_in: SignIn, keys: SealingKeys, now: float) -> Session | None:
    """Return the session of a request's cookies, unless it is over, idle for too long, or of another configuration."""
    # What the gate sealed has the form that it gave it, but an older or a newer gate may have given it another.
    match _opened(given.get(COOKIE, ""), keys):
        case {
            "iss": sign_in.issuer,
            "of": sign_in.name,
            "sub": str(subject),
            "name": str() | None as name,
            "email": str() | None as email,
            "groups": list(groups),
            "began": int(began),
            "seen": int(seen),
        } if began <= now < began + sign_in.lifetime and seen <= now < seen + sign_in.idle:
            caller = Caller(
                id=f"{sign_in.name}:{subject}",
                proof=Proof.SESSION,
                issuer=sign_in.issuer,
                subject=subject,
                label=email or subject,
                # Those that are gone from the configuration are lost.
                groups=frozenset(one for one in sign_in.groups.values() if one in groups),
                name=name,
                email=email,
            )
            return Session(caller, began, seen)
        case _:
            return None


@lru_cache(_MOST_OPENED)
def _opened(cookie: str, keys: SealingKeys) -> dict[str, object] | None:
    """Open a cookie, once for all requests that a browser sends with it; whether it still counts is for `read`."""
    return unseal(Purpose.SESSION, cookie, keys)


def is_due(session: Session, now: float) -> bool:
    """Tell whether the cookie is to be sealed anew, so that the session does not seem idle."""
    return now - session.seen >= _RENEWED_AFTER
