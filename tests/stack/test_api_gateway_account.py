"""The account's role for API Gateway's logs: one setting and one role, which outlive their stack."""

import copy
from collections.abc import Callable
from functools import cache

import pytest

from localaws import template
from tests.stack.mutations import add, new, put, put_beside
from tests.stack.stacks import ELSEWHERE, HERE, ROOT, Json, Stack, create, statements

FILE = ROOT / "stacks" / "api-gateway-account.yaml"
BROKEN = {
    "a policy of its own besides": put("Role/Policies", [{"PolicyName": "more"}]),
    "another managed policy": add("Role/ManagedPolicyArns", "arn:aws:iam::aws:policy/AdministratorAccess"),
    "another service": put("Role/AssumeRolePolicyDocument/Statement/0/Principal", {"Service": "lambda.amazonaws.com"}),
    "everybody": put("Role/AssumeRolePolicyDocument/Statement/0/Principal", "*"),
    "another role": put("Account/CloudWatchRoleArn", "arn:aws:iam::111122223333:role/other"),
    "a third resource": new("More", "AWS::SNS::Topic", {}),
    "a boundary of its own": put("Role/PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"),
    "the role goes with the stack": put_beside("Role", "DeletionPolicy", "Delete"),
    "the setting goes with the stack": put_beside("Account", "DeletionPolicy", "Delete"),
}


@cache
def _committed() -> Json:
    return template.load(FILE)


def _sound(stack: Stack) -> None:
    role, account = stack.only("AWS::IAM::Role"), stack.only("AWS::ApiGateway::Account")
    assert len(stack.resources) == len(stack.source["Resources"]) == 2
    boundary = stack.parameters["PermissionsBoundaryArn"]
    bounded = {"PermissionsBoundary": boundary} if boundary else {}
    assert role.keys() == {"Description", "AssumeRolePolicyDocument", "ManagedPolicyArns"} | bounded.keys()
    assert bounded.items() <= role.items()
    service = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    assert role["ManagedPolicyArns"] == [f"arn:{stack.account.partition}:iam::aws:policy/{service}"]
    assert statements(role["AssumeRolePolicyDocument"]) == [
        {"Effect": "Allow", "Principal": {"Service": ["apigateway.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    ]
    assert account == {"CloudWatchRoleArn": stack.role_arn(f"{stack.account.stack_name}-Role")}
    for one in stack.source["Resources"].values():
        assert (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) == ("Retain", "Retain")


@pytest.mark.parametrize("account", [HERE, ELSEWHERE], ids=lambda one: one.partition)
@pytest.mark.parametrize("boundary", ["", "arn:aws:iam::111122223333:policy/bounds"], ids=["free", "bounded"])
def test_api_gateway_writes_logs_with_a_role_of_its_own(account: template.Account, boundary: str) -> None:
    _sound(create(_committed(), {"PermissionsBoundaryArn": boundary}, account))


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_noticed(change: Callable[[Json], None]) -> None:
    broken = copy.deepcopy(_committed())
    change(broken)
    with pytest.raises(AssertionError):
        _sound(create(broken, {}))
