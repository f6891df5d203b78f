"""The fake publisher of keys answers as it is told, and remembers what it was asked."""

import ssl
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection, IncompleteRead
from pathlib import Path

import pytest

from tests.keys_server import KeysServer, Told, context_for, keys_server


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls") / "authority.pem"


@pytest.fixture(scope="module")
def context(authority: Path) -> ssl.SSLContext:
    return context_for("localhost", authority)


@pytest.fixture
def server(context: ssl.SSLContext) -> Iterator[KeysServer]:
    with keys_server(context) as started:
        yield started


@pytest.fixture
def connection(server: KeysServer, authority: Path) -> Iterator[HTTPSConnection]:
    trusting = ssl.create_default_context(cafile=authority)
    made = HTTPSConnection("localhost", server.port, timeout=10, context=trusting)
    yield made
    made.close()


ANSWERS = {
    "a status, a body and headers": (Told(302, b"keys", {"Location": "/other"}), 302, b"keys", "Location", "/other"),
    "an empty body": (Told(), 200, b"", "Content-Length", "0"),
    "a body in chunks without its length": (Told(body=b"k" * 70_000, chunked=True), 200, b"k" * 70_000, "Length", None),
    "a body byte by byte": (Told(body=b"keys", drip=0.005), 200, b"keys", "Content-Length", "4"),
    "late": (Told(body=b"keys", after=0.01), 200, b"keys", "Content-Length", "4"),
}


@pytest.mark.parametrize(("told", "status", "body", "header", "value"), ANSWERS.values(), ids=ANSWERS.keys())
def test_it_answers_as_told(
    server: KeysServer,
    connection: HTTPSConnection,
    told: Told,
    status: int,
    body: bytes,
    header: str,
    value: str | None,
) -> None:
    server.answers["/keys"] = told
    connection.request("GET", "/keys")
    answer = connection.getresponse()
    assert (answer.status, answer.read(), answer.headers[header]) == (status, body, value)


def test_it_remembers_what_it_was_asked_and_has_nothing_else(server: KeysServer, connection: HTTPSConnection) -> None:
    for path in ("/a", "/b"):
        connection.request("GET", path, headers={"X-Asked": path})
        assert connection.getresponse().read() == b"nothing here"
    assert server.calls == ["/a", "/b"]
    assert [asked["X-Asked"] for asked in server.headers] == ["/a", "/b"]


def test_it_lies_about_the_length(server: KeysServer, connection: HTTPSConnection) -> None:
    server.answers["/keys"] = Told(body=b"keys", length=10)
    connection.request("GET", "/keys")
    with pytest.raises(IncompleteRead):
        connection.getresponse().read()


def test_it_notices_who_hangs_up(server: KeysServer, connection: HTTPSConnection) -> None:
    server.answers["/keys"] = Told(body=b"k" * 10_000, drip=0.005)
    connection.request("GET", "/keys")
    connection.getresponse().close()
    connection.close()
    assert server.hung_up.wait(15)


def test_it_is_trusted_by_nobody_else(server: KeysServer) -> None:
    stranger = HTTPSConnection("localhost", server.port, timeout=10, context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/keys")
    stranger.close()
    assert server.calls == []


def test_it_speaks_plain_http_without_a_certificate() -> None:
    with keys_server(None) as server:
        connection = HTTPConnection("localhost", server.port, timeout=10)
        connection.request("GET", "/keys")
        assert connection.getresponse().read() == b"nothing here"
        connection.close()


@pytest.mark.parametrize("told", [Told(after=30), Told(body=b"keys", drip=30)], ids=["late", "dripping"])
def test_it_ends_at_once_all_the_same(context: ssl.SSLContext, authority: Path, told: Told) -> None:
    began = time.monotonic()
    with keys_server(context) as server:
        server.answers["/keys"] = told
        trusting = ssl.create_default_context(cafile=authority)
        connection = HTTPSConnection("localhost", server.port, timeout=10, context=trusting)
        connection.request("GET", "/keys")
    connection.close()
    assert time.monotonic() - began < 15


def test_it_takes_a_form_and_remembers_it(server: KeysServer, connection: HTTPSConnection) -> None:
    server.answers["/token"] = Told(body=b"token")
    connection.request("POST", "/token", b"code=a")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"token")
    assert (server.calls, server.bodies) == (["/token"], [b"code=a"])
    assert server.headers[0]["Content-Length"] == "6"
