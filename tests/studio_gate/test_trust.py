"""Whom a gate trusts besides API Gateway comes from the configuration alone."""

from studio_gate.config import Config
from studio_gate.identity.trust import Trust, trust


def test_a_configuration_without_issuers_and_proxies_trusts_nobody_else(config: Config) -> None:
    assert trust(config.model_copy(update={"issuers": (), "proxies": ()})) == Trust()


def test_issuers_are_found_by_their_iss_and_proxies_are_as_configured(config: Config) -> None:
    trusted = trust(config)
    assert {iss: one.issuer for iss, one in trusted.issuers.items()} == {one.issuer: one for one in config.issuers}
    assert tuple(one.proxy for one in trusted.proxies) == config.proxies
