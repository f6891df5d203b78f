"""The roles of other accounts: as those of the gate's own, for the gate alone, by an external id."""

import copy
import json
from functools import cache

import pytest

from localaws import template
from localaws.parameters import RULE_FUNCTIONS, accepted, functions_of, refusals
from tests.stack.breaks_account_roles import MUTATIONS
from tests.stack.stacks import (
    ACCOUNT_ROLES,
    EXAMPLE,
    FURTHER,
    HERE,
    Guarantee,
    Json,
    Stack,
    create,
    fits,
    inline,
    source,
    statements,
)
from tests.stack.test_roles import ASSUME_ACTIONS

THERE = template.Account("444455556666", "eu-west-1", "aws", "studio-gate-roles")
GATE = "arn:aws:iam::111122223333:role/studio-gate-FunctionRole-1A2B3C"
API, STS = "vpce-0aaaaaaaaaaaaaaaa", "vpce-0d4e5f60718293041"
_ARN = f"arn:aws:sagemaker:{THERE.region}:{THERE.id}"
GIVEN = {
    "GateRoleArn": GATE,
    "ExternalId": "studio-gate/research:2026",
    "GateStsEndpointId": STS,
    "SageMakerApiEndpointId": API,
    "UseEndpointIds": "vpce-0bbbbbbbbbbbbbbbb,vpce-0cccccccccccccccc",
}
DOMAINS = {"StudioProfileArns": f"{_ARN}:user-profile/d-alpha0123456/*,{_ARN}:user-profile/d-beta01234567/*"}
NOTEBOOKS = {"NotebookArns": f"{_ARN}:notebook-instance/team-a"}
SERVERS = {"TrackingServerArns": f"{_ARN}:mlflow-tracking-server/experiments"}
BOUNDED = {"PermissionsBoundaryArn": f"arn:aws:iam::{THERE.id}:policy/boundaries/tools"}
VARIANTS = {
    "with everything": DOMAINS | NOTEBOOKS | SERVERS | BOUNDED,
    "with domains alone": DOMAINS,
    "with notebooks alone": NOTEBOOKS,
    "with tracking servers and one endpoint": SERVERS | {"UseEndpointIds": "vpce-0dddddddddddddddd"},
}
REFUSED = {
    "everybody as the gate": ("GateRoleArn", "*"),
    "an account as the gate": ("GateRoleArn", "arn:aws:iam::111122223333:root"),
    "roles by pattern": ("GateRoleArn", "arn:aws:iam::111122223333:role/studio-gate-*"),
    "no external id": ("ExternalId", ""),
    "any external id": ("ExternalId", "*"),
    "an external id with a variable": ("ExternalId", "${aws:username}"),
    "an endpoint by pattern": ("GateStsEndpointId", "vpce-*"),
    "no endpoint for use": ("UseEndpointIds", ""),
    "every domain": ("StudioProfileArns", f"{_ARN}:user-profile/*/*"),
    "every notebook": ("NotebookArns", f"{_ARN}:notebook-instance/*"),
    "every boundary": ("PermissionsBoundaryArn", "arn:aws:iam::444455556666:policy/*"),
    "every tracking server": ("TrackingServerArns", f"{_ARN}:mlflow-tracking-server/*"),
}


@cache
def committed() -> Json:
    return template.load(ACCOUNT_ROLES)


@cache
def variant(name: str) -> Stack:
    return create(committed(), GIVEN | VARIANTS[name], THERE)


def _role(stack: Stack, name: str) -> Json:
    found: Json = stack.every("AWS::IAM::Role")[name]
    return found


def _through(stack: Stack, *, external_id: bool) -> Json:
    parameters = stack.parameters
    known = {"sts:ExternalId": [parameters["ExternalId"]]} if external_id else {}
    return {"aws:SourceVpce": [parameters["GateStsEndpointId"]]} | known


def two_roles(stack: Stack) -> None:
    kinds = {name: one["Type"] for name, one in stack.resources.items()}
    assert kinds == dict.fromkeys(("MintingRole", "DirectoryRole"), "AWS::IAM::Role")
    known = {"RoleName", "Description", "MaxSessionDuration", "AssumeRolePolicyDocument", "Policies"}
    boundary = stack.parameters["PermissionsBoundaryArn"] or None
    for one in stack.every("AWS::IAM::Role").values():
        assert one.keys() - {"PermissionsBoundary"} == known
        assert one.get("PermissionsBoundary") == boundary
        assert int(one["MaxSessionDuration"]) == 3600


def minting_for_the_gate(stack: Stack) -> None:
    for_somebody = {"StringLike": {"sts:SourceIdentity": ["?*"]}}
    gate = {"Effect": "Allow", "Principal": {"AWS": [stack.parameters["GateRoleArn"]]}}
    assume, say = sorted(ASSUME_ACTIONS)
    assert statements(_role(stack, "MintingRole")["AssumeRolePolicyDocument"]) == [
        gate | {"Action": [assume], "Condition": {"StringEquals": _through(stack, external_id=True)} | for_somebody},
        gate | {"Action": [say], "Condition": {"StringEquals": _through(stack, external_id=False)} | for_somebody},
    ]


def directory_for_the_gate(stack: Stack) -> None:
    assert statements(_role(stack, "DirectoryRole")["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [stack.parameters["GateRoleArn"]]},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": _through(stack, external_id=True)},
        }
    ]


@cache
def _of_the_gate() -> Stack:
    return create(source(), EXAMPLE | FURTHER)


def as_the_gates_own(stack: Stack) -> None:
    """Statement by statement as in template.yaml, whose own guarantees hold so for both; endpoints and ARNs apart."""
    for name in ("MintingRole", "DirectoryRole"):
        ours, theirs = (_bare(inline(_role(one, name))) for one in (_of_the_gate(), stack))
        asked = {
            "user-profile": "StudioProfileArns",
            "notebook-instance": "NotebookArns",
            "mlflow": "TrackingServerArns",
        }
        missing = [word for word, parameter in asked.items() if not stack.listed(parameter)]
        assert theirs == [one for one in ours if not any(_is_about(one, word) for word in missing)]


def _bare(found: list[Json]) -> list[Json]:
    return [{key: one[key] for key in ("Effect", "Action")} | {"Condition": _operators(one)} for one in found]


def _operators(statement: Json) -> dict[str, list[str]]:
    return {operator: sorted(keys) for operator, keys in statement.get("Condition", {}).items()}


def _is_about(statement: Json, word: str) -> bool:
    words = {
        "user-profile": ("DomainUrl", "UserProfile", "Space", "App"),
        "notebook-instance": ("NotebookInstance",),
        "mlflow": ("Mlflow", "mlflow:"),
    }[word]
    return statement["Effect"] == "Allow" and any(one in action for action in statement["Action"] for one in words)


def for_what_is_given(stack: Stack) -> None:
    given = [stack.listed(name) for name in ("StudioProfileArns", "NotebookArns", "TrackingServerArns")]
    profiles, notebooks, servers = (sorted(one) for one in given)
    spaces, apps = ([arn.replace("user-profile/", f"{word}/") for arn in profiles] for word in ("space", "app"))
    every = {"MintingRole": [profiles, notebooks, servers, ["*"] * bool(servers)]}
    every["DirectoryRole"] = [profiles, spaces, apps, ["*"] * bool(profiles), notebooks, servers]
    for name, arns in every.items():
        found = [one["Resource"] for one in inline(_role(stack, name), "Allow")]
        assert found == [one for one in arns if one]


def through_the_endpoints_there(stack: Stack) -> None:
    api, using = stack.parameters["SageMakerApiEndpointId"], stack.listed("UseEndpointIds")
    for name, endpoints in (("MintingRole", [api, *using]), ("DirectoryRole", [api])):
        (denied,) = (one for one in inline(_role(stack, name), "Deny") if "Condition" in one)
        assert denied == {
            "Effect": "Deny",
            "Action": ["sagemaker-mlflow:*", "sagemaker:*"],
            "Resource": ["*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": endpoints}},
        }


GUARANTEES: dict[str, Guarantee] = {
    "there are two roles and nothing else, within the given boundary": two_roles,
    "the minting role trusts the gate alone, by its external id, for somebody": minting_for_the_gate,
    "the directory role trusts the gate alone, by its external id": directory_for_the_gate,
    "the roles may do what the gate's own may": as_the_gates_own,
    "the roles are for what is given": for_what_is_given,
    "the roles are of use through the endpoints there alone": through_the_endpoints_there,
    "the policies there fit IAM's limits": fits,
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_roles_there(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](broken)
    stack = create(broken, GIVEN | VARIANTS["with everything"], THERE)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)


@pytest.mark.parametrize("name", VARIANTS)
def test_sound_parameters_are_accepted(name: str) -> None:
    given = GIVEN | VARIANTS[name]
    assert [one for one, value in given.items() if not accepted(committed()["Parameters"][one], value)] == []
    assert refusals(committed(), given) == []


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_an_unsound_value_is_refused(name: str, value: str) -> None:
    assert not accepted(committed()["Parameters"][name], value)


def test_roles_for_nothing_are_refused() -> None:
    assert len(refusals(committed(), GIVEN)) == 1
    assert functions_of(committed()["Rules"]) - RULE_FUNCTIONS == set()


def test_what_both_templates_take_has_the_same_form() -> None:
    here, there = source()["Parameters"], committed()["Parameters"]
    for name in ("NotebookArns", "TrackingServerArns", "PermissionsBoundaryArn"):
        assert here[name]["AllowedPattern"] == there[name]["AllowedPattern"]
    # Here it may be made.
    assert here["SageMakerApiEndpointId"]["AllowedPattern"] == f"({there['SageMakerApiEndpointId']['AllowedPattern']})?"
    assert there["StudioProfileArns"]["AllowedPattern"] == f"({here['StudioProfileArns']['AllowedPattern']})?"
    assert HERE.id not in json.dumps(committed())
