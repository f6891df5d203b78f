"""What is said of a process that was started here, and what is left of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localaws import children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads Linux's own account of its processes")

LISTENS = """
import socket, sys
listening, bound = socket.socket(), socket.socket()
for one in (listening, bound):
    one.bind(("127.0.0.1", 0))
listening.listen()
print(listening.getsockname()[1], flush=True)
sys.stdin.read()
"""
HAS_A_CHILD = """
import signal, subprocess, sys
child = subprocess.Popen(["/bin/sleep", "60"])
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(child.pid, flush=True)
child.wait()
"""


@contextmanager
def started(script: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a script; yield it with the number that it says."""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603 - see above
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()


def test_a_process_listens_at_its_own_ports_and_not_at_those_of_others() -> None:
    with started(LISTENS) as (one, port), started(LISTENS) as (other, other_port):
        assert (children.ports(one.pid), children.ports(other.pid)) == ({port}, {other_port})
        with socket.create_connection(("127.0.0.1", port)):
            assert children.ports(os.getpid()).isdisjoint({port, other_port})


def test_what_has_ended_listens_nowhere() -> None:
    with started(LISTENS) as (process, _):
        children.end(process, 10)
        assert children.ports(process.pid) == set()


def test_what_does_not_want_to_end_is_killed_with_its_children() -> None:
    with started(HAS_A_CHILD) as (process, child):
        children.end(process, 0.1)
        until = time.monotonic() + 10
        while _alive(child) and time.monotonic() < until:
            time.sleep(0.02)
        assert (process.returncode, _alive(child)) == (-9, False)


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
