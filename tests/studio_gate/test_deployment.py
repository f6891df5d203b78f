"""The environment is read as a whole or refused with a message that says where."""

from collections.abc import Mapping

import pytest

from studio_gate.config import read_deployment
from studio_gate.errors import ConfigError

ENVIRONMENTS = {
    "no region": ("AWS_REGION", "", "region"),
    "a region without a place": ("AWS_REGION", "eu-1", "region: is not a region such as"),
    "a region with two digits": ("AWS_REGION", "eu-central-12", "region: is not a region such as"),
    "a region in capitals": ("AWS_REGION", "EU-CENTRAL-1", "region: is not a region such as"),
    "a region that ends with a newline": ("AWS_REGION", "eu-central-1\n", "region: is not a region such as"),
    "a region over 32 characters": ("AWS_REGION", f"eu-{'x' * 28}-1", "region: is not a region such as"),
    "no execute-api endpoint": ("EXECUTE_API_ENDPOINT_IDS", "", "execute_api_endpoint_ids"),
    "an execute-api endpoint that is a wildcard": ("EXECUTE_API_ENDPOINT_IDS", "vpce-*", "execute_api_endpoint_ids"),
    "an endpoint that is no hexadecimal number": (
        "EXECUTE_API_ENDPOINT_IDS",
        "vpce-xyz",
        "execute_api_endpoint_ids.0: is not a VPC endpoint id",
    ),
    "an endpoint of 23 characters": (
        "EXECUTE_API_ENDPOINT_IDS",
        "vpce-0a1b2c3d4e5f607189",
        "execute_api_endpoint_ids.0: is not a VPC endpoint id",
    ),
    "a minting endpoint in capitals": (
        "MINTING_ENDPOINT_IDS",
        "vpce-0a1b2c3d,VPCE-0A1B2C3E",
        "minting_endpoint_ids.1: is not a VPC endpoint id",
    ),
    "a trailing comma": ("EXECUTE_API_ENDPOINT_IDS", "vpce-0a1b2c3d,", "execute_api_endpoint_ids.1"),
    "no minting endpoint": ("MINTING_ENDPOINT_IDS", "", "minting_endpoint_ids"),
    "one minting endpoint": ("MINTING_ENDPOINT_IDS", "vpce-0a1b2c3d", "minting_endpoint_ids"),
    "one minting endpoint twice": ("MINTING_ENDPOINT_IDS", "vpce-0a1b2c3d,vpce-0a1b2c3d", "endpoint ids: given twice"),
    "the execute-api endpoint for minting": (
        "MINTING_ENDPOINT_IDS",
        "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d",
        "endpoint ids: given twice",
    ),
    "a partition whose Studio is not known": (
        "MINTING_ROLE_ARN",
        "arn:aws-us-gov:iam::111122223333:role/minting",
        "Studio's host is only known in the partition aws",
    ),
    "a minting role that is none": ("MINTING_ROLE_ARN", "studio-gate-minting", "minting_role_arn"),
    "a minting role of no partition": (
        "MINTING_ROLE_ARN",
        "arn:aws-x:iam::111122223333:role/x",
        "minting_role_arn: is not a role's ARN",
    ),
    "a minting role of no account": ("MINTING_ROLE_ARN", "arn:aws:iam::1:role/x", "minting_role_arn: is not a role's"),
    "a minting role that is a user": (
        "MINTING_ROLE_ARN",
        "arn:aws:iam::111122223333:user/x",
        "minting_role_arn: is not a role's ARN",
    ),
    "a minting role that ends with a newline": (
        "MINTING_ROLE_ARN",
        "arn:aws:iam::111122223333:role/x\n",
        "minting_role_arn: is not a role's ARN",
    ),
    "a source of the configuration that is none": (
        "CONFIG_SOURCE",
        "s3:bucket/key",
        "config_source: is not appconfig:",
    ),
    "every configuration": ("CONFIG_SOURCE", "appconfig:abc1234/d5e6f7/*", "config_source: is not appconfig:"),
    "a source that ends with a newline": (
        "CONFIG_SOURCE",
        "appconfig:abc1234/d5e6f7/prof\n",
        "config_source: is not appconfig:",
    ),
    "no age": ("CONFIG_LONGEST_AGE", "", "config_longest_age"),
    "an age that is no number": ("CONFIG_LONGEST_AGE", "a day", "config_longest_age"),
    "an age of under five minutes": ("CONFIG_LONGEST_AGE", "299", "config_longest_age"),
    "an age of over a week": ("CONFIG_LONGEST_AGE", "604801", "config_longest_age"),
    "a minting role that is a wildcard": ("MINTING_ROLE_ARN", "arn:aws:iam::111122223333:role/*", "minting_role_arn"),
}


@pytest.mark.parametrize(("name", "value", "message"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_an_environment_is_refused(
    template_environment: Mapping[str, str], name: str, value: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^environment: {message}"):
        read_deployment(dict(template_environment) | {name: value})


def test_an_empty_environment_names_everything_that_is_missing() -> None:
    with pytest.raises(ConfigError) as caught:
        read_deployment({})
    for name in ("region", "execute_api_endpoint_ids", "minting_endpoint_ids", "minting_role_arn"):
        assert name in str(caught.value)
