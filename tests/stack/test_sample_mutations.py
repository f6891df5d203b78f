"""Each promise of the sample domain and its roles is kept, and notices a change of the template that breaks it."""

import copy

import pytest

from tests.stack import test_sample_domain, test_sample_roles
from tests.stack.breaks_sample_domain import MUTATIONS
from tests.stack.sample import EVERYTHING, HERE, VARIANTS, committed, variant
from tests.stack.stacks import create

GUARANTEES = test_sample_domain.GUARANTEES | test_sample_roles.GUARANTEES
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_domain(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](broken)
    stack = create(broken, EVERYTHING, HERE)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)
