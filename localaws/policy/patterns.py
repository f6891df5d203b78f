"""Wildcards as IAM reads them: `*` for any characters, `?` for one."""

import re
from functools import cache

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


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_WILDCARDS.get(character, re.escape(character)) for character in pattern), re.DOTALL)
