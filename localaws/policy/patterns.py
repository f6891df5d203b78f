"""What IAM compares: texts with wildcards (`*` for any characters, `?` for one), ARNs, addresses and moments."""

import re
from datetime import datetime
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

_WILDCARDS = {"*": ".*", "?": "."}
# arn:partition:service:region:account:resource; only the last may hold colons of its own.
_SEGMENTS = 6


def is_pattern(text: str) -> bool:
    """Tell whether a text has a wildcard."""
    return not _WILDCARDS.keys().isdisjoint(text)


def like(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern, case by case."""
    return _compiled(pattern).fullmatch(text) is not None


def segments(arn: str) -> list[str]:
    """Return the six segments of an ARN, or none if it has fewer or is something else."""
    parts = arn.split(":", _SEGMENTS - 1)
    return parts if len(parts) == _SEGMENTS and parts[0] == "arn" else []


def arn_like(pattern: str, arn: str) -> bool:
    """Tell whether an ARN fits a pattern segment by segment: a wildcard never reaches over a segment's end.

    Source: IAM user guide, "IAM JSON policy elements: Resource", and ArnEquals under "Condition operators".
    """
    pairs = list(zip(segments(pattern), segments(arn), strict=False))
    return bool(pairs) and all(like(one, other) for one, other in pairs)


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address or a CIDR block without host bits; None if it is neither."""
    try:
        return ip_network(text)
    except ValueError:
        return None


def within(block: str, address: str) -> bool:
    """Tell whether an address lies in a block of its own family; what is no address lies in none."""
    outer, inner = network(block), network(address)
    if isinstance(outer, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(outer)


def moment(text: str) -> datetime | None:
    """Read a date with time and zone (ISO 8601); None if it is none: seconds since 1970 are used by no policy here."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None


def earlier(limit: str, when: str) -> bool:
    """Tell whether a moment is before another, and not at it."""
    end, then = moment(limit), moment(when)
    return end is not None and then is not None and then < end


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_WILDCARDS.get(character, re.escape(character)) for character in pattern), re.DOTALL)
