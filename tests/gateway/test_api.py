"""What is read from the template, and what the stand-in does not pretend to know."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws import example
from localaws.gateway import api, refusals
from localaws.gateway.api import Authorisation, Throttle, UnsupportedApiError
from localaws.gateway.refusals import Refusal
from localaws.gateway.serving import serving
from localaws.gateway.throttling import Buckets
from localaws.policy import UnsupportedPolicyError
from tests.gateway.clients import CALLERS
from tests.gateway.conftest import Calls, Stack, changed
from tests.stack.breaks_api import POLICY
from tests.stack.breaks_stage import RESPONSES
from tests.stack.mutations import Mutation, add, drop, put


def test_the_example(stack: Stack) -> None:
    read = api.read(stack, example.ACCOUNT)
    assert (read.private, read.stage) == (True, "gate")
    kinds = {route.resource: route.authorisation for route in read.routes}
    signed = {resource for resource, kind in kinds.items() if kind is Authorisation.AWS_IAM}
    assert signed == {resource for resource in kinds if resource.startswith("/iam/")}
    assert kinds.keys() - signed >= {"/health", "/jwt/me", "/proxy/open/{destination}"}
    posted = {route.resource for route in read.routes if route.method != "GET"}
    assert posted == {"/open", "/signin/callback", "/signout"}
    assert {route.method for route in read.routes} == {"GET", "POST"}
    assert {route.integration_timeout for route in read.routes} == {29}
    assert read.throttles[-2:] == (Throttle("/*", "*", 20, 40), Throttle("/*", "*", 10_000, 5_000))
    assert Throttle("/health", "GET", 50, 100) in read.throttles


def test_a_literal_segment_comes_before_a_parameter(stack: Stack) -> None:
    both = changed(put("Function/Events/IamMe/Properties/Path", "/iam/url/me"))
    found = api.read(both, example.ACCOUNT).route("GET", "/iam/url/me")
    assert found is not None
    assert (found[0].resource, found[1]) == ("/iam/url/me", {})


def test_a_method_comes_before_any() -> None:
    any_method = changed(put("Function/Events/IamMe/Properties/Method", "any"))
    read = api.read(any_method, example.ACCOUNT)
    assert read.route("DELETE", "/iam/me") is not None
    assert read.route("DELETE", "/iam/url") is None


UNKNOWN: dict[str, Mutation] = {
    "CORS, a mock integration": put("Api/Cors", "'*'"),
    "a greedy path": put("Function/Events/IamUrlOf/Properties/Path", "/iam/url/{destination+}"),
    "the caller's credentials": drop("Api/Auth/InvokeRole"),
    "a header from the request in a gateway response": put(
        f"{RESPONSES}/DEFAULT_4XX/ResponseParameters/Headers/Cache-Control", "method.request.header.Origin"
    ),
    "an unknown variable in a gateway response": put(
        f"{RESPONSES}/DEFAULT_4XX/ResponseTemplates", {"application/json": "$context.identity.sourceIp"}
    ),
    "binary media types": put("Api/BinaryMediaTypes", ["image/png"]),
    "API keys": put("Api/Auth/ApiKeyRequired", value=True),
}


@pytest.mark.parametrize("mutation", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_is_not_imitated_is_not_served(mutation: Mutation, calls: Calls) -> None:
    with pytest.raises(UnsupportedApiError), serving(changed(mutation), CALLERS, calls):
        raise AssertionError("served")


def test_a_policy_that_cannot_be_judged_is_not_served(calls: Calls) -> None:
    condition = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    mutation = put(f"{POLICY}/DenyOutsideTheEndpoints/Condition", condition)
    with pytest.raises(UnsupportedPolicyError), serving(changed(mutation), CALLERS, calls):
        raise AssertionError("served")


NO_API: dict[str, Callable[[dict[str, Any]], object]] = {
    "no API": lambda stack: stack.pop("Api"),
    "two stages": lambda stack: stack.update(Another=stack["ApigateStage"]),
}


@pytest.mark.parametrize("change", NO_API.values(), ids=NO_API.keys())
def test_there_is_one_api_with_one_stage(stack: Stack, change: Callable[[dict[str, Any]], object]) -> None:
    broken = dict(stack)
    change(broken)
    with pytest.raises(UnsupportedApiError):
        api.read(broken, example.ACCOUNT)


def test_the_setting_of_one_method_counts_before_the_stages() -> None:
    own = {"ResourcePath": "/~1iam~1url", "HttpMethod": "GET", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}
    read = api.read(changed(add("Api/MethodSettings", own)), example.ACCOUNT)
    buckets = Buckets(read.throttles, clock=lambda: 0)
    url, health = (read.route("GET", path) for path in ("/iam/url", "/health"))
    assert url is not None
    assert health is not None
    assert next(one for one in read.throttles if one.covers(url[0], "GET")) == Throttle("/iam/url", "GET", 1, 2)
    assert [buckets.take(url[0], "GET") for _ in range(3)] == [True, True, False]
    assert buckets.take(health[0], "GET")


def test_a_bucket_fills_at_its_rate_and_no_further_than_its_burst(stack: Stack) -> None:
    clock = [0.0]
    buckets = Buckets((Throttle("/*", "*", 2, 3),), clock=lambda: clock[0])
    route = api.read(stack, example.ACCOUNT).routes[0]
    taken = []
    for moment in (0, 0, 0, 0, 0.4, 0.5, 0.5, 100, 100, 100, 100):
        clock[0] = moment
        taken.append(buckets.take(route, "GET"))
    assert taken == [True, True, True, False, False, True, False, True, True, True, False]


@pytest.mark.parametrize("refusal", Refusal, ids=lambda one: one.name)
def test_each_refusal_has_the_templates_words_and_only_those(stack: Stack, refusal: Refusal) -> None:
    responses = api.read(stack, example.ACCOUNT).responses
    rendered = refusals.render(refusal, responses, "an-id")
    body, headers = json.loads(rendered.body), dict(rendered.headers)
    assert (body["request_id"], body["status"]) == ("an-id", rendered.status)
    assert headers["Content-Type"] == "application/problem+json"
    expected = {"THROTTLED": 429, "INTEGRATION_TIMEOUT": 504}
    assert rendered.status == expected.get(refusal.name, 403 if refusal.status < 500 else 503)
