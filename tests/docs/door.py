"""Just enough of a door for README's commands: SigV4 checked with botocore, then the handler, over HTTP on loopback."""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws import example
from studio_gate import handler
from tests.conftest import Context

STAGE = "/gate"


def signed_by(method: str, url: str, headers: dict[str, str], credentials: Credentials) -> bool:
    """Tell whether the signature is the one that botocore makes for this request with these credentials."""
    if "SignedHeaders=" not in headers["Authorization"]:
        return False
    names = headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    auth = SigV4Auth(credentials, "execute-api", example.ACCOUNT.region)
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    request = AWSRequest(method, url.partition("?")[0], {name: headers[name] for name in names}, params=query)
    request.context["timestamp"] = headers["x-amz-date"]
    canonical = auth.canonical_request(request)
    expected = auth.signature(auth.string_to_sign(request, canonical), request)
    return headers["Authorization"].endswith(f"Signature={expected}")


@contextmanager
def door(credentials: Credentials) -> Iterator[str]:
    """Serve the stage at the yielded URL; whoever signs with the credentials is Alice of the example."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(STAGE)
            headers = {name.lower(): value for name, value in self.headers.items()}
            headers |= {"Authorization": headers.get("authorization", "")}
            url = f"http://{headers['host']}{self.path}"
            if path.startswith("/iam/") and not signed_by("GET", url, headers, credentials):
                self.send_error(403)
                return
            name = {"iam": "me", "jwt": "jwt-me"}.get(path.split("/")[1], "health")
            event = copy.deepcopy(example.event(name))
            event["multiValueHeaders"]["Authorization"] = [headers["Authorization"]]
            route, _, destination = path.partition("/iam/url/")
            event["resource"] = "/iam/url/{destination}" if destination else route
            event["pathParameters"] = {"destination": destination} if destination else None
            event["multiValueQueryStringParameters"] = parse_qs(parts.query) or None
            answer = handler.handler(event, Context())
            self.send_response(answer["statusCode"])
            for name, values in answer["multiValueHeaders"].items():
                self.send_header(name, values[0])
            self.end_headers()
            self.wfile.write(answer["body"].encode())

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{STAGE}"
        finally:
            server.shutdown()
            thread.join()
