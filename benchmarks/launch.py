"""CPU of one warm launch through the handler, over CPU of one plain boto3 call on the same loopback stub.

A ratio, because seconds say more about the machine than about the code. Both run in one process in turns, so that a
machine whose speed drifts slows both.
"""

import contextlib
import io
import os
import statistics
import sys
import time
from collections.abc import Callable

import boto3

from benchmarks.stub import running
from localaws import example
from localaws.demo import Context

TURNS = 15
CALLS = 40


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, averaged over CALLS."""
    before = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - before) / CALLS


def main() -> int:
    """Print the ratio with its spread."""
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with running() as url:
        os.environ.update(example.environment() | credentials | {"AWS_ENDPOINT_URL": url})
        from studio_gate import handler

        plain = boto3.client("sagemaker", region_name=example.ACCOUNT.region)
        event, context = example.event("url"), Context()

        def call() -> object:
            return plain.create_presigned_domain_url(
                DomainId="d-research01234",
                UserProfileName="alice",
                ExpiresInSeconds=30,
                SessionExpirationDurationInSeconds=28800,
            )

        def launch() -> object:
            with contextlib.redirect_stdout(io.StringIO()):
                answer = handler.handler(event, context)
            if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP
                sys.exit(f"the launch failed: {answer['statusCode']}")
            return answer

        cpu(call)
        cpu(launch)
        ratios = []
        for _ in range(TURNS):
            one, other = cpu(launch), cpu(call)
            ratios.append(one / other)
            print(f"{one * 1000:6.2f} ms / {other * 1000:6.2f} ms = {one / other:.2f}")
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"warm launch / plain boto3 call: {middle:.2f} (from {low:.2f} to {high:.2f}, {TURNS} turns of {CALLS})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
