"""Requests and responses as the gateway sees them; the values of either may be secret, so no `repr` shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

type Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `target` is path and query as sent; header names keep their case, repeated ones their order."""

    method: str
    target: str = field(repr=False)
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False, default=b"")
    protocol: str = "HTTP/1.1"

    @property
    def path(self) -> str:
        """The path as sent, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> Pairs:
        """The decoded query parameters, in order; one without a value has an empty one."""
        return tuple(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def header_bytes(self) -> int:
        """The size of request line and headers, as it counts for API Gateway's limit."""
        return len(f"{self.method} {self.target} {self.protocol}".encode()) + size(self.headers)

    def values(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for other, value in self.headers if other.lower() == name]

    def value(self, name: str) -> str | None:
        """Return the only value of a header; nothing if there is none, or more than one."""
        found = self.values(name)
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Response:
    """One response; content length and connection are the server's to add."""

    status: int
    headers: Pairs = field(repr=False)
    body: bytes = field(repr=False)


def size(headers: Iterable[tuple[str, str]]) -> int:
    """Return the bytes of names and values."""
    return sum(len(name.encode()) + len(value.encode()) for name, value in headers)
