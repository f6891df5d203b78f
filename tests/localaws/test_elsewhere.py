"""What destinations have of their own is where the stand-in has it: endpoints by kind and region, roles by account."""

from typing import Any

import pytest

from localaws import elsewhere, example, template
from localaws.enforcement import Paths
from studio_gate.config import Config


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return template.create(template.load(example.ROOT / "template.yaml"), example.parameters(), example.ACCOUNT)


def test_each_endpoint_serves_its_kind_in_its_region(config: Config) -> None:
    assert elsewhere.paths(config) == Paths(
        sts="vpce-0d4e5f60718293041",
        sagemaker_api="vpce-0b2c3d4e5f6071829",
        studio="vpce-0c3d4e5f607182930",
        notebook="vpce-0e5f6071829304152",
        experiments="vpce-0f607182930415263",
        regions={"eu-west-1": Paths(None, "vpce-0a2b4c6d8e0f12345", "vpce-0b3c5d7e9f1a23456")},
    )


def test_the_roles_are_those_of_the_destinations(config: Config, stack: dict[str, Any]) -> None:
    (marketing,) = (one for one in config.destinations if one.minting_role is not None)
    found = {role.arn: role for role in elsewhere.roles(config, stack)}
    assert found.keys() == {marketing.minting_role, marketing.directory_role}
    for role in found.values():
        first = role.trust["Statement"][0]
        assert first["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/studio-gate-FunctionRole"}
        assert first["Condition"]["StringEquals"] == {
            "aws:SourceVpce": "vpce-0d4e5f60718293041",
            "sts:ExternalId": marketing.external_id,
        }


def test_what_mints_there_mints_for_its_destinations_alone(config: Config, stack: dict[str, Any]) -> None:
    minting, *_ = (role for role in elsewhere.roles(config, stack) if role.name.endswith("-minting"))
    allow, deny = minting.policies["mint"]["Statement"]
    assert allow["Resource"] == ["arn:aws:sagemaker:eu-west-1:444455556666:user-profile/d-marketing0123/*"]
    assert deny["Condition"] == {
        "StringNotEquals": {"aws:SourceVpce": ["vpce-0a2b4c6d8e0f12345", "vpce-0b3c5d7e9f1a23456"]}
    }
