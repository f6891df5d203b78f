"""A Docker engine that nobody else sees: own socket, own data, no registry, ended with the run.

It is to be started in the namespaces that run.sh makes, where its bridge can clash with nothing.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from localaws.container import processes

# The bridge's own address, where containers reach what listens outside of them.
BRIDGE = "172.30.98.1"
IMAGE = "studio-gate/python3.13:local"

# On run.sh's private tmpfs, because a socket's path must be under 108 characters.
_RUN = Path("/run/sam-local")

# What AWS's image sets; without /var/lang/lib a shared libpython is not found.
_IMAGE = (
    "ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin LD_LIBRARY_PATH=/var/lang/lib LANG=en_US.UTF-8",
    "ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime",
    "WORKDIR /var/task",
)


@contextmanager
def running(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run dockerd with its data in `folder`, and yield the environment in which a client finds it.

    On exit it has ended, and every container with it.
    """
    socket = f"unix://{_RUN}/docker.sock"
    settings = {
        "hosts": [socket],
        "data-root": str(folder / "data"),
        "exec-root": str(_RUN / "exec"),
        "pidfile": str(_RUN / "pid"),
        "bip": f"{BRIDGE}/24",
        # There is no network to forward to, so no rule is needed.
        "iptables": False,
        "ip6tables": False,
        # Without systemd, too.
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
    }
    _RUN.mkdir()
    (file := folder / "dockerd.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = os.environ | {"DOCKER_HOST": socket, "DOCKER_CONFIG": str(folder)}

    def ready() -> bool:
        return _docker(environment, "version").returncode == 0

    with processes.running(("dockerd", "--config-file", str(file)), environment, folder / "dockerd.log", ready):
        yield environment


def load(root: Path, environment: Mapping[str, str]) -> None:
    """Make IMAGE of a root folder's tar file."""
    changes = [part for change in _IMAGE for part in ("--change", change)]
    done = _docker(environment, "import", *changes, str(root), IMAGE)
    if done.returncode:
        raise processes.StartError(f"docker import: {done.stderr.strip()}")


def _docker(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ("docker", *arguments)
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603
