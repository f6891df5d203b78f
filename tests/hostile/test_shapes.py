"""Events of every wrong shape: refused, on one line of the log, and nothing is minted."""

from functools import reduce
from typing import Any

import pytest

from studio_gate import handler
from tests.conftest import Context, Send
from tests.studio_gate.builders import changed, identity

NOT_AN_EVENT, UNKNOWN_ROUTE = "not-an-event-of-the-private-api", "unknown-route"


def deep(depth: int = 10_000) -> object:
    """A list in a list in a list."""
    return reduce(lambda inner, _: [inner], range(depth), None)


def put(**values: object) -> dict[str, Any]:
    """The event of a launch with other values at the top."""
    return changed("url", lambda event: event.update(values))


def context(**values: object) -> dict[str, Any]:
    """The event of a launch with other values in its context."""
    return changed("url", lambda event: event["requestContext"].update(values))


def signer(**values: object) -> dict[str, Any]:
    """The event of a launch with other values in its identity block."""
    return changed("url", identity(**values))


def less(*path: str) -> dict[str, Any]:
    """The event of a launch without the key at a path."""

    def leave_out(event: dict[str, Any]) -> None:
        reduce(lambda place, step: place[step], path[:-1], event).pop(path[-1])

    return changed("url", leave_out)


REFUSED = {
    "without the map of all values": (less("multiValueQueryStringParameters"), NOT_AN_EVENT),
    "without a route": (less("resource"), NOT_AN_EVENT),
    "without a method": (less("httpMethod"), NOT_AN_EVENT),
    "without a context": (less("requestContext"), NOT_AN_EVENT),
    "without a request id": (less("requestContext", "requestId"), NOT_AN_EVENT),
    "without an address": (less("requestContext", "identity", "sourceIp"), NOT_AN_EVENT),
    "without an endpoint": (less("requestContext", "identity", "vpceId"), "wrong-endpoint"),
    "a request id of 129 characters": (context(requestId="r" * 129), NOT_AN_EVENT),
    "a request id that is a number": (context(requestId=5), NOT_AN_EVENT),
    "no request id": (context(requestId=None), NOT_AN_EVENT),
    "a context that is a list": (put(requestContext=["identity"]), NOT_AN_EVENT),
    "a context that is text": (put(requestContext="identity"), NOT_AN_EVENT),
    "no context": (put(requestContext=None), NOT_AN_EVENT),
    "an identity that is a list": (context(identity=["sourceIp"]), NOT_AN_EVENT),
    "an identity that is text": (context(identity="sourceIp"), NOT_AN_EVENT),
    "no identity": (context(identity=None), NOT_AN_EVENT),
    "a route that is a list": (put(resource=["/iam/url"]), NOT_AN_EVENT),
    "a route that is a number": (put(resource=5), NOT_AN_EVENT),
    "a route that is null": (put(resource=None), NOT_AN_EVENT),
    "a route of bytes": (put(resource=b"/iam/url\xff"), NOT_AN_EVENT),
    "a method that is a list": (put(httpMethod=["GET"]), NOT_AN_EVENT),
    "a method that is null": (put(httpMethod=None), NOT_AN_EVENT),
    "a query that is text": (put(multiValueQueryStringParameters="profile=alice"), NOT_AN_EVENT),
    "a query of texts": (put(multiValueQueryStringParameters={"profile": "alice"}), NOT_AN_EVENT),
    "a query of nulls": (put(multiValueQueryStringParameters={"profile": [None]}), NOT_AN_EVENT),
    "a deep query": (put(multiValueQueryStringParameters={"profile": deep()}), NOT_AN_EVENT),
    "a deep context": (put(requestContext=deep()), NOT_AN_EVENT),
    "a deep destination": (put(pathParameters={"destination": deep()}), NOT_AN_EVENT),
    "path parameters that are null": (put(pathParameters=None), UNKNOWN_ROUTE),
    "path parameters that are empty": (put(pathParameters={}), UNKNOWN_ROUTE),
    "path parameters that are a list": (put(pathParameters=["destination"]), UNKNOWN_ROUTE),
    "path parameters that are text": (put(pathParameters="research"), UNKNOWN_ROUTE),
    "path parameters of another name": (put(pathParameters={"Destination": "research"}), UNKNOWN_ROUTE),
    "path parameters that are missing": (less("pathParameters"), UNKNOWN_ROUTE),
    "an empty destination": (put(pathParameters={"destination": ""}), UNKNOWN_ROUTE),
    "a destination that is null": (put(pathParameters={"destination": None}), UNKNOWN_ROUTE),
    "a destination that is a number": (put(pathParameters={"destination": 5}), NOT_AN_EVENT),
    "a destination that is a list": (put(pathParameters={"destination": ["research"]}), NOT_AN_EVENT),
    "a destination where the route has none": (put(resource="/iam/url"), UNKNOWN_ROUTE),
    "an address that is a number": (signer(sourceIp=169_090_600), NOT_AN_EVENT),
    "an address that is true": (signer(sourceIp=True), NOT_AN_EVENT),
    "an address that is null": (signer(sourceIp=None), NOT_AN_EVENT),
    "an address in a list": (signer(sourceIp=["10.20.30.40"]), NOT_AN_EVENT),
    "an address with blanks": (signer(sourceIp=" 10.20.30.40 "), NOT_AN_EVENT),
    "an address with leading zeros": (signer(sourceIp="010.020.030.040"), NOT_AN_EVENT),
    "an address with a newline": (signer(sourceIp="10.20.30.40\n"), NOT_AN_EVENT),
    "an address in hexadecimal digits": (signer(sourceIp="0x0a141e28"), NOT_AN_EVENT),
    "an address in other digits": (signer(sourceIp="١٠.٢٠.٣٠.٤٠"), NOT_AN_EVENT),  # noqa: RUF001 - the point
    "a number as text": (signer(sourceIp="169090600"), NOT_AN_EVENT),
    "a network": (signer(sourceIp="10.0.0.0/8"), NOT_AN_EVENT),
    "a network of one address": (signer(sourceIp="10.20.30.40/32"), NOT_AN_EVENT),
    "two addresses": (signer(sourceIp="10.20.30.40, 10.20.30.41"), NOT_AN_EVENT),
    "an address with a port": (signer(sourceIp="10.20.30.40:443"), NOT_AN_EVENT),
    "an IPv4 address in an IPv6 one": (signer(sourceIp="::ffff:10.20.30.40"), "evaluation-error"),
    "an IPv6 address": (signer(sourceIp="fd00::1"), "forbidden"),
    "an IPv6 address with a scope": (signer(sourceIp="fe80::1%eth0"), "evaluation-error"),
}


@pytest.mark.parametrize(("event", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_an_event_of_another_shape_is_refused(send: Send, event: dict[str, Any], reason: str) -> None:
    reply = send(event)
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, reason, ())


def test_a_request_id_of_128_characters_is_one(send: Send) -> None:
    reply = send(context(requestId="r" * 128))
    assert (reply.status, reply.audit["request_id"]) == (200, "r" * 128)


def test_what_does_not_count_may_have_any_shape(send: Send) -> None:
    reply = send(put(body=deep(), headers=deep(), multiValueHeaders=5, stageVariables=deep(), path=None))
    assert (reply.status, len(reply.mints)) == (200, 1)


@pytest.mark.parametrize("event", [None, [], ["resource"], "/iam/url", 5, 0.5, True], ids=repr)
def test_what_is_no_object_is_refused(capsys: pytest.CaptureFixture[str], event: Any) -> None:  # noqa: ANN401
    answer = handler.handler(event, Context())
    assert answer["statusCode"] == 403
    (line,) = capsys.readouterr().out.splitlines()
    assert NOT_AN_EVENT in line


SIGNED = {
    "X-Amz-Algorithm": ["AWS4-HMAC-SHA256"],
    "X-Amz-Credential": ["ASIAEXAMPLEEXAMPLE01/20261124/eu-central-1/execute-api/aws4_request"],
    "X-Amz-Date": ["20261124T080000Z"],
    "X-Amz-Expires": ["300"],
    "X-Amz-Security-Token": ["not-a-real-token"],
    "X-Amz-Signature": ["0" * 64],
    "X-Amz-SignedHeaders": ["host"],
}
LONG = "x" * 10_240
MALFORMED: dict[str, tuple[dict[str, list[str]], list[str]]] = {
    "a request signed in its query": (SIGNED, list(SIGNED)),
    "a request signed in its query with a profile": (SIGNED | {"profile": ["alice"]}, list(SIGNED)),
    "5,000 parameters": ({f"p{number}": ["1"] for number in range(5000)}, [f"p{number}" for number in range(5000)]),
    "a parameter given 5,000 times": ({"profile": ["alice"] * 5000}, ["profile"]),
    "a name of 10 kB": ({LONG: ["1"]}, [LONG[:64]]),
    "a value of 10 kB": ({"profile": [LONG]}, ["profile"]),
    "a NUL in a name": ({"profile\0": ["alice"]}, ["profile\0"]),
    "a newline in a name": ({"profile\n": ["alice"]}, ["profile\n"]),
    "a newline in a value": ({"profile": ["alice\n"]}, ["profile"]),
    "half a surrogate pair for a name": ({"\ud800": ["alice"]}, ["\ud800"]),
    "half a surrogate pair in a name": ({"profile\udcff": ["alice"]}, ["profile\udcff"]),
    "half a surrogate pair in a value": ({"profile": ["alice\udcff"]}, ["profile"]),
}


@pytest.mark.parametrize(("query", "named"), MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("name", ["url", "open", "url-as-tool"])
def test_a_query_that_is_not_the_route_s_is_named(
    send: Send, name: str, query: dict[str, list[str]], named: list[str]
) -> None:
    reply = send(changed(name, lambda event: event.update(multiValueQueryStringParameters=query)))
    assert (reply.status, reply.mints) == (400, ())
    assert [one["name"] for one in reply.decoded["parameters"]] == named
    assert len(reply.audit["reason"]) <= 512
    assert "not-a-real-token" not in reply.body + reply.written
