"""What runs: the function in the VPC, its layer, its log group, and who may invoke it."""

import importlib.util
import re
from pathlib import Path

import pytest

from studio_gate.config import read_deployment
from studio_gate.errors import ConfigError
from studio_gate.handler import _ROUTES
from studio_gate.upstream import _BUDGET, _FUNCTION_RESERVE
from tests.stack.given import IN_CHINA
from tests.stack.stacks import HERE, ROOT, VARIANTS, Guarantee, Stack, variant

# In seconds; "Amazon API Gateway quotas", integration timeout of a REST API.
INTEGRATION_TIMEOUT = 29
ONE_PARTITION = "environment: Studio's host is only known in the partition aws"
LAYERS = {"arm64": "DependenciesArm64", "x86_64": "DependenciesX8664"}


def in_the_vpc(stack: Stack) -> None:
    assert stack.function.get("VpcConfig") == {
        "SubnetIds": stack.listed("SubnetIds"),
        "SecurityGroupIds": stack.listed("SecurityGroupIds"),
    }


def environment(stack: Stack) -> None:
    """By the gate's own reader, so that a value it would refuse, or another name, is found here."""
    variables = dict(stack.function["Environment"]["Variables"])
    # Read by pydantic, and by nobody (template.yaml says what it is for).
    assert variables.pop("PYDANTIC_DISABLE_PLUGINS", None) == "__all__"
    told = ("ProfileExecutionRoleArns", "Network", "Zones")
    assert variables.pop("PUBLISHED_WITH", None) == ";".join(stack.parameters[name] for name in told)
    # AWS_ENDPOINT_URL* would send signed calls elsewhere; the rest is Lambda's to set.
    assert [name for name in variables if name.startswith("AWS_")] == []
    try:
        deployment = read_deployment(variables | {"AWS_REGION": stack.account.region})
    except ConfigError as refusal:
        # Its last check, so nothing else is wrong with them; the template itself goes by AWS::Partition.
        assert (str(refusal), stack.account.partition != HERE.partition) == (ONE_PARTITION, True)  # noqa: PT017 - or none
        return
    minting = (stack.parameters["SageMakerApiEndpointId"], stack.parameters["StudioEndpointId"])
    assert deployment.execute_api_endpoint_ids == tuple(stack.listed("ExecuteApiEndpointIds"))
    assert deployment.minting_endpoint_ids == minting
    assert deployment.minting_role_arn == stack.role_arn(f"{stack.account.stack_name}-minting")
    assert deployment.directory_role_arn == stack.role_arn(f"{stack.account.stack_name}-directory")
    makes = bool(stack.listed("ProfileExecutionRoleArns"))
    making = stack.role_arn(f"{stack.account.stack_name}-profile-making")
    assert deployment.making_role_arn == (making if makes else None)
    assert deployment.partition == stack.account.partition
    assert deployment.config_source == (stack.parameters["ConfigSource"] or None)
    assert deployment.config_longest_age == int(stack.parameters["ConfigLongestAge"])
    # Lambda sets the region.
    assert len(variables) == len(type(deployment).model_fields) - (1 if makes else 2)


def time_to_answer(stack: Stack) -> None:
    timeout = stack.function["Timeout"]
    assert _BUDGET + _FUNCTION_RESERVE < timeout < INTEGRATION_TIMEOUT


def own_log_group(stack: Stack) -> None:
    function = stack.function
    name = stack.every("AWS::Logs::LogGroup")["FunctionLogs"]["LogGroupName"]
    # Where Lambda writes by itself, and where it is told to.
    assert name == f"/aws/lambda/{function['FunctionName']}"
    assert function.get("LoggingConfig") == {"LogGroup": name}


def retention(stack: Stack) -> None:
    for group in stack.every("AWS::Logs::LogGroup").values():
        assert int(group.get("RetentionInDays", 0)) == int(stack.parameters["LogRetentionDays"]) > 0


def logs_outlive(stack: Stack) -> None:
    for name in stack.every("AWS::Logs::LogGroup"):
        group = stack.source["Resources"][name]
        assert (group.get("DeletionPolicy"), group.get("UpdateReplacePolicy")) == ("Retain", "Retain")


def layer_of_its_architecture(stack: Stack) -> None:
    function = stack.function
    architecture = stack.parameters["Architecture"]
    layers = {
        f"{stack.account.stack_name}-{name}": one for name, one in stack.every("AWS::Lambda::LayerVersion").items()
    }
    given = [layers[reference] for reference in function["Layers"]]
    assert function["Architectures"] == [architecture]
    assert [layer["CompatibleArchitectures"] for layer in given] == [[architecture]]
    assert [layer["CompatibleRuntimes"] for layer in given] == [[function["Runtime"]]]


def layers_built_for_theirs(stack: Stack) -> None:
    layers = {k: v for k, v in stack.source["Resources"].items() if v["Type"] == "AWS::Serverless::LayerVersion"}
    assert layers.keys() == set(LAYERS.values())
    for architecture, name in LAYERS.items():
        assert layers[name]["Metadata"] == {"BuildMethod": "makefile", "BuildArchitecture": architecture}
        assert layers[name]["Properties"]["CompatibleArchitectures"] == [architecture]
        assert layers[name]["Properties"]["ContentUri"] == "layers/dependencies"


def invoked_by_its_routes(stack: Stack) -> None:
    api = stack.only("AWS::ApiGateway::Stage")["RestApiId"]
    asked = [
        method + "/".join("*" if part.startswith("{") else part for part in path.split("/"))
        for path, methods in _ROUTES.items()
        for method in methods
    ]
    expected = [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": stack.arn("lambda", f"function:{stack.function['FunctionName']}:live"),
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": stack.arn("execute-api", f"{api}/*/{one}"),
        }
        for one in asked
    ]
    permissions = stack.every("AWS::Lambda::Permission")
    # Secrets Manager invokes the other function; a guarantee of its own says how.
    permissions.pop("RotationPermission", None)
    assert sorted(permissions.values(), key=str) == sorted(expected, key=str)


def traced(stack: Stack) -> None:
    """X-Ray is not to be had in China."""
    traced = stack.account.partition != IN_CHINA.partition
    assert stack.function.get("TracingConfig") == {"Mode": "Active" if traced else "PassThrough"}
    assert stack.only("AWS::ApiGateway::Stage").get("TracingEnabled") is traced


def code_that_exists(stack: Stack) -> None:
    version = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
    for logical_id, function in stack.every("AWS::Lambda::Function").items():
        name, _, attribute = function["Handler"].rpartition(".")
        shipped = ROOT / stack.source["Resources"][logical_id]["Properties"]["CodeUri"]
        # Not imported: one of them makes its gate when it is.
        found = importlib.util.find_spec(name)
        assert found is not None
        assert Path(str(found.origin)).is_relative_to(shipped)
        assert re.search(rf"(?m)^def {attribute}\(|^from .*\b{attribute}\b", Path(str(found.origin)).read_text("utf-8"))
        assert function["Runtime"] == f"python{version}"


GUARANTEES: dict[str, Guarantee] = {
    "the function runs in the given subnets and security groups": in_the_vpc,
    "the environment is what the gate reads, and nothing of AWS's own": environment,
    "the function outlasts the gate's budget, and API Gateway outlasts the function": time_to_answer,
    "the log group is the one that Lambda writes to": own_log_group,
    "the logs are kept for the given days": retention,
    "the logs outlive the stack": logs_outlive,
    "the function gets the layer of its own architecture and runtime": layer_of_its_architecture,
    "each layer is built by make, for the architecture it names": layers_built_for_theirs,
    "the function is invoked by this API's own routes alone": invoked_by_its_routes,
    "function and stage are traced, where there is X-Ray": traced,
    "each handler is a function of the shipped code, run by its own Python": code_that_exists,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_function(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
