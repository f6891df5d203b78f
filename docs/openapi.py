"""The API's document (OpenAPI 3.1), from the handler's routes, the parameters' table, the problems and the bodies."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from docs.operations import ABOUT, OPERATIONS, PARAMETERS, SCHEMES, Operation, Schema
from studio_gate.bodies import Details
from studio_gate.destinations import _PARAMETERS as LAUNCH
from studio_gate.errors import Problem
from studio_gate.events import _MOST_FIELDS
from studio_gate.handler import _BY_SESSION, _FOR_PEOPLE, _PROOFS, _ROUTES

ROOT = Path(__file__).parent.parent
_DESTINATION = "/{destination}"
_TABLE = "docs/operations.py"
_FORM, _JSON, _PAGE, _PROBLEM = (
    *("application/x-www-form-urlencoded", "application/json"),
    *("text/html; charset=utf-8", "application/problem+json"),
)
# What API Gateway answers by itself (template.yaml, GatewayResponses), and what any route may meet.
_ALWAYS = {Problem.REFUSED, Problem.THROTTLED, Problem.INTERNAL, Problem.UNAVAILABLE, Problem.OUT_OF_TIME}
_OF_MINTING = {Problem.NOT_READY, Problem.PREPARING}
_BY_GATEWAY = {Problem.REFUSED, Problem.THROTTLED, Problem.UNAVAILABLE, Problem.OUT_OF_TIME}


class UndescribedError(Exception):
    """Something of the code has no words in the document; the message says which, and where to add them."""


def openapi() -> str:
    """Return the document as JSON."""
    return json.dumps(document(), indent=1) + "\n"


def document(routes: Mapping[str, Iterable[str]] = _ROUTES, launch: Iterable[str] = tuple(LAUNCH)) -> Schema:
    """Return the document for routes with their methods and a launch's parameters.

    `UndescribedError` for a route or a parameter that docs/operations.py has no words for, or words for none.
    """
    about = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    paths = {path: {one.lower(): _operation(one, path, launch) for one in sorted(routes[path])} for path in routes}
    said = {(_key(method, path), path) for path, methods in routes.items() for method in methods}
    if stale := sorted(OPERATIONS.keys() - {key for key, _ in said}):
        raise UndescribedError(f"{', '.join(stale)}: no such route; take it out of OPERATIONS in {_TABLE}")
    asked = {name for key, path in said for name in _names(path, OPERATIONS[key], launch)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Studio Gate",
            "version": about["version"],
            "description": ABOUT,
            "license": {"name": about["license"], "identifier": about["license"]},
        },
        # Where this document is, under the stage or a domain of one's own.
        "servers": [{"url": "./"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "parameters": {name: _parameter(name) for name in sorted(asked)},
            "responses": _failures(routes),
            "headers": _HEADERS,
            "securitySchemes": dict(SCHEMES.values()),
        },
    }


def _key(method: str, path: str) -> str:
    prefix, rest = path.split("/")[1], path.removesuffix(_DESTINATION)
    return f"{method} {rest.replace(f'/{prefix}', '/{proof}', 1) if prefix in _PROOFS else rest}"


def _operation(method: str, path: str, launch: Iterable[str]) -> Schema:
    key = _key(method, path)
    if (said := OPERATIONS.get(key)) is None:
        raise UndescribedError(f"{method} {path} is not described: add {key!r} to OPERATIONS in {_TABLE}")
    made: Schema = {"operationId": _id(method, path), "summary": said.summary, "security": _security(path, said)}
    if asked := _names(path, said, launch):
        made["parameters"] = [_ref("parameters", name) for name in asked]
    if said.form is not None:
        made["requestBody"] = {"required": True, "content": {_FORM: {"schema": _form(said.form)}}}
    made["responses"] = _responses(path, said)
    return made


def _form(fields: tuple[str, ...]) -> Schema:
    """Return the schema of a form; fields that nobody knows are ignored, as far as there are not too many."""
    known = {name: {"description": _words(name)[1], **_words(name)[0]} for name in fields}
    others = {"type": "string"}
    return {"type": "object", "properties": known, "additionalProperties": others, "maxProperties": _MOST_FIELDS}


def _id(method: str, path: str) -> str:
    words = path.replace("{", "").replace("}", "").replace(".", "/").split("/")
    return "_".join(filter(None, (method.lower(), *words[1:])))


def _security(path: str, said: Operation) -> list[dict[str, list[str]]]:
    prefix = path.split("/")[1]
    if prefix in _PROOFS:
        if prefix not in SCHEMES:
            raise UndescribedError(f"/{prefix} has no security scheme: add {prefix!r} to SCHEMES in {_TABLE}")
        return [{SCHEMES[prefix][0]: []}]
    return [{said.proof.removesuffix("?"): []}, *([{}] if said.proof.endswith("?") else [])] if said.proof else []


def _words(name: str) -> tuple[Schema, str, object]:
    if name not in PARAMETERS:
        raise UndescribedError(f"the parameter {name} is not described: add {name!r} to PARAMETERS in {_TABLE}")
    return PARAMETERS[name]


def _names(path: str, said: Operation, launch: Iterable[str]) -> list[str]:
    """Name the parameters of a route."""
    return [
        *(["destination"] if path.endswith(_DESTINATION) else []),
        *(launch if said.query == "launch" else said.query),
    ]


def _parameter(name: str) -> Schema:
    schema, meaning, example = _words(name)
    of_path = name == "destination"
    place = {"in": "path", "required": True} if of_path else {"in": "query"}
    made = {"name": name, **place, "description": meaning, "schema": schema}
    return made if example is None else made | {"example": example}


def _problems(path: str, said: Operation) -> set[Problem]:
    """Return what can go wrong on a route, by the kind of route it is."""
    proved = path.split("/")[1] in _PROOFS or path in {"/me", *_FOR_PEOPLE}
    found = set(_ALWAYS)
    if proved:
        # What proves a caller may come from a service that answers nonsense, and say that the groups are left out.
        found |= {Problem.MALFORMED, Problem.NOT_PROVED, Problem.GROUPS_UNKNOWN, Problem.UPSTREAM_NONSENSE}
    return found | (_OF_MINTING if said.mints else set())


def _responses(path: str, said: Operation) -> Schema:
    made: Schema = {}
    if said.body is not None:
        schema = {"type": "object"} if isinstance(said.body, str) else _ref("schemas", said.body.__name__)
        made["200"] = _response("Done", [], {_JSON: {"schema": schema}})
    if said.page:
        made["200"] = _response("A page", ["Content-Security-Policy", "Vary", "Set-Cookie"], {_PAGE: _HTML})
    if said.sees is not None:
        made[str(said.sees)] = _response("Elsewhere", ["Location", *(["Set-Cookie"] if path in _FOR_PEOPLE else [])])
    for kinds in _by_status(_problems(path, said)):
        made[str(kinds[0].status)] = _ref("responses", _failure_name(kinds, people=path in _FOR_PEOPLE))
    return dict(sorted((made | {"414": _ref("responses", "TooLong")}).items()))


def _by_status(found: set[Problem]) -> list[list[Problem]]:
    statuses = sorted({one.status for one in found})
    return [[one for one in Problem if one in found and one.status == status] for status in statuses]


def _failure_name(kinds: list[Problem], *, people: bool) -> str:
    words = "-or-".join(one.slug for one in kinds).split("-")
    return "".join(word.capitalize() for word in words) + ("Page" if people else "")


def _failures(routes: Mapping[str, Iterable[str]]) -> Schema:
    """Return the responses that several routes share, each once."""
    made = {
        "TooLong": {"description": "The path is too long", "content": {_JSON: {"schema": _ref("schemas", "Message")}}}
    }
    for path, methods in routes.items():
        for method in methods:
            for kinds in _by_status(_problems(path, OPERATIONS[_key(method, path)])):
                people = path in _FOR_PEOPLE
                made[_failure_name(kinds, people=people)] = _failure(kinds, people=people)
    return dict(sorted(made.items()))


def _failure(kinds: list[Problem], *, people: bool) -> Schema:
    """Return the response for problems of one status: where people read it as a page, but for API Gateway's own."""
    told: Schema = {
        "properties": {"type": {"enum": [one.type for one in kinds]}, "status": {"const": kinds[0].status}},
        **({"required": ["parameters"]} if kinds == [Problem.MALFORMED] else {"not": {"required": ["parameters"]}}),
    }
    as_json = {_PROBLEM: {"schema": _ref("schemas", "Details") | told}}
    waiting = [one.retry_after is not None for one in kinds]
    waits = ["Retry-After" if all(waiting) else "Retry-After?"] if any(waiting) else []
    if people:
        again = ["Refresh?"] if Problem.PREPARING in kinds else []
        by_gateway = as_json if _BY_GATEWAY.intersection(kinds) else {}
        return _response(
            kinds[0].title,
            [*waits, *again, "Content-Security-Policy?", "Vary?", "Set-Cookie"],
            {_PAGE: _HTML, **by_gateway},
        )
    asks = ["x-amzn-Remapped-WWW-Authenticate"] if kinds == [Problem.NOT_PROVED] else []
    return _response(kinds[0].title, [*waits, *asks], as_json)


def _response(description: str, headers: list[str], content: Schema | None = None) -> Schema:
    names = ["Cache-Control", "X-Content-Type-Options", "Referrer-Policy", *headers]
    made = {
        "description": description,
        "headers": {name.removesuffix("?"): _ref("headers", name.replace("?", "-if-any")) for name in names},
    }
    return made | ({"content": content} if content else {})


_HTML = {"schema": {"type": "string"}}


def _header(description: str, *, required: bool = True, **schema: Any) -> Schema:  # noqa: ANN401 - any keyword
    return {"description": description, "required": required, "schema": {"type": "string", **schema}}


_WAIT, _SECONDS = "When trying again may help, in seconds", "^[1-9][0-9]*$"
_POLICY, _PAGES_ALONE = "What a page may do", "^default-src 'none';.*frame-ancestors 'none'"
_HEADERS = {
    "Cache-Control": _header("Nothing is kept", const="no-store"),
    "X-Content-Type-Options": _header("Nothing is taken for another media type", const="nosniff"),
    "Referrer-Policy": _header("Other sites learn nothing", enum=["no-referrer", "same-origin"]),
    "Content-Security-Policy": _header(_POLICY, pattern=_PAGES_ALONE),
    "Content-Security-Policy-if-any": _header(_POLICY, required=False, pattern=_PAGES_ALONE),
    "Location": _header("Where to", format="uri"),
    "Retry-After": _header(_WAIT, pattern=_SECONDS),
    "Retry-After-if-any": _header(_WAIT, required=False, pattern=_SECONDS),
    "Refresh-if-any": _header("When the browser launches again by itself", required=False, pattern="^[0-9]+; url=/"),
    "Vary": _header("The page is in the language that is liked best", const="Accept-Language"),
    "Vary-if-any": _header("The page is in the language that is liked best", required=False, const="Accept-Language"),
    "Set-Cookie": _header("The session, or what belongs to a sign-in", required=False),
    "x-amzn-Remapped-WWW-Authenticate": _header(
        "The proof that is missing (RFC 9110, section 11.6.1), as API Gateway passes it on",
        pattern=f"^({'|'.join(challenge for _, challenge in (*_PROOFS.values(), _BY_SESSION))})",
    ),
}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _schemas() -> Schema:
    """Return the bodies' schemas. They are closed, so that a member that is not here is noticed."""
    types = {one.body for one in OPERATIONS.values() if isinstance(one.body, type)} | {Details}
    inputs = [(one.__name__, "serialization", TypeAdapter(one)) for one in types]
    _, made = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    found = dict(made["$defs"])
    found["Details"]["properties"]["type"]["enum"] = [one.type for one in Problem]
    found["Message"] = {
        "type": "object",
        "description": "What API Gateway says where no API is asked.",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    }
    for name, schema in found.items():
        if schema.get("type") == "object" and name != "Message":
            schema["additionalProperties"] = False
        for member in [schema, *schema.get("properties", {}).values()]:
            # pydantic's, made of the name.
            member.pop("title", None)
    return dict(sorted(found.items()))
