"""What a role of a stack may do: its own policies, the stack's and AWS's managed ones, evaluated as IAM would."""

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

from localaws.physical import Made
from localaws.policy import Ask, Document, Policies, Verdict, evaluate
from tests.stack.stacks import Json, Stack


def role(stack: Stack, name: str) -> Json:
    """Return the properties of a role of the stack."""
    found: Json = stack.every("AWS::IAM::Role")[name]
    return found


def documents(stack: Stack, name: str) -> tuple[Document, ...]:
    """Return every policy document of a role of the stack; `KeyError` for a managed policy that nobody knows."""
    own = {
        Made(stack.account, logical, "AWS::IAM::ManagedPolicy", one.get).id: one["PolicyDocument"]
        for logical, one in stack.every("AWS::IAM::ManagedPolicy").items()
    }
    found = role(stack, name)
    managed = [own[arn] if arn in own else _of_aws(arn) for arn in found.get("ManagedPolicyArns", [])]
    return (*managed, *(one["PolicyDocument"] for one in found.get("Policies", [])))


def decide(stack: Stack, name: str, action: str, resource: str, **context: str) -> Verdict:
    """Return the decision on a request by a session of a role of the stack; a key's colon is written as two lines.

    A role that it would assume trusts the whole account.
    """
    account = stack.account
    session = f"arn:{account.partition}:sts::{account.id}:assumed-role/{name}/session"
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    everybody = {"AWS": f"arn:{account.partition}:iam::{account.id}:root"}
    trust = {"Effect": "Allow", "Principal": everybody, "Action": "sts:AssumeRole"}
    trusts = {"Version": "2012-10-17", "Statement": [trust]} if action == "sts:AssumeRole" else None
    policies = Policies(documents(stack, name), resource=trusts)
    return evaluate(Ask(action, resource, session, keys), policies, resource_account=account.id)


def assumes(stack: Stack, name: str, who: str | None, action: str = "sts:AssumeRole", **context: str) -> Verdict:
    """Return the decision on a request of somebody, such as a service, for a session of a role of the stack."""
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    policies = Policies(resource=role(stack, name)["AssumeRolePolicyDocument"])
    return evaluate(Ask(action, stack.role_arn(name), who, keys), policies, resource_account=stack.account.id)


@cache
def _of_aws(arn: str) -> dict[str, Any]:
    """A policy of AWS's, as it was when the library that keeps a copy was made."""
    document: dict[str, Any] = json.loads(aws_managed_policies_data)[arn.rpartition("/")[2]]["Document"]
    return document
