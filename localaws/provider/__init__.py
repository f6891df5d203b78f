"""An OpenID provider on the laptop: npm's `oidc-provider` in a process apart, with people to choose from.

Development equipment: it asks for no password, and none of it can be reached from elsewhere.
"""

import json
import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from localaws import tokens
from localaws.container.processes import StartError, last_words
from localaws.studio_site.certificate import Authority

HOST = tokens.SIGN_IN_ISSUER.removeprefix("https://")
ISSUER = tokens.SIGN_IN_ISSUER
CLIENT = "gate-web"
PEOPLE = (tokens.ALICE, tokens.BOB, tokens.CAROL, tokens.DINAH, tokens.EDITH)
FOLDER = Path(__file__).parent
# In seconds.
_TO_START, _TO_STOP = 20, 5


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that listens on loopback: for browsers as `ISSUER`, for others at `address`.

    `pin` is the digest of its public key, for browsers that are to trust it without an authority.
    """

    port: int
    pin: str

    @property
    def address(self) -> str:
        """Where it is reached without a name server."""
        return f"https://127.0.0.1:{self.port}"


def missing() -> str | None:
    """Say in one line what has to be there first; nothing if all is."""
    if sys.platform != "linux" or shutil.which("setpriv") is None:
        return "the sign-in provider runs on Linux alone, and needs setpriv (util-linux)"
    if shutil.which("node") is None:
        return "node is not installed (20 or newer)"
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        return "localaws/provider/node_modules is missing: make provider"
    return None


@contextmanager
def running(authority: Authority, redirect_uris: tuple[str, ...], log: Path) -> Iterator[Provider]:
    """Run the provider until the block is left, with a certificate of that authority; what it says is in `log`.

    `redirect_uris` are those of its one client. On exit it has ended. `StartError` if it does not start.
    """
    if reason := missing():
        raise StartError(reason)
    issued = authority.issue(HOST, "127.0.0.1")
    told = {
        "issuer": ISSUER,
        "certificate": issued.certificate,
        "key": issued.key,
        "client": {"id": CLIENT, "redirect_uris": redirect_uris},
        "people": [asdict(one) for one in PEOPLE],
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = _process(output)
    try:
        port = _port(process, json.dumps(told).encode())
        if port is None:
            raise StartError(f"the sign-in provider did not start:\n{last_words(log)}")
        yield Provider(port, issued.pin)
    finally:
        _end(process)


def _process(output: IO[bytes]) -> subprocess.Popen[bytes]:
    command = (str(shutil.which("setpriv")), "--pdeathsig", "TERM", "--", str(shutil.which("node")), "server.mjs")
    return subprocess.Popen(  # noqa: S603 - fixed arguments
        command,
        cwd=FOLDER,
        # Nothing of the person's own settings, and nothing that would be in the way of a warning.
        env={"PATH": os.environ.get("PATH", ""), "NODE_ENV": "production"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=output,
        # Ctrl-C must reach this process alone, which then ends things in order.
        start_new_session=True,
    )


def _port(process: subprocess.Popen[bytes], told: bytes) -> int | None:
    """Tell the provider what it is to be, and wait for the port on which it listens."""
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101 - see above
    try:
        with process.stdin:
            process.stdin.write(told)
    except BrokenPipeError:
        return None
    until = monotonic() + _TO_START
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        if not waiting.select(max(0.0, until - monotonic())):
            return None
    line = process.stdout.readline()
    return int(json.loads(line)["port"]) if line else None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
