"""Signing in with OpenID Connect: from a browser without a session to a proved caller, and back to what it was doing.

The gate keeps nothing. What belongs to one sign-in (state, nonce, PKCE verifier, what the person wanted) is sealed into
a cookie of the browser that began it, so that no other browser can end it, and none can change what it ends in.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, Proof, bearer, claims
from studio_gate.identity.bearer import TrustedIssuer
from studio_gate.identity.seals import Purpose, seal, unseal
from studio_gate.identity.session import COOKIE, set_cookie
from studio_gate.identity.trust import SignInTrust

# In seconds: how long a person may take to sign in.
_PATIENCE = 300
_LONGEST_ANSWER = 8192


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where the browser goes, and the Set-Cookie that it keeps for the way back."""

    url: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """A sign-in that proved a caller; `intent` is what it began with."""

    caller: Caller
    intent: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a browser keeps of a sign-in that has begun."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    intent: Mapping[str, object]
    at: int


def begin(trust: SignInTrust, intent: Mapping[str, object], now: float) -> Begun:
    """Send a browser to the provider (OpenID Connect Core, section 3.1.2.1), with PKCE (RFC 7636) for a code.

    `intent` is JSON that comes back from `end`; `now` is in seconds since 1970.
    """
    sign_in = trust.sign_in
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = {
        "client_id": sign_in.client_id,
        "redirect_uri": sign_in.redirect_uri,
        "scope": " ".join(sign_in.scopes),
        "state": state,
        "nonce": nonce,
    }
    if sign_in.flow == "code":
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked |= {"response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256"}
    else:
        asked |= {"response_type": "id_token", "response_mode": "form_post"}
    kept = {"state": state, "nonce": nonce, "verifier": verifier, "intent": dict(intent), "at": int(now)}
    return Begun(
        url=asking(sign_in.authorization_endpoint, asked),
        cookie=set_cookie(
            _cookie(state),
            seal(Purpose.SIGN_IN, kept, trust.sealing_keys.get()),
            # A Lax cookie does not come with the provider's POST, which is from another site.
            same_site="None" if sign_in.flow == "form_post" else "Lax",
            max_age=_PATIENCE,
        ),
    )


def end(trust: SignInTrust, answer: Mapping[str, str], cookies: Mapping[str, str], now: float) -> Ended:
    """Prove a caller by the provider's answer, in the browser that asked for it, within five minutes.

    `GateError` 401 for an answer to another browser's question, to one that was asked too long ago, for the provider's
    refusal, and for a token that proves nothing; 503 when the provider or its keys cannot be reached.
    """
    sign_in, begun = trust.sign_in, _begun(trust, answer.get("state", ""), cookies)
    if not begun.at <= now < begun.at + _PATIENCE:
        raise _refused("sign-in-too-late")
    # RFC 9207: an answer of another provider, mixed in.
    if answer.get("iss", sign_in.issuer) != sign_in.issuer:
        raise _refused("sign-in-of-another-provider")
    if "error" in answer:
        raise _refused("sign-in-refused-by-provider")
    wanted = "code" if sign_in.flow == "code" else "id_token"
    given = answer.get(wanted, "")
    # Neither has other characters (RFC 6749, appendix A.11; RFC 7515, section 7.1).
    if not 0 < len(given) <= _LONGEST_ANSWER or not given.isascii():
        raise _refused(f"sign-in-without-{wanted}")
    text = trust.redeem(given, begun.verifier) if sign_in.flow == "code" else given
    _, token = bearer.prove(text, {sign_in.issuer: TrustedIssuer(sign_in, trust.provider_keys)}, now)
    if token.claims.get("nonce") != begun.nonce:
        raise _refused("sign-in-nonce")
    caller = claims.caller(sign_in, Proof.SESSION, token)
    return Ended(caller, begun.intent)


def asking(endpoint: str, asked: Mapping[str, str]) -> str:
    """Return an endpoint's URL with what it is asked, beside what its query may have already."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def forget(state: str, cookies: Mapping[str, str]) -> tuple[str, ...]:
    """Return the Set-Cookie that makes the sign-in of that state this browser's last with it, if it has begun one."""
    name = _cookie(state)
    return (set_cookie(name, "", max_age=0),) if name in cookies else ()


def _begun(trust: SignInTrust, state: str, cookies: Mapping[str, str]) -> _Kept:
    """Return what this browser began with that state; what the gate sealed has a form, but another gate's another."""
    match unseal(Purpose.SIGN_IN, cookies.get(_cookie(state), ""), trust.sealing_keys.get()):
        case {
            "state": str(kept),
            "nonce": str(nonce),
            "verifier": str(verifier),
            "intent": dict(intent),
            "at": int(at),
        } if hmac.compare_digest(kept.encode(errors="surrogatepass"), state.encode(errors="surrogatepass")):
            return _Kept(kept, nonce, verifier, intent, at)
        case _:
            raise _refused("sign-in-of-another-browser")


def _cookie(state: str) -> str:
    """Name the cookie of one sign-in, so that those of several tabs are side by side."""
    return f"{COOKIE}-{hashlib.sha256(state.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _refused(reason: str) -> GateError:
    return GateError(Problem.NOT_PROVED, reason)
