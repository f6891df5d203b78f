"""Each fault, planted into a healthy gate, is found and named, and nothing else is that does not follow from it."""

from pathlib import Path

import pytest

from studio_gate_cli.doctor.checks import CHECKS
from tests.doctor import faults_content, faults_gate, faults_network, faults_roles
from tests.doctor import world as worlds
from tests.doctor.conftest import Doctor
from tests.doctor.faults_network import Row
from tests.doctor.nets import World

ROWS = faults_network.ROWS | faults_roles.ROWS | faults_gate.ROWS | faults_content.ROWS


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_it_is_found(network: World, tmp_path: Path, doctor: Doctor, row: Row) -> None:
    healthy = worlds.parameters(network)
    world = worlds.deploy(network, healthy | row.given(network), tmp_path)
    row.change(world)
    visit = doctor(world, "--config", str(world.config), *row.options)
    found = visit.told["findings"]
    assert visit.names == sorted({row.name} | row.follows)
    assert row.about(world) in {one["about"] for one in found if one["name"] == row.name}
    assert (visit.status, bool(visit.told["not_proven"])) == (row.status, row.blind)
    assert all(one["do"] for one in found)


def test_every_fault_is_planted() -> None:
    known = [fault.name for check in CHECKS for fault in check.faults]
    assert len(set(known)) == len(known)
    assert {row.name for row in ROWS.values()} == set(known)
    assert len(ROWS) > 20
