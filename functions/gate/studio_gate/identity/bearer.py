"""The bearer proof: a token that one of the configured issuers signed, for the gate, of the one kind it accepts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from studio_gate.errors import ConfigError, InvalidParameter, malformed
from studio_gate.identity import Caller, Proof, claims, tokens
from studio_gate.identity.keyring import Keyring, KeySource, Pinned
from studio_gate.identity.keys import Key, read_key_set
from studio_gate.identity.tokens import VerifiedToken, refusal
from studio_gate.providers import AssertionProxy, Issuer

# RFC 6750, section 2.1; RFC 9110, section 11.1: the scheme's case does not matter, and one space parts it.
_BEARER = re.compile(r"(?i:bearer) ([A-Za-z0-9._=-]+)")
# RFC 9068, section 2.1; other media types are of tokens for other purposes (RFC 8725, section 3.11).
_TYPES = (None, "jwt", "at+jwt")
# What only an ID token has (OpenID Connect Core, sections 2 and 3.3.2.11), and what only access tokens have: RFC 9068;
# the access tokens of Okta (cid, scp) and of Microsoft Entra ID (azpacr, appidacr, scp).
_OF_ID_TOKENS = {"at_hash", "c_hash"}
_OF_ACCESS_TOKENS = {"scope", "scp", "client_id", "cid", "azpacr", "appidacr"}


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer of the configuration, with its keys."""

    issuer: Issuer
    keys: KeySource[Key]


def trusted_issuers(issuers: Iterable[Issuer]) -> dict[str, TrustedIssuer]:
    """Return the issuers by the `iss` of their tokens; `ConfigError` for pinned keys that cannot be used."""
    return {one.issuer: TrustedIssuer(one, key_source(one)) for one in issuers}


def key_source(provider: Issuer | AssertionProxy) -> KeySource[Key]:
    """Return where the keys of a provider come from; `ConfigError` for pinned keys that cannot be used."""
    read = partial(read_key_set, algorithms=provider.algorithms)
    if provider.keys.pinned is None:
        return Keyring(provider.keys, provider.issuer, read)
    try:
        return Pinned(read(provider.keys.pinned.encode()))
    except ValueError as error:
        raise ConfigError(f"gate.toml: keys of {provider.name!r}: {error}") from error


def identify(authorization: Sequence[str], trusted: Mapping[str, TrustedIssuer], now: float) -> Caller:
    """Return the caller behind a bearer token; `now` is in seconds since 1970.

    `authorization` are the values of the header. `GateError` 400 for several, 401 for none or a token that does not
    prove the caller, 403 as `claims.caller`, 503 when the issuer's keys cannot be had.
    """
    if not authorization:
        raise refusal("no-token")
    if len(authorization) > 1:
        raise malformed(InvalidParameter("Authorization", "must be given once"))
    bearer = _BEARER.fullmatch(authorization[0])
    if bearer is None:
        raise refusal("no-bearer-token")
    issuer, token = prove(bearer[1], trusted, now)
    return claims.caller(issuer, Proof.BEARER, token)


def prove(text: str, trusted: Mapping[str, TrustedIssuer], now: float) -> tuple[Issuer, VerifiedToken]:
    """Return a token that one of the issuers signed, for the gate, of the kind it accepts, with that issuer.

    `GateError` 401 for any other, 503 when the issuer's keys cannot be had.
    """
    unverified = tokens.read(text)
    # Equality with what is configured; the token's own word selects, and decides nothing.
    one = trusted.get(str(unverified.claims.get("iss")))
    if one is None:
        raise refusal("token-issuer")
    token = tokens.verify(unverified, one.keys.find(unverified.key_id))
    claims.check_times(token.claims, one.issuer.leeway, now)
    claims.check_bearer(token.claims)
    _check_kind(token, one.issuer)
    _check_addressee(token, one.issuer)
    claims.check_required(token.claims, one.issuer.required)
    return one.issuer, token


def media_type(token: VerifiedToken) -> object:
    """Return the header's `typ` in lower case and without "application/" (RFC 7515, section 4.1.9)."""
    given = token.header.get("typ")
    return given.lower().removeprefix("application/") if isinstance(given, str) else given


def _check_kind(token: VerifiedToken, issuer: Issuer) -> None:
    """Refuse an ID token where access tokens are accepted, the reverse, and what is neither."""
    media = media_type(token)
    good = _is_access_token(media, token.claims) if issuer.token == "access" else _is_id_token(media, token.claims)
    if media not in _TYPES or not good:
        raise refusal("token-kind")


def _is_access_token(media: object, claims: Mapping[str, object]) -> bool:
    # Cognito says it in `token_use`, Keycloak in `typ`. In tuples, because a claim need not be hashable.
    use, own_type = claims.get("token_use"), claims.get("typ")
    if use not in (None, "access") or own_type not in (None, "Bearer") or claims.keys() & _OF_ID_TOKENS:
        return False
    says_so = media == "at+jwt" or use == "access" or own_type == "Bearer"
    return says_so or ("nonce" not in claims and bool(claims.keys() & {"scope", "scp"}))


def _is_id_token(media: object, claims: Mapping[str, object]) -> bool:
    use, own_type = claims.get("token_use"), claims.get("typ")
    if use not in (None, "id") or own_type not in (None, "ID"):
        return False
    return media != "at+jwt" and not claims.keys() & _OF_ACCESS_TOKENS


def _check_addressee(token: VerifiedToken, issuer: Issuer) -> None:
    """Refuse a token for others, or got by a client that may not use the gate."""
    meant, ours = claims.audiences(token.claims), frozenset(issuer.audiences)
    # Not even an empty list, where the issuer's tokens have none.
    expected = bool(meant & ours) if ours else "aud" not in token.claims
    # An ID token is for its client alone (OpenID Connect Core, section 3.1.3.7); an access token may be for several.
    if not expected or (issuer.token == "id" and meant - ours):
        raise refusal("token-audience")
    if issuer.clients and token.claims.get(issuer.client_claim) not in issuer.clients:
        raise refusal("token-client")
    if issuer.token == "id" and token.claims.get("azp", issuer.audiences[0]) not in (
        *issuer.audiences,
        *issuer.clients,
    ):
        raise refusal("token-client")
