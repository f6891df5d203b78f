"""What docs/trial.md tells a trial account to run and to write fits together, from the first deployment to the last."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from localaws import example, server, studio, template, validate
from localaws.parameters import accepted, refusals
from studio_gate.audit import Record
from studio_gate.config import read_config, read_deployment
from studio_gate.destinations import Launch
from studio_gate.directory import Directory
from studio_gate.errors import GateError
from studio_gate.identity import Caller, Proof
from studio_gate.identity.trust import trust
from studio_gate.policies import read_policies
from studio_gate.sessions import Sessions
from studio_gate.story import Gate, Turn
from tests.studio_gate.builders import within

ROOT = example.ROOT
PAGE = (ROOT / "docs" / "trial.md").read_text(encoding="utf-8")
BLOCKS = [(kind, re.sub(r"(?m)^ {3}", "", text)) for kind, text in re.findall(r"(?ms)^ *```(\w+)\n(.*?)^ *```$", PAGE)]
(PARAMETERS,) = (text for kind, text in BLOCKS if kind == "toml")
SHELL = [text.replace("\\\n", " ") for kind, text in BLOCKS if kind == "sh"]
(SAYING,) = (text for text in SHELL if "output()" in text)
AWS = [
    line[line.index("aws ") :]
    for text in SHELL
    for line in text.splitlines()
    if re.match(r"(output\(\) { )?aws ", line)
]
CONFIG = ROOT / "functions" / "gate" / "config"
ROLE = "AWSReservedSSO_DataScientist_0123456789abcdef"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone's files before the first deployment, and one of `aws` that tells the stack's outputs."""
    made = tmp_path_factory.mktemp("trial")
    config = made / "functions" / "gate" / "config"
    shutil.copytree(CONFIG, config)
    before = (example.CONFIG / "samconfig.toml").read_text(encoding="utf-8")
    after = re.sub(r"(?ms)^parameter_overrides = \[.*?^\]\n", lambda _: PARAMETERS, before)
    assert after != before
    (made / "samconfig.toml").write_text(after, encoding="utf-8")
    (made / "bin").mkdir()
    for name, value in outputs(made).items():
        (made / "bin" / f"{name}.txt").write_text(f"{value}\n", encoding="utf-8")
    aws = made / "bin" / "aws"
    aws.write_text(
        """#!/bin/sh\ncat "$(dirname "$0")/$(echo "$*" | sed "s/.*OutputKey=='//; s/'.*//").txt"\n""", encoding="utf-8"
    )
    aws.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def said(folder: Path) -> Path:
    """The same after what the page says to run between the two deployments."""
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    subprocess.run(["bash", "-ec", SAYING], env={"PATH": path}, cwd=folder, capture_output=True, check=True)  # noqa: S603, S607 - the page's own commands
    return folder


def outputs(where: Path) -> dict[str, Any]:
    """The outputs of what would be deployed from there."""
    given = {"TemplateURL": "template.yaml", "Parameters": template.samconfig_parameters(where / "samconfig.toml")}
    outer = {"Resources": {"Gate": {"Type": "AWS::CloudFormation::Stack", "Properties": given}}}
    made: dict[str, Any] = template.create(outer, {}, example.ACCOUNT)["Gate"]["Outputs"]
    return made


def test_the_first_deployment_is_accepted(folder: Path) -> None:
    given, declared = tomllib.loads(PARAMETERS)["parameter_overrides"], template.load(ROOT / "template.yaml")
    pairs = dict(one.split("=", 1) for one in given)
    assert [one for one, value in pairs.items() if not accepted(declared["Parameters"][one], value)] == []
    assert refusals(declared, pairs) == []


def test_the_second_is_what_make_check_accepts(said: Path) -> None:
    assert validate.problems(said / "samconfig.toml", said / "functions" / "gate" / "config") == []


def test_the_second_deployment_makes_the_same_domain(said: Path) -> None:
    assert outputs(said)["SampleStudioProfileArns"] in (said / "samconfig.toml").read_text(encoding="utf-8")


@pytest.fixture
def gate(said: Path, aws_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The gate after the second deployment, in front of the sample domain."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_url)
    server.reset()
    config_folder = said / "functions" / "gate" / "config"
    given = template.samconfig_parameters(said / "samconfig.toml")
    stack = template.create(template.load(ROOT / "template.yaml"), given, example.ACCOUNT)
    variables = stack["Function"]["Properties"]["Environment"]["Variables"] | {"AWS_REGION": example.ACCOUNT.region}
    deployment = read_deployment(variables)
    config = read_config(config_folder / "gate.toml", deployment)
    inner = stack["SampleDomainStack"]["Resources"].values()
    profiles = [one["Properties"] for one in inner if one["Type"] == "AWS::SageMaker::UserProfile"]
    spaces = [one["Properties"] for one in inner if one["Type"] == "AWS::SageMaker::Space"]
    domain = studio.Domain(
        config.destinations[0].domain_id,
        user_profiles=tuple(
            studio.UserProfile(one["UserProfileName"], tags={tag["Key"]: tag["Value"] for tag in one["Tags"]})
            for one in profiles
        ),
        spaces=tuple(
            studio.Space(one["SpaceName"], one["OwnershipSettings"]["OwnerUserProfileName"]) for one in spaces
        ),
    )
    studio.seed(domain, account_id=example.ACCOUNT.id, region=example.ACCOUNT.region)
    names = {one.name for one in config.destinations}
    policies = read_policies(config_folder / "policies.cedar", config_folder / "schema.cedarschema", names)
    sessions = Sessions(deployment)
    yield Gate(deployment, config, policies, sessions, Directory(sessions), trust(config, deployment.region), "1")
    server.reset()


ASKED = {
    "ann opens what is hers": ("ann@corp.example", Launch(None), "alice"),
    "ann opens her space": ("ann@corp.example", Launch(None, space="alice-lab"), "alice"),
    "ben opens what is his": ("ben@corp.example", Launch(None), "bob"),
    "ann opens nothing from outside": ("ann@corp.example", Launch(None), None),
    "ann opens no space of ben's": ("ann@corp.example", Launch(None, space="bob-lab"), None),
    "ann opens no profile of ben's": ("ann@corp.example", Launch(None, profile="bob"), None),
    "somebody else opens nothing": ("carol@corp.example", Launch(None), None),
}


@pytest.mark.parametrize(("who", "launch", "profile"), ASKED.values(), ids=ASKED)
def test_people_open_what_is_theirs(
    gate: Gate, request: pytest.FixtureRequest, who: str, launch: Launch, profile: str | None
) -> None:
    address = "192.0.2.9" if "outside" in request.node.callspec.id else "10.61.0.9"
    session = f"arn:aws:sts::{example.ACCOUNT.id}:assumed-role/{ROLE}/{who}"
    issuer = f"arn:aws:iam::{example.ACCOUNT.id}:root"
    caller = Caller(session, Proof.SIGV4, issuer, "AROAEXAMPLEPEOPLE0001", who, frozenset({"people"}))
    turn = Turn(gate, ip_address(address), gate.deployment.execute_api_endpoint_ids[0], Record("1"), within())
    try:
        opened = turn.settle(caller, launch).decision.target.profile
    except GateError:
        opened = None
    assert opened == profile


def test_each_output_that_is_named_is_one() -> None:
    named = set(re.findall(r"(?<!-)output (\w+)", PAGE))
    assert named <= template.load(ROOT / "template.yaml")["Outputs"].keys()
    assert {"SampleGateToml", "SampleStudioProfileArns", "Url", "VerifyHostShell", "VerifyHostForward"} <= named


@pytest.mark.parametrize("line", [one for one in AWS if " cloudformation deploy " in one])
def test_each_stack_takes_what_it_is_given_by_itself(line: str) -> None:
    words = shlex.split(line)
    source = template.load(ROOT / words[words.index("--template-file") + 1])
    given = dict(word.split("=", 1) for word in words[words.index("--parameter-overrides") + 1 :])
    assert [one for one, value in given.items() if not accepted(source["Parameters"][one], value)] == []
    assert refusals(source, given) == []
    template.create(source, given, example.ACCOUNT)
    for name in re.findall(r"`(StudioProfileArns|GateToml|Shell|Forward|RemoteDesktop)`", PAGE):
        everything = [template.load(ROOT / "stacks" / f"{one}.yaml") for one in ("sample-domain", "verify-host")]
        assert any(name in one["Outputs"] for one in everything)


@pytest.mark.parametrize("line", [one for one in AWS if " cloudformation deploy " not in one])
def test_aws_has_the_commands_that_are_told(line: str) -> None:
    _, service, command, *words = shlex.split(line.partition("|")[0].rstrip("; }"))
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[command]).input_shape
    options = {f"--{xform_name(name, '-')}" for name in shape.members}
    # The client's own.
    given = {word for word in words if word.startswith("--")} - {"--query", "--output"}
    assert given <= options
    assert {f"--{xform_name(name, '-')}" for name in shape.required_members} <= given


def test_the_commands_are_found() -> None:
    assert len(AWS) == 7


def test_what_is_said_of_the_roles_is_what_they_may() -> None:
    rows = PAGE.partition("| What | Why |")[2].partition("\n\n")[0]
    text = json.dumps(template.load(ROOT / "stacks" / "sample-domain.yaml")["Resources"])
    for action in ("CreateApp", "DeleteApp", "AddTags", "UpdateSpace"):
        assert f"`{action}`" in rows
        assert f"sagemaker:{action}" in text
    assert "Create*Presigned*" in text
    assert "AmazonSageMakerFullAccess" not in text
