"""Requests over HTTP, from each place, to the handler in this process."""

import json
import logging
import socket
import uuid
from urllib.parse import urlsplit

import pytest

from localaws import tokens
from localaws.gateway.serving import Addresses
from tests.gateway.clients import ADMIN, ALICE, STRANGER, credentials, get, send, signed
from tests.gateway.conftest import Calls, Serve, Stack, changed


def test_a_signed_request_through_the_endpoint_mints(gate: Addresses) -> None:
    reply = get(f"{gate.endpoint}/iam/url/research?expires_in=10")
    assert (reply.status, reply.decoded["profile"]) == (200, "alice")
    assert reply.by_gateway is None


def test_a_redirect_is_passed_on(gate: Addresses) -> None:
    reply = get(f"{gate.endpoint}/iam/open")
    assert reply.status == 302
    assert urlsplit(reply.headers["location"]).netloc == "d-research01234.studio.eu-central-1.sagemaker.aws"


def test_health_needs_no_signature(gate: Addresses) -> None:
    assert send(f"{gate.endpoint}/health").decoded == {"status": "ok"}


def test_every_answer_has_a_request_id_of_its_own(gate: Addresses, calls: Calls) -> None:
    ids = [send(f"{gate.endpoint}/{path}").headers["x-amzn-requestid"] for path in ("health", "nowhere", "health")]
    assert len({str(uuid.UUID(one)) for one in ids}) == 3
    assert [event["requestContext"]["requestId"] for event in calls.events] == [ids[0], ids[2]]


def test_the_answer_says_the_id_that_the_header_says(gate: Addresses) -> None:
    reply = send(f"{gate.endpoint}/iam/me")
    assert reply.decoded["request_id"] == reply.headers["x-amzn-requestid"]


@pytest.mark.parametrize("path", ["health", "iam/me", "nowhere", ""])
def test_the_internet_finds_no_private_api(gate: Addresses, calls: Calls, path: str) -> None:
    reply = get(f"{gate.internet}/{path}")
    assert (reply.status, reply.body, calls.events) == (403, b'{"message":"Forbidden"}', [])
    assert reply.by_gateway == "ForbiddenException"


UNDEFINED = {
    "another path": ("GET", "/iam/you"),
    "another method": ("POST", "/iam/me"),
    "HEAD, which is no GET here": ("HEAD", "/iam/me"),
    "a method nobody has heard of": ("BREW", "/health"),
    "a path in capitals": ("GET", "/IAM/me"),
    "a segment more": ("GET", "/iam/url/research/alice"),
    "an empty parameter": ("GET", "/iam/url/"),
    "two slashes": ("GET", "//iam/me"),
    "a way around": ("GET", "/iam/url/../me"),
    "a literal segment, encoded": ("GET", "/iam/%6de"),
}


@pytest.mark.parametrize(("method", "path"), UNDEFINED.values(), ids=UNDEFINED.keys())
def test_an_undefined_method_is_refused(gate: Addresses, calls: Calls, method: str, path: str) -> None:
    reply = send(f"{gate.endpoint}{path}", method=method)
    assert (reply.status, reply.by_gateway, calls.events) == (403, "MissingAuthenticationTokenException", [])
    assert reply.headers["content-type"] == "application/problem+json"
    assert bool(reply.body) == (method != "HEAD")


@pytest.mark.parametrize("path", ["/", "/health", "/gates/health", "//gate/health", "/gate"])
def test_outside_of_the_stage_there_is_nothing(gate: Addresses, calls: Calls, path: str) -> None:
    parts = urlsplit(gate.endpoint)
    reply = send(f"http://{parts.netloc}{path}")
    assert (reply.status, reply.body, calls.events) == (403, b'{"message":"Forbidden"}', [])


def test_another_endpoint_is_refused_by_the_resource_policy(gate: Addresses, calls: Calls) -> None:
    for path in ("iam/me", "health"):
        reply = get(f"{gate.other_endpoint}/{path}")
        assert (reply.status, reply.by_gateway, calls.events) == (403, "AccessDeniedException", [])


@pytest.mark.parametrize("name", ["jwt", "alb", "edge"])
def test_a_proof_that_the_gate_checks_gets_by_another_endpoint_no_further_than_the_resource_policy(
    gate: Addresses, calls: Calls, name: str
) -> None:
    path = "jwt/url" if name == "jwt" else "proxy/url"
    reply = send(f"{gate.other_endpoint}/{path}", tokens.header(name))
    assert (reply.status, reply.by_gateway, calls.events) == (403, "AccessDeniedException", [])
    assert send(f"{gate.endpoint}/{path}", tokens.header(name)).decoded["profile"] == "alice"


def test_a_token_is_no_signature(gate: Addresses, calls: Calls) -> None:
    reply = send(f"{gate.endpoint}/iam/me", tokens.header("jwt"))
    assert (reply.status, bool(reply.by_gateway), calls.events) == (403, True, [])


def test_another_account_is_refused_by_the_resource_policy(gate: Addresses, calls: Calls) -> None:
    reply = get(f"{gate.endpoint}/iam/me", STRANGER)
    assert (reply.status, reply.by_gateway, calls.events) == (403, "AccessDeniedException", [])


def test_a_user_of_the_account_reaches_the_handler_which_refuses(gate: Addresses) -> None:
    reply = get(f"{gate.endpoint}/iam/me", ADMIN)
    assert (reply.status, reply.by_gateway) == (403, None)


def test_a_trusted_organisation_is_let_through(serve: Serve, calls: Calls) -> None:
    organisation = {"TrustedOrganizationId": "o-exampleorgid", "TrustedPrincipals": ""}
    with serve(changed(**organisation)) as gate:
        assert get(f"{gate.endpoint}/iam/me", ALICE).status == 200
        assert get(f"{gate.endpoint}/iam/me", STRANGER).by_gateway == "AccessDeniedException"
    assert len(calls.events) == 1


def test_a_method_arn_may_have_1600_bytes(gate: Addresses) -> None:
    beginning = len("arn:aws:execute-api:eu-central-1:111122223333:a1b2c3d4e5/gate/GET/iam/url/")
    longest = f"{gate.endpoint}/iam/url/{'x' * (1600 - beginning)}"
    assert get(longest).by_gateway is None
    assert get(f"{longest}x").status == 414


def test_headers_may_have_10240_bytes(gate: Addresses) -> None:
    url = f"{gate.endpoint}/health"
    parts = urlsplit(url)
    used = len(f"GET {parts.path} HTTP/1.1") + len("Host") + len(parts.netloc) + len("X")
    assert send(url, {"X": "x" * (10_240 - used)}).status == 200
    reply = send(url, {"X": "x" * (10_241 - used)})
    assert (reply.status, reply.by_gateway) == (403, "RequestHeaderFieldsTooLarge")


UNREADABLE = {
    "a length that is none": b"GET /gate/health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"GET /gate/health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n",
    "chunks": b"GET /gate/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"GET /gate/health HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "a body over 10 MB": b"GET /gate/health HTTP/1.1\r\nHost: x\r\nContent-Length: 10000001\r\n\r\n",
    "a request line without end": b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    "no version that is known": b"GET /gate/health HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_refused(gate: Addresses, calls: Calls, raw: bytes) -> None:
    parts = urlsplit(gate.endpoint)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
        connection.sendall(raw)
        with connection.makefile("rb") as answer:
            assert answer.readline().split()[1] == b"403"
    assert calls.events == []


def test_a_client_that_goes_away_is_no_failure(gate: Addresses, caplog: pytest.LogCaptureFixture) -> None:
    parts = urlsplit(gate.endpoint)
    socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5).close()
    assert send(f"{gate.endpoint}/health").status == 200
    assert caplog.records == []


def test_the_functions_www_authenticate_is_remapped(gate: Addresses, calls: Calls) -> None:
    calls.answers.append({"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": ""})
    reply = send(f"{gate.endpoint}/health")
    assert reply.headers["x-amzn-remapped-www-authenticate"] == "Bearer"
    assert "www-authenticate" not in reply.headers


FAILURES = {
    "an exception of the function": (RuntimeError("https://secret.example"), 503),
    "an answer that is none": ({"message": "hello"}, 503),
    "no answer": (None, 503),
    "the function's own account of an exception": ({"errorMessage": "x", "errorType": "ValueError"}, 503),
    "more headers than API Gateway passes on": ({"statusCode": 200, "headers": {"X": "x" * 10_240}}, 503),
    "no answer in API Gateway's time": (TimeoutError(), 504),
}


@pytest.mark.parametrize(("failure", "status"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_answered_by_the_templates_gateway_responses(
    gate: Addresses, calls: Calls, failure: object, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    calls.answers.append(failure)
    reply = send(f"{gate.endpoint}/health")
    assert (reply.status, reply.decoded["status"]) == (status, status)
    assert reply.headers["cache-control"] == "no-store"
    assert "secret.example" not in caplog.text


def test_the_stage_is_throttled(serve: Serve) -> None:
    with serve(changed(ThrottlingRateLimit="1", ThrottlingBurstLimit="3")) as gate:
        replies = [send(f"{gate.endpoint}/health") for _ in range(6)]
    assert [reply.status for reply in replies][:3] == [200, 200, 200]
    assert (replies[-1].status, replies[-1].headers["retry-after"]) == (429, "5")


def test_without_gateway_responses_aws_answers(stack: Stack, serve: Serve) -> None:
    bare = json.loads(json.dumps(stack))
    del bare["Api"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    with serve(bare) as gate:
        reply = send(f"{gate.endpoint}/nowhere")
    assert (reply.status, reply.decoded) == (403, {"message": "Missing Authentication Token"})


def test_nothing_of_a_request_is_logged_or_written(
    gate: Addresses, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "localaws")
    url = f"{gate.endpoint}/iam/url/research?profile=alice"
    headers = signed(url, credentials(), headers={"X-Secret": "hidden-value"})
    assert send(url, headers).status == 200
    assert send(f"{gate.endpoint}/jwt/me", tokens.header("jwt")).status == 200
    written = "".join(capsys.readouterr()) + "".join(
        one.getMessage() for one in caplog.records if "localaws" in one.name
    )
    assert not tokens.FORM.search(written)
    for secret in ("hidden-value", headers["Authorization"], "not-a-real-token", "profile=alice", ".sagemaker.aws"):
        assert secret not in written


def test_the_ports_can_be_chosen_and_are_free_afterwards(serve: Serve, stack: Stack) -> None:
    with serve(stack) as gate:
        port = int(urlsplit(gate.internet).port or 0)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
