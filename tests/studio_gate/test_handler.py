"""Whole requests: what goes in is an event of API Gateway, what comes out is an answer and one audit record."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localaws import example, expectations
from studio_gate import handler
from tests.conftest import Context, Reply, Send

EVENTS = sorted(path.stem for path in example.EVENTS.glob("*.json"))
ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """An event of `events/` after a change."""
    event = copy.deepcopy(example.event(name))
    change(event)
    return event


def identity(**values: object) -> Callable[[dict[str, Any]], object]:
    """Set values of the identity block."""
    return lambda event: event["requestContext"]["identity"].update(values)


def test_every_event_is_expected_and_every_expectation_has_an_event() -> None:
    assert set(EVENTS) == set(expectations.EXPECTATIONS)


@pytest.mark.parametrize("name", EVENTS)
def test_event(send: Send, name: str) -> None:
    expected = expectations.EXPECTATIONS[name]
    reply = send(example.event(name))
    assert (reply.status, len(reply.mints)) == (expected.status, expected.mints)
    assert ALWAYS.items() <= reply.headers.items()
    assert reply.audit["status"] == expected.status
    if expected.problem:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.decoded["type"] == f"urn:problem-type:studio-gate:{expected.problem}"
        assert reply.audit["outcome"] == expected.problem


def test_a_redirect_goes_to_the_url_that_was_minted(send: Send) -> None:
    reply = send(example.event("open"))
    assert reply.headers["Location"] == reply.mints[0].url.get_secret_value()
    assert reply.body == ""


def test_a_json_answer_holds_the_url_that_was_minted(send: Send) -> None:
    reply = send(example.event("url-shortened"))
    assert reply.decoded["url"] == reply.mints[0].url.get_secret_value()
    assert reply.mints[0].parameters["ExpiresInSeconds"] == 10
    assert reply.mints[0].parameters["SessionExpirationDurationInSeconds"] == 1800
    assert reply.decoded["request_id"] == example.event("url-shortened")["requestContext"]["requestId"]


def test_the_audit_record_says_everything_about_a_launch_but_the_url(send: Send) -> None:
    reply = send(example.event("url"))
    audit = {key: value for key, value in reply.audit.items() if key not in {"time", "duration_ms", "url_sha256"}}
    caller = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/alice@example.com"
    assert audit == {
        "audit_version": 1,
        "request_id": example.event("url")["requestContext"]["requestId"],
        "route": "/iam/url/{destination}",
        "source_ip": "10.20.30.40",
        "endpoint": "vpce-0a1b2c3d4e5f60718",
        "signer": caller,
        "proof": "sigv4",
        "caller": caller,
        "issuer": "arn:aws:iam::111122223333:root",
        "subject": "AROAEXAMPLESCIENTIST1:alice@example.com",
        "groups": ["data-science"],
        "source_identity": "alice@example.com-8621b19fde95a363",
        "destination": "research",
        "profile": "alice",
        "space": None,
        "expires_in": 30,
        "session_expires_in": 28800,
        "decision": "permitted",
        "policies": ["data-scientists-open-their-own-profile"],
        "policy_errors": [],
        "outcome": "minted",
        "status": 200,
        "reason": None,
        "upstream": None,
    }
    assert len(reply.audit["url_sha256"]) == 64


REASONS = {
    "refused-wrong-endpoint": "wrong-endpoint",
    "refused-unknown-caller": "role-not-trusted",
    "refused-other-account": "role-not-trusted",
    "refused-someone-elses-profile": "not-own-profile",
    "refused-unknown-destination": "unknown-destination",
    "refused-by-policy": "no-permit",
    "malformed-expiry": "malformed-parameter: expires_in",
    "malformed-expiry-over-destination": "malformed-parameter: expires_in",
    "malformed-repeated-parameter": "malformed-parameter: profile",
    "malformed-unknown-parameter": "malformed-parameter: landing_uri",
    "not-proved": "no-signer",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items(), ids=REASONS.keys())
def test_the_audit_record_says_why_not(send: Send, name: str, reason: str) -> None:
    reply = send(example.event(name))
    assert reply.audit["reason"] == reason
    assert reason not in reply.body
    assert reply.audit["signer"] == example.event(name)["requestContext"]["identity"]["userArn"]


BOUNDS = {
    "malformed-expiry": ("expires_in", "must be a whole number of seconds from 5 to 300"),
    "malformed-expiry-over-destination": ("expires_in", "must be a whole number of seconds from 5 to 60"),
}


@pytest.mark.parametrize(("name", "said"), BOUNDS.items(), ids=BOUNDS.keys())
def test_an_expiry_out_of_bounds_is_told_the_bounds(send: Send, name: str, said: tuple[str, str]) -> None:
    assert send(example.event(name)).decoded["parameters"] == [dict(zip(("name", "detail"), said, strict=True))]


def test_refusals_differ_in_nothing_but_the_request_id(send: Send) -> None:
    refusals = [name for name in EVENTS if name.startswith("refused-")]
    bodies, headers = set(), set()
    for name in refusals:
        reply = send(example.event(name))
        bodies.add(reply.body.replace(reply.decoded["request_id"], ""))
        headers.add(json.dumps(dict(reply.headers)))
    assert len(refusals) >= 6
    assert (len(bodies), len(headers)) == (1, 1)


def test_bounds_of_a_destination_are_no_oracle(send: Send) -> None:
    over = {"multiValueQueryStringParameters": {"expires_in": ["120"]}}
    by_policy = send(changed("refused-by-policy", lambda event: event.update(over)))
    unknown = send(changed("refused-unknown-destination", lambda event: event.update(over)))
    assert by_policy.status == unknown.status == 403


def test_me_lists_what_i_may_open_and_nothing_else(send: Send) -> None:
    assert [one["destination"] for one in send(example.event("me")).decoded["may_open"]] == ["research"]
    carol = "AWSReservedSSO_DataScientist_0123456789abcdef/carol@example.com"
    refused = changed(
        "me",
        identity(
            userArn=f"arn:aws:sts::111122223333:assumed-role/{carol}",
            caller="AROAEXAMPLESCIENTIST1:carol@example.com",
        ),
    )
    assert send(refused).decoded["may_open"] == []


def test_me_takes_no_parameters(send: Send) -> None:
    reply = send(changed("me", lambda event: event.update(multiValueQueryStringParameters={"destination": ["x"]})))
    assert (reply.status, reply.decoded["parameters"][0]["name"]) == (400, "destination")


def test_health_says_that_and_no_more(send: Send) -> None:
    assert send(example.event("health")).decoded == {"status": "ok"}


METHODS = ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "get", "GET\n"]


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_mints(send: Send, method: str) -> None:
    reply = send(changed("open", lambda event: event.update(httpMethod=method)))
    assert (reply.status, reply.headers["Allow"], len(reply.mints)) == (405, "GET", 0)


ROUTES = {
    "a route that is not there": "/iam/url/{destination}/{more}",
    "the path instead of the route": "/iam/url/research",
    "another case": "/IAM/url",
    "a slash at the end": "/iam/url/",
    "no route": "",
    "the proxy route": "/{proxy+}",
}


@pytest.mark.parametrize("resource", ROUTES.values(), ids=ROUTES.keys())
def test_only_the_matched_route_counts(send: Send, resource: str) -> None:
    reply = send(changed("url", lambda event: event.update(resource=resource)))
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


def test_an_unforeseen_failure_says_where_and_not_what(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("canary-secret")

    monkeypatch.setattr(handler, "mint", fail)
    reply = send(example.event("url"))
    assert (reply.status, len(reply.mints)) == (500, 0)
    assert reply.audit["reason"].startswith("KeyError at test_handler.py:")
    assert "canary" not in reply.body + reply.written


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
watched = ("socket.", "subprocess.", "os.system", "os.putenv", "os.remove", "os.mkdir")
sys.addaudithook(lambda event, arguments: event.startswith(watched) and seen.append(event))
for module in pkgutil.walk_packages(studio_gate.__path__, "studio_gate."):
    importlib.import_module(module.name)
import studio_gate.handler
assert studio_gate.handler.gate.cache_info().currsize == 0
assert not seen, seen
"""


def test_importing_the_package_calls_nothing_and_needs_no_environment() -> None:
    path = {"PYTHONPATH": str(example.ROOT / "functions" / "gate"), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-B", "-c", IMPORT], env=path, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_longest_url_and_the_other_headers_fit_api_gateway_s_limit(send: Send) -> None:
    reply: Reply = send(example.event("open"))
    others = sum(len(f"{name}: {value}\r\n") for name, value in reply.headers.items() if name != "Location")
    assert others + len("Location: \r\n") + 9000 <= 10_240
