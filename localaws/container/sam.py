"""SAM's own commands that run a function in a container, called as a person would call them."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from localaws import example
from localaws.container import engine, processes
from localaws.container.stack import ARCHITECTURE

_SAM = str(example.ROOT / ".venv-sam" / "bin" / "sam")
# For an answer, a cold start and the layer's image included.
_SECONDS = 60
# Free, because the network is this run's own.
_ADDRESS = ("127.0.0.1", 3001)


class InvokeError(Exception):
    """SAM gave no answer; the message ends with its own last words."""


@dataclass(frozen=True, slots=True)
class Sam:
    """What is the same for every command; `environment` says where the engine is.

    Everything that SAM and the function log is in files named *.log beside the template.
    """

    template: Path
    parameters: Mapping[str, str]
    environment: Mapping[str, str]

    def invoke(self, function: str, event: Path) -> dict[str, Any]:
        """Invoke a function in a new container (`sam local invoke`)."""
        command = (_SAM, "local", "invoke", function, "--event", str(event), *self._options())
        log = self.template.with_name(f"invoke-{event.stem}.log")
        try:
            with log.open("w") as output:
                done = subprocess.run(  # noqa: S603 - fixed arguments
                    command, env=self.environment, check=False, stdout=subprocess.PIPE, stderr=output, timeout=_SECONDS
                )
        except subprocess.TimeoutExpired as error:
            raise _error(f"no answer within {_SECONDS} s", log) from error
        return _read(done.stdout, log)

    @contextmanager
    def warm(self, function: str) -> Iterator[Callable[[Path], dict[str, Any]]]:
        """Keep one container of a function (`sam local start-lambda`), and yield what invokes it with an event."""
        path = f"/2015-03-31/functions/{function}/invocations"
        with self._started("start-lambda") as log:
            yield lambda event: _read(_ask("POST", path, event.read_bytes(), {}, log)[1], log)

    @contextmanager
    def serving(self) -> Iterator[Callable[[str, Mapping[str, str]], tuple[int, bytes]]]:
        """Serve the API of api.json (`sam local start-api`), and yield what gets status and body of a path."""
        with replace(self, template=self.template.with_name("api.json"))._started("start-api") as log:  # noqa: SLF001
            yield lambda path, headers: _ask("GET", path, None, headers, log)

    @contextmanager
    def _started(self, what: str) -> Iterator[Path]:
        port = ("--host", _ADDRESS[0], "--port", str(_ADDRESS[1]))
        command = (_SAM, "local", what, *port, "--warm-containers", "LAZY", *self._options())
        log = self.template.with_name(f"{what}.log")
        with processes.running(command, self.environment, log, _listening):
            yield log

    def _options(self) -> tuple[str, ...]:
        parameters = {**self.parameters, "Architecture": ARCHITECTURE}
        return (
            *("--template", str(self.template), "--region", example.ACCOUNT.region),
            *("--skip-pull-image", "--invoke-image", engine.IMAGE),
            *("--layer-cache-basedir", str(self.template.parent)),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())),
        )


def _listening() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(_ADDRESS) == 0


def _ask(method: str, path: str, body: bytes | None, headers: Mapping[str, str], log: Path) -> tuple[int, bytes]:
    connection = HTTPConnection(*_ADDRESS, timeout=_SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    except OSError as error:
        raise _error(str(error), log) from error
    finally:
        connection.close()


def _read(body: bytes, log: Path) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _error("no JSON object came back", log)
    return answer


def _error(what: str, log: Path) -> InvokeError:
    return InvokeError(f"{what}:\n{processes.last_words(log)}")
