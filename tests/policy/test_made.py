"""The table of who mints through made endpoints says what is so, and notices when it is not."""

import pytest

from tests.policy import made
from tests.policy.networked import broken
from tests.policy.tables import table
from tests.stack.mutations import Mutation, drop, put

_DENY = "PolicyDocument/Statement/MintingByTheGateAlone"
BROKEN: dict[str, Mutation] = {
    "the Deny of sagemaker.api dropped": drop(f"SageMakerApiEndpoint/{_DENY}"),
    "the Deny of Studio dropped": drop(f"StudioEndpoint/{_DENY}"),
    "the Deny for the gate, too": drop(f"StudioEndpoint/{_DENY}/Condition"),
    "the Deny without partner apps": put(f"NotebookEndpoint/{_DENY}/Action", "sagemaker:CreatePresigned*"),
}


def test_the_gate_mints_for_one_profile_through_two_endpoints_and_nobody_else_at_all() -> None:
    found = table("", made.asked())
    assert found.wrong == []
    assert found.count()[0] == found.count(made.THE_GATE)[0] == 6


@pytest.mark.parametrize("change", BROKEN)
def test_the_table_notices(change: str) -> None:
    network = broken(BROKEN[change])
    assert table("", made.asked(lambda _: network)).wrong != []
