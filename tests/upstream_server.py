"""A server on loopback that answers as it is told: for what no stand-in of AWS says by itself."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

from localaws.signed_in import SEALING_KEYS
from tests.serving import serving

GOOD_URL = "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=canary"
CREDENTIALS = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIAUPSTREAMSERVER01</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>canary-token</SessionToken><Expiration>{expiration}</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""


@dataclass(frozen=True)
class Told:
    """One answer: status, body, and the seconds to wait before it. Status 0 closes the connection without one.

    With `drip`, so many seconds pass before each byte of the body. `once` leaves whatever comes later through the same
    connection without an answer, as a network does that forgot it.
    """

    status: int = 200
    body: str = ""
    after: float = 0.0
    drip: float = 0.0
    once: bool = False


def minted(url: str = GOOD_URL) -> Told:
    """Answer CreatePresignedDomainUrl with any text as the URL."""
    return Told(body=json.dumps({"AuthorizedUrl": url}))


def assumed(expires_in: float = 900) -> Told:
    """Answer AssumeRole with credentials that expire after so many seconds."""
    expiration = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + expires_in))
    return Told(body=CREDENTIALS.format(expiration=expiration))


def stored(value: str = SEALING_KEYS) -> Told:
    """Answer GetParameter with a value."""
    return Told(body=json.dumps({"Parameter": {"Name": "/keys", "Type": "SecureString", "Value": value}}))


def sagemaker_error(code: str, status: int = 400) -> Told:
    """Refuse as SageMaker does, with a message that must go nowhere."""
    return Told(status, json.dumps({"__type": code, "message": "upstream-canary 111122223333"}))


def sts_error(code: str, status: int = 400) -> Told:
    """Refuse as STS does, with a message that must go nowhere."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>upstream-canary 111122223333</Message></Error>"
    return Told(status, f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>")


@dataclass
class Upstream:
    """What each service answers, and the bodies of the calls it got."""

    url: str
    sts: Told = field(default_factory=assumed)
    sagemaker: Told = field(default_factory=minted)
    ssm: Told = field(default_factory=stored)
    sts_calls: list[str] = field(default_factory=list)
    sagemaker_calls: list[str] = field(default_factory=list)
    ssm_calls: list[str] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = Upstream(f"http://127.0.0.1:{self.server_port}")
        self.closing = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    """Answers what comes through one connection."""

    protocol_version = "HTTP/1.1"
    server: _Server
    forgotten = False

    def do_POST(self) -> None:
        state, closing = self.server.state, self.server.closing
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        target = self.headers.get("X-Amz-Target", "").partition(".")[0]
        service = {"": "sts", "AmazonSSM": "ssm"}.get(target, "sagemaker")
        getattr(state, f"{service}_calls").append(body)
        told: Told = getattr(state, service)
        # When the block ends before that, nobody waits for the answer any more.
        if closing.wait(None if self.forgotten else told.after) or not told.status:
            self.close_connection = True
            return
        self.forgotten = told.once
        content = told.body.encode()
        self.send_response(told.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1" if target else "text/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        size = 1 if told.drip else len(content) or 1
        for start in range(0, len(content), size):
            if closing.wait(told.drip):
                self.close_connection = True
                return
            self.wfile.write(content[start : start + size])

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def upstream() -> Iterator[Upstream]:
    """Serve STS, SageMaker and SSM at one address of loopback until the block ends."""
    with _Server() as server, serving(server, server.closing):
        yield server.state
