"""The gateway over HTTP on loopback: one listener for each way on which a request can come."""

import logging
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

from localaws import example, template
from localaws.gateway import api, authorisation, refusals
from localaws.gateway.events import Origin
from localaws.gateway.messages import Request, Response
from localaws.gateway.pipeline import Gateway, Invoke
from localaws.gateway.refusals import Refusal
from localaws.gateway.signatures import Caller
from localaws.gateway.throttling import Buckets

# "Amazon API Gateway quotas": bytes of a payload.
_BODY_LIMIT = 10_000_000


def _now() -> datetime:
    return datetime.now(UTC)


def example_endpoint() -> str:
    """Return the example's execute-api endpoint; not the stack's, which may be what is in question."""
    return example.parameters()["ExecuteApiEndpointIds"].split(",")[0]


@dataclass(frozen=True, slots=True)
class Network:
    """What the listeners stand for. A request's true address is this machine's, so they are told which to name.

    `ports` are those of endpoint, other endpoint and internet; 0 is any that is free.
    """

    endpoint_id: str
    other_endpoint_id: str = "vpce-0fedcba9876543210"
    vpc_id: str = "vpc-0123456789abcdef0"
    source_ip: str = "10.20.30.40"
    internet_ip: str = "203.0.113.10"
    ports: tuple[int, int, int] = (0, 0, 0)

    def origins(self) -> tuple[Origin, Origin, Origin]:
        """Return where the requests to each listener come from."""
        inside = Origin(self.source_ip, self.vpc_id, self.endpoint_id)
        return inside, Origin(self.source_ip, self.vpc_id, self.other_endpoint_id), Origin(self.internet_ip)


@dataclass(frozen=True, slots=True)
class Domain:
    """A private custom domain name of the API, which leads to its stage without a path, and its TLS."""

    name: str
    context: ssl.SSLContext = field(repr=False)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The stage's URL through the execute-api endpoint, through another one, and from the internet.

    `domain_port` is where the API's names are served over TLS, through the endpoint; nothing without a domain.
    """

    endpoint: str
    other_endpoint: str
    internet: str
    domain_port: int | None = None


@contextmanager
def serving(  # noqa: PLR0913 - what there is to say of an API; all but three have a value
    stack: Mapping[str, Any],
    callers: Mapping[str, Caller],
    invoke: Invoke,
    *,
    network: Network | None = None,
    domain: Domain | None = None,
    account: template.Account = example.ACCOUNT,
    api_id: str = api.API_ID,
    now: Callable[[], datetime] = _now,
) -> Iterator[Addresses]:
    """Serve the resolved stack's API until the block is left; requests in work are then answered first.

    `callers` are by access key id; `invoke` is called by several threads at once. `UnsupportedApiError` or the
    evaluator's `UnsupportedPolicyError` for a stack that cannot be imitated.
    """
    described = api.read(stack, account, api_id)
    refusals.check(described.responses)
    decide = authorisation.decider(described, callers)
    gateway = Gateway(described, dict(callers), invoke, decide, Buckets(described.throttles), now)
    network = network or Network(example_endpoint())
    with ExitStack() as servers:
        ports = [
            servers.enter_context(_listening(_Server(gateway, origin, port)))
            for origin, port in zip(network.origins(), network.ports, strict=True)
        ]
        over_tls = None
        if domain is not None:
            over_tls = servers.enter_context(_listening(_Server(gateway, network.origins()[0], 0, domain)))
        inside, other, internet = (f"http://127.0.0.1:{port}/{described.stage}" for port in ports)
        yield Addresses(inside, other, internet, over_tls)


@contextmanager
def _listening(server: "_Server") -> Iterator[int]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    # On exit, wait for requests in work.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, gateway: Gateway, origin: Origin, port: int, domain: Domain | None = None) -> None:
        self.gateway = gateway
        self.origin = replace(origin, domain=domain.name if domain else None)
        super().__init__(("127.0.0.1", port), _Handler)
        if domain is not None:
            # The handshake is left to the request's own thread: nobody can hold up the others with it.
            self.socket = domain.context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Name the failure; a client that has gone is none."""
        error = sys.exception()
        # Nor is one that speaks no TLS or distrusts the certificate.
        if not isinstance(error, ConnectionError | ssl.SSLError | TimeoutError):
            logging.getLogger("localaws.gateway").error("%s while serving", type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    """Takes requests of every method, one a connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # In seconds, for a client that says nothing.
    timeout = 3

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        headers = tuple(self.headers.items())
        body = self._body()
        if isinstance(body, Refusal) or any("\n" in value or "\r" in value for _, value in headers):
            self._send(self.server.gateway.refuse(body if isinstance(body, Refusal) else Refusal.BAD_REQUEST))
            return
        # Not self.path, in which two slashes at the beginning have become one.
        target = self.requestline.split()[1]
        request = Request(self.command, target, headers, body, self.request_version)
        self._send(self.server.gateway.answer(request, self.server.origin))

    def _body(self) -> bytes | Refusal:
        lengths = self.headers.get_all("Content-Length", ["0"])
        if (
            "Transfer-Encoding" in self.headers
            or len(lengths) > 1
            or not (lengths[0].isascii() and lengths[0].isdigit())
        ):
            return Refusal.BAD_REQUEST
        length = int(lengths[0])
        return self.rfile.read(length) if length <= _BODY_LIMIT else Refusal.REQUEST_TOO_LARGE

    def _send(self, response: Response) -> None:
        self.close_connection = True
        # What named none that is known would get an answer without status and headers.
        self.request_version = self.protocol_version
        self.send_response_only(response.status)
        framing = ("Content-Length", str(len(response.body))), ("Connection", "close")
        for name, value in (*response.headers, ("Date", formatdate(usegmt=True)), *framing):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    @override
    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what cannot be read like everything else that is refused."""
        too_large = code in {414, 431}
        self._send(self.server.gateway.refuse(Refusal.HEADERS_TOO_LARGE if too_large else Refusal.BAD_REQUEST))

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: a request line holds a URL."""
