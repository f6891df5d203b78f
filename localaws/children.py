"""What Linux says of a process that was started here: where it listens; and its end, with that of its own children."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

_LISTENS = "0A"


def ports(process: int) -> set[int]:
    """Return the TCP ports of IPv4 at which a process itself listens; none if it has ended.

    That somebody answers at a port says nothing: it may be another process, which was faster.
    """
    found = set()
    with suppress(OSError):
        own = {file.readlink().name for file in Path(f"/proc/{process}/fd").iterdir()}
        # proc_pid_net(5): number, local address, remote address, state, five that do not matter here, the socket.
        for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, _, _, _, _, _, socket, *_ = line.split()
            if state == _LISTENS and f"socket:[{socket}]" in own:
                found.add(int(local.rpartition(":")[2], 16))
    return found


def end(process: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a process to end, which is to end its children too; if it has not after so many seconds, kill it and them."""
    children = _children(process.pid)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in children:
        # Its parent has gone, and would have waited for it.
        with suppress(ProcessLookupError):
            os.kill(child, 9)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # proc_pid_stat(5): the name in brackets may hold anything; the parent is the second field after it.
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found
