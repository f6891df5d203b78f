"""What API Gateway answers by itself: its gateway responses, as the template changes them."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from string import Template
from typing import Any

from localaws.gateway.api import UnsupportedApiError
from localaws.gateway.messages import Response

_HEADER = "gatewayresponse.header."
_LITERAL = re.compile(r"'([^'\r\n]*)'")
_VARIABLES = {"context.requestId", "context.error.message", "context.error.messageString", "context.error.responseType"}


class Refusal(Enum):
    """Gateway response types: the status without a template, the error type in the header, the message.

    Source: API Gateway developer guide, "Gateway response types for API Gateway".
    """

    MISSING_AUTHENTICATION_TOKEN = 403, "MissingAuthenticationTokenException", "Missing Authentication Token"
    INVALID_SIGNATURE = 403, "InvalidSignatureException", "The request signature is not valid"
    EXPIRED_TOKEN = 403, "ExpiredTokenException", "The security token included in the request is expired"
    ACCESS_DENIED = 403, "AccessDeniedException", "User is not authorized to access this resource"
    REQUEST_TOO_LARGE = 413, "RequestTooLargeException", "Request Too Long"
    HEADERS_TOO_LARGE = 431, "RequestHeaderFieldsTooLarge", "Request Header Fields Too Large"
    BAD_REQUEST = 400, "BadRequestException", "Bad Request"
    THROTTLED = 429, "TooManyRequestsException", "Too Many Requests"
    API_CONFIGURATION_ERROR = 500, "InternalServerErrorException", "Internal server error"
    BAD_GATEWAY = 502, "InternalServerErrorException", "Internal server error"
    INTEGRATION_TIMEOUT = 504, "InternalServerErrorException", "Endpoint request timed out"

    def __init__(self, status: int, error_type: str, message: str) -> None:
        self.status = status
        self.error_type = error_type
        self.message = message

    @property
    def fallback(self) -> str:
        """The type that answers where the template has none of this one."""
        return "DEFAULT_4XX" if self.status < 500 else "DEFAULT_5XX"  # noqa: PLR2004 - the class of server errors


class RefusedError(Exception):
    """The gateway answers by itself."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.name)
        self.refusal = refusal


def check(responses: Mapping[str, Any]) -> None:
    """Raise `UnsupportedApiError` for a response that could not be rendered, before one is needed."""
    for response in responses.values():
        list(_headers(response))
        for text in response.get("responseTemplates", {}).values():
            _fill(text, dict.fromkeys(_VARIABLES, ""))


def render(refusal: Refusal, responses: Mapping[str, Any], request_id: str) -> Response:
    """Return the response for a refusal, as the template has it, else as AWS would."""
    own = responses.get(refusal.name, responses.get(refusal.fallback, {}))
    values = {
        "context.requestId": request_id,
        "context.error.message": refusal.message,
        "context.error.messageString": json.dumps(refusal.message),
        "context.error.responseType": refusal.name,
    }
    text = own.get("responseTemplates", {}).get("application/json", '{"message":$context.error.messageString}')
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.error_type} | dict(_headers(own))
    return Response(int(own.get("statusCode", refusal.status)), tuple(headers.items()), _fill(text, values).encode())


def plain(status: int, message: str, error_type: str) -> Response:
    """Return an answer that no template changes, because no API, or not this one, is asked."""
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type))
    return Response(status, headers, json.dumps({"message": message}, separators=(",", ":")).encode())


def _headers(response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in response.get("responseParameters", {}).items():
        literal = _LITERAL.fullmatch(value)
        if not name.startswith(_HEADER) or literal is None:
            raise UnsupportedApiError(f"the gateway response parameter {name}")
        yield name.removeprefix(_HEADER), literal[1]


class _Variables(Template):
    """Gateway responses know no language, only variables."""

    idpattern = r"[a-zA-Z][a-zA-Z0-9.]*[a-zA-Z0-9]"


def _fill(text: str, values: Mapping[str, str]) -> str:
    try:
        return _Variables(text).substitute(values)
    except (KeyError, ValueError) as error:
        raise UnsupportedApiError("a variable of a gateway response's template") from error
