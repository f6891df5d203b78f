"""Who reaches the gate: the private API, its resource policy, its routes and its stage."""

import json
from fnmatch import fnmatchcase

import pytest

from studio_gate.handler import _ROUTES
from tests.stack.stacks import VARIANTS, Guarantee, Json, Stack, policies, resource_policy, statements, variant

# "Amazon API Gateway quotas": characters of a resource policy.
RESOURCE_POLICY_LIMIT = 8192
# What the gate proves itself, because IAM cannot; then what people open in a browser.
UNAUTHENTICATED = {
    *(("get", "/health"), ("get", "/openapi.json")),
    *(("get", f"/jwt/{route}") for route in ("me", "open", "open/{destination}", "url", "url/{destination}")),
    *(("get", f"/proxy/{route}") for route in ("me", "open", "open/{destination}", "url", "url/{destination}")),
    *(("get", "/"), ("get", "/me"), ("get", "/open"), ("get", "/open/{destination}"), ("post", "/open")),
    *(("get", "/signin"), ("get", "/signin/callback"), ("post", "/signin/callback"), ("post", "/signout")),
}
# The resources of the Allows for everybody, without a condition.
FOR_EVERYBODY = [
    ["execute-api:/gate/GET/health", "execute-api:/gate/GET/openapi.json"],
    ["execute-api:/gate/GET/jwt/*", "execute-api:/gate/GET/proxy/*"],
    [
        *("execute-api:/gate/GET/", "execute-api:/gate/GET/me"),
        *("execute-api:/gate/GET/open", "execute-api:/gate/GET/open/*"),
        *("execute-api:/gate/GET/signin", "execute-api:/gate/GET/signin/callback"),
        *("execute-api:/gate/POST/open", "execute-api:/gate/POST/signin/callback", "execute-api:/gate/POST/signout"),
    ],
]
# Other ways in, none of which the resource policy would guard.
OTHER_DOORS = ("AWS::ApiGatewayV2::", "AWS::Lambda::Url", "AWS::ApiGateway::DomainName", "AWS::ElasticLoadBalancing")


def body(stack: Stack) -> Json:
    body: Json = stack.only("AWS::ApiGateway::RestApi")["Body"]
    return body


def methods(stack: Stack) -> dict[tuple[str, str], Json]:
    return {(verb, path): one for path, verbs in body(stack)["paths"].items() for verb, one in verbs.items()}


def _kind(method: Json) -> str:
    return ",".join(name for scheme in method.get("security", [{"NONE": []}]) for name in scheme)


def private(stack: Stack) -> None:
    api = stack.only("AWS::ApiGateway::RestApi")
    endpoints = stack.listed("ExecuteApiEndpointIds")
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": endpoints}
    assert api["Parameters"]["endpointConfigurationTypes"] == "PRIVATE"


def no_other_door(stack: Stack) -> None:
    # A name of its own is another way to the same door, and has guarantees of its own (test_domain_name).
    nested = [one for name, one in stack.resources.items() if "Resources" in one and name != "DomainNameStack"]
    made = [*stack.resources.values(), *(inner for one in nested for inner in one["Resources"].values())]
    assert [one["Type"] for one in made if one["Type"].startswith(OTHER_DOORS)] == []


def one_policy(stack: Stack) -> None:
    assert "Policy" not in stack.only("AWS::ApiGateway::RestApi")
    assert {one["Effect"] for one in resource_policy(stack)["Statement"]} <= {"Allow", "Deny"}
    assert all(
        {"NotAction", "NotResource", "NotPrincipal"}.isdisjoint(one) for one in statements(resource_policy(stack))
    )


def denied_elsewhere(stack: Stack) -> None:
    """Equality, because "IfExists", "ForAnyValue:" or a second key would each let something through."""
    assert statements(resource_policy(stack), "Deny") == [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["execute-api:Invoke"],
            "Resource": ["execute-api:/*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": stack.listed("ExecuteApiEndpointIds")}},
        }
    ]


def _allow(principal: object, resource: list[str], **condition: Json) -> Json:
    allow = {"Effect": "Allow", "Principal": principal, "Action": ["execute-api:Invoke"], "Resource": resource}
    return allow | ({"Condition": condition} if condition else {})


def allowed_as_configured(stack: Stack) -> None:
    signed = ["execute-api:/gate/GET/iam/*"]
    expected = [_allow("*", resource) for resource in FOR_EVERYBODY]
    if principals := stack.listed("TrustedPrincipals"):
        expected.append(_allow({"AWS": principals}, signed))
    if organisation := stack.parameters["TrustedOrganizationId"]:
        expected.append(_allow("*", signed, StringEquals={"aws:PrincipalOrgID": [organisation]}))
    assert statements(resource_policy(stack), "Allow") == expected


def nobody_by_wildcard(stack: Stack) -> None:
    wild = [
        one for policy in policies(stack) for one in statements(policy, "Allow") if "*" in str(one.get("Principal"))
    ]
    of_organisation = {"StringEquals": {"aws:PrincipalOrgID": [stack.parameters["TrustedOrganizationId"]]}}
    for one in wild:
        unsigned = one.get("Resource") in FOR_EVERYBODY
        assert unsigned or (one.get("Condition") == of_organisation and stack.parameters["TrustedOrganizationId"])


def allow_by_kind(stack: Stack) -> None:
    """A method that no Allow names is closed; one that another kind's Allow names is open to the wrong callers."""
    stage = stack.only("AWS::ApiGateway::Stage")["StageName"]
    for (verb, path), method in methods(stack).items():
        asked = f"execute-api:/{stage}/{verb.upper()}{path}"
        allows = statements(resource_policy(stack), "Allow")
        matching = [one for one in allows if any(fnmatchcase(asked, pattern) for pattern in one["Resource"])]
        unconditional = [one for one in matching if one["Principal"] == "*" and "Condition" not in one]
        assert matching, asked
        assert bool(unconditional) == (_kind(method) == "NONE"), asked


def fits(stack: Stack) -> None:
    # API Gateway writes the short form of its ARNs out; an API's id has ten characters.
    text = json.dumps(resource_policy(stack)).replace("execute-api:/", stack.arn("execute-api", "0123456789/"))
    assert len(text) <= RESOURCE_POLICY_LIMIT


def handlers_routes(stack: Stack) -> None:
    assert set(methods(stack)) == {(method.lower(), path) for path, methods in _ROUTES.items() for method in methods}


def only_get_where_proved(stack: Stack) -> None:
    """A method that changes nothing, so that a client may repeat it; forms alone are posted."""
    assert {path for verb, path in methods(stack) if verb != "get"} == {"/open", "/signin/callback", "/signout"}
    assert {verb for verb, _ in methods(stack)} == {"get", "post"}


def iam_under_iam(stack: Stack) -> None:
    kinds = {route: _kind(method) for route, method in methods(stack).items()}
    assert kinds == {(verb, path): "AWS_IAM" if path.startswith("/iam/") else "NONE" for verb, path in kinds}
    assert body(stack)["components"]["securitySchemes"]["AWS_IAM"]["x-amazon-apigateway-authtype"] == "awsSigv4"


def unauthenticated(stack: Stack) -> None:
    assert {route for route, method in methods(stack).items() if _kind(method) != "AWS_IAM"} == UNAUTHENTICATED


def own_credentials(stack: Stack) -> None:
    for method in methods(stack).values():
        integration = method["x-amazon-apigateway-integration"]
        function = stack.arn("lambda", f"function:{stack.account.stack_name}:live")
        assert integration == {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": f"arn:{stack.account.partition}:apigateway:{stack.account.region}:lambda:path/2015-03-31/functions/"
            f"{function}/invocations",
        }


def one_stage(stack: Stack) -> None:
    assert stack.only("AWS::ApiGateway::Stage")["StageName"] == "gate"
    # A deployment with a stage name makes a stage of its own; SAM calls it "Stage", and sets nothing on it.
    assert "StageName" not in stack.only("AWS::ApiGateway::Deployment")
    assert "StageDescription" not in stack.only("AWS::ApiGateway::Deployment")


GUARANTEES: dict[str, Guarantee] = {
    "the API is private, and associated with the given endpoints": private,
    "no other API, function URL, domain name or load balancer leads in": no_other_door,
    "the API has one resource policy, of plain Allows and Denies": one_policy,
    "everything that came through no given endpoint is denied, by one Deny": denied_elsewhere,
    "all are allowed what is unsigned, and the iam routes those whom the parameters name": allowed_as_configured,
    "no Allow names everybody, but for what is unsigned and for the organisation": nobody_by_wildcard,
    "each method is named by the Allows of its own kind of authorisation": allow_by_kind,
    "the resource policy fits API Gateway's limit": fits,
    "the routes are the handler's, each with its methods": handlers_routes,
    "what people send as forms is posted, and nothing else": only_get_where_proved,
    "the routes under /iam are authorised by IAM, and no others": iam_under_iam,
    "the methods without authorisation are those on the committed list": unauthenticated,
    "API Gateway calls the one function, and not with the caller's credentials": own_credentials,
    "there is one stage, and none named Stage": one_stage,
}


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_the_api(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](variant(name))
