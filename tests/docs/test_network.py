"""Each way in docs/network.md is accepted and makes what the page says; its policy is the stack's own."""

import json
import re
import tomllib

import pytest

from localaws import example
from localaws.parameters import accepted, refusals
from tests.stack.networks import endpoints
from tests.stack.stacks import EMPTY, EXAMPLE, Stack, create, source

PAGE = (example.ROOT / "docs" / "network.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(toml|json)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WAYS = [tomllib.loads(text)["parameter_overrides"] for kind, text in BLOCKS if kind == "toml"]
NAMES = ("existing", "endpoints", "vpc")


def _given(name: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in WAYS[NAMES.index(name)])
    return EXAMPLE | EMPTY | {key: value for key, _, value in pairs}


def _stack(name: str) -> Stack:
    return create(source(), _given(name))


def test_there_are_three_ways() -> None:
    assert [dict(one.split("=", 1) for one in way).get("Network", "existing") for way in WAYS] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_accepted(name: str) -> None:
    given = _given(name)
    assert refusals(source(), given) == []
    assert [key for key, value in given.items() if not accepted(source()["Parameters"][key], value)] == []


def test_a_central_network_is_left_as_it_is() -> None:
    assert "NetworkStack" not in _stack("existing").resources


def test_what_is_given_is_used_and_what_is_left_out_is_made() -> None:
    stack = _stack("endpoints")
    made = endpoints(stack.nested("NetworkStack")).keys()
    assert "studio" not in made
    assert made >= {"execute-api", "sagemaker.api", "sts", "ssm", "s3"}
    assert stack.parameters["StudioEndpointId"] == _given("endpoints")["StudioEndpointId"]


@pytest.mark.parametrize("name", NAMES[1:])
def test_every_endpoint_is_explained(name: str) -> None:
    table = PAGE.split("## What each endpoint is for")[1]
    assert [one for one in endpoints(_stack(name).nested("NetworkStack")) if f"`{one}`" not in table] == []


def test_the_policy_for_others_is_the_stacks_own() -> None:
    (shown,) = (json.loads(text) for kind, text in BLOCKS if kind == "json")
    network = create(source(), _given("vpc") | {"OtherRoleArns": ""}).nested("NetworkStack")
    policy = endpoints(network)["sagemaker.api"]["PolicyDocument"]
    assert shown in policy["Statement"]
