"""How the function starts, how a new version of it takes over, and the keys and boundaries of an account's owner."""

import pytest

from studio_gate.handler import _ROUTES
from tests.stack.stacks import HERE, VARIANTS, Guarantee, Json, Stack, inline, statements, variant
from tests.stack.test_roles import role

# In milliseconds; the gate's budget (upstream.py) is 8 s.
SLOW = 5000
ROLLS_BACK = ["VersionErrors", "VersionSlow", "ApiFaults"]


def _name(stack: Stack) -> str:
    return stack.account.stack_name


def starts_as_chosen(stack: Stack) -> None:
    start, commercial = stack.parameters["Start"], stack.account.partition == HERE.partition
    module = "handler" if start == "plain" else "primed"
    assert stack.function["Handler"] == f"studio_gate.{module}.handler"
    snapshot = {"ApplyOn": "PublishedVersions"} if start == "snapstart" and commercial else None
    assert stack.function.get("SnapStart") == snapshot
    waiting = stack.parameters["ProvisionedConcurrency"]
    given = {"ProvisionedConcurrentExecutions": waiting} if start == "provisioned" else None
    assert stack.only("AWS::Lambda::Alias").get("ProvisionedConcurrencyConfig") == given


def reserved_as_chosen(stack: Stack) -> None:
    reserved = stack.parameters["ReservedConcurrency"]
    assert stack.function.get("ReservedConcurrentExecutions") == (reserved if reserved != "0" else None)


def alias_at_a_version(stack: Stack) -> None:
    alias = stack.only("AWS::Lambda::Alias")
    assert {key: alias.get(key) for key in ("Name", "FunctionName", "FunctionVersion")} == {
        "Name": "live",
        "FunctionName": _name(stack),
        "FunctionVersion": "1",
    }
    assert stack.only("AWS::Lambda::Version")["FunctionName"] == _name(stack)


def layer_makes_a_version(stack: Stack) -> None:
    (layer,) = stack.function["Layers"]
    assert stack.only("AWS::Lambda::Version").get("Description") == layer


def never_a_code_key(stack: Stack) -> None:
    assert "SourceKMSKeyArn" not in stack.function["Code"]


def deployed_as_chosen(stack: Stack) -> None:
    group = stack.only("AWS::CodeDeploy::DeploymentGroup")
    assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{stack.parameters['Deployment']}"
    assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
    assert group["ServiceRoleArn"] == stack.role_arn(f"{_name(stack)}-DeploymentRole")


def alarms_take_back(stack: Stack) -> None:
    group = stack.only("AWS::CodeDeploy::DeploymentGroup")
    alarms = [{"Name": f"{_name(stack)}-{name}"} for name in ROLLS_BACK]
    assert group.get("AlarmConfiguration") == {"Enabled": True, "Alarms": alarms}
    rollback = group["AutoRollbackConfiguration"]
    assert rollback["Enabled"] is True
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(rollback["Events"])
    for name in ROLLS_BACK:
        alarm = stack.every("AWS::CloudWatch::Alarm")[name]
        # Nobody asked, nothing wrong: a deployment at night must not be taken back.
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
        # Within the shortest of the canaries.
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= 180


def alarms_on_the_new_version(stack: Stack) -> None:
    alarms = stack.every("AWS::CloudWatch::Alarm")
    version = {"FunctionName": _name(stack), "Resource": f"{_name(stack)}:live", "ExecutedVersion": "1"}
    for name in ("VersionErrors", "VersionSlow"):
        assert alarms[name]["Namespace"] == "AWS/Lambda"
        assert _dimensions(alarms[name]) == version
    errors, slow = alarms["VersionErrors"], alarms["VersionSlow"]
    assert (errors["MetricName"], errors["Statistic"], errors["Threshold"]) == ("Errors", "Sum", 1)
    assert (slow["MetricName"], slow["ExtendedStatistic"], slow["Threshold"]) == ("Duration", "p99", SLOW)


def alarm_on_the_api(stack: Stack) -> None:
    faults, api = stack.every("AWS::CloudWatch::Alarm")["ApiFaults"], stack.only("AWS::ApiGateway::RestApi")
    assert (faults["Namespace"], faults["MetricName"], faults["Statistic"]) == ("AWS/ApiGateway", "5XXError", "Average")
    assert _dimensions(faults) == {"ApiName": api["Name"], "Stage": stack.only("AWS::ApiGateway::Stage")["StageName"]}
    # Half of the canary's tenth.
    assert 0 < faults["Threshold"] <= 0.05


def _dimensions(alarm: Json) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in alarm["Dimensions"]}


def deployment_moves_the_alias(stack: Stack) -> None:
    own = role(stack, "DeploymentRole")
    function = stack.arn("lambda", f"function:{_name(stack)}")
    move = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    assert inline(own) == [
        {"Effect": "Allow", "Action": move, "Resource": [function, f"{function}:live"]},
        {"Effect": "Allow", "Action": ["cloudwatch:DescribeAlarms"], "Resource": [stack.arn("cloudwatch", "alarm:*")]},
    ]
    assert statements(own["AssumeRolePolicyDocument"]) == [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["codedeploy.amazonaws.com"]},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": {"aws:SourceAccount": [stack.account.id]}},
        }
    ]


def everywhere(resources: Json, kind: str) -> Json:
    """What there is of a type, in nested stacks too, by their names and its own."""
    found = {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}
    for name, one in resources.items():
        nested = everywhere(one.get("Resources", {}), kind)
        found |= {f"{name}/{inner}": properties for inner, properties in nested.items()}
    return found


def bounded(stack: Stack) -> None:
    """Whoever makes the roles, SAM too: one without a boundary is one that the account's owner may not have allowed."""
    boundary = stack.parameters["PermissionsBoundaryArn"] or None
    roles = everywhere(stack.resources, "AWS::IAM::Role")
    assert {name: one.get("PermissionsBoundary") for name, one in roles.items()} == dict.fromkeys(roles, boundary)


def encrypted(stack: Stack) -> None:
    assert stack.function.get("KmsKeyArn") == (stack.parameters["EnvironmentKeyArn"] or None)
    groups = everywhere(stack.resources, "AWS::Logs::LogGroup")
    key = stack.parameters["LogsKeyArn"] or None
    assert {name: one.get("KmsKeyId") for name, one in groups.items()} == dict.fromkeys(groups, key)


def every_route_by_the_alias(stack: Stack) -> None:
    paths = stack.only("AWS::ApiGateway::RestApi")["Body"]["paths"]
    assert paths.keys() == _ROUTES.keys()
    uris = {one["x-amazon-apigateway-integration"]["uri"] for methods in paths.values() for one in methods.values()}
    (uri,) = uris
    assert uri.endswith(f"{stack.arn('lambda', f'function:{_name(stack)}:live')}/invocations")


GUARANTEES: dict[str, Guarantee] = {
    "the function starts as chosen, from a snapshot in commercial regions alone": starts_as_chosen,
    "the function has the concurrency that is reserved for it": reserved_as_chosen,
    "the alias is at a published version": alias_at_a_version,
    "every route leads to the alias": every_route_by_the_alias,
    "other wheels make another version": layer_makes_a_version,
    "what tells SAM of a new version is no key": never_a_code_key,
    "requests are moved to a new version as chosen": deployed_as_chosen,
    "an alarm takes a new version back, and silence does not": alarms_take_back,
    "a new version is watched for crashes and slowness": alarms_on_the_new_version,
    "while it is deployed, the API is watched for 5xx": alarm_on_the_api,
    "CodeDeploy may move this alias and look at alarms, for this account alone": deployment_moves_the_alias,
    "every role has the given boundary": bounded,
    "environment and logs are encrypted with the given keys": encrypted,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_operation(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
