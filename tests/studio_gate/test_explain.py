"""Each policy says what became of it, on its own: outside its scope, not under its condition, or relied on."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

import pytest

from studio_gate.authorise import decide
from studio_gate.config import Config
from studio_gate.explain import Explanation, explain
from studio_gate.policies import Policies
from tests.studio_gate.builders import FACTS, caller, target

OUTSIDE = ip_address("192.0.2.1")
RULES = {
    "a permit that applies": ("permit (principal, action, resource);", Explanation("one", "permit", in_scope=True)),
    "a forbid that applies": (
        "forbid (principal, action, resource) when { true };",
        Explanation("one", "forbid", in_scope=True),
    ),
    "another group": (
        'permit (principal in StudioGate::Group::"tools", action, resource) when { true };',
        Explanation("one", "permit", in_scope=False, unmet=('principal in StudioGate::Group::"tools"',)),
    ),
    "another caller of another type of resource": (
        'forbid (principal == StudioGate::Caller::"corp:x", action, resource is StudioGate::Space);',
        Explanation(
            "one",
            "forbid",
            in_scope=False,
            unmet=('principal == StudioGate::Caller::"corp:x"', "resource is StudioGate::Space"),
        ),
    ),
    "another profile of the destination": (
        'permit (principal, action, resource == StudioGate::UserProfile::"research/bob");',
        Explanation("one", "permit", in_scope=False, unmet=('resource == StudioGate::UserProfile::"research/bob"',)),
    ),
    "a condition": (
        "permit (principal, action, resource) when { context.expires_in < 5 };",
        Explanation("one", "permit", in_scope=True, unmet=("when { (context.expires_in) < 5 }",)),
    ),
    "an exception": (
        "forbid (principal, action, resource) unless { context.expires_in > 5 };",
        Explanation("one", "forbid", in_scope=True, unmet=("unless { (context.expires_in) > 5 }",)),
    ),
    "the second of several conditions, which the first guards": (
        (
            "permit (principal, action, resource) when { context has source_ip }"
            ' when { context.source_ip == ip("10.1.1.1") } when { false };'
        ),
        Explanation("one", "permit", in_scope=True, unmet=('when { (context.source_ip) == (ip("10.1.1.1")) }',)),
    ),
    "a condition that cannot be evaluated": (
        "forbid (principal, action, resource) when { context.expires_in * 9223372036854775807 > 3 };",
        Explanation(
            "one",
            "forbid",
            in_scope=True,
            unmet=("when { ((context.expires_in) * 9223372036854775807) > 3 }",),
            error="error while evaluating policy `one`: integer overflow while attempting to multiply the values `30` "
            "and `9223372036854775807`",
        ),
    ),
}


@pytest.mark.parametrize(("rule", "explanation"), RULES.values(), ids=RULES.keys())
def test_a_policy_explains_itself(
    compiled: Callable[[str], Policies], config: Config, rule: str, explanation: Explanation
) -> None:
    assert explain(compiled(f'@id("one") {rule}'), caller(), target(config), FACTS) == [explanation]


def test_policies_that_name_another_destination_are_left_out(policies: Policies, config: Config) -> None:
    sandbox = target(config, destination=config.destinations[1])
    names = {one.policy for one in explain(policies, caller(), sandbox, FACTS)}
    assert names == {"tools-open-their-own-profile", "only-from-the-corporate-network"}


def test_what_applies_is_what_the_decision_relied_on(policies: Policies, config: Config) -> None:
    for source_ip in (FACTS.source_ip, OUTSIDE):
        facts = replace(FACTS, source_ip=source_ip)
        decision = decide(policies, caller(), target(config), facts)
        effect = "permit" if decision.allowed else "forbid"
        found = explain(policies, caller(), target(config), facts)
        assert tuple(sorted(one.policy for one in found if one.applies and one.effect == effect)) == decision.policies
