"""What the stage does with every request: its log, its throttles, and what API Gateway answers by itself."""

import json
import re

import pytest

from studio_gate import answer
from studio_gate.errors import GateError, Problem
from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, source, variant
from tests.stack.test_api import body, methods

# "Variables for access logging", API Gateway developer guide: of its many, those that cannot hold what a sender wrote
# into a path, a query, a header or a body, nor what an upstream said. The user's ARN ends in a session name, which has
# a grammar (STS API reference, AssumeRole). Each new one is a decision, so it is added here by hand.
LOGGABLE = {
    "context.requestId",
    "context.extendedRequestId",
    "context.requestTime",
    "context.resourcePath",
    "context.httpMethod",
    "context.status",
    "context.error.responseType",
    "context.integration.status",
    "context.integration.latency",
    "context.responseLatency",
    "context.responseLength",
    "context.identity.vpceId",
    "context.identity.sourceIp",
    "context.identity.userArn",
}
# What a launch cannot end on; everything else may mint, the way back from signing in too.
LAUNCHES_NOTHING = {
    *(("get", "/"), ("get", "/me"), ("get", "/health"), ("get", "/openapi.json"), ("get", "/signin")),
    *(("post", "/signout"), ("get", "/iam/me"), ("get", "/jwt/me"), ("get", "/proxy/me")),
}
GATEWAY_RESPONSES = {
    "DEFAULT_4XX": Problem.REFUSED,
    "THROTTLED": Problem.THROTTLED,
    "QUOTA_EXCEEDED": Problem.THROTTLED,
    "DEFAULT_5XX": Problem.UNAVAILABLE,
    "INTEGRATION_TIMEOUT": Problem.OUT_OF_TIME,
}
# "Gateway response types for API Gateway": the status without a template, and the problem that ours makes of it. What
# is wrong with a request that API Gateway refuses is nobody's to learn, so every such 4XX is the one refusal; there are
# no authorizers, keys, validators or models, whose types never come.
EVERY_TYPE = {
    "ACCESS_DENIED": (403, Problem.REFUSED),
    "API_CONFIGURATION_ERROR": (500, Problem.UNAVAILABLE),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, Problem.UNAVAILABLE),
    "AUTHORIZER_FAILURE": (500, Problem.UNAVAILABLE),
    "BAD_REQUEST_BODY": (400, Problem.REFUSED),
    "BAD_REQUEST_PARAMETERS": (400, Problem.REFUSED),
    "EXPIRED_TOKEN": (403, Problem.REFUSED),
    "INTEGRATION_FAILURE": (504, Problem.UNAVAILABLE),
    "INTEGRATION_TIMEOUT": (504, Problem.OUT_OF_TIME),
    "INVALID_API_KEY": (403, Problem.REFUSED),
    "INVALID_SIGNATURE": (403, Problem.REFUSED),
    "MISSING_AUTHENTICATION_TOKEN": (403, Problem.REFUSED),
    "QUOTA_EXCEEDED": (429, Problem.THROTTLED),
    "REQUEST_TOO_LARGE": (413, Problem.REFUSED),
    "RESOURCE_NOT_FOUND": (404, Problem.REFUSED),
    "THROTTLED": (429, Problem.THROTTLED),
    "UNAUTHORIZED": (401, Problem.REFUSED),
    "UNSUPPORTED_MEDIA_TYPE": (415, Problem.REFUSED),
    "WAF_FILTERED": (403, Problem.REFUSED),
}


def _stage(stack: Stack) -> Json:
    return stack.only("AWS::ApiGateway::Stage")


def _settings(stack: Stack) -> dict[tuple[str, str], Json]:
    """Return what holds for each method: its own settings, which replace those of all methods as a whole, or those."""
    listed = [
        (_resource(one["ResourcePath"]), one["HttpMethod"].lower(), one) for one in _stage(stack)["MethodSettings"]
    ]
    found = {(verb, path): one for path, verb, one in listed}
    assert len(found) == len(listed)
    assert found.keys() <= {("*", "/*"), *methods(stack)}
    return {method: found.get(method, found.get(("*", "/*"), {})) for method in methods(stack)}


def _resource(path: str) -> str:
    """Return the path of a resource as CloudFormation has it encoded: each slash but a first one as ~1."""
    assert re.fullmatch(r"/\*|/|/~1[^/]+", path), path
    return path if path in {"/*", "/"} else path[1:].replace("~1", "/")


def no_cache(stack: Stack) -> None:
    stage = _stage(stack)
    assert stage.get("CacheClusterEnabled") is False
    assert "CacheClusterSize" not in stage
    assert {one.get("CachingEnabled") for one in _settings(stack).values()} == {False}
    assert all("cacheKeyParameters" not in one["x-amazon-apigateway-integration"] for one in methods(stack).values())


def no_data_trace(stack: Stack) -> None:
    for one in _settings(stack).values():
        assert one.get("DataTraceEnabled") is False
        # Execution logs hold headers, and a redirect's Location is the URL.
        assert one.get("LoggingLevel") == "OFF"


def counted(stack: Stack) -> None:
    assert {one.get("MetricsEnabled") for one in _settings(stack).values()} == {True}


def throttled(stack: Stack) -> None:
    for method, one in _settings(stack).items():
        kind = "Throttling" if method in LAUNCHES_NOTHING else "Launch"
        for limit in ("Rate", "Burst"):
            assert int(one.get(f"Throttling{limit}Limit", 0)) == int(stack.parameters[f"{kind}{limit}Limit"]) > 0


def _format(stack: Stack) -> str:
    found: str = _stage(stack).get("AccessLogSetting", {}).get("Format", "")
    return found


def logged(stack: Stack) -> None:
    """A line is JSON whatever is in it: each value is a text of its own."""
    assert re.fullmatch(r'\{("[a-z_]+": "\$context\.[A-Za-z.]+"(, (?!\})|\}$))+', _format(stack))
    assert {value[1:] for value in json.loads(_format(stack)).values()} == LOGGABLE


def nothing_secret_logged(stack: Stack) -> None:
    """By what AWS would take for a variable, not by how we write one."""
    assert set(re.findall(r"\$!?\{?([A-Za-z]+(?:\.[A-Za-z0-9_-]+)*)", _format(stack))) <= LOGGABLE


def own_access_log_group(stack: Stack) -> None:
    group = stack.every("AWS::Logs::LogGroup")["AccessLogs"]["LogGroupName"]
    assert _stage(stack).get("AccessLogSetting", {}).get("DestinationArn") == stack.arn("logs", f"log-group:{group}")
    assert group != stack.every("AWS::Logs::LogGroup")["FunctionLogs"]["LogGroupName"]


def no_setting_of_the_account(stack: Stack) -> None:
    assert stack.every("AWS::ApiGateway::Account") == {}


def _responses(stack: Stack) -> Json:
    found: Json = body(stack)["x-amazon-apigateway-gateway-responses"]
    return found


def same_problems(stack: Stack) -> None:
    """What API Gateway answers by itself is the answer that the gate would give, header by header, word for word."""
    responses = _responses(stack)
    assert responses.keys() == GATEWAY_RESPONSES.keys()
    for name, problem in GATEWAY_RESPONSES.items():
        expected = answer.problem(GateError(problem, name), "$context.requestId")
        headers = {f"gatewayresponse.header.{header}": f"'{value}'" for header, value in expected.headers.items()}
        assert responses[name]["responseParameters"] == headers, name
        assert int(responses[name]["statusCode"]) == expected.status, name
        assert responses[name]["responseTemplates"].keys() == {"application/json"}, name
        assert json.loads(responses[name]["responseTemplates"]["application/json"]) == json.loads(expected.body), name


def every_type_answered(stack: Stack) -> None:
    """A type without a response of its own falls to that of its class."""
    for name, (status, problem) in EVERY_TYPE.items():
        fallback = f"DEFAULT_{status // 100}XX"
        response = _responses(stack).get(name, _responses(stack).get(fallback, {}))
        assert int(response.get("statusCode", status)) == problem.status, name


def waiting_is_said(stack: Stack) -> None:
    for name, one in _responses(stack).items():
        waits = int(one["statusCode"]) in {429, 503, 504}
        assert ("gatewayresponse.header.Retry-After" in one["responseParameters"]) == waits, name


GUARANTEES: dict[str, Guarantee] = {
    "nothing is cached": no_cache,
    "bodies and headers are not logged": no_data_trace,
    "every method is counted": counted,
    "every method is throttled at the stage, those that launch by limits of their own": throttled,
    "each request is a line of JSON in the access log": logged,
    "the access log can hold no URL, token, header or error text": nothing_secret_logged,
    "the access log has a group of its own": own_access_log_group,
    "the stack changes no setting of the whole account": no_setting_of_the_account,
    "gateway responses agree word for word with the gate's problems": same_problems,
    "every type of gateway response comes to the right problem": every_type_answered,
    "where waiting helps, gateway responses say how long": waiting_is_said,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_stage(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))


@pytest.mark.parametrize("limit", ["RateLimit", "BurstLimit"])
def test_launches_are_throttled_lower_than_pages_unless_one_says_otherwise(limit: str) -> None:
    parameters = source()["Parameters"]
    assert parameters[f"Launch{limit}"]["Default"] < parameters[f"Throttling{limit}"]["Default"]
