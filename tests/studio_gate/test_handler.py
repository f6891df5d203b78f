"""Whole requests: what goes in is an event of API Gateway, what comes out is an answer and one audit record."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate import handler, story
from tests.conftest import Context, Reply, Send
from tests.studio_gate.builders import changed, identity, signatures_alone, toml

EVENTS = sorted(path.stem for path in example.EVENTS.glob("*.json"))
ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


METHODS = ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", "GET\n"]


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_mints(send: Send, method: str) -> None:
    reply = send(changed("open", lambda event: event.update(httpMethod=method)))
    assert (reply.status, reply.headers["Allow"], len(reply.mints)) == (405, "GET", 0)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_is_told_through_another_endpoint(send: Send, method: str) -> None:
    elsewhere = changed("refused-wrong-endpoint", lambda event: event.update(httpMethod=method))
    reply = send(elsewhere)
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, "wrong-endpoint", 0)
    assert "Allow" not in reply.headers


ROUTES = {
    "a route that is not there": "/iam/url/{destination}/{more}",
    "the path instead of the route": "/iam/url/research",
    "another case": "/IAM/url",
    "a slash at the end": "/iam/url/",
    "no route": "",
    "a proof's name alone": "iam",
    "no slash before it": "iam/url",
    "the proxy route": "/{proxy+}",
    "a variable of another name": "/iam/url/{Destination}",
    "a newline after the destination": "/iam/url/{destination}\n",
    "a slash after the destination": "/iam/url/{destination}/",
    "the destination in another case": "/IAM/url/{destination}",
    "a newline at the end": "/iam/url\n",
    "a newline before it": "\n/iam/url",
    "a blank at the end": "/iam/url ",
    "a NUL at the end": "/iam/url\0",
}


@pytest.mark.parametrize("name", ["url", "open-default", "health"])
@pytest.mark.parametrize("resource", ROUTES.values(), ids=ROUTES.keys())
def test_only_the_matched_route_counts(send: Send, name: str, resource: str) -> None:
    reply = send(changed(name, lambda event: event.update(resource=resource)))
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, "unknown-route", 0)


def test_the_path_does_not_count(send: Send) -> None:
    reply = send(changed("me", lambda event: event.update(path="/iam/open/research")))
    assert (reply.status, len(reply.mints)) == (200, 0)


ENDPOINTS = {
    "another endpoint": "vpce-0fffffffffffffff0",
    "no endpoint": None,
    "an empty endpoint": "",
    "the endpoint in capitals": "VPCE-0A1B2C3D4E5F60718",
    "the endpoint and more": "vpce-0a1b2c3d4e5f607189",
    "the minting endpoint": "vpce-0b2c3d4e5f6071829",
}


@pytest.mark.parametrize("name", ["url", "open", "me", "health"])
@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS.keys())
def test_nothing_is_answered_through_another_endpoint(send: Send, name: str, endpoint: str | None) -> None:
    reply = send(changed(name, identity(vpceId=endpoint)))
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, "wrong-endpoint", 0)


NOT_EVENTS: dict[str, Mapping[str, Any]] = {
    "nothing": {},
    "an HTTP API's event": {"version": "2.0", "routeKey": "GET /iam/url", "rawPath": "/iam/url"},
    "a test event of the console": {"key1": "value1"},
    "no identity": {**example.event("url"), "requestContext": {"requestId": "r"}},
    "an address that is none": changed("url", identity(sourceIp="test-invoke-source-ip")),
    "a query that is a list": {**example.event("url"), "multiValueQueryStringParameters": ["profile"]},
    "a query of numbers": {**example.event("url"), "multiValueQueryStringParameters": {"expires_in": [30]}},
}


@pytest.mark.parametrize("event", NOT_EVENTS.values(), ids=NOT_EVENTS.keys())
def test_what_is_not_an_event_of_the_private_api_is_refused(send: Send, event: Mapping[str, Any]) -> None:
    reply = send(event)
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, "not-an-event-of-the-private-api", 0)
    assert reply.decoded["request_id"] == "lambda-request-id"


def test_a_configuration_that_cannot_be_used_is_unavailable_and_named_in_the_audit_record(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINTING_ROLE_ARN", "nonsense")
    reply = send(example.event("url"))
    assert (reply.status, len(reply.mints)) == (503, 0)
    assert reply.audit["reason"].startswith("configuration: environment: minting_role_arn")
    assert "minting_role_arn" not in reply.body


def test_a_configuration_is_tried_again(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setenv("MINTING_ROLE_ARN", "nonsense")
        assert send(example.event("health")).status == 503
    assert send(example.event("health")).status == 200


def test_the_gate_is_built_once(send: Send) -> None:
    send(example.event("health"))
    first = handler.gate()
    send(example.event("url"))
    assert handler.gate() is first


class UnheardOfError(BaseException):
    """Nothing that a caller could have thought of."""


UNFORESEEN = [
    *(KeyError, TypeError, OSError, AssertionError, UnicodeError, ExceptionGroup, RecursionError, MemoryError),
    *(StopIteration, GeneratorExit, KeyboardInterrupt, SystemExit, UnheardOfError),
]


def failing(kind: type[BaseException]) -> Callable[..., None]:
    """Fail in that way, with something secret."""

    def fail(*_: object) -> None:
        raise kind("canary-secret", [ValueError()]) if kind is ExceptionGroup else kind("canary-secret")

    return fail


@pytest.mark.parametrize("kind", UNFORESEEN)
def test_an_unforeseen_failure_says_where_and_not_what(
    send: Send, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    monkeypatch.setattr(story, "mint", failing(kind))
    reply = send(example.event("url"))
    assert (reply.status, reply.decoded["title"], len(reply.mints)) == (500, "Internal error", 0)
    assert (reply.audit["outcome"], reply.audit["url_sha256"]) == ("internal", None)
    assert reply.audit["reason"].startswith(f"{kind.__name__} at test_handler.py:")
    assert "canary" not in reply.body + reply.written


@pytest.mark.parametrize("kind", UNFORESEEN)
def test_a_url_whose_answer_fails_is_recorded_and_not_handed_out(
    send: Send, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    monkeypatch.setattr(handler.answer, "redirect", failing(kind))
    reply = send(example.event("open"))
    (made,) = reply.mints
    secret = made.url.get_secret_value()
    assert (reply.status, reply.audit["outcome"], reply.metrics["Minted"]) == (500, "internal", 1)
    assert reply.audit["url_sha256"] == sha256(secret.encode()).hexdigest()
    assert "Location" not in reply.headers
    assert secret not in reply.body + reply.written


def test_without_an_audit_record_there_is_no_answer(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on the device")

    monkeypatch.setattr(handler.audit, "write", fail)
    with pytest.raises(OSError, match="no space"):
        handler.handler(example.event("url"), Context())


def test_a_function_that_is_nearly_over_mints_nothing(send: Send) -> None:
    reply = send(example.event("url"), Context(remaining_ms=2_000))
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (504, "no-time-for-a-call", 0)


def test_every_answer_is_one_that_api_gateway_takes(send: Send) -> None:
    for name in EVENTS:
        answer = handler.handler(example.event(name), Context())
        assert set(answer) == {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}
        assert json.loads(json.dumps(answer)) == answer


IMPORT = """
import importlib, pkgutil, sys
import studio_gate
seen = []
watched = ("socket.connect", "socket.getaddrinfo", "subprocess.", "os.system", "os.putenv", "os.remove", "os.mkdir")
sys.addaudithook(lambda event, arguments: event.startswith(watched) and seen.append(event))
for module in pkgutil.walk_packages(studio_gate.__path__, "studio_gate."):
    # What is there to make the gate before it is asked (test_primed.py).
    if module.name != "studio_gate.primed":
        importlib.import_module(module.name)
import studio_gate.handler
assert studio_gate.handler.gate.cache_info().currsize == 0
assert not seen, seen
"""


def test_importing_the_package_calls_nothing_and_needs_no_environment() -> None:
    path = {"PYTHONPATH": str(example.ROOT / "functions" / "gate"), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-B", "-c", IMPORT], env=path, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


LOADED = """
import json, os, pathlib, sys
from studio_gate import handler
handler.CONFIG_DIRECTORY = pathlib.Path(os.environ["CONFIGURATION"])
def loaded():
    return sorted({name.partition(".")[0] for name in sys.modules} & {"joserfc", "cryptography"})
handler.gate()
before = loaded()
import studio_gate.identity.bearer
print(json.dumps([before, loaded()]))
"""


def test_what_reads_tokens_is_not_loaded_by_a_gate_for_signatures_alone(
    tmp_path: Path, template_environment: Mapping[str, str]
) -> None:
    (tmp_path / "gate.toml").write_text(toml(signatures_alone()), encoding="utf-8")
    for name in ("policies.cedar", "schema.cedarschema"):
        shutil.copyfile(example.CONFIG / name, tmp_path / name)
    own = {"PYTHONPATH": str(example.ROOT / "functions" / "gate"), "PATH": os.environ["PATH"]}
    environ = own | dict(template_environment) | {"CONFIGURATION": str(tmp_path)}
    command = [sys.executable, "-B", "-c", LOADED]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    assert (json.loads(done.stdout), done.stderr) == ([[], ["cryptography", "joserfc"]], "")


def test_the_longest_url_and_the_other_headers_fit_api_gateway_s_limit(send: Send) -> None:
    reply: Reply = send(example.event("open"))
    others = sum(len(f"{name}: {value}\r\n") for name, value in reply.headers.items() if name != "Location")
    assert others + len("Location: \r\n") + 9000 <= 10_240
