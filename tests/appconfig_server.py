"""A server on loopback that is AppConfig's data plane for one configuration, as far as its API reference tells.

A token is good once and for a day; a session is told each version once. What it deploys, and whether it works at all,
is what a test says.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override
from urllib.parse import parse_qs, urlsplit

from tests.serving import serving

DAY = 86400


@dataclass
class _Token:
    """What a token stands for: the version that its session was told last, and when it was given."""

    told: int
    given: float


@dataclass
class AppConfig:
    """What is deployed, and what was asked; the wall clock says when."""

    url: str
    document: bytes = b""
    label: str | None = None
    interval: int | None = 45
    # Of each call from now on: an error's status and code, a connection that closes, or a document that is cut off.
    error: tuple[int, str] | None = None
    hangs_up: bool = False
    cuts_off: bool = False
    sessions: list[dict[str, object]] = field(default_factory=list)
    polls: int = 0
    _version: int = 0
    _tokens: dict[str, _Token] = field(default_factory=dict)

    def deploy(self, document: bytes, label: str | None = None) -> None:
        """Deploy another version."""
        self.document, self.label = document, label
        self._version += 1

    def begin(self, asked: dict[str, object]) -> str:
        """Begin a session, and return its first token."""
        self.sessions.append(asked)
        return self._token(-1)

    def poll(self, token: str) -> tuple[bytes, str | None, str] | None:
        """Return what is new, its label and the next token; nothing for a token that is not good (any more)."""
        self.polls += 1
        known = self._tokens.pop(token, None)
        if known is None or not 0 <= time.time() - known.given < DAY:
            return None
        after = self._token(self._version)
        return (b"", None, after) if known.told == self._version else (self.document, self.label, after)

    def _token(self, told: int) -> str:
        name = f"token+{len(self.sessions)}/{self.polls}="
        self._tokens[name] = _Token(told, time.time())
        return name


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state = AppConfig(f"http://127.0.0.1:{self.server_port}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        state = self.server.state
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._fails():
            token = state.begin(asked)
            self._answer(201, json.dumps({"InitialConfigurationToken": token}).encode(), {})

    def do_GET(self) -> None:
        state = self.server.state
        if self._fails():
            return
        (token,) = parse_qs(urlsplit(self.path).query)["configuration_token"]
        told = state.poll(token)
        if told is None:
            self._refuse(400, "BadRequestException")
            return
        document, label, after = told
        headers = {"Next-Poll-Configuration-Token": after, "Content-Type": "application/octet-stream"}
        if state.interval is not None:
            headers["Next-Poll-Interval-In-Seconds"] = str(state.interval)
        if label is not None:
            headers["Version-Label"] = label
        self._answer(200, document, headers)

    def _fails(self) -> bool:
        # Once: as soon as the answer is sent, the test may say otherwise.
        hangs_up, error = self.server.state.hangs_up, self.server.state.error
        if hangs_up:
            self.close_connection = True
        elif error is not None:
            self._refuse(*error)
        return hangs_up or error is not None

    def _refuse(self, status: int, code: str) -> None:
        body = json.dumps({"Message": "upstream-canary 111122223333"}).encode()
        self._answer(status, body, {"x-amzn-ErrorType": code, "Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.server.state.cuts_off and status == 200:
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def appconfig() -> Iterator[AppConfig]:
    """Serve AppConfig's data plane at an address of loopback until the block ends."""
    with _Server() as server, serving(server, threading.Event()):
        yield server.state
