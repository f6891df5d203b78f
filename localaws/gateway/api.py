"""The API that the resolved template describes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote

from localaws import template

# The id in `events/`; AWS's has ten characters too.
API_ID = "a1b2c3d4e5"

_ANY = "x-amazon-apigateway-any-method"
_PARAMETER = re.compile(r"\{([A-Za-z0-9._-]+)\}")
# In requests a second: what an account has where a stage says nothing ("Amazon API Gateway quotas").
_ACCOUNT_RATE, _ACCOUNT_BURST = 10_000, 5_000
_INTEGRATION_TIMEOUT_MS = 29_000


class UnsupportedApiError(Exception):
    """The template describes something that the stand-in does not imitate; the message says what."""


class Authorisation(Enum):
    """Who may call a method, before the resource policy is asked."""

    NONE = "NONE"
    AWS_IAM = "AWS_IAM"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one resource; `method` is upper case, or None for any."""

    method: str | None
    resource: str
    authorisation: Authorisation
    integration_timeout: float

    def parameters(self, path: str) -> dict[str, str] | None:
        """Return the decoded path parameters if the path, as sent, is of this resource; else nothing."""
        ours, theirs = self.resource.split("/"), path.split("/")
        if len(ours) != len(theirs):
            return None
        found = {}
        for our, their in zip(ours, theirs, strict=True):
            if parameter := _PARAMETER.fullmatch(our):
                if not their:
                    return None
                found[parameter[1]] = unquote(their)
            elif our != their:
                return None
        return found


@dataclass(frozen=True, slots=True)
class Throttle:
    """A rate in requests a second and a burst in requests, for the methods that the two patterns name."""

    resource: str
    method: str
    rate: float
    burst: int

    def covers(self, route: Route, method: str) -> bool:
        """Tell whether the setting is for this method of the route, or for all."""
        return self.resource in {"/*", route.resource} and self.method in {"*", method}


@dataclass(frozen=True, slots=True)
class Api:
    """All that the gateway knows of the API; `responses` are the template's, by gateway response type."""

    id: str
    account: template.Account
    stage: str
    private: bool
    routes: tuple[Route, ...]
    policy: Mapping[str, Any] | None
    responses: Mapping[str, Any]
    throttles: tuple[Throttle, ...]

    @property
    def host(self) -> str:
        """The API's name under private DNS."""
        return f"{self.id}.execute-api.{self.account.region}.amazonaws.com"

    def method_arn(self, method: str, path: str) -> str:
        """Return what the resource policy is asked about; `path` as sent, without the stage."""
        place = f"{self.account.region}:{self.account.id}:{self.id}"
        return f"arn:{self.account.partition}:execute-api:{place}/{self.stage}/{method}{path}"

    def route(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Find the route and its path parameters: literal segments before parameters, a method before any."""
        for route in self.routes:
            parameters = route.parameters(path)
            if parameters is not None and route.method in {method, None}:
                return route, parameters
        return None


def read(stack: Mapping[str, Any], account: template.Account, api_id: str = API_ID) -> Api:
    """Return the stack's one REST API with its one stage, as `localaws.template.create` resolved them."""
    rest, stage = _only(stack, "AWS::ApiGateway::RestApi"), _only(stack, "AWS::ApiGateway::Stage")
    body = rest["Body"]
    if unknown := {"Policy", "BinaryMediaTypes", "ApiKeySourceType"} & rest.keys():
        raise UnsupportedApiError(f"the API's {', '.join(sorted(unknown))}")
    return Api(
        id=api_id,
        account=account,
        stage=stage["StageName"],
        # Without a word of it an API is edge-optimised, which is as public as a regional one.
        private=rest.get("EndpointConfiguration", {}).get("Types") == ["PRIVATE"],
        routes=tuple(sorted(_routes(body), key=_specific_first)),
        policy=body.get("x-amazon-apigateway-policy"),
        responses=body.get("x-amazon-apigateway-gateway-responses", {}),
        throttles=tuple(_throttles(stage)),
    )


def _only(stack: Mapping[str, Any], kind: str) -> dict[str, Any]:
    found = [one["Properties"] for one in stack.values() if one["Type"] == kind]
    if len(found) != 1:
        raise UnsupportedApiError(f"{len(found)} resources of the type {kind}")
    return dict(found[0])


def _routes(body: Mapping[str, Any]) -> Iterator[Route]:
    schemes = body.get("components", {}).get("securitySchemes", {})
    for resource, methods in body["paths"].items():
        if re.search(r"[{}]", _PARAMETER.sub("", resource)):
            raise UnsupportedApiError(f"the path {resource}")
        for verb, method in methods.items():
            integration = method.get("x-amazon-apigateway-integration", {})
            # An OPTIONS of CORS is a mock; a method that calls with the caller's credentials is none of ours.
            if integration.get("type") != "aws_proxy" or "credentials" in integration:
                raise UnsupportedApiError(f"the integration of {verb} {resource}")
            timeout = integration.get("timeoutInMillis", _INTEGRATION_TIMEOUT_MS) / 1000
            name = None if verb == _ANY else verb.upper()
            yield Route(name, resource, _authorisation(method, schemes, f"{verb} {resource}"), timeout)


def _authorisation(method: Mapping[str, Any], schemes: Mapping[str, Any], where: str) -> Authorisation:
    names = [name for requirement in method.get("security", [{"NONE": []}]) for name in requirement]
    if names == ["NONE"]:
        return Authorisation.NONE
    if len(names) == 1 and schemes.get(names[0], {}).get("x-amazon-apigateway-authtype") == "awsSigv4":
        return Authorisation.AWS_IAM
    raise UnsupportedApiError(f"the authorisation of {where}")


def _specific_first(route: Route) -> tuple[list[tuple[bool, str]], bool]:
    segments = [(bool(_PARAMETER.fullmatch(one)), one) for one in route.resource.split("/")]
    return segments, route.method is None


def _throttles(stage: Mapping[str, Any]) -> Iterator[Throttle]:
    """Yield the stage's settings, those of one method first, and at the end what the account allows."""
    settings = sorted(
        stage.get("MethodSettings", []), key=lambda one: (one["ResourcePath"] == "/*", one["HttpMethod"] == "*")
    )
    for one in settings:
        if "ThrottlingRateLimit" in one or "ThrottlingBurstLimit" in one:
            # A resource's slashes are written as in JSON Pointer (RFC 6901), but for the first.
            resource = "/" + one["ResourcePath"][1:].replace("~1", "/").removeprefix("/")
            rate = float(one.get("ThrottlingRateLimit", _ACCOUNT_RATE))
            yield Throttle(resource, one["HttpMethod"], rate, int(one.get("ThrottlingBurstLimit", _ACCOUNT_BURST)))
    yield Throttle("/*", "*", _ACCOUNT_RATE, _ACCOUNT_BURST)
