"""The event of a REST API's Lambda proxy integration, payload version 1.0, in the shape of `events/`."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from localaws.gateway.api import Api, Route
from localaws.gateway.messages import Pairs, Request
from localaws.gateway.signatures import Signer

# What it says of API keys and Cognito, none of which there is.
_NOBODY = (
    *("cognitoIdentityPoolId", "cognitoIdentityId", "apiKey", "apiKeyId"),
    *("cognitoAuthenticationType", "cognitoAuthenticationProvider"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as the network knows: through an endpoint of a VPC, or through none.

    `domain` is the custom domain name that is served there besides the API's own name.
    """

    source_ip: str
    vpc_id: str | None = None
    endpoint_id: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request with what the gateway has found out about it."""

    request: Request
    origin: Origin
    route: Route
    path: str
    parameters: Mapping[str, str]
    signer: Signer | None
    request_id: str
    at: datetime


def event(api: Api, arrival: Arrival) -> dict[str, Any]:
    """Build what the function is invoked with. An empty map is null."""
    request = arrival.request
    headers = _grouped(_headers(arrival), fold=True)
    query = _grouped(request.query, fold=False)
    return {
        "resource": arrival.route.resource,
        "path": arrival.path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(arrival.parameters) or None,
        "stageVariables": None,
        "requestContext": _context(api, arrival),
        # No media type is binary here, so API Gateway takes every body for text.
        "body": request.body.decode(errors="replace") or None,
        "isBase64Encoded": False,
    }


def host_of(api: Api, request: Request, origin: Origin) -> str | None:
    """Return the name that the API was asked for under; nothing if it has no such name where it has several."""
    if origin.domain is None:
        # It is known on loopback by address alone.
        return api.host
    host = request.value("host")
    return host if host in {origin.domain, api.host} else None


def stage_in_path(api: Api, host: str, origin: Origin) -> str:
    """Return what a path begins with under a name of the API: nothing under its custom domain name, else the stage."""
    return "" if host == origin.domain else f"/{api.stage}"


def _headers(arrival: Arrival) -> Pairs:
    """Return the sender's headers, then those that API Gateway adds; it takes none of the sender's away."""
    origin = arrival.origin
    added = [("x-amzn-cipher-suite", "ECDHE-RSA-AES128-GCM-SHA256"), ("x-amzn-tls-version", "TLSv1.2")]
    if origin.vpc_id and origin.endpoint_id:
        added += [("x-amzn-vpc-id", origin.vpc_id), ("x-amzn-vpce-config", "1")]
        added += [("x-amzn-vpce-id", origin.endpoint_id)]
    forwarded = ", ".join([*arrival.request.values("x-forwarded-for"), origin.source_ip])
    kept = [(name, value) for name, value in arrival.request.headers if name.lower() != "x-forwarded-for"]
    return (*kept, *added, ("X-Forwarded-For", forwarded))


def _grouped(pairs: Iterable[tuple[str, str]], *, fold: bool) -> dict[str, list[str]]:
    """Gather the values of each name, in order; with `fold`, names that differ in case are one, as first spelt."""
    spelt: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(spelt.setdefault(name.lower() if fold else name, name), []).append(value)
    return values


def _last(values: Mapping[str, list[str]]) -> dict[str, str] | None:
    return {name: several[-1] for name, several in values.items()} or None


def _context(api: Api, arrival: Arrival) -> dict[str, Any]:
    resource = arrival.route.resource
    host = host_of(api, arrival.request, arrival.origin) or api.host
    return {
        # Six characters that stay the same for a resource.
        "resourceId": base64.b32encode(sha256(resource.encode()).digest()).decode().lower()[:6],
        "resourcePath": resource,
        "httpMethod": arrival.request.method,
        "extendedRequestId": base64.b64encode(secrets.token_bytes(11)).decode(),
        "requestTime": arrival.at.astimezone(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        # As the client sent it: a custom domain name leads to the stage, so that there is none in the path.
        "path": f"{stage_in_path(api, host, arrival.origin)}{arrival.path}",
        "accountId": api.account.id,
        "protocol": arrival.request.protocol,
        "stage": api.stage,
        "domainPrefix": host.partition(".")[0],
        "requestTimeEpoch": int(arrival.at.timestamp() * 1000),
        "requestId": arrival.request_id,
        "identity": _identity(arrival),
        "domainName": host,
        "apiId": api.id,
    }


def _identity(arrival: Arrival) -> dict[str, Any]:
    signer, origin = arrival.signer, arrival.origin
    caller = signer.caller if signer else None
    principal_id = caller.principal_id if caller else None
    # A request that came through no endpoint has neither key.
    network = {"vpcId": origin.vpc_id, "vpceId": origin.endpoint_id} if origin.endpoint_id else {}
    return {
        **dict.fromkeys(_NOBODY),
        "principalOrgId": caller.org_id if caller else None,
        **network,
        "sourceIp": origin.source_ip,
        "userAgent": arrival.request.value("user-agent"),
        "accountId": caller.account if caller else None,
        "caller": principal_id,
        "user": principal_id,
        "userArn": caller.user_arn if caller else None,
        "accessKey": signer.access_key if signer else None,
    }
