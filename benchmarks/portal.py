"""Time to the portal's answer over time to /health's, both from one warm environment in Lambda's own runtime.

Once as whoever comes back to it sees it: the page is kept for some seconds. And once as whoever comes anew, or from
another address: the policies decide and the page is put together, while what SageMaker said of spaces is known. From
the request to the whole answer, of which the first byte is a part; ratios of medians, in turns, as in launch.py.
"""

import copy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.init import summary
from benchmarks.stub import running
from localaws import example, runtime, signed_in, template

MOST = 3.0
TURNS, REQUESTS = 9, 60
_LOG = runtime.CACHE / "bench" / "portal.log"
_ADDRESSES = count()


def seconds(invoke: runtime.Pool, event: Callable[[], Mapping[str, Any]]) -> float:
    """Return the median time of some requests; end the program if one shows nothing."""
    times = []
    for _ in range(REQUESTS):
        asked = event()
        began = time.perf_counter()
        answer = invoke(asked)
        times.append(time.perf_counter() - began)
        if answer.get("statusCode") != 200:  # noqa: PLR2004 - HTTP
            sys.exit(f"nothing was shown: {answer.get('statusCode')}\n{_LOG.read_text(encoding='utf-8')}")
    return statistics.median(times)


def anew(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event as from an address of its own, for which nothing is kept that was decided."""
    third, fourth = divmod(next(_ADDRESSES), 250)
    found = copy.deepcopy(dict(event))
    found["requestContext"]["identity"]["sourceIp"] = f"10.30.{third}.{fourth + 1}"
    return found


def main() -> int:
    """Print the ratios with their spread; 1 if coming back costs three times or more, or what they need is missing."""
    if reason := runtime.missing():
        print(reason, file=sys.stderr)
        return 1
    stack = template.create(template.load(example.ROOT / "template.yaml"), example.parameters(), example.ACCOUNT)
    health, portal = example.event("health"), example.event("portal-signed-in")
    ways: dict[str, Callable[[], Mapping[str, Any]]] = {"coming back": lambda: portal, "anew": partial(anew, portal)}
    ratios: dict[str, list[float]] = {way: [] for way in ways}
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        function = runtime.built(stack, opened.enter_context(running(signed_in.SEALING_KEYS)), folder)
        invoke = opened.enter_context(runtime.running(function, _LOG, workers=1))
        for event in (lambda: health, *ways.values()):
            seconds(invoke, event)
        for _ in range(TURNS):
            for way, event in ways.items():
                one, other = seconds(invoke, event), seconds(invoke, lambda: health)
                ratios[way].append(one / other)
                print(f"{way:<13}{one * 1e6:6.0f} us / {other * 1e6:6.0f} us = {one / other:.2f}")
    for way, found in ratios.items():
        print(summary(f"portal, {way} / health", found))
    # Coming anew is near it on a busy machine, of which the gate is not to be judged.
    return int(statistics.median(ratios["coming back"]) >= MOST)


if __name__ == "__main__":
    sys.exit(main())
