"""Policies are compiled as a whole or not at all; what is wrong is said with its place and what would be right."""

from collections.abc import Callable
from pathlib import Path

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws import example
from studio_gate import policy_errors
from studio_gate.errors import ConfigError
from studio_gate.policies import Policies, read_policies

SCHEMA = example.CONFIG / "schema.cedarschema"
ANYBODY = '@id("anybody") permit (principal, action, resource);'
WHEN = '@id("a")\npermit (principal, action, resource)\nwhen {{ {} }};'
OVER = " && ".join(["context.expires_in > 1"] * 150)

# What stands between the lines is a policy; what is said of it begins with the place.
REFUSED = {
    "no policy": ("// Nothing yet.\n", "policies.cedar: there must be policies"),
    "a policy without an id": ("permit (principal, action, resource);", ":1:1: policy 1: needs an @id"),
    "a policy with an empty id": (f'{ANYBODY}\n@id("") {ANYBODY[15:]}', ':2:1: policy "": needs an @id'),
    "an id given twice": (f"{ANYBODY}\n{ANYBODY}", ':2:1: policy "anybody": has the @id of another policy'),
    "a template": (
        f'{ANYBODY}\n\n@id("t") permit (principal == ?principal, action, resource);',
        ':3:1: policy "t": is a template',
    ),
    "a policy that does not end": ("permit (principal, action", ":1:20: policy 1: unexpected end of input: a policy"),
    "a policy without its semicolon": (
        f"{ANYBODY[:-1]}\n  {ANYBODY}",
        ':2:3: policy "anybody": unexpected token `@`',
    ),
    "a word that is out of place": (
        f'{ANYBODY}\n@id("b") permit (principal, actions, resource);',
        ':2:1: policy "b": found an invalid variable in the policy scope: actions',
    ),
    "a string that does not end": (
        WHEN.format('principal.subject == "x'),
        ':3:29: policy "a": invalid token',
    ),
    "a method that is not there": (
        WHEN.format("resource.owners.contain(principal)"),
        ':3:24: policy "a": `contain` is not a valid method',
    ),
    "an expression nested too deeply": (WHEN.format(OVER), ':1:1: policy "a": cedarpy: expression nesting exceeds'),
    "an attribute that is nearly right": (
        WHEN.format("resource.owner == principal"),
        (
            ':3:17: policy "a": attribute `owner` on entity type `StudioGate::Destination` not found; '
            "did you mean `owners`?"
        ),
    ),
    "an attribute of other resources": (
        WHEN.format("resource.shared"),
        (
            ':3:17: policy "a": attribute `shared` on entity type `StudioGate::Destination` not found; Space has it: '
            "ask `is StudioGate::Space &&` first"
        ),
    ),
    "an attribute of the context that is nearly right": (
        WHEN.format("context.endpoints == principal.subject"),
        (
            ':3:16: policy "a": attribute `endpoints` in context for StudioGate::Action::"open" not found; '
            "did you mean `endpoint`?"
        ),
    ),
    "an attribute that is like none": (
        WHEN.format("context.whither == principal.subject"),
        "not found; known are app, endpoint, expires_in, session_expires_in, source_ip, time",
    ),
    "an attribute that may be missing": (
        WHEN.format("context.source_ip.isLoopback()"),
        (
            ':3:16: policy "a": unable to guarantee safety of access to optional attribute `source_ip` in context for '
            'StudioGate::Action::"open"; ask `has source_ip &&` first'
        ),
    ),
    "a caller's attribute that may be missing": (
        WHEN.format('principal.email like "*@example.com"'),
        "ask `has email &&` first",
    ),
    "the presence of what nothing has": (
        WHEN.format('context has ap && context.ap == "canvas"'),
        ':1:1: policy "a": asks for `ap`, which nothing has; did you mean `app`?',
    ),
    "a type that is nearly right": (
        WHEN.format("resource is StudioGate::Spaces"),
        ':3:32: policy "a": unrecognized entity type `StudioGate::Spaces`; did you mean `StudioGate::Space`?',
    ),
    "a type without its namespace": (
        '@id("a") permit (principal in Group::"x", action, resource);',
        ':1:31: policy "a": unrecognized entity type `Group`; did you mean `StudioGate::Group`?',
    ),
    "an unknown action": (
        '@id("a") permit (principal, action == StudioGate::Action::"close", resource);',
        (
            ':1:59: policy "a": unrecognized action `StudioGate::Action::"close"`; '
            'did you mean `StudioGate::Action::"open"`?'
        ),
    ),
    "a principal that no request has": (
        '@id("a") permit (principal == StudioGate::Group::"x", action, resource);',
        "no request has such a principal, action and resource",
    ),
    "an address that is none": (
        WHEN.format('context has source_ip && context.source_ip.isInRange(ip("10.0.0.0/33"))'),
        'policy "a": error during extension function argument validation: failed to parse as IP address',
    ),
    "text where a number is due": (WHEN.format('context.expires_in == "30"'), "the types Long and String are not"),
    "a destination that is not there": (
        '@id("a")\nforbid (principal, action,\n  resource in StudioGate::Destination::"reserch");',
        (
            ':3:40: policy "a": names StudioGate::Destination::"reserch", and there is no destination \'reserch\'; '
            "did you mean `research`?"
        ),
    ),
    "a profile of a destination that is not there": (
        '@id("a") permit (principal, action, resource == StudioGate::UserProfile::"sandboxes/alice");',
        "there is no destination 'sandboxes'; did you mean `sandbox`?",
    ),
    "a space of a destination that is not there": (
        '@id("a") permit (principal, action, resource is StudioGate::Space in StudioGate::Destination::"labs");',
        "there is no destination 'labs'; known are research, sandbox",
    ),
}


def refusal(compiled: Callable[[str], Policies], text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        compiled(text)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_policies_are_refused(compiled: Callable[[str], Policies], text: str, said: str) -> None:
    (line,) = [one for one in refusal(compiled, text) if said in one]
    assert line.startswith("policies.cedar:")


def test_what_only_follows_from_another_error_is_not_said(compiled: Callable[[str], Policies]) -> None:
    text, said = REFUSED["a type without its namespace"]
    (line,) = refusal(compiled, text)
    assert said in line


IN_CONDITIONS = {
    "a comparison": "resource == {}",
    "a negation": "!(resource in {})",
    "a set": "resource is StudioGate::Destination && [{}].contains(resource)",
    "a branch": "if context.expires_in > 1 then resource in {} else false",
    "a member of a record": "{{at: {}}}.at == resource",
    "an attribute of an entity": '{}.name == "x"',
    "the presence of an attribute": "{} has name",
    "a type test": "resource is StudioGate::UserProfile in {}",
    "a pattern": '{}.name like "x*"',
    "a method's argument": "resource is StudioGate::Destination && [resource].contains({})",
}


@pytest.mark.parametrize("condition", IN_CONDITIONS.values(), ids=IN_CONDITIONS.keys())
def test_a_destination_that_is_not_there_is_found_within(compiled: Callable[[str], Policies], condition: str) -> None:
    there, missing = (WHEN.format(condition.format(f'StudioGate::Destination::"{one}"')) for one in ("research", "x"))
    compiled(there)
    (line,) = refusal(compiled, missing)
    assert 'names StudioGate::Destination::"x"' in line


def test_what_is_wrong_with_every_policy_is_said_at_once(compiled: Callable[[str], Policies]) -> None:
    conditions = {"a": "resource.owner == 1", "b": "true", "c": 'principal in StudioGate::Team::"x"'}
    three = "\n".join(
        f'@id("{name}") permit (principal, action, resource) when {{ {condition} }};'
        for name, condition in conditions.items()
    )
    places = [
        [line.partition(": ")[0] for line in refusal(compiled, text)]
        for text in (three, three.replace("==", "= =").replace("Team::", "Team:"))
    ]
    assert places == [["policies.cedar:1:63", "policies.cedar:3:79"], ["policies.cedar:1:71", "policies.cedar:3:83"]]


def test_a_schema_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    schema = tmp_path / "schema.cedarschema"
    schema.write_text("entity Caller in [Nobody];", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^policies\.cedar with schema\.cedarschema: "):
        read_policies(example.CONFIG / "policies.cedar", schema, [])


def test_missing_policies_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_policies(tmp_path / "policies.cedar", SCHEMA, [])


PIECES = st.sampled_from(
    [
        '// no ; " end\n',
        "\n\n",
        '@note("; \\" //") ',
        ANYBODY,
        'permit (principal, action, resource) when { "//;" == "\\";" };',
    ]
)


@given(pieces=st.lists(PIECES, max_size=12))
def test_policies_are_counted_as_cedar_counts_them(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        count = len(cedarpy.PolicySet.from_str(text))
    except ValueError:
        return
    assert len(policy_errors.split(text)) == count
