"""Each guarantee notices what it is there for: a change of the template that breaks it."""

import copy
from functools import cache

import pytest

from tests.stack import breaks_api, breaks_function, breaks_roles, test_api, test_function, test_roles
from tests.stack.stacks import EXAMPLE, LIVE, SECRETS, Guarantee, Stack, create, source

GUARANTEES: dict[str, Guarantee] = test_api.GUARANTEES | test_roles.GUARANTEES | test_function.GUARANTEES
MUTATIONS = breaks_api.MUTATIONS | breaks_roles.MUTATIONS | breaks_function.MUTATIONS
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]
# The organisation, a key and a live configuration, too, so that a change of each Allow is seen.
PARAMETERS = EXAMPLE | SECRETS | LIVE | {"TrustedOrganizationId": "o-exampleorgid"}


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
