"""What a deployed stack is held against: the same template, resolved by `localaws.template`."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Json = dict[str, Any]

_COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "x-amazon-apigateway-any-method"}
# What a setting of the stage is called where it is read.
_SETTINGS = {
    "CachingEnabled": "cachingEnabled",
    "DataTraceEnabled": "dataTraceEnabled",
    "MetricsEnabled": "metricsEnabled",
    "ThrottlingBurstLimit": "throttlingBurstLimit",
    "ThrottlingRateLimit": "throttlingRateLimit",
}


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is there after a deployment, as the services' own operations tell it.

    `resources` are the stack's own: logical id, type, physical id, status. `roles` are trust and inline policies by
    logical id, `methods` are `GET /health` and the like with their authorisation, `nested` the states of its stacks.
    """

    status: str
    resources: tuple[tuple[str, str, str, str], ...]
    outputs: Mapping[str, str]
    function: Json
    methods: Mapping[str, str]
    stage: Json
    roles: Mapping[str, Json]
    nested: Mapping[str, str]


def stack(deployed: Deployed, _: Json, __: Json) -> list[str]:
    """Say which of the stack and those nested in it is not complete."""
    states = {"the stack": deployed.status, **deployed.nested}
    return [f"{name} is {status}" for name, status in states.items() if status not in _COMPLETE]


def resources(deployed: Deployed, expected: Json, _: Json) -> list[str]:
    """Say of which types there are fewer or more complete resources than the template has."""
    wanted = Counter(one["Type"] for one in expected.values())
    found = Counter(kind for _, kind, _, status in deployed.resources if status in _COMPLETE)
    return [f"{found[kind]} of {wanted[kind]} {kind}" for kind in {*wanted, *found} if found[kind] != wanted[kind]]


def outputs(deployed: Deployed, _: Json, source: Json) -> list[str]:
    """Say which output without a condition is missing, and which is empty."""
    wanted = {name for name, one in source["Outputs"].items() if "Condition" not in one}
    empty = {name for name, value in deployed.outputs.items() if not value}
    return [f"no {name}" for name in sorted((wanted - deployed.outputs.keys()) | empty)]


def function(deployed: Deployed, expected: Json, _: Json) -> list[str]:
    """Say where the function has another handler, runtime, machine, limit, variable or number of layers."""
    wanted = _only(expected, "AWS::Lambda::Function")
    names = ("Architectures", "FunctionName", "Handler", "MemorySize", "Runtime", "Timeout")
    wrong = [f"{name} {deployed.function.get(name)}" for name in names if deployed.function.get(name) != wanted[name]]
    have = deployed.function.get("Environment", {}).get("Variables", {})
    if have != wanted["Environment"]["Variables"]:
        wrong.append(f"variables {sorted(have.items() ^ wanted['Environment']['Variables'].items())}")
    if len(deployed.function.get("Layers", [])) != len(wanted["Layers"]):
        wrong.append(f"{len(deployed.function.get('Layers', []))} layers")
    return wrong


def methods(deployed: Deployed, expected: Json, _: Json) -> list[str]:
    """Say which method is missing, is one too many, or has another authorisation."""
    paths = _only(expected, "AWS::ApiGateway::RestApi")["Body"]["paths"]
    wanted = {
        f"{method.upper()} {path}": "AWS_IAM" if "AWS_IAM" in str(operation) else "NONE"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in _METHODS
    }
    return [f"{key}: {deployed.methods.get(key)}" for key in sorted(_differing(deployed.methods, wanted))]


def stage(deployed: Deployed, expected: Json, _: Json) -> list[str]:
    """Say which setting of the one stage differs, of which method: throttling, caching, what is written down."""
    wanted = _only(expected, "AWS::ApiGateway::Stage")
    found = {key.lstrip("/"): settings for key, settings in deployed.stage.get("methodSettings", {}).items()}
    wrong = []
    for one in wanted["MethodSettings"]:
        method = f"{one['ResourcePath'].lstrip('/')}/{one['HttpMethod']}".lstrip("/")
        have = found.pop(method, {})
        named = {_SETTINGS[name]: value for name, value in one.items() if name in _SETTINGS}
        wrong += [
            f"{method}: {name} {have.get(name)}" for name, value in named.items() if not _alike(have.get(name), value)
        ]
    wrong += [f"{method} is set" for method in sorted(found)]
    return wrong if deployed.stage.get("stageName") == wanted["StageName"] else [*wrong, "another stage"]


def roles(deployed: Deployed, expected: Json, _: Json) -> list[str]:
    """Say whose trust or inline policies are not, word for word, those that the tests evaluate."""
    made = {name: one["Properties"] for name, one in expected.items() if one["Type"] == "AWS::IAM::Role"}
    wanted = {
        name: {"trust": one["AssumeRolePolicyDocument"]}
        | {policy["PolicyName"]: policy["PolicyDocument"] for policy in one["Policies"]}
        for name, one in made.items()
    }
    # CloudFormation makes up the names of what the template does not name.
    made_up = [(physical, logical) for logical, kind, physical, _ in deployed.resources if kind == "AWS::IAM::Role"]
    text = json.dumps({name: dict(one) for name, one in deployed.roles.items()})
    for physical, logical in made_up:
        if physical.endswith(logical) or f"-{logical}-" in physical:
            text = text.replace(physical, f"studio-gate-{logical}")
    return [f"{name} differs" for name in sorted(_differing(json.loads(text), wanted))]


# What is looked at, in this order.
CHECKS: dict[str, Callable[[Deployed, Json, Json], list[str]]] = {
    "the stack is complete": stack,
    "every resource of the template is there": resources,
    "every output has a value": outputs,
    "the function is as the template says": function,
    "the API has the template's methods, each with its authorisation": methods,
    "the stage throttles, and keeps nothing": stage,
    "the roles' policies are those that the tests evaluate": roles,
}


def _only(expected: Json, kind: str) -> Json:
    (found,) = (one["Properties"] for one in expected.values() if one["Type"] == kind)
    made: Json = found
    return made


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _alike(found: object, wanted: object) -> bool:
    """Tell whether a setting is what the template says, where a number parameter is a text."""
    return str(found) == str(wanted) or (isinstance(found, int | float) and str(wanted) in {f"{found:g}", f"{found}"})
