"""What a trial is made of when the gate's own stack makes it: in the network that it makes, or in one that is given."""

import copy
from functools import cache

import pytest

from localaws import template
from localaws.parameters import accepted, refusals
from tests.stack.mutations import Mutation, drop, new, put, put_beside
from tests.stack.sample import PEOPLE
from tests.stack.stacks import EXAMPLE, HERE, ROOT, Guarantee, Json, Stack, create, source

TRIAL = {
    "Network": "vpc",
    "FurtherEndpoints": "ssm,ssmmessages,ec2messages,sagemaker.runtime,logs",
    "VerifyHost": "windows",
    "SampleDomain": "yes",
    "SampleOwners": "ann@corp.example,ben@corp.example",
    "SampleCallerRole": "AWSReservedSSO_People_0123456789abcdef",
    "TrustedPrincipals": f"arn:aws:iam::{HERE.id}:root",
    "StudioProfileArns": f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:user-profile/d-none/*",
}
THERE = {
    "VpcId": "vpc-0123456789abcdef0",
    "StudioSecurityGroupIds": "sg-0aaaaaaaaaaaaaaaa,sg-0bbbbbbbbbbbbbbbb",
    "VerifyHost": "linux",
    "SampleDomain": "yes",
}
VARIANTS = {
    "with a network of its own": TRIAL,
    "in a network that is there": EXAMPLE | THERE,
    "with a host alone": TRIAL | {"SampleDomain": "no", "VerifyHost": "linux"},
    "with a domain alone": TRIAL | {"VerifyHost": "none"},
    "without any": EXAMPLE,
}
HOST, SAMPLE = "VerifyHostStack", "SampleDomainStack"


@cache
def variant(name: str) -> Stack:
    return create(source(), VARIANTS[name])


def _made(stack: Stack, name: str, kind: str) -> list[Json]:
    inner = stack.resources[name]["Resources"].values() if name in stack.resources else ()
    return [one["Properties"] for one in inner if one["Type"] == kind]


def _place(stack: Stack) -> tuple[str, list[str], list[str]]:
    """Return VPC, subnets and groups that both must have."""
    if stack.parameters["Network"] == "existing":
        return stack.parameters["VpcId"], stack.listed("SubnetIds"), stack.listed("StudioSecurityGroupIds")
    made = stack.resources["NetworkStack"]["Outputs"]
    return made["VpcId"], made["SubnetIds"].split(","), [made["StudioSecurityGroupId"]]


def as_chosen(stack: Stack) -> None:
    wanted = {HOST} if stack.parameters["VerifyHost"] != "none" else set()
    wanted |= {SAMPLE} if stack.parameters["SampleDomain"] == "yes" else set()
    assert {HOST, SAMPLE} & stack.resources.keys() == wanted
    for host in _made(stack, HOST, "AWS::EC2::Instance"):
        device = host["BlockDeviceMappings"][0]["DeviceName"]
        assert device == ("/dev/sda1" if stack.parameters["VerifyHost"] == "windows" else "/dev/xvda")


def in_the_network(stack: Stack) -> None:
    vpc, subnets, groups = _place(stack)
    for host in _made(stack, HOST, "AWS::EC2::Instance"):
        (interface,) = host["NetworkInterfaces"]
        assert (interface["SubnetId"], interface["GroupSet"]) == (subnets[0], groups)
    for domain in _made(stack, SAMPLE, "AWS::SageMaker::Domain"):
        assert (domain["VpcId"], domain["SubnetIds"]) == (vpc, subnets)
        assert domain["DefaultUserSettings"]["SecurityGroups"] == groups


def nothing_in(stack: Stack) -> None:
    """The group that the network has for both lets nothing in; groups that are given are their owner's word."""
    *_, groups = _place(stack)
    made = stack.resources["NetworkStack"]["Resources"]
    assert groups == [stack.resources["NetworkStack"]["Outputs"]["StudioSecurityGroupId"]]
    assert "SecurityGroupIngress" not in made["StudioSecurityGroup"]["Properties"]
    rules = [one["Properties"] for one in made.values() if one["Type"] == "AWS::EC2::SecurityGroupIngress"]
    assert not {one["GroupId"] for one in rules} & set(groups)


def systems_manager_is_there(stack: Stack) -> None:
    made = stack.resources["NetworkStack"]["Resources"].values()
    names = {one["Properties"]["ServiceName"] for one in made if one["Type"] == "AWS::EC2::VPCEndpoint"}
    needed = {f"com.amazonaws.{HERE.region}.{name}" for name in ("ssm", "ssmmessages", "ec2messages")}
    assert needed <= names


def of_these_people(stack: Stack) -> None:
    owners = stack.listed("SampleOwners")
    found = {one["UserProfileName"]: one["Tags"] for one in _made(stack, SAMPLE, "AWS::SageMaker::UserProfile")}
    if found:
        assert found == {name: [{"Key": "owner", "Value": owner}] for name, owner in zip(PEOPLE, owners, strict=True)}
        assert stack.parameters["SampleCallerRole"] in stack.resources[SAMPLE]["Outputs"]["GateToml"]


def named_by_the_parameter(stack: Stack) -> None:
    """The roles of the gate are for StudioProfileArns, whatever is made."""
    roles = stack.every("AWS::IAM::Role")
    (minted,) = (
        one["Resource"]
        for one in roles["MintingRole"]["Policies"][0]["PolicyDocument"]["Statement"]
        if one["Sid"] == "PresignedUrlsForTheProfilesOfTheDomains"
    )
    assert minted == stack.listed("StudioProfileArns")


GUARANTEES: dict[str, Guarantee] = {
    "what is chosen is made, and nothing else": as_chosen,
    "both are in the gate's network": in_the_network,
    "the profiles are of the people who are named": of_these_people,
    "URLs are minted for what the parameter says": named_by_the_parameter,
}
_GIVEN = "Parameters"
MUTATIONS: dict[str, dict[str, Mutation]] = {
    "what is chosen is made, and nothing else": {
        "another system": put(f"{HOST}/{_GIVEN}/System", "linux"),
        "never a host": put_beside(HOST, "Condition", "IsLive"),
        "never a domain": put_beside(SAMPLE, "Condition", "IsLive"),
    },
    "both are in the gate's network": {
        "the host elsewhere": put(f"{HOST}/{_GIVEN}/SubnetIds", "subnet-0a"),
        "the host in another group": put(f"{HOST}/{_GIVEN}/SecurityGroupIds", "sg-0a"),
        "the domain elsewhere": put(f"{SAMPLE}/{_GIVEN}/VpcId", "vpc-0a"),
        "the domain in another group": put(f"{SAMPLE}/{_GIVEN}/SecurityGroupIds", "sg-0a"),
        "the domain in one subnet": put(f"{SAMPLE}/{_GIVEN}/SubnetIds", "subnet-0a"),
    },
    "the profiles are of the people who are named": {
        "the other way round": put(f"{SAMPLE}/{_GIVEN}/AliceOwner", {"Fn::Select": [1, {"Ref": "SampleOwners"}]}),
        "of nobody in particular": drop(f"{SAMPLE}/{_GIVEN}/BobOwner"),
        "in another role": drop(f"{SAMPLE}/{_GIVEN}/CallerRole"),
    },
    "URLs are minted for what the parameter says": {
        "for the sample's besides": put(
            "MintingRole/Policies/mint/PolicyDocument/Statement/PresignedUrlsForTheProfilesOfTheDomains/Resource",
            [{"Fn::GetAtt": f"{SAMPLE}.Outputs.StudioProfileArns"}],
        ),
    },
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_a_trial(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(source())
    MUTATIONS[guarantee][change](broken)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](create(broken, TRIAL))


def _within(network: Json) -> Stack:
    resources = template.create(source(), TRIAL, HERE, nested={"stacks/network.yaml": network})
    return Stack(source(), variant("with a network of its own").parameters, HERE, resources)


_RULE = {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "CidrIp": "10.0.0.0/8"}
_BESIDE = new("Rule", "AWS::EC2::SecurityGroupIngress", _RULE | {"GroupId": {"Ref": "StudioSecurityGroup"}})
BROKEN: dict[str, tuple[Guarantee, Mutation]] = {
    "a rule in the group": (nothing_in, put("StudioSecurityGroup/SecurityGroupIngress", [_RULE])),
    "a rule beside it": (nothing_in, _BESIDE),
    "no endpoint for sessions": (systems_manager_is_there, put_beside("SsmMessagesEndpoint", "Condition", "IsChina")),
}


@pytest.mark.parametrize("kept", [nothing_in, systems_manager_is_there])
def test_a_network_that_is_made_lets_systems_manager_alone_to_them(kept: Guarantee) -> None:
    kept(variant("with a network of its own"))


@pytest.mark.parametrize(("kept", "change"), BROKEN.values(), ids=BROKEN)
def test_a_network_that_does_not_is_noticed(kept: Guarantee, change: Mutation) -> None:
    network = template.load(ROOT / "stacks" / "network.yaml")
    change(network)
    with pytest.raises(AssertionError):
        kept(_within(network))


@pytest.mark.parametrize("name", VARIANTS)
def test_sound_parameters_are_accepted(name: str) -> None:
    declared = source()["Parameters"]
    assert [one for one, value in VARIANTS[name].items() if not accepted(declared[one], value)] == []
    assert refusals(source(), VARIANTS[name]) == []


@pytest.mark.parametrize("lacking", ["VpcId", "StudioSecurityGroupIds"])
@pytest.mark.parametrize("chosen", [{"SampleDomain": "no"}, {"VerifyHost": "none"}])
def test_an_existing_network_must_say_where(lacking: str, chosen: dict[str, str]) -> None:
    assert len(refusals(source(), EXAMPLE | THERE | chosen | {lacking: ""})) == 1
    assert refusals(source(), EXAMPLE | THERE | {"SampleDomain": "no", "VerifyHost": "none", lacking: ""}) == []


@pytest.mark.parametrize("lacking", ["ssm", "ssmmessages", "ec2messages"])
def test_a_host_in_a_new_vpc_needs_its_endpoints(lacking: str) -> None:
    rest = ",".join(one for one in TRIAL["FurtherEndpoints"].split(",") if one != lacking)
    assert len(refusals(source(), TRIAL | {"FurtherEndpoints": rest})) == 1
    assert refusals(source(), TRIAL | {"FurtherEndpoints": rest, "VerifyHost": "none"}) == []
