"""The keys that the stack makes: who may rotate them, by what and how often, and nothing of it where it is unwanted."""

from fnmatch import fnmatchcase

import pytest

from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, inline, statements, variant
from tests.stack.test_reads import url_suffix
from tests.stack.test_roles import LOG_ACTIONS, NETWORK_ACTIONS, STAR_RESOURCE_ACTIONS, about, role

# In seconds: as long as a step of the rotation can take (studio_gate/rotation.py), connections included.
LONGEST_STEP = 4 * (2 + 6)
OF_THE_ROTATION = {
    "SealingKeysSecret",
    "SealingKeysRotation",
    "Rotation",
    "RotationPermission",
    "RotationLogs",
    "RotationRole",
}
ROTATES = sorted(
    f"secretsmanager:{name}"
    for name in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")
)

ENCRYPTS = ["kms:Decrypt", "kms:GenerateDataKey"]


def _secret(stack: Stack) -> str:
    return stack.arn("secretsmanager", f"secret:{stack.account.stack_name}/sealing-keys-a1B2c3")


def _by_its_code(stack: Stack) -> Json:
    arn = stack.arn("lambda", f"function:{stack.account.stack_name}-rotation")
    return {"ArnEquals": {"lambda:SourceFunctionArn": [arn]}}


def made_where_wanted(stack: Stack) -> None:
    assert OF_THE_ROTATION & stack.resources.keys() == (OF_THE_ROTATION if stack.makes_sealing_keys else set())


def rotated_at_once_and_then(stack: Stack) -> None:
    for schedule in stack.every("AWS::SecretsManager::RotationSchedule").values():
        assert schedule == {
            "SecretId": _secret(stack),
            "RotationLambdaARN": stack.arn("lambda", f"function:{stack.account.stack_name}-rotation"),
            # What it is made with is no key.
            "RotateImmediatelyOnUpdate": True,
            "RotationRules": {"AutomaticallyAfterDays": stack.parameters["SealingKeysDays"]},
        }
    # Secrets Manager asks whether it may invoke the function when the schedule is made.
    assert "RotationPermission" in stack.source["Resources"]["SealingKeysRotation"]["DependsOn"]


def kept_under_the_key(stack: Stack) -> None:
    for secret in stack.every("AWS::SecretsManager::Secret").values():
        assert secret["Name"] == f"{stack.account.stack_name}/sealing-keys"
        assert secret.get("KmsKeyId") == (stack.parameters["SecretsKeyArn"] or None)
        assert "SecretString" not in secret


def second_function(stack: Stack) -> None:
    functions = stack.every("AWS::Lambda::Function")
    assert functions.keys() == {"Function"} | ({"Rotation"} if stack.makes_sealing_keys else set())
    for own in (one for name, one in functions.items() if name == "Rotation"):
        assert own["FunctionName"] == f"{stack.account.stack_name}-rotation"
        assert own["Role"] == stack.role_arn(f"{stack.account.stack_name}-RotationRole")
        assert own["LoggingConfig"] == {"LogGroup": f"/aws/lambda/{own['FunctionName']}"}
        alike = ("VpcConfig", "Layers", "Architectures", "Runtime", "Code")
        assert [own.get(name) for name in alike] == [stack.function.get(name) for name in alike]
        # It needs nothing to be told: the secret is in the event.
        assert own["Timeout"] > LONGEST_STEP
        assert "Environment" not in own
    assert stack.every("AWS::Logs::LogGroup").get("RotationLogs", {}).get("LogGroupName") == (
        f"/aws/lambda/{stack.account.stack_name}-rotation" if stack.makes_sealing_keys else None
    )


def invoked_by_secrets_manager(stack: Stack) -> None:
    permissions = {
        name: one
        for name, one in stack.every("AWS::Lambda::Permission").items()
        if one["Principal"] != "apigateway.amazonaws.com"
    }
    expected = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": f"{stack.account.stack_name}-rotation",
        "Principal": "secretsmanager.amazonaws.com",
        "SourceAccount": stack.account.id,
    }
    assert permissions == ({"RotationPermission": expected} if stack.makes_sealing_keys else {})


def rotates_this_secret_alone(stack: Stack) -> None:
    if not stack.makes_sealing_keys:
        return
    own, key = inline(role(stack, "RotationRole")), stack.parameters["SecretsKeyArn"]
    rotates = {"Effect": "Allow", "Action": ROTATES, "Resource": [_secret(stack)], "Condition": _by_its_code(stack)}
    via = {"StringEquals": {"kms:ViaService": [f"secretsmanager.{stack.account.region}.{url_suffix(stack)}"]}}
    encrypts = {
        "Effect": "Allow",
        "Action": ENCRYPTS,
        "Resource": [key],
        "Condition": via,
    }
    assert about("secretsmanager:", own) == [rotates]
    assert about("kms:", own) == ([encrypts] if key else [])
    logs = stack.arn("logs", f"log-group:/aws/lambda/{stack.account.stack_name}-rotation:*")
    assert about("logs:", own) == [{"Effect": "Allow", "Action": sorted(LOG_ACTIONS), "Resource": [logs]}]
    allowed = {action for one in own if one["Effect"] == "Allow" for action in one["Action"]}
    network = NETWORK_ACTIONS | STAR_RESOURCE_ACTIONS["RotationRole"]
    assert allowed == {*ROTATES, *LOG_ACTIONS, *network, *(ENCRYPTS if key else ())}


def rotation_has_no_network_by_code(stack: Stack) -> None:
    if not stack.makes_sealing_keys:
        return
    own = role(stack, "RotationRole")
    allows = [one for one in inline(own, "Allow") if NETWORK_ACTIONS & set(one["Action"])]
    assert allows == [{"Effect": "Allow", "Action": sorted(NETWORK_ACTIONS), "Resource": [stack.arn("ec2", "*/*")]}]
    denies = inline(own, "Deny")
    assert [(one["Resource"], one.get("Condition")) for one in denies] == [(["*"], _by_its_code(stack))]
    network = NETWORK_ACTIONS | STAR_RESOURCE_ACTIONS["RotationRole"]
    assert [one for one in network if not any(fnmatchcase(one, pattern) for pattern in denies[0]["Action"])] == []


def rotation_for_lambda_alone(stack: Stack) -> None:
    trusted = {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    for name, one in stack.every("AWS::IAM::Role").items():
        assert name != "RotationRole" or statements(one["AssumeRolePolicyDocument"]) == [trusted]


GUARANTEES: dict[str, Guarantee] = {
    "what makes and rotates sealing keys is there where it is wanted, and nowhere else": made_where_wanted,
    "the keys are made at once and rotated on the given days": rotated_at_once_and_then,
    "the keys are a secret of the stack's name, under the given key": kept_under_the_key,
    "the rotation is a second function beside the gate's, with a role and logs of its own": second_function,
    "Secrets Manager alone invokes the rotation, for this account": invoked_by_secrets_manager,
    "the rotation's own code reads and writes this secret, and nothing else": rotates_this_secret_alone,
    "what Lambda may do with EC2 is denied to the rotation's own code": rotation_has_no_network_by_code,
    "Lambda alone may use the rotation's role": rotation_for_lambda_alone,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_rotation(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
