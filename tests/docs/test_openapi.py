"""The API's document is valid, says what the code does, and cannot be behind it."""

import json
import re
import sys
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from docs import generate, openapi, operations
from localaws import contract, example
from studio_gate import destinations
from studio_gate.errors import Problem
from studio_gate.handler import _ROUTES
from tests.conftest import Send

DOCUMENT = json.loads(contract.DOCUMENT.read_text(encoding="utf-8"))
METHODS = [(path, verb, one) for path, verbs in DOCUMENT["paths"].items() for verb, one in verbs.items()]
LAUNCH = tuple(destinations._PARAMETERS)  # noqa: SLF001 - the table that is described


def test_it_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    without_version = DOCUMENT | {"info": {"title": "Studio Gate"}}
    assert list(OpenAPIV31SpecValidator(without_version).iter_errors()) != []


def test_it_is_served_as_it_is_committed_and_to_anybody(send: Send) -> None:
    reply = send(example.event("openapi"))
    assert reply.body == contract.DOCUMENT.read_text(encoding="utf-8")
    assert (reply.headers["Content-Type"], reply.audit["caller"]) == ("application/json", None)


def test_it_has_the_routes_of_the_handler_and_no_others() -> None:
    assert {path: sorted(verb.upper() for verb in verbs) for path, verbs in DOCUMENT["paths"].items()} == {
        path: sorted(methods) for path, methods in _ROUTES.items()
    }


def test_it_is_of_this_version_and_names_nobody_s_host() -> None:
    project = tomllib.loads((example.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert DOCUMENT["info"]["version"] == project["version"]
    assert DOCUMENT["servers"] == [{"url": "./"}]
    assert "//" not in json.dumps(DOCUMENT)


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for _, _, one in METHODS]
    assert sorted(set(names)) == sorted(names)


def test_every_operation_may_meet_what_api_gateway_answers_by_itself() -> None:
    own = {str(one.status) for one in (Problem.REFUSED, Problem.THROTTLED, Problem.UNAVAILABLE, Problem.OUT_OF_TIME)}
    for _, _, one in METHODS:
        assert own <= one["responses"].keys()


def test_every_problem_can_be_met_but_for_a_method_that_api_gateway_has_not() -> None:
    told = json.dumps([DOCUMENT["paths"], DOCUMENT["components"]["responses"]])
    assert [one for one in Problem if f'"{one.type}"' not in told] == [Problem.METHOD_NOT_ALLOWED]


PROVED = {"iam": "sigv4", "jwt": "bearer", "proxy": "assertion"}


def test_the_path_decides_the_proof() -> None:
    for path, _, one in METHODS:
        proof = PROVED.get(path.split("/")[1])
        of_people = [[{"session": []}]] if path == "/me" else [[], [{"session": []}, {}]]
        assert one["security"] in ([[{proof: []}]] if proof else of_people)
    open_to_all = {path for path, _, one in METHODS if one["security"] == []}
    assert open_to_all == {"/health", "/openapi.json", "/signin/callback"}


def described(schema: dict[str, Any], value: str) -> bool:
    """Tell whether a value in a query is as a schema says; JSON Schema's `$` is the end, and no line's."""
    if schema["type"] == "integer":
        return bool(re.fullmatch("[1-9][0-9]{0,9}", value)) and schema["minimum"] <= int(value) <= schema["maximum"]
    if "enum" in schema:
        return value in schema["enum"]
    assert schema["pattern"][0] + schema["pattern"][-1] == "^$"
    fits = re.fullmatch(schema["pattern"][1:-1], value) is not None
    return fits and schema["minLength"] <= len(value) <= schema["maxLength"]


@pytest.mark.parametrize("name", LAUNCH)
@given(data=st.data())
def test_a_parameter_is_taken_exactly_as_it_is_described(name: str, data: st.DataObject) -> None:
    schema = DOCUMENT["components"]["parameters"][name]["schema"]
    near = [schema.get(one, 0) + step for one in ("minimum", "maximum") for step in (-1, 0, 1)]
    likely = st.from_regex(schema.get("pattern", "^[0-9]{1,6}$"))
    value = data.draw(st.one_of(st.text(), st.sampled_from(near).map(str), likely, likely.map(lambda one: one * 9)))
    assert (destinations._PARAMETERS[name](value) is None) == described(schema, value)  # noqa: SLF001 - as above


def test_every_example_is_one() -> None:
    for name, one in DOCUMENT["components"]["parameters"].items():
        if "example" in one:
            assert described(one["schema"], str(one["example"])), name


UNDESCRIBED = {
    "a route": (
        {**_ROUTES, "/iam/new": {"GET": None}},
        LAUNCH,
        "GET /iam/new is not described: add 'GET /{proof}/new'",
    ),
    "a route for people": (
        {**_ROUTES, "/new": {"GET": None}},
        LAUNCH,
        "GET /new is not described: add 'GET /new' to OPERATIONS",
    ),
    "a method": (
        {**_ROUTES, "/health": {"GET": None, "PUT": None}},
        LAUNCH,
        "PUT /health is not described: add 'PUT /health' to OPERATIONS in docs/operations.py",
    ),
    "a parameter": (_ROUTES, (*LAUNCH, "colour"), "colour is not described: add 'colour' to PARAMETERS in docs/op"),
    "a route that has gone": (
        {path: methods for path, methods in _ROUTES.items() if path != "/signout"},
        LAUNCH,
        "POST /signout: no such route; take it out of OPERATIONS in docs/operations.py",
    ),
}


@pytest.mark.parametrize(("routes", "launch", "message"), UNDESCRIBED.values(), ids=UNDESCRIBED.keys())
def test_what_is_not_described_fails_and_says_where_to_add_it(
    routes: dict[str, Any], launch: tuple[str, ...], message: str
) -> None:
    with pytest.raises(openapi.UndescribedError, match=re.escape(message)):
        openapi.document(routes, launch)


def test_a_prefix_without_a_scheme_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {name: scheme for name, scheme in operations.SCHEMES.items() if name != "jwt"}
    monkeypatch.setattr(openapi, "SCHEMES", kept)
    with pytest.raises(openapi.UndescribedError, match=re.escape("add 'jwt' to SCHEMES in docs/operations.py")):
        openapi.document()


def test_the_check_fails_when_the_code_has_gone_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    monkeypatch.setitem(operations.OPERATIONS, "GET /health", operations.Operation("Another"))
    assert generate.main() == 1
    assert re.findall(r"^\S+", capsys.readouterr().err, re.MULTILINE) == ["openapi.json"]
