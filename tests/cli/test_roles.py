"""What AWS may say to an operator's command, by an IAM that is told what to say."""

import json
from collections.abc import Iterator

import pytest
from botocore.config import Config

from studio_gate_cli import roles
from tests.cli.conftest import Run
from tests.cli.scripted import Scripted, Told, scripted

ROLE = "arn:aws:iam::123456789012:role/studio-gate-minting"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")
    monkeypatch.setattr(roles, "SETTINGS", Config(retries={"total_max_attempts": 1}))
    with scripted() as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url.removesuffix("/gate"))
        yield served


def refusing(status: int, code: str) -> Told:
    error = f"<Error><Code>{code}</Code><Message>upstream-canary</Message></Error>"
    return Told(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>", "text/xml")


REFUSED = {
    "no permission": (
        refusing(403, "AccessDenied"),
        5,
        "AWS refused iam:GetRole for the role studio-gate-minting (Acce",
    ),
    "expired": (refusing(403, "ExpiredToken"), 3, "your AWS credentials have expired"),
    "unknown credentials": (refusing(403, "InvalidClientTokenId"), 3, "(InvalidClientTokenId)"),
    "throttled": (refusing(400, "Throttling"), 6, "(Throttling)"),
    "down": (refusing(503, "ServiceUnavailable"), 6, "(ServiceUnavailable)"),
    "a code that paints the terminal": (refusing(400, "x" * 70), 5, "([...])"),
    "hangs up": (Told(0), 4, "iam:GetRole for the role studio-gate-minting did not get through ("),
}


@pytest.mark.parametrize(("answer", "status", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_aws_refuses_is_one_line(told: Scripted, run: Run, answer: Told, status: int, said: str) -> None:
    told.answer = answer
    ran = run("revoke", "--role", ROLE, "--all", "--yes")
    assert (ran.status, said in ran.err) == (status, True)
    assert len(ran.err.splitlines()) == 1


NONE = "<ListRolePoliciesResult><PolicyNames/><IsTruncated>false</IsTruncated></ListRolePoliciesResult>"
EMPTY = f"<Response><GetRoleResult><Role><Arn>{ROLE}</Arn></Role></GetRoleResult>{NONE}</Response>"


def test_sessions_end_by_iam_s_clock(told: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A laptop's clock that is an hour late would leave the sessions of that hour."""
    monkeypatch.setattr(
        "http.server.BaseHTTPRequestHandler.date_time_string", lambda *_: "Tue, 24 Nov 2037 08:00:00 GMT"
    )
    told.answer = Told(body=EMPTY, kind="text/xml")
    ran = run("revoke", "--role", ROLE, "--sessions", "--dry-run")
    (until,) = json.loads(ran.out)["Statement"][0]["Condition"]["DateLessThan"].values()
    # Rounded up twice: the date has no fractions, and neither has the condition.
    assert "2037-11-24T08:00:01Z" < until < "2037-11-24T08:01:00Z"


def test_without_a_clock_nothing_is_revoked(told: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda *_: "yesterday")
    told.answer = Told(body=EMPTY, kind="text/xml")
    ran = run("revoke", "--role", ROLE, "--all", "--yes")
    assert (ran.status, "IAM does not say what time it is" in ran.err) == (7, True)


def test_no_region_for_a_stack(told: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    ran = run("revoke", "--stack", "studio-gate", "--all", "--yes")
    assert (ran.status, "which region is the stack in?" in ran.err, told.paths) == (2, True, [])
