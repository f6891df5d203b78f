"""Every event of `events/` gets the answer it must get, and an audit record that says why."""

import json
from typing import Any

import jsonschema
import pytest

from localaws import example, expectations
from tests.conftest import Send
from tests.studio_gate.builders import changed, identity

EVENTS = sorted(path.stem for path in example.EVENTS.glob("*.json"))
ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def test_every_event_is_expected_and_every_expectation_has_an_event() -> None:
    assert set(EVENTS) == set(expectations.EXPECTATIONS)


@pytest.mark.parametrize("name", EVENTS)
def test_event(send: Send, name: str) -> None:
    expected = expectations.EXPECTATIONS[name]
    reply = send(example.event(name))
    assert (reply.status, len(reply.mints)) == (expected.status, expected.mints)
    # A page's own forms must say where they come from.
    always = ALWAYS | ({"Referrer-Policy": "same-origin"} if expected.page else {})
    assert always.items() <= reply.headers.items()
    assert reply.audit["status"] == expected.status
    assert (reply.headers.get("Content-Type") == "text/html; charset=utf-8") == expected.page
    if expected.problem:
        assert reply.audit["outcome"] == expected.problem
    if expected.problem and not expected.page:
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.decoded["type"] == f"urn:problem-type:studio-gate:{expected.problem}"


def test_every_audit_record_is_as_its_schema_says(send: Send) -> None:
    schema = json.loads((example.ROOT / "docs" / "audit.schema.json").read_text(encoding="utf-8"))
    for name in EVENTS:
        jsonschema.validate(send(example.event(name)).audit, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(send(example.event("url")).audit | {"url": "https://"}, schema)


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
    told = {"time", "duration_ms", "url_sha256", "config_version"}
    audit = {key: value for key, value in reply.audit.items() if key not in told}
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
        "app": None,
        "landing": None,
        "config_stale": False,
        "config_error": None,
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
    assert len(reply.audit["config_version"]) == 12


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
    "not-proved-token-missing": "no-token",
    "not-proved-token-expired": "token-expired",
    "not-proved-token-wrong-audience": "token-audience",
    "not-proved-token-wrong-issuer": "token-issuer",
    "not-proved-token-other-key": "token-signature",
    "not-proved-token-id-token": "token-kind",
    "refused-token-of-carol": "no-permit",
    "open-prefetched": "fetched-in-advance",
    "open-refused-by-policy": "no-permit",
    "signout-cross-site": "not-our-form",
    "not-proved-assertion-missing": "no-assertion",
    "not-proved-assertion-forged": "token-signature",
    "not-proved-assertion-other-load-balancer": "assertion-of-another",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items(), ids=REASONS.keys())
def test_the_audit_record_says_why_not(send: Send, name: str, reason: str) -> None:
    reply = send(example.event(name))
    assert reply.audit["reason"] == reason
    assert reason not in reply.body
    assert reply.audit["signer"] == example.event(name)["requestContext"]["identity"]["userArn"]


ASKED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "somebody else's profile": (
        "refused-someone-elses-profile",
        {"profile": ["bob"]},
        {"destination": "research", "profile": "bob", "expires_in": None, "session_expires_in": None},
    ),
    "somebody else's profile with expiries": (
        "refused-someone-elses-profile",
        {"profile": ["bob"], "expires_in": ["10"], "session_expires_in": ["1800"]},
        {"destination": "research", "profile": "bob", "expires_in": 10, "session_expires_in": 1800},
    ),
    "a destination that is not there": (
        "refused-unknown-destination",
        {"profile": ["alice"], "expires_in": ["10"]},
        {"destination": "treasury", "profile": "alice", "expires_in": 10, "session_expires_in": None},
    ),
    "less time than the destination's": (
        "url-shortened",
        {"expires_in": ["10"]},
        {"destination": "research", "profile": "alice", "expires_in": 10, "session_expires_in": 28800},
    ),
    "more time than the destination's": (
        "malformed-expiry-over-destination",
        {"expires_in": ["120"]},
        {"destination": "research", "profile": "alice", "expires_in": 120, "session_expires_in": 28800},
    ),
}


@pytest.mark.parametrize(("name", "query", "recorded"), ASKED.values(), ids=ASKED.keys())
def test_the_audit_record_says_what_was_asked_for(
    send: Send, name: str, query: dict[str, list[str]], recorded: dict[str, Any]
) -> None:
    reply = send(changed(name, lambda event: event.update(multiValueQueryStringParameters=query)))
    assert {key: reply.audit[key] for key in recorded} == recorded


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
    assert [one["destination"] for one in send(example.event("me")).decoded["may_open"]] == [
        "research",
        "marketing",
        "lab",
        "workbench",
        "experiments",
    ]
    carol = "AWSReservedSSO_DataScientist_0123456789abcdef/carol@example.com"
    refused = changed(
        "me",
        identity(
            userArn=f"arn:aws:sts::111122223333:assumed-role/{carol}",
            caller="AROAEXAMPLESCIENTIST1:carol@example.com",
        ),
    )
    # Not the sandbox, where she has a profile.
    others = ["lab", "workbench", "experiments"]
    assert [one["destination"] for one in send(refused).decoded["may_open"]] == others


def test_me_takes_no_parameters(send: Send) -> None:
    reply = send(changed("me", lambda event: event.update(multiValueQueryStringParameters={"destination": ["x"]})))
    assert (reply.status, reply.decoded["parameters"][0]["name"]) == (400, "destination")


def test_health_says_that_and_no_more(send: Send) -> None:
    assert send(example.event("health")).decoded == {"status": "ok"}
