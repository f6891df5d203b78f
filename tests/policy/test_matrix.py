"""Every case of the matrix is decided as another's simulator of IAM decides it."""

import json
import os
from collections.abc import Callable

import pytest

from tests.policy import simulator
from tests.policy.cases import everything
from tests.policy.world import Case

# Where the simulator is known to differ from AWS, and why ours follows AWS.
DEVIATIONS: dict[str, Callable[[Case], bool]] = {
    # It splits a resource at its first slash and compares the type literally. The Lambda developer guide's own
    # example for the execution role ("Giving Lambda functions access to resources in an Amazon VPC") is
    # arn:aws:ec2:us-west-2:123456789012:*/*, "to include all resource IDs".
    "a wildcard as the type of a resource matches nothing": lambda case: (
        case.verdict().why == "allowed by AttachToTheVpc"
    ),
    # It says that the root of an API is no resource: the path after the method is empty there (API Gateway developer
    # guide, "Resource format of permissions for executing API").
    "the root of an API is no resource": lambda case: case.ask.resource.endswith("/GET/"),
    # Where a policy names one IPv4 address without a mask. NotIpAddress means "all IP addresses except the specified IP
    # address or range" (IAM user guide, "IP address condition operators"), and with a mask it says so, too.
    "an IPv6 address is not other than an IPv4 address": lambda case: case.said.endswith(
        " NotIpAddress 10.20.30.40 from 2001:db8::40"
    ),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Case, bool | str]]:
    """The simulator's answer to every case. Only a laptop may do without it."""
    if lacking := simulator.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the policy simulator: {lacking}")
        pytest.skip(f"the policy simulator: {lacking}")
    cases = everything()
    return {
        said: (case, answer)
        for (said, case), answer in zip(cases.items(), simulator.simulate(cases.values()), strict=True)
    }


def test_both_decide_every_case_alike(answers: dict[str, tuple[Case, bool | str]]) -> None:
    """Where a deviation is known, the simulator must still deviate: else the entry is out of date."""
    wrong = {
        said: (answer, verdict)
        for said, (case, answer) in answers.items()
        if (answer == (verdict := case.verdict()).allowed) is any(known(case) for known in DEVIATIONS.values())
    }
    assert wrong == {}


def test_the_matrix_is_large_and_has_both_answers() -> None:
    decided = [case.verdict().allowed for case in everything().values()]
    assert len(decided) > 1000
    assert 100 < sum(decided) < len(decided) / 2


def test_the_lock_file_pins_by_hash_alone() -> None:
    lock = json.loads((simulator.FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert "@cloud-copilot/iam-simulate" in str(packages)
    assert all(one["integrity"].startswith("sha512-") and "resolved" not in one for one in packages.values())
    assert "://" not in json.dumps(lock)
