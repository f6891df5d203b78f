"""CPU of the portal over CPU of /health, both through the handler of one warm process.

Once as whoever comes back to it sees it: who they are, what they may open, their spaces and the page are known from the
last seconds. And once as whoever comes anew: the policies decide and the page is written, while what SageMaker said of
spaces is known. Ratios, in turns, as in launch.py.
"""

import contextlib
import io
import os
import statistics
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.launch import TURNS, cpu, environment
from benchmarks.stub import running
from localaws import example, signed_in
from localaws.demo import Context

MOST = 3.0


def shown(event: Mapping[str, Any]) -> None:
    """Send one event through the handler; end the program if it shows nothing."""
    from studio_gate import handler

    with contextlib.redirect_stdout(io.StringIO()):
        answer = handler.handler(dict(event), Context())
    if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP
        sys.exit(f"nothing was shown: {answer['statusCode']}")


def anew(event: Mapping[str, Any]) -> None:
    """Show the portal as to somebody who was not here in the last seconds."""
    from studio_gate import sights
    from studio_gate.identity import session

    for kept in (sights._seen, session._opened):  # noqa: SLF001 - what is kept is to be forgotten
        kept.cache_clear()
    shown(event)


def main() -> int:
    """Print the ratios with their spread; 1 if coming back costs more than three times /health."""
    with running(signed_in.SEALING_KEYS) as url:
        os.environ.update(environment(url))
        from studio_gate import handler

        handler.CONFIG_DIRECTORY = example.CONFIG
        health, portal = example.event("health"), example.event("portal-signed-in")
        ways: dict[str, Callable[[], None]] = {"coming back": lambda: shown(portal), "anew": lambda: anew(portal)}
        ratios: dict[str, list[float]] = {way: [] for way in ways}
        for work in (lambda: shown(health), *ways.values()):
            cpu(work)
        for _ in range(TURNS):
            for way, work in ways.items():
                one, other = cpu(work), cpu(lambda: shown(health))
                ratios[way].append(one / other)
                print(f"{way:<13}{one * 1e6:6.0f} us / {other * 1e6:6.0f} us = {one / other:.2f}")
    for way, found in ratios.items():
        low, middle, high = min(found), statistics.median(found), max(found)
        print(f"portal, {way} / health: {middle:.2f} (from {low:.2f} to {high:.2f}, {TURNS} turns)")
    return int(statistics.median(ratios["coming back"]) >= MOST)


if __name__ == "__main__":
    sys.exit(main())
