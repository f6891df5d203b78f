"""Security groups: whether 443 is open from the function, and from people's networks, to the endpoints."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses
from typing import Any

from studio_gate_cli.doctor.asking import Json, MissingError
from studio_gate_cli.doctor.findings import NotLookedError, NotProven, Told, broken
from studio_gate_cli.doctor.patient import OF_FUNCTION, Patient
from studio_gate_cli.doctor.services import needed

REFUSES_FUNCTION = broken(
    "endpoint-refuses-function",
    "No security group of the endpoint lets the function in on 443.",
    "Let 443 in from the function's security group, in one of the endpoint's security groups.",
)
MAY_NOT_REACH = broken(
    "function-may-not-reach",
    "No security group of the function lets it out on 443 to the endpoint.",
    "Let 443 out to the endpoint's security group, in one of the function's security groups.",
)
REFUSES_PEOPLE = broken(
    "endpoint-refuses-people",
    "No security group of an endpoint that browsers use lets a network of people in on 443.",
    "Let 443 in from that network, in one of the endpoint's security groups.",
)
FAULTS = (REFUSES_FUNCTION, MAY_NOT_REACH)
PEOPLES_FAULTS = (REFUSES_PEOPLE,)
_PORT = 443


@dataclass(frozen=True, slots=True)
class _Party:
    """One end of a connection: its security groups, and every address that it may have."""

    groups: frozenset[str]
    networks: tuple[IPv4Network, ...]


def look(patient: Patient) -> Told:
    """Look at both ends of each connection that the function makes."""
    config = patient.deployed().get("VpcConfig", {})
    function = _Party(
        frozenset(config.get("SecurityGroupIds", [])),
        tuple(IPv4Network(one["CidrBlock"]) for one in patient.subnets),
    )
    for described in (*(one for _, one in patient.right(*OF_FUNCTION)), *needed(patient).values()):
        if described is None or described["VpcId"] != patient.vpc_id:
            continue
        about, service = described["VpcEndpointId"], described["ServiceName"].partition(f".{patient.region}.")[2]
        endpoint = _endpoint(patient, described)
        incoming = _rules(patient, endpoint.groups, "IpPermissions")
        yield from _told(
            _lets(incoming, function), REFUSES_FUNCTION.at(about, f"the {service} endpoint lets it not in")
        )
        outgoing = _rules(patient, function.groups, "IpPermissionsEgress")
        found = MAY_NOT_REACH.at(about, f"443 to the {service} endpoint is not open")
        yield from _told(_lets(outgoing, endpoint), found)


def look_for_people(patient: Patient) -> Told:
    """Look whether people's networks are let into the endpoints that their browsers use."""
    theirs = {one for one in patient.endpoints if one.parameter not in OF_FUNCTION}
    for one, described in patient.right():
        if one in theirs:
            incoming = _rules(patient, _endpoint(patient, described).groups, "IpPermissions")
            for network in patient.networks:
                found = REFUSES_PEOPLE.at(one.id, f"{network} is not let into the {one.service} endpoint")
                yield from _told(_lets(incoming, _Party(frozenset(), (network,))), found)


def _told(let: bool | None, found: Any) -> Told:  # noqa: ANN401, FBT001 - a Finding; yes, no, or not known
    if let is None:
        yield NotProven(found.about, f"{found.found}, or by a prefix list whose addresses are not looked at")
    elif not let:
        yield found


def _endpoint(patient: Patient, described: Json) -> _Party:
    addresses = patient.addresses(described)
    groups = frozenset(one["GroupId"] for one in described.get("Groups", []))
    return _Party(groups, tuple(IPv4Network(one) for one in sorted(addresses)))


def _rules(patient: Patient, groups: frozenset[str], direction: str) -> list[Json]:
    try:
        found = patient.ask("ec2:DescribeSecurityGroups", GroupIds=sorted(groups))["SecurityGroups"] if groups else []
    except MissingError as missing:
        raise NotLookedError("a security group is not to be seen") from missing
    return [rule for group in found for rule in group.get(direction, []) if _is_https(rule)]


def _is_https(rule: Json) -> bool:
    """Tell whether a rule is about TCP on 443; all protocols have no ports (API_IpPermission)."""
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in {"tcp", "6"} and rule.get("FromPort", -1) <= _PORT <= rule.get("ToPort", -1)


def _lets(rules: Sequence[Json], other: _Party) -> bool | None:
    """Tell whether the rules together let the other party, wherever in its networks it is; None if a list might."""
    if any(pair.get("GroupId") in other.groups for pair in _all(rules, "UserIdGroupPairs")):
        return True
    open_to = [IPv4Network(one["CidrIp"]) for one in _all(rules, "IpRanges")]
    if other.networks and _cover(open_to, other.networks):
        return True
    return None if any(True for _ in _all(rules, "PrefixListIds")) else False


def _all(rules: Iterable[Json], member: str) -> Iterator[Json]:
    return (one for rule in rules for one in rule.get(member, []))


def _cover(open_to: Iterable[IPv4Network], networks: Iterable[IPv4Network]) -> bool:
    joined = [*collapse_addresses(open_to)]
    return all(any(one.subnet_of(each) for each in joined) for one in networks)
