"""Metric filter patterns for JSON, as far as the gate's stack uses them; anything else is refused.

CloudWatch Logs user guide, "Using filter patterns to match terms in JSON log events": comparisons joined with && or
with ||, one [*] in a selector, a `*` at either end of a text, and no match where a selector finds nothing to compare.
"""

import re
from collections.abc import Iterator

_COMPARISON = re.compile(r'(\$(?:\.\w+(?:\[(?:\*|\d+)\])?)+) (=|!=|>=) ("[^"\\]*"|\d+)')


class UnknownPatternError(Exception):
    """The pattern has something that is not known here."""


def matches(pattern: str, line: object) -> bool:
    """Tell whether a metric filter counts a line, which was JSON."""
    inner = re.fullmatch(r"\{ (.*) \}", pattern)
    # Each is read, whatever the others say: what is not known must not be passed over.
    parts, joined = (inner[1].split(" || "), any) if inner and " || " in inner[1] else ([], all)
    parts = parts or (inner[1].split(" && ") if inner else [pattern])
    return joined([_holds(_COMPARISON.fullmatch(one), line) for one in parts])


def _holds(comparison: re.Match[str] | None, line: object) -> bool:
    if comparison is None or comparison[1].count("*") > 1:
        raise UnknownPatternError(comparison and comparison[0])
    selector, operator, wanted = comparison.groups()
    values = [one for one in select(selector, line) if isinstance(one, str | int | float) and not isinstance(one, bool)]
    if operator == ">=":
        return any(not isinstance(one, str) and one >= float(wanted) for one in values)
    return any(_equal(wanted, one) is (operator == "=") for one in values)


def _equal(wanted: str, value: str | float) -> bool:
    if not wanted.startswith('"'):
        return value == float(wanted)
    text = wanted[1:-1]
    if "*" in text.strip("*"):
        raise UnknownPatternError(wanted)
    anything = ".*" if text.endswith("*") else ""
    before = ".*" if text.startswith("*") and len(text) > 1 else ""
    return re.fullmatch(f"{before}{re.escape(text.strip('*'))}{anything}", str(value), re.DOTALL) is not None


def select(selector: str, line: object) -> Iterator[object]:
    """Return what a selector such as `$.audit.policies[*]` finds, which may be nothing."""
    found: list[object] = [line]
    for name, index in re.findall(r"\.(\w+)(?:\[(\*|\d+)\])?", selector):
        found = [one[name] for one in found if isinstance(one, dict) and name in one]
        if index:
            lists = [one for one in found if isinstance(one, list)]
            found = [item for one in lists for item in (one if index == "*" else one[int(index) : int(index) + 1])]
    return iter(found)
