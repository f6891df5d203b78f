"""What the function is invoked with has the shape of what `events/` holds and everything else is tested on."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws import example
from localaws.gateway.serving import Addresses
from tests.gateway.clients import ALICE, credentials, get, send, signed
from tests.gateway.conftest import Calls

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
}


@pytest.mark.parametrize(("name", "path"), EVENTS.items(), ids=EVENTS.keys())
def test_the_event_is_the_one_in_the_folder(
    gate: Addresses, event: Callable[..., dict[str, Any]], name: str, path: str
) -> None:
    headers = SENT if name == "health" else signed(f"{gate.endpoint}{path}", headers=SENT)
    made = event(path, headers)
    assert comparable(made) == comparable(example.event(name))


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
