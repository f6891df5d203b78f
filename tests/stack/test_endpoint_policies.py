"""What the endpoints that the stack makes let through: ours on what is ours, and minting by the gate alone."""

import copy
import json

import pytest

from tests.stack.breaks_endpoint_policies import MUTATIONS
from tests.stack.networks import NETWORKS, broken, committed, endpoints, network, whole
from tests.stack.stacks import Guarantee, Json, Stack, statements

# "Create an interface endpoint": the quota of characters of an endpoint's policy.
POLICY_LIMIT = 20_480
SAGEMAKER = ("sagemaker.api", "studio", "notebook", "experiments")
MINTS = ["sagemaker:CreatePartnerAppPresignedUrl", "sagemaker:CreatePresigned*"]
OURS, DENIES = "OursOnWhatIsOurs", "MintingByTheGateAlone"
# The statements of each endpoint's policy; each that is not of ours on what is ours is a decision, added by hand.
STATEMENTS = {
    "execute-api": ["TheseApis"],
    "studio": [OURS, DENIES],
    "notebook": [OURS, DENIES],
    "experiments": [OURS, "TheUserInterfaceOfMlflow", DENIES],
    "sagemaker.api": [OURS, "OursOnTheModelsThatAwsOffers", DENIES],
    "sagemaker.runtime": [OURS],
    "sts": [OURS, "FederationIntoOurRoles"],
    "logs": [OURS],
    "secretsmanager": [OURS],
    "appconfigdata": [OURS],
    "ssm": [OURS, "OursOnTheDocumentsThatAwsOffers"],
    "ssmmessages": ["OurInstances"],
    "ec2messages": ["OurInstances"],
    "s3": [OURS, "OursOnTheModelsThatAwsOffers", "WhatAwsHandsOut"],
}
# What each lets through is its own service's alone.
ACTIONS = {
    "studio": ["sagemaker:*"],
    "notebook": ["sagemaker:*"],
    "experiments": ["sagemaker-mlflow:*", "sagemaker:*"],
    "sagemaker.api": ["sagemaker:*"],
    "sagemaker.runtime": ["sagemaker:InvokeEndpoint*"],
    "sts": ["sts:*"],
    "logs": ["logs:*"],
    "secretsmanager": ["secretsmanager:*"],
    "appconfigdata": ["appconfig:*"],
    "ssm": ["ssm:*"],
    "s3": ["s3:*"],
}


def ours(stack: Stack, *keys: str) -> Json:
    """Return the condition that a principal, a resource or both are the organisation's, or else the accounts'."""
    organisation = stack.parameters["OrganizationId"]
    word, values = ("OrgID", [organisation]) if organisation else ("Account", stack.listed("AccountIds"))
    return {"StringEquals": {f"aws:{key}{word}": values for key in keys}}


def named_statements(stack: Stack) -> None:
    for name, one in endpoints(stack).items():
        assert one["PolicyDocument"]["Version"] == "2012-10-17"
        assert [statement["Sid"] for statement in one["PolicyDocument"]["Statement"]] == STATEMENTS[name], name
        assert all(statement["Principal"] == "*" for statement in one["PolicyDocument"]["Statement"]), name


def _statement(one: Json, sid: str) -> Json:
    named = [statement for statement in one["PolicyDocument"]["Statement"] if statement["Sid"] == sid]
    (found,) = statements({"Statement": named})
    return {key: value for key, value in found.items() if key != "Principal"}


def for_what_is_ours(stack: Stack) -> None:
    condition = ours(stack, "Principal", "Resource")
    for name, one in endpoints(stack).items():
        if OURS in STATEMENTS[name]:
            wanted = {"Effect": "Allow", "Action": ACTIONS[name], "Resource": ["*"], "Condition": condition}
            assert _statement(one, OURS) == wanted, name


def exceptions(stack: Stack) -> None:
    """Of whom, or on what: never everybody on everything."""
    principal, made = ours(stack, "Principal"), endpoints(stack)
    whole = {"Effect": "Allow", "Resource": ["*"]}
    for name in {"ssmmessages", "ec2messages"} & made.keys():
        assert _statement(made[name], "OurInstances") == whole | {"Action": [f"{name}:*"], "Condition": principal}
    if "sts" in made:
        federated = {"Action": ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"]}
        assert _statement(made["sts"], "FederationIntoOurRoles") == whole | federated | {
            "Condition": ours(stack, "Resource")
        }
    if "experiments" in made:
        pages = {"Action": ["sagemaker-mlflow:AccessUI"], "Condition": principal}
        assert _statement(made["experiments"], "TheUserInterfaceOfMlflow") == whole | pages


def what_aws_offers(stack: Stack) -> None:
    """AWS's own resources, which are of no organisation: named, to be read alone."""
    made = endpoints(stack)
    for name, sid, owned in (
        ("sagemaker.api", "OursOnTheModelsThatAwsOffers", ":aws:hub"),
        ("ssm", "OursOnTheDocumentsThatAwsOffers", f":ssm:{stack.account.region}::"),
        ("s3", "OursOnTheModelsThatAwsOffers", ":s3:::jumpstart-"),
        ("s3", "WhatAwsHandsOut", ":s3:::"),
    ):
        if name in made:
            found = _statement(made[name], sid)
            assert found["Effect"] == "Allow"
            assert all(action.split(":")[1].startswith(("Get", "List", "Describe")) for action in found["Action"])
            assert all(owned in arn and arn.split(owned)[1].strip("*/") for arn in found["Resource"])
            assert all(stack.account.region in arn for arn in found["Resource"])
            by_us = sid.startswith("Ours")
            assert found.get("Condition") == (ours(stack, "Principal") if by_us else None)
            assert by_us or found["Action"] == ["s3:GetObject"]


def denies_minting(stack: Stack) -> None:
    """ArnNotEquals also holds when the key is absent; equality, because another operator or key might not."""
    made = endpoints(stack)
    for name in made.keys() & set(SAGEMAKER):
        assert _statement(made[name], DENIES) == {
            "Effect": "Deny",
            "Action": MINTS,
            "Resource": ["*"],
            "Condition": {"ArnNotEquals": {"aws:PrincipalArn": stack.listed("MintingRoleArns")}},
        }, name
    for name in made.keys() - set(SAGEMAKER):
        assert statements(made[name]["PolicyDocument"], "Deny") == [], name


def by_api(stack: Stack) -> None:
    if "execute-api" in endpoints(stack):
        (found,) = statements(endpoints(stack)["execute-api"]["PolicyDocument"])
        wanted = {stack.arn("execute-api", f"{one}/*") for one in stack.parameters["ApiIds"].split(",")}
        if name := stack.parameters["DomainName"]:
            wanted.add(stack.arn("execute-api", f"/domainnames/{name}+*"))
        assert set(found["Resource"]) - {stack.arn("execute-api", "-/*")} == wanted
        assert {key: found[key] for key in found if key != "Resource"} == {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["execute-api:Invoke"],
        }


def fits(stack: Stack) -> None:
    for name, one in endpoints(stack).items():
        assert len(json.dumps(one["PolicyDocument"])) <= POLICY_LIMIT, name


GUARANTEES: dict[str, Guarantee] = {
    "every endpoint has a policy of the committed statements": named_statements,
    "an endpoint lets our principals reach what is ours, by its own service's actions": for_what_is_ours,
    "an exception is of whom or on what": exceptions,
    "what belongs to AWS is named, and can be read alone": what_aws_offers,
    "minting is denied to all but the minting roles, at each endpoint of SageMaker and nowhere else": denies_minting,
    "the API is reached by its id, whoever calls": by_api,
    "the policies fit the limit of an endpoint": fits,
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_policies(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](network(name))


@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_policies_where_everything_is_made(guarantee: str) -> None:
    GUARANTEES[guarantee](whole())


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    changed = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](changed)
    stack = broken(changed)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)
