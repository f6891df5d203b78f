"""The real runtime: AWS's emulator and runtime client, with the built function and with a probe in its place.

They need what `make build` makes. Where that is missing they are skipped, but not in the lane that is there for them
(CI=true STUDIO_GATE_RUNTIME=1).
"""

import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import cache_from_source
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from localaws import example, runtime, server, tokens
from localaws.gateway.serving import Addresses, serving
from studio_gate.config import Config
from tests.gateway.clients import CALLERS, get, send
from tests.gateway.conftest import Stack

PROBE = Path(__file__).parent / "probe"


@pytest.fixture(scope="module", autouse=True)
def there() -> None:
    if reason := runtime.missing():
        if os.environ.get("CI") == "true" and os.environ.get("STUDIO_GATE_RUNTIME") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "function.log"


@pytest.fixture(scope="module")
def function(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> runtime.Function:
    return runtime.built(stack, "http://127.0.0.1:1", tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def probe(function: runtime.Function) -> runtime.Function:
    return replace(function, code=PROBE, handler="probe.handler")


@pytest.fixture
def pool(probe: runtime.Function, log: Path) -> Iterator[runtime.Pool]:
    with runtime.running(probe, log) as pool:
        yield pool


def alive(process: int) -> bool:
    """Tell whether a process runs; one that is only not waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually_dead(processes: set[int]) -> bool:
    until = time.monotonic() + 5
    while any(map(alive, processes)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, processes))


def at_once(pool: runtime.Pool, *events: dict[str, Any]) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(len(events)) as threads:
        return list(threads.map(pool, events))


def test_what_was_built_is_compiled(function: runtime.Function) -> None:
    sources = [*function.code.rglob("*.py"), *function.layer.rglob("*.py")]
    assert sources
    assert [one for one in sources if not Path(cache_from_source(str(one))).exists()] == []


def test_two_requests_are_served_at_once_and_a_third_waits(pool: runtime.Pool) -> None:
    at_once(pool, {"seconds": 0.2}, {"seconds": 0.2})
    answers = sorted(at_once(pool, *[{"seconds": 0.6}] * 3), key=lambda answer: float(answer["until"]))
    assert len({answer["process"] for answer in answers}) == 2
    first, second, third = (float(answer["until"]) for answer in answers)
    assert second - first < 0.5
    assert third - first > 0.5


def test_third_party_modules_come_from_the_layer(pool: runtime.Pool, probe: runtime.Function) -> None:
    answer = pool({"modules": True})
    layer = probe.layer / "python"
    assert [file for file in answer["files"].values() if not Path(file).is_relative_to(layer)] == []
    own = [path for path in answer["path"] if "site-packages" in path]
    assert [Path(path).relative_to(example.ROOT).parts[0] for path in own] == [".venv-runtime"]
    installed = {path.name.split("-")[0] for path in Path(own[0]).glob("*.dist-info")}
    assert installed - {"pip"} == {"awslambdaric", "simplejson", "snapshot_restore_py"}


def test_the_environment_is_the_deployed_functions(pool: runtime.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = pool({})["environment"]
    assert {name: environment[name] for name in example.environment()} == example.environment()
    assert environment["AWS_ENDPOINT_URL_STS"] == environment["AWS_ENDPOINT_URL_SAGEMAKER"] == "http://127.0.0.1:1"
    assert not {"PATH", "HOME", "AWS_PROFILE", "HTTPS_PROXY", "STUDIO_GATE_RUNTIME"} & environment.keys()


def test_the_death_of_a_worker_is_survived(pool: runtime.Pool) -> None:
    for _ in range(3):
        with pytest.raises(runtime.FunctionError):
            pool({"die": True})
    assert len({answer["process"] for answer in at_once(pool, {"seconds": 0.3}, {"seconds": 0.3})}) == 2


def test_the_death_of_an_emulator_is_survived(pool: runtime.Pool) -> None:
    emulators = set(pool.process_ids)
    for emulator in emulators:
        os.kill(emulator, 9)
    # A zombie whose other threads are still ending is not to be waited for yet, and the pool takes it for alive.
    until = time.monotonic() + 5
    while emulators & set(pool.process_ids) and time.monotonic() < until:
        time.sleep(0.02)
    assert len({answer["process"] for answer in at_once(pool, {"seconds": 0.3}, {"seconds": 0.3})}) == 2
    assert not emulators & set(pool.process_ids)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports that are found to be free first, whatever has become of them since."""
    ports: list[int] = []
    # What it says is true until somebody else takes the port.
    free = runtime.free_port
    monkeypatch.setattr(runtime, "free_port", lambda: ports.pop() if ports else free())
    return ports


@pytest.mark.parametrize("which", [0, 1], ids=["the runtime's", "the emulator's"])
def test_where_another_process_was_faster_another_port_is_taken(
    probe: runtime.Function, log: Path, told: list[int], which: int
) -> None:
    with socket.socket() as other, socket.socket() as free:
        for one in (other, free):
            one.bind(("127.0.0.1", 0))
        other.listen()
        told += [free.getsockname()[1]]
        told.insert(which, other.getsockname()[1])
        free.close()
        with runtime.running(probe, log, workers=1) as pool:
            assert pool({})["process"]
    assert told == []


def test_of_two_that_start_at_once_at_the_same_ports_each_answers_for_itself(
    probe: runtime.Function, tmp_path: Path, told: list[int]
) -> None:
    told += [runtime.free_port() for _ in range(2)] * 2

    def asked(name: str) -> str:
        function = replace(probe, environment={"WHO": name})
        with runtime.running(function, tmp_path / f"{name}.log", workers=1) as pool:
            begun.wait(20)
            return str(pool({})["environment"]["WHO"])

    begun = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(asked, ("one", "another"))) == ["one", "another"]
    assert told == []


def test_an_exception_is_the_functions_own_to_tell(pool: runtime.Pool) -> None:
    assert pool({"fail": True})["errorType"] == "ValueError"


def test_a_hung_worker_is_killed_at_the_functions_timeout(probe: runtime.Function, log: Path) -> None:
    with runtime.running(replace(probe, timeout=1), log) as pool:
        before = set(pool.process_ids)
        began = time.monotonic()
        with pytest.raises(runtime.FunctionError):
            pool({"seconds": 30})
        assert 1 <= time.monotonic() - began < 6
        ended = before - set(pool.process_ids)
        assert (len(ended), eventually_dead(ended)) == (1, True)


def test_every_process_has_ended_after_a_failure_too(probe: runtime.Function, log: Path) -> None:
    processes: set[int] = set()

    def interrupted() -> None:
        with runtime.running(probe, log) as pool:
            processes.update(int(answer["process"]) for answer in at_once(pool, {"seconds": 0.3}, {"seconds": 0.3}))
            processes.update(pool.process_ids)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(processes) == 4
    assert eventually_dead(processes)


def test_what_is_being_invoked_is_ended_too(probe: runtime.Function, log: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        with runtime.running(replace(probe, timeout=30), log) as pool:
            emulators = set(pool.process_ids)
            hung = threads.submit(pool, {"seconds": 30})
            time.sleep(0.5)
        assert isinstance(hung.exception(5), runtime.FunctionError)
    assert eventually_dead(emulators)


@pytest.fixture
def gate(stack: Stack, config: Config, log: Path, tmp_path: Path) -> Iterator[Addresses]:
    """The whole of it: the built function, behind the gateway, before the stand-in for AWS."""
    with server.running() as aws:
        example.seed(config)
        function = runtime.built(stack, aws, tmp_path)
        with runtime.running(function, log) as pool, serving(stack, CALLERS, pool) as addresses:
            yield addresses


def test_the_built_function_mints_behind_the_gateway_and_writes_its_audit_record(gate: Addresses, log: Path) -> None:
    minted, refused = get(f"{gate.endpoint}/iam/url/research"), get(f"{gate.endpoint}/iam/url/research?profile=bob")
    assert (minted.status, minted.decoded["profile"], refused.status) == (200, "alice", 403)
    assert send(f"{gate.endpoint}/health").status == 200
    lines = log.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line)["audit"] for line in lines if line.startswith('{"audit"')]
    assert [record["outcome"] for record in records] == ["minted", "refused", "answered"]
    assert records[0]["request_id"] == minted.headers["x-amzn-requestid"]
    assert minted.decoded["url"] not in log.read_text(encoding="utf-8")


PROOFS = {
    "a token": ("/jwt/open/research", "jwt", 302),
    "a load balancer's assertion": ("/proxy/open/research", "alb", 302),
    "another proxy's assertion": ("/proxy/open/research", "edge", 302),
    "a token that has expired": ("/jwt/open/research", "jwt-expired", 401),
    "a forged assertion": ("/proxy/open/research", "alb-forged", 401),
}


def test_the_built_function_proves_tokens_and_writes_none(gate: Addresses, log: Path) -> None:
    for what, (path, name, status) in PROOFS.items():
        assert send(f"{gate.endpoint}{path}", tokens.header(name)).status == status, what
    written = log.read_text(encoding="utf-8")
    assert written.count('"audit"') == len(PROOFS)
    assert not tokens.FORM.search(written)
