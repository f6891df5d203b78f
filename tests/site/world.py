"""The whole experiment in one process: the real handler, the stand-in under the stack's policies, and its Studio."""

import copy
import json
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import boto3

from localaws import enforcement, example, studio_site, template
from studio_gate import handler
from tests.conftest import Context
from tests.stack import stacks
from tests.stack.mutations import Mutation

PATHS = enforcement.Paths.of(stacks.EXAMPLE)
ELSEWHERE = studio_site.ANOTHER_ENDPOINT
MINTING_ROLE = "arn:aws:iam::111122223333:role/studio-gate-minting"
DOMAIN = "d-research01234"


@dataclass
class Clock:
    """The time, and how far ahead of it the stand-in is."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Reply:
    """What a browser gets."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def cookie(self) -> str:
        """The name and value that a browser would send back."""
        return self.headers["Set-Cookie"].partition(";")[0]


@dataclass(frozen=True)
class World:
    """A site, the policies in force, and the clock of both."""

    enforced: enforcement.Enforcement
    site: studio_site.Site
    clock: Clock

    def launch(self, event: str = "url") -> dict[str, Any]:
        """Send an event through the handler and return its JSON."""
        answer: dict[str, Any] = json.loads(handler.handler(example.event(event), Context())["body"])
        return answer

    def get(self, url: str, port: int, cookie: str | None = None, method: str = "GET") -> Reply:
        """Send a request to a port of the site."""
        return get(self.site, port, url, cookie, method)


def get(site: studio_site.Site, port: int, url: str, cookie: str | None = None, method: str = "GET") -> Reply:
    """Send a request as a browser does whose name server leads to that port."""
    parts = urlsplit(url)
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", *([f"Cookie: {cookie}"] if cookie else [])]
    return exchange(site, port, str(parts.hostname), "\r\n".join([*lines, "", ""]).encode())


def exchange(site: studio_site.Site, port: int, host: str, request: bytes) -> Reply:
    """Send bytes over TLS to a host, verifying its certificate strictly, and read the answer."""
    context = ssl.create_default_context(cafile=str(site.authority))
    with (
        socket.create_connection((site.address, port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        secure.sendall(request)
        with HTTPResponse(secure) as response:
            response.begin()
            return Reply(response.status, dict(response.getheaders()), response.read().decode())


@contextmanager
def world(
    mutation: Mutation | None = None,
    *,
    paths: enforcement.Paths = PATHS,
    others: Sequence[enforcement.Role] = (),
    session_policy_counts: bool = True,
) -> Iterator[World]:
    """Create the stack, broken on purpose if asked to, with roles beside it, and open its Studio."""
    clock = Clock()
    with ExitStack() as stack:
        enforcing = enforcement.enforce(resources(mutation), example.ACCOUNT, paths, others=others, clock=clock)
        enforced = stack.enter_context(enforcing)
        serving = studio_site.serving(enforced, clock=clock, session_policy_counts=session_policy_counts)
        yield World(enforced, stack.enter_context(serving), clock)


def resources(mutation: Mutation | None = None) -> dict[str, Any]:
    """Return the example's resolved stack, broken on purpose if asked to."""
    if mutation is None:
        return stacks.variant("as in samconfig.toml").resources
    source = copy.deepcopy(stacks.source())
    mutation(source)
    return template.create(source, stacks.EXAMPLE, stacks.HERE)


@dataclass(frozen=True)
class Aws:
    """Clients of the stand-in in this process or behind a URL, signing with the function's key or a session's."""

    session: boto3.Session
    endpoint: str | None = None
    defaults: Mapping[str, str] = field(default_factory=lambda: {"aws_access_key_id": "testing"})

    def client(self, service: str, credentials: Mapping[str, Any] | None = None, region: str = "eu-central-1") -> Any:  # noqa: ANN401 - of any service
        names = {"AccessKeyId": "aws_access_key_id", "SessionToken": "aws_session_token"}
        given = {names[name]: value for name, value in (credentials or {}).items() if name in names}
        return self.session.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self.endpoint,
            aws_secret_access_key="testing",  # noqa: S106 - opens nothing
            **(given or self.defaults),
        )
