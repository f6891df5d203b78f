"""Events with changes; callers, targets and grants as the story makes them, for tests of its later steps."""

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from localaws import example
from studio_gate import authorise, destinations
from studio_gate.config import Config, Deployment
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, Proof
from studio_gate.mint import mint
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline

SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef"
FACTS = authorise.Facts(ip_address("10.20.30.40"), "vpce-0a1b2c3d4e5f60718", datetime(2026, 11, 24, 8, tzinfo=UTC))


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """An event of `events/` after a change."""
    event = copy.deepcopy(example.event(name))
    change(event)
    return event


def identity(**values: object) -> Callable[[dict[str, Any]], object]:
    """Set values of the identity block."""
    return lambda event: event["requestContext"]["identity"].update(values)


def caller(name: str = "alice@example.com", *groups: str) -> Caller:
    """A caller by a trusted session name, in the group data-science unless others are given."""
    return Caller(
        id=f"{SSO}/{name}",
        proof=Proof.SIGV4,
        issuer="arn:aws:iam::111122223333:root",
        subject=f"AROAEXAMPLESCIENTIST1:{name}",
        label=name,
        groups=frozenset(groups or ("data-science",)),
    )


def target(config: Config, **changes: object) -> destinations.Target:
    """Alice's own target in the default destination, with changes."""
    (own,) = destinations.candidates(config, caller(), destinations.Launch())
    return replace(own, **changes)  # type: ignore[arg-type]


def grant(config: Config, **changes: object) -> authorise.Grant:
    """A grant for Alice's own target, as a permit would yield it."""
    decision = authorise.Decision(caller(), target(config, **changes), allowed=True, reason="permitted")
    return authorise.grant((decision,))


def within(seconds: float = 8) -> Deadline:
    """A deadline so many seconds from now."""
    return Deadline(time.monotonic() + seconds)


def refused(config: Config, deployment: Deployment, seconds: float = 8) -> GateError:
    """Mint, and expect a problem."""
    with pytest.raises(GateError) as caught:
        mint(grant(config), Sessions(deployment), within(seconds))
    return caught.value


def cut_off(config: Config, deployment: Deployment, seconds: float) -> GateError:
    """Mint with a session that is there already, and expect SageMaker to be given up on before the time is over."""
    sessions = Sessions(deployment)
    sessions.assume(grant(config), within())
    deadline = within(seconds)
    with pytest.raises(GateError) as caught:
        mint(grant(config), sessions, deadline)
    assert (caught.value.problem, caught.value.reason) == (Problem.OUT_OF_TIME, "sagemaker-timed-out")
    assert time.monotonic() < deadline.at
    return caught.value
