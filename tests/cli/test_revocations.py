"""What a revocation denies, and to whom: held against the gate's own names and the policy evaluator's patterns."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from localaws.policy.patterns import like
from studio_gate import fields, sessions
from studio_gate.identity import Caller, Proof
from studio_gate_cli import revocations
from studio_gate_cli.revocations import Found, Revocation

NOW = datetime(2026, 11, 24, 12, 18, 25, 400_000, tzinfo=UTC)
ROLE = "arn:aws:sts::111122223333:assumed-role/DataScientist"
IDS = st.sampled_from(["corp:alice", "corp:bob", "corp:Alice", ROLE, f"{ROLE}/alice@example.com"]) | st.from_regex(
    re.compile(rf"corp:{fields.SUBJECT.pattern}"), fullmatch=True
)
LABELS = st.text() | st.sampled_from(["alice@example.com", "x" * 60, "a-0123456789abcdef", "*", "?" * 9])


def named(caller_id: str, label: str) -> str:
    """Return what the gate calls a caller's sessions."""
    return sessions.session_name(Caller(caller_id, Proof.BEARER, "corp", "x", label, frozenset()))


def pattern(revocation: Revocation) -> str:
    (statement,) = json.loads(revocation.policy(NOW))["Statement"]
    assert statement["Condition"].keys() == {"StringLike"}
    return str(statement["Condition"]["StringLike"]["aws:SourceIdentity"])


@given(IDS, LABELS)
def test_the_gate_names_sessions_as_they_are_revoked(caller_id: str, label: str) -> None:
    name = named(caller_id, label)
    assert name.endswith(f"-{revocations.digest(caller_id)}")
    assert like(pattern(Revocation.of_caller(caller_id)), name)
    assert Revocation.of_caller(name).condition == Revocation.of_caller(caller_id).condition


@given(IDS, IDS, LABELS)
def test_no_other_caller_is_revoked_with_one(one: str, other: str, label: str) -> None:
    assert like(pattern(Revocation.of_caller(one)), named(other, label)) == (one == other)
    # A label that looks like the end of somebody else's name.
    ending = f"a-{revocations.digest(one)}"
    assert like(pattern(Revocation.of_caller(one)), named(other, ending)) == (one == other)


@given(st.text(max_size=310) | IDS | st.from_regex(re.compile(fields.ASSUMED_ROLE.pattern), fullmatch=True))
def test_what_is_a_caller_s_id_for_the_gate_is_one_here(text: str) -> None:
    try:
        TypeAdapter(fields.CallerId).validate_python(text)
    except ValidationError:
        assert not revocations.is_caller(text) or ":" not in text
    else:
        assert revocations.is_caller(text)


NOBODY = ["", "alice", "alice@example.com", "arn:aws:iam::111122223333:role/x", f"{ROLE}\n", "corp:", "corp:a b", "*"]


@pytest.mark.parametrize("text", [*NOBODY, "*-0123456789abcdef", "a-0123456789ABCDEF", "x" * 48 + "-0123456789abcdef"])
def test_what_would_revoke_nobody_is_no_caller(text: str) -> None:
    assert not revocations.is_caller(text)


DENY = {"Sid": "RevokedAt20261124T121825Z", "Effect": "Deny", "Action": "*", "Resource": "*"}
POLICIES = {
    "a caller": (
        Revocation.of_caller("corp:alice"),
        "caller-8a0e0655fdd0d7ba",
        {"StringLike": {"aws:SourceIdentity": "*-8a0e0655fdd0d7ba"}},
    ),
    "a caller with a label": (
        Revocation.of_caller("corp:alice", "alice"),
        "caller-8a0e0655fdd0d7ba-alice",
        {"StringLike": {"aws:SourceIdentity": "*-8a0e0655fdd0d7ba"}},
    ),
    "a source identity, which has a label": (
        Revocation.of_caller("bob@example.com-0123456789abcdef"),
        "caller-0123456789abcdef-bob@example.com",
        {"StringLike": {"aws:SourceIdentity": "*-0123456789abcdef"}},
    ),
    "a source identity, called otherwise": (
        Revocation.of_caller("bob@example.com-0123456789abcdef", "bob"),
        "caller-0123456789abcdef-bob",
        {"StringLike": {"aws:SourceIdentity": "*-0123456789abcdef"}},
    ),
    "everybody": (revocations.EVERYBODY, "all", None),
    "sessions, up to the end of the second": (
        Revocation.of_sessions(NOW),
        "sessions",
        {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T12:18:26Z"}},
    ),
    "sessions, in another zone, at a whole second": (
        Revocation.of_sessions(NOW.replace(microsecond=0).astimezone(timezone(timedelta(hours=9)))),
        "sessions",
        {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T12:18:25Z"}},
    ),
}


@pytest.mark.parametrize(("revocation", "name", "condition"), POLICIES.values(), ids=POLICIES.keys())
def test_the_policy(revocation: Revocation, name: str, condition: object) -> None:
    written = revocation.policy(NOW)
    statement = DENY | ({"Condition": condition} if condition else {})
    assert json.loads(written) == {"Version": "2012-10-17", "Statement": [statement]}
    assert " " not in written
    # IAM API reference, PutRolePolicy: PolicyName.
    assert re.fullmatch(r"[\w+=,.@-]{1,128}", revocations.PREFIX + name)
    found = Found(name, json.loads(written))
    assert (revocation.name, found.since) == (name, "2026-11-24T12:18:25Z")
    assert revocation.is_what(json.loads(revocation.policy(NOW + timedelta(days=1))))
    assert found.answers_to(name)
    assert found.answers_to(f"studio-gate-revoke-{name}")


def test_what_is_another_policy_is_not_taken_for_a_revocation() -> None:
    policy = json.loads(Revocation.of_caller("corp:alice").policy(NOW))
    weaker = json.loads(json.dumps(policy).replace("Deny", "Allow"))
    bob = json.loads(Revocation.of_caller("corp:bob").policy(NOW))
    others = [weaker, bob, policy | {"Statement": policy["Statement"] * 2}, policy | {"Statement": {}}, {}]
    assert not [one for one in others if Revocation.of_caller("corp:alice").is_what(one)]


WHOM = {
    "all": "everybody",
    "sessions": "every session of before",
    "caller-0123456789abcdef": "a caller without a label",
    "caller-0123456789abcdef-bob@example.com": "bob@example.com",
    "caller-0123": "unknown",
}


@pytest.mark.parametrize(("name", "whom"), WHOM.items())
def test_whom_a_revocation_is_about(name: str, whom: str) -> None:
    assert Found(name, {}).whom == whom


UNDATED = [{}, {"Statement": []}, {"Statement": [{}]}, {"Statement": {"Sid": "x"}}, {"Statement": ["x"]}]


@pytest.mark.parametrize("document", [*UNDATED, {"Statement": [{"Sid": "RevokedAt20261399T999999Z"}]}])
def test_a_policy_that_somebody_changed_has_no_time(document: dict[str, object]) -> None:
    assert Found("all", document).since is None


def test_a_revocation_is_found_by_its_caller() -> None:
    found = Found(Revocation.of_caller("corp:alice", "alice").name, {})
    assert found.answers_to("corp:alice")
    assert found.answers_to(named("corp:alice", "other label"))
    assert not found.answers_to("corp:bob")
    assert not found.answers_to("alice")
    assert not Found("all", {}).answers_to("corp:alice")
