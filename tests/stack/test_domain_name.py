"""A name of its own: private, reachable through the API's endpoints alone, and leading to the stage without a path."""

import copy
from collections.abc import Mapping
from functools import cache

import pytest

from localaws import policy, template
from tests.stack.breaks_domain_name import OF_THE_NAME_BROKEN
from tests.stack.stacks import (
    DOMAIN_NAME,
    ELSEWHERE,
    EXAMPLE,
    HERE,
    ROOT,
    VARIANTS,
    Guarantee,
    Json,
    Stack,
    create,
    source,
    statements,
    variant,
)

FILE = ROOT / "stacks" / "domain-name.yaml"
ENDPOINTS = [f"vpce-0a1b2c3d4e5f607{n:02}" for n in range(6)]
ANOTHER = "vpce-0fedcba9876543210"
CALLERS = {"nobody": None, "a role of the account": "arn:aws:sts::111122223333:assumed-role/launchers/alice"}
GIVEN = DOMAIN_NAME | {"ApiId": "a1b2c3d4e5", "StageName": "gate", "ExecuteApiEndpointIds": ENDPOINTS[0]}
NOWHERE = {"PrivateHostedZoneId": "none", "ExecuteApiDnsName": "", "ExecuteApiHostedZoneId": "", "VpcId": ""}
NAMES: dict[str, tuple[Mapping[str, str], template.Account]] = {
    "with a zone of its own": ({}, HERE),
    "in a zone that is there": ({"PrivateHostedZoneId": "Z0ANOTHERZONE", "VpcId": ""}, HERE),
    "resolved elsewhere": (NOWHERE, HERE),
    "through four endpoints of both kinds of addresses": (
        {"ExecuteApiEndpointIds": ",".join(ENDPOINTS[:4]), "ExecuteApiAddresses": "dualstack"},
        HERE,
    ),
    "through six endpoints": ({"ExecuteApiEndpointIds": ",".join(ENDPOINTS)}, HERE),
    "through two endpoints of another account": (
        NOWHERE | {"ExecuteApiEndpointIds": ",".join(ENDPOINTS[:2]), "ExecuteApiEndpointOwner": "another-account"},
        HERE,
    ),
    "in another partition": (
        {
            "DomainName": "door.example",
            "CertificateArn": "arn:aws-us-gov:acm:us-gov-west-1:999988887777:certificate/9",
            "ApiId": "zyxwv98765",
            "StageName": "other",
        },
        ELSEWHERE,
    ),
}
# With every kind of resource, so that a change of each is seen.
WHOLE = {"ExecuteApiEndpointIds": ",".join(ENDPOINTS[:4]), "ExecuteApiAddresses": "dualstack"}


@cache
def committed() -> Json:
    return template.load(FILE)


@cache
def name(which: str) -> Stack:
    given, account = NAMES[which]
    return create(committed(), GIVEN | given, account)


def _arn(stack: Stack) -> str:
    found: str = stack.only("AWS::ApiGateway::BasePathMappingV2")["DomainNameArn"]
    return found


def _expected(stack: Stack) -> dict[str, str]:
    """The resources by logical id, as the parameters ask for them."""
    given, zone = stack.parameters, stack.parameters["PrivateHostedZoneId"]
    accesses = ["First", "Second", "Third", "Fourth"][: len(stack.listed("ExecuteApiEndpointIds"))]
    made = {"Name": "AWS::ApiGateway::DomainNameV2", "Mapping": "AWS::ApiGateway::BasePathMappingV2"}
    if given["ExecuteApiEndpointOwner"] == "this-account":
        made |= {f"{one}Access": "AWS::ApiGateway::DomainNameAccessAssociation" for one in accesses}
    if zone != "none":
        made |= {"Zone": "AWS::Route53::HostedZone"} if not zone else {}
        records = ["Ipv4Record", "Ipv6Record"] if given["ExecuteApiAddresses"] == "dualstack" else ["Ipv4Record"]
        made |= dict.fromkeys(records, "AWS::Route53::RecordSet")
    return made


def nothing_else(stack: Stack) -> None:
    assert {one: found["Type"] for one, found in stack.resources.items()} == _expected(stack)


def private(stack: Stack) -> None:
    found = dict(stack.only("AWS::ApiGateway::DomainNameV2"))
    found.pop("Policy", None)
    assert found == {
        "DomainName": stack.parameters["DomainName"],
        "CertificateArn": stack.parameters["CertificateArn"],
        "EndpointConfiguration": {"Types": ["PRIVATE"]},
        "SecurityPolicy": "TLS_1_2",
    }


def named_policy(stack: Stack) -> Json:
    """The name's policy, for what it is about: "execute-api:/*" is all that the name leads to."""
    name = stack.only("AWS::ApiGateway::DomainNameV2")
    assert "Policy" in name
    document: Json = copy.deepcopy(name["Policy"])
    for one in document["Statement"]:
        assert one["Resource"] == "execute-api:/*"
        one["Resource"] = stack.arn("execute-api", "/domainnames/*")
    return document


def invoked(stack: Stack) -> str:
    """What is asked about when the name is used: the name itself, before the API."""
    return stack.arn("execute-api", _arn(stack).split(":", 5)[5])


def _through(stack: Stack, document: Json) -> set[str | None]:
    """The endpoints, or none, through which any caller is let in by a policy."""
    asked = [*stack.listed("ExecuteApiEndpointIds"), ANOTHER, None]
    found = set()
    for endpoint in asked:
        context = {"aws:SourceVpc": "vpc-0123"} | ({"aws:SourceVpce": endpoint} if endpoint else {})
        for caller in CALLERS.values():
            ask = policy.Ask("execute-api:Invoke", invoked(stack), caller, context)
            policies = policy.Policies(resource=document)
            if policy.evaluate(ask, policies, resource_account=stack.account.id).allowed:
                found.add(endpoint)
    return found


def through_the_endpoints(stack: Stack) -> None:
    assert _through(stack, named_policy(stack)) == set(stack.listed("ExecuteApiEndpointIds"))


def _only(document: Json, effect: str) -> Json:
    return document | {"Statement": [one for one in document["Statement"] if one["Effect"] == effect]}


def by_the_allow_alone(stack: Stack) -> None:
    assert _through(stack, _only(named_policy(stack), "Allow")) == set(stack.listed("ExecuteApiEndpointIds"))


def whatever_is_allowed_later(stack: Stack) -> None:
    document = named_policy(stack)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    document["Statement"].append(everybody)
    assert _through(stack, document) == set(stack.listed("ExecuteApiEndpointIds"))


def as_the_api(stack: Stack) -> None:
    """The same Deny, so that neither is open where the other is closed."""
    api = create(source(), EXAMPLE | {"ExecuteApiEndpointIds": stack.parameters["ExecuteApiEndpointIds"]})
    own = api.only("AWS::ApiGateway::RestApi")["Body"]["x-amazon-apigateway-policy"]
    named = stack.only("AWS::ApiGateway::DomainNameV2").get("Policy", {"Statement": []})
    assert statements(named, "Deny") == statements(own, "Deny")


def to_the_stage(stack: Stack) -> None:
    mapping = stack.only("AWS::ApiGateway::BasePathMappingV2")
    assert _arn(stack).startswith(stack.arn("apigateway", f"/domainnames/{stack.parameters['DomainName']}+"))
    wanted = {"RestApiId": stack.parameters["ApiId"], "Stage": stack.parameters["StageName"]}
    assert mapping == wanted | {"DomainNameArn": _arn(stack)}


def associated(stack: Stack) -> None:
    here = stack.parameters["ExecuteApiEndpointOwner"] == "this-account"
    made = [*stack.every("AWS::ApiGateway::DomainNameAccessAssociation").values()]
    assert made == [
        {"DomainNameArn": _arn(stack), "AccessAssociationSource": one, "AccessAssociationSourceType": "VPCE"}
        for one in stack.listed("ExecuteApiEndpointIds")[:4]
        if here
    ]


def recorded(stack: Stack) -> None:
    given, zones = stack.parameters, stack.every("AWS::Route53::HostedZone")
    where = {record["HostedZoneId"] for record in stack.every("AWS::Route53::RecordSet").values()}
    assert where <= ({given["PrivateHostedZoneId"]} if given["PrivateHostedZoneId"] else {_zone_id(stack)})
    vpc = {"VPCId": given["VpcId"], "VPCRegion": stack.account.region}
    assert [*zones.values()] == [{"Name": given["DomainName"], "VPCs": [vpc]}] * len(zones)
    target = {"DNSName": given["ExecuteApiDnsName"], "HostedZoneId": given["ExecuteApiHostedZoneId"]}
    kinds = {"Ipv4Record": "A", "Ipv6Record": "AAAA"}
    for one, record in stack.every("AWS::Route53::RecordSet").items():
        expected = {"Name": given["DomainName"], "Type": kinds[one], "HostedZoneId": record["HostedZoneId"]}
        assert record == expected | {"AliasTarget": target | {"EvaluateTargetHealth": False}}


def _zone_id(stack: Stack) -> str:
    """The id of a zone that the stack makes, as the stand-in for CloudFormation makes it up."""
    made: str = create(committed(), GIVEN, stack.account).resources["Ipv4Record"]["Properties"]["HostedZoneId"]
    assert made.startswith("Z")
    return made


OF_THE_NAME: dict[str, Guarantee] = {
    "nothing is made but the name, its mapping, its associations and its records": nothing_else,
    "the name is private, under its certificate": private,
    "the name is of use through the given endpoints alone, whoever calls": through_the_endpoints,
    "what allows it allows no other endpoint": by_the_allow_alone,
    "whatever is allowed later, other endpoints are denied": whatever_is_allowed_later,
    "the name denies what the API denies": as_the_api,
    "the name leads to the stage, without a path": to_the_stage,
    "the first four endpoints are associated with the name, where they are this account's": associated,
    "the records lead to the endpoint, in the zone that is given or made for the very name": recorded,
}
CASES = [(guarantee, change) for guarantee, changes in OF_THE_NAME_BROKEN.items() for change in changes]


@pytest.mark.parametrize("which", NAMES)
@pytest.mark.parametrize("guarantee", OF_THE_NAME)
def test_the_name(guarantee: str, which: str) -> None:
    OF_THE_NAME[guarantee](name(which))


def test_every_guarantee_is_tried() -> None:
    assert OF_THE_NAME_BROKEN.keys() == OF_THE_NAME.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(committed())
    OF_THE_NAME_BROKEN[guarantee][change](broken)
    stack = create(broken, GIVEN | WHOLE, HERE)
    with pytest.raises(AssertionError):
        OF_THE_NAME[guarantee](stack)


def nested_if_named(stack: Stack) -> None:
    assert ("DomainNameStack" in stack.resources) == bool(stack.parameters["DomainName"])
    if not stack.parameters["DomainName"]:
        return
    inner = stack.nested("DomainNameStack")
    wanted = {one: stack.parameters[one] for one in DOMAIN_NAME.keys() | {"ExecuteApiEndpointIds"}}
    if stack.parameters["Network"] != "existing":
        made = stack.resources["NetworkStack"]["Outputs"]
        wanted |= {one: value for one, value in made.items() if one in wanted}
    assert {one: inner.parameters[one] for one in wanted} == wanted
    stage = stack.only("AWS::ApiGateway::Stage")
    assert (inner.parameters["ApiId"], inner.parameters["StageName"]) == (stage["RestApiId"], stage["StageName"])
    for guarantee in OF_THE_NAME.values():
        guarantee(inner)


def address(stack: Stack) -> None:
    if stack.parameters["DomainName"]:
        assert stack.resources["DomainNameStack"]["Outputs"]["Url"] == f"https://{stack.parameters['DomainName']}"


GUARANTEES: dict[str, Guarantee] = {
    "a name of its own is nested where it is given, for the API's own stage and endpoints": nested_if_named,
    "the address under a name of its own has no path": address,
}


@pytest.mark.parametrize("which", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_stack_with_a_name(guarantee: str, which: str) -> None:
    GUARANTEES[guarantee](variant(which))
