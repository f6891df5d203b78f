"""The endpoints that the function needs besides the gate's own: for the secrets of sign-in and live configuration."""

from studio_gate_cli.doctor.asking import Json
from studio_gate_cli.doctor.findings import NotProven, Told, warning
from studio_gate_cli.doctor.patient import Patient

NONE_OF_SERVICE = warning(
    "service-endpoint-missing",
    "The function's VPC has no endpoint of a service that the function needs.",
    "Make an interface endpoint of that service with private DNS in the VPC, unless the subnets have another way out.",
)
NOT_PRIVATE = warning(
    "service-endpoint-without-dns",
    "The VPC's endpoint of a service that the function needs is not available, or has no private DNS.",
    "Turn private DNS on: aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --private-dns-enabled.",
)
FAULTS = (NONE_OF_SERVICE, NOT_PRIVATE)


def services(patient: Patient) -> list[str]:
    """Return the services from which the function reads secrets and its configuration."""
    kinds = {one.split(":")[2] for one in patient.listed("SecretArns")}
    if patient.declared("SealingKeys") == "made":
        kinds.add("secretsmanager")
    return sorted(kinds) + ["appconfigdata"] * bool(patient.declared("ConfigSource"))


def needed(patient: Patient) -> dict[str, Json | None]:
    """Return the function's VPC's endpoint of each of them, the best one where there are several."""
    found = patient.ask("ec2:DescribeVpcEndpoints")["VpcEndpoints"]
    here = sorted((one for one in found if one["VpcId"] == patient.vpc_id), key=_is_good)
    by_service = {one["ServiceName"].partition(f".{patient.region}.")[2]: one for one in here}
    return {service: by_service.get(service) for service in services(patient)}


def look(patient: Patient) -> Told:
    """Look whether there is an endpoint of each, with private DNS."""
    for service, one in needed(patient).items():
        if one is None and patient.owner:
            yield NotProven(service, f"the subnets are shared by {patient.owner}, which alone sees their endpoints")
        elif one is None:
            yield NONE_OF_SERVICE.at(patient.vpc_id, f"there is no {service} endpoint")
        elif not _is_good(one):
            found = f"the {service} endpoint is {one.get('State')}, private DNS {bool(one.get('PrivateDnsEnabled'))}"
            yield NOT_PRIVATE.at(one["VpcEndpointId"], found)


def _is_good(one: Json) -> bool:
    return str(one.get("State", "")).lower() == "available" and bool(one.get("PrivateDnsEnabled"))
