"""What a sender can write themselves never changes who they are or what is decided."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localaws import example, studio, tokens
from tests.conftest import Send
from tests.studio_gate.web import ALICE, BOB, COOKIE, PROVIDER, TYPED, Browser, Web, landed

FORGED = {
    "the address of a proxy": {"X-Forwarded-For": "10.0.0.1"},
    "another host": {"X-Forwarded-Host": "evil.example", "Host": "evil.example"},
    "the expected endpoint": {"x-amzn-vpce-id": "vpce-0a1b2c3d4e5f60718", "x-amzn-vpc-id": "vpc-0123456789abcdef0"},
    "the expected endpoint, with underscores": {"x_amzn_vpce_id": "vpce-0a1b2c3d4e5f60718"},
    "an identity of a load balancer": {"x-amzn-oidc-data": "e30.e30.e30", "x-amzn-oidc-identity": "alice"},
    "an identity of a proxy": {"X-Remote-User": "alice", "X-Forwarded-User": "alice", "X-Auth-Request-User": "alice"},
    "an Authorization of another kind": {"Authorization": "Bearer e30.e30."},
    "another method": {"X-HTTP-Method-Override": "POST"},
    "another route": {"X-Original-URL": "/iam/open/sandbox", "X-Rewrite-URL": "/iam/me"},
    "a health check": {"User-Agent": "ELB-HealthChecker/2.0"},
}
NAMES = [
    "url",
    "open",
    "refused-wrong-endpoint",
    "refused-unknown-caller",
    "refused-someone-elses-profile",
    "not-proved",
]


def outcome(send: Send, event: dict[str, Any]) -> tuple[object, ...]:
    """Everything that a decision comes to, but for the time and the secret."""
    reply = send(event)
    moving = {"time", "duration_ms", "url_sha256"}
    audit = tuple(sorted((key, str(value)) for key, value in reply.audit.items() if key not in moving))
    return reply.status, len(reply.mints), audit


def with_headers(name: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event with headers added, in both maps."""
    event = copy.deepcopy(example.event(name))
    event["headers"] |= headers
    event["multiValueHeaders"] |= {header: [value] for header, value in headers.items()}
    return event


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize("name", NAMES)
def test_a_forged_header_changes_nothing(send: Send, name: str, headers: dict[str, str]) -> None:
    assert outcome(send, with_headers(name, headers)) == outcome(send, example.event(name))


FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


@FUZZ
@given(name=st.sampled_from(NAMES), headers=st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_no_header_changes_anything(send: Send, name: str, headers: dict[str, str]) -> None:
    assert outcome(send, with_headers(name, headers)) == outcome(send, example.event(name))


PARAMETERS = st.sampled_from(["profile", "expires_in", "session_expires_in", "destination", "landing_uri"])
VALUES = st.sampled_from(["alice", "bob", "10", "1800", "", "*", "研究", "alice&profile=bob", "%61lice"])


@FUZZ
@given(query=st.dictionaries(PARAMETERS, st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_url_is_only_ever_minted_for_the_caller_s_own_profile(send: Send, query: dict[str, list[str]]) -> None:
    event = copy.deepcopy(example.event("url"))
    event["multiValueQueryStringParameters"] = query
    event["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
    reply = send(event)
    assert reply.status in {200, 400, 403}
    assert [mint.parameters["UserProfileName"] for mint in reply.mints] == (["alice"] if reply.status == 200 else [])
    if reply.status == 200:
        assert all(len(values) == 1 for values in query.values())


def test_only_the_map_of_all_values_counts(send: Send) -> None:
    event = copy.deepcopy(example.event("url"))
    event["queryStringParameters"] = {"profile": "bob"}
    assert [mint.parameters["UserProfileName"] for mint in send(event).mints] == ["alice"]


IDENTITY = st.fixed_dictionaries(
    {},
    optional={
        "accountId": st.none() | st.sampled_from(["111122223333", "999988887777"]) | st.text(max_size=14),
        "caller": st.none() | st.sampled_from(["AROAEXAMPLESCIENTIST1:bob@example.com"]) | st.text(max_size=40),
        "userArn": st.none() | st.text(max_size=60),
        "vpceId": st.none() | st.text(max_size=24),
        "user": st.text(max_size=10),
        "accessKey": st.text(max_size=10),
    },
)


@FUZZ
@given(identity=IDENTITY)
def test_a_damaged_identity_is_refused_or_changes_nothing(send: Send, identity: dict[str, str | None]) -> None:
    event = copy.deepcopy(example.event("url"))
    event["requestContext"]["identity"] |= identity
    reply = send(event)
    counted = {"accountId", "caller", "userArn", "vpceId"} & identity.keys()
    differs = any(example.event("url")["requestContext"]["identity"][key] != identity[key] for key in counted)
    assert (reply.status, len(reply.mints)) == ((401 if reply.status == 401 else 403, 0) if differs else (200, 1))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@FUZZ
@given(key=st.sampled_from(sorted(example.event("url"))), value=ANYTHING)
def test_no_event_breaks_the_handler(send: Send, key: str, value: object) -> None:
    event = copy.deepcopy(example.event("url"))
    event[key] = value
    reply = send(event)
    assert reply.status in {200, 400, 401, 403, 405}
    assert {mint.parameters["UserProfileName"] for mint in studio.mints()} <= {"alice"}


STRANGERS = st.dictionaries(st.text(min_size=1, max_size=30), st.text(max_size=60), max_size=4)
# What proves somebody on other routes, or on those of others.
PROOFS = {
    **{f"the token {name}": tokens.header(name) for name in tokens.NAMES},
    "the sign-in's own token": {
        "Authorization": f"Bearer {PROVIDER.token({'aud': 'gate-web', 'sub': BOB}, {'typ': 'JWT'})}"
    },
    "a password": {"Authorization": "Basic YWxpY2U6YWxpY2U="},
    "a signature": {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20261124/eu-central-1/execute-api/aws4_request"},
    "a session in other headers": {"X-Auth-Request-User": BOB, "X-Forwarded-User": BOB, "Remote-User": BOB},
    **FORGED,
}


def seen(browser: Browser, path: str, headers: dict[str, str]) -> tuple[object, ...]:
    """Who was seen, and what came of it."""
    reply = browser.get(path, {**headers, **TYPED})
    return reply.audit["caller"], reply.audit["proof"], landed(reply), len(reply.mints)


def test_no_proof_of_other_routes_counts_for_a_browser(web: Web) -> None:
    alice = web()
    nobody = alice.another()
    alice.sign_in(ALICE)
    for why, headers in PROOFS.items():
        assert seen(alice, "/open", headers) == (f"web:{ALICE}", "session", "studio", 1), why
        assert seen(nobody, "/open", headers) == (None, None, "sign in", 0), why


def test_a_session_counts_on_no_other_route(web: Web) -> None:
    alice = web()
    alice.sign_in(ALICE)
    for prefix in ("iam", "jwt", "proxy"):
        for route in ("me", "open", "url"):
            event = alice.event("GET", f"/{prefix}/{route}", TYPED)
            assert "cookie" in event["multiValueHeaders"]
            reply = alice.send(event)
            assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ())


def test_no_signature_counts_for_a_browser(web: Web) -> None:
    signed = example.event("open")
    event = web().event("GET", "/open", TYPED)
    event["requestContext"]["identity"] = signed["requestContext"]["identity"]
    reply = web.send(event)
    assert (landed(reply), reply.audit["caller"], reply.mints) == ("sign in", None, ())


NOT_TELLING = {"cookie", "referer", "purpose", "x-moz", "x-purpose"}


@pytest.fixture
def alice(web: Web) -> Browser:
    browser = web()
    browser.sign_in(ALICE)
    return browser


@FUZZ
@given(headers=STRANGERS)
def test_no_header_changes_who_is_seen_in_a_browser(alice: Browser, headers: dict[str, str]) -> None:
    kept = {
        name: one for name, one in headers.items() if name.lower() not in NOT_TELLING and "sec-" not in name.lower()
    }
    assert seen(alice, "/open", kept) == (f"web:{ALICE}", "session", "studio", 1)
    assert seen(alice.another(), "/open", kept) == (None, None, "sign in", 0)


@FUZZ
@given(cookie=st.text(max_size=80) | st.binary(max_size=60).map(lambda one: f"{COOKIE}={one.hex()}"))
def test_no_cookie_that_was_made_up_is_a_session(alice: Browser, cookie: str) -> None:
    assert seen(alice.another(), "/open", {"cookie": cookie}) == (None, None, "sign in", 0)
