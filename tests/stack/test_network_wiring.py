"""Wherever the gate's template takes what its network made, a guarantee notices if it took what was given instead."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from localaws.template import UnknownIntrinsicError
from tests.stack import test_api, test_function, test_further_roles, test_roles, test_rotation_stack
from tests.stack.given import MADE
from tests.stack.networks import WHOLE
from tests.stack.stacks import DOMAIN_NAME, Guarantee, Json, Stack, create, source

GUARANTEES: dict[str, Guarantee] = {
    said: one
    for module in (test_api, test_roles, test_further_roles, test_function, test_rotation_stack)
    for said, one in module.GUARANTEES.items()
}
# Everything that is nested beside the network.
CHOSEN = WHOLE | DOMAIN_NAME | dict.fromkeys(("VpcId", "ExecuteApiDnsName", "ExecuteApiHostedZoneId"), "")
CHOSEN |= {
    "VerifyHost": "linux",
    "SampleDomain": "yes",
    "SampleOwners": "alice@corp.example,bob@corp.example",
    "SampleCallerRole": "launchers",
}
type Step = str | int


def beside(stack: Stack) -> None:
    """What is nested beside the network is in it, in the group for Studio, and takes its endpoints."""
    network = stack.nested("NetworkStack").outputs
    taken = {
        "VpcId": network["VpcId"],
        "SubnetIds": network["SubnetIds"],
        "SecurityGroupIds": network["StudioSecurityGroupId"],
        "ExecuteApiEndpointIds": network["ExecuteApiEndpointIds"],
        "ExecuteApiDnsName": network["ExecuteApiDnsName"],
        "ExecuteApiHostedZoneId": network["ExecuteApiHostedZoneId"],
    }
    others = {name: one for name, one in stack.resources.items() if name != "NetworkStack" and "Outputs" in one}
    assert {"VerifyHostStack", "SampleDomainStack", "DomainNameStack"} <= others.keys()
    for name, one in others.items():
        passed = one["Properties"]["Parameters"]
        assert {key: passed[key] for key in taken.keys() & passed.keys()} == {
            key: taken[key] for key in taken.keys() & passed.keys()
        }, name


def _choices(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Return the paths of what is chosen by whether the network is made."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(item, dict) and item.get("Fn::If", [""])[0] in {"MakesNetwork", "MakesExecuteApi"}:
            yield *path, key
        yield from _choices(item, (*path, key))


CHOICES = [*_choices(source()["Resources"])]


def _broken(path: tuple[Step, ...], value: object) -> Json:
    broken = copy.deepcopy(source())
    holder: Any = broken["Resources"]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = holder[path[-1]]["Fn::If"][2] if value is None else value
    return broken


def _noticed(broken: Json) -> bool:
    try:
        for opened in ({}, {"NotebookArns": "", "TrackingServerArns": ""}):
            stack = create(broken, WHOLE | MADE | opened)
            for guarantee in GUARANTEES.values():
                guarantee(stack)
        beside(create(broken, CHOSEN))
    except (AssertionError, UnknownIntrinsicError, ValueError):
        return True
    return False


def test_the_template_itself_is_sound() -> None:
    assert not _noticed(source())
    assert len(CHOICES) > 20


@pytest.mark.parametrize("path", CHOICES, ids=["/".join(map(str, path)) for path in CHOICES])
def test_what_was_given_in_the_place_of_what_was_made_is_noticed(path: tuple[Step, ...]) -> None:
    assert _noticed(_broken(path, None))


@pytest.mark.parametrize("path", CHOICES, ids=["/".join(map(str, path)) for path in CHOICES])
def test_another_thing_that_was_made_is_noticed(path: tuple[Step, ...]) -> None:
    other = "Outputs.StsEndpointId" if path[-1] == "VpcId" else "Outputs.VpcId"
    assert _noticed(_broken(path, {"Fn::GetAtt": ["NetworkStack", other]}))
