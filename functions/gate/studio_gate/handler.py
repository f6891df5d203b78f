"""The story of one launch, and the only file, with events.py, that knows API Gateway and Lambda."""

import os
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from studio_gate import answer, audit, destinations, events, live, navigation
from studio_gate.config import read_deployment
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.identity import Caller, iam
from studio_gate.mint import MintedUrl
from studio_gate.story import Turn
from studio_gate.upstream import Deadline

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from studio_gate import browser

_LONGEST_DESTINATION = 32
CONFIG_DIRECTORY = Path(__file__).parent.parent / "config"


def _identity(name: str) -> Any:  # noqa: ANN401 - as pydantic's own Field
    return Field(default=None, validation_alias=AliasPath("requestContext", "identity", name))


class _Request(BaseModel):
    """What counts of a REST API proxy event (payload version 1.0) on every route. Headers are the sender's word."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    resource: str
    method: str = Field(alias="httpMethod")
    destination: str | None = Field(default=None, validation_alias=AliasPath("pathParameters", "destination"))
    query: dict[str, list[str]] | None = Field(alias="multiValueQueryStringParameters")
    request_id: str = Field(max_length=128, validation_alias=AliasPath("requestContext", "requestId"))
    # As text: a number would be taken for an address, too.
    source_ip: Annotated[IPv4Address | IPv6Address, PlainValidator(lambda value: ip_address(str(value)))] = Field(
        validation_alias=AliasPath("requestContext", "identity", "sourceIp")
    )
    endpoint_id: str | None = _identity("vpceId")
    account_id: str | None = _identity("accountId")
    user_arn: str | None = _identity("userArn")
    principal_id: str | None = _identity("caller")


@cache
def gate() -> live.Source:
    """Make what gives each request its gate from the environment, once; a failure is not kept."""
    return live.source(read_deployment(os.environ), CONFIG_DIRECTORY)


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that API Gateway let through, as the routes need it."""

    turn: Turn
    request: _Request
    event: Mapping[str, Any]

    def header(self, name: str) -> list[str]:
        """Return all values of a header, whose name is in lower case; `GateError` 403 for headers of another shape."""
        return events.headers(self.event).get(name, [])

    def form(self) -> dict[str, str]:
        """Return the fields of a form; one that is given twice is none. `GateError` 400 for another body."""
        return events.form(self.event)


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Answer one event of the private REST API. Whatever fails, fails closed, and is recorded."""
    started, record = time.monotonic(), audit.Record(context.aws_request_id)
    try:
        reply = _answer(event, record, Deadline.start(context.get_remaining_time_in_millis()))
    except BaseException as error:  # noqa: BLE001 - nothing unforeseen reaches the caller, or goes unrecorded
        known = error if isinstance(error, GateError) else GateError(Problem.INTERNAL, _where(error))
        record.failed(known)
        reply = _failed(event, record, known)
    audit.write(record, reply.status, time.monotonic() - started)
    headers = {name: [value] for name, value in reply.headers.items()}
    if reply.cookies:
        headers["Set-Cookie"] = list(reply.cookies)
    return {"statusCode": reply.status, "multiValueHeaders": headers, "body": reply.body, "isBase64Encoded": False}


def _failed(event: Mapping[str, Any], record: audit.Record, error: GateError) -> answer.Answer:
    """Say what failed: to people on a page, to programs as RFC 9457 has it."""
    besides = _besides(record.route, error)
    if record.route not in _FOR_PEOPLE:
        return answer.problem(error, record.request_id, besides)
    from studio_gate.pages import answers, words

    languages: list[str] = []
    with suppress(GateError):
        languages = events.headers(event).get("accept-language", [])
    return answers.problem(words.accepted(languages), error, record.request_id, besides)


def _where(error: BaseException) -> str:
    """Name an unforeseen failure by type and place alone; its message may hold what must not be logged."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _answer(event: dict[str, Any], record: audit.Record, deadline: Deadline) -> answer.Answer:
    """Find the route, check the endpoint, and let the route answer."""
    try:
        request = _Request.model_validate(event)
    except ValidationError as error:
        raise GateError(Problem.REFUSED, events.NO_EVENT) from error
    record.request_id, record.route = request.request_id, request.resource
    # As much as a name can be long: whoever takes the path for the place of a token does not have it recorded.
    record.destination = request.destination and request.destination[:_LONGEST_DESTINATION]
    record.source_ip, record.endpoint, record.signer = str(request.source_ip), request.endpoint_id, request.user_arn
    # By what API Gateway matched and authorised; a second reading of the path could come out differently.
    methods = _ROUTES.get(request.resource)
    if methods is None or ("{destination}" in request.resource) != bool(request.destination):
        raise GateError(Problem.REFUSED, "unknown-route")
    try:
        built = gate().current(record, deadline)
    except ConfigError as error:
        raise GateError(Problem.UNAVAILABLE, f"configuration: {error}") from error
    if request.endpoint_id not in built.deployment.execute_api_endpoint_ids:
        raise GateError(Problem.REFUSED, "wrong-endpoint")
    route = methods.get(request.method)
    if route is None:
        raise GateError(Problem.METHOD_NOT_ALLOWED, "method")
    return route(_Call(Turn(built, request.source_ip, request.endpoint_id, record, deadline), request, event))


def _by_signature(call: _Call) -> Caller:
    request = call.request
    signed = iam.SignedIdentity(request.account_id, request.user_arn, request.principal_id)
    return iam.identify(signed, call.turn.gate.config, call.turn.gate.deployment.partition)


def _by_token(call: _Call) -> Caller:
    from studio_gate.identity import bearer

    return bearer.identify(call.header("authorization"), call.turn.gate.trust.issuers, time.time())


def _by_assertion(call: _Call) -> Caller:
    from studio_gate.identity import proxy

    navigation.check_meant(call.header)
    return proxy.identify(call.header, call.turn.gate.trust.proxies, time.time())


def _by_session(call: _Call) -> Caller:
    from studio_gate import browser

    return browser.known(_visit(call))


# The path decides the proof, so that no bad proof can fall through to another. With each, what a 401 asks for.
_PROOFS: dict[str, tuple[Callable[[_Call], Caller], str]] = {
    "iam": (_by_signature, "AWS4-HMAC-SHA256"),
    "jwt": (_by_token, "Bearer"),
    "proxy": (_by_assertion, "Assertion"),
}
_BY_SESSION = (_by_session, "Session")


def _proof(route: str) -> tuple[Callable[[_Call], Caller] | None, str | None]:
    """Return how a route proves callers, and what it asks of one who is not."""
    prefix = route.partition("/")[2].partition("/")[0]
    return _BY_SESSION if route == "/me" else _PROOFS.get(prefix, (None, None))


def _besides(route: str | None, error: GateError) -> dict[str, str]:
    """Return the headers of a failure that depend on the route (RFC 9110, sections 11.6.1 and 15.5.6)."""
    if route is None:
        return {}
    if error.problem is Problem.METHOD_NOT_ALLOWED:
        return {"Allow": ", ".join(_ROUTES.get(route, {}))}
    _, challenge = _proof(route)
    if error.problem is not Problem.NOT_PROVED or challenge is None:
        return {}
    # RFC 6750, section 3.1: a request without any token gets no error code.
    told = ' error="invalid_token"' if challenge == "Bearer" and error.reason != "no-token" else ""
    return {"WWW-Authenticate": challenge + told}


def _identify(call: _Call) -> Caller:
    prove, _ = _proof(call.request.resource)
    if prove is None:
        raise GateError(Problem.REFUSED, "unknown-route")
    caller = prove(call)
    call.turn.record.called_by(caller)
    return caller


def _launch(call: _Call) -> MintedUrl:
    """Identify, settle, authorise, mint."""
    caller = _identify(call)
    launch = destinations.read_launch(call.request.destination, call.request.query or {})
    return call.turn.mint(call.turn.settle(caller, launch))


def _open(call: _Call) -> answer.Answer:
    return answer.redirect(_launch(call))


def _url(call: _Call) -> answer.Answer:
    return answer.url(_launch(call), call.turn.record.request_id)


def _me(call: _Call) -> answer.Answer:
    caller = _identify(call)
    destinations.check_query(call.request.query or {}, {})
    return answer.me(caller, call.turn.may_open(caller))


def _health(_: _Call) -> answer.Answer:
    return answer.health()


def _document(_: _Call) -> answer.Answer:
    return answer.document()


def _visit(call: _Call) -> "browser.Visit":
    """Return what a browser asked for; `GateError` 403 where nobody signs in."""
    if (trusted := call.turn.gate.trust.sign_in) is None:
        raise GateError(Problem.REFUSED, "no-sign-in")
    from studio_gate import browser

    host = call.event.get("requestContext", {}).get("domainName")
    form = call.form() if call.request.method == "POST" else {}
    query = call.request.query or {}
    headers, where = events.headers(call.event), call.request.destination
    return browser.Visit(call.turn, trusted, host, where, query, form, lambda name: headers.get(name, []), time.time())


def _browse(name: str, call: _Call) -> answer.Answer:
    """Answer a route for people, failures too, with a page."""
    visit = _visit(call)
    from studio_gate import browser

    try:
        return browser.ROUTES[name](visit)
    except GateError as error:
        call.turn.record.failed(error)
        return browser.failed(visit, error)


_BEHIND_PROOF = {"me": _me, "open": _open, "open/{destination}": _open, "url": _url, "url/{destination}": _url}
_FOR_PEOPLE = {
    "/": {"GET": "show"},
    "/open": {"GET": "open", "POST": "confirmed"},
    "/open/{destination}": {"GET": "open"},
    "/signin": {"GET": "begin"},
    "/signin/callback": {"GET": "callback", "POST": "callback"},
    "/signout": {"POST": "sign_out"},
}
_ROUTES: dict[str, Mapping[str, Callable[[_Call], answer.Answer]]] = {
    "/health": {"GET": _health},
    "/openapi.json": {"GET": _document},
    "/me": {"GET": _me},
    **{f"/{prefix}/{name}": {"GET": route} for prefix in _PROOFS for name, route in _BEHIND_PROOF.items()},
    **{
        path: {method: partial(_browse, name) for method, name in methods.items()}
        for path, methods in _FOR_PEOPLE.items()
    },
}
