"""What the roles of rotation and deployment must and must not be allowed, written by hand."""

import pytest

from tests.policy.rotation import (
    GATE,
    INTERFACE,
    KEY,
    LIVE,
    MINTING,
    OTHER,
    OWN,
    ROTATION,
    VIA_MANAGER,
    VIA_SSM,
    by,
    rotating,
)
from tests.policy.world import Case

READ, WRITE = "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"
EXPECTED: dict[str, tuple[Case, bool]] = {
    "the rotation reads the keys": (by("RotationRole", READ, OWN, ROTATION), True),
    "the rotation writes the keys": (by("RotationRole", WRITE, OWN, ROTATION), True),
    "the rotation says which keys count": (
        by("RotationRole", "secretsmanager:UpdateSecretVersionStage", OWN, ROTATION),
        True,
    ),
    "its key encrypts for Secrets Manager": (by("RotationRole", "kms:GenerateDataKey", KEY, via=VIA_MANAGER), True),
    "Lambda attaches it to the VPC": (by("RotationRole", "ec2:CreateNetworkInterface", INTERFACE), True),
    "the gate reads the keys": (by("FunctionRole", READ, OWN, GATE), True),
    "CodeDeploy moves the alias": (by("DeploymentRole", "lambda:UpdateAlias", LIVE), True),
    "the rotation reads no other secret": (by("RotationRole", READ, OTHER, ROTATION), False),
    "the rotation deletes nothing": (by("RotationRole", "secretsmanager:DeleteSecret", OWN, ROTATION), False),
    "other code with its role reads nothing": (by("RotationRole", READ, OWN, GATE), False),
    "its role reads nothing but by code": (by("RotationRole", READ, OWN), False),
    "its code makes no network interfaces": (
        by("RotationRole", "ec2:CreateNetworkInterface", INTERFACE, ROTATION),
        False,
    ),
    "the rotation mints nothing": (by("RotationRole", "sts:AssumeRole", MINTING, ROTATION), False),
    "its key encrypts for nobody else": (by("RotationRole", "kms:GenerateDataKey", KEY, via=VIA_SSM), False),
    "the gate writes no keys": (by("FunctionRole", WRITE, OWN, GATE), False),
    "the rotation's code with the gate's role reads nothing": (by("FunctionRole", READ, OWN, ROTATION), False),
    "CodeDeploy moves no alias of the rotation": (
        by("DeploymentRole", "lambda:UpdateAlias", LIVE.replace(":live", "-rotation")),
        False,
    ),
    "CodeDeploy changes no code": (
        by("DeploymentRole", "lambda:UpdateFunctionCode", LIVE.removesuffix(":live")),
        False,
    ),
    "CodeDeploy invokes nothing": (by("DeploymentRole", "lambda:InvokeFunction", LIVE), False),
}


@pytest.mark.parametrize(("case", "allowed"), EXPECTED.values(), ids=EXPECTED)
def test_what_must_come_of_it(case: Case, allowed: bool) -> None:  # noqa: FBT001 - a column
    assert case.verdict().allowed is allowed


def test_little_of_all_is_allowed() -> None:
    cases = list(rotating())
    assert len(cases) > 100
    assert 0 < sum(case.verdict().allowed for case in cases) < len(cases) / 4
