"""Ways to break the network, by the guarantee of `test_network` that must notice."""

from tests.stack.mutations import Mutation, add, drop, new, put
from tests.stack.stacks import Json

_HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
_VPC, _NEVER = {"Ref": "Vpc"}, {"Ref": "AWS::NoValue"}


def _never(condition: str) -> Mutation:
    def mutate(source: Json) -> None:
        source["Conditions"][condition] = {"Fn::Equals": ["a", "b"]}

    return mutate


def _output(name: str, value: object) -> Mutation:
    def mutate(source: Json) -> None:
        source["Outputs"][name]["Value"] = value

    return mutate


def _remove(name: str) -> Mutation:
    def mutate(source: Json) -> None:
        del source["Resources"][name]

    return mutate


MUTATIONS: dict[str, dict[str, Mutation]] = {
    "an endpoint is made for what is asked for and not given, and for nothing else": {
        "no endpoint of ssm": _remove("SsmEndpoint"),
        "one that nobody asked for": new(
            "More", "AWS::EC2::VPCEndpoint", {"ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.ec2"}}
        ),
    },
    "each endpoint is of its service, in the VPC": {
        "Studio's in another region": put(
            "StudioEndpoint/ServiceName", "aws.sagemaker.eu-central-1.eu-central-1.studio"
        ),
        "a gateway for an interface": put("StsEndpoint/VpcEndpointType", "Gateway"),
        "in another VPC": put("StsEndpoint/VpcId", "vpc-0fedcba9876543210"),
    },
    "what is made is passed on by what it is for, and so is what is given": {
        "sts for Studio": _output("StudioEndpointId", {"Ref": "StsEndpoint"}),
        "Studio for sagemaker.api": _output("SageMakerApiEndpointId", {"Ref": "StudioEndpoint"}),
        "nothing for MLflow": _output("UseEndpointIds", {"Ref": "NotebookEndpoint"}),
        "one subnet": _output("SubnetIds", {"Ref": "SubnetA"}),
    },
    "every interface endpoint has private DNS": {
        f"off for {name}": put(f"{name}Endpoint/PrivateDnsEnabled", value=False)
        for name in ("ExecuteApi", "Studio", "SageMakerApi", "Sts", "SsmMessages")
    }
    | {"left to AWS": drop("SecretsManagerEndpoint/PrivateDnsEnabled")},
    "every endpoint is in at least two zones": {
        "one subnet": put("StudioEndpoint/SubnetIds", [{"Ref": "SubnetA"}]),
        "one subnet twice": put("StudioEndpoint/SubnetIds", [{"Ref": "SubnetA"}, {"Ref": "SubnetA"}]),
        "subnets in one zone": put("SubnetB/AvailabilityZone", {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        "two zones where three are asked for": _never("HasThreeZones"),
        "S3 by no route": put("S3Endpoint/RouteTableIds", []),
    },
    "people's endpoints are behind one group, the others behind another": {
        "sagemaker.api among people's": put("SageMakerApiEndpoint/SecurityGroupIds", [{"Ref": "FrontSecurityGroup"}]),
        "the function's group for an endpoint": add("StsEndpoint/SecurityGroupIds", {"Ref": "FunctionSecurityGroup"}),
        "the VPC's default group": drop("LogsEndpoint/SecurityGroupIds"),
    },
    "people connect from the corporate ranges alone, to their endpoints alone": {
        "from everywhere": add("FrontSecurityGroup/SecurityGroupIngress", _HTTPS | {"CidrIp": "0.0.0.0/0"}),
        "from the VPC": add("FrontSecurityGroup/SecurityGroupIngress", _HTTPS | {"CidrIp": {"Ref": "VpcCidr"}}),
        "by every port": put(
            "FrontSecurityGroup/SecurityGroupIngress/0", {"IpProtocol": "-1", "CidrIp": {"Ref": "CorporateCidrs"}}
        ),
        "no second range": put("FrontSecurityGroup/SecurityGroupIngress/1", _NEVER),
        "no prefix list": put("FrontSecurityGroup/SecurityGroupIngress/5", _NEVER),
        "to the others": put("BackSecurityGroup/SecurityGroupIngress", [_HTTPS | {"CidrIp": "10.0.0.0/8"}]),
    },
    "the function connects to the endpoints that are not people's, and what runs in Studio to all": {
        "not the function": _remove("BackFromFunction"),
        "the function to people's": put("BackFromFunction/GroupId", {"Ref": "FrontSecurityGroup"}),
        "by every port": put("BackFromFunction/IpProtocol", "-1"),
        "what runs in Studio to one another": new(
            "More",
            "AWS::EC2::SecurityGroupIngress",
            {"GroupId": {"Ref": "StudioSecurityGroup"}, "SourceSecurityGroupId": {"Ref": "StudioSecurityGroup"}},
        ),
        "everybody by a rule of its own": new(
            "More", "AWS::EC2::SecurityGroupIngress", {"GroupId": {"Ref": "BackSecurityGroup"}, "CidrIp": "0.0.0.0/0"}
        ),
    },
    "each group says what may leave it, and that is a way to endpoints": {
        "the function to everywhere": add(
            "FunctionSecurityGroup/SecurityGroupEgress", _HTTPS | {"CidrIp": "0.0.0.0/0"}
        ),
        "the function to everywhere, by saying nothing": put("FunctionSecurityGroup/SecurityGroupEgress", []),
        "an endpoint to everywhere": put(
            "BackSecurityGroup/SecurityGroupEgress", [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
        ),
        "Studio to the VPC": add("StudioSecurityGroup/SecurityGroupEgress", _HTTPS | {"CidrIp": {"Ref": "VpcCidr"}}),
        "the function to people's": add(
            "FunctionSecurityGroup/SecurityGroupEgress",
            _HTTPS | {"DestinationSecurityGroupId": {"Ref": "FrontSecurityGroup"}},
        ),
    },
    "nothing is open to everywhere": {
        "from everywhere": add("FrontSecurityGroup/SecurityGroupIngress", _HTTPS | {"CidrIp": "0.0.0.0/0"}),
        "from everywhere by IPv6": add("FrontSecurityGroup/SecurityGroupIngress", _HTTPS | {"CidrIpv6": "::/0"}),
        "a group more": new("More", "AWS::EC2::SecurityGroup", {"VpcId": _VPC}),
    },
    "a VPC that is made leads nowhere": {
        "an internet gateway": new("Gateway", "AWS::EC2::InternetGateway", {}),
        "a NAT gateway": new("Nat", "AWS::EC2::NatGateway", {"SubnetId": {"Ref": "SubnetA"}}),
        "a way out for IPv6": new("Out", "AWS::EC2::EgressOnlyInternetGateway", {"VpcId": _VPC}),
        "a route": new("Route", "AWS::EC2::Route", {"RouteTableId": {"Ref": "RouteTable"}}),
        "a second VPC": new("More", "AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        "public addresses": put("SubnetA/MapPublicIpOnLaunch", value=True),
        "no DNS": put("Vpc/EnableDnsSupport", value=False),
        "no DNS names": put("Vpc/EnableDnsHostnames", value=False),
    },
    "what connects in a VPC that is made is written down": {
        "what is refused alone": put("FlowLog/TrafficType", "REJECT"),
        "to every log group": put("FlowLogRole/Policies/write/PolicyDocument/Statement/WriteTheFlowLogs/Resource", "*"),
        "by whatever role": put("FlowLog/DeliverLogsPermissionArn", "arn:aws:iam::111122223333:role/other"),
        "for every account": drop("FlowLogRole/AssumeRolePolicyDocument/Statement/0/Condition"),
        "and whatever else": add(
            "FlowLogRole/Policies/write/PolicyDocument/Statement/WriteTheFlowLogs/Action", "s3:PutObject"
        ),
    },
}
