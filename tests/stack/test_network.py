"""The network that the stack makes: endpoints that are asked for, who may connect to them, and a VPC without exit."""

import copy

import pytest

from localaws.template import Account
from tests.stack.breaks_network import MUTATIONS
from tests.stack.networks import NETWORKS, WHOLE, broken, committed, endpoints, network, whole
from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, create, source, statements, variant

EVERYWHERE = {"0.0.0.0/0", "::/0"}
NOWHERE = [{"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}]
KINDS = {
    *("AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"),
    *("AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SubnetRouteTableAssociation"),
    *("AWS::EC2::FlowLog", "AWS::Logs::LogGroup", "AWS::IAM::Role"),
}


def _is_made(stack: Stack) -> bool:
    return not stack.parameters["GivenVpcId"]


def _vpc(stack: Stack) -> str:
    return stack.parameters["GivenVpcId"] or str(stack.outputs["VpcId"])


def _group(stack: Stack, name: str) -> Json:
    found: Json = stack.every("AWS::EC2::SecurityGroup")[f"{name}SecurityGroup"]
    return found


def _bare(rules: list[Json]) -> list[Json]:
    return [{key: value for key, value in one.items() if key != "Description"} for one in rules]


def _rule(**more: str) -> Json:
    return {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443} | more


def what_is_asked_for(stack: Stack) -> None:
    asked = {
        "execute-api": "GivenExecuteApiEndpointIds",
        "sagemaker.api": "GivenSageMakerApiEndpointId",
        "studio": "GivenStudioEndpointId",
        "sts": "GivenStsEndpointId",
    }
    wanted = {service for service, given in asked.items() if not stack.parameters[given]}
    wanted |= set(stack.listed("FurtherEndpoints"))
    if not stack.parameters["GivenUseEndpointIds"]:
        opened = {"notebook": "OpensNotebooks", "experiments": "OpensTrackingServers"}
        wanted |= {service for service, parameter in opened.items() if stack.parameters[parameter] == "yes"}
    assert endpoints(stack).keys() == wanted


def services(stack: Stack) -> None:
    for name, one in endpoints(stack).items():
        before = "aws.sagemaker" if name in {"studio", "notebook", "experiments"} else "com.amazonaws"
        assert one["ServiceName"] == f"{before}.{stack.account.region}.{name}"
        assert one["VpcEndpointType"] == ("Gateway" if name == "s3" else "Interface")
        assert one["VpcId"] == _vpc(stack)


def passed_on(stack: Stack) -> None:
    """Each id is that of the endpoint which was made, by what it is for, or the one that was given."""
    ids = {}
    for name, one in stack.resources.items():
        if one["Type"] == "AWS::EC2::VPCEndpoint":
            service = one["Properties"]["ServiceName"].split(f"{stack.account.region}.")[1]
            ids[service] = stack.id(name)
    for output, services_of in (
        ("ExecuteApiEndpointIds", ["execute-api"]),
        ("SageMakerApiEndpointId", ["sagemaker.api"]),
        ("StudioEndpointId", ["studio"]),
        ("StsEndpointId", ["sts"]),
        ("UseEndpointIds", ["notebook", "experiments"]),
    ):
        made = ",".join(ids[one] for one in services_of if one in ids)
        assert stack.outputs.get(output, "") == (stack.parameters[f"Given{output}"] or made)
    assert stack.outputs["SubnetIds"].split(",") == _subnets(stack)
    assert stack.outputs["FunctionSecurityGroupIds"].split(",")[1:] == stack.listed("SecurityGroupIds")


def _subnets(stack: Stack) -> list[str]:
    given = [one for one in stack.parameters["GivenSubnetIds"].split(",") if one]
    made = stack.every("AWS::EC2::SubnetRouteTableAssociation").values()
    return given or [one["SubnetId"] for one in made]


def private_names(stack: Stack) -> None:
    for name, one in endpoints(stack).items():
        assert one.get("PrivateDnsEnabled") is (None if name == "s3" else True), name


def in_two_zones(stack: Stack) -> None:
    for name, one in endpoints(stack).items():
        if name == "s3":
            assert len(one["RouteTableIds"]) == (1 if _is_made(stack) else len(stack.listed("RouteTableIds")))
            continue
        assert one["SubnetIds"] == _subnets(stack), name
        assert len(set(one["SubnetIds"])) >= 2
    if _is_made(stack):
        subnets = stack.every("AWS::EC2::Subnet").values()
        assert len({one["AvailabilityZone"] for one in subnets}) == int(stack.parameters["Zones"]) == len(subnets)
        assert len({one["CidrBlock"] for one in subnets}) == len(subnets)


def behind_a_group(stack: Stack) -> None:
    people, others = ([stack.id(f"{one}SecurityGroup")] for one in ("Front", "Back"))
    for name, one in endpoints(stack).items():
        if name != "s3":
            wanted = people if name in {"execute-api", "studio", "notebook", "experiments"} else others
            assert one.get("SecurityGroupIds") == wanted, name


def corporate_ranges(stack: Stack) -> None:
    wanted = [_rule(CidrIp=one) for one in stack.parameters["CorporateCidrs"].split(",") if one]
    if stack.parameters["CorporatePrefixListId"]:
        wanted.append(_rule(SourcePrefixListId=stack.parameters["CorporatePrefixListId"]))
    assert _bare(_group(stack, "Front").get("SecurityGroupIngress", [])) == wanted
    for name in ("Back", "Function", "Studio"):
        assert "SecurityGroupIngress" not in _group(stack, name)


def between_groups(stack: Stack) -> None:
    pairs = {"FrontFromStudio": ("Front", "Studio"), "BackFromStudio": ("Back", "Studio")}
    pairs |= {"BackFromFunction": ("Back", "Function")}
    assert {name: _bare([one])[0] for name, one in stack.every("AWS::EC2::SecurityGroupIngress").items()} == {
        name: _rule(GroupId=stack.id(f"{to}SecurityGroup"), SourceSecurityGroupId=stack.id(f"{by}SecurityGroup"))
        for name, (to, by) in pairs.items()
    }
    assert stack.outputs["StudioSecurityGroupId"] == stack.id("StudioSecurityGroup")
    assert stack.outputs["FunctionSecurityGroupIds"].split(",")[0] == stack.id("FunctionSecurityGroup")


def nothing_else_leaves(stack: Stack) -> None:
    front, back = (
        _rule(DestinationSecurityGroupId=stack.id("FrontSecurityGroup")),
        _rule(DestinationSecurityGroupId=stack.id("BackSecurityGroup")),
    )
    s3 = stack.parameters["S3PrefixListId"]
    wanted = {
        "Front": NOWHERE,
        "Back": NOWHERE,
        "Function": [back],
        "Studio": [front, back, *([_rule(DestinationPrefixListId=s3)] if s3 else [])],
    }
    assert {name: _bare(_group(stack, name)["SecurityGroupEgress"]) for name in wanted} == wanted


def not_open(stack: Stack) -> None:
    assert len(stack.every("AWS::EC2::SecurityGroup")) == 4
    assert EVERYWHERE.isdisjoint(_texts(stack.resources))


def _texts(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values()))
    return set().union(*map(_texts, value)) if isinstance(value, list) else {str(value)}


def leads_nowhere(stack: Stack) -> None:
    """Whatever leads out of a VPC, or is not known here, is of another kind."""
    assert {one["Type"] for one in stack.resources.values()} <= KINDS
    made = ("AWS::EC2::VPC", "AWS::EC2::RouteTable", "AWS::EC2::FlowLog", "AWS::Logs::LogGroup", "AWS::IAM::Role")
    assert {kind: len(stack.every(kind)) for kind in made} == dict.fromkeys(made, int(_is_made(stack)))
    for one in stack.every("AWS::EC2::VPC").values():
        assert (one["EnableDnsSupport"], one["EnableDnsHostnames"]) == (True, True)
        assert one["CidrBlock"] == stack.parameters["VpcCidr"]
    for one in stack.every("AWS::EC2::Subnet").values():
        assert one["MapPublicIpOnLaunch"] is False
        assert one["VpcId"] == _vpc(stack)
    assert bool(stack.every("AWS::EC2::Subnet")) is _is_made(stack)


def written_down(stack: Stack) -> None:
    """What connects to what, by a role that can do nothing else."""
    if not _is_made(stack):
        return
    logs, role = stack.only("AWS::Logs::LogGroup"), stack.only("AWS::IAM::Role")
    flow = stack.only("AWS::EC2::FlowLog")
    assert (flow["ResourceId"], flow["TrafficType"]) == (_vpc(stack), "ALL")
    assert flow["LogGroupName"] == logs["LogGroupName"]
    assert flow["DeliverLogsPermissionArn"] == stack.role_arn(f"{stack.account.stack_name}-FlowLogRole")
    (trust,) = statements(role["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"Service": ["vpc-flow-logs.amazonaws.com"]}
    assert trust.get("Condition") == {"StringEquals": {"aws:SourceAccount": [stack.account.id]}}
    (writes,) = [one for policy in role["Policies"] for one in statements(policy["PolicyDocument"])]
    assert writes["Resource"] == [stack.arn("logs", f"log-group:{logs['LogGroupName']}:*")]
    assert all(action.startswith("logs:") and "*" not in action for action in writes["Action"])


GUARANTEES: dict[str, Guarantee] = {
    "an endpoint is made for what is asked for and not given, and for nothing else": what_is_asked_for,
    "each endpoint is of its service, in the VPC": services,
    "what is made is passed on by what it is for, and so is what is given": passed_on,
    "every interface endpoint has private DNS": private_names,
    "every endpoint is in at least two zones": in_two_zones,
    "people's endpoints are behind one group, the others behind another": behind_a_group,
    "people connect from the corporate ranges alone, to their endpoints alone": corporate_ranges,
    "the function connects to the endpoints that are not people's, and what runs in Studio to all": between_groups,
    "each group says what may leave it, and that is a way to endpoints": nothing_else_leaves,
    "nothing is open to everywhere": not_open,
    "a VPC that is made leads nowhere": leads_nowhere,
    "what connects in a VPC that is made is written down": written_down,
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_network(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](network(name))


@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_network_where_everything_is_made(guarantee: str) -> None:
    GUARANTEES[guarantee](whole())


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    changed = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](changed)
    stack = broken(changed)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name not in NETWORKS])
def test_an_existing_network_is_left_as_it_is(name: str) -> None:
    """Its template is not nested, and nothing of the kinds that a network is made of is there."""
    made = variant(name).resources
    assert "NetworkStack" not in made
    kinds = {one["Type"] for each in made.values() for one in (each, *each.get("Resources", {}).values())}
    assert {kind for kind in kinds if kind.startswith("AWS::EC2::")} == set()


def test_four_services_have_another_name_in_china() -> None:
    """Source: `aws ec2 describe-vpc-endpoint-services` there, as aws-cdk-lib has it (vpc-endpoint.ts)."""
    there = Account("111122223333", "cn-north-1", "aws-cn")
    made = endpoints(create(source(), WHOLE, there).nested("NetworkStack"))
    others = {name for name, one in made.items() if one["ServiceName"].startswith("cn.com.amazonaws.cn-north-1.")}
    assert others == {"execute-api", "sagemaker.api", "sagemaker.runtime", "sts"}
