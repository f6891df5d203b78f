"""What this host sees of the network by itself."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

_LONGEST_CONNECT = 3  # seconds; within a VPC or over a private line it takes milliseconds


@dataclass(frozen=True, slots=True)
class Here:
    """How names resolve and what answers, from here. Both are IPv4's, as the endpoints that the stack makes are."""

    resolve: Callable[[str], tuple[str, ...]]
    connects: Callable[[str], bool]


def this_host() -> Here:
    """Return what the host that this runs on sees."""
    return Here(_resolve, connects)


def _resolve(name: str) -> tuple[str, ...]:
    """Return a name's addresses; none where it does not resolve."""
    found: set[str] = set()
    with suppress(OSError):
        found = {str(one[4][0]) for one in socket.getaddrinfo(name, 443, socket.AF_INET, socket.SOCK_STREAM)}
    return tuple(sorted(found))


def connects(address: str, port: int = 443) -> bool:
    """Tell whether something answers there."""
    try:
        socket.create_connection((address, port), timeout=_LONGEST_CONNECT).close()
    except OSError:
        return False
    return True
