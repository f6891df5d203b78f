"""Events and configurations with changes; callers, targets and grants as the story makes them, for its later steps."""

import copy
import json
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest

from localaws import example
from studio_gate import authorise, destinations
from studio_gate.config import Config, Deployment
from studio_gate.destination_config import AnyDestination
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, Proof
from studio_gate.mint import mint
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline

type Change = Callable[[dict[str, Any]], object]

SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef"
FACTS = authorise.Facts(ip_address("10.20.30.40"), "vpce-0a1b2c3d4e5f60718", datetime(2026, 11, 24, 8, tzinfo=UTC))


def changed(name: str, change: Change) -> dict[str, Any]:
    """An event of `events/` after a change."""
    event = copy.deepcopy(example.event(name))
    change(event)
    return event


def identity(**values: object) -> Change:
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


def untagged(*_: object) -> tuple[str, ...]:
    """No profile has a tag of anybody's."""
    return ()


def target(config: Config, **changes: object) -> destinations.Target:
    """Alice's own target in the default destination, with changes."""
    (own,) = destinations.candidates(config, caller(), destinations.Launch(), untagged)
    return replace(own, **changes)  # type: ignore[arg-type]


def opening(config: Config, *opened: AnyDestination) -> Config:
    """The configuration with other destinations."""
    kept = {name: getattr(config, name) for name in Config.model_fields}
    return Config.model_validate(kept | {"destinations": opened})


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


def without_providers(document: dict[str, Any]) -> None:
    """Leave of the claims that name profiles those that sessions of roles have."""
    for destination in document["destinations"]:
        for claim in (destination[name] for name in ("profile_from", "owner_tag") if name in destination):
            claim["providers"] = [one for one in claim["providers"] if one.startswith("iam:")]


def signatures_alone() -> dict[str, Any]:
    """The document of the example's gate.toml without issuers, proxies, browser sign-in and their callers."""
    document = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
    for kind in ("issuers", "proxies", "sign_in"):
        document.pop(kind, None)
    without_providers(document)
    for destination in document["destinations"]:
        for profile in destination.get("profiles", ()):
            profile["callers"] = [one for one in profile["callers"] if one.startswith("arn:")]
    return document


def at(*path: str | int) -> Callable[[object], Change]:
    """Set the value at a path of the document."""

    def to(value: object) -> Change:
        def change(document: dict[str, Any]) -> None:
            place: Any = document
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = value

        return change

    return to


def both(*changes: Change) -> Change:
    """Make several changes."""

    def change(document: dict[str, Any]) -> None:
        for one in changes:
            one(document)

    return change


def toml(document: Mapping[str, Any]) -> str:
    """Write what these tests need of TOML, inline tables for everything below the top."""

    def value(item: object) -> str:
        if isinstance(item, bool):
            return str(item).lower()
        if isinstance(item, Mapping):
            return "{" + ", ".join(f"{json.dumps(key)} = {value(one)}" for key, one in item.items()) + "}"
        if isinstance(item, list):
            return "[" + ", ".join(map(value, item)) + "]"
        return str(item) if isinstance(item, int | float) else json.dumps(str(item))

    return "".join(f"{key} = {value(item)}\n" for key, item in document.items())
