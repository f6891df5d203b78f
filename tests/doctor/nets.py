"""A VPC in the stand-in, as a gate is deployed into one, and the host that the doctor runs on."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from localaws import studio, template

ACCOUNT = template.Account(id=studio.DEFAULT_ACCOUNT_ID)
REGION, STACK = ACCOUNT.region, ACCOUNT.stack_name
# Each endpoint's service, by what it is called here; the last three are the function's own affair.
SERVICES = {
    "execute-api": "com.amazonaws.{}.execute-api",
    "sagemaker.api": "com.amazonaws.{}.sagemaker.api",
    "studio": "aws.sagemaker.{}.studio",
    "sts": "com.amazonaws.{}.sts",
    "notebook": "aws.sagemaker.{}.notebook",
    "experiments": "aws.sagemaker.{}.experiments",
    "ssm": "com.amazonaws.{}.ssm",
    "secretsmanager": "com.amazonaws.{}.secretsmanager",
    "appconfigdata": "com.amazonaws.{}.appconfigdata",
}
_HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}

type Json = dict[str, Any]


@dataclass
class World:
    """A gate and its network, with everything by which a fault can change them."""

    vpc: str
    subnets: list[str]
    groups: dict[str, str]
    endpoints: dict[str, str]
    parameters: dict[str, str] = field(default_factory=dict)
    resources: Json = field(default_factory=dict)
    api: str = ""
    config: Path = Path()
    # How names resolve, and which addresses do not answer, from the host that the doctor runs on.
    dns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    # What was asked of AWS, by its IAM action; what AWS refuses; and what it says otherwise than the stand-in.
    calls: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    says: dict[str, Callable[[Json], object]] = field(default_factory=dict)

    @property
    def client(self) -> Callable[[str], Any]:
        """What makes clients of the stand-in."""
        return client

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return the addresses of an endpoint's interfaces."""
        held = ec2_backends[ACCOUNT.id][REGION].vpc_end_points[self.endpoints[name]]
        found = self.client("ec2").describe_network_interfaces(NetworkInterfaceIds=held.network_interface_ids)
        return tuple(sorted(one["PrivateIpAddress"] for one in found["NetworkInterfaces"]))

    def held(self, name: str) -> Any:  # noqa: ANN401 - moto's
        """Return an endpoint as the stand-in holds it, to be changed as AWS would."""
        return ec2_backends[ACCOUNT.id][REGION].vpc_end_points[self.endpoints[name]]


def client(service: str) -> Any:  # noqa: ANN401 - as boto3 makes it
    """Return a client of the stand-in, one for all tests."""
    return _made(service, os.environ["AWS_ENDPOINT_URL"])


@cache
def _made(service: str, url: str) -> Any:  # noqa: ANN401 - the same
    return boto3.Session(region_name=REGION).client(service, endpoint_url=url)


def network() -> World:
    """Make a VPC with two subnets, an endpoint of each service and the security groups that let them talk."""
    # The same ids each time, so that what is made of them can be kept.
    mock_random.seed(20)
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    groups = {
        name: ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("function", "endpoints")
    }
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    for group in groups.values():
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    to = {"UserIdGroupPairs": [{"GroupId": groups["endpoints"]}]}
    ec2.authorize_security_group_egress(GroupId=groups["function"], IpPermissions=[_HTTPS | to])
    sources = {"UserIdGroupPairs": [{"GroupId": groups["function"]}], "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=groups["endpoints"], IpPermissions=[_HTTPS | sources])
    made = World(vpc, subnets, groups, {})
    for name, service in SERVICES.items():
        endpoint(made, name, service)
    return made


def endpoint(world: World, name: str, service: str, vpc: str | None = None) -> str:
    """Make an interface endpoint in each subnet, with addresses of the subnets; return its id."""
    made = client("ec2").create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc or world.vpc,
        ServiceName=service.format(REGION),
        SubnetIds=world.subnets,
        SecurityGroupIds=[world.groups["endpoints"]],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    world.endpoints[name] = made
    backend, number = ec2_backends[ACCOUNT.id][REGION], len(world.endpoints)
    for zone, interface in enumerate(backend.vpc_end_points[made].network_interface_ids):
        # moto draws addresses from all of 10.0.0.0/8.
        address = f"10.20.{zone}.{10 + number}"
        backend.enis[interface].private_ip_address = address
        backend.enis[interface].private_ip_addresses = [{"PrivateIpAddress": address, "Primary": True}]
    return str(made)
