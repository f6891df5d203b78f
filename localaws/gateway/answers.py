"""What the function returned, as API Gateway passes it on, or why it cannot.

Source: API Gateway developer guide, "Output format of a Lambda function for proxy integration" and "important notes".
"""

import re
from collections.abc import Iterator, Mapping

from localaws.gateway.messages import Response, size
from localaws.gateway.refusals import Refusal, RefusedError

HEADER_LIMIT = 10_240

_KNOWN = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_STATUS = range(100, 600)
_REMAPPED = {"authorization", "connection", "content-length", "content-md5", "date", "host", "server", "user-agent"}
_REMAPPED |= {"www-authenticate"}
_DROPPED = {"expect", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"}


def response(returned: object) -> Response:
    """Return the response that a function's answer stands for; a malformed one is refused as a bad gateway."""
    if not isinstance(returned, Mapping) or not returned.keys() <= _KNOWN:
        raise RefusedError(Refusal.BAD_GATEWAY)
    body, encoded = returned.get("body"), returned.get("isBase64Encoded", False)
    if not isinstance(body, str | None) or not isinstance(encoded, bool):
        raise RefusedError(Refusal.BAD_GATEWAY)
    headers = tuple(_passed_on(_pairs(returned)))
    if size(headers) > HEADER_LIMIT:
        raise RefusedError(Refusal.BAD_GATEWAY)
    # No media type is binary here, so a body in base64 stays so.
    return Response(_status(returned.get("statusCode")), headers, (body or "").encode())


def _status(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[1-5][0-9]{2}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in _STATUS:
        return value
    raise RefusedError(Refusal.BAD_GATEWAY)


def _pairs(returned: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """Yield the single headers, then the multi-value ones; where both have a pair, it appears once."""
    multi = [pair for name, values in _map(returned, "multiValueHeaders") for pair in _each(name, values)]
    for name, value in _map(returned, "headers"):
        if (single := (name, _text(value))) not in multi:
            yield single
    yield from multi


def _map(returned: Mapping[object, object], key: str) -> list[tuple[str, object]]:
    found = returned.get(key)
    if found is None:
        return []
    if not isinstance(found, Mapping) or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in found):
        raise RefusedError(Refusal.BAD_GATEWAY)
    return list(found.items())


def _each(name: str, values: object) -> list[tuple[str, str]]:
    if not isinstance(values, list):
        raise RefusedError(Refusal.BAD_GATEWAY)
    return [(name, _text(value)) for value in values]


def _text(value: object) -> str:
    if not isinstance(value, str | int | float | bool):
        raise RefusedError(Refusal.BAD_GATEWAY)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not _VALUE.fullmatch(text):
        raise RefusedError(Refusal.BAD_GATEWAY)
    return text


def _passed_on(pairs: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        if name.lower() in _REMAPPED:
            yield f"x-amzn-Remapped-{name}", value
        elif name.lower() not in _DROPPED:
            yield name, value
