"""From verified claims to a caller: whether they hold now and here, and who they say is calling."""

import re
from collections.abc import Mapping

from studio_gate.errors import GateError, Problem
from studio_gate.fields import SUBJECT
from studio_gate.identity import Caller, Proof
from studio_gate.identity.tokens import VerifiedToken, refusal
from studio_gate.providers import AlbProxy, AssertionProxy, Issuer

# The year 2242; a later moment is a way to say never.
_LATEST = 2**33
_LONGEST_NAME = 128
# RFC 5321, section 4.1.2, without quoting and literals, and 4.5.3.1: one mailbox that no two readers read differently.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_LONGEST_ADDRESS = 254


def check_times(claims: Mapping[str, object], leeway: int, now: float) -> None:
    """Pass when the claims hold now (RFC 7519, section 4.1), give or take the leeway; times are in seconds.

    `exp` and `iat` must be there, `nbf` may be. `GateError` 401 otherwise.
    """
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    if expires + leeway <= now:
        raise refusal("token-expired")
    if max(issued, _moment(claims, "nbf") if "nbf" in claims else 0) - leeway > now:
        raise refusal("token-not-yet-valid")


def check_bearer(claims: Mapping[str, object]) -> None:
    """Pass when whoever holds the token may use it; `GateError` 401 for one that is bound to a key (RFC 7800).

    So for one that reports an event (RFC 8417): a logout token may be like an ID token in all else.
    """
    if "cnf" in claims:
        raise refusal("token-bound")
    # OpenID Connect Back-Channel Logout, section 2.4: neither `typ` nor anything else need tell them apart.
    if "events" in claims:
        raise refusal("token-kind")


def check_required(claims: Mapping[str, object], required: Mapping[str, str | int | bool]) -> None:
    """Pass when the claims have these values, of the same kind; `GateError` 401 otherwise."""
    for name, value in required.items():
        claim = claims.get(name)
        # In Python, True == 1.
        if type(claim) is not type(value) or claim != value:
            raise refusal("token-claim-required")


def audiences(claims: Mapping[str, object]) -> frozenset[str]:
    """Return whom the token is for: `aud` is a text or a list of texts; `GateError` 401 otherwise."""
    given = claims.get("aud", [])
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise refusal("token-audience")
    return frozenset(listed)


def caller(provider: Issuer | AlbProxy | AssertionProxy, proof: Proof, token: VerifiedToken) -> Caller:
    """Return who a provider's verified token says is calling.

    `GateError` 401 without a subject; 403 for an e-mail claim that is no single verified address, and for groups that
    the provider left out because they are too many.
    """
    named = provider.claims
    subject = token.claims.get(named.subject)
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise refusal("token-subject")
    email = _email(token.claims, named.email) if named.email else None
    return Caller(
        id=f"{provider.name}:{subject}",
        proof=proof,
        issuer=provider.issuer,
        subject=subject,
        label=email or subject,
        groups=_groups(token.claims, named.groups, provider.groups) if named.groups else frozenset(),
        name=_name(token.claims.get(named.name)) if named.name else None,
        email=email,
    )


def _moment(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise refusal("token-times")
    return value


def _name(value: object) -> str | None:
    """Return a name that can be shown; another is left out, since it identifies nobody."""
    good = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()
    return str(value) if good else None


def _email(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(value):
        raise GateError(Problem.REFUSED, "email-not-an-address")
    # Some providers write it as text.
    if (verified := claims.get("email_verified", True)) is not True and verified != "true":
        raise GateError(Problem.REFUSED, "email-not-verified")
    return value


def _groups(claims: Mapping[str, object], name: str, known: Mapping[str, str]) -> frozenset[str]:
    """Return the groups that the configuration names; where the provider has left groups out, nobody knows them."""
    elsewhere = claims.get("_claim_names", {})
    if claims.get("hasgroups") or not isinstance(elsewhere, Mapping) or name in elsewhere:
        raise GateError(Problem.GROUPS_UNKNOWN, "group-overage")
    groups = claims.get(name, [])
    if not isinstance(groups, list) or not all(isinstance(one, str) for one in groups):
        raise GateError(Problem.GROUPS_UNKNOWN, "groups-not-a-list")
    return frozenset(known[one] for one in groups if one in known)
