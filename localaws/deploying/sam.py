"""`sam deploy` as a person runs it, and the emulator that it talks to."""

import os
import re
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localaws import example, runtime
from localaws.container import processes

EMULATOR = example.ROOT / ".venv-deploy" / "bin" / "python"
_SAM = example.ROOT / ".venv-sam" / "bin" / "sam"
_TEMPLATE = example.ROOT / ".aws-sam" / "build" / "template.yaml"
_PLACEHOLDER = re.compile(r"^placeholder: (.+) (\S+)$", re.MULTILINE)
# For one `sam deploy`.
_PATIENCE = 180


class DeployError(Exception):
    """`sam deploy` failed; the message ends with its own last words."""


@dataclass(frozen=True, slots=True)
class Emulated:
    """An emulator that runs, and where it writes what it does."""

    endpoint: str
    folder: Path

    @property
    def placeholders(self) -> list[tuple[str, str]]:
        """Each type and logical id of which nothing was created, in order and once."""
        log = (self.folder / "emulator.log").read_text(encoding="utf-8")
        return list(dict.fromkeys(_PLACEHOLDER.findall(log)))

    def deploy(self, parameters: Mapping[str, str]) -> str:
        """Deploy the built template, and return what SAM said; `DeployError` unless it went well."""
        command = (
            *(str(_SAM), "deploy", "--template-file", str(_TEMPLATE)),
            *("--config-file", str(example.CONFIG / "samconfig.toml"), "--no-confirm-changeset", "--no-progressbar"),
            # SAM takes no empty value; where there is one, it is the default.
            *("--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items() if value)),
        )
        environment = _environment(self.folder) | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "1",
        }
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments
                command,
                env=environment,
                cwd=example.ROOT,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise DeployError(f"sam deploy did not end within {_PATIENCE} s") from error
        if done.returncode:
            words = "\n".join(done.stdout.strip().splitlines()[-12:])
            raise DeployError(f"sam deploy ended with {done.returncode}:\n{words}")
        return done.stdout


@contextmanager
def emulated(folder: Path, kinds: Iterable[str]) -> Iterator[Emulated]:
    """Run the emulator on loopback until the block is left; of `kinds` it stands in for those that it does not know."""
    port = runtime.free_port()
    environment = _environment(folder) | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": example.ACCOUNT.id,
        "MINISTACK_REGION": example.ACCOUNT.region,
        # It starts containers where it finds an engine; it shall find none.
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    command = (str(EMULATOR), str(Path(__file__).with_name("emulator.py")), *sorted(kinds))
    with processes.running(command, environment, folder / "emulator.log", listens):
        yield Emulated(f"http://127.0.0.1:{port}", folder)


def _environment(folder: Path) -> dict[str, str]:
    """Credentials that open nothing, a home of its own, and nothing of this process's own environment."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": example.ACCOUNT.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
