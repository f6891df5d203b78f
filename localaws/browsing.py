"""A caller who signs, and a browser whose name server leads to a stand-in: plain HTTP clients for the experiment."""

import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws import example
from localaws.gateway.signatures import Caller
from localaws.studio_site import Site

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names in lower case, and nothing of it shown."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)

    @property
    def by_gateway(self) -> bool:
        """Tell whether API Gateway answered and not the function."""
        return "x-amzn-errortype" in self.headers

    @property
    def cookie(self) -> str:
        """The name and value that a browser would send back."""
        return self.headers.get("set-cookie", "").partition(";")[0]

    @property
    def decoded(self) -> dict[str, Any]:
        """The body as a JSON object, empty if it is none."""
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}


def ask(url: str, who: tuple[str, Caller] | None, headers: Mapping[str, str] | None = None) -> Reply:
    """Send a GET request to the gateway, signed if somebody is to sign it, and follow no redirect."""
    parts = urlsplit(url)
    request = AWSRequest("GET", url, {"Host": parts.netloc} | dict(headers or {}))
    if who:
        key, caller = who
        credentials = Credentials(key, caller.secret, caller.session_token)
        SigV4Auth(credentials, "execute-api", example.ACCOUNT.region).add_auth(request)
    connection = HTTPConnection(parts.netloc, timeout=_SECONDS)
    try:
        connection.request("GET", url.partition(parts.netloc)[2], headers=dict(request.headers.items()))
        return _reply(connection.getresponse())
    finally:
        connection.close()


def browse(site: Site, port: int, url: str, cookie: str = "") -> Reply:
    """Send a GET request over TLS to a port of a stand-in Studio, for the host of the URL, and follow no redirect."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", *([f"Cookie: {cookie}"] if cookie else [])]
    context = ssl.create_default_context(cafile=str(site.authority))
    with (
        socket.create_connection((site.address, port), timeout=_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
    ):
        secure.sendall("\r\n".join([*lines, "", ""]).encode())
        with HTTPResponse(secure) as response:
            response.begin()
            return _reply(response)


def _reply(response: HTTPResponse) -> Reply:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, response.read().decode())
