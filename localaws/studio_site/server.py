"""The stand-in Studio over HTTPS: four listeners, one for each way that a request can come."""

import shlex
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from localaws.enforcement import Clock, Enforcement, now
from localaws.studio_site import certificate, pages
from localaws.studio_site.door import Studio, Visit
from localaws.studio_site.kinds import hosts

# An endpoint that no stack of ours has.
ANOTHER_ENDPOINT = "vpce-0fedcba9876543210"
# From where the gateway's callers come (gateway/serving.py), and somebody in the same network.
ADDRESS, NEIGHBOUR = "10.20.30.40", "10.20.30.41"
# For a client to send its request, in seconds.
_PATIENCE = 10
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the stand-in listens: a port for each way, and the file of the certificate authority to trust.

    `pin` is the digest of its public key, for browsers that are to trust it without an authority. `neighbour` is
    inside, too, but at another address than the gate's callers.
    """

    address: str
    inside: int
    elsewhere: int
    internet: int
    authority: Path
    pin: str = ""
    neighbour: int = 0

    @property
    def ports(self) -> tuple[int, int, int]:
        """The ports of the three ways to come from one address, in the order of how far away they are."""
        return self.inside, self.elsewhere, self.internet

    def curl(self, port: int) -> str:
        """Return the options with which curl opens Studio's own URLs at a port of this site."""
        return f"--cacert {shlex.quote(str(self.authority))} --connect-to ::{self.address}:{port}"


@contextmanager
def serving(  # noqa: PLR0913 - what there is to say of a site; all but one have a value
    enforcement: Enforcement,
    *,
    clock: Clock = now,
    session_policy_counts: bool = True,
    address: str = "127.0.0.1",
    folder: Path | None = None,
    issuer: certificate.Authority | None = None,
) -> Iterator[Site]:
    """Serve the stand-in Studio, notebooks and MLflow for the regions that have endpoints, on free ports of an address.

    `session_policy_counts` says whether AWS applies the minting session's own policy when a URL is used, which is not
    proven: what must be refused has to be refused without it, too. The certificate is put into `folder`, by default
    one that is gone afterwards; `issuer` issues it, by default one of its own. The policies are those of `enforcement`,
    also when it is no longer in force.
    """
    studio = Studio(enforcement, clock, session_policy_counts=session_policy_counts)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        authority = place / "studio-stand-in.pem"
        issuer = issuer or certificate.Authority()
        authority.write_text(issuer.pem, encoding="ascii")
        paths, home = enforcement.paths, enforcement.account.region
        issued = issuer.issue(*(host for region in (home, *paths.regions) for host in hosts(region)))
        context = issued.context()
        ways = (
            _Way(lambda host: paths.to(host, home), ADDRESS),
            _Way(lambda _: ANOTHER_ENDPOINT, ADDRESS),
            _Way(lambda _: None, None),
            _Way(lambda host: paths.to(host, home), NEIGHBOUR),
        )
        ports = (stack.enter_context(_listening(address, context, studio, way)) for way in ways)
        inside, elsewhere, internet, neighbour = ports
        yield Site(address, inside, elsewhere, internet, authority, issued.pin, neighbour)


@dataclass(frozen=True, slots=True)
class _Way:
    """Through which endpoint a host is reached, if any, and from which address."""

    endpoint: Callable[[str], str | None]
    address: str | None


@contextmanager
def _listening(address: str, context: ssl.SSLContext, studio: Studio, way: _Way) -> Iterator[int]:
    server = _Server((address, 0), context, studio, way)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, at: tuple[str, int], context: ssl.SSLContext, studio: Studio, way: _Way) -> None:
        super().__init__(at, _Handler)
        # The handshake is left to the request's own thread: nobody can hold up the others with it.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.studio = studio
        self.way = way

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Pass over clients that speak no TLS, distrust the certificate or are gone; a traceback would follow."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "studio-gate-stand-in"
    sys_version = ""
    timeout = _PATIENCE

    def do_GET(self) -> None:
        """Answer as the stand-in Studio does."""
        if visit := self._visit():
            answer = self.server.studio.answer(visit)
            self._reply(answer.status, answer.page, dict(answer.headers))

    def do_POST(self) -> None:
        """Answer the one button that there is; the rest is not implemented."""
        if visit := self._visit():
            answer = self.server.studio.start(visit)
            if answer is None:
                self.send_error(501)
            else:
                self._reply(answer.status, answer.page, dict(answer.headers))

    def _visit(self) -> Visit | None:
        sent = self.headers.get_all("Host", [])
        if len(sent) != 1:
            self.send_error(400)
            return None
        cookies = "; ".join(self.headers.get_all("Cookie", []))
        way = self.server.way
        return Visit(sent[0], self.path, cookies, way.endpoint(sent[0]), way.address)

    def send_error(self, code: int, *_: object, **__: object) -> None:
        """Refuse what is no GET request, without a word of what was sent."""
        text = self.responses.get(code, ("",))[0]
        self._reply(code, pages.failed(code, text), {"Connection": "close"})

    def log_message(self, *_: object) -> None:
        """Write nothing: a request line holds the token, and headers the cookie."""

    def _reply(self, status: int, page: str, headers: dict[str, str]) -> None:
        body = page.encode()
        self.send_response(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
