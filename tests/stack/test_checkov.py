"""Every suppression of a security check says why, and none outlives what it is for."""

from typing import Any

import pytest

from localaws import template
from tests.stack.checkov import PLANTED, TEMPLATES, Finding, bare, owner, suppressed, wrong

FOUND = Finding("template.yaml", "Api", "CKV_AWS_120")
REASON = "A cache would answer one caller with another's URL."


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_suppression_has_a_reason(path: str) -> None:
    reasons = suppressed("it", template.load(path))
    assert wrong(reasons, reasons) == []


def test_nothing_is_suppressed_in_what_is_planted() -> None:
    assert suppressed("planted", template.load(PLANTED)) == {}


@pytest.mark.parametrize(
    ("failed", "reasons", "said"),
    [
        ([], {}, []),
        ([FOUND], {FOUND: REASON}, []),
        ([FOUND, FOUND], {FOUND: REASON}, []),
        ([FOUND], {}, ["template.yaml: Api fails CKV_AWS_120"]),
        ([FOUND], {FOUND: ""}, ["template.yaml: Api suppresses CKV_AWS_120 without a reason"]),
        ([FOUND], {FOUND: "not needed"}, ["template.yaml: Api suppresses CKV_AWS_120 without a reason"]),
        ([], {FOUND: REASON}, ["template.yaml: Api suppresses CKV_AWS_120, which it does not fail"]),
    ],
    ids=[
        "nothing found",
        "found and suppressed with a reason",
        "found in the template and in the stack",
        "found and not suppressed",
        "suppressed in silence",
        "suppressed with a shrug",
        "suppressed and no longer found",
    ],
)
def test_what_is_wrong(failed: list[Finding], reasons: dict[Finding, str], said: list[str]) -> None:
    assert wrong(failed, reasons) == said


def test_a_copy_without_suppressions_keeps_everything_else() -> None:
    skip = {"checkov": {"skip": [{"id": "CKV_AWS_120", "comment": REASON}]}, "Other": 1}
    source: dict[str, Any] = {"Resources": {"Api": {"Type": "X", "Metadata": skip}, "Plain": {"Type": "Y"}}}
    assert suppressed("it", source) == {Finding("it", "Api", "CKV_AWS_120"): REASON}
    assert bare(source) == {"Resources": {"Api": {"Type": "X", "Metadata": {"Other": 1}}, "Plain": {"Type": "Y"}}}
    assert suppressed("it", source) != {}


@pytest.mark.parametrize(
    ("made", "of"),
    [
        ("Api", "Api"),
        ("ApigateStage", "Api"),
        ("FunctionLogs", "FunctionLogs"),
        ("FunctionHealthPermission", "Function"),
    ],
)
def test_what_sam_makes_of_a_resource_is_the_resources(made: str, of: str) -> None:
    assert owner(made, ["Api", "Function", "FunctionLogs"]) == of
