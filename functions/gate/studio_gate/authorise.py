"""Whether: Cedar decides. Deny by default, and a policy that cannot be evaluated refuses.

The engine skips a `forbid` whose evaluation fails, so any diagnostics error is a refusal here. The schema goes with
every request: one that does not fit it is an error too.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import cedarpy

from studio_gate.destinations import Target, must_be_seconds
from studio_gate.errors import ConfigError, GateError, InvalidParameter, Problem, malformed
from studio_gate.identity import Caller
from studio_gate.kinds import SESSION_EXPIRES_IN

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
class Policies:
    """A validated policy set with its schema, parsed once."""

    policy_set: cedarpy.PolicySet
    schema: cedarpy.Schema


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


def read_policies(policies: Path, schema: Path) -> Policies:
    """Compile Cedar policies against their schema, strictly.

    `ConfigError` for what does not parse or validate; for no policy at all, a template, or an `@id` that is missing or
    given twice, since an audit record could not name the policy relied on.
    """
    try:
        compiled = cedarpy.Schema.from_str(schema.read_text(encoding="utf-8"))
        text = policies.read_text(encoding="utf-8")
        policy_set = cedarpy.PolicySet.from_str(text)
        parsed = policy_set.to_pst()
        names = {key: dict(policy.annotations).get("id", "") for key, policy in parsed.static_policies.items()}
        if not names or parsed.templates:
            raise ValueError("there must be policies, and no template")
        if nameless := [key for key, name in names.items() if not name]:
            raise ValueError(f"without an @id, counted from 0: {', '.join(nameless)}")
        if twice := sorted(name for name, count in Counter(names.values()).items() if count > 1):
            raise ValueError(f"@id given twice: {', '.join(twice)}")
        if errors := cedarpy.validate_policies(text, compiled).errors:
            raise ValueError("; ".join(f"{names.get(one.policy_id, one.policy_id)}: {one.error}" for one in errors))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{policies.name} with {schema.name}: {error}") from error
    return Policies(policy_set, compiled)


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
    where = target.destination
    context: dict[str, object] = {
        "endpoint": facts.endpoint_id,
        "time": {"__extn": {"fn": "datetime", "arg": rfc3339(facts.time)}},
        "expires_in": target.expires_in,
        "session_expires_in": target.session_expires_in,
    }
    if facts.source_ip is not None:
        context["source_ip"] = {"__extn": {"fn": "ip", "arg": str(facts.source_ip)}}
    result = cedarpy.is_authorized(
        {
            "principal": _uid("Caller", caller.id),
            "action": _uid("Action", "open"),
            "resource": _profile_uid(where.name, target.profile or ""),
            "context": json.dumps(context),
        },
        policies.policy_set,
        _entities(
            policies.schema,
            caller,
            (where.name, where.kind, where.account, where.region),
            target.profile or "",
            target.owners,
        ),
        policies.schema,
    )
    names = result.diagnostics.id_annotations_by_reason
    relied_on = tuple(sorted(names[policy] for policy in result.diagnostics.reasons))
    if errors := tuple(result.diagnostics.errors):
        return Decision(caller, target, allowed=False, reason="evaluation-error", policies=relied_on, errors=errors)
    reason = "permitted" if result.allowed else "forbidden" if relied_on else "no-permit"
    return Decision(caller, target, allowed=result.allowed, reason=reason, policies=relied_on)


@lru_cache(_MOST_PARSED)
def _entities(
    schema: cedarpy.Schema,
    caller: Caller,
    destination: tuple[str, str, str, str],
    profile: str,
    owners: tuple[str, ...],
) -> cedarpy.Entities:
    """Return what policies may know of the caller, the profile and the destination, parsed against the schema.

    Parsing is half of a decision. It is found again by everything that goes into it, and by nothing less.
    """
    name, kind, account, region = destination
    groups = [_uid("Group", group) for group in sorted(caller.groups)]
    about_caller = {"proof": caller.proof, "issuer": caller.issuer, "subject": caller.subject}
    if caller.email is not None:
        about_caller["email"] = caller.email
    about_profile = {"name": profile, "owners": [{"__entity": _uid("Caller", owner)} for owner in owners]}
    about_destination = {"kind": kind, "account": account, "region": region}
    where = _uid("Destination", name)
    entities = [
        {"uid": _uid("Caller", caller.id), "attrs": about_caller, "parents": groups},
        {"uid": _profile_uid(name, profile), "attrs": about_profile, "parents": [where]},
        {"uid": where, "attrs": about_destination, "parents": []},
    ]
    return cedarpy.Entities.from_json_str(json.dumps(entities), schema)


def _profile_uid(destination: str, profile: str) -> dict[str, str]:
    return _uid("UserProfile", f"{destination}/{profile}")


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": f"StudioGate::{kind}", "id": name}


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC with seconds, as in RFC 3339."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
