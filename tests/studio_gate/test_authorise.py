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
from localaws import example
from studio_gate import authorise
from studio_gate.authorise import Decision, Grant, Policies, decide, grant, read_policies
from studio_gate.config import Config
from studio_gate.errors import ConfigError, GateError, InvalidParameter, Problem
from tests.studio_gate.builders import FACTS, caller, target
from tests.studio_gate.builders import grant as granted

SCHEMA = example.CONFIG / "schema.cedarschema"
ANYBODY = '@id("anybody") permit (principal, action, resource);'


@pytest.fixture(scope="session")
def policies() -> Policies:
    return read_policies(example.CONFIG / "policies.cedar", SCHEMA)


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Policies]:
    """Compile other policies against the schema that ships."""

    def compile_text(text: str) -> Policies:
        path = tmp_path / "policies.cedar"
        path.write_text(text, encoding="utf-8")
        return read_policies(path, SCHEMA)

    return compile_text


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
    assert "overflow" in decision.errors[0]


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


@pytest.mark.parametrize("condition", CONTEXT.values(), ids=CONTEXT.keys())
def test_policies_can_speak_of(compiled: Callable[[str], Policies], config: Config, condition: str) -> None:
    text = f'@id("one") permit (principal, action, resource) when {{ {condition} }};'
    other = f'@id("one") permit (principal, action, resource) unless {{ {condition} }};'
    wanted = target(config, owners=(caller().id, caller("bob@example.com").id))
    decisions = [decide(compiled(one), caller(), wanted, FACTS) for one in (text, other)]
    assert [(one.allowed, one.errors) for one in decisions] == [(True, ()), (False, ())]


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


REFUSED = {
    "no policy": ("", "there must be policies"),
    "a policy without an id": ("permit (principal, action, resource);", "without an @id, counted from 0: policy0"),
    "an id given twice": (ANYBODY + ANYBODY, "@id given twice: anybody"),
    "a template": (
        '@id("t") permit (principal == ?principal, action, resource);' + ANYBODY,
        "no template",
    ),
    "a policy that does not parse": ("permit (principal, action", "unexpected"),
    "an unknown attribute": (
        '@id("a") permit (principal, action, resource) when { resource.owner == principal };',
        "a: for policy",
    ),
    "an unknown entity": (
        '@id("a") permit (principal in StudioGate::Team::"x", action, resource);',
        "a: for policy",
    ),
    "an unknown action": (
        '@id("a") permit (principal, action == StudioGate::Action::"close", resource);',
        "a: for policy",
    ),
    "an address that is none": (
        '@id("a") forbid (principal, action, resource) unless { context.source_ip.isInRange(ip("10.0.0.0/33")) };',
        "a: for policy",
    ),
    "text where a number is due": (
        '@id("a") forbid (principal, action, resource) when { context.expires_in == "30" };',
        "a: the types Long and String",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_policies_are_refused(compiled: Callable[[str], Policies], text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"^policies\.cedar with schema\.cedarschema: .*{message}"):
        compiled(text)


def test_a_schema_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    schema = tmp_path / "schema.cedarschema"
    schema.write_text("entity Caller in [Nobody];", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"with schema\.cedarschema: "):
        read_policies(example.CONFIG / "policies.cedar", schema)


def test_missing_policies_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_policies(tmp_path / "policies.cedar", SCHEMA)


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
