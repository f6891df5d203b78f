"""What is evaluated for a destination decides as the whole company's policies would, and is no more than it takes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws import example
from studio_gate import policies as module
from studio_gate.authorise import decide, question
from studio_gate.config import Config
from studio_gate.destinations import Space, Target
from studio_gate.policies import Policies, read_policies
from tests.studio_gate.builders import FACTS, caller, target

SCHEMA = example.CONFIG / "schema.cedarschema"
# No policy names the last.
NAMES = ("research", "sandbox", "lab", "quiet")
OPEN = 'StudioGate::Action::"open"'
PRINCIPALS = (
    "principal",
    "principal is StudioGate::Caller",
    'principal in StudioGate::Group::"data-science"',
    'principal is StudioGate::Caller in StudioGate::Group::"data-science"',
    f'principal == StudioGate::Caller::"{caller("bob@example.com").id}"',
)
ACTIONS = ("action", f"action == {OPEN}", f"action in {OPEN}", f"action in [{OPEN}]")
OF_ONE = (
    'resource == StudioGate::Destination::"{}"',
    'resource in StudioGate::Destination::"{}"',
    'resource is StudioGate::Space in StudioGate::Destination::"{}"',
    'resource is StudioGate::UserProfile in StudioGate::Destination::"{}"',
    'resource == StudioGate::UserProfile::"{}/alice"',
    'resource in StudioGate::UserProfile::"{}/alice"',
    'resource == StudioGate::Space::"{}/notes"',
    'resource in StudioGate::Space::"{}/notes"',
)
RESOURCES = (
    "resource",
    "resource is StudioGate::Space",
    "resource is StudioGate::UserProfile",
    "resource is StudioGate::Destination",
    *(scope.format(name) for scope in OF_ONE for name in NAMES[:-1]),
)
CONDITIONS = (
    "",
    "when { resource.owners.contains(principal) }",
    "unless { resource.owners.contains(principal) }",
    'when { resource in StudioGate::Destination::"sandbox" }',
    'unless { resource in StudioGate::Destination::"research" }',
    "when { resource is StudioGate::Space && resource.shared }",
    'when { context has app && context.app == "canvas" }',
    # It fails: the whole answer is then a refusal.
    "when { context.expires_in * 9223372036854775807 > 3 }",
    "when { false } when { context.expires_in * 9223372036854775807 > 3 }",
)
RULES = st.lists(
    st.tuples(
        st.sampled_from(("permit", "permit", "forbid")),
        st.sampled_from(PRINCIPALS),
        st.sampled_from(ACTIONS),
        st.sampled_from(RESOURCES),
        st.sampled_from(CONDITIONS),
    ),
    min_size=1,
    max_size=12,
)
OPENED = (
    {},
    {"profile": "bob", "owners": (caller("bob@example.com").id,)},
    {"space": Space("notes", "alice", shared=False), "app": "canvas"},
    {"space": Space("lab", None, shared=True)},
    {"profile": None},
    {"profile": None, "owners": ()},
)


def targets(config: Config) -> list[Target]:
    """Everything of every destination, which is asked for in each example."""
    where = [config.destinations[0].model_copy(update={"name": name}) for name in NAMES]
    return [target(config, destination=one, **changes) for one in where for changes in OPENED]


def by_all(schema: cedarpy.Schema, text: str, wanted: Target) -> tuple[bool, list[str], list[str]]:
    """What Cedar says of the file as it is, with the names that it gives policies replaced by their ids."""
    whole = cedarpy.PolicySet.from_str(text)
    result = cedarpy.is_authorized(*question(schema, whole, caller(), wanted, FACTS))
    ids = {key: one.annotations["id"] for key, one in whole.to_pst().static_policies.items()}
    errors = [
        error.replace(f"`{key}`", f"`{ids[key]}`")
        for error in result.diagnostics.errors
        for key in ids
        if f"`{key}`" in error
    ]
    assert len(errors) == len(result.diagnostics.errors)
    return result.allowed and not errors, sorted(ids[key] for key in result.diagnostics.reasons), sorted(errors)


@given(rules=RULES)
def test_the_slice_decides_as_the_whole(
    rules: list[tuple[str, ...]], config: Config, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "\n".join(
        f'@id("rule {number}") {effect} ({principal}, {action}, {resource}) {condition};'
        for number, (effect, principal, action, resource, condition) in enumerate(rules)
    )
    path = tmp_path_factory.mktemp("rules") / "policies.cedar"
    path.write_text(text, encoding="utf-8")
    policies = read_policies(path, SCHEMA, NAMES)
    for wanted in targets(config):
        answer = decide(policies, caller(), wanted, FACTS)
        assert (answer.allowed, list(answer.policies), list(answer.errors)) == by_all(policies.schema, text, wanted)


def test_what_the_property_is_drawn_from_has_every_outcome(config: Config, tmp_path: Path) -> None:
    """No rule is refused at load, and each resource scope and each condition applies to something."""
    rules = [
        f'@id("{number}") permit (principal, action, {resource}) {condition};'
        for number, (resource, condition) in enumerate(
            [*((one, "") for one in RESOURCES), *(("resource", one) for one in CONDITIONS[:-1])]
        )
    ]
    (tmp_path / "policies.cedar").write_text("\n".join(rules), encoding="utf-8")
    policies = read_policies(tmp_path / "policies.cedar", SCHEMA, NAMES)
    answers = [decide(policies, caller(), wanted, FACTS) for wanted in targets(config)]
    failed = {str(len(rules) - 1)}
    assert {one for answer in answers for one in answer.policies} | failed == {
        str(number) for number in range(len(rules))
    }
    assert all(answer.errors for answer in answers)


KEPT = {
    "a destination": ('resource == StudioGate::Destination::"{}"', False),
    "what is in a destination": ('resource in StudioGate::Destination::"{}"', False),
    "what is in a destination, by type": ('resource is StudioGate::Space in StudioGate::Destination::"{}"', False),
    "a profile": ('resource == StudioGate::UserProfile::"{}/alice"', False),
    "a space": ('resource == StudioGate::Space::"{}/notes"', False),
    "a type": ("resource is StudioGate::Space", True),
    "everything": ("resource", True),
    "everything, under a condition": ('resource) when {{ resource in StudioGate::Destination::"{}" }}', True),
}


@pytest.mark.parametrize(("scope", "kept"), KEPT.values(), ids=KEPT.keys())
def test_a_policy_is_evaluated_where_its_scope_may_apply(
    compiled: Callable[[str], Policies], scope: str, *, kept: bool
) -> None:
    rule = f'@id("one") forbid (principal, action, {scope.format("research")}'
    policies = compiled(rule + (";" if "when" in rule else ");"))
    assert [[one.id for one in policies.of(name)] for name in ("research", "sandbox")] == [["one"], ["one"] * kept]
    assert [len(policies.parsed(name)) for name in ("research", "sandbox")] == [1, kept]


MANY = "".join(
    f'@id("{name}") permit (principal, action, resource in StudioGate::Destination::"{name}");' for name in NAMES[:-1]
)


def test_what_is_evaluated_is_made_at_its_first_use_and_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []

    def make(policies: list[object]) -> str:
        made.append([one.id for one in policies])  # type: ignore[attr-defined]
        return json.dumps(made)

    monkeypatch.setattr(module, "policy_set", make)
    (tmp_path / "policies.cedar").write_text(MANY, encoding="utf-8")
    policies = read_policies(tmp_path / "policies.cedar", SCHEMA, [*NAMES, "silent"])
    assert made == []
    for name in ("lab", "lab", "quiet", "silent"):
        policies.parsed(name)
    assert made == [["lab"], []]


def test_so_many_policies_are_ready_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_PARSED", 6)
    common = "".join(f'@id("{number}") permit (principal, action, resource);' for number in range(2))
    (tmp_path / "policies.cedar").write_text(common + MANY, encoding="utf-8")
    policies = read_policies(tmp_path / "policies.cedar", SCHEMA, NAMES)
    first = policies.parsed("research")
    policies.parsed("sandbox")
    assert policies.parsed("research") is first
    assert [len(policies.parsed(name)) for name in ("sandbox", "lab")] == [3, 3]
    assert policies.parsed("research") is not first


def test_a_destination_without_policies_opens_for_nobody(tmp_path: Path, config: Config) -> None:
    (tmp_path / "policies.cedar").write_text(MANY, encoding="utf-8")
    policies = read_policies(tmp_path / "policies.cedar", SCHEMA, NAMES)
    quiet = config.destinations[0].model_copy(update={"name": "quiet"})
    answers = [
        decide(policies, caller(), replace(target(config), destination=one), FACTS)
        for one in (config.destinations[0], quiet)
    ]
    assert [(one.allowed, one.reason) for one in answers] == [(True, "permitted"), (False, "no-permit")]
