"""What can be wrong with the network of a gate: a row each."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from moto.ec2.models import ec2_backends

from tests.doctor.nets import ACCOUNT, REGION, World, endpoint

_HTTPS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}


class Row(NamedTuple):
    """A fault: what it is called, about what, how a healthy gate comes to it, and which options show it.

    `given` returns parameters with which the gate is deployed instead; `change` changes the gate that is there. What
    `follows` from it is found, too; it may be that `blind` checks cannot look then. A `status` of 0 is a note's.
    """

    name: str
    about: Callable[[World], str]
    change: Callable[[World], Any] = lambda _: None
    given: Callable[[World], Mapping[str, str]] = lambda _: {}
    follows: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    status: int = 1
    blind: bool = False


def _id(name: str) -> Callable[[World], str]:
    return lambda world: world.endpoints[name]


def _of_runtime(world: World) -> Mapping[str, str]:
    return {"SageMakerApiEndpointId": endpoint(world, "runtime", "com.amazonaws.{}.sagemaker.runtime")}


def _swapped(world: World) -> Mapping[str, str]:
    return {
        "SageMakerApiEndpointId": world.endpoints["studio"],
        "StudioEndpointId": world.endpoints["sagemaker.api"],
    }


def _in_another_vpc(parameter: str, name: str) -> Callable[[World], Mapping[str, str]]:
    def given(world: World) -> Mapping[str, str]:
        ec2 = world.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        service = world.held(name).service_name.replace(REGION, "{}")
        return {parameter: endpoint(world, name, service, vpc)}

    return given


def _held(name: str, **values: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        for key, value in values.items():
            setattr(world.held(name), key, value)

    return change


def _policy(name: str, *statements: Mapping[str, object]) -> Callable[[World], None]:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*"} | dict(one) for one in statements],
    }
    return _held(name, policy_document=json.dumps(document))


def _dns_off(attribute: str) -> Callable[[World], None]:
    return lambda world: world.client("ec2").modify_vpc_attribute(VpcId=world.vpc, **{attribute: {"Value": False}})


def _without(name: str) -> Callable[[World], None]:
    # moto goes on listing what its DeleteVpcEndpoints has deleted.
    return lambda world: ec2_backends[ACCOUNT.id][REGION].vpc_end_points.pop(world.endpoints[name])


def _let_in(**rule: object) -> Callable[[World], None]:
    """Let the endpoints be reached by this rule and no other."""

    def change(world: World) -> None:
        ec2, group = world.client("ec2"), world.groups["endpoints"]
        (had,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=had["IpPermissions"])
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_HTTPS | rule])

    return change


def _let_out(**rule: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        ec2, group = world.client("ec2"), world.groups["function"]
        (had,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=had["IpPermissionsEgress"])
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[_HTTPS | rule])

    return change


def _other_group(world: World) -> None:
    """Let in another group than the function's, and only one of its two subnets."""
    ranges = [{"CidrIp": "10.20.0.0/24"}]
    _let_in(UserIdGroupPairs=[{"GroupId": world.groups["endpoints"]}], IpRanges=ranges)(world)


def _resolves(start: str, *addresses: str) -> Callable[[World], None]:
    return lambda world: world.dns.update({name: addresses for name in world.dns if start in name})


def _to_another_endpoint(world: World) -> None:
    world.dns |= {name: ("10.99.1.2",) for name in world.dns if "execute-api" in name}


ENDPOINTS = {
    "the id of the runtime's endpoint in the place of the API's": Row(
        "endpoint-of-another-service", _id("runtime"), given=_of_runtime
    ),
    "the ids of sagemaker.api and studio swapped": Row("endpoint-of-another-service", _id("studio"), given=_swapped),
    "the id of an endpoint that is not there": Row("endpoint-missing", _id("sts"), _without("sts")),
    "an execute-api endpoint of another account": Row("endpoint-not-seen", _id("execute-api"), _without("execute-api")),
    "an endpoint that nobody has accepted": Row(
        "endpoint-not-available", _id("studio"), _held("studio", state="pendingAcceptance")
    ),
    "an sts endpoint of another VPC": Row(
        "endpoint-out-of-reach", _id("sts"), given=_in_another_vpc("StsEndpointId", "sts")
    ),
    "an execute-api endpoint of another VPC": Row(
        "endpoint-in-another-vpc",
        _id("execute-api"),
        given=_in_another_vpc("ExecuteApiEndpointIds", "execute-api"),
        status=0,
    ),
    "a studio endpoint without private DNS": Row(
        "private-dns-off", _id("studio"), _held("studio", private_dns_enabled=False)
    ),
    "an execute-api endpoint without private DNS": Row(
        "private-dns-off-at-api", _id("execute-api"), _held("execute-api", private_dns_enabled=False)
    ),
    "an endpoint in one subnet": Row(
        "endpoint-in-one-zone", _id("sts"), lambda world: world.held("sts").subnet_ids.pop()
    ),
    "a VPC without DNS host names": Row("vpc-without-dns", lambda world: world.vpc, _dns_off("EnableDnsHostnames")),
    "a VPC without DNS resolution": Row("vpc-without-dns", lambda world: world.vpc, _dns_off("EnableDnsSupport")),
    "sign-in without an endpoint for its secrets": Row(
        "service-endpoint-missing", lambda world: world.vpc, _without("ssm")
    ),
    "an endpoint for secrets without private DNS": Row(
        "service-endpoint-without-dns", _id("secretsmanager"), _held("secretsmanager", private_dns_enabled=False)
    ),
}
GROUPS = {
    "endpoints that let in another group and one of two subnets": Row(
        "endpoint-refuses-function", _id("sts"), _other_group
    ),
    "a function that may go to the VPC on another port": Row(
        "function-may-not-reach", _id("sts"), _let_out(ToPort=442, FromPort=1, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    ),
    "a function that may go to one of an endpoint's two addresses": Row(
        "function-may-not-reach", _id("sagemaker.api"), _let_out(IpRanges=[{"CidrIp": "10.20.0.0/24"}])
    ),
    "a network of the stack's people that is not let in": Row(
        "endpoint-refuses-people", _id("execute-api"), given=lambda _: {"CorporateCidrs": "10.1.0.0/16,192.168.0.0/16"}
    ),
    "a network of people that is not let in": Row(
        "endpoint-refuses-people", _id("studio"), options=("--from", "10.1.0.0/16", "--from", "192.168.0.0/16")
    ),
}
POLICIES = {
    "an endpoint for the notebooks alone": Row(
        "endpoint-policy-refuses",
        _id("sagemaker.api"),
        _policy("sagemaker.api", {"Action": "sagemaker:Describe*"} | {"Resource": "*"}),
    ),
    "an sts endpoint for another role": Row(
        "endpoint-policy-refuses",
        _id("sts"),
        _policy("sts", {"Action": "sts:*", "Resource": "arn:aws:iam::123456789012:role/other"}),
    ),
    "a studio endpoint for another account": Row(
        "endpoint-policy-refuses",
        _id("studio"),
        _policy("studio", {"Action": "*", "Resource": "*", "Principal": {"AWS": "999988887777"}}),
    ),
    "an execute-api endpoint for those who sign": Row(
        "endpoint-policy-refuses",
        _id("execute-api"),
        _policy(
            "execute-api",
            {"Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}},
        ),
    ),
    "an endpoint for other parameters' readers": Row(
        "endpoint-policy-refuses",
        _id("ssm"),
        _policy("ssm", {"Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "ssm:Get*", "Resource": "*"}),
    ),
}
NAMES = {
    "a studio name that leads to the internet": Row(
        "dns-public",
        lambda _: "d-research01234.studio.eu-central-1.sagemaker.aws",
        _resolves("d-research", "52.94.1.2"),
    ),
    "an sts name that leads to the internet": Row(
        "dns-public-for-function", lambda _: "sts.eu-central-1.amazonaws.com", _resolves("sts.", "52.94.1.3")
    ),
    "an API name that does not resolve": Row(
        "dns-unresolved", lambda world: f"{world.api}.execute-api.{REGION}.amazonaws.com", _resolves("execute-api")
    ),
    "an API name that leads to another endpoint": Row(
        "dns-elsewhere", lambda world: f"{world.api}.execute-api.{REGION}.amazonaws.com", _to_another_endpoint
    ),
    "a firewall between people and the studio endpoint": Row(
        "endpoint-unreachable", _id("studio"), lambda world: world.silent.update(world.addresses("studio"))
    ),
}
ROWS = ENDPOINTS | GROUPS | POLICIES | NAMES
