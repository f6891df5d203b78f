"""DNS: whether the names that are asked for lead to the endpoints, from where this runs."""

from collections.abc import Iterator
from ipaddress import ip_address

from studio_gate_cli.doctor.findings import Finding, NotLookedError, NotProven, Told, broken, warning
from studio_gate_cli.doctor.patient import OF_FUNCTION, Patient

PUBLIC = broken(
    "dns-public",
    "A name that browsers use resolves to public addresses here, though this host reaches the endpoints.",
    "Turn private DNS on at the endpoint; where this host is not in its VPC, forward the name to the VPC's resolver.",
)
PUBLIC_FOR_FUNCTION = warning(
    "dns-public-for-function",
    "A name that the function uses resolves to public addresses here.",
    "Run this on a host in the function's VPC; if this is one, turn private DNS on at the endpoint.",
)
UNRESOLVED = broken(
    "dns-unresolved",
    "A name does not resolve here at all.",
    "Have this network's resolver forward the name to the VPC's resolver, and look for a private zone that shadows it.",
)
ELSEWHERE = broken(
    "dns-elsewhere",
    "A name resolves to private addresses that are not the endpoint's.",
    "Have the name resolve to the network interfaces of the gate's own endpoint: another one's requests are refused.",
)
UNREACHABLE = broken(
    "endpoint-unreachable",
    "Nothing answers on 443 at an address of an endpoint that browsers use.",
    "Let 443 from this network into the endpoint's security groups, and look at routes, network ACLs and firewalls.",
)
FAULTS = (PUBLIC, PUBLIC_FOR_FUNCTION, UNRESOLVED, ELSEWHERE, UNREACHABLE)


def look(patient: Patient) -> Told:
    """Look where each name leads, and whether something answers at the addresses that browsers use."""
    if not patient.reaches:
        why = "this host reaches no endpoint: run it from a host in the VPC, or give --inside if this is one"
        yield NotProven("names", why)
        return
    for parameter, name in _names(patient):
        try:
            yield from _of_name(patient, parameter, name)
        except NotLookedError as failed:
            yield NotProven(name, failed.why)
    for one, described in patient.right():
        if one.parameter not in OF_FUNCTION:
            silent = sorted(one for one in patient.addresses(described) if not patient.here.connects(one))
            if silent:
                yield UNREACHABLE.at(one.id, f"the {one.service} endpoint does not answer at {', '.join(silent)}")


def _names(patient: Patient) -> Iterator[tuple[str, str]]:
    """Yield each name with the parameter of the endpoints that it must lead to."""
    yield "ExecuteApiEndpointIds", f"{patient.api_id}.execute-api.{patient.region}.{patient.suffix}"
    yield "SageMakerApiEndpointId", f"api.sagemaker.{patient.region}.{patient.suffix}"
    yield "StsEndpointId", f"sts.{patient.region}.{patient.suffix}"
    for region, domain in patient.domains:
        if region == patient.region:
            yield "StudioEndpointId", f"{domain}.studio.{region}.sagemaker.aws"


def _of_name(patient: Patient, parameter: str, name: str) -> Iterator[Finding]:
    endpoints = [described for _, described in patient.right(parameter)]
    own = set().union(*(patient.addresses(one) for one in endpoints))
    found = set(patient.here.resolve(name))
    public = sorted(one for one in found - own if ip_address(one).is_global)
    if not found:
        yield UNRESOLVED.at(name, "does not resolve")
    elif public:
        fault = PUBLIC_FOR_FUNCTION if parameter in OF_FUNCTION else PUBLIC
        yield fault.at(name, f"resolves to {', '.join(public)}")
    elif own and found - own:
        yield ELSEWHERE.at(
            name, f"resolves to {', '.join(sorted(found - own))}, the endpoint is {', '.join(sorted(own))}"
        )
