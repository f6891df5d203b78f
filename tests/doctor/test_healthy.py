"""Of a gate to which nothing is wrong, nothing is said."""

from pathlib import Path

from studio_gate_cli.doctor.checks import ACTIONS, READING_ACTIONS
from tests.doctor import faults_content, faults_roles
from tests.doctor import world as worlds
from tests.doctor.conftest import Doctor
from tests.doctor.nets import World

EVERYTHING = ("--from", "10.0.0.0/8", "--read-secrets", "--config")


def test_nothing_is_found(healthy: World, doctor: Doctor) -> None:
    visit = doctor(healthy, *EVERYTHING, str(healthy.config))
    assert (visit.told["findings"], visit.told["not_proven"]) == ([], [])
    assert (visit.status, set(visit.told["checks"].values())) == (0, {"well"})


def test_it_asks_for_what_its_page_lists_and_nothing_else(network: World, tmp_path: Path, doctor: Doctor) -> None:
    """Of a gate that has everything: live configuration, secrets, a boundary and a network of its own."""
    live = faults_content.LIVE["a live configuration that nobody deployed"].given(network)
    made = worlds.parameters(network) | live
    worlds.deploy(network, made, tmp_path)
    faults_roles.ROWS["a boundary that knows no minting"].change(network)
    renamed = {"SecurityGroupIds": "FunctionSecurityGroupIds"}
    outputs = {renamed.get(name, name): made[name] for name in worlds.OF_NETWORK}
    worlds.stack_with_network(network, made | {"Network": "vpc"}, outputs)
    doctor(network, *EVERYTHING, str(network.config))
    # All of API Gateway's reading is one action of IAM's.
    asked = {"apigateway:GET" if one.startswith("apigateway:Get") else one for one in network.calls}
    reading = {"ssm:GetParameter"}
    assert asked - reading == set(ACTIONS)
    assert reading < set(READING_ACTIONS)
