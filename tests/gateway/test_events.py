"""What the function is invoked with has the shape of what `events/` holds and everything else is tested on."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws import example
from localaws.gateway.serving import Addresses, Network, example_endpoint
from tests.gateway.clients import ALICE, credentials, get, send, signed
from tests.gateway.conftest import Calls, Serve, Stack

ANSWER = {"statusCode": 200, "body": ""}
# What each request has of its own.
OWN = {"extendedRequestId", "requestTime", "requestTimeEpoch", "requestId", "resourceId"}
SENT = {"Accept": "*/*", "User-Agent": "intranet-tool/1.4"}


@pytest.fixture
def event(gate: Addresses, calls: Calls) -> Callable[..., dict[str, Any]]:
    """Send a request, and return the event it became."""

    def event(path: str, headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
        calls.answers.append(ANSWER)
        assert send(f"{gate.endpoint}{path}", headers, body=body).status == 200
        return calls.events[-1]

    return event


def comparable(event: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without what differs each time: ids, times, the signature, and the name of the host."""
    copied: dict[str, Any] = json.loads(json.dumps(event))
    for name in OWN:
        copied["requestContext"][name] = type(copied["requestContext"][name]).__name__
    for name in {"Host", "Authorization", "X-Amz-Date"} & copied["headers"].keys():
        assert copied["multiValueHeaders"][name] == [copied["headers"][name]]
        copied["headers"][name] = copied["multiValueHeaders"][name] = ""
    return copied


EVENTS = {
    "me": "/iam/me",
    "url-shortened": "/iam/url/research?expires_in=10&session_expires_in=1800",
    "open-default": "/iam/open",
    "health": "/health",
    "openapi": "/openapi.json",
}


@pytest.mark.parametrize(("name", "path"), EVENTS.items(), ids=EVENTS.keys())
def test_the_event_is_the_one_in_the_folder(
    gate: Addresses, event: Callable[..., dict[str, Any]], name: str, path: str
) -> None:
    headers = SENT if name in {"health", "openapi"} else signed(f"{gate.endpoint}{path}", headers=SENT)
    made = event(path, headers)
    assert comparable(made) == comparable(example.event(name))


# What brings a proof that the gate checks itself, with what else the events' senders send.
PROOFS = {
    "jwt-me": "/jwt/me",
    "jwt-url": "/jwt/url/research",
    "jwt-open": "/jwt/open",
    "proxy-alb-open": "/proxy/open/research",
    "proxy-url": "/proxy/url/research",
    "not-proved-token-missing": "/jwt/url/research",
}


@pytest.mark.parametrize(("name", "path"), PROOFS.items(), ids=PROOFS.keys())
def test_the_event_of_an_unsigned_route_is_the_one_in_the_folder_proof_and_all(
    serve: Serve, stack: Stack, calls: Calls, name: str, path: str
) -> None:
    expected = example.event(name)
    by_gateway = {"Host", "x-amzn-cipher-suite", "x-amzn-tls-version", "x-amzn-vpc-id", "x-amzn-vpce-config"}
    sent = {key: value for key, value in expected["headers"].items() if key not in by_gateway | {"x-amzn-vpce-id"}}
    # The last address is the network's word.
    before, _, source_ip = sent.pop("X-Forwarded-For").rpartition(", ")
    sent |= {"X-Forwarded-For": before} if before else {}
    calls.answers.append(ANSWER)
    with serve(stack, network=Network(example_endpoint(), source_ip=source_ip)) as gate:
        assert send(f"{gate.endpoint}{path}", sent).status == 200
    made = calls.events[0]
    assert made["headers"].get("Authorization") == expected["headers"].get("Authorization")
    assert comparable(made) == comparable(expected)


BEARERS = {
    "a token": ["Bearer e30.e30.e30"],
    "what is no token": ["bearer  ?"],
    "what is no known scheme": ["Basic YTpi"],
    "nothing": [""],
    "two of them": ["Bearer e30.e30.e30", "Bearer e30.e30.e31"],
}


@pytest.mark.parametrize("given", BEARERS.values(), ids=BEARERS.keys())
@pytest.mark.parametrize("path", ["/jwt/me", "/proxy/open/research"])
def test_an_unsigned_route_passes_authorization_through_as_it_is(
    event: Callable[..., dict[str, Any]], path: str, given: list[str]
) -> None:
    made = event(path, dict(zip(("Authorization", "authorization"), given, strict=False)))
    assert made["multiValueHeaders"]["Authorization"] == given
    identity = made["requestContext"]["identity"]
    assert [identity[name] for name in ("accountId", "caller", "user", "userArn", "accessKey")] == [None] * 5


def test_a_signature_on_an_unsigned_route_is_passed_on_and_proves_nobody(
    gate: Addresses, event: Callable[..., dict[str, Any]]
) -> None:
    headers = signed(f"{gate.endpoint}/jwt/me")
    made = event("/jwt/me", headers)
    assert made["headers"]["Authorization"] == headers["Authorization"]
    assert made["requestContext"]["identity"]["userArn"] is None


def test_values_that_repeat_are_all_there_and_the_last_counts_for_one(event: Callable[..., dict[str, Any]]) -> None:
    made = event("/health?a=1&a=2&b=", SENT)
    assert made["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    assert made["queryStringParameters"] == {"a": "2", "b": ""}


def test_headers_that_differ_in_case_are_one(event: Callable[..., dict[str, Any]]) -> None:
    made = event("/health", {"X-One": "1", "x-one": "2"})
    assert made["multiValueHeaders"]["X-One"] == ["1", "2"]
    assert made["headers"]["X-One"] == "2"


def test_what_the_network_knows_is_not_the_senders_to_say(event: Callable[..., dict[str, Any]]) -> None:
    made = event("/health", {"X-Forwarded-For": "192.0.2.1", "x-amzn-vpce-id": "vpce-0bad"})
    assert made["requestContext"]["identity"]["sourceIp"] == "10.20.30.40"
    assert made["requestContext"]["identity"]["vpceId"] == "vpce-0a1b2c3d4e5f60718"
    assert made["headers"]["X-Forwarded-For"] == "192.0.2.1, 10.20.30.40"
    assert made["headers"]["x-amzn-vpce-id"] == "vpce-0a1b2c3d4e5f60718"


def test_a_signature_where_none_is_asked_for_proves_nobody(
    gate: Addresses, event: Callable[..., dict[str, Any]]
) -> None:
    made = event("/health", signed(f"{gate.endpoint}/health"))
    assert made["requestContext"]["identity"]["userArn"] is None


def test_path_parameters_are_decoded_once(gate: Addresses, calls: Calls) -> None:
    calls.answers.append(ANSWER)
    get(f"{gate.endpoint}/iam/url/a%2Fb%2520c", ALICE)
    assert calls.events[0]["pathParameters"] == {"destination": "a/b%20c"}
    assert calls.events[0]["resource"] == "/iam/url/{destination}"


def test_a_body_is_text(event: Callable[..., dict[str, Any]]) -> None:
    made = event("/health", SENT, body=b"x\xff")
    assert (made["body"], made["isBase64Encoded"]) == ("x\ufffd", False)


def test_whoever_signs_is_named(gate: Addresses, event: Callable[..., dict[str, Any]]) -> None:
    made = event("/iam/me", signed(f"{gate.endpoint}/iam/me", credentials()))
    assert made["requestContext"]["identity"]["accessKey"] == ALICE
