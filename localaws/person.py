"""Somebody with a browser, as far as HTTP goes: cookies by host, redirects, forms. For tests and the experiment."""

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPResponse
from types import MappingProxyType
from urllib.parse import urlencode, urljoin, urlsplit

_SECONDS = 30
_MOST_REDIRECTS = 10
# What Chromium says of an address that was typed or bookmarked, and of its own page's form.
TYPED = MappingProxyType({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
_FORM = re.compile(r'<form\b[^>]*\baction="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from a URL; header names in lower case, several values of one in order, and nothing shown."""

    url: str = field(repr=False)
    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: str = field(repr=False)

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for other, value in self.headers if other == name]

    @property
    def location(self) -> str:
        """Where it redirects to, as a whole URL; "" if it does not."""
        found = self.values("location")
        return urljoin(self.url, found[0]) if found else ""

    @property
    def host(self) -> str:
        """The host that answered."""
        return str(urlsplit(self.url).hostname)

    def form(self, action: str = "") -> tuple[str, dict[str, str]]:
        """Return the URL and the hidden fields of the page's first form whose action ends so; LookupError for none."""
        for target, inside in _FORM.findall(self.body):
            if unescape(target).endswith(action):
                fields = {unescape(name): unescape(value) for name, value in _FIELD.findall(inside)}
                return urljoin(self.url, unescape(target)), fields
        raise LookupError(f"no form for {action or 'anything'} at {self.host}")


@dataclass(frozen=True)
class Person:
    """A browser whose name server leads to ports of this machine; a name that starts with a dot is for all below."""

    ports: Mapping[str, int]
    authority: str = field(repr=False)
    jar: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def send(self, method: str, url: str, body: str = "", headers: Mapping[str, str] = TYPED) -> Reply:
        """Send a request over TLS with the host's cookies, keep those that come back, and follow no redirect."""
        parts = urlsplit(url)
        host = str(parts.hostname)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if cookies := "; ".join(f"{name}={value}" for (of, name), value in self.jar.items() if of == host):
            lines.append(f"Cookie: {cookies}")
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body.encode())}"]
        context = ssl.create_default_context(cadata=self.authority)
        with (
            socket.create_connection(("127.0.0.1", self._port(host)), timeout=_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            secure.sendall("\r\n".join([*lines, "", body]).encode())
            with HTTPResponse(secure, method=method) as response:
                response.begin()
                given = tuple((name.lower(), value) for name, value in response.getheaders())
                reply = Reply(url, response.status, given, response.read().decode())
        self._keep(host, reply)
        return reply

    def follow(self, url: str, headers: Mapping[str, str] = TYPED, *, within: str = "") -> Reply:
        """Open a URL and follow redirects; if a host is given, only as long as they stay there."""
        return self._followed(self.send("GET", url, headers=headers), headers, within)

    def submit(self, page: Reply, changes: Mapping[str, str], action: str = "", *, within: str = "") -> Reply:
        """Submit a form of a page with some fields changed, as its button would, and follow redirects."""
        url, fields = page.form(action)
        parts = urlsplit(page.url)
        same = urlsplit(url).netloc == parts.netloc
        # Fetch, section 3.2: a page that wants no referrer at all has its forms sent without an origin, too.
        hidden = page.values("referrer-policy") == ["no-referrer"]
        headers = dict(TYPED) | {
            "Sec-Fetch-Site": "same-origin" if same else "cross-site",
            "Origin": "null" if hidden else f"{parts.scheme}://{parts.netloc}",
        }
        sent = self.send("POST", url, urlencode(fields | dict(changes)), headers)
        return self._followed(sent, headers, within)

    def _followed(self, reply: Reply, headers: Mapping[str, str], within: str) -> Reply:
        # A redirect through another site makes a request cross-site, but for one that was typed.
        kept = {name: value for name, value in headers.items() if name != "Origin"}
        for _ in range(_MOST_REDIRECTS):
            if not reply.location or (within and urlsplit(reply.location).hostname != within):
                return reply
            if kept.get("Sec-Fetch-Site") != "none" and urlsplit(reply.location).hostname != reply.host:
                kept["Sec-Fetch-Site"] = "cross-site"
            reply = self.send("GET", reply.location, headers=kept)
        raise LookupError("redirected too often")

    def _port(self, host: str) -> int:
        return next(port for name, port in self.ports.items() if name in {host, f".{host.partition('.')[2]}"})

    def _keep(self, host: str, reply: Reply) -> None:
        for line in reply.values("set-cookie"):
            pair, _, attributes = line.partition(";")
            name, _, value = pair.strip().partition("=")
            gone = re.search(r"max-age=0(;|$)|expires=Thu, 01 Jan 1970", attributes, re.IGNORECASE)
            if gone:
                self.jar.pop((host, name), None)
            else:
                self.jar[host, name] = value
