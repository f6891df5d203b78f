"""Whether an answer is as the API's document says: what is served at `/openapi.json` is held against every answer."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from localaws import example
from localaws.gateway import answers
from localaws.gateway.messages import Response

DOCUMENT = example.ROOT / "functions" / "gate" / "studio_gate" / "openapi.json"
_CONTENT_TYPE = "content-type"


def breaches(event: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Say in what the function's answer to an event, as API Gateway passes it on, differs from the document.

    No text holds what was answered. An event of a method that the document has not, API Gateway would not have sent.
    """
    operation = _operations().get(f"{event.get('httpMethod')} {event.get('resource')}")
    if operation is None:
        return []
    passed_on = answers.response(answer)
    documented = operation["responses"].get(str(passed_on.status))
    if documented is None:
        return [f"{passed_on.status} is not in the document"]
    documented = _found(documented)
    return [*_header_breaches(documented, passed_on), *_body_breaches(documented, passed_on)]


@cache
def _document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return read


@cache
def _operations() -> dict[str, Any]:
    paths: Mapping[str, Mapping[str, Any]] = _document()["paths"]
    return {f"{verb.upper()} {path}": one for path, verbs in paths.items() for verb, one in verbs.items()}


def _found(where: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to, if it is one."""
    if "$ref" not in where:
        return where
    _, kind, name = str(where["$ref"]).removeprefix("#/").split("/")
    found: Mapping[str, Any] = _document()["components"][kind][name]
    return found


def _header_breaches(documented: Mapping[str, Any], response: Response) -> Iterator[str]:
    known = {name.lower(): _found(one) for name, one in documented.get("headers", {}).items()}
    given = {name.lower() for name, _ in response.headers}
    yield from (f"without {name}" for name, one in known.items() if one.get("required") and name not in given)
    for name, value in response.headers:
        if name.lower() == _CONTENT_TYPE:
            continue
        if name.lower() not in known:
            yield f"{name} is not in the document"
        elif not _validator(json.dumps(known[name.lower()]["schema"])).is_valid(value):
            yield f"{name} is not as in the document"


def _body_breaches(documented: Mapping[str, Any], response: Response) -> Iterator[str]:
    kinds = [value for name, value in response.headers if name.lower() == _CONTENT_TYPE]
    content = documented.get("content", {})
    if not content:
        if kinds or response.body:
            yield "a body that is not in the document"
        return
    if len(kinds) != 1 or kinds[0] not in content:
        yield f"Content-Type {kinds} is not in the document"
        return
    text = response.body.decode()
    read = json.loads(text) if kinds[0].partition(";")[0].endswith("json") else text
    for error in _validator(json.dumps(content[kinds[0]]["schema"])).iter_errors(read):
        yield f"{'/'.join(map(str, error.absolute_path)) or 'the body'} breaks {error.validator}"


@cache
def _validator(schema: str) -> Any:  # noqa: ANN401 - jsonschema has no types
    # References are to the document's components.
    whole = json.loads(schema) | {"components": _document()["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
