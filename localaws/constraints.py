"""The parameter checks of AWS's own front end, read from the service model that botocore carries.

botocore's client checks types, required members, lengths and ranges before it sends; it checks no pattern, no
enum and no maximum. AWS checks all of them, so a stand-in that does not would accept what AWS refuses.
"""

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby

from botocore.model import ListShape, Shape, StringShape, StructureShape
from moto.core.utils import get_service_model

_JSON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "structure": Mapping,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def problem(service: str, operation: str, parameters: Mapping[str, object]) -> str | None:
    """Return the message AWS would refuse these parameters with, or None where its model allows them.

    Raises TypeError where a value has the wrong JSON type; AWS answers that before any other check.
    """
    shape = get_service_model(service).operation_model(operation).input_shape
    found = tuple(_violations(shape, parameters, "")) if shape else ()
    if not found:
        return None
    return f"{len(found)} validation {'error' if len(found) == 1 else 'errors'} detected: {'; '.join(found)}"


def known(service: str, operation: str, sent: Mapping[str, object]) -> dict[str, object]:
    """Keep what AWS would read of a JSON body: unknown members and nulls are as if they were not there."""
    shape = get_service_model(service).operation_model(operation).input_shape
    members = shape.members if isinstance(shape, StructureShape) else {}
    return {name: sent[name] for name in members if sent.get(name) is not None}


def _violations(shape: Shape, value: object, at: str) -> Iterator[str]:
    expected = _JSON_TYPES.get(shape.type_name, object)
    # bool is an int to Python, not to JSON.
    if not isinstance(value, expected) or (isinstance(value, bool) and shape.type_name != "boolean"):
        message = f"{type(value).__name__} can not be converted to {shape.type_name} at '{at}'"
        raise TypeError(message)
    for constraint in _broken(shape, value):
        yield f"Value '{value}' at '{at}' failed to satisfy constraint: {constraint}"
    yield from _inner_violations(shape, value, at)


# Structures and lists are all that nest in the calls answered here; no map does.
def _inner_violations(shape: Shape, value: object, at: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in shape.members.items():
            where = f"{at}.{_camel(name)}" if at else _camel(name)
            if value.get(name) is not None:
                yield from _violations(member, value[name], where)
            elif name in shape.required_members:
                yield f"Value at '{where}' failed to satisfy constraint: Member must not be null"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for position, item in enumerate(value, start=1):
            yield from _violations(shape.member, item, f"{at}.{position}.member")


def _broken(shape: Shape, value: object) -> Iterator[str]:
    limits = shape.metadata
    if isinstance(value, str | list):
        yield from _out_of_bounds("length", len(value), limits)
    elif isinstance(value, int | float):
        yield from _out_of_bounds("value", value, limits)
    if isinstance(value, str):
        if (pattern := limits.get("pattern")) and not _compiled(pattern).fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _out_of_bounds(measure: str, size: float, limits: Mapping[str, int]) -> Iterator[str]:
    if "min" in limits and size < limits["min"]:
        yield f"Member must have {measure} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"Member must have {measure} less than or equal to {limits['max']}"


def _camel(member: str) -> str:
    return member[:1].lower() + member[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # The models are written for Java, whose `\w` is ASCII, and which knows `\p{L}` where re does not.
    return re.compile(re.sub(r"\\p\{(\w)\}", lambda found: _categories()[found[1]], pattern), re.ASCII)


@cache
def _categories() -> Mapping[str, str]:
    """Each Unicode major category, as the inside of a character class."""
    ranges: defaultdict[str, list[str]] = defaultdict(list)
    for category, run in groupby(range(sys.maxunicode + 1), lambda point: unicodedata.category(chr(point))[0]):
        points = list(run)
        ranges[category].append(f"\\U{points[0]:08x}-\\U{points[-1]:08x}")
    return {category: "".join(parts) for category, parts in ranges.items()}
