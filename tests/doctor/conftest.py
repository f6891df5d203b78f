"""The doctor at a gate in the stand-in, on a host of which the test says what it sees."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from studio_gate_cli.doctor import examining
from studio_gate_cli.doctor.here import Here
from studio_gate_cli.main import main
from tests.doctor import nets
from tests.doctor import world as worlds
from tests.doctor.nets import REGION, STACK, World


@dataclass(frozen=True)
class Visit:
    """What the doctor said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        assert self.out, self.err
        read: dict[str, Any] = json.loads(self.out)
        return read

    @property
    def names(self) -> list[str]:
        """The names of what was found."""
        return sorted({one["name"] for one in self.told["findings"]})


type Doctor = Callable[..., Visit]


@pytest.fixture
def network(aws: None) -> World:
    return nets.network()


@pytest.fixture
def healthy(network: World, tmp_path: Path) -> World:
    return worlds.deploy(network, worlds.parameters(network), tmp_path)


@pytest.fixture
def doctor(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run the command in this process, on a host that sees what the world says."""

    def called(world: World, *given: str, as_json: bool = True, stack: bool = True) -> Visit:
        here = Here(lambda name: world.dns.get(name, ()), lambda address: address not in world.silent)
        monkeypatch.setattr(examining, "this_host", lambda: here)
        capfd.readouterr()
        with monkeypatch.context() as told:
            told.setattr(BaseClient, "_make_api_call", _told_by(world))
            named = ["--stack", STACK] * stack
            try:
                status = main(["doctor", *named, "--region", REGION, *given, *["--json"] * as_json])
            except SystemExit as left:
                status = int(left.code or 0)
        written = capfd.readouterr()
        assert "secret-canary" not in written.out + written.err
        return Visit(status, written.out, written.err)

    return called


def _told_by(world: World) -> Callable[..., Any]:
    """Note each call, refuse what the world refuses, and say of answers what it says: for what the stand-in cannot."""
    original = BaseClient._make_api_call  # noqa: SLF001 - where every call of every client passes

    def call(client: Any, operation: str, given: Any) -> Any:  # noqa: ANN401 - botocore's
        action = f"{client.meta.service_model.service_name}:{operation}"
        world.calls.add(action)
        if action in world.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "upstream-canary"}}, operation)
        answer = original(client, operation, given)
        world.says.get(action, lambda _: None)(answer)
        return answer

    return call
