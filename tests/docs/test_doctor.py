"""The page about the doctor has every finding, and the permissions for what it really asks."""

import json
import re

from docs import examination
from localaws import example
from studio_gate_cli.doctor.checks import ACTIONS, CHECKS, READING_ACTIONS

PAGE = (example.ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_code_says() -> None:
    assert examination.doctor() == PAGE


def test_it_has_every_check_and_finding_with_what_to_do() -> None:
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
    assert list(sections) == [check.name for check in CHECKS]
    for check in CHECKS:
        rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", sections[check.name], re.MULTILINE)
        assert rows == [(one.name, one.severity, one.what, one.do) for one in check.faults]


def test_its_policies_are_those_of_the_code() -> None:
    policies = [json.loads(one) for one in re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)]
    allowed = [(one["Effect"], tuple(one["Action"])) for policy in policies for one in policy["Statement"]]
    assert allowed == [("Allow", ACTIONS), ("Allow", READING_ACTIONS)]
    # It looks, and changes nothing.
    assert all(re.fullmatch(r"[a-z0-9]+:(?:GET|(?:Get|List|Describe|Filter)[A-Za-z]+)", one) for one in ACTIONS)
    assert not set(READING_ACTIONS) & set(ACTIONS)


def test_what_to_do_is_one_sentence() -> None:
    for fault in (fault for check in CHECKS for fault in check.faults):
        assert re.fullmatch(r"[A-Z].*\.", fault.do)
        assert not re.search(r"\. [A-Z]", fault.do)
        assert re.fullmatch(r"[a-z]+(?:-[a-z]+)+|revoked", fault.name)
