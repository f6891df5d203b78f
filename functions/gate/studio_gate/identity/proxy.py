"""The proxy proof: a header in which a configured proxy asserts, signed, whom it has let through.

A header without a valid signature is an error and never an anonymous request; a proxy that is not configured has none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from studio_gate.errors import ConfigError, InvalidParameter, malformed
from studio_gate.identity import Caller, Proof, claims, tokens
from studio_gate.identity.bearer import key_source, media_type
from studio_gate.identity.keyring import KeySource, Mirror, Pinned
from studio_gate.identity.keys import Key, read_pem
from studio_gate.identity.tokens import UnverifiedToken, VerifiedToken, refusal
from studio_gate.providers import AlbProxy, AssertionProxy


@dataclass(frozen=True, slots=True)
class TrustedProxy:
    """A proxy of the configuration, with its keys."""

    proxy: AlbProxy | AssertionProxy
    keys: KeySource[Key]


def trusted_proxies(proxies: Iterable[AlbProxy | AssertionProxy]) -> tuple[TrustedProxy, ...]:
    """Return the proxies; `ConfigError` for pinned keys that cannot be used."""
    return tuple(TrustedProxy(one, _alb_keys(one) if isinstance(one, AlbProxy) else key_source(one)) for one in proxies)


def identify(header: Callable[[str], Sequence[str]], trusted: Sequence[TrustedProxy], now: float) -> Caller:
    """Return the caller that a trusted proxy asserts; `now` is in seconds since 1970.

    `header` returns the values of a header. `GateError` 400 for several of one, 401 for no assertion, for those of
    several proxies and for one that proves nothing, 403 as `claims.caller`, 503 when the proxy's keys cannot be had.
    """
    given = [(one, values) for one in trusted if (values := header(one.proxy.header))]
    if not given:
        raise refusal("no-assertion")
    if len(given) > 1:
        raise refusal("several-assertions")
    ((one, values),) = given
    if len(values) > 1:
        raise malformed(InvalidParameter(one.proxy.header, "must be given once"))
    if isinstance(one.proxy, AlbProxy):
        token = _of_load_balancer(values[0], one.proxy, one.keys, now)
    else:
        token = _of_proxy(values[0], one.proxy, one.keys, now)
    claims.check_required(token.claims, one.proxy.required)
    return claims.caller(one.proxy, Proof.PROXY, token)


def _alb_keys(proxy: AlbProxy) -> KeySource[Key]:
    if proxy.keys.mirror is not None:
        return Mirror(proxy.keys, read_pem)
    try:
        return Pinned({key_id: read_pem(pem.encode()) for key_id, pem in proxy.keys.pinned.items()})
    except ValueError as error:
        raise ConfigError(f"gate.toml: keys of {proxy.name!r}: {error}") from error


def _of_proxy(value: str, proxy: AssertionProxy, keys: KeySource[Key], now: float) -> VerifiedToken:
    unverified = tokens.read(value)
    if unverified.claims.get("iss") != proxy.issuer:
        raise refusal("token-issuer")
    token = _verified(unverified, keys)
    if not claims.audiences(token.claims) & frozenset(proxy.audiences):
        raise refusal("token-audience")
    claims.check_times(token.claims, proxy.leeway, now)
    return token


def _of_load_balancer(value: str, proxy: AlbProxy, keys: KeySource[Key], now: float) -> VerifiedToken:
    """Verify what an Application Load Balancer asserts ("User claims encoding and signature verification", its guide).

    Its segments are padded and signed so; who signed for which client is in the header, and there is no audience.
    """
    unverified = tokens.read(value, padded=True)
    # Before a key is looked for: each load balancer of a region has its keys at the same place (CVE-2025-1293).
    named = {"signer": proxy.signer, "client": proxy.client, "iss": proxy.issuer}
    if any(unverified.header.get(name) != wanted for name, wanted in named.items()):
        raise refusal("assertion-of-another")
    if unverified.claims.get("iss", proxy.issuer) != proxy.issuer:
        raise refusal("token-issuer")
    token = _verified(unverified, keys)
    for part in (token.header, {"exp": token.header.get("exp")} | dict(token.claims)):
        # It says when it ends and not when it began.
        claims.check_times({"iat": 0, "exp": part.get("exp")}, proxy.leeway, now)
    return token


def _verified(unverified: UnverifiedToken, keys: KeySource[Key]) -> VerifiedToken:
    token = tokens.verify(unverified, keys.find(unverified.key_id))
    claims.check_bearer(token.claims)
    if media_type(token) not in (None, "jwt"):
        raise refusal("token-kind")
    return token
