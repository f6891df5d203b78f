"""A code is redeemed once, over verified https, with what proves the gate, and nothing of it is written down."""

import base64
import json
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest
from moto import mock_aws

from studio_gate.errors import GateError
from studio_gate.identity.redemption import redeemer
from tests.keys_server import KeysServer, Told, context_for, keys_server
from tests.studio_gate.finding import Clock
from tests.studio_gate.signing_in import CLIENT_ID, REDIRECT_URI, REGION, as_sign_in, by_code, outcome, put_parameter

CODE, VERIFIER = "canary-code/+&= %\u007e", "canary-verifier"
GOOD = json.dumps({"access_token": "canary-access", "token_type": "Bearer", "id_token": "canary.id.token"}).encode()
SECRET = {"client_secret": "ssm:/canary/client"}
FORM = {
    "grant_type": ["authorization_code"],
    "code": [CODE],
    "redirect_uri": [REDIRECT_URI],
    "code_verifier": [VERIFIER],
}


@pytest.fixture
def secrets() -> Iterator[None]:
    """Stand in for SSM, with the client's secret."""
    with mock_aws():
        put_parameter("canary:secret", "/canary/client")
        yield


def redeem(url: str, **changes: object) -> object:
    """Redeem the code at a server."""
    return outcome(lambda: redeemer(as_sign_in(by_code(url, **changes)), REGION)(CODE, VERIFIER))


def test_a_public_client_says_who_it_is_in_the_form(publisher: KeysServer) -> None:
    publisher.answers["/token"] = Told(body=GOOD)
    assert redeem(publisher.url) == "canary.id.token"
    assert publisher.calls == ["/token"]
    assert parse_qs(publisher.bodies[0].decode("ascii"), strict_parsing=True) == FORM | {"client_id": [CLIENT_ID]}
    assert publisher.bodies[0] == (
        b"grant_type=authorization_code&code=canary-code%2F%2B%26%3D+%25~"
        b"&redirect_uri=https%3A%2F%2Fstudio.corp.example%2Fgate%2Fsignin%2Fcallback&code_verifier=canary-verifier"
        b"&client_id=gate-web"
    )
    assert dict(publisher.headers[0]) == {
        "Host": publisher.url.removeprefix("https://"),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(publisher.bodies[0])),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "studio-gate",
    }


def test_a_client_with_a_secret_proves_itself_in_the_header_alone(publisher: KeysServer, secrets: None) -> None:
    publisher.answers["/token"] = Told(body=GOOD)
    assert redeem(publisher.url, **SECRET) == "canary.id.token"
    # RFC 6749, sections 2.3 and 4.1.3: one way to say who it is.
    assert parse_qs(publisher.bodies[0].decode("ascii"), strict_parsing=True) == FORM
    expected = base64.b64encode(b"gate-web:canary%3Asecret").decode()
    assert publisher.headers[0]["Authorization"] == f"Basic {expected}"


# Client id and secret, and what stands in Basic before base64 (RFC 6749, section 2.3.1 and appendix B).
ODD = {
    "plain": (CLIENT_ID, "secret", "gate-web:secret"),
    "colons": ("https://gate.example.com:1", "a:b", "https%3A%2F%2Fgate.example.com%3A1:a%3Ab"),
    "percent signs": ("a%3Ab", "100%", "a%253Ab:100%25"),
    "blanks and pluses": ("a b+c", "d e+f", "a%20b%2Bc:d%20e%2Bf"),
    "all that forms use": ("a=b&c", "/?#~", "a%3Db%26c:%2F%3F%23~"),
    "a secret beyond ASCII": (CLIENT_ID, "\u00e9\U0001f600", "gate-web:%C3%A9%F0%9F%98%80"),
    "a secret with an end of line": (CLIENT_ID, "secret\n", "gate-web:secret"),
    "a secret of two lines": (CLIENT_ID, "a\r\nX-Evil: b", "gate-web:a%0D%0AX-Evil%3A%20b"),
}


@pytest.mark.parametrize(("client", "secret", "basic"), ODD.values(), ids=ODD.keys())
def test_odd_names_and_secrets_are_encoded(
    publisher: KeysServer, secrets: None, client: str, secret: str, basic: str
) -> None:
    put_parameter(secret, "/canary/client")
    publisher.answers["/token"] = Told(body=GOOD)
    assert redeem(publisher.url, audiences=[client], **SECRET) == "canary.id.token"
    scheme, _, credentials = publisher.headers[0]["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(credentials, validate=True).decode()) == ("Basic", basic)
    assert [unquote(one) for one in basic.split(":")] == [client, secret.strip()]


UNUSABLE = "503 token-endpoint-unreachable"
ANSWERS: dict[str, tuple[Told, str]] = {
    "a good one": (Told(body=GOOD), "canary.id.token"),
    "in chunks": (Told(body=GOOD, chunked=True), "canary.id.token"),
    "as large as may be": (Told(body=GOOD.ljust(256 * 1024)), "canary.id.token"),
    "a bad code": (Told(400, b'{"error": "invalid_grant", "error_description": "canary"}'), "401 code-not-redeemed"),
    "a bad secret": (Told(401, b'{"error": "invalid_client"}'), UNUSABLE),
    "forbidden": (Told(403, GOOD), UNUSABLE),
    "not found": (Told(404, GOOD), UNUSABLE),
    "too many": (Told(429, GOOD), UNUSABLE),
    "failed": (Told(500, GOOD), UNUSABLE),
    "failed for a while": (Told(503, GOOD, {"Retry-After": "1"}), UNUSABLE),
    "created": (Told(201, GOOD), UNUSABLE),
    "moved": (Told(302, GOOD, {"Location": "/elsewhere"}), UNUSABLE),
    "moved for good with its form": (Told(308, GOOD, {"Location": "/elsewhere"}), UNUSABLE),
    "too large by a byte": (Told(body=GOOD.ljust(256 * 1024 + 1)), UNUSABLE),
    "too large in chunks": (Told(body=GOOD.ljust(256 * 1024 + 1), chunked=True), UNUSABLE),
    "cut off": (Told(body=GOOD, length=len(GOOD) + 1), UNUSABLE),
    "compressed": (Told(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), "401 code-not-redeemed"),
    "nothing": (Told(), "401 code-not-redeemed"),
    "no JSON": (Told(body=b"<p>canary"), "401 code-not-redeemed"),
    "no UTF-8": (Told(body=b'{"id_token": "canary\xff"}'), "401 code-not-redeemed"),
    "a form": (Told(body=b"id_token=canary"), "401 code-not-redeemed"),
    "a list": (Told(body=b"[%b]" % GOOD), "401 code-not-redeemed"),
    "a list that is nested deeply": (Told(body=b"[" * 200_000), "401 code-not-redeemed"),
    "a number of too many digits": (Told(body=b'{"expires_in": %b}' % (b"1" * 5000)), "401 code-not-redeemed"),
    "two tokens": (Told(body=b'{"id_token": "canary.a.a", "id_token": "canary.b.b"}'), "401 code-not-redeemed"),
    "no token": (Told(body=b'{"access_token": "canary"}'), "401 no-id-token"),
    "a token that is nothing": (Told(body=b'{"id_token": null}'), "401 no-id-token"),
    "a token that is no text": (Told(body=b'{"id_token": ["canary"]}'), "401 no-id-token"),
}


@pytest.mark.parametrize(("told", "comes"), ANSWERS.values(), ids=ANSWERS.keys())
def test_one_attempt_brings_a_token_or_a_failure(publisher: KeysServer, told: Told, comes: str) -> None:
    publisher.answers = {"/token": told, "/elsewhere": Told(body=GOOD)}
    assert redeem(publisher.url) == comes
    assert publisher.calls == ["/token"]


SLOW = {
    "before its answer": Told(body=GOOD, after=30),
    "byte by byte": Told(body=GOOD.ljust(1000), drip=0.3),
}


@pytest.mark.parametrize("told", SLOW.values(), ids=SLOW.keys())
def test_a_slow_provider_is_given_up_on(publisher: KeysServer, told: Told) -> None:
    publisher.answers["/token"] = told
    began = time.monotonic()
    assert redeem(publisher.url) == UNUSABLE
    assert time.monotonic() - began < 5.5


def test_a_provider_that_is_not_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert redeem(f"https://localhost:{taken.getsockname()[1]}") == UNUSABLE


def test_a_provider_of_another_authority_or_without_tls_gets_no_code(
    publisher: KeysServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context_for("localhost", tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    with keys_server(None) as plain:
        for server in (publisher, plain):
            assert redeem(server.url) == UNUSABLE
            assert (server.calls, server.bodies) == ([], [])


def test_without_the_secret_the_provider_is_not_asked(publisher: KeysServer) -> None:
    publisher.answers["/token"] = Told(body=GOOD)
    with mock_aws():
        assert redeem(publisher.url, **SECRET) == "503 secret-unreachable"
    assert publisher.calls == []


def test_a_secret_is_read_when_it_is_needed_and_kept_a_while(publisher: KeysServer, clock: Clock) -> None:
    clock.now = time.time()
    publisher.answers["/token"] = Told(body=GOOD)
    with mock_aws():
        redeemed = redeemer(as_sign_in(by_code(publisher.url, **SECRET)), REGION)
        for secret, later in (("first", 0), ("second", 299), ("third", 1)):
            put_parameter(secret, "/canary/client")
            clock.now += later
            assert redeemed(CODE, VERIFIER) == "canary.id.token"
    sent = [base64.b64decode(one["Authorization"].partition(" ")[2]) for one in publisher.headers]
    assert sent == [b"gate-web:first", b"gate-web:first", b"gate-web:third"]


@pytest.mark.parametrize("told", [one for one, _ in ANSWERS.values()], ids=ANSWERS.keys())
def test_nothing_that_was_asked_or_answered_is_written_down(
    publisher: KeysServer,
    secrets: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    told: Told,
) -> None:
    for name in ("urllib3", "studio_gate"):
        caplog.set_level(logging.DEBUG, name)
    publisher.answers["/token"] = told
    made = redeemer(as_sign_in(by_code(publisher.url, **SECRET)), REGION)
    failure: GateError | None = None
    try:
        made(CODE, VERIFIER)
    except GateError as error:
        failure = error
    written = f"{failure!r} {traceback.format_exception(failure)} {caplog.text} {capfd.readouterr()} {made!r}"
    assert failure is None or (failure.__cause__, failure.__context__) == (None, None)
    assert "canary" not in written
    assert "localhost" not in written
