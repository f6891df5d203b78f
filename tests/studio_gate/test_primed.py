"""What starts ahead of requests is made, and holds nothing that must not be shared by many environments, or be old."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate import handler

# In a process of its own: it starts as the function does, and then looks at everything that can be reached from the
# gate, and at what was done until then. It imports nothing but what ships.
_CHILD = """
import gc, json, os, socket, sys, time, types, random, threading
from datetime import datetime
from pathlib import Path

called = []
sys.addaudithook(lambda event, _: called.append(event) if event.startswith("socket.") else None)

def noticed(what, function):
    def noticing(*given, **named):
        called.append(f"{what} in {'/'.join(Path(sys._getframe(1).f_code.co_filename).parts[-2:])}")
        return function(*given, **named)
    return noticing

os.urandom = noticed("os.urandom", os.urandom)
for name in ("random", "randint", "choice", "getrandbits", "uniform"):
    setattr(random, name, noticed(f"random.{name}", getattr(random, name)))

from studio_gate import handler
handler.CONFIG_DIRECTORY = Path(sys.argv[1])
began = time.time(), time.monotonic()
from studio_gate import primed
made = primed.handler is handler.handler and handler.gate.cache_info().currsize == 1

canaries = [os.environ[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")]
ended, found, seen, left = (time.time(), time.monotonic()), [], set(), [handler.gate()]
skipped = (types.ModuleType, type, types.CodeType, types.BuiltinFunctionType)
while left:
    one = left.pop()
    # The environment is Lambda's, who replaces it.
    if id(one) in seen or isinstance(one, skipped) or one is os.environ:
        continue
    seen.add(id(one))
    if isinstance(one, (str, bytes)):
        text = one if isinstance(one, str) else one.decode(errors="replace")
        found += ["credentials" for canary in canaries if canary in text]
    elif isinstance(one, float):
        found += [f"the time {one}" for first, last in zip(began, ended) if first <= one <= last]
    elif isinstance(one, (datetime, socket.socket, random.Random, threading.Thread)):
        found.append(repr(one))
    elif isinstance(one, types.FunctionType):
        left += [cell.cell_contents for cell in one.__closure__ or ()] + list(one.__defaults__ or ())
    else:
        left += gc.get_referents(one)
json.dump({"made": made, "objects": len(seen), "called": called, "found": found,
           "threads": threading.active_count()}, sys.stdout)
"""
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "ASIACANARYCANARYCANA",
    "AWS_SECRET_ACCESS_KEY": "canary/of/the/secret/access/key",
    "AWS_SESSION_TOKEN": "canary-of-the-session-token",
}
# What others do when they are loaded. Urllib3 sees whether there is IPv6, and closes the socket that it never connects;
# Python draws a key for child processes, of which the gate has none.
KNOWN = ["socket.__new__", "socket.bind", "os.urandom in multiprocessing/process.py"]
SOURCES = {"the bundled configuration": {}, "a live one": {"CONFIG_SOURCE": "appconfig:abc1234/d5e6f7/prof"}}


def started(folder: Path, more: Mapping[str, str], script: str = _CHILD) -> "subprocess.CompletedProcess[str]":
    environment = dict(os.environ) | example.environment() | CREDENTIALS | more
    environment["PYTHONPATH"] = str(example.ROOT / "functions" / "gate")
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - fixed


def state(folder: Path, more: Mapping[str, str], script: str = _CHILD) -> dict[str, Any]:
    done = started(folder, more, script)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("more", SOURCES.values(), ids=SOURCES)
def test_a_snapshot_holds_a_gate_and_nothing_secret_drawn_by_chance_or_read_from_a_clock(more: dict[str, str]) -> None:
    found = state(example.CONFIG, more)
    assert found["made"]
    assert found["objects"] > 500
    assert found["found"] == []
    assert found["called"] == KNOWN
    assert found["threads"] == 1


# Each is what the test above is there for, put into the gate before it is looked at.
HELD = """
canary = os.environ['AWS_SESSION_TOKEN']
handler.gate().kept = [canary + '!', {'at': time.time()}, (time.monotonic(), datetime(2026, 11, 24))]
handler.gate().later = lambda drawn=random.Random(1): drawn
handler.gate().thread, handler.gate().socket = threading.Thread(), socket.socket()
"""
DONE = """
socket.getaddrinfo('127.0.0.1', 1)
os.urandom(8)
random.random()
"""


def _with(line: str) -> str:
    marker = "canaries = "
    before, _, after = _CHILD.partition(marker)
    assert after
    # A frozen dataclass without a place for more: another object that holds it takes its place.
    holder = "class Holder:\n    pass\nholder = Holder()\nholder.gate = handler.gate()\nhandler.gate = lambda: holder\n"
    return f"{before}{holder}{line}\n{marker}{after}"


def test_what_must_not_be_held_is_found() -> None:
    found = " ".join(state(example.CONFIG, {}, _with(HELD))["found"])
    kinds = ("credentials", "the time 1", "datetime.datetime", "random.Random", "<Thread", "<socket.socket")
    assert [kind for kind in kinds if kind not in found] == []
    assert len(re.findall("the time ", found)) >= 2


def test_what_must_not_be_done_is_noticed() -> None:
    called = state(example.CONFIG, {}, _with(DONE))["called"]
    assert [one.partition(" ")[0] for one in called[len(KNOWN) :]] == [
        "socket.getaddrinfo",
        "os.urandom",
        "random.random",
    ]


def test_a_configuration_that_cannot_be_used_does_not_start(tmp_path: Path) -> None:
    done = started(tmp_path, {})
    assert done.returncode == 1
    assert "ConfigError: gate.toml" in done.stderr


def test_the_handler_is_the_gates_own(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, so that what is covered is counted."""
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", example.CONFIG)
    monkeypatch.delitem(sys.modules, "studio_gate.primed", raising=False)
    handler.gate.cache_clear()
    primed = importlib.import_module("studio_gate.primed")
    assert (primed.handler, handler.gate.cache_info().currsize) == (handler.handler, 1)
