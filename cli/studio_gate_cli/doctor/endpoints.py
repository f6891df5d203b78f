"""The VPC endpoints: whether each is what its parameter says, and can be reached by its name."""

from collections.abc import Iterator

from studio_gate_cli.doctor.asking import Json
from studio_gate_cli.doctor.findings import Finding, NotProven, Told, broken, note, warning
from studio_gate_cli.doctor.patient import OF_FUNCTION, SERVICES, Endpoint, Patient

MISSING = broken(
    "endpoint-missing",
    "An endpoint that the function uses is not in this account and region.",
    "Give the parameter the id of an endpoint that is there (aws ec2 describe-vpc-endpoints), and deploy.",
)
NOT_SEEN = warning(
    "endpoint-not-seen",
    "An endpoint that people's browsers use is not in this account and region.",
    "If another account owns it, look at it there; else give the parameter the id of an endpoint that is there.",
)
WRONG_SERVICE = broken(
    "endpoint-of-another-service",
    "The id of an endpoint of another service stands in a parameter.",
    "Put the id of an endpoint of the service that is named into the parameter, and deploy.",
)
NOT_AVAILABLE = broken(
    "endpoint-not-available",
    "An endpoint is being made, waits for somebody to accept it, or has failed.",
    "Wait for it, have it accepted, or make it anew; LastError of aws ec2 describe-vpc-endpoints says why.",
)
OUT_OF_REACH = broken(
    "endpoint-out-of-reach",
    "An endpoint that the function itself uses is in another VPC than the function.",
    "Give the id of the endpoint in the function's own VPC, or deploy the function into subnets of the endpoint's.",
)
ELSEWHERE = note(
    "endpoint-in-another-vpc",
    "An endpoint that people's browsers use is in another VPC than the function.",
    "Nothing, if people come that way: their names must then resolve to the addresses of that endpoint.",
)
NOT_PRIVATE = broken(
    "private-dns-off",
    "The endpoint has no private DNS, so that the service's usual name leads out to the internet.",
    "Turn it on: aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --private-dns-enabled.",
)
API_NOT_PRIVATE = warning(
    "private-dns-off-at-api",
    "The execute-api endpoint has no private DNS, so that the API's own name leads nowhere.",
    "Give people https://{api}-{endpoint}.execute-api.{region}.amazonaws.com/gate or a domain name, or turn private "
    "DNS on.",
)
ONE_ZONE = warning(
    "endpoint-in-one-zone",
    "The endpoint has a network interface in one zone alone.",
    "Add a subnet of another zone: aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --add-subnet-ids SUBNET.",
)
NO_DNS = broken(
    "vpc-without-dns",
    "The endpoint's VPC has DNS resolution or DNS host names off, without which there is no private DNS.",
    "Turn both on: aws ec2 modify-vpc-attribute --vpc-id VPC --enable-dns-support, and --enable-dns-hostnames.",
)
FAULTS = (
    MISSING,
    NOT_SEEN,
    WRONG_SERVICE,
    NOT_AVAILABLE,
    OUT_OF_REACH,
    ELSEWHERE,
    NOT_PRIVATE,
    API_NOT_PRIVATE,
    ONE_ZONE,
    NO_DNS,
)
_DNS = {"enableDnsSupport": "EnableDnsSupport", "enableDnsHostnames": "EnableDnsHostnames"}


def look(patient: Patient) -> Told:
    """Look at each endpoint, then at the VPCs that they are in."""
    for one in patient.endpoints:
        if one.described is None and patient.owner:
            yield NotProven(one.id, f"the subnets are shared by {patient.owner}, which alone sees {one.parameter}")
        elif one.described is None:
            yield (MISSING if one.parameter in OF_FUNCTION else NOT_SEEN).at(
                one.id, f"{one.parameter} names it, and it is not in {patient.region}"
            )
        elif not one.is_right:
            wanted = " or ".join(SERVICES[one.parameter])
            yield WRONG_SERVICE.at(one.id, f"{one.parameter} needs {wanted}, and it is {one.service}")
        else:
            yield from _of_one(patient, one, one.described)
    for vpc in dict.fromkeys(described["VpcId"] for _, described in patient.right()):
        yield from _of_vpc(patient, vpc)


def _of_one(patient: Patient, one: Endpoint, described: Json) -> Iterator[Finding]:
    if str(described.get("State", "")).lower() != "available":
        yield NOT_AVAILABLE.at(one.id, f"the {one.service} endpoint is {described.get('State')}")
    if not described.get("PrivateDnsEnabled"):
        fault = API_NOT_PRIVATE if one.service == "execute-api" else NOT_PRIVATE
        yield fault.at(one.id, f"the {one.service} endpoint has private DNS off")
    if (subnets := len(described.get("SubnetIds", []))) < 2:  # noqa: PLR2004 - more than one
        yield ONE_ZONE.at(one.id, f"the {one.service} endpoint is in {subnets} subnet")
    if described["VpcId"] != patient.vpc_id:
        fault = OUT_OF_REACH if one.parameter in OF_FUNCTION else ELSEWHERE
        yield fault.at(
            one.id, f"the {one.service} endpoint is in {described['VpcId']}, the function in {patient.vpc_id}"
        )


def _of_vpc(patient: Patient, vpc: str) -> Iterator[Finding]:
    for attribute, member in _DNS.items():
        answer = patient.ask("ec2:DescribeVpcAttribute", VpcId=vpc, Attribute=attribute)
        if not answer[member]["Value"]:
            yield NO_DNS.at(vpc, f"{attribute} is off")
