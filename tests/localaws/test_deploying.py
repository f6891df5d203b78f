"""What a deployment is held against notices what is wrong with it; the emulator itself is not needed here."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest

from localaws import template
from localaws.deploying import __main__ as deploying
from localaws.deploying.checks import CHECKS, Deployed
from localaws.parameters import accepted
from tests.stack.stacks import ACCOUNT_ROLES, EXAMPLE, create, source

STACK = create(source(), EXAMPLE)
FUNCTION = STACK.only("AWS::Lambda::Function")
SETTINGS = STACK.only("AWS::ApiGateway::Stage")["MethodSettings"]
# What CloudFormation makes of the role that has no name of its own.
_MADE_UP = "studio-gate-FunctionRole-5201F656B484"


def _roles() -> dict[str, dict[str, object]]:
    made = {
        name: {"trust": one["AssumeRolePolicyDocument"]}
        | {policy["PolicyName"]: policy["PolicyDocument"] for policy in one["Policies"]}
        for name, one in STACK.every("AWS::IAM::Role").items()
    }
    trusting = ("MintingRole", "DirectoryRole", "ProfileMakingRole")
    for name in trusting:
        trust = copy.deepcopy(made[name]["trust"])
        trust["Statement"][0]["Principal"]["AWS"] = STACK.role_arn(_MADE_UP)
        made[name] = made[name] | {"trust": trust}
    return made


def _methods() -> dict[str, str]:
    paths = STACK.only("AWS::ApiGateway::RestApi")["Body"]["paths"]
    return {
        f"{method.upper()} {path}": "AWS_IAM" if path.startswith("/iam/") else "NONE"
        for path, methods in paths.items()
        for method in methods
    }


def _key(settings: dict[str, str]) -> str:
    return f"{settings['ResourcePath'].removeprefix('/')}/{settings['HttpMethod']}"


def _setting(settings: dict[str, str]) -> dict[str, object]:
    return {
        "cachingEnabled": False,
        "dataTraceEnabled": False,
        "metricsEnabled": True,
        "throttlingRateLimit": float(settings["ThrottlingRateLimit"]),
        "throttlingBurstLimit": int(settings["ThrottlingBurstLimit"]),
    }


SOUND = Deployed(
    status="CREATE_COMPLETE",
    resources=tuple(
        (name, one["Type"], _MADE_UP if name == "FunctionRole" else f"id-of-{name}", "CREATE_COMPLETE")
        for name, one in STACK.resources.items()
    ),
    outputs=dict.fromkeys(source()["Outputs"], "something"),
    function=FUNCTION | {"Layers": [{"Arn": "arn:aws:lambda:eu-central-1:111122223333:layer:one:1"}]},
    methods=_methods(),
    stage={
        "stageName": "gate",
        "methodSettings": {_key(one): _setting(one) for one in SETTINGS},
    },
    roles=_roles(),
    nested={},
)


def _stage(method: str = "*/*", **changed: object) -> Callable[[Deployed], Deployed]:
    every = SOUND.stage["methodSettings"]
    settings = every | {method: every.get(method, {}) | changed}
    return lambda one: replace(one, stage=one.stage | {"methodSettings": settings})


def _role(name: str, policy: str, document: object) -> Callable[[Deployed], Deployed]:
    return lambda one: replace(one, roles={**one.roles, name: one.roles[name] | {policy: document}})


def _function(**changed: object) -> Callable[[Deployed], Deployed]:
    return lambda one: replace(one, function=one.function | changed)


# By the check that has to notice, and no other.
WRONG: dict[str, tuple[str, Callable[[Deployed], Deployed]]] = {
    "rolled back": ("the stack is complete", lambda one: replace(one, status="ROLLBACK_COMPLETE")),
    "a nested stack failed": ("the stack is complete", lambda one: replace(one, nested={"Net": "CREATE_FAILED"})),
    "a resource missing": (
        "every resource of the template is there",
        lambda one: replace(one, resources=one.resources[1:]),
    ),
    "a resource that failed": (
        "every resource of the template is there",
        lambda one: replace(one, resources=((*one.resources[0][:3], "CREATE_FAILED"), *one.resources[1:])),
    ),
    "a resource too many": (
        "every resource of the template is there",
        lambda one: replace(one, resources=(*one.resources, ("X", "AWS::S3::Bucket", "x", "CREATE_COMPLETE"))),
    ),
    "an output missing": ("every output has a value", lambda one: replace(one, outputs={"Url": "https://x"})),
    "an output empty": ("every output has a value", lambda one: replace(one, outputs=one.outputs | {"Url": ""})),
    "another handler": ("the function is as the template says", _function(Handler="x.y")),
    "another architecture": ("the function is as the template says", _function(Architectures=["x86_64"])),
    "no layer": ("the function is as the template says", _function(Layers=[])),
    "a variable missing": ("the function is as the template says", _function(Environment={"Variables": {}})),
    "a method missing": (
        "the API has the template's methods, each with its authorisation",
        lambda one: replace(one, methods={key: value for key, value in one.methods.items() if key != "GET /health"}),
    ),
    "a method without authorisation": (
        "the API has the template's methods, each with its authorisation",
        lambda one: replace(one, methods={**one.methods, "GET /iam/url": "NONE"}),
    ),
    "a method too many": (
        "the API has the template's methods, each with its authorisation",
        lambda one: replace(one, methods={**one.methods, "OPTIONS /iam/url": "NONE"}),
    ),
    "a cache": ("the stage throttles, and keeps nothing", _stage(cachingEnabled=True)),
    "data traced": ("the stage throttles, and keeps nothing", _stage(dataTraceEnabled=True)),
    "no throttle": ("the stage throttles, and keeps nothing", _stage(throttlingRateLimit=10_000.0)),
    "a method with a cache": (
        "the stage throttles, and keeps nothing",
        _stage(_key(SETTINGS[-1]), cachingEnabled=True),
    ),
    "a method with settings too many": (
        "the stage throttles, and keeps nothing",
        _stage("~1x/GET", cachingEnabled=True),
    ),
    "a stage of another name": (
        "the stage throttles, and keeps nothing",
        lambda one: replace(one, stage=one.stage | {"stageName": "Stage"}),
    ),
    "a policy emptied": (
        "the roles' policies are those that the tests evaluate",
        _role("MintingRole", "mint", {"Version": "2012-10-17", "Statement": []}),
    ),
    "a trust for everybody": (
        "the roles' policies are those that the tests evaluate",
        _role("MintingRole", "trust", {"Version": "2012-10-17", "Statement": [{"Principal": "*"}]}),
    ),
    "a policy too many": (
        "the roles' policies are those that the tests evaluate",
        _role("DirectoryRole", "more", {"Version": "2012-10-17", "Statement": []}),
    ),
}


@pytest.mark.parametrize("said", CHECKS)
def test_a_sound_deployment_passes(said: str) -> None:
    assert CHECKS[said](SOUND, STACK.resources, source()) == []


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_noticed_where_it_is(what: str) -> None:
    said, change = WRONG[what]
    deployed = change(SOUND)
    noticed = [check for check, held in CHECKS.items() if held(deployed, STACK.resources, source())]
    assert noticed == [said]


def test_every_check_is_tried() -> None:
    assert {said for said, _ in WRONG.values()} == CHECKS.keys()


def test_the_roles_of_another_account_get_what_they_take() -> None:
    declared = template.load(ACCOUNT_ROLES)["Parameters"]
    assert all(accepted(declared[name], value) for name, value in deploying.ROLES.items())
    assert {name for name, one in declared.items() if "Default" not in one} <= deploying.ROLES.keys()


def test_the_emulator_is_told_the_types_of_every_template() -> None:
    assert {"AWS::Serverless::Api", "AWS::IAM::Role", "AWS::Logs::LogGroup"} <= deploying.kinds()
