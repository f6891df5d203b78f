"""`make check` says what would not work before it is deployed, in a line that says where."""

import shutil
from pathlib import Path

import pytest

from localaws import example, validate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example, to be changed."""
    for path in example.CONFIG.iterdir():
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def changed(folder: Path, name: str, before: str, after: str) -> list[str]:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    return validate.problems(folder / "samconfig.toml", folder)


def test_the_example_fits_together() -> None:
    assert validate.problems(example.CONFIG / "samconfig.toml", example.CONFIG) == []


def test_another_account_region_and_stack_fit_together_just_as_well(folder: Path) -> None:
    changed(folder, "gate.toml", "111122223333", "444455556666")
    changed(folder, "gate.toml", "eu-central-1", "us-west-2")
    changed(folder, "samconfig.toml", "111122223333", "444455556666")
    changed(folder, "samconfig.toml", "eu-central-1", "us-west-2")
    assert changed(folder, "samconfig.toml", 'stack_name = "studio-gate"', 'stack_name = "door"') == []


def test_what_sam_deploy_guided_writes_is_read(folder: Path) -> None:
    path = folder / "samconfig.toml"
    given = example.parameters()
    text = path.read_text(encoding="utf-8")
    one_text = " ".join(f'{name}=\\"{value}\\"' for name, value in given.items())
    before = text[: text.index("parameter_overrides")]
    path.write_text(f'{before}parameter_overrides = "{one_text}"\n', encoding="utf-8")
    assert validate.problems(path, folder) == []


BROKEN = {
    "a configuration that does not compile": ("gate.toml", "version = 1", "version = 2", "gate.toml: version"),
    "a missing comma": ("gate.toml", "default = 30, maximum", "default = 30 maximum", "gate.toml: "),
    "a policy that does not validate": ("policies.cedar", "context.source_ip", "context.address", "policies.cedar"),
    "a group that nobody is given": (
        "policies.cedar",
        'Group::"data-science"',
        'Group::"data-sience"',
        'policies.cedar: StudioGate::Group::"data-sience" is not in gate.toml',
    ),
    "a group that no policy names": (
        "gate.toml",
        'groups = ["tools"]',
        'groups = ["tools", "robots"]',
        'policies.cedar: no policy names StudioGate::Group::"robots"',
    ),
    "a destination that is not there": (
        "policies.cedar",
        'Destination::"research"',
        'Destination::"reserch"',
        'policies.cedar: StudioGate::Destination::"reserch" is not in gate.toml',
    ),
    "a domain that nothing could be minted for": (
        "gate.toml",
        "d-sandbox012345",
        "d-elsewhere",
        "samconfig.toml: StudioProfileArns lacks arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-elsew",
    ),
    "a region that is not the stack's": (
        "samconfig.toml",
        'region = "eu-central-1"',
        'region = "us-east-1"',
        "gate.toml: not in the stack's account and region ('111122223333', 'us-east-1'): research, sandbox",
    ),
    "a parameter that is missing": (
        "samconfig.toml",
        '  "StsEndpointId=vpce-0d4e5f60718293041",\n',
        "",
        "samconfig.toml: StsEndpointId is missing",
    ),
    "a parameter that is misnamed": (
        "samconfig.toml",
        "SubnetIds=",
        "SubnetId=",
        "samconfig.toml: SubnetId is not a parameter of template.yaml",
    ),
    "an endpoint that is a VPC": (
        "samconfig.toml",
        "StsEndpointId=vpce-0d4e5f60718293041",
        "StsEndpointId=vpc-0d4e5f60718293041",
        "samconfig.toml: StsEndpointId=vpc-0d4e5f60718293041 must be AllowedPattern vpce-",
    ),
    "callers that are not trusted": (
        "samconfig.toml",
        "TrustedPrincipals=arn:aws:iam::111122223333:root",
        "TrustedPrincipals=arn:aws:iam::444455556666:root",
        "samconfig.toml: TrustedPrincipals has neither account 111122223333 nor role intranet-launcher",
    ),
    "nobody trusted": (
        "samconfig.toml",
        '  "TrustedPrincipals=arn:aws:iam::111122223333:root",\n',
        "",
        "samconfig.toml: Give TrustedPrincipals, TrustedOrganizationId or both.",
    ),
    "profiles of two accounts": (
        "samconfig.toml",
        "111122223333:user-profile/d-sandbox012345",
        "444455556666:user-profile/d-sandbox012345",
        "samconfig.toml: StudioProfileArns must all be of the stack's own account",
    ),
    "no region": ("samconfig.toml", 'region = "eu-central-1"\n', "", "samconfig.toml: 'region' is missing"),
    "a samconfig that is no TOML": ("samconfig.toml", "version = 0.1", "version = ", "samconfig.toml: Invalid value"),
}


@pytest.mark.parametrize(("name", "before", "after", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_broken(folder: Path, name: str, before: str, after: str, said: str) -> None:
    found = changed(folder, name, before, after)
    assert any(line.startswith(said) for line in found), found


def test_a_missing_samconfig_is_named(folder: Path) -> None:
    (folder / "samconfig.toml").unlink()
    assert "samconfig.toml" in validate.problems(folder / "samconfig.toml", folder)[0]


@pytest.mark.parametrize(("found", "status"), [([], 0), (["gate.toml: version"], 1)])
def test_the_command_s_status(capsys: pytest.CaptureFixture[str], found: list[str], status: int) -> None:
    assert validate.main(lambda *_: found) == status
    written = capsys.readouterr()
    assert ("fit together" in written.out, written.err.splitlines()) == (not found, found)
