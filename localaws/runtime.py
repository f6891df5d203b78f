"""The built function on a laptop, in AWS's own runtime interface emulator and runtime client, as plain processes.

Development equipment. What runs is what `make build` made: the function's folder, and third-party modules from its
layer alone. The emulator takes one request at a time, so several run side by side, as Lambda's own environments do.
"""

import filecmp
import json
import os
import platform
import queue
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

from localaws import children, example
from localaws.container.processes import StartError, last_words

BUILT = example.ROOT / ".aws-sam" / "build"
CACHE = example.ROOT / ".cache"
LOG = "function.log"
PYTHON = example.ROOT / ".venv-runtime" / "bin" / "python"

_EMULATORS = ".venv-sam/lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-"
# The emulator's name for a machine, and the layer built for it.
_MACHINES = {"x86_64": ("x86_64", "DependenciesX8664"), "aarch64": ("arm64", "DependenciesArm64")}
_INVOKE = "/2015-03-31/functions/function/invocations"
_ATTEMPTS = 3
_OK = 200
# In seconds: for an emulator to listen, to end, and to time out itself; API Gateway's patience with an integration.
_TO_START, _TO_STOP, _GRACE, _INTEGRATION_TIMEOUT = 10, 3, 3, 29


class FunctionError(Exception):
    """The function ended without an answer: it crashed, or ran into its timeout. What it said is in the log alone."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as Lambda runs it; `timeout` in seconds, `memory` in MB and for show, `log_level` of the emulator."""

    name: str
    code: Path
    handler: str
    layer: Path
    environment: Mapping[str, str] = field(repr=False)
    timeout: int = 10
    memory: int = 1024
    log_level: str = "error"


def missing() -> str | None:
    """Say in one line what has to be there first; nothing if all is."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES or shutil.which("setpriv") is None:
        return "AWS's emulator runs on Linux alone, on x86_64 or arm64, and needs setpriv (util-linux)"
    emulator, layer = _MACHINES[platform.machine()]
    if not ((BUILT / "Function").exists() and (BUILT / layer).exists()):
        return ".aws-sam/build is missing: make build"
    if not any(example.ROOT.glob(_EMULATORS + emulator)):
        return ".venv-sam is missing: make build"
    return None if PYTHON.exists() else ".venv-runtime is missing: make .venv-runtime/.ready"


def built(
    stack: Mapping[str, Any], endpoint: str, folder: Path, config: Path = example.CONFIG, trusted: str = ""
) -> Function:
    """Return the built function in the stack's environment, calling AWS at `endpoint`; `trusted` is a CA file.

    Its code is copied into `folder`, so that systems run side by side, each with a configuration of its own.
    """
    properties = stack["Function"]["Properties"]
    services = {f"AWS_ENDPOINT_URL_{service}": endpoint for service in ("SAGEMAKER", "SSM", "STS")}
    return Function(
        name=properties["FunctionName"],
        code=example.code(BUILT / "Function", folder / "function", config),
        handler=properties["Handler"],
        layer=BUILT / _MACHINES[platform.machine()][1],
        environment=properties["Environment"]["Variables"] | services | ({"SSL_CERT_FILE": trusted} if trusted else {}),
        timeout=properties["Timeout"],
        memory=properties["MemorySize"],
    )


@contextmanager
def running(function: Function, log: Path, workers: int = 2) -> Iterator["Pool"]:
    """Run a function in so many environments until the block is left, all output in `log`, and yield what invokes it.

    On exit every process has ended, whatever happened. `StartError` if the emulator does not start.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    # One thread makes all processes and outlives them: they are to end with it (PR_SET_PDEATHSIG counts threads).
    with log.open("ab") as output, ThreadPoolExecutor(1, "runtime") as starter:
        pool = Pool(function, _emulator(), log, output, starter)
        try:
            pool.fill(workers)
            yield pool
        finally:
            pool.end()


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    port: int
    runtime_port: int


class Pool:
    """The environments of one function; call it with an event, from any thread."""

    def __init__(
        self, function: Function, emulator: Path, log: Path, output: IO[bytes], starter: ThreadPoolExecutor
    ) -> None:
        self._function = function
        self._emulator = emulator
        self._log = log
        self._output = output
        self._starter = starter
        self._started: set[_Worker] = set()
        self._ended = False
        # The warmest first. Nothing in place of a worker that has to be made anew.
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The ids of the emulators that run."""
        return tuple(worker.process.pid for worker in self._started if worker.process.poll() is None)

    def fill(self, workers: int) -> None:
        """Start so many workers."""
        for started in [self._starter.submit(self._start) for _ in range(workers)]:
            self._idle.put(started.result())

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the function's answer, or its own account of an exception; wait for a worker first.

        `FunctionError` when there is no answer; `TimeoutError` when no worker was free within 29 s, which is as long as
        API Gateway waits for an integration.
        """
        try:
            worker = self._idle.get(timeout=_INTEGRATION_TIMEOUT)
        except queue.Empty:
            raise TimeoutError("no worker became free") from None
        keep = None
        try:
            if worker is None or worker.process.poll() is not None:
                worker = self._starter.submit(self._start).result()
            answer = self._post(worker, json.dumps(event).encode())
            keep = worker
        finally:
            if worker is not None and keep is None:
                self._drop(worker)
            self._idle.put(keep)
        return answer

    def end(self) -> None:
        """End every process; what is being invoked fails."""
        self._starter.submit(self._end_all).result()

    def _end_all(self) -> None:
        self._ended = True
        for worker in list(self._started):
            self._drop(worker)

    def _post(self, worker: _Worker, body: bytes) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", worker.port, timeout=self._function.timeout + _GRACE)
        try:
            connection.request("POST", _INVOKE, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = json.loads(response.read()) if response.status == _OK else None
        except (OSError, HTTPException, ValueError) as error:
            # What the emulator says of a timeout is no JSON.
            raise FunctionError(f"no answer: {type(error).__name__}") from None
        finally:
            connection.close()
        if not isinstance(answer, dict):
            raise FunctionError("no answer that is a map")
        return answer

    def _start(self) -> _Worker:
        for _ in range(_ATTEMPTS):
            if self._ended:
                break
            ports = free_port(), free_port()
            worker = _Worker(self._process(*ports), *ports)
            self._started.add(worker)
            if _listens(worker):
                return worker
            self._drop(worker)
        raise StartError(f"the runtime emulator did not start:\n{last_words(self._log)}")

    def _process(self, port: int, runtime_port: int) -> subprocess.Popen[bytes]:
        command = (
            *(str(shutil.which("setpriv")), "--pdeathsig", "TERM", "--"),
            *(str(self._emulator), "--log-level", self._function.log_level),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
            *(str(PYTHON), "-m", "awslambdaric", self._function.handler),
        )
        return subprocess.Popen(  # noqa: S603 - fixed arguments
            command,
            cwd=self._function.code,
            env=_environment(self._function),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            # Ctrl-C must reach this process alone, which then ends things in order.
            start_new_session=True,
        )

    def _drop(self, worker: _Worker) -> None:
        self._started.discard(worker)
        children.end(worker.process, _TO_STOP)


def _environment(function: Function) -> dict[str, str]:
    """Return what Lambda sets, with credentials that open nothing, and nothing of this process's own environment."""
    return {
        **function.environment,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": example.ACCOUNT.region,
        "AWS_DEFAULT_REGION": example.ACCOUNT.region,
        # The person's own settings are none of the function's.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        "LAMBDA_TASK_ROOT": str(function.code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(function.layer / "python"),
    }


def _emulator() -> Path:
    """Return a copy of the emulator that may be executed; its wheel does not promise that."""
    if reason := missing():
        raise StartError(reason)
    (source,) = example.ROOT.glob(_EMULATORS + _MACHINES[platform.machine()][0])
    copy = CACHE / source.name
    if not (copy.exists() and os.access(copy, os.X_OK) and filecmp.cmp(source, copy, shallow=False)):
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            unfinished = Path(folder) / source.name
            shutil.copyfile(source, unfinished)
            unfinished.chmod(0o755)
            unfinished.replace(copy)
    return copy


def free_port() -> int:
    """Return a port below those that Linux gives to whoever asks for any, so that few others get it meanwhile."""
    while True:
        port = secrets.choice(range(15_000, 30_000))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _listens(worker: _Worker) -> bool:
    """Wait until the emulator listens at both of its ports; it ends where another process has been faster."""
    until = monotonic() + _TO_START
    while worker.process.poll() is None and monotonic() < until:
        if {worker.port, worker.runtime_port} <= children.ports(worker.process.pid):
            return True
        sleep(0.01)
    return False
