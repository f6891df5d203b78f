"""Other sites than the gate's: pages on loopback over TLS that try to have somebody's browser open something."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import override

# Of nobody's, of the same site as the gate, and of the gate's launch_origins.
EVIL, NEIGHBOUR, PORTAL = "evil.example", "intranet.corp.example", "portal.example"
_PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Elsewhere</title>{body}</html>'


def pages(target: str) -> Mapping[str, str]:
    """Return the pages by path; each wants `target` opened in its own way."""
    rules = '<script type="speculationrules">{{"{how}": [{{"urls": ["{target}"], "eagerness": "immediate"}}]}}</script>'
    return {
        "/link": f'<a href="{target}">Open</a>',
        "/form": f'<form method="post" action="{target}"><button>Open</button></form>',
        "/image": f'<img src="{target}" alt="">',
        "/frame": f'<iframe src="{target}"></iframe>',
        "/object": f'<object data="{target}"></object>',
        "/script": f'<script src="{target}"></script>',
        "/style": f'<link rel="stylesheet" href="{target}">',
        "/fetch": f'<script>fetch("{target}", {{mode: "no-cors", credentials: "include"}})</script>',
        "/link-prefetch": f'<link rel="prefetch" href="{target}">',
        "/link-preload": f'<link rel="preload" as="fetch" crossorigin="use-credentials" href="{target}">',
        "/prefetch": rules.format(how="prefetch", target=target) + f'<a href="{target}">Open</a>',
        "/prerender": rules.format(how="prerender", target=target) + f'<a href="{target}">Open</a>',
        "/redirect": f'<meta http-equiv="refresh" content="0;url={target}">',
    }


@contextmanager
def serving(context: SSLContext, target: str) -> Iterator[int]:
    """Serve the pages under whatever host, and yield the port."""
    known = pages(target)

    class Handler(BaseHTTPRequestHandler):
        timeout = 3

        def do_GET(self) -> None:
            body = _PAGE.format(body=known.get(self.path, "")).encode()
            self.send_response(200 if self.path in known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """Pass over connections that a browser opened in advance and dropped."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
