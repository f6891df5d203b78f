"""`explain` decides as the gate does, and says why, without a network."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate_cli.main import main
from tests.conftest import Send

ROLE = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef"
ALICE, CAROL, TOOL = f"{ROLE}/alice@example.com", f"{ROLE}/carol@example.com", "corp:c0ffee11-carol"
HOME = ("--source-ip", "10.1.2.3")


@dataclass(frozen=True)
class Explained:
    """What the command said."""

    status: int
    out: str
    err: str

    @property
    def read(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)


type Explain = Callable[..., Explained]


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Explain:
    def explained(*arguments: str) -> Explained:
        capsys.readouterr()
        status = main(["explain", "--config", str(example.CONFIG), *arguments])
        written = capsys.readouterr()
        return Explained(status, written.out, written.err)

    return explained


# What is asked, what comes of it, and the policies relied on by each decision.
ASKED: dict[str, tuple[tuple[str, ...], str, list[list[str]]]] = {
    "her own profile": (("--as", ALICE, *HOME), "permitted", [["data-scientists-open-their-own-profile"]]),
    "from elsewhere": (
        ("--as", ALICE, "--source-ip", "192.0.2.1"),
        "refused: forbidden",
        [["only-from-the-corporate-network"]],
    ),
    "from nobody knows where": (("--as", ALICE), "refused: forbidden", [["only-from-the-corporate-network"]]),
    "a destination for others": (("--as", CAROL, "--open", "sandbox", *HOME), "refused: no-permit", [[]]),
    "with a group more": (
        ("--as", CAROL, "--open", "sandbox", "--groups", "tools", *HOME),
        "permitted",
        [["tools-open-their-own-profile"]],
    ),
    "somebody else's profile": (("--as", ALICE, "--profile", "bob", *HOME), "refused: not-own-profile", []),
    "what is not there": (("--as", ALICE, "--open", "nowhere", *HOME), "refused: unknown-destination", []),
    "for longer than it is let": (
        ("--as", ALICE, "--expires-in", "61", *HOME),
        "expires_in must be a whole number of seconds from 5 to 60",
        [["data-scientists-open-their-own-profile"]],
    ),
    "behind a proxy": (
        ("--as", TOOL, "--open", "sandbox", "--groups", "tools", "--proof", "proxy"),
        "permitted",
        [["tools-open-their-own-profile"]],
    ),
}


@pytest.mark.parametrize(("asked", "outcome", "policies"), ASKED.values(), ids=ASKED)
def test_it_decides_and_says_by_which_policies(
    explain: Explain, asked: tuple[str, ...], outcome: str, policies: list[list[str]]
) -> None:
    explained = explain(*asked, "--json")
    assert (explained.status, explained.err, explained.read["outcome"]) == (0, "", outcome)
    assert [one["policies"] for one in explained.read["decisions"]] == policies


SPACE = ("--as", ALICE, "--space", "lab", *HOME)
SPACES = {
    "a shared space, by a policy about those": (SPACE, "permitted"),
    "a shared space, without one": (
        ("--as", CAROL, "--open", "sandbox", "--groups", "tools", "--space", "lab", *HOME),
        "refused: no-permit",
    ),
    "her own space": ((*SPACE, "--space-of", "alice"), "permitted"),
    "somebody else's own space": ((*SPACE, "--space-of", "bob"), "refused: not-own-space"),
}


@pytest.mark.parametrize(("asked", "outcome"), SPACES.values(), ids=SPACES)
def test_whose_a_space_is_is_said_on_the_command_line(explain: Explain, asked: tuple[str, ...], outcome: str) -> None:
    assert explain(*asked, "--json").read["outcome"] == outcome


def test_each_policy_that_could_have_counted_is_explained(explain: Explain) -> None:
    (decision,) = explain("--as", ALICE, "--source-ip", "192.0.2.1", "--json").read["decisions"]
    assert "forbid only-from-the-corporate-network: applies" in decision["explained"]
    assert [one for one in decision["explained"] if one.startswith("permit tools-open-their-own-profile: does not app")]


EVENTS = ("url", "refused-by-policy", "refused-someone-elses-profile", "refused-unknown-destination")


@pytest.mark.parametrize("name", EVENTS)
def test_it_decides_as_the_gate_does(explain: Explain, send: Send, name: str) -> None:
    event = example.event(name)
    identity, query = event["requestContext"]["identity"], event["multiValueQueryStringParameters"] or {}
    opened = (event["pathParameters"] or {}).get("destination")
    asked = [f"--{key}={value}" for key, (value,) in query.items()] + ([f"--open={opened}"] if opened else [])
    audit = send(event).audit
    read = explain("--as", identity["userArn"], "--source-ip", identity["sourceIp"], *asked, "--json").read
    outcome = "permitted" if audit["outcome"] == "minted" else f"refused: {audit['reason']}"
    assert read["outcome"] == outcome
    assert [policy for one in read["decisions"] for policy in one["policies"]] == audit["policies"]


def test_people_read_it_line_by_line(explain: Explain) -> None:
    first, outcome, decided, relied, *_ = explain("--as", ALICE, *HOME).out.splitlines()
    assert first == f"{ALICE} (sigv4), groups: data-science"
    assert outcome == "=> permitted"
    assert decided.startswith("research/alice: permitted, for 30 s, with a session of ")
    assert relied == "    relied on data-scientists-open-their-own-profile"


@pytest.mark.parametrize(("caller", "proof"), [(TOOL, "bearer"), ("alb:x", "proxy"), ("web:x", "session")])
def test_the_proof_is_that_of_who_proves_the_caller(explain: Explain, caller: str, proof: str) -> None:
    assert explain("--as", caller, "--json").read["caller"]["proof"] == proof


@pytest.mark.parametrize(("at", "outcome"), [("2026-11-24T08:00:00Z", "permitted"), ("2026-11-24T20:00:00Z", "forbid")])
def test_policies_read_the_time_that_is_given(
    explain: Explain, tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, outcome: str
) -> None:
    text = (example.CONFIG / "policies.cedar").read_text(encoding="utf-8")
    night = (
        '@id("not-at-night")\nforbid (principal, action, resource)\nwhen { context.time.toTime() > duration("18h") };\n'
    )
    (tmp_path / "policies.cedar").write_text(text + night, encoding="utf-8")
    (tmp_path / "gate.toml").write_bytes((example.CONFIG / "gate.toml").read_bytes())
    main(["explain", "--config", str(tmp_path), "--as", ALICE, *HOME, "--at", at])
    assert outcome in capsys.readouterr().out


USAGE = {
    "nobody whom anything proves": (("--as", "mallory:x"), "no issuer, proxy or sign_in"),
    "a role that is not trusted": (("--as", ALICE.replace("DataScientist", "Admin")), "not in iam_roles"),
    "a session without its name": (("--as", ROLE), "its sessions are named otherwise"),
    "a time without its zone": (("--as", ALICE, "--at", "2026-11-24T08:00:00"), "--at is a time"),
    "an address that is none": (("--as", ALICE, "--source-ip", "10.0.0.0/8"), "--source-ip an address"),
    "seconds that are none": (("--as", ALICE, "--expires-in", "1h"), "expires_in must be a whole number"),
    "a profile that can be none": (("--as", ALICE, "--profile", "a b"), "profile must be a user profile name"),
}


@pytest.mark.parametrize(("asked", "said"), USAGE.values(), ids=USAGE)
def test_what_cannot_be_asked_is_wrong_usage(explain: Explain, asked: tuple[str, ...], said: str) -> None:
    explained = explain(*asked)
    assert (explained.status, explained.out, said in explained.err) == (2, "", True)


def test_of_a_configuration_that_does_not_hold_nothing_is_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gate.toml").write_text("version = 2", encoding="utf-8")
    (tmp_path / "policies.cedar").write_text("", encoding="utf-8")
    assert main(["explain", "--config", str(tmp_path), "--as", ALICE]) == 1
    assert "config check" in capsys.readouterr().err


def test_the_configuration_of_the_clone_is_asked_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--as", ALICE, *HOME]) == 0
    assert "=> permitted" in capsys.readouterr().out
