"""Whom a gate trusts besides API Gateway: issuers and proxies with their keys, compiled from the configuration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from studio_gate.config import Config
    from studio_gate.identity.bearer import TrustedIssuer
    from studio_gate.identity.keyring import KeySource
    from studio_gate.identity.keys import Key
    from studio_gate.identity.proxy import TrustedProxy
    from studio_gate.identity.seals import SealingKeys
    from studio_gate.secret_store import Secret
    from studio_gate.sign_in_config import SignIn


class SealingKeySource(Protocol):
    """Where the gate's sealing keys come from."""

    def get(self) -> "SealingKeys":
        """Return them; `GateError` 503 when they cannot be had."""


@dataclass(frozen=True, slots=True)
class SignInTrust:
    """Browser sign-in with the provider's keys, the gate's own, and what redeems a code for an ID token."""

    sign_in: "SignIn"
    provider_keys: "KeySource[Key]"
    sealing_keys: SealingKeySource
    redeem: Callable[[str, str], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """The issuers by the `iss` of their tokens, the proxies, and browser sign-in."""

    issuers: "Mapping[str, TrustedIssuer]" = field(default_factory=dict)
    proxies: "tuple[TrustedProxy, ...]" = ()
    sign_in: SignInTrust | None = None


def trust(config: "Config", region: str) -> Trust:
    """Return whom a configuration trusts; `ConfigError` for pinned keys that cannot be used. Nothing is fetched."""
    if not (config.issuers or config.proxies or config.sign_in):
        return Trust()
    # What reads tokens takes a fifth of a start, and a gate for SigV4 alone goes without.
    from studio_gate.identity.bearer import trusted_issuers
    from studio_gate.identity.proxy import trusted_proxies

    issuers, proxies = trusted_issuers(config.issuers), trusted_proxies(config.proxies)
    return Trust(issuers, proxies, _sign_in(config.sign_in, region) if config.sign_in else None)


def _sign_in(sign_in: "SignIn", region: str) -> SignInTrust:
    from studio_gate.identity.bearer import key_source

    return SignInTrust(sign_in, key_source(sign_in), _Later(sign_in, region), _redeem_later(sign_in, region))


@dataclass(eq=False, slots=True)
class _Later:
    """The sealing keys, with what reads and uses them: nobody but a browser needs either to be loaded."""

    sign_in: "SignIn"
    region: str
    _secret: "Secret[SealingKeys] | None" = field(default=None, repr=False)

    def get(self) -> "SealingKeys":
        if self._secret is None:
            from studio_gate.identity.seals import read_sealing_keys
            from studio_gate.secret_store import Secret

            self._secret = Secret(self.sign_in.sealing_keys, self.region, read_sealing_keys)
        return self._secret.get()


def _redeem_later(sign_in: "SignIn", region: str) -> Callable[[str, str], str]:
    @cache
    def made() -> Callable[[str, str], str]:
        from studio_gate.identity.redemption import redeemer

        return redeemer(sign_in, region)

    def redeem(code: str, verifier: str) -> str:
        return made()(code, verifier)

    return redeem
