"""The template that `sam local invoke` gets: as built, but for what only a laptop needs."""

import copy
from pathlib import Path
from typing import Any

import pytest

from localaws import example, template
from localaws.container import endpoint, stack

FOLDER = Path("/build")
ENDPOINT = "http://192.0.2.1:5000"
REDIRECTED = {f"AWS_ENDPOINT_URL_{service}" for service in ("SAGEMAKER", "SSM", "STS")}


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    return template.load(example.ROOT / "template.yaml")


@pytest.fixture(scope="module")
def local(built: dict[str, Any]) -> dict[str, Any]:
    return stack.local_template(built, FOLDER, example.environment(), ENDPOINT)


def variables(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    return found


def test_the_function_gets_the_deployed_values_and_the_stand_in(local: dict[str, Any]) -> None:
    deployed = {name: value for name, value in example.environment().items() if name != "AWS_REGION"}
    redirected = dict.fromkeys(REDIRECTED, ENDPOINT)
    assert variables(local) == deployed | redirected


def test_what_is_deployed_redirects_no_service(built: dict[str, Any], local: dict[str, Any]) -> None:
    assert variables(local).keys() - variables(built).keys() == REDIRECTED
    assert not [name for name in variables(built) if name.startswith("AWS_")]


def test_nothing_else_differs_but_where_code_and_templates_are(built: dict[str, Any], local: dict[str, Any]) -> None:
    rest = copy.deepcopy(local)
    del rest["Resources"]["Probe"]
    variables(rest).clear()
    variables(rest).update(variables(built))
    for name, resource in rest["Resources"].items():
        for uri in {"CodeUri", "ContentUri", "TemplateURL"} & resource["Properties"].keys():
            relative = built["Resources"][name]["Properties"][uri]
            assert resource["Properties"][uri] == str((FOLDER / relative).resolve())
            resource["Properties"][uri] = relative
    assert rest == built


def test_the_probe_looks_at_the_functions_own_layers(local: dict[str, Any]) -> None:
    function, probe = (local["Resources"][name]["Properties"] for name in ("Function", "Probe"))
    assert {name: probe[name] for name in ("Architectures", "Layers", "Runtime")} == {
        name: function[name] for name in ("Architectures", "Layers", "Runtime")
    }


def test_a_build_of_an_older_template_is_refused(built: dict[str, Any]) -> None:
    older = copy.deepcopy(built)
    del variables(older)["MINTING_ROLE_ARN"]
    with pytest.raises(stack.StaleBuildError, match="make build"):
        stack.local_template(older, FOLDER, example.environment(), ENDPOINT)


def test_nested_templates_are_those_that_were_built(local: dict[str, Any]) -> None:
    nested = [one["Properties"]["TemplateURL"] for one in local["Resources"].values() if "Stack" in one["Type"]]
    assert nested
    assert all(url.startswith(str(FOLDER.resolve())) for url in nested)


def test_the_api_is_told_the_endpoint_by_a_module_more(local: dict[str, Any], tmp_path: Path) -> None:
    here = copy.deepcopy(local)
    here["Resources"]["Function"]["Properties"]["CodeUri"] = str(tmp_path)
    made = stack.behind_an_endpoint(here)
    function = made["Resources"]["Function"]["Properties"]
    assert function.pop("Handler") == "endpoint.handler"
    plain, _ = here["Resources"]["Function"]["Properties"].pop("Handler")["Fn::If"][1:]
    assert plain == "studio_gate.handler.handler"
    assert made == here
    assert [path.name for path in tmp_path.iterdir()] == ["endpoint.py"]


def test_the_gate_is_told_its_first_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXECUTE_API_ENDPOINT_IDS", "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d4e5f60719")
    monkeypatch.setattr("studio_gate.handler.handler", lambda event, context: {"event": event, "context": context})
    event = {"requestContext": {"identity": {"sourceIp": "127.0.0.1", "userAgent": "curl"}}}
    identity = {"vpceId": "vpce-0a1b2c3d4e5f60718", "sourceIp": "10.20.30.40", "userAgent": "curl"}
    assert endpoint.handler(event, None) == {"event": {"requestContext": {"identity": identity}}, "context": None}
