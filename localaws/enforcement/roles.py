"""Roles that are not of the template: a minting role in another account, and whoever operates the gate."""

from collections.abc import Sequence
from datetime import UTC
from types import MappingProxyType

from moto.sts.models import sts_backends

from localaws.enforcement.stack import Role
from localaws.policy import Document
from localaws.policy.documents import VERSION
from localaws.records import AssumedRole, record_assumed_role

_POLICY_ACTIONS = ("DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListRolePolicies", "PutRolePolicy")


def minting_role(  # noqa: PLR0913 - what there is to say of a role
    arn: str,
    trusts: str,
    *,
    allows: Sequence[tuple[str, str]],
    endpoints: Sequence[str],
    sts_endpoint: str,
    external_id: str | None = None,
) -> Role:
    """Return a minting role as the template's own, for another account: `trusts` is the ARN of the function's role.

    `allows` are pairs of action and resource, `endpoints` those through which it mints and its URLs are used. With an
    external id, it is assumed with that alone.
    """
    equals = {"aws:SourceVpce": sts_endpoint} | ({} if external_id is None else {"sts:ExternalId": external_id})
    condition = {"StringEquals": equals, "StringLike": {"sts:SourceIdentity": "?*"}}
    trust = _allow(["sts:AssumeRole", "sts:SetSourceIdentity"], Principal={"AWS": trusts}, Condition=condition)
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": list(endpoints)}}
    deny = {"Effect": "Deny", "Action": ["sagemaker:*", "sagemaker-mlflow:*"], "Resource": "*", "Condition": elsewhere}
    mint = [_allow(action, Resource=resource) for action, resource in allows]
    return Role(arn, _document(trust), {"mint": _document(*mint, deny)})


def operator_role(account: str, *roles: str, name: str = "operator") -> Role:
    """Return a role that changes the inline policies of other roles, given by ARN; nobody assumes it through STS."""
    trust = _allow("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
    policies = _allow([f"iam:{action}" for action in _POLICY_ACTIONS], Resource=list(roles))
    return Role(f"arn:aws:iam::{account}:role/{name}", _document(trust), {"revoke": _document(policies)})


def issue(role: Role, region: str, session_name: str = "operator") -> dict[str, str]:
    """Return credentials of a role, as it got them somewhere else: under AWS's names, good for an hour."""
    made = sts_backends[role.account][role.arn.split(":")[1]].assume_role(
        region_name=region,
        role_session_name=session_name,
        role_arn=role.arn,
        policy="",
        duration=3600,
        external_id="",
    )
    asked = MappingProxyType({"RoleArn": role.arn, "RoleSessionName": session_name})
    record_assumed_role(
        role.account, region, AssumedRole(asked, made.access_key_id, "", made.expiration.replace(tzinfo=UTC))
    )
    return {
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "SessionToken": made.session_token,
    }


def _allow(action: str | list[str], **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, **more}


def _document(*statements: object) -> Document:
    return {"Version": VERSION, "Statement": list(statements)}
