"""What the gate may do, and what a presigned URL may do: the function's role and the minting role."""

from fnmatch import fnmatchcase

import pytest

from tests.stack.given import IN_CHINA
from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, fits, inline, policies, statements, variant

# The actions allowed on Resource "*", by role: those that know no resource ("Service Authorization Reference", EC2,
# X-Ray, SageMaker, SageMaker with MLflow). Each new one is a decision, so it is added here by hand.
STAR_RESOURCE_ACTIONS = {
    "FunctionRole": {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    },
    # They tell the names of what is in any domain of the account and region, and nothing of what is inside.
    "DirectoryRole": {"sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"},
    "DeploymentRole": set(),
    "RotationRole": {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"},
    # With tracking servers. Which one is said by the URL; what is done in it is allowed on its ARN alone.
    "MintingRole": {"sagemaker-mlflow:AccessUI"},
    "ProfileMakingRole": set(),
}
TRACING_ACTIONS = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# The wildcard actions that are allowed: MLflow's user interface does whatever MLflow can, each an action of its own.
STAR_ACTIONS = {"sagemaker-mlflow:*"}
# What Lambda does with the function's role ("Giving Lambda functions access to resources in a VPC", execution role).
NETWORK_ACTIONS = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
}
LOG_ACTIONS = {"logs:CreateLogStream", "logs:PutLogEvents"}
SECRET_ACTIONS = {"secretsmanager:GetSecretValue", "ssm:GetParameter"}
CONFIG_ACTIONS = {"appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"}
ASSUME_ACTIONS = {"sts:AssumeRole", "sts:SetSourceIdentity"}
# In seconds; what STS caps a session at when one role assumes another.
CHAINED_SESSION = 3600


def role(stack: Stack, name: str) -> Json:
    found: Json = stack.every("AWS::IAM::Role").get(name, {"Policies": []})
    return found


def own_role(stack: Stack, purpose: str) -> str:
    return stack.role_arn(f"{stack.account.stack_name}-{purpose}")


def function_role(stack: Stack) -> list[Json]:
    return inline(role(stack, "FunctionRole"))


def _minting_role(stack: Stack) -> list[Json]:
    return inline(role(stack, "MintingRole"))


def sts_endpoint(stack: Stack) -> dict[str, list[str]]:
    return {"aws:SourceVpce": [stack.parameters["StsEndpointId"]]}


def function_arn(stack: Stack) -> dict[str, list[str]]:
    """Without the alias: whichever version runs, the key holds the function's own ARN."""
    return {"lambda:SourceFunctionArn": [stack.arn("lambda", f"function:{stack.function['FunctionName']}")]}


def stars_of(stack: Stack, name: str) -> set[str]:
    """The actions on * of a role, in this stack: X-Ray is not to be had in China, and MLflow not always there."""
    stars = set(STAR_RESOURCE_ACTIONS[name])
    if stack.account.partition == IN_CHINA.partition:
        stars -= TRACING_ACTIONS
    return stars if name != "MintingRole" or stack.listed("TrackingServerArns") else set()


def about(prefix: str, found: list[Json]) -> list[Json]:
    return [one for one in found if any(action.startswith(prefix) for action in one["Action"])]


def roles_of_the_stack(stack: Stack) -> None:
    iam = {name: one for name, one in stack.resources.items() if one["Type"].startswith("AWS::IAM::")}
    expected = ["FunctionRole", "MintingRole", "DirectoryRole", "DeploymentRole"]
    expected += ["RotationRole"] if stack.makes_sealing_keys else []
    expected += ["ProfileMakingRole"] if stack.listed("ProfileExecutionRoleArns") else []
    assert {name: one["Type"] for name, one in iam.items()} == dict.fromkeys(expected, "AWS::IAM::Role")
    assert all("ManagedPolicyArns" not in one["Properties"] for one in iam.values())
    function = stack.function
    assert function["Role"] == stack.role_arn(f"{stack.account.stack_name}-FunctionRole")


def plain_statements(stack: Stack) -> None:
    for one in (statement for policy in policies(stack) for statement in statements(policy)):
        assert {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(one)
        assert one["Effect"] == "Deny" or {action for action in one["Action"] if "*" in action} <= STAR_ACTIONS


def committed_stars(stack: Stack) -> None:
    for name, one in stack.every("AWS::IAM::Role").items():
        stars = [statement for statement in inline(one, "Allow") if "*" in statement["Resource"]]
        assert {action for statement in stars for action in statement["Action"]} == stars_of(stack, name)


def only_these_actions(stack: Stack) -> None:
    allows = inline(role(stack, "FunctionRole"), "Allow")
    expected = stars_of(stack, "FunctionRole") | NETWORK_ACTIONS | LOG_ACTIONS | ASSUME_ACTIONS
    expected |= SECRET_ACTIONS if stack.listed("SecretArns") else set()
    expected |= {"secretsmanager:GetSecretValue"} if stack.makes_sealing_keys else set()
    if (stack.listed("SecretArns") or stack.makes_sealing_keys) and stack.parameters["SecretsKeyArn"]:
        expected |= {"kms:Decrypt"}
    if stack.parameters["ConfigSource"]:
        expected |= CONFIG_ACTIONS
    assert {action for one in allows for action in one["Action"]} == expected


def assumes_the_given_roles(stack: Stack) -> None:
    others, makes = sorted(stack.listed("OtherRoleArns")), bool(stack.listed("ProfileExecutionRoleArns"))
    named = [[own_role(stack, "minting")], [own_role(stack, "profile-making")] * makes, others]
    through = {"Effect": "Allow", "Condition": {"StringEquals": sts_endpoint(stack)}}
    for_somebody = [through | {"Action": sorted(ASSUME_ACTIONS), "Resource": arns} for arns in named if arns]
    directory = through | {"Action": ["sts:AssumeRole"], "Resource": [own_role(stack, "directory")]}
    found = about("sts:", inline(role(stack, "FunctionRole"), "Allow"))
    assert sorted(found, key=str) == sorted([*for_somebody, directory], key=str)
    assert all("*" not in arn and "?" not in arn for one in found for arn in one["Resource"])


def sts_by_this_function_alone(stack: Stack) -> None:
    """ArnNotEquals also holds when the key is absent; equality, because another operator or key might not."""
    assert about("sts:", inline(role(stack, "FunctionRole"), "Deny")) == [
        {
            "Effect": "Deny",
            "Action": ["sts:*"],
            "Resource": ["*"],
            "Condition": {"ArnNotEquals": function_arn(stack)},
        }
    ]


def network_of_its_own(stack: Stack) -> None:
    resources = [stack.arn("ec2", "*/*")]
    named = [one for one in inline(role(stack, "FunctionRole"), "Allow") if NETWORK_ACTIONS & set(one["Action"])]
    assert named == [{"Effect": "Allow", "Action": sorted(NETWORK_ACTIONS), "Resource": resources}]


def logs_of_its_own(stack: Stack) -> None:
    streams = stack.arn("logs", f"log-group:/aws/lambda/{stack.account.stack_name}:*")
    assert about("logs:", function_role(stack)) == [
        {"Effect": "Allow", "Action": sorted(LOG_ACTIONS), "Resource": [streams]}
    ]


def network_not_by_code(stack: Stack) -> None:
    """Source: Lambda developer guide, "Using source function ARN to control function access behavior"."""
    by_code = {"ArnEquals": function_arn(stack)}
    denies = inline(role(stack, "FunctionRole"), "Deny")
    binding = [one for one in denies if one["Resource"] == ["*"] and one.get("Condition") == by_code]
    patterns = [pattern for one in binding for pattern in one["Action"]]
    allowed = {action for one in function_role(stack) if one["Effect"] == "Allow" for action in one["Action"]}
    network = [action for action in allowed if action.startswith("ec2:")]
    assert [action for action in network if not any(fnmatchcase(action, pattern) for pattern in patterns)] == []
    # One without that condition would stop Lambda too; the one on STS alone has a guarantee of its own.
    assert binding == [one for one in denies if one["Action"] != ["sts:*"]]


def lambda_alone(stack: Stack) -> None:
    assert statements(role(stack, "FunctionRole")["AssumeRolePolicyDocument"]) == [
        {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    ]


def trusts_the_function(stack: Stack) -> None:
    assert statements(role(stack, "MintingRole")["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [stack.function["Role"]]},
            "Action": sorted(ASSUME_ACTIONS),
            "Condition": {"StringEquals": sts_endpoint(stack), "StringLike": {"sts:SourceIdentity": ["?*"]}},
        }
    ]


def mints_what_is_given(stack: Stack) -> None:
    servers = stack.listed("TrackingServerArns")
    expected = [
        (["sagemaker:CreatePresignedDomainUrl"], stack.listed("StudioProfileArns")),
        (["sagemaker:CreatePresignedNotebookInstanceUrl"], stack.listed("NotebookArns")),
        (["sagemaker-mlflow:*", "sagemaker:CreatePresignedMlflowTrackingServerUrl"], servers),
        (["sagemaker-mlflow:AccessUI"], ["*"] if servers else []),
    ]
    assert [one for one in _minting_role(stack) if one["Effect"] == "Allow"] == [
        {"Effect": "Allow", "Action": actions, "Resource": sorted(arns)} for actions, arns in expected if arns
    ]


def domains_not_patterns(stack: Stack) -> None:
    allows = [one for one in _minting_role(stack) if one["Effect"] == "Allow"]
    for arn in (arn for one in allows if one["Action"] != ["sagemaker-mlflow:AccessUI"] for arn in one["Resource"]):
        if ":user-profile/" not in arn:
            assert arn.startswith((stack.arn("sagemaker", "notebook-instance/"), stack.arn("sagemaker", "mlflow-")))
            assert "*" not in arn, arn
            continue
        domain, _, profile = arn.rpartition("/")
        assert domain.startswith(stack.arn("sagemaker", "user-profile/d-")), arn
        assert "*" not in domain, arn
        assert "?" not in domain, arn
        assert profile == "*", arn


def denied_elsewhere(stack: Stack) -> None:
    """StringNotEquals also holds when the key is absent; equality, because another operator or key might not."""
    endpoints = [stack.parameters["SageMakerApiEndpointId"], stack.parameters["StudioEndpointId"]]
    endpoints += stack.listed("UseEndpointIds")
    assert [one for one in _minting_role(stack) if one["Effect"] == "Deny"] == [
        {
            "Effect": "Deny",
            "Action": ["sagemaker-mlflow:*", "sagemaker:*"],
            "Resource": ["*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": endpoints}},
        }
    ]


def short_sessions(stack: Stack) -> None:
    services = {"DeploymentRole", "FunctionRole", "RotationRole"}
    assumed = {name: one for name, one in stack.every("AWS::IAM::Role").items() if name not in services}
    assert {name: int(one.get("MaxSessionDuration", 0)) for name, one in assumed.items()} == dict.fromkeys(
        assumed, CHAINED_SESSION
    )


GUARANTEES: dict[str, Guarantee] = {
    "the stack's identities are its own roles, with inline policies alone": roles_of_the_stack,
    "no policy allows by exception, or by wildcard action but MLflow's": plain_statements,
    "Resource * goes with the committed list of actions alone": committed_stars,
    "the function may attach to the VPC, log, trace, assume and read what it is given, and nothing else": (
        only_these_actions
    ),
    "the function can assume the given roles alone, through the STS endpoint alone": assumes_the_given_roles,
    "STS is denied to whatever has the function's role and is not the function's own code": sts_by_this_function_alone,
    "network interfaces are made in the stack's own account and region": network_of_its_own,
    "the function writes to its own log group alone": logs_of_its_own,
    "what Lambda may do with EC2 is denied to the function's own code": network_not_by_code,
    "Lambda alone may use the function's role": lambda_alone,
    "the minting role trusts the function, through the STS endpoint, for somebody": trusts_the_function,
    "the minting role may create presigned URLs for what is given, and nothing else": mints_what_is_given,
    "the minting role names each domain, notebook and tracking server in full": domains_not_patterns,
    "the minting role is denied SageMaker and MLflow but through its endpoints, by one Deny": denied_elsewhere,
    "no session lasts longer than role chaining allows": short_sessions,
    "the policies fit IAM's limits": fits,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_roles(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
