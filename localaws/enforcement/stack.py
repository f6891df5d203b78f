"""The roles of a resolved stack, with the policies that bind them, and which of them is the function's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.policy import Document, UnsupportedPolicyError
from localaws.policy.documents import VERSION
from localaws.template import Account

# What is read of a role here, and what changes nothing of what it may do.
_READ = frozenset({"AssumeRolePolicyDocument", "Policies", "RoleName"})
_HARMLESS = frozenset({"Description", "MaxSessionDuration", "Tags"})
# Resources that attach a policy to a role from outside, or bind what passes through an endpoint.
_NOT_READ = ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::EC2::VPCEndpoint")


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its ARN, the trust policy that says who may assume it, and its inline policies by name.

    One that is not of the template, such as a minting role in another account, is given to `enforce` as it is.
    """

    arn: str
    trust: Document
    policies: Mapping[str, Document]

    @property
    def account(self) -> str:
        """The account that it is in."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """Its name without the path, which is unique in its account."""
        return self.arn.rpartition("/")[2]

    def session_arn(self, session_name: str) -> str:
        """Return what AWS calls a session of this role, without the path (IAM user guide, "IAM identifiers")."""
        _, partition, _ = self.arn.split(":", 2)
        return f"arn:{partition}:sts::{self.account}:assumed-role/{self.name}/{session_name}"

    def trust_in_its_account(self, action: str) -> Document:
        """Return the trust policy that leaves an action to the identity policies of whoever asks in its account."""
        _, partition, _ = self.arn.split(":", 2)
        principal = {"AWS": f"arn:{partition}:iam::{self.account}:root"}
        return {"Version": VERSION, "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action}]}


@dataclass(frozen=True, slots=True)
class Function:
    """The one function of the stack, and the role that its own calls are made with."""

    name: str
    arn: str
    role: Role


def roles_of(stack: Mapping[str, Any], account: Account) -> dict[str, Role]:
    """Return the roles of a resolved stack by ARN.

    `UnsupportedPolicyError` for whatever else of the stack could change what a role may do.
    """
    for kind in _NOT_READ:
        if found := sorted(name for name, _ in _every(stack, kind)):
            raise UnsupportedPolicyError(f"{kind} is not read here: {', '.join(found)}")
    roles = [_role(name, properties, account) for name, properties in _every(stack, "AWS::IAM::Role")]
    return {role.arn: role for role in roles}


def function_of(stack: Mapping[str, Any], account: Account) -> Function:
    """Return the one function of a resolved stack; ValueError where there are more, or where its role is not there."""
    ((_, properties),) = _every(stack, "AWS::Lambda::Function")
    roles = roles_of(stack, account)
    if properties["Role"] not in roles:
        raise ValueError(f"the function's role is not in the stack: {properties['Role']}")
    name = properties["FunctionName"]
    arn = f"arn:{account.partition}:lambda:{account.region}:{account.id}:function:{name}"
    return Function(name, arn, roles[properties["Role"]])


def _every(stack: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((name, one["Properties"]) for name, one in stack.items() if one["Type"] == kind)


def _role(logical_id: str, properties: Mapping[str, Any], account: Account) -> Role:
    if unknown := sorted(properties.keys() - _READ - _HARMLESS):
        raise UnsupportedPolicyError(f"role {logical_id}: {', '.join(unknown)} is not read here")
    # As template.py names what has no name of its own.
    name = properties.get("RoleName", f"{account.stack_name}-{logical_id}")
    return Role(
        arn=f"arn:{account.partition}:iam::{account.id}:role/{name}",
        trust=properties["AssumeRolePolicyDocument"],
        policies={policy["PolicyName"]: policy["PolicyDocument"] for policy in properties.get("Policies", ())},
    )
