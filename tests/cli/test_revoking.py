"""The operator's command, against IAM and CloudFormation as moto plays them."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from studio_gate_cli import revocations
from studio_gate_cli.revocations import Found, Revocation
from tests.cli.conftest import Run

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio-gate-minting"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/path/another-minting"
ALICE, BOB = (f"caller-{revocations.digest(one)}" for one in ("corp:alice", "corp:bob"))
type Iam = Any  # as boto3 makes it


def policy(**statement: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


TRUST = policy(Action="sts:AssumeRole", Principal={"AWS": "*"})
MINT = policy(Action="sagemaker:CreatePresignedDomainUrl", Resource="*")


@pytest.fixture
def iam(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iam:
    """IAM with two minting roles, one with a policy of its own, where the command finds it."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")
    client = boto3.client("iam", region_name="us-east-1")
    for arn in (ROLE, OTHER):
        path, _, name = arn.partition(":role/")[2].rpartition("/")
        client.create_role(RoleName=name, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument=TRUST)
    client.put_role_policy(RoleName="studio-gate-minting", PolicyName="mint", PolicyDocument=MINT)
    return client


def has(iam: Iam, role: str = "studio-gate-minting") -> dict[str, Any]:
    """Return a role's inline policies by their names, without what revocations' have in common."""
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    return {name.removeprefix(revocations.PREFIX): document for name, document in found.items()}


REVOKED = {
    "a caller": (["--caller", "corp:alice"], [ALICE]),
    "a caller with a label": (["--caller", "corp:alice", "--label", "alice"], [f"{ALICE}-alice"]),
    "two callers": (["--caller", "corp:alice", "--caller", "corp:bob"], [ALICE, BOB]),
    "a caller twice": (["--caller", "corp:alice", "--caller", "corp:alice"], [ALICE]),
    "everybody": (["--all"], ["all"]),
    "sessions": (["--sessions"], ["sessions"]),
}


@pytest.mark.parametrize(("given", "names"), REVOKED.values(), ids=REVOKED.keys())
def test_a_revocation_is_put_on_every_role(iam: Iam, run: Run, given: list[str], names: list[str]) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ran = run("revoke", "--role", ROLE, "--role", OTHER, "--yes", *given)
    assert (ran.status, ran.out) == (0, "")
    for role, besides in (("studio-gate-minting", {"mint"}), ("another-minting", set())):
        found = has(iam, role)
        assert found.keys() == {*names, *besides}
        for name in names:
            assert Found(name, found[name]).since >= f"{before:%Y-%m-%dT%H:%M:%SZ}"
            assert f"done: revoke {name} on {role} ({ACCOUNT})" in ran.err
    assert "docs/prove-live.md" in ran.err


def test_sessions_are_revoked_up_to_now_and_not_before(iam: Iam, run: Run) -> None:
    before = datetime.now(UTC)
    for _ in range(2):
        assert run("revoke", "--role", ROLE, "--sessions", "--yes").status == 0
    condition = has(iam)["sessions"]["Statement"][0]["Condition"]
    (until,) = condition["DateLessThan"].values()
    assert before < datetime.fromisoformat(until) < datetime.now(UTC) + timedelta(seconds=5)


def test_sessions_are_revoked_up_to_when_it_is_done(iam: Iam, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not up to when it was asked about: somebody may think for a while."""
    times = (datetime(2026, 11, 24, 12, minute, tzinfo=UTC) for minute in range(60))
    heard: list[datetime] = []

    def now(_: object) -> datetime:
        heard.append(next(times))
        return heard[-1]

    monkeypatch.setattr("studio_gate_cli.roles.Roles.now", now)
    assert run("revoke", "--role", ROLE, "--sessions", "--yes").status == 0
    (until,) = has(iam)["sessions"]["Statement"][0]["Condition"]["DateLessThan"].values()
    assert len(heard) > 1
    assert until == f"{heard[-1]:%Y-%m-%dT%H:%M:%SZ}"


def test_what_is_revoked_stays_as_it_is(iam: Iam, run: Run) -> None:
    long_ago = Revocation.of_caller("corp:alice").policy(datetime(2020, 1, 1, tzinfo=UTC))
    name = f"{revocations.PREFIX}{ALICE}-alice"
    iam.put_role_policy(RoleName="studio-gate-minting", PolicyName=name, PolicyDocument=long_ago)
    ran = run("revoke", "--role", ROLE, "--caller", "corp:alice", "--label", "other", "--yes")
    assert f"{ALICE}-alice is revoked on studio-gate-minting since 2020-01-01T00:00:00Z" in ran.err
    assert "there is nothing to do" in ran.err
    assert has(iam) == {"mint": json.loads(MINT), f"{ALICE}-alice": json.loads(long_ago)}


def test_what_somebody_weakened_is_put_again(iam: Iam, run: Run) -> None:
    weaker = Revocation.of_caller("corp:bob").policy(datetime(2020, 1, 1, tzinfo=UTC))
    name = f"{revocations.PREFIX}{ALICE}-alice"
    iam.put_role_policy(RoleName="studio-gate-minting", PolicyName=name, PolicyDocument=weaker)
    assert run("revoke", "--role", ROLE, "--caller", "corp:alice", "--yes").status == 0
    assert has(iam).keys() == {"mint", f"{ALICE}-alice"}
    assert Revocation.of_caller("corp:alice").is_what(has(iam)[f"{ALICE}-alice"])


def test_a_dry_run_says_what_it_would_do(iam: Iam, run: Run) -> None:
    ran = run("revoke", "--role", ROLE, "--caller", "corp:alice", "--dry-run")
    assert Revocation.of_caller("corp:alice").is_what(json.loads(ran.out))
    assert f"would revoke {ALICE} on studio-gate-minting ({ACCOUNT})" in ran.err
    assert has(iam).keys() == {"mint"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


ANSWERS = {"yes": ("y\n", True), "in full": (" YES \n", True), "no": ("n\n", False), "nothing": ("\n", False)}


@pytest.mark.parametrize(("typed", "done"), [*ANSWERS.values(), ("", False)], ids=[*ANSWERS, "the end"])
def test_it_asks(iam: Iam, run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, done: bool) -> None:  # noqa: FBT001 - a table's column
    monkeypatch.setattr("sys.stdin", _Terminal(typed))
    ran = run("revoke", "--role", ROLE, "--all")
    assert (ran.status, "all" in has(iam)) == (0, done)
    assert "Go on? [y/N]" in ran.err
    assert ("nothing was done" in ran.err) != done


def test_where_nobody_can_be_asked_nothing_is_done(iam: Iam, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    ran = run("revoke", "--role", ROLE, "--all")
    assert (ran.status, has(iam).keys()) == (2, {"mint"})
    assert "give --yes, or --dry-run" in ran.err


@pytest.fixture
def revoked(iam: Iam, run: Run) -> Iam:
    for given in (["--caller", "corp:alice", "--label", "alice"], ["--caller", "corp:bob"], ["--sessions"]):
        run("revoke", "--role", ROLE, "--role", OTHER, "--yes", *given)
    run("revoke", "--role", ROLE, "--all", "--yes")
    return iam


def test_who_is_revoked_since_when(revoked: Iam, run: Run) -> None:
    listed = json.loads(run("revoke", "--role", ROLE, "--list", "--json").out)
    assert {one["name"]: one["whom"] for one in listed} == {
        f"{ALICE}-alice": "alice",
        BOB: "a caller without a label",
        "sessions": "every session of before",
        "all": "everybody",
    }
    head, *rows = run("revoke", "--role", ROLE, "--list").out.splitlines()
    assert head.split() == ["ROLE", "NAME", "WHOM", "SINCE"]
    assert sorted(row.split()[-1] for row in rows) == sorted(one["since"] for one in listed)


def test_nobody_is_revoked(iam: Iam, run: Run) -> None:
    assert run("revoke", "--role", ROLE, "--list").out == "Nobody is revoked.\n"
    assert run("revoke", "--role", ROLE, "--list", "--json").out == "[]\n"
    assert "there is nothing to do" in run("revoke", "--role", ROLE, "--lift-all").err


LIFTED = {
    "by the name": ([f"--lift={ALICE}-alice"], {BOB, "sessions", "all"}),
    "by the policy's name": (["--lift=studio-gate-revoke-all"], {f"{ALICE}-alice", BOB, "sessions"}),
    "by the caller's id": (["--lift=corp:alice"], {BOB, "sessions", "all"}),
    "by the source identity": ([f"--lift=x-{revocations.digest('corp:bob')}"], {f"{ALICE}-alice", "sessions", "all"}),
    "two": (["--lift=corp:alice", "--lift=all"], {BOB, "sessions"}),
    "all": (["--lift-all"], set()),
}


@pytest.mark.parametrize(("given", "left"), LIFTED.values(), ids=LIFTED.keys())
def test_what_is_lifted(revoked: Iam, run: Run, given: list[str], left: set[str]) -> None:
    assert run("revoke", "--role", ROLE, "--role", OTHER, "--yes", *given).status == 0
    assert has(revoked).keys() == left | {"mint"}
    assert has(revoked, "another-minting").keys() == left - {"all"}


def test_what_is_not_revoked_cannot_be_lifted(revoked: Iam, run: Run) -> None:
    ran = run("revoke", "--role", ROLE, "--lift", "all", "--lift", "mint", "--yes")
    assert (ran.status, "mint is not revoked" in ran.err, "all" in has(revoked)) == (2, True, True)


def test_the_role_of_a_stack(iam: Iam, run: Run) -> None:
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"MintingRoleArn": {"Value": ROLE}}}
    stacks = boto3.client("cloudformation", region_name="eu-central-1")
    stacks.create_stack(StackName="studio-gate", TemplateBody=json.dumps(template))
    stacks.create_stack(StackName="other", TemplateBody=json.dumps({"Resources": template["Resources"]}))
    given = ("--region", "eu-central-1", "--all", "--yes")
    assert run("revoke", "--stack", "studio-gate", *given).status == 0
    assert has(iam).keys() == {"mint", "all"}
    for stack, said in {"other": "has no output MintingRoleArn", "none": "the stack none is not there"}.items():
        ran = run("revoke", "--stack", stack, *given)
        assert (ran.status, said in ran.err) == (2, True)


def test_what_iam_would_not_take_is_not_begun(iam: Iam, run: Run) -> None:
    large = policy(Action="s3:GetObject", Resource="arn:aws:s3:::" + "x" * 9_850) + " " * 20_000
    iam.put_role_policy(RoleName="another-minting", PolicyName="mint", PolicyDocument=large)
    both = ("revoke", "--role", ROLE, "--role", OTHER, "--yes")
    assert run(*both, "--caller", "corp:alice").status == 0
    ran = run(*both, "--caller", "corp:bob")
    assert (ran.status, has(iam).keys()) == (2, {"mint", ALICE})
    assert "the inline policies of another-minting would have 10" in ran.err
    assert "lift some of its 1 revocations" in ran.err
    assert run(*both, "--lift", "corp:alice").status == 0


USAGE = {
    "nothing to do": ([], "one of the arguments --caller --all --sessions --list --lift --lift-all is required"),
    "two things to do": (["--all", "--sessions"], "not allowed with argument"),
    "no role": (["--all"], "which minting role? Give --stack or --role"),
    "no caller's id": (["--caller", "alice@example.com"], "must be a caller's id or source identity"),
    "a label of nobody": (["--all", "--label", "x"], "--label goes with one --caller"),
    "a label of two": (["--caller", "a:b", "--caller", "a:c", "--label", "x"], "--label goes with one --caller"),
    "a label of other letters": (["--caller", "a:b", "--label", "x y"], "at most 47 letters"),
    "no ARN": (["--all", "--role", "minting"], "that is not the ARN of a role"),
    "another role": (["--all", "--role", f"{ROLE}x"], "the role studio-gate-mintingx is not there (iam:GetRole)"),
    "another account's role of that name": (
        ["--all", "--role", ROLE.replace(ACCOUNT, "210987654321")],
        "is in the account 210987654321; your credentials are not",
    ),
    "one of them not there": (["--all", "--role", ROLE, "--role", f"{ROLE}x"], "is not there"),
    "another path": (["--all", "--role", ROLE.replace("role/", "role/x/")], "your credentials are not"),
}


@pytest.mark.parametrize(("given", "said"), USAGE.values(), ids=USAGE.keys())
def test_what_cannot_be_revoked(iam: Iam, run: Run, given: list[str], said: str) -> None:
    ran = run("revoke", "--yes", *given)
    assert (ran.status, has(iam).keys()) == (2, {"mint"})
    assert said in ran.err
