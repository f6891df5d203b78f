"""Cedar decides: deny by default, one forbid is enough, and what cannot be evaluated refuses."""

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import studio_gate
from studio_gate import authorise
from studio_gate.authorise import Decision, Grant, decide, grant
from studio_gate.config import Config
from studio_gate.destinations import Space, Target
from studio_gate.errors import GateError, InvalidParameter, Problem
from studio_gate.policies import Policies
from tests.studio_gate.builders import FACTS, caller, target
from tests.studio_gate.builders import grant as granted

ANYBODY = '@id("anybody") permit (principal, action, resource);'


def test_the_example_lets_a_data_scientist_open_their_own_profile(policies: Policies, config: Config) -> None:
    decision = decide(policies, caller(), target(config), FACTS)
    assert decision.allowed
    assert (decision.reason, decision.policies) == ("permitted", ("data-scientists-open-their-own-profile",))


def test_the_example_refuses_from_outside_the_corporate_network(policies: Policies, config: Config) -> None:
    outside = replace(FACTS, source_ip=ip_address("192.0.2.1"))
    decision = decide(policies, caller(), target(config), outside)
    assert not decision.allowed
    assert (decision.reason, decision.policies) == ("forbidden", ("only-from-the-corporate-network",))


def test_an_ipv6_address_is_no_ipv4_one(policies: Policies, config: Config) -> None:
    mapped = replace(FACTS, source_ip=ip_address("::ffff:10.20.30.40"))
    decision = decide(policies, caller(), target(config), mapped)
    assert not decision.allowed


DENIED = {
    "another group": lambda config: (caller("alice@example.com", "interns"), target(config)),
    "no group": lambda config: (replace(caller(), groups=frozenset()), target(config)),
    "the group in another case": lambda config: (caller("alice@example.com", "Data-Science"), target(config)),
    "a profile of another owner": lambda config: (caller("bob@example.com"), target(config)),
    "a profile of nobody": lambda config: (caller(), target(config, owners=())),
    "another destination": lambda config: (caller(), target(config, destination=config.destinations[1])),
}


@pytest.mark.parametrize("made", DENIED.values(), ids=DENIED.keys())
def test_nothing_is_allowed_without_a_permit(policies: Policies, config: Config, made: Callable[..., tuple]) -> None:
    asking, wanted = made(config)
    decision = decide(policies, asking, wanted, FACTS)
    assert (decision.allowed, decision.reason, decision.policies) == (False, "no-permit", ())


def test_a_policy_that_cannot_be_evaluated_refuses_although_another_permits(
    compiled: Callable[[str], Policies], config: Config
) -> None:
    overflow = (
        '@id("overflow") forbid (principal, action, resource) when { context.expires_in * 9223372036854775807 > 3 };'
    )
    decision = decide(compiled(ANYBODY + overflow), caller(), target(config), FACTS)
    assert (decision.allowed, decision.reason) == (False, "evaluation-error")
    assert decision.errors[0].startswith("error while evaluating policy `overflow`: integer overflow")


CONTEXT = {
    "endpoint": 'context.endpoint == "vpce-0a1b2c3d4e5f60718"',
    "time, before": 'context.time < datetime("2026-11-24T08:00:01Z")',
    "time, after": 'context.time > datetime("2026-11-24T07:59:59Z")',
    "expiry": "context.expires_in == 30",
    "session expiry": "context.session_expires_in == 28800",
    "address": 'context has source_ip && context.source_ip == ip("10.20.30.40")',
    "proof": 'principal.proof == "sigv4"',
    "issuer": 'principal.issuer == "arn:aws:iam::111122223333:root"',
    "subject": 'principal.subject == "AROAEXAMPLESCIENTIST1:alice@example.com"',
    "group": 'principal in StudioGate::Group::"data-science"',
    "profile name": 'resource.name == "alice"',
    "profile": 'resource == StudioGate::UserProfile::"research/alice"',
    "destination": 'resource in StudioGate::Destination::"research"',
    "owner": "resource.owners.contains(principal)",
    "another owner": f'resource.owners.contains(StudioGate::Caller::"{caller("bob@example.com").id}")',
    "the destination's kind": 'StudioGate::Destination::"research".kind == "studio"',
    "the destination's account": 'StudioGate::Destination::"research".account == "111122223333"',
    "the destination's region": 'StudioGate::Destination::"research".region == "eu-central-1"',
}


def told(compiled: Callable[[str], Policies], wanted: Target, condition: str) -> bool | None:
    """Whether a condition holds; None if it can be told neither way."""
    text = f'@id("one") permit (principal, action, resource) when {{ {condition} }};'
    other = text.replace("when", "unless")
    answers = [decide(compiled(one), caller(), wanted, FACTS) for one in (text, other)]
    known = {(True, False): True, (False, True): False}
    return None if any(one.errors for one in answers) else known.get((answers[0].allowed, answers[1].allowed))


@pytest.mark.parametrize("condition", CONTEXT.values(), ids=CONTEXT.keys())
def test_policies_can_speak_of(compiled: Callable[[str], Policies], config: Config, condition: str) -> None:
    assert told(compiled, target(config, owners=(caller().id, caller("bob@example.com").id)), condition)


PRIVATE, SHARED = Space("notes", "alice", shared=False), Space("lab", None, shared=True)
OWN = "resource.owners.contains(principal)"
OPENED = {
    "a profile is its owner's own": ({}, f"resource is StudioGate::UserProfile && {OWN}"),
    "with a profile, the destination is nobody's own": (
        {},
        'StudioGate::Destination::"research".owners.isEmpty()',
    ),
    "a private space is what is opened": ({"space": PRIVATE}, 'resource == StudioGate::Space::"research/notes"'),
    "a private space is its owner's own": ({"space": PRIVATE}, OWN),
    "a private space is in the destination": ({"space": PRIVATE}, 'resource in StudioGate::Destination::"research"'),
    "a private space is not shared": (
        {"space": PRIVATE},
        'resource is StudioGate::Space && !resource.shared && resource.name == "notes"',
    ),
    "a shared space is shared": ({"space": SHARED}, "resource is StudioGate::Space && resource.shared"),
    "a shared space is nobody's own": ({"space": SHARED}, f"!{OWN} && resource.owners.isEmpty()"),
    "a shared space is opened with a profile": (
        {"space": SHARED},
        (
            'resource is StudioGate::Space && resource.profile == StudioGate::UserProfile::"research/alice"'
            " && resource.profile.owners.contains(principal)"
        ),
    ),
    "without a profile, the destination is what is opened": (
        {"profile": None},
        'resource == StudioGate::Destination::"research" && resource.name == "research"',
    ),
    "without a profile, the destination is its owner's own": ({"profile": None}, OWN),
    "the app that is asked for": ({"app": "canvas"}, 'context has app && context.app == "canvas"'),
    "that no app is asked for": ({}, "!(context has app)"),
}


@pytest.mark.parametrize(("changes", "condition"), OPENED.values(), ids=OPENED.keys())
def test_of_what_is_opened_policies_know(
    compiled: Callable[[str], Policies], config: Config, changes: dict[str, object], condition: str
) -> None:
    assert told(compiled, target(config, **changes), condition)


def test_a_space_without_a_profile_is_never_opened(compiled: Callable[[str], Policies], config: Config) -> None:
    with pytest.raises(ValueError, match="does not conform to the schema"):
        decide(compiled(ANYBODY), caller(), target(config, profile=None, space=SHARED), FACTS)


def test_the_example_opens_no_shared_space_as_one_s_own(policies: Policies, config: Config) -> None:
    decisions = [decide(policies, caller(), target(config, space=space), FACTS) for space in (PRIVATE, SHARED)]
    assert [(one.allowed, one.policies) for one in decisions] == [
        (True, ("data-scientists-open-their-own-profile",)),
        (True, ("data-scientists-open-shared-spaces",)),
    ]


def test_every_policy_relied_on_is_named(compiled: Callable[[str], Policies], config: Config) -> None:
    second, never = ANYBODY.replace("any", "some"), ANYBODY.replace("any", "no").replace(";", " when { false };")
    decision = decide(compiled(second + never + ANYBODY), caller(), target(config), FACTS)
    assert (decision.allowed, decision.policies) == (True, ("anybody", "somebody"))


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, True, 30.5, "30", "soon", None])
@pytest.mark.parametrize("name", ["expires_in", "session_expires_in"])
def test_an_expiry_that_is_no_long_is_refused(
    compiled: Callable[[str], Policies], config: Config, name: str, value: object
) -> None:
    decision = decide(compiled(ANYBODY), caller(), target(config, **{name: value}), FACTS)
    assert (decision.allowed, decision.reason, decision.policies) == (False, "evaluation-error", ())


def decision(config: Config, *, allowed: bool, **changes: object) -> Decision:
    """A decision about Alice's own target."""
    return Decision(
        caller(), target(config, **changes), allowed=allowed, reason="permitted" if allowed else "no-permit"
    )


def test_a_grant_needs_a_permit(config: Config) -> None:
    with pytest.raises(ValueError, match="a grant needs a permit"):
        Grant(decision(config, allowed=False))
    with pytest.raises(GateError) as caught:
        grant((decision(config, allowed=False),))
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, "no-permit")


def test_of_several_targets_the_one_permitted_is_granted(config: Config) -> None:
    both = (decision(config, allowed=False, profile="bob"), decision(config, allowed=True))
    assert grant(both).decision.target.profile == "alice"


def test_several_permits_ask_which_profile_is_meant(config: Config) -> None:
    with pytest.raises(GateError) as caught:
        grant((decision(config, allowed=True), decision(config, allowed=True, profile="alice-admin")))
    assert caught.value.parameters == (InvalidParameter("profile", "must name one of: alice, alice-admin"),)


BOUNDS = {
    "a URL over the destination's most": ({"expires_in": 61}, {"expires_in": (5, 60)}),
    "a URL under SageMaker's least": ({"expires_in": 4}, {"expires_in": (5, 60)}),
    "a session over the destination's most": ({"session_expires_in": 43201}, {"session_expires_in": (1800, 43200)}),
    "a session under SageMaker's least": ({"session_expires_in": 1799}, {"session_expires_in": (1800, 43200)}),
    "both": (
        {"expires_in": 300, "session_expires_in": 99999},
        {"expires_in": (5, 60), "session_expires_in": (1800, 43200)},
    ),
}


@pytest.mark.parametrize(("changes", "named"), BOUNDS.values(), ids=BOUNDS.keys())
def test_a_grant_stays_within_the_destination_s_bounds(
    config: Config, changes: dict[str, object], named: dict[str, tuple[int, int]]
) -> None:
    with pytest.raises(GateError) as caught:
        granted(config, **changes)
    assert caught.value.problem is Problem.MALFORMED
    assert caught.value.parameters == tuple(
        InvalidParameter(name, f"must be a whole number of seconds from {low} to {high}")
        for name, (low, high) in named.items()
    )


@pytest.mark.parametrize("seconds", [5, 30, 60])
def test_a_shorter_expiry_is_granted(config: Config, seconds: int) -> None:
    assert granted(config, expires_in=seconds).decision.target.expires_in == seconds


def test_only_authorise_makes_decisions_and_grants() -> None:
    makers = set()
    for path in Path(studio_gate.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
            if name in {"Decision", "Grant"}:
                makers.add(path.name)
    assert makers == {"authorise.py"}


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,10}@example\.com", fullmatch=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(others=st.lists(NAMES, max_size=5), asking=NAMES)
def test_a_policy_for_somebody_else_never_changes_my_answer(
    compiled: Callable[[str], Policies], config: Config, others: list[str], asking: str
) -> None:
    me = caller(asking)
    rules = "".join(
        f'@id("other-{number}") {effect} (principal == StudioGate::Caller::"{caller(name).id}", action, resource);'
        for number, name in enumerate(others)
        if name != asking
        for effect in [("permit", "forbid")[number % 2]]
    )
    before = decide(compiled(ANYBODY), me, target(config), FACTS).allowed
    after = decide(compiled(ANYBODY + rules), me, target(config), FACTS).allowed
    assert (before, after) == (True, True)


def test_the_time_is_told_to_the_second_in_utc(compiled: Callable[[str], Policies], config: Config) -> None:
    exactly = (
        '@id("one") permit (principal, action, resource) when { context.time == datetime("2026-11-24T08:00:00Z") };'
    )
    moment = datetime(2026, 11, 24, 8, 0, 0, 999_999, tzinfo=UTC)
    facts = authorise.Facts(FACTS.source_ip, FACTS.endpoint_id, moment)
    assert decide(compiled(exactly), caller(), target(config), facts).allowed
