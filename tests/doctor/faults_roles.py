"""What can be wrong with the gate's roles: a row each."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from studio_gate_cli import revocations
from studio_gate_cli.revocations import Revocation
from tests.doctor.faults_network import Row
from tests.doctor.nets import Json, World
from tests.doctor.world import role_name

_NOW = datetime(2026, 11, 24, tzinfo=UTC)
type Change = Callable[[World], Any]


def _name(logical: str) -> Callable[[World], str]:
    return lambda world: role_name(world, logical)


def _trust(logical: str, change: Callable[[Json], object]) -> Change:
    """Change the one statement of a role's trust policy."""

    def changed(world: World) -> None:
        document = json.loads(json.dumps(world.resources[logical]["Properties"]["AssumeRolePolicyDocument"]))
        change(document["Statement"][0])
        world.client("iam").update_assume_role_policy(
            RoleName=role_name(world, logical), PolicyDocument=json.dumps(document)
        )

    return changed


def _policy(logical: str, change: Callable[[World, list[Json]], object]) -> Change:
    """Change the statements of a role's one inline policy."""

    def changed(world: World) -> None:
        (policy,) = world.resources[logical]["Properties"]["Policies"]
        document = json.loads(json.dumps(policy["PolicyDocument"]))
        change(world, document["Statement"])
        world.client("iam").put_role_policy(
            RoleName=role_name(world, logical),
            PolicyName=policy["PolicyName"],
            PolicyDocument=json.dumps(document),
        )

    return changed


def _gone(logical: str) -> Change:
    def changed(world: World) -> None:
        iam, name = world.client("iam"), role_name(world, logical)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)

    return changed


def _deny(statements: list[Json]) -> Json:
    (found,) = [one for one in statements if one["Sid"].startswith("DenyOutsideTheEndpoint")]
    return found


def _one_deny_each(world: World, statements: list[Json]) -> None:
    deny = _deny(statements)
    statements.remove(deny)
    for name in ("sagemaker.api", "studio"):
        condition = {"StringNotEquals": {"aws:SourceVpce": world.endpoints[name]}}
        statements.append(deny | {"Sid": f"Deny{name.replace('.', '')}", "Condition": condition})


def _only_minting(world: World, statements: list[Json]) -> None:
    _deny(statements)["Condition"] = {"StringNotEquals": {"aws:SourceVpce": [world.endpoints["sagemaker.api"]]}}


def _without(start: str) -> Callable[[World, list[Json]], object]:
    def changed(_: World, statements: list[Json]) -> None:
        statements[:] = [one for one in statements if not one["Sid"].startswith(start)]

    return changed


def _bounded(world: World) -> None:
    iam, statement = world.client("iam"), {"Effect": "Allow", "Action": ["s3:*", "sagemaker:Desc*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=role_name(world, "MintingRole"), PermissionsBoundary=arn)


def _denied_by_attached(world: World) -> None:
    statement = {"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = world.client("iam")
    arn = iam.create_policy(PolicyName="quarantine", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role_name(world, "MintingRole"), PolicyArn=arn)


def _revoked(revocation: Revocation) -> Change:
    return lambda world: world.client("iam").put_role_policy(
        RoleName=role_name(world, "MintingRole"),
        PolicyName=revocations.PREFIX + revocation.name,
        PolicyDocument=revocation.policy(_NOW),
    )


ROWS = {
    "a minting role that somebody deleted": Row("role-missing", _name("MintingRole"), _gone("MintingRole")),
    "a role of the function's that somebody deleted": Row("role-missing", _name("FunctionRole"), _gone("FunctionRole")),
    "a trust policy that names a role which was made anew": Row(
        "trust-refuses-function",
        _name("MintingRole"),
        _trust("MintingRole", lambda one: one.update(Principal={"AWS": "AROAEXAMPLEOFBEFORE01"})),
    ),
    "a trust policy that names another endpoint": Row(
        "trust-refuses-function",
        _name("DirectoryRole"),
        _trust("DirectoryRole", lambda one: one["Condition"]["StringEquals"].update({"aws:SourceVpce": "vpce-0bad"})),
    ),
    "a trust policy without its condition": Row(
        "trust-open-elsewhere", _name("MintingRole"), _trust("MintingRole", lambda one: one.pop("Condition"))
    ),
    "a function that may not assume the minting role, but be trusted": Row(
        "function-may-not-assume", _name("FunctionRole"), _policy("FunctionRole", _without("AssumeTheMintingRole"))
    ),
    "two Denies with one endpoint each": Row(
        "role-refused-through-endpoint", _name("MintingRole"), _policy("MintingRole", _one_deny_each)
    ),
    "a Deny that forgot the studio endpoint": Row(
        "role-refused-through-endpoint", _name("MintingRole"), _policy("MintingRole", _only_minting)
    ),
    "an attached policy that denies minting": Row(
        "role-refused-through-endpoint", _name("MintingRole"), _denied_by_attached
    ),
    "a directory role that may not look at profiles": Row(
        "role-refused-through-endpoint",
        _name("DirectoryRole"),
        _policy("DirectoryRole", _without("LookAtTheProfiles")),
    ),
    "a minting role without its Deny": Row(
        "role-allowed-elsewhere", _name("MintingRole"), _policy("MintingRole", _without("DenyOutside"))
    ),
    "a boundary that knows no minting": Row("boundary-refuses", _name("MintingRole"), _bounded),
    "a revocation of everybody": Row("everybody-revoked", _name("MintingRole"), _revoked(revocations.EVERYBODY)),
    "a revocation of somebody": Row(
        "revoked", _name("MintingRole"), _revoked(Revocation.of_caller("corp:mallory", "mallory")), status=0
    ),
}
