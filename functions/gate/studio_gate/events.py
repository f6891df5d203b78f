"""What a REST API's event says of headers and forms, all of which is the sender's word."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from studio_gate.errors import GateError, InvalidParameter, Problem, malformed

NO_EVENT = "not-an-event-of-the-private-api"
_MOST_FIELDS = 16


def headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return all values of each header by its name in lower case; `GateError` 403 for headers of another shape."""
    given, found = event.get("multiValueHeaders") or {}, dict[str, list[str]]()
    if not isinstance(given, dict):
        raise GateError(Problem.REFUSED, NO_EVENT)
    for name, values in given.items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise GateError(Problem.REFUSED, NO_EVENT)
        found.setdefault(name.lower(), []).extend(values)
    return found


def form(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a form; one that is given twice is none. `GateError` 400 for another body."""
    body = event.get("body") or ""
    is_form = headers(event).get("content-type") == ["application/x-www-form-urlencoded"]
    if not is_form or not isinstance(body, str):
        raise malformed(InvalidParameter("body", "must be a form"))
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") is True else body.encode()
        text = raw.decode("ascii")
        fields = parse_qs(text, strict_parsing=bool(raw), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise malformed(InvalidParameter("body", "must be a form")) from error
    return {name: values[0] for name, values in fields.items() if len(values) == 1}
