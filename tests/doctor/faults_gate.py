"""What can be wrong with a gate's API and function: a row each."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends

from tests.doctor.faults_network import Row
from tests.doctor.nets import ACCOUNT, REGION, STACK, World
from tests.doctor.world import every, log, policy_of, put_policy

type Change = Callable[[World], Any]
_GROUP = f"/aws/lambda/{STACK}"
_RESEARCH = "d-research01234"
_KEYS = "/studio-gate/sealing-keys"


def _named(name: str) -> Callable[[World], str]:
    return lambda _: name


def _api(world: World) -> str:
    return world.api


def _update_api(*operations: Mapping[str, str]) -> Change:
    return lambda world: world.client("apigateway").update_rest_api(restApiId=world.api, patchOperations=[*operations])


def _update_stage(path: str, value: str) -> Change:
    change = [{"op": "replace", "path": path, "value": value}]
    return lambda world: world.client("apigateway").update_stage(
        restApiId=world.api, stageName="gate", patchOperations=change
    )


def _policy(change: Callable[[World, dict[str, Any]], object]) -> Change:
    def changed(world: World) -> None:
        document = json.loads(policy_of(world))
        change(world, document)
        put_policy(world, json.dumps(document))

    return changed


def _of_another(_: World, document: dict[str, Any]) -> None:
    document["Statement"][0]["Condition"]["StringNotEquals"]["aws:SourceVpce"] = ["vpce-0bad"]


def _qualifier(world: World) -> dict[str, str]:
    """Return how Lambda is asked for what requests go to, which is an alias where the template has one."""
    return {"Qualifier": "live"} if every(world, "AWS::Lambda::Alias") else {}


def _no_permission(world: World) -> None:
    client = world.client("lambda")
    place = {"FunctionName": STACK} | _qualifier(world)
    for one in json.loads(client.get_policy(**place)["Policy"])["Statement"]:
        client.remove_permission(**place, StatementId=one["Sid"])


API = {
    "an API that somebody deleted": Row(
        "api-missing", _api, lambda world: world.client("apigateway").delete_rest_api(restApiId=world.api)
    ),
    "an API for the internet": Row(
        "api-not-private",
        _api,
        _update_api({"op": "replace", "path": "/endpointConfiguration/types/PRIVATE", "value": "REGIONAL"}),
    ),
    "a resource policy for another endpoint": Row(
        "api-policy-refuses-endpoint",
        lambda world: world.endpoints["execute-api"],
        _policy(_of_another),
    ),
    "a resource policy without its Deny": Row(
        "api-policy-open-elsewhere", _api, _policy(lambda _, document: document["Statement"].pop(0))
    ),
    "an endpoint that the API does not know": Row(
        "api-endpoint-not-associated",
        lambda world: world.endpoints["execute-api"],
        lambda world: world.says.update(
            {"apigateway:GetRestApi": lambda api: api["endpointConfiguration"].update(vpcEndpointIds=["vpce-0bad"])}
        ),
    ),
    "an API without its stage": Row(
        "stage-missing",
        _api,
        lambda world: world.client("apigateway").delete_stage(restApiId=world.api, stageName="gate"),
    ),
    "a stage with data trace": Row("stage-keeps-urls", _named("gate"), _update_stage("/*/*/logging/dataTrace", "true")),
    "a stage with a cache": Row("stage-keeps-urls", _named("gate"), _update_stage("/cacheClusterEnabled", "true")),
    "an API that may not call the function": Row("api-may-not-invoke", _named(STACK), _no_permission),
}


def _held(**values: object) -> Change:
    def changed(world: World) -> None:
        for key, value in values.items():
            setattr(lambda_backends[ACCOUNT.id][REGION].get_function(STACK, *_qualifier(world).values()), key, value)

    return changed


def _configure(**values: Any) -> Change:  # noqa: ANN401 - as Lambda takes them
    """Change the function, and let requests go to what it is now."""

    def changed(world: World) -> None:
        functions = world.client("lambda")
        functions.update_function_configuration(FunctionName=STACK, **values)
        if _qualifier(world):
            version = functions.publish_version(FunctionName=STACK)["Version"]
            functions.update_alias(FunctionName=STACK, Name="live", FunctionVersion=version)

    return changed


def _another_environment(world: World) -> None:
    had = world.client("lambda").get_function_configuration(FunctionName=STACK)["Environment"]["Variables"]
    _configure(Environment={"Variables": had | {"CONFIG_SOURCE": "appconfig:aaaa/bbbb/cccc"}})(world)


def _other_wheels(world: World) -> None:
    content = {"ZipFile": b"PK\x05\x06" + bytes(18)}
    name = f"{STACK}-dependencies-x86-64"
    layer = world.client("lambda").publish_layer_version(LayerName=name, Content=content)
    _configure(Layers=[layer["LayerVersionArn"]])(world)


def _logged(text: str) -> Change:
    return lambda world: log(world, text)


FUNCTION = {
    "a function that somebody deleted": Row(
        "function-missing",
        _named(STACK),
        lambda world: world.client("lambda").delete_function(FunctionName=STACK),
        blind=True,
    ),
    "a function without network interfaces": Row("function-not-active", _named(STACK), _held(state="Failed")),
    "an update that failed": Row(
        "function-not-updated",
        _named(STACK),
        lambda world: world.says.update(
            {"lambda:GetFunctionConfiguration": lambda told: told.update(LastUpdateStatus="Failed")}
        ),
    ),
    "a function that is switched off": Row(
        "function-off",
        _named(STACK),
        lambda world: world.client("lambda").put_function_concurrency(
            FunctionName=STACK, ReservedConcurrentExecutions=0
        ),
    ),
    "a function in one subnet": Row(
        "function-network-differs",
        _named(STACK),
        lambda world: _configure(
            VpcConfig={"SubnetIds": world.subnets[:1], "SecurityGroupIds": [world.groups["function"]]}
        )(world),
    ),
    "a function with another configuration": Row("environment-differs", _named(STACK), _another_environment),
    "a function without its layer": Row("layer-missing", _named(STACK), _configure(Layers=[])),
    "a layer of the other architecture": Row("layer-of-another-architecture", _named(STACK), _other_wheels),
    "a log group that somebody deleted": Row(
        "log-group-missing", _named(_GROUP), lambda world: world.client("logs").delete_log_group(logGroupName=_GROUP)
    ),
    "a function that times out": Row(
        "function-crashes", _named(_GROUP), _logged("2026-11-24T09:00:00Z 1f Task timed out after 10.01 seconds")
    ),
    "a function that does not start": Row(
        "function-crashes", _named(_GROUP), _logged("INIT_REPORT Init Duration: 90 ms Phase: init Status: error")
    ),
    "secrets that cannot be reached": Row(
        "requests-fail",
        _named(_GROUP),
        _logged('{"audit": {"status": 503, "outcome": "unavailable", "reason": "secret-unreachable"}}'),
    ),
}

ROWS = API | FUNCTION
