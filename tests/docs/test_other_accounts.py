"""What docs/other-accounts.md says to deploy fits together: the roles there, gate.toml and the stack's parameters."""

import re
import shlex
import shutil
from pathlib import Path

from localaws import example, template, validate
from localaws.parameters import accepted, refusals
from studio_gate.config import read_config, read_deployment

PAGE = (example.ROOT / "docs" / "other-accounts.md").read_text(encoding="utf-8")
BLOCKS = {
    kind: re.sub(r"(?m)^ {3}", "", text) for kind, text in re.findall(r"(?ms)^ *```(sh|toml|text)\n(.*?)^ *```$", PAGE)
}
WORDS = shlex.split(BLOCKS["sh"].replace("\\\n", " "))
GIVEN = dict(word.split("=", 1) for word in WORDS[WORDS.index("--parameter-overrides") + 1 :])
ROLES = template.load(example.ROOT / WORDS[WORDS.index("--template-file") + 1])
THERE = template.Account("444455556666", "us-west-2", "aws", WORDS[WORDS.index("--stack-name") + 1])


def folder_of(tmp_path: Path) -> Path:
    """The example with what the page says."""
    for path in example.CONFIG.iterdir():
        shutil.copy(path, tmp_path / path.name)
    gate, parameters = tmp_path / "gate.toml", tmp_path / "samconfig.toml"
    gate.write_text(f"{gate.read_text(encoding='utf-8')}\n{BLOCKS['toml']}", encoding="utf-8")
    before = parameters.read_text(encoding="utf-8")
    after = before
    for line in BLOCKS["text"].splitlines():
        assert line.partition("=")[0] in {"OtherRoleArns", "DestinationsElsewhere"}
        after = after.replace(f'"{line.partition("=")[0]}=', f'"{line},')
    assert len(after) > len(before) + len(BLOCKS["text"]) - 40
    parameters.write_text(after, encoding="utf-8")
    return tmp_path


def test_the_roles_there_take_these_parameters() -> None:
    assert [name for name, value in GIVEN.items() if not accepted(ROLES["Parameters"][name], value)] == []
    assert refusals(ROLES, GIVEN) == []
    assert GIVEN["GateStsEndpointId"] == example.parameters()["StsEndpointId"]


def test_gate_and_samconfig_fit_together(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert validate.problems(folder / "samconfig.toml", folder) == []


def test_the_destinations_have_the_roles_endpoints_and_resources_that_are_deployed_there(tmp_path: Path) -> None:
    stack = template.create(ROLES, GIVEN, THERE)
    roles = {f"arn:aws:iam::{THERE.id}:role/{one['Properties']['RoleName']}" for one in stack.values()}
    assert set(BLOCKS["text"].splitlines()[0].removeprefix("OtherRoleArns=").split(",")) == roles
    gate = read_config(folder_of(tmp_path) / "gate.toml", read_deployment(example.environment()))
    found = [one for one in gate.destinations if (one.account, one.region) == (THERE.id, THERE.region)]
    assert {role for one in found for role in (one.minting_role, one.directory_role) if role} == roles
    assert {one.external_id for one in found} == {GIVEN["ExternalId"]}
    assert {one.arn("aws", "*") for one in found} == {GIVEN["StudioProfileArns"], GIVEN["NotebookArns"]}
    minting = {one.endpoint_ids[0] for one in found if one.endpoint_ids}
    using = {endpoint for one in found for endpoint in (one.endpoint_ids or ())[1:]}
    assert (minting, using) == ({GIVEN["SageMakerApiEndpointId"]}, set(GIVEN["UseEndpointIds"].split(",")))
