"""Each guarantee notices what it is there for: a change of the template that breaks it."""

import copy
from functools import cache

import pytest

from tests.stack import (
    breaks_api,
    breaks_domain_name,
    breaks_function,
    breaks_further_roles,
    breaks_operation,
    breaks_roles,
    breaks_rotation,
    breaks_stage,
    test_api,
    test_domain_name,
    test_function,
    test_further_roles,
    test_operation,
    test_reads,
    test_roles,
    test_rotation_stack,
    test_stage,
)
from tests.stack.given import KEYS, MADE, SNAPSHOT
from tests.stack.stacks import DOMAIN_NAME, EXAMPLE, FURTHER, LIVE, SECRETS, Guarantee, Stack, create, source

TESTS = (test_api, test_stage, test_domain_name, test_roles, test_reads, test_further_roles, test_function)
TESTS += (test_operation, test_rotation_stack)
BREAKS = (breaks_api, breaks_stage, breaks_domain_name, breaks_roles, breaks_further_roles, breaks_function)
BREAKS += (breaks_operation, breaks_rotation)
GUARANTEES: dict[str, Guarantee] = {said: one for module in TESTS for said, one in module.GUARANTEES.items()}
MUTATIONS = {said: changes for module in BREAKS for said, changes in module.MUTATIONS.items()}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]
# Two endpoints, the organisation, a key, a live configuration and whatever else can be given, so that a change of each
# Allow is seen.
PARAMETERS = EXAMPLE | SECRETS | LIVE | FURTHER | DOMAIN_NAME | KEYS | MADE | SNAPSHOT
PARAMETERS |= {
    "ExecuteApiEndpointIds": "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d4e5f60719",
    "TrustedOrganizationId": "o-exampleorgid",
    "ReservedConcurrency": "20",
    "Deployment": "Canary10Percent10Minutes",
}
# So that it is seen when what is given for the name is not passed on.
PARAMETERS |= {"PrivateHostedZoneId": "Z0ANOTHERZONE", "ExecuteApiEndpointOwner": "another-account"}


@cache
def _sound() -> Stack:
    return create(source(), PARAMETERS)


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_template_itself_keeps(guarantee: str) -> None:
    GUARANTEES[guarantee](_sound())


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(source())
    MUTATIONS[guarantee][change](broken)
    stack = create(broken, PARAMETERS)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)
