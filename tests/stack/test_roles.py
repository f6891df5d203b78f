"""What the gate may do, and what a presigned URL may do: the two roles."""

import json
from fnmatch import fnmatchcase

import pytest

from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, inline, policies, statements, variant

# The actions allowed on Resource "*": those that know no resource ("Service Authorization Reference", EC2 and X-Ray).
# Each new one is a decision, so it is added here by hand.
STAR_RESOURCE_ACTIONS = {
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
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
# "IAM and AWS STS quotas": characters of all inline policies of a role, and of its trust policy; white space is free.
INLINE_LIMIT, TRUST_LIMIT = 10_240, 2_048
# In seconds; what STS caps a session at when one role assumes another.
CHAINED_SESSION = 3600


def _role(stack: Stack, name: str) -> Json:
    role: Json = stack.every("AWS::IAM::Role").get(name, {"Policies": []})
    return role


def _function_role(stack: Stack) -> list[Json]:
    return inline(_role(stack, "FunctionRole"))


def _minting_role(stack: Stack) -> list[Json]:
    return inline(_role(stack, "MintingRole"))


def _sts_endpoint(stack: Stack) -> dict[str, list[str]]:
    return {"aws:SourceVpce": [stack.parameters["StsEndpointId"]]}


def _function_arn(stack: Stack) -> dict[str, list[str]]:
    return {
        "lambda:SourceFunctionArn": [
            stack.arn("lambda", f"function:{stack.only('AWS::Lambda::Function')['FunctionName']}")
        ]
    }


def _about(prefix: str, found: list[Json]) -> list[Json]:
    return [one for one in found if any(action.startswith(prefix) for action in one["Action"])]


def two_roles(stack: Stack) -> None:
    iam = {name: one for name, one in stack.resources.items() if one["Type"].startswith("AWS::IAM::")}
    assert {name: one["Type"] for name, one in iam.items()} == dict.fromkeys(
        ("FunctionRole", "MintingRole"), "AWS::IAM::Role"
    )
    assert all("ManagedPolicyArns" not in one["Properties"] for one in iam.values())
    function = stack.only("AWS::Lambda::Function")
    assert function["Role"] == stack.role_arn(f"{stack.account.stack_name}-FunctionRole")


def plain_statements(stack: Stack) -> None:
    for one in (statement for policy in policies(stack) for statement in statements(policy)):
        assert {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(one)
        assert one["Effect"] == "Deny" or not any("*" in action for action in one["Action"])


def committed_stars(stack: Stack) -> None:
    allows = [one for role in stack.every("AWS::IAM::Role").values() for one in inline(role, "Allow")]
    assert {action for one in allows if "*" in one["Resource"] for action in one["Action"]} == STAR_RESOURCE_ACTIONS


def only_these_actions(stack: Stack) -> None:
    allows = inline(_role(stack, "FunctionRole"), "Allow")
    expected = STAR_RESOURCE_ACTIONS | NETWORK_ACTIONS | LOG_ACTIONS | ASSUME_ACTIONS
    if stack.listed("SecretArns"):
        expected |= SECRET_ACTIONS | ({"kms:Decrypt"} if stack.parameters["SecretsKeyArn"] else set())
    if stack.parameters["ConfigSource"]:
        expected |= CONFIG_ACTIONS
    assert sorted(action for one in allows for action in one["Action"]) == sorted(expected)


def assumes_the_minting_role(stack: Stack) -> None:
    assert _about("sts:", inline(_role(stack, "FunctionRole"), "Allow")) == [
        {
            "Effect": "Allow",
            "Action": sorted(ASSUME_ACTIONS),
            "Resource": [stack.role_arn(f"{stack.account.stack_name}-minting")],
            "Condition": {"StringEquals": _sts_endpoint(stack)},
        }
    ]


def sts_by_this_function_alone(stack: Stack) -> None:
    """ArnNotEquals also holds when the key is absent; equality, because another operator or key might not."""
    assert _about("sts:", inline(_role(stack, "FunctionRole"), "Deny")) == [
        {
            "Effect": "Deny",
            "Action": ["sts:*"],
            "Resource": ["*"],
            "Condition": {"ArnNotEquals": _function_arn(stack)},
        }
    ]


def reads_the_given_secrets(stack: Stack) -> None:
    """ArnEquals does not hold when the key is absent; equality, because another operator or key might."""
    arns = sorted(stack.listed("SecretArns"))
    reads = {
        "Effect": "Allow",
        "Action": sorted(SECRET_ACTIONS),
        "Resource": arns,
        "Condition": {"ArnEquals": _function_arn(stack)},
    }
    found = [one for service in ("secretsmanager:", "ssm:") for one in _about(service, _function_role(stack))]
    assert found == ([reads, reads] if arns else [])
    assert all("*" not in arn for one in found for arn in one["Resource"])


def reads_the_given_configuration(stack: Stack) -> None:
    """Equality, as for the secrets: who could read another, or with other code, could be told who may open what."""
    expected = []
    if source := stack.parameters["ConfigSource"]:
        application, environment, profile = source.removeprefix("appconfig:").split("/")
        path = f"application/{application}/environment/{environment}/configuration/{profile}"
        reads = {"Effect": "Allow", "Action": sorted(CONFIG_ACTIONS), "Resource": [stack.arn("appconfig", path)]}
        expected = [reads | {"Condition": {"ArnEquals": _function_arn(stack)}}]
    assert _about("appconfig:", _function_role(stack)) == expected


def decrypts_secrets_alone(stack: Stack) -> None:
    """Through the two services alone, so that the key opens nothing else that it was used for."""
    services = [f"{name}.{stack.account.region}.amazonaws.com" for name in ("secretsmanager", "ssm")]
    key = stack.parameters["SecretsKeyArn"]
    decrypts = {
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": [key],
        "Condition": {"StringEquals": {"kms:ViaService": services}},
    }
    assert _about("kms:", _function_role(stack)) == ([decrypts] if key and stack.listed("SecretArns") else [])


def network_of_its_own(stack: Stack) -> None:
    resources = [stack.arn("ec2", "*/*")]
    named = [one for one in inline(_role(stack, "FunctionRole"), "Allow") if NETWORK_ACTIONS & set(one["Action"])]
    assert named == [{"Effect": "Allow", "Action": sorted(NETWORK_ACTIONS), "Resource": resources}]


def logs_of_its_own(stack: Stack) -> None:
    streams = stack.arn("logs", f"log-group:{stack.only('AWS::Logs::LogGroup')['LogGroupName']}:*")
    assert _about("logs:", _function_role(stack)) == [
        {"Effect": "Allow", "Action": sorted(LOG_ACTIONS), "Resource": [streams]}
    ]


def network_not_by_code(stack: Stack) -> None:
    """Source: Lambda developer guide, "Using source function ARN to control function access behavior"."""
    by_code = {"ArnEquals": _function_arn(stack)}
    denies = inline(_role(stack, "FunctionRole"), "Deny")
    binding = [one for one in denies if one["Resource"] == ["*"] and one.get("Condition") == by_code]
    patterns = [pattern for one in binding for pattern in one["Action"]]
    allowed = {action for one in _function_role(stack) if one["Effect"] == "Allow" for action in one["Action"]}
    network = [action for action in allowed if action.startswith("ec2:")]
    assert [action for action in network if not any(fnmatchcase(action, pattern) for pattern in patterns)] == []
    # One without that condition would stop Lambda too; the one on STS alone has a guarantee of its own.
    assert binding == [one for one in denies if one["Action"] != ["sts:*"]]


def lambda_alone(stack: Stack) -> None:
    assert statements(_role(stack, "FunctionRole")["AssumeRolePolicyDocument"]) == [
        {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}
    ]


def trusts_the_function(stack: Stack) -> None:
    assert statements(_role(stack, "MintingRole")["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [stack.only("AWS::Lambda::Function")["Role"]]},
            "Action": sorted(ASSUME_ACTIONS),
            "Condition": {"StringEquals": _sts_endpoint(stack), "StringLike": {"sts:SourceIdentity": ["?*"]}},
        }
    ]


def mints_for_the_domains(stack: Stack) -> None:
    assert [one for one in _minting_role(stack) if one["Effect"] == "Allow"] == [
        {
            "Effect": "Allow",
            "Action": ["sagemaker:CreatePresignedDomainUrl"],
            "Resource": sorted(stack.listed("StudioProfileArns")),
        }
    ]


def domains_not_patterns(stack: Stack) -> None:
    allowed = [arn for one in _minting_role(stack) if one["Effect"] == "Allow" for arn in one["Resource"]]
    for arn in allowed:
        domain, _, profile = arn.rpartition("/")
        assert domain.startswith(stack.arn("sagemaker", "user-profile/d-")), arn
        assert "*" not in domain, arn
        assert "?" not in domain, arn
        assert profile == "*", arn


def denied_elsewhere(stack: Stack) -> None:
    """StringNotEquals also holds when the key is absent; equality, because another operator or key might not."""
    endpoints = [stack.parameters["SageMakerApiEndpointId"], stack.parameters["StudioEndpointId"]]
    assert [one for one in _minting_role(stack) if one["Effect"] == "Deny"] == [
        {
            "Effect": "Deny",
            "Action": ["sagemaker:*"],
            "Resource": ["*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": endpoints}},
        }
    ]


def short_sessions(stack: Stack) -> None:
    assert int(_role(stack, "MintingRole").get("MaxSessionDuration", 0)) == CHAINED_SESSION


def fits(stack: Stack) -> None:
    for role in stack.every("AWS::IAM::Role").values():
        documents = [json.dumps(policy["PolicyDocument"], separators=(",", ":")) for policy in role["Policies"]]
        assert sum(map(len, documents)) <= INLINE_LIMIT
        assert len(json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":"))) <= TRUST_LIMIT


GUARANTEES: dict[str, Guarantee] = {
    "the stack's identities are two roles, with inline policies alone": two_roles,
    "no policy allows by exception or by wildcard action": plain_statements,
    "Resource * goes with the committed list of actions alone": committed_stars,
    "the function may attach to the VPC, log, trace, assume and read what it is given, and nothing else": (
        only_these_actions
    ),
    "the function can assume the minting role alone, through the STS endpoint alone": assumes_the_minting_role,
    "STS is denied to whatever has the function's role and is not the function's own code": sts_by_this_function_alone,
    "the function's own code reads the given secrets, and no others": reads_the_given_secrets,
    "the function's own code reads the given configuration, and no other": reads_the_given_configuration,
    "the function decrypts with the given key alone, what holds secrets": decrypts_secrets_alone,
    "network interfaces are made in the stack's own account and region": network_of_its_own,
    "the function writes to its own log group alone": logs_of_its_own,
    "what Lambda may do with EC2 is denied to the function's own code": network_not_by_code,
    "Lambda alone may use the function's role": lambda_alone,
    "the minting role trusts the function, through the STS endpoint, for somebody": trusts_the_function,
    "the minting role may create presigned domain URLs for the given profiles, and nothing else": mints_for_the_domains,
    "the minting role names each domain in full": domains_not_patterns,
    "the minting role is denied SageMaker but through the two endpoints, by one Deny": denied_elsewhere,
    "a minting session lasts no longer than role chaining allows": short_sessions,
    "the policies fit IAM's limits": fits,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_roles(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
