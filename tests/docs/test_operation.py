"""What docs/operation.md says to give and to do fits the stack: its parameters, alarms, names and policies."""

import json
import re
import tomllib
from fnmatch import fnmatchcase

from localaws import example
from localaws.parameters import accepted
from studio_gate.sign_in_config import SignIn
from tests.stack.given import KEYS, MADE
from tests.stack.stacks import EXAMPLE, HERE, VPC, create, source
from tests.stack.test_operation import everywhere

PAGE = (example.ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
BLOCKS = {kind: re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("json", "sh", "toml")}
STACK = create(source(), EXAMPLE | KEYS | MADE | VPC)
LOGS = f"arn:aws:logs:{HERE.region}:{HERE.id}:log-group"


def test_what_it_gives_are_parameters_that_are_accepted() -> None:
    given = re.findall(r"`([A-Z][A-Za-z]+)=([^`]+)`", PAGE)
    assert {name for name, _ in given} == {"SealingKeys", "Start"}
    assert all(accepted(source()["Parameters"][name], value) for name, value in given)


def test_every_word_of_the_template_is_in_it() -> None:
    known = source()["Parameters"].keys() | source()["Resources"].keys()
    words = set(re.findall(r"`([A-Z][A-Za-z]+)`", PAGE)) - {"AllAtOnce"}
    assert words <= known
    assert {*KEYS, *MADE, "Deployment", "Start", "ProvisionedConcurrency", "ReservedConcurrency"} <= words | {
        "SealingKeys"
    }


def test_every_way_to_start_is_told() -> None:
    ways = source()["Parameters"]["Start"]["AllowedValues"]
    assert re.findall(r"(?m)^\| `([a-z]+)` \|", PAGE) == ways


def test_every_alarm_that_takes_a_version_back_is_told() -> None:
    alarms = STACK.only("AWS::CodeDeploy::DeploymentGroup")["AlarmConfiguration"]["Alarms"]
    told = re.findall(r"(?m)^\| `((?:Version|Api)[A-Za-z]+)` \|", PAGE)
    assert [one["Name"].removeprefix("studio-gate-") for one in alarms] == told


def test_the_sealing_keys_are_named_as_the_stack_makes_them() -> None:
    (block,) = BLOCKS["toml"]
    name = tomllib.loads(block)["sealing_keys"]
    secret = STACK.only("AWS::SecretsManager::Secret")["Name"]
    assert name == f"secretsmanager:{secret}"
    assert re.findall(r"--secret-id ([^\s`]+)", PAGE) == [secret] * 3
    assert SignIn.model_fields["sealing_keys"].is_required()


def test_the_logs_key_is_for_these_log_groups_alone() -> None:
    (block,) = BLOCKS["json"]
    statement = json.loads(block)
    assert statement["Principal"] == {"Service": f"logs.{HERE.region}.amazonaws.com"}
    assert all(action.startswith("kms:") and "*" not in action for action in statement["Action"])
    ((operator, keys),) = statement["Condition"].items()
    ((key, patterns),) = keys.items()
    assert (operator, key) == ("ArnLike", "kms:EncryptionContext:aws:logs:arn")
    groups = [one["LogGroupName"] for one in everywhere(STACK.resources, "AWS::Logs::LogGroup").values()]
    assert len(groups) == 5
    for group, allowed in (*((one, True) for one in groups), ("/aws/lambda/another", False)):
        assert any(fnmatchcase(f"{LOGS}:{group}", pattern) for pattern in patterns) is allowed
