"""Processes that end with the block that started them, and with this process if it is killed."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 20


class StartError(Exception):
    """A process did not get ready within 60 seconds; the message ends with its own last words."""


@contextmanager
def running(
    command: tuple[str, ...], environment: Mapping[str, str], log: Path, ready: Callable[[], bool]
) -> Iterator[None]:
    """Run a command, its output in `log`, from when `ready` says so until the block is left.

    It is asked to end (SIGTERM), killed after 20 seconds, and waited for.
    """
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - fixed arguments
            ("setpriv", "--pdeathsig", "TERM", "--", *command),  # noqa: S607 - run.sh has looked for it
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C must reach this process alone, which then ends things in order.
            start_new_session=True,
        )
    try:
        until = monotonic() + _SECONDS_TO_START
        while not ready():
            if process.poll() is not None or monotonic() > until:
                raise StartError(f"{command[0]} did not start:\n{last_words(log)}")
            sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_words(log: Path) -> str:
    """Return the last lines of what a process wrote."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:])
