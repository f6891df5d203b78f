"""Which network a deployment may be given, and what is said where something of it is missing."""

import pytest

from localaws.parameters import accepted, refusals
from tests.stack.networks import NETWORKS, WHERE, WHOLE, committed
from tests.stack.stacks import EMPTY, ENDPOINTS, EXAMPLE, VARIANTS, VPC, create, source, variant

PARAMETERS = source()["Parameters"]
NEEDED = (
    *("SubnetIds", "SecurityGroupIds", "ExecuteApiEndpointIds"),
    *("SageMakerApiEndpointId", "StudioEndpointId", "StsEndpointId"),
)
IN_A_VPC = EMPTY | {"Network": "endpoints", "VpcId": "vpc-0a1b2c3d", "SubnetIds": "subnet-0a1b2c3d,subnet-0a1b2c3e"}
S3 = {"FurtherEndpoints": "logs,s3", "S3PrefixListId": "pl-0a1b2c3d"}
# What is given, and a word of the only sentence that says what is wrong.
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    **{f"an existing network without {name}": ({name: ""}, f"needs {name}") for name in NEEDED},
    "an existing network that lacks endpoints": ({"FurtherEndpoints": "logs"}, "makes no endpoints"),
    "endpoints in no VPC": (IN_A_VPC | {"VpcId": ""}, "needs VpcId"),
    "endpoints in no subnets": (IN_A_VPC | {"SubnetIds": ""}, "needs SubnetIds"),
    "a minting endpoint that the function's group cannot connect to": (
        IN_A_VPC | {"SageMakerApiEndpointId": "vpce-0a1b2c3d"},
        "needs SecurityGroupIds",
    ),
    "an sts endpoint that the function's group cannot connect to": (
        IN_A_VPC | {"StsEndpointId": "vpce-0a1b2c3d"},
        "needs SecurityGroupIds",
    ),
    "S3 by no route": (IN_A_VPC | S3, "needs RouteTableIds"),
    "S3 that Studio cannot connect to": (
        IN_A_VPC | S3 | {"RouteTableIds": "rtb-0a1b2c3d", "S3PrefixListId": ""},
        "give S3PrefixListId",
    ),
    "a new VPC that is there": (VPC | {"VpcId": "vpc-0a1b2c3d"}, "leave VpcId"),
    "a new VPC with subnets that are there": (VPC | {"SubnetIds": "subnet-0a1b2c3d"}, "leave VpcId"),
    "a new VPC with groups that are there": (VPC | {"SecurityGroupIds": "sg-0a1b2c3d"}, "leave VpcId"),
    "a new VPC with routes that are there": (VPC | {"RouteTableIds": "rtb-0a1b2c3d"}, "leave VpcId"),
    "a new VPC with an endpoint for minting that is elsewhere": (
        VPC | {"SageMakerApiEndpointId": "vpce-0a1b2c3d"},
        "leave VpcId",
    ),
    "a new VPC with an sts endpoint that is elsewhere": (VPC | {"StsEndpointId": "vpce-0a1b2c3d"}, "leave VpcId"),
}
SOUND = {
    "endpoints, all of them made": IN_A_VPC,
    "endpoints, with those of a central network account for people": IN_A_VPC
    | {"ExecuteApiEndpointIds": "vpce-0a1b2c3d", "StudioEndpointId": "vpce-0a1b2c3e"},
    "endpoints and S3": IN_A_VPC | S3 | {"RouteTableIds": "rtb-0a1b2c3d"},
    "a new VPC with S3": VPC | S3,
    "a new VPC with those of a central network account for people": VPC
    | {"ExecuteApiEndpointIds": "vpce-0a1b2c3d", "StudioEndpointId": "vpce-0a1b2c3e"},
    "a network of which everything is made": WHOLE,
}
ACCEPTED = {
    "five ranges": ("CorporateCidrs", ",".join(f"10.{n}.0.0/16" for n in range(5))),
    "a range of one address": ("CorporateCidrs", "10.1.2.3/32"),
    "all of 10": ("CorporateCidrs", "10.0.0.0/8"),
    "nobody of the corporate network": ("CorporateCidrs", ""),
    "a prefix list": ("CorporatePrefixListId", "pl-0123456789abcdef0"),
    "two of the further endpoints": ("FurtherEndpoints", "ssm,sagemaker.runtime"),
    "five APIs": ("ApiIds", ",".join(f"a1b2c3d4e{n}" for n in range(5))),
    "the largest VPC": ("VpcCidr", "10.0.0.0/16"),
    "a smaller VPC": ("VpcCidr", "10.0.16.0/20"),
    "two other accounts": ("FurtherAccountIds", "444455556666,777788889999"),
}
UNSOUND = {
    "everywhere": ("CorporateCidrs", "0.0.0.0/0"),
    "everywhere beside a range": ("CorporateCidrs", "10.0.0.0/8,0.0.0.0/0"),
    "half of everywhere": ("CorporateCidrs", "0.0.0.0/1"),
    "more than any company has": ("CorporateCidrs", "8.0.0.0/7"),
    "everywhere by IPv6": ("CorporateCidrs", "::/0"),
    "a sixth range, which would be left out": ("CorporateCidrs", ",".join(f"10.{n}.0.0/16" for n in range(6))),
    "a range without a mask": ("CorporateCidrs", "10.0.0.1"),
    "a prefix list by its name": ("CorporatePrefixListId", "com.amazonaws.eu-central-1.s3"),
    "an endpoint that is not known here": ("FurtherEndpoints", "ec2"),
    "every endpoint": ("FurtherEndpoints", "*"),
    "APIs by pattern": ("ApiIds", "a1b2c3d4e*"),
    "every API beside one": ("ApiIds", "a1b2c3d4e5,*"),
    "no API": ("ApiIds", ""),
    "a sixth API, which would be left out": ("ApiIds", ",".join(f"a1b2c3d4e{n}" for n in range(6))),
    "a VPC that is too small": ("VpcCidr", "10.0.0.0/24"),
    "a VPC that is larger than VPCs are": ("VpcCidr", "10.0.0.0/8"),
    "one zone": ("Zones", "1"),
    "an account by pattern": ("FurtherAccountIds", "*"),
    "every organisation": ("OrganizationId", "*"),
    "another word for a network": ("Network", "public"),
}


@pytest.mark.parametrize(("given", "said"), REFUSED.values(), ids=REFUSED)
def test_one_sentence_says_what_is_wrong(given: dict[str, str], said: str) -> None:
    assert [said in sentence for sentence in refusals(source(), EXAMPLE | given)] == [True]


@pytest.mark.parametrize("given", SOUND.values(), ids=SOUND)
def test_a_sound_network_is_accepted(given: dict[str, str]) -> None:
    assert refusals(source(), EXAMPLE | given) == []
    assert [name for name, value in given.items() if not accepted(PARAMETERS[name], value)] == []


@pytest.mark.parametrize(("name", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_sound_value_is_accepted(name: str, value: str) -> None:
    assert accepted(PARAMETERS[name], value)


@pytest.mark.parametrize(("name", "value"), UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_value_is_refused(name: str, value: str) -> None:
    assert not accepted(PARAMETERS[name], value)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_variants_are_sound(name: str) -> None:
    assert refusals(source(), EXAMPLE | VARIANTS[name][0]) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_passed_on_is_accepted(name: str) -> None:
    passed = variant(name).resources["NetworkStack"]["Properties"]["Parameters"]
    declared = committed()["Parameters"]
    assert passed.keys() == declared.keys()
    assert [key for key, value in passed.items() if not accepted(declared[key], value)] == []


def test_what_both_take_has_the_same_form() -> None:
    declared = committed()["Parameters"]
    for name in ("CorporateCidrs", "CorporatePrefixListId", "S3PrefixListId", "OrganizationId", "ApiIds", "VpcCidr"):
        assert PARAMETERS[name]["AllowedPattern"] == declared[name]["AllowedPattern"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    {
        "what a VPC that is made gets by itself: nothing": (VPC | {"SecretArns": ""}, ""),
        "ssm for a parameter": (VPC, "ssm"),
        "secretsmanager for a secret": (
            VPC | {"SecretArns": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-??????"},
            "secretsmanager",
        ),
        "appconfigdata for a live configuration, besides what is asked for": (
            VPC | {"SecretArns": "", "ConfigSource": "appconfig:abc1234/d5e6f7/prof", "FurtherEndpoints": "logs,ssm"},
            "logs,ssm,appconfigdata",
        ),
        "what a VPC that is there may have already": (ENDPOINTS | {"FurtherEndpoints": "logs"}, "logs"),
    }.values(),
)
def test_what_the_function_needs_is_made_where_nothing_is(given: dict[str, str], wanted: str) -> None:
    stack = create(source(), EXAMPLE | given)
    assert stack.resources["NetworkStack"]["Properties"]["Parameters"]["FurtherEndpoints"] == wanted


def test_the_roles_that_may_mint_are_the_gates_own_and_those_of_other_accounts() -> None:
    theirs = "arn:aws:iam::444455556666:role/door-minting"
    for others in ("", theirs):
        network = create(source(), WHOLE | {"OtherRoleArns": others}).nested("NetworkStack")
        own = "arn:aws:iam::111122223333:role/studio-gate-minting"
        assert network.listed("MintingRoleArns") == [own, *([others] if others else [])]


def test_the_accounts_are_the_stacks_own_and_those_that_are_given() -> None:
    for others in ("", "444455556666,777788889999"):
        network = create(source(), WHOLE | {"FurtherAccountIds": others}).nested("NetworkStack")
        assert network.parameters["AccountIds"] == ",".join(["111122223333", *([others] if others else [])])


def test_the_network_is_nested_from_the_folder_of_templates() -> None:
    assert source()["Resources"]["NetworkStack"]["Properties"]["TemplateURL"] == WHERE
