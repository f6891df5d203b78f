"""An https server on loopback that publishes keys, or takes codes, as it is told, and remembers what it was asked."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import override

from localaws.studio_site.certificate import Authority
from tests.serving import serving


def context_for(name: str, authority: Path) -> ssl.SSLContext:
    """The TLS context of a server of that name; its authority's certificate is written to a file."""
    made = Authority()
    authority.write_text(made.pem, encoding="utf-8")
    return made.issue(name).context()


@dataclass(frozen=True)
class Told:
    """One answer: status, body, more headers, and the seconds to wait before it and before each byte of the body.

    `chunked` sends the body in chunks and without its length; `length` is a length that may be a lie.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    drip: float = 0.0
    chunked: bool = False
    length: int | None = None


@dataclass
class KeysServer:
    """What it answers for each path, the paths it was asked for, the headers of each call, and the bodies of each POST.

    A path without an answer is 404. `hung_up` is set when somebody did not wait for the whole of an answer.
    """

    port: int
    answers: dict[str, Told] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address, by the one name that certificates can be for."""
        return f"https://localhost:{self.port}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = context
        self.state = KeysServer(self.server_port)
        self.closing = threading.Event()

    @override
    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if self.context is None:
            return connection, address
        # The handshake comes with the first read, in the connection's own thread.
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about those who do not trust it."""


class _Handler(BaseHTTPRequestHandler):
    """Answers what comes through one connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        self.server.state.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        state, closing = self.server.state, self.server.closing
        state.calls.append(self.path)
        state.headers.append(dict(self.headers))
        told = state.answers.get(self.path, Told(404, b"nothing here"))
        # When the block ends before that, nobody waits for the answer any more.
        if closing.wait(told.after):
            self.close_connection = True
            return
        self.send_response(told.status)
        self.send_header("Connection", "close")
        for name, value in told.headers.items():
            self.send_header(name, value)
        if told.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(told.body) if told.length is None else told.length))
        self.end_headers()
        try:
            self._send_body(told)
        except OSError:
            state.hung_up.set()

    def _send_body(self, told: Told) -> None:
        size = 1 if told.drip else 65536
        for start in range(0, len(told.body), size):
            if self.server.closing.wait(told.drip):
                return
            part = told.body[start : start + size]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if told.chunked else part)
        if told.chunked:
            self.wfile.write(b"0\r\n\r\n")

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def keys_server(context: ssl.SSLContext | None) -> Iterator[KeysServer]:
    """Serve on loopback until the block ends; without a context, plain http."""
    with _Server(context) as server, serving(server, server.closing):
        yield server.state
