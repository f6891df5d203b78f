"""The host to verify with: nothing connects to it, Systems Manager alone reaches it, and it may do nothing."""

import copy
import json
import shlex
from functools import cache

import botocore.session
import pytest
from botocore.validate import validate_parameters

from localaws import template
from localaws.parameters import RULE_FUNCTIONS, accepted, functions_of, refusals
from tests.stack.breaks_verify_host import MUTATIONS
from tests.stack.permissions import assumes, decide, role
from tests.stack.stacks import ROOT, Guarantee, Json, Stack, create

WHERE = "stacks/verify-host.yaml"
HERE = template.Account("111122223333", "eu-central-1", "aws", "verify")
GOV = template.Account("999988887777", "us-gov-west-1", "aws-us-gov", "verify")
CHINA = template.Account("999988887777", "cn-north-1", "aws-cn", "verify")
LINUX = {
    "System": "linux",
    "VpcId": "vpc-0123456789abcdef0",
    "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
    "EndpointSecurityGroupId": "sg-0e0e0e0e0e0e0e0e0",
}
WINDOWS = LINUX | {"System": "windows", "InstanceType": "m7i.large"}
KEY = {"VolumeKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
BOUNDARY = {"PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundaries/everybody"}
GROUPS = {"EndpointSecurityGroupId": "", "SecurityGroupIds": "sg-0123456789abcdef0,sg-0123456789abcdef1"}
VARIANTS = {
    "with Linux": (LINUX, HERE),
    "with Windows": (WINDOWS, HERE),
    "with a key and a boundary": (WINDOWS | KEY | BOUNDARY, HERE),
    "in groups that are there": (LINUX | GROUPS, HERE),
    "in another partition": (LINUX, GOV),
    "in China": (WINDOWS, CHINA),
}
# What SSM Agent asks for a session, a forwarded port and a remote desktop.
MUST = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ec2messages:GetMessages",
    "ec2messages:SendReply",
)


@cache
def committed() -> Json:
    return template.load(ROOT / WHERE)


@cache
def variant(name: str) -> Stack:
    return create(committed(), *VARIANTS[name])


def _host(stack: Stack) -> Json:
    return stack.only("AWS::EC2::Instance")


def _interface(stack: Stack) -> Json:
    (found,) = _host(stack)["NetworkInterfaces"]
    return dict(found)


def _is_on_its_own(stack: Stack) -> bool:
    return not stack.listed("SecurityGroupIds")


def nothing_else(stack: Stack) -> None:
    kinds = sorted(one["Type"] for one in stack.resources.values())
    own = ["AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"] if _is_on_its_own(stack) else []
    assert kinds == sorted(["AWS::EC2::Instance", "AWS::IAM::InstanceProfile", "AWS::IAM::Role", *own])


def nothing_in(stack: Stack) -> None:
    """Groups of others are others' word; the parameter says what they must be."""
    groups = _interface(stack)["GroupSet"]
    if not _is_on_its_own(stack):
        assert groups == stack.listed("SecurityGroupIds")
        return
    group = stack.only("AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group
    rules = stack.every("AWS::EC2::SecurityGroupIngress").values()
    assert not {one["GroupId"] for one in rules} & set(groups)
    assert "SecurityGroupIds" not in _host(stack)
    assert len(groups) == 1
    assert groups[0] not in {stack.parameters["EndpointSecurityGroupId"], *stack.listed("SecurityGroupIds")}


def endpoints_out(stack: Stack) -> None:
    if not _is_on_its_own(stack):
        assert not stack.every("AWS::EC2::SecurityGroup")
        return
    own, endpoints = _interface(stack)["GroupSet"][0], stack.parameters["EndpointSecurityGroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    said = {"Description": ""}
    out = [one | said for one in stack.only("AWS::EC2::SecurityGroup")["SecurityGroupEgress"]]
    assert out == [https | said | {"DestinationSecurityGroupId": endpoints}]
    into = [one | said for one in stack.every("AWS::EC2::SecurityGroupIngress").values()]
    assert into == [https | said | {"GroupId": endpoints, "SourceSecurityGroupId": own}]


def no_other_way_to_it(stack: Stack) -> None:
    host, interface = _host(stack), _interface(stack)
    assert not {"KeyName", "UserData", "SubnetId", "LaunchTemplate"} & host.keys()
    assert interface.keys() == {"DeviceIndex", "AssociatePublicIpAddress", "SubnetId", "GroupSet"}
    assert interface["AssociatePublicIpAddress"] is False
    assert interface["SubnetId"] == stack.listed("SubnetIds")[0]


def session_tokens(stack: Stack) -> None:
    assert _host(stack)["MetadataOptions"] == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }


def encrypted(stack: Stack) -> None:
    (disk,) = _host(stack)["BlockDeviceMappings"]
    assert (disk["Ebs"].get("Encrypted"), disk["Ebs"].get("DeleteOnTermination")) == (True, True)
    assert disk["Ebs"].get("KmsKeyId", "") == stack.parameters["VolumeKeyArn"]


def as_asked(stack: Stack) -> None:
    windows = stack.parameters["System"] == "windows"
    host = _host(stack)
    assert host["ImageId"] == stack.parameters["WindowsImage" if windows else "LinuxImage"]
    assert host["BlockDeviceMappings"][0]["DeviceName"] == ("/dev/sda1" if windows else "/dev/xvda")
    assert host["InstanceType"] == stack.parameters["InstanceType"]
    assert role(stack, "HostRole").get("PermissionsBoundary", "") == stack.parameters["PermissionsBoundaryArn"]


def systems_manager_reaches_it(stack: Stack) -> None:
    for action in MUST:
        assert decide(stack, "HostRole", action, "*").allowed, action
    public = f"arn:{stack.account.partition}:ssm:{stack.account.region}::parameter/aws/service/a"
    assert decide(stack, "HostRole", "ssm:GetParameter", public).allowed
    assert stack.only("AWS::IAM::InstanceProfile") == {"Roles": [f"{stack.account.stack_name}-HostRole"]}
    assert _host(stack)["IamInstanceProfile"] == f"{stack.account.stack_name}-HostProfile"


def it_may_do_nothing(stack: Stack) -> None:
    role_of_the_gate = stack.role_arn("studio-gate-minting")
    denied = {
        "sts:AssumeRole": role_of_the_gate,
        "iam:PassRole": role_of_the_gate,
        "sagemaker:CreatePresignedDomainUrl": stack.arn("sagemaker", "user-profile/d-a1b2c3/alice"),
        "execute-api:Invoke": stack.arn("execute-api", "a1b2c3/gate/GET/iam/me"),
        "secretsmanager:GetSecretValue": stack.arn("secretsmanager", "secret:studio-gate/client-AbC12d"),
        "ssm:SendCommand": stack.arn("ec2", "instance/i-0123456789abcdef0"),
        "ssm:StartSession": stack.arn("ec2", "instance/i-0123456789abcdef0"),
        "ssm:PutParameter": stack.arn("ssm", "parameter/studio-gate/sealing-keys"),
        "ec2:TerminateInstances": stack.arn("ec2", "instance/i-0123456789abcdef0"),
        "s3:GetObject": f"arn:{stack.account.partition}:s3:::bucket/key",
    }
    for action, resource in denied.items():
        assert not decide(stack, "HostRole", action, resource).allowed, action


def it_reads_no_secret(stack: Stack) -> None:
    for action in ("ssm:GetParameter", "ssm:GetParameters"):
        for name in ("studio-gate/sealing-keys", "a"):
            here = stack.arn("ssm", f"parameter/{name}")
            elsewhere = here.replace(stack.account.region, "eu-west-3")
            assert not decide(stack, "HostRole", action, here).allowed
            assert not decide(stack, "HostRole", action, elsewhere).allowed


def trusted_by_ec2(stack: Stack) -> None:
    suffix = "amazonaws.com.cn" if stack.account.partition == "aws-cn" else "amazonaws.com"
    assert assumes(stack, "HostRole", f"ec2.{suffix}").allowed
    for other in (f"lambda.{suffix}", None, stack.role_arn("other")):
        assert not assumes(stack, "HostRole", other).allowed


GUARANTEES: dict[str, Guarantee] = {
    "there is the host, its role and its group, and nothing else": nothing_else,
    "nothing can connect to the host": nothing_in,
    "the host reaches the endpoints alone, on 443": endpoints_out,
    "the host has no public address and no key": no_other_way_to_it,
    "its credentials are for who holds a session token on it": session_tokens,
    "its volume is encrypted and goes with it": encrypted,
    "it is what was asked for": as_asked,
    "Systems Manager reaches it": systems_manager_reaches_it,
    "its role may do nothing besides": it_may_do_nothing,
    "its role reads no parameter of the account": it_reads_no_secret,
    "EC2 alone has its role": trusted_by_ec2,
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_host(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](broken)
    stack = create(broken, WINDOWS | KEY | BOUNDARY, HERE)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)


@pytest.mark.parametrize("name", VARIANTS)
def test_sound_parameters_are_accepted(name: str) -> None:
    given = VARIANTS[name][0]
    assert [one for one, value in given.items() if not accepted(committed()["Parameters"][one], value)] == []
    assert refusals(committed(), given) == []
    assert functions_of(committed()["Rules"]) - RULE_FUNCTIONS == set()


@pytest.mark.parametrize("given", [GROUPS | {"SecurityGroupIds": ""}, GROUPS | {"EndpointSecurityGroupId": "sg-0"}])
def test_one_way_to_the_endpoints_is_given(given: dict[str, str]) -> None:
    assert len(refusals(committed(), LINUX | given)) == 1


@pytest.mark.parametrize("name", [one for one in VARIANTS if one != "in another partition"])
def test_the_commands_that_it_tells_are_commands(name: str) -> None:
    parameters, account = VARIANTS[name]
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": WHERE, "Parameters": parameters}}
    outputs = template.create({"Resources": {"Host": nested}}, {}, account)["Host"]["Outputs"]
    windows = parameters["System"] == "windows"
    assert outputs.keys() == {"InstanceId", "Shell", "RemoteDesktop" if windows else "Forward"}
    shape = botocore.session.get_session().get_service_model("ssm").operation_model("StartSession").input_shape
    for said in outputs.keys() - {"InstanceId"}:
        program, service, command, *words = shlex.split(outputs[said])
        assert [program, service, command] == ["aws", "ssm", "start-session"]
        options = dict(zip(words[::2], words[1::2], strict=True))
        assert options.pop("--region") == account.region
        names = {"--target": "Target", "--document-name": "DocumentName", "--parameters": "Parameters"}
        request = {names[option]: value for option, value in options.items()}
        if "Parameters" in request:
            request["Parameters"] = json.loads(request["Parameters"])
        assert request["Target"] == outputs["InstanceId"]
        validate_parameters(request, shape)
