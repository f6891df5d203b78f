"""`make check` holds what is elsewhere, and of other kinds, against what the stack is given."""

from pathlib import Path

import pytest

from localaws import validate
from tests.localaws.test_validate import bare, changed

MORE = """
[[destinations]]
kind = "notebook"
name = "team-a"
account = "111122223333"
region = "eu-central-1"
instance = "team-a"
endpoint_ids = ["vpce-0b2c3d4e5f6071829", "vpce-0e5f607182930aaaa"]

[[destinations]]
kind = "mlflow"
name = "theirs"
account = "444455556666"
region = "us-west-2"
tracking_server = "experiments"
minting_role = "arn:aws:iam::444455556666:role/gate-minting"
directory_role = "arn:aws:iam::444455556666:role/gate-directory"
external_id = "gate:2026"
endpoint_ids = ["vpce-0aaaaaaaaaaaaaaaa", "vpce-0bbbbbbbbbbbbbbbb"]
"""
SERVER = "arn:aws:sagemaker:us-west-2:444455556666:mlflow-tracking-server/experiments"
EXECUTION = "arn:aws:iam::111122223333:role/execution"
REACH = {
    "NotebookArns": "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/team-a",
    "UseEndpointIds": "vpce-0e5f607182930aaaa",
    "OtherRoleArns": "arn:aws:iam::444455556666:role/gate-directory,arn:aws:iam::444455556666:role/gate-minting",
    "DestinationsElsewhere": "theirs",
}
MISFITS = {
    "a role that could not be assumed": (
        {"OtherRoleArns": "arn:aws:iam::444455556666:role/gate-minting"},
        ["OtherRoleArns lacks arn:aws:iam::444455556666:role/gate-directory: it could not be assumed"],
    ),
    "a role that no destination has": (
        {"OtherRoleArns": f"{REACH['OtherRoleArns']},arn:aws:iam::444455556666:role/more"},
        ["OtherRoleArns has arn:aws:iam::444455556666:role/more: no destination of gate.toml has that role"],
    ),
    "an endpoint that URLs would not work through": (
        {"UseEndpointIds": ""},
        ["UseEndpointIds lacks vpce-0e5f607182930aaaa: URLs would not work through it"],
    ),
    "another account's endpoint": (
        {"UseEndpointIds": "vpce-0e5f607182930aaaa,vpce-0bbbbbbbbbbbbbbbb"},
        ["UseEndpointIds has vpce-0bbbbbbbbbbbbbbbb: no destination of the stack's account uses it"],
    ),
    "a notebook that nothing could be minted for": (
        {"NotebookArns": ""},
        [f"NotebookArns lacks {REACH['NotebookArns']}: nothing could be minted"],
    ),
    "another account's tracking server": (
        {"TrackingServerArns": SERVER},
        [
            f"TrackingServerArns has {SERVER}: gate.toml opens nothing there",
        ],
    ),
    "an execution role that no profile gets": (
        {"ProfileExecutionRoleArns": EXECUTION},
        [
            f"ProfileExecutionRoleArns has {EXECUTION}: no create_profile of gate.toml has it",
        ],
    ),
    "a destination elsewhere that CloudTrail is asked of": (
        {"DestinationsElsewhere": ""},
        ["DestinationsElsewhere lacks theirs: its URLs would hide others that nobody audited"],
    ),
    "a destination that CloudTrail is not asked of": (
        {"DestinationsElsewhere": "theirs,team-a"},
        ["DestinationsElsewhere has team-a: gate.toml opens no such destination in another account or region"],
    ),
    "everything that is needed": ({}, []),
}


def reaching(folder: Path, given: dict[str, str], more: str = MORE) -> list[str]:
    """Add destinations of other kinds and in another account, and to the lists of parameters."""
    gate = folder / "gate.toml"
    gate.write_text(gate.read_text(encoding="utf-8") + more, encoding="utf-8")
    samconfig = folder / "samconfig.toml"
    text = samconfig.read_text(encoding="utf-8")
    for name, value in given.items():
        text = text.replace(f'"{name}=', f'"{name}={value},' if value else f'"{name}=')
    samconfig.write_text(text, encoding="utf-8")
    return bare(validate.problems(samconfig, folder))


@pytest.mark.parametrize(("more", "found"), MISFITS.values(), ids=MISFITS.keys())
def test_what_is_elsewhere_and_of_other_kinds_must_fit(folder: Path, more: dict[str, str], found: list[str]) -> None:
    assert reaching(folder, REACH | more) == [f"samconfig.toml: {one}" for one in found]


def test_endpoints_that_are_made_are_known_by_nobody_before(folder: Path) -> None:
    given = '"UseEndpointIds=vpce-0e5f6071829304152,vpce-0f607182930415263"'
    assert changed(folder, "samconfig.toml", given, '"UseEndpointIds="') != []
    made = '"Network=endpoints", "VpcId=vpc-0123456789abcdef0"'
    assert changed(folder, "samconfig.toml", '"UseEndpointIds="', made) == []


MADE = """
[[destinations]]
kind = "studio"
name = "made"
account = "111122223333"
region = "eu-central-1"
domain_id = "d-made"
profile_from = { providers = ["web"], claim = "email", by = { transform = "digest" } }
create_profile = { execution_role = "arn:aws:iam::111122223333:role/execution" }
"""


def test_profiles_are_made_with_the_given_execution_roles(folder: Path) -> None:
    profiles = "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-"
    changed(folder, "samconfig.toml", f"{profiles}sandbox012345/*", f"{profiles}sandbox012345/*,{profiles}made/*")
    assert reaching(folder, {"ProfileExecutionRoleArns": f"{EXECUTION}-2"}, MADE) == [
        f"samconfig.toml: ProfileExecutionRoleArns lacks {EXECUTION}: no profile could get it",
        f"samconfig.toml: ProfileExecutionRoleArns has {EXECUTION}-2: no create_profile of gate.toml has it",
    ]
    assert changed(folder, "samconfig.toml", f"{EXECUTION}-2", EXECUTION) == []
