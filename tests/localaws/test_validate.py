"""`make check` says what would not work before it is deployed, in a line that says where."""

import json
import re
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from localaws import example, tokens, validate


def changed(folder: Path, name: str, before: str, after: str) -> list[str]:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    return bare(validate.problems(folder / "samconfig.toml", folder))


def bare(found: list[str]) -> list[str]:
    """Leave out lines: tests/cli/test_checking.py is about those."""
    return [re.sub(r"^([a-z.]+)(?::[0-9]+)+:", r"\1:", one) for one in found]


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
        'policies.cedar: policy "data-scientists-open-their-own-profile": names StudioGate::Destination::',
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
        "gate.toml: research: the stack's endpoints do not serve it: give endpoint_ids, of sagemaker.api and",
    ),
    "a parameter that is missing": (
        "samconfig.toml",
        "StudioProfileArns=",
        "NotebookArns=",
        "samconfig.toml: StudioProfileArns is missing",
    ),
    "an endpoint that is neither there nor to be made": (
        "samconfig.toml",
        '  "StsEndpointId=vpce-0d4e5f60718293041",\n',
        "",
        "samconfig.toml: Network=existing needs StsEndpointId",
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
        "samconfig.toml: StsEndpointId=vpc-0d4e5f60718293041 must be AllowedPattern (vpce-",
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


def test_a_group_that_an_issuer_alone_gives_is_known(folder: Path) -> None:
    before = '"/contractors" = "contractors" }'
    gives = before.replace(" }", ', "/staff" = "staff" }')
    assert changed(folder, "gate.toml", before, gives) == [
        'policies.cedar: no policy names StudioGate::Group::"staff", which gate.toml gives'
    ]
    assert changed(folder, "policies.cedar", 'Group::"tools"', 'Group::"staff"') == [
        'policies.cedar: no policy names StudioGate::Group::"tools", which gate.toml gives'
    ]


def test_a_group_that_sign_in_alone_gives_is_known(folder: Path) -> None:
    asked = 'claims = { name = "name", email = "email", groups = "groups" }'
    text = (folder / "gate.toml").read_text(encoding="utf-8")
    before, sign_in, after = text.partition('name = "web"')
    after = after.replace('"/leads" = "leads"', '"/leads" = "leads", "/staff" = "staff"', 1)
    (folder / "gate.toml").write_text(f"{before}{sign_in}{after}", encoding="utf-8")
    assert changed(folder, "gate.toml", asked, asked) == [
        'policies.cedar: no policy names StudioGate::Group::"staff", which gate.toml gives'
    ]


def spelt(key: tokens.Key, **members: object) -> str:
    """A key set with that key, written in another way and under another name, beside one for something else."""
    other = {"kty": "EC", "crv": "P-521", "kid": "other", "x": "AA", "y": "AA"}
    return json.dumps({"keys": [other, dict(reversed((key.jwk | {"kid": "ours"} | members).items()))]}, indent=4)


def pinned_set(key: tokens.Key) -> str:
    (line,) = [
        one
        for one in (example.CONFIG / "gate.toml").read_text(encoding="utf-8").split("'''")
        if one.strip().startswith("{") and json.loads(one) == {"keys": [key.jwk]}
    ]
    return line


# Of nobody: example keys of RFC 7515 (appendix A.3) and RFC 8037 (appendix A.2).
PRIVATE_TO_SOMEBODY = {
    tokens.CORP: {
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    },
    # RFC 7517, appendix A.1.
    tokens.WEB: {
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    },
    tokens.EDGE: {"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
}


def without_ours(folder: Path) -> None:
    """Replace every key that anybody could sign with by one of somebody's own."""
    for key, members in PRIVATE_TO_SOMEBODY.items():
        changed(folder, "gate.toml", pinned_set(key), f"\n{spelt(key, **members)}\n")
    somebodys = ECKey.import_key(tokens.CORP.jwk | PRIVATE_TO_SOMEBODY[tokens.CORP]).as_pem(private=False).decode()
    assert changed(folder, "gate.toml", tokens.ALB.pem, somebodys) == []


def test_keys_of_somebodys_own_may_be_deployed(folder: Path) -> None:
    without_ours(folder)
    assert validate.deployment_problems(folder / "samconfig.toml", folder) == []


ANYBODYS = {
    "an issuer's": (tokens.CORP, "'corp' pins key 'ours'"),
    "a proxy's": (tokens.EDGE, "'edge' pins key 'ours'"),
    "the one of browser sign-in": (tokens.WEB, "'web' pins key 'ours'"),
    "one that signs the forgeries": (tokens.FORGED_CORP, "'corp' pins key 'ours'"),
}


@pytest.mark.parametrize(("key", "said"), ANYBODYS.values(), ids=ANYBODYS.keys())
def test_a_key_that_anybody_could_sign_with_is_not_deployed(folder: Path, key: tokens.Key, said: str) -> None:
    without_ours(folder)
    whose = key if key in PRIVATE_TO_SOMEBODY else tokens.CORP
    changed(folder, "gate.toml", spelt(whose, **PRIVATE_TO_SOMEBODY[whose]), spelt(key))
    assert validate.deployment_problems(folder / "samconfig.toml", folder) == [
        f"gate.toml: {said} of localaws/tokens.py, with which anybody could sign"
    ]


@pytest.mark.parametrize("key", [tokens.ALB, tokens.CORP], ids=["its own", "the issuer's"])
def test_a_load_balancers_key_that_anybody_could_sign_with_is_not_deployed(folder: Path, key: tokens.Key) -> None:
    without_ours(folder)
    somebodys = ECKey.import_key(tokens.CORP.jwk | PRIVATE_TO_SOMEBODY[tokens.CORP]).as_pem(private=False).decode()
    changed(folder, "gate.toml", somebodys, key.pem)
    (found,) = validate.deployment_problems(folder / "samconfig.toml", folder)
    assert found.startswith("gate.toml: 'alb' pins key '0b7ad6f6-3f2c-4c8e-9a51-6d1e2f3a4b5c' of localaws/tokens.py")


def test_the_example_itself_is_not_deployed(folder: Path) -> None:
    assert len(validate.deployment_problems(folder / "samconfig.toml", folder)) == 4


def test_what_does_not_fit_together_is_said_first(folder: Path) -> None:
    changed(folder, "gate.toml", "version = 1", "version = 2")
    (found,) = bare(validate.deployment_problems(folder / "samconfig.toml", folder))
    assert found.startswith("gate.toml: version")


def test_pinned_keys_that_cannot_be_used_are_named(folder: Path) -> None:
    (found,) = changed(folder, "gate.toml", "BEGIN PUBLIC KEY", "BEGIN CERTIFICATE")
    assert found.startswith("gate.toml: keys of 'alb': ")


def test_a_missing_samconfig_is_named(folder: Path) -> None:
    (folder / "samconfig.toml").unlink()
    assert "samconfig.toml" in validate.problems(folder / "samconfig.toml", folder)[0]


@pytest.mark.parametrize(("found", "status"), [([], 0), (["gate.toml: version"], 1)])
def test_the_command_s_status(capsys: pytest.CaptureFixture[str], found: list[str], status: int) -> None:
    assert validate.main(lambda *_: found) == status
    written = capsys.readouterr()
    assert ("fit together" in written.out, written.err.splitlines()) == (not found, found)
