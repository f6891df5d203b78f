"""Whatever SageMaker answers, slowly or through a dead connection, the launch ends in time and is recorded."""

import json
import shutil
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from localaws import example
from studio_gate import handler
from studio_gate.config import Config, Deployment
from studio_gate.errors import Problem
from tests.conftest import Send
from tests.studio_gate.builders import cut_off, refused
from tests.upstream_server import Told, Upstream, minted, sagemaker_error, sts_error

DEEP = "[" * 100_000 + "]" * 100_000
BODIES = {
    "a list": Told(body="[]"),
    "null": Told(body="null"),
    "a number": Told(body="5"),
    "text": Told(body='"x"'),
    "true": Told(body="true"),
    "deep JSON": Told(body=DEEP),
    "a deep member": Told(body=f'{{"AuthorizedUrl": {DEEP}}}'),
    "a number as the URL": Told(body='{"AuthorizedUrl": 5}'),
    "a list as the URL": Told(body='{"AuthorizedUrl": ["https://x"]}'),
    "JSON that is cut off": Told(body=minted().body[:-2]),
    "an error that is a list": Told(400, "[]"),
    "an error that is a number": Told(400, "5"),
    "an error that is deep": Told(400, DEEP),
    "an error whose type is a number": Told(400, json.dumps({"__type": 5})),
    "an error whose type is a list": Told(400, json.dumps({"__type": ["ResourceNotFound"]})),
}


@pytest.mark.parametrize("told", BODIES.values(), ids=BODIES.keys())
def test_a_body_of_another_shape_is_nonsense(
    server: Upstream, config: Config, deployment: Deployment, told: Told
) -> None:
    server.sagemaker = told
    assert refused(config, deployment).problem is Problem.UPSTREAM_NONSENSE
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, 1)


def test_a_body_that_drips_is_cut_off_in_time(server: Upstream, config: Config, deployment: Deployment) -> None:
    server.sagemaker = replace(minted(), drip=0.2)
    # Leaves SageMaker two seconds; each byte comes within the one that a read may take.
    assert cut_off(config, deployment, seconds=2.6).upstream == "TimeoutError"
    assert len(server.sagemaker_calls) == 1


@pytest.fixture
def ask(server: Upstream, capsys: pytest.CaptureFixture[str]) -> Send:
    """Send events while STS and SageMaker answer as they are told."""
    return Send(capsys)


def test_a_connection_that_was_idle_is_not_used(monkeypatch: pytest.MonkeyPatch, server: Upstream, ask: Send) -> None:
    server.sagemaker = replace(minted(), once=True)
    assert ask(example.event("url")).status == 200
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + 400)
    assert ask(example.event("url")).status == 200
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, 2)


@pytest.mark.parametrize("name", ["url", "open"])
def test_a_url_of_another_host_is_recorded_and_counted_and_not_handed_out(
    server: Upstream, ask: Send, name: str
) -> None:
    hostile = "https://evil.example/auth?token=canary"
    server.sagemaker = minted(hostile)
    reply = ask(example.event(name))
    assert (reply.status, reply.audit["outcome"], reply.audit["reason"]) == (
        502,
        "upstream-nonsense",
        "not-a-studio-url",
    )
    assert reply.audit["url_sha256"] == sha256(hostile.encode()).hexdigest()
    assert reply.metrics["Minted"] == 1
    assert "Location" not in reply.headers
    assert "evil.example" not in reply.body + reply.written


@pytest.mark.parametrize("body", ['{"AuthorizedUrl": ""}', '{"AuthorizedUrl": null}', "{}"])
def test_no_url_is_not_counted(server: Upstream, ask: Send, body: str) -> None:
    server.sagemaker = Told(body=body)
    reply = ask(example.event("url"))
    assert (reply.status, reply.audit["url_sha256"], reply.metrics["Minted"]) == (502, None, 0)


REFUSALS = {
    "STS does not let the gate in": ({"sts": sts_error("AccessDenied", 403)}, 503, "sts-refused", "AccessDenied"),
    "STS throttles": ({"sts": sts_error("Throttling")}, 429, "sts-refused", "Throttling"),
    "SageMaker does not find the profile": (
        {"sagemaker": sagemaker_error("ResourceNotFound")},
        409,
        "sagemaker-refused",
        "ResourceNotFound",
    ),
    "SageMaker hangs up": ({"sagemaker": Told(0)}, 503, "sagemaker-unreachable", "ProtocolError"),
}


@pytest.mark.parametrize(("told", "status", "reason", "code"), REFUSALS.values(), ids=REFUSALS.keys())
def test_the_code_of_aws_is_in_the_audit_record_alone(
    server: Upstream, ask: Send, told: dict[str, Told], status: int, reason: str, code: str
) -> None:
    for service, answer in told.items():
        setattr(server, service, answer)
    reply = ask(example.event("url"))
    assert (reply.status, reply.audit["reason"], reply.audit["upstream"]) == (status, reason, code)
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, int("sagemaker" in told))
    assert (reply.audit["decision"], reply.audit["url_sha256"]) == ("permitted", None)
    assert code not in reply.body


def test_what_could_not_be_evaluated_is_in_the_audit_record_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Upstream, ask: Send
) -> None:
    folder = shutil.copytree(example.CONFIG, tmp_path / "config")
    overflow = (
        '@id("too-large") forbid (principal, action, resource) when { context.expires_in * 9223372036854775807 > 3 };'
    )
    with (folder / "policies.cedar").open("a", encoding="utf-8") as policies:
        policies.write(overflow)
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", folder)
    reply = ask(example.event("url"))
    assert (reply.status, reply.audit["reason"], reply.audit["decision"]) == (
        403,
        "evaluation-error",
        "evaluation-error",
    )
    (error,) = reply.audit["policy_errors"]
    assert "overflow" in error
    assert "overflow" not in reply.body
    assert reply.audit["policies"] == ["data-scientists-open-their-own-profile"]
    assert (server.sts_calls, server.sagemaker_calls) == ([], [])
