"""Init of the gate as `make build` made it, over init of a ten-line boto3 handler (plain.py) on the same layer.

Both start anew in AWS's own emulator and runtime client, in turns, against the same loopback stub. Then what the gate's
imports cost. Times are in milliseconds of the wall clock, because init waits for the disk as well.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from benchmarks.stub import running
from localaws import example, runtime, template

TURNS = 9
IMPORTS = 3
ROWS = 8
_LOG = runtime.CACHE / "bench" / runtime.LOG
# The "Init Duration" of the emulator's REPORT is of something else: it says 0.02 ms.
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)")
_IMPORT = re.compile(r"import time: +([0-9]+) \| +[0-9]+ \| +(\w+)")
_FOUND = 302


class Start(NamedTuple):
    """Of one start: init alone, and from the first request to its answer, which init is a part of."""

    init: float
    first: float


def start(function: runtime.Function) -> Start:
    """Start a function in an emulator of its own, send it one launch, and end it."""
    with runtime.running(function, _LOG, workers=1) as invoke:
        began = time.perf_counter()
        answer = invoke(example.event("open"))
        first = (time.perf_counter() - began) * 1000
    log = _LOG.read_text(encoding="utf-8", errors="replace")
    inits = _INIT.findall(log)
    if answer.get("statusCode") != _FOUND or len(inits) != 1:
        sys.exit(f"{function.handler} did not start or answered no redirect:\n{log}")
    return Start(float(inits[0]), first)


def imports(function: runtime.Function) -> list[tuple[str, float]]:
    """Return the packages that take longest to import, each without what it imports of others."""
    module = function.handler.rpartition(".")[0]
    path = f"{function.layer / 'python'}:{function.code}"
    runs = []
    for _ in range(IMPORTS):
        said = subprocess.run(  # noqa: S603 - fixed arguments
            [str(runtime.PYTHON), "-X", "importtime", "-c", f"import {module}"],
            env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        run: Counter[str] = Counter()
        for microseconds, package in _IMPORT.findall(said):
            run[package] += int(microseconds)
        runs.append(run)
    middle = {package: statistics.median(run[package] for run in runs) / 1000 for package in runs[0]}
    return sorted(middle.items(), key=lambda one: -one[1])[:ROWS]


def summary(what: str, ratios: Sequence[float]) -> str:
    """Say the median and the spread."""
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    return f"{what}: {middle:.2f} (from {low:.2f} to {high:.2f}, {len(ratios)} turns)"


def main() -> int:
    """Print every turn, both ratios with their spread, and the table; 1 if what it needs is missing."""
    if reason := runtime.missing():
        print(reason, file=sys.stderr)
        return 1
    stack = template.create(template.load(example.ROOT / "template.yaml"), example.parameters(), example.ACCOUNT)
    with running() as url, tempfile.TemporaryDirectory() as folder:
        gate = replace(runtime.built(stack, url, Path(folder)), log_level="info")
        plain = replace(gate, code=Path(__file__).parent, handler="plain.handler")
        start(gate)
        start(plain)
        inits, firsts = [], []
        for _ in range(TURNS):
            one, other = start(gate), start(plain)
            inits.append(one.init / other.init)
            firsts.append(one.first / other.first)
            print(
                f"init {one.init:4.0f} ms / {other.init:4.0f} ms = {inits[-1]:.2f}, "
                f"with the first call {one.first:4.0f} ms / {other.first:4.0f} ms = {firsts[-1]:.2f}"
            )
        imported = imports(gate)
    print(summary("init / ten-line boto3 handler's init", inits))
    print(summary("init and first launch / ten-line handler's init and first call", firsts))
    print("\nWhat the gate imports, in milliseconds, each package without what it imports of others:")
    for package, milliseconds in imported:
        print(f"{milliseconds:6.1f}  {package}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
