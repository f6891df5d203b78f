"""Whether: Cedar decides. Deny by default, and a policy that cannot be evaluated refuses.

The engine skips a `forbid` whose evaluation fails, so any diagnostics error is a refusal here. The schema goes with
every request: one that does not fit it is an error too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

import cedarpy

from studio_gate.destinations import Space, Target, must_be_seconds
from studio_gate.errors import GateError, InvalidParameter, Problem, malformed
from studio_gate.identity import Caller
from studio_gate.kinds import SESSION_EXPIRES_IN
from studio_gate.landing import Landing
from studio_gate.policies import Policies

# As many as there are minting sessions, and for the same callers (sessions.py).
_MOST_PARSED = 64


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a request that policies may speak of, from API Gateway and the clock, never from a header.

    There is no `source_ip` where it would be a proxy's.
    """

    source_ip: IPv4Address | IPv6Address | None
    endpoint_id: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question. `policies` are the ids relied on; `errors` say what could not be evaluated."""

    caller: Caller
    target: Target
    allowed: bool
    reason: str
    policies: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """An allowed launch with every value settled; the only input of minting.

    It cannot exist without a permit, nor outside the destination's bounds: `GateError` 400 names each expiry that is.
    Bounds are checked after the decision, because they would tell a refused caller that the destination exists.
    """

    decision: Decision

    def __post_init__(self) -> None:
        if not self.decision.allowed:
            raise ValueError("a grant needs a permit")
        target = self.decision.target
        lowest, highest = target.destination.how.expires_in[0], target.bounds
        expiries = (
            ("expires_in", lowest, target.expires_in, highest.expires_in.maximum),
            (
                "session_expires_in",
                SESSION_EXPIRES_IN[0],
                target.session_expires_in,
                highest.session_expires_in.maximum,
            ),
        )
        outside = [(name, low, high) for name, low, value, high in expiries if not low <= value <= high]
        if outside:
            raise malformed(*(InvalidParameter(name, must_be_seconds(low, high)) for name, low, high in outside))

    def landing(self, there: Landing) -> "Grant":
        """Return the grant with where in Studio it lands, which no decision depends on."""
        return Grant(replace(self.decision, target=replace(self.decision.target, landing=there)))


def grant(decisions: Sequence[Decision]) -> Grant:
    """Return the grant for the one permitted target.

    `GateError` 403 when none is permitted; 400 naming `profile` when several are, or an expiry out of bounds.
    """
    permitted = [decision for decision in decisions if decision.allowed]
    if not permitted:
        raise GateError(Problem.REFUSED, decisions[0].reason)
    if len(permitted) > 1:
        names = ", ".join(decision.target.profile or "" for decision in permitted)
        raise malformed(InvalidParameter("profile", f"must name one of: {names}"))
    return Grant(permitted[0])


def decide(policies: Policies, caller: Caller, target: Target, facts: Facts) -> Decision:
    """Ask the policies whether the caller may open the target."""
    ready = policies.parsed(target.destination.name)
    result = cedarpy.is_authorized(*question(policies.schema, ready, caller, target, facts))
    relied_on = tuple(sorted(result.diagnostics.reasons))
    if errors := tuple(sorted(result.diagnostics.errors)):
        return Decision(caller, target, allowed=False, reason="evaluation-error", policies=relied_on, errors=errors)
    reason = "permitted" if result.allowed else "forbidden" if relied_on else "no-permit"
    return Decision(caller, target, allowed=result.allowed, reason=reason, policies=relied_on)


def question(
    schema: cedarpy.Schema, policies: cedarpy.PolicySet, caller: Caller, target: Target, facts: Facts
) -> tuple[dict[str, object], cedarpy.PolicySet, cedarpy.Entities, cedarpy.Schema]:
    """Put one question as Cedar takes it: request, policies, entities, schema."""
    where = target.destination
    context: dict[str, object] = {
        "endpoint": facts.endpoint_id,
        "time": {"__extn": {"fn": "datetime", "arg": rfc3339(facts.time)}},
        "expires_in": target.expires_in,
        "session_expires_in": target.session_expires_in,
    }
    if facts.source_ip is not None:
        context["source_ip"] = {"__extn": {"fn": "ip", "arg": str(facts.source_ip)}}
    if target.app is not None:
        context["app"] = target.app
    about = (where.name, where.kind, where.account, where.region)
    resource, entities = _entities(schema, caller, about, (target.profile, target.owners), target.space)
    request: dict[str, object] = {
        "principal": _uid("Caller", caller.id),
        "action": _uid("Action", "open"),
        "resource": resource,
        "context": json.dumps(context),
    }
    return request, policies, entities, schema


@lru_cache(_MOST_PARSED)
def _entities(
    schema: cedarpy.Schema,
    caller: Caller,
    destination: tuple[str, str, str, str],
    owned: tuple[str | None, tuple[str, ...]],
    space: Space | None,
) -> tuple[dict[str, str], cedarpy.Entities]:
    """Return what is opened, and what policies may know of it and the caller, parsed against the schema.

    Parsing is half of a decision. It is found again by everything that goes into it, and by nothing less.
    """
    (name, kind, account, region), (profile, owners) = destination, owned
    theirs = [{"__entity": _uid("Caller", owner)} for owner in owners]
    about_caller = {"proof": caller.proof, "issuer": caller.issuer, "subject": caller.subject}
    if caller.email is not None:
        about_caller["email"] = caller.email
    about = {
        "name": name,
        "kind": kind,
        "account": account,
        "region": region,
        "owners": theirs if profile is None else [],
    }
    resource = where = _uid("Destination", name)
    entities: list[dict[str, object]] = [
        _entity(_uid("Caller", caller.id), about_caller, *(_uid("Group", group) for group in sorted(caller.groups))),
        _entity(where, about),
    ]
    if profile is not None:
        resource = _uid("UserProfile", f"{name}/{profile}")
        entities.append(_entity(resource, {"name": profile, "owners": theirs}, where))
    if space is not None:
        # Through a space one meets whoever else is in it: only a private one is its owner's own.
        about_space = {"name": space.name, "shared": space.shared, "owners": [] if space.shared else theirs}
        about_space["profile"] = {"__entity": resource}
        resource = _uid("Space", f"{name}/{space.name}")
        entities.append(_entity(resource, about_space, where))
    return resource, cedarpy.Entities.from_json_str(json.dumps(entities), schema)


def _entity(uid: dict[str, str], attributes: Mapping[str, object], *parents: dict[str, str]) -> dict[str, object]:
    return {"uid": uid, "attrs": attributes, "parents": parents}


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": f"StudioGate::{kind}", "id": name}


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC with seconds, as in RFC 3339."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
