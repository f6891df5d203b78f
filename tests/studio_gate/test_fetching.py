"""Keys come over verified https, in one attempt of two seconds, or not at all; and nothing of them is written down."""

import logging
import socket
import time
from pathlib import Path

import pytest

from studio_gate.errors import Problem
from studio_gate.identity.fetching import Fetches, get
from tests.keys_server import KeysServer, Told, context_for, keys_server

CAP = 256 * 1024


def fetch(url: str) -> bytes | str:
    """Fetch once; return the body, or why there is none."""
    fetches = Fetches()
    body = fetches.run(0, lambda ends: get(url, ends))
    if body is not None:
        assert fetches.failure is None
        return body
    problem = fetches.problem()
    assert (problem.problem, problem.reason) == (Problem.UNAVAILABLE, "keys-unreachable")
    return str(problem.upstream)


ANSWERS: dict[str, tuple[Told, bytes | str]] = {
    "a good one": (Told(body=b"keys"), b"keys"),
    "an empty one": (Told(), b""),
    "in chunks": (Told(body=b"keys", chunked=True), b"keys"),
    "in many packets": (Told(body=b"keys", drip=0.01), b"keys"),
    "as large as may be": (Told(body=b"k" * CAP), b"k" * CAP),
    "as large as may be, in chunks": (Told(body=b"k" * CAP, chunked=True), b"k" * CAP),
    "too large by a byte": (Told(body=b"k" * (CAP + 1)), "too large or too slow"),
    "too large in chunks, without a length": (Told(body=b"k" * (CAP + 1), chunked=True), "too large or too slow"),
    "far too large": (Told(body=b"k" * CAP * 16), "too large or too slow"),
    "compressed, which nobody asked for": (Told(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), b"\x1f\x8b"),
    "cut off": (Told(body=b"keys", length=5), "ProtocolError"),
    "created": (Told(201, b"keys"), "status 201"),
    "partial": (Told(206, b"keys"), "status 206"),
    "moved": (Told(302, b"keys", {"Location": "/elsewhere"}), "status 302"),
    "moved for good, to plain http": (Told(308, b"keys", {"Location": "http://localhost/elsewhere"}), "status 308"),
    "not found": (Told(404, b"keys"), "status 404"),
    "failed": (Told(500, b"keys"), "status 500"),
    "failed for a while": (Told(503, b"keys", {"Retry-After": "1"}), "status 503"),
}


@pytest.mark.parametrize(("told", "fetched"), ANSWERS.values(), ids=ANSWERS.keys())
def test_one_attempt_brings_a_whole_answer_or_a_failure(
    publisher: KeysServer, told: Told, fetched: bytes | str
) -> None:
    publisher.answers = {"/keys": told, "/elsewhere": Told(body=b"of somebody else")}
    assert fetch(f"{publisher.url}/keys") == fetched
    assert publisher.calls == ["/keys"]


def test_it_asks_for_a_plain_body_and_goes_through_no_proxy(
    publisher: KeysServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    publisher.answers["/keys"] = Told(body=b"keys")
    assert fetch(f"{publisher.url}/keys") == b"keys"
    assert publisher.headers[0]["Accept-Encoding"] == "identity"
    assert publisher.headers[0]["User-Agent"] == "studio-gate"


SLOW = {
    "before its answer": Told(body=b"keys", after=30),
    "byte by byte": Told(body=b"k" * 1000, drip=0.3),
    "byte by byte, in chunks": Told(body=b"k" * 1000, drip=0.3, chunked=True),
}


@pytest.mark.parametrize("told", SLOW.values(), ids=SLOW.keys())
def test_a_slow_publisher_is_given_up_on(publisher: KeysServer, told: Told) -> None:
    publisher.answers["/keys"] = told
    began = time.monotonic()
    assert fetch(f"{publisher.url}/keys") in {"TimeoutError", "ReadTimeoutError", "too large or too slow"}
    assert time.monotonic() - began < 4
    # Nor does what was left behind read on.
    assert told.after or publisher.hung_up.wait(15)


def test_a_publisher_of_another_authority_is_not_asked(
    publisher: KeysServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context_for("localhost", tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    assert fetch(f"{publisher.url}/keys") == "SSLError"
    assert publisher.calls == []


def test_a_publisher_with_a_certificate_for_another_host_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with keys_server(context_for("other.example.com", tmp_path / "authority.pem")) as server:
        assert fetch(f"{server.url}/keys") == "SSLError"
        assert server.calls == []


def test_a_publisher_without_tls_is_not_asked() -> None:
    with keys_server(None) as server:
        assert fetch(f"{server.url}/keys") == "SSLError"
        assert server.calls == []


def test_a_publisher_that_is_not_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert fetch(f"https://localhost:{taken.getsockname()[1]}/keys") == "NewConnectionError"


ODD_PORTS = ["https://localhost:0/keys", "https://localhost:99999/keys"]


@pytest.mark.parametrize("url", ODD_PORTS)
def test_a_port_that_is_none_is_a_failure(url: str) -> None:
    assert fetch(url) in {"NewConnectionError", "LocationParseError"}


LOUD = {
    "a good answer with a header that is none": Told(body=b"canary", headers={"X-Canary": "canary\r\ncanary canary"}),
    "a failure": Told(500, b"canary", {"X-Canary": "canary"}),
    "another place": Told(302, b"canary", {"Location": "https://canary.example.com/"}),
    "too much": Told(body=b"canary" * CAP, chunked=True),
}


@pytest.mark.parametrize("told", LOUD.values(), ids=LOUD.keys())
def test_nothing_that_was_asked_or_answered_is_written_down(
    publisher: KeysServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], told: Told
) -> None:
    for name in ("", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    publisher.answers["/canary"] = told
    fetches = Fetches()
    fetches.run(0, lambda ends: get(f"{publisher.url}/canary", ends))
    problem = fetches.problem()
    written = f"{caplog.text} {capfd.readouterr()} {problem!r} {problem} {fetches!r}"
    assert "canary" not in written
    assert "localhost" not in written
    assert (problem.__cause__, problem.__context__) == (None, None)


PAUSES = {
    "at first": ([0], True),
    "at once": ([0, 0], False),
    "just before the pause ends": ([0, 29.9], False),
    "when the pause ends": ([0, 30], True),
    "after a clock was set back": ([0, -0.1], True),
}


@pytest.mark.parametrize(("times", "may"), PAUSES.values(), ids=PAUSES.keys())
@pytest.mark.parametrize("fails", [False, True], ids=["after a good attempt", "after a bad attempt"])
def test_an_attempt_may_begin(times: list[float], *, may: bool, fails: bool) -> None:
    def work(ends: float) -> int:
        return 1 // (not fails)

    fetches = Fetches()
    for moment in times[:-1]:
        fetches.run(1_800_000_000 + moment, work)
    assert fetches.may_begin(1_800_000_000 + times[-1]) is may
