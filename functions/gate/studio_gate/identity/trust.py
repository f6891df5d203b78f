"""Whom a gate trusts besides API Gateway: issuers and proxies with their keys, compiled from the configuration."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio_gate.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio_gate.identity.bearer import TrustedIssuer
    from studio_gate.identity.proxy import TrustedProxy


@dataclass(frozen=True, slots=True)
class Trust:
    """The issuers by the `iss` of their tokens, and the proxies."""

    issuers: "Mapping[str, TrustedIssuer]" = field(default_factory=dict)
    proxies: "tuple[TrustedProxy, ...]" = ()


def trust(config: Config) -> Trust:
    """Return whom a configuration trusts; `ConfigError` for pinned keys that cannot be used. Nothing is fetched."""
    if not (config.issuers or config.proxies):
        return Trust()
    # What reads tokens takes a fifth of a start, and a gate for SigV4 alone goes without.
    from studio_gate.identity.bearer import trusted_issuers
    from studio_gate.identity.proxy import trusted_proxies

    return Trust(trusted_issuers(config.issuers), trusted_proxies(config.proxies))
