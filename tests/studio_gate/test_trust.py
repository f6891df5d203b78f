"""Whom a gate trusts besides API Gateway comes from the configuration alone."""

from studio_gate.config import Config
from studio_gate.identity.trust import trust


def test_issuers_are_found_by_their_iss_and_the_rest_is_as_configured(config: Config) -> None:
    trusted = trust(config, "eu-central-1")
    assert {iss: one.issuer for iss, one in trusted.issuers.items()} == {one.issuer: one for one in config.issuers}
    assert tuple(one.proxy for one in trusted.proxies) == config.proxies
    assert trusted.sign_in is not None
    assert trusted.sign_in.sign_in == config.sign_in
