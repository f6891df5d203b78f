"""A gate on loopback that answers as it is told: for what no honest gate says."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

from tests.serving import serving


@dataclass(frozen=True)
class Told:
    """One answer; `drip` seconds before each of its bytes, `after` before all. Status 0 closes without an answer."""

    status: int = 200
    body: str = "{}"
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    drip: float = 0.0


@dataclass
class Scripted:
    """Where it is, what it answers, and the paths and headers of the requests it got."""

    url: str
    answer: Told = field(default_factory=Told)
    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.closing = threading.Event()
        self.state = Scripted("")

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that the client breaks off is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        state, closing = self.server.state, self.server.closing
        state.paths.append(self.path)
        state.headers.append(dict(self.headers.items()))
        told = state.answer
        if closing.wait(told.after) or not told.status:
            self.close_connection = True
            return
        self.send_response(told.status)
        for name, value in ({"Content-Type": told.kind} | dict(told.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        body = told.body.encode()
        size = 1 if told.drip else len(body) or 1
        try:
            for start in range(0, len(body), size):
                self.wfile.write(body[start : start + size])
                if closing.wait(told.drip):
                    return
        except OSError:
            return  # the client had enough

    do_POST = do_GET  # noqa: N815 - http.server's own naming
    do_CONNECT = do_GET  # noqa: N815 - http.server's own naming

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def scripted(tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Serve until the block ends; with `tls`, over TLS."""
    with _Server() as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.state.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/gate"
        with serving(server, server.closing):
            yield server.state
