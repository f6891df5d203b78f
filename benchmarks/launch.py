"""CPU of one warm launch through the handler, over CPU of one plain boto3 call on the same loopback stub.

Once for a caller with SigV4 and once for one with a bearer token, whose ES256 signature is verified each time. Ratios,
because seconds say more about the machine than about the code. All run in one process in turns, so that a machine
whose speed drifts slows them all.
"""

import contextlib
import io
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from benchmarks.stub import running
from localaws import example
from localaws.demo import Context

TURNS = 15
CALLS = 40
PROOFS = {"SigV4": "url", "bearer ES256": "jwt-url"}


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, averaged over CALLS."""
    before = time.process_time()
    for _ in range(CALLS):
        work()
    return (time.process_time() - before) / CALLS


def environment(url: str) -> dict[str, str]:
    """Return the deployed function's environment, with all of AWS at one URL."""
    credentials = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    return example.environment() | credentials | {"AWS_ENDPOINT_URL": url}


def launch(event: Mapping[str, Any]) -> None:
    """Send one event through the handler; end the program if it launches nothing."""
    from studio_gate import handler

    with contextlib.redirect_stdout(io.StringIO()):
        answer = handler.handler(dict(event), Context())
    if answer["statusCode"] not in {200, 302}:
        sys.exit(f"the launch failed: {answer['statusCode']}")


def main() -> int:
    """Print the ratios with their spread."""
    with running() as url:
        os.environ.update(environment(url))
        from studio_gate import handler

        handler.CONFIG_DIRECTORY = example.CONFIG
        plain = boto3.client("sagemaker", region_name=example.ACCOUNT.region)

        def call() -> object:
            return plain.create_presigned_domain_url(
                DomainId="d-research01234",
                UserProfileName="alice",
                ExpiresInSeconds=30,
                SessionExpirationDurationInSeconds=28800,
            )

        events = {proof: example.event(name) for proof, name in PROOFS.items()}
        ratios: dict[str, list[float]] = {proof: [] for proof in PROOFS}
        cpu(call)
        for event in events.values():
            cpu(lambda event=event: launch(event))  # type: ignore[misc]
        for _ in range(TURNS):
            for proof, event in events.items():
                one, other = cpu(lambda event=event: launch(event)), cpu(call)  # type: ignore[misc]
                ratios[proof].append(one / other)
                print(f"{proof:<13}{one * 1000:6.2f} ms / {other * 1000:6.2f} ms = {one / other:.2f}")
    for proof, found in ratios.items():
        low, middle, high = min(found), statistics.median(found), max(found)
        print(f"warm launch, {proof} / plain boto3 call: {middle:.2f} (from {low:.2f} to {high:.2f}, {TURNS} turns)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
