"""The story of one launch, and the only file that knows API Gateway and Lambda."""

import os
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AliasPath, BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from studio_gate import answer, audit, authorise, destinations, navigation
from studio_gate.config import Config, Deployment, read_config, read_deployment
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.identity import Caller, Proof, iam
from studio_gate.identity.trust import Trust, trust
from studio_gate.mint import MintedUrl, mint
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LONGEST_DESTINATION = 32
_NO_EVENT = "not-an-event-of-the-private-api"
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


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that outlives a request."""

    deployment: Deployment
    config: Config
    policies: authorise.Policies
    sessions: Sessions
    trust: Trust


@cache
def gate() -> Gate:
    """Build the gate from the environment and the files beside the package, once; a failure is not kept."""
    deployment = read_deployment(os.environ)
    config = read_config(CONFIG_DIRECTORY / "gate.toml", deployment)
    policies = authorise.read_policies(CONFIG_DIRECTORY / "policies.cedar", CONFIG_DIRECTORY / "schema.cedarschema")
    return Gate(deployment, config, policies, Sessions(deployment), trust(config))


@dataclass(frozen=True, slots=True)
class Turn:
    """One request on its way through the gate."""

    gate: Gate
    request: _Request
    event: Mapping[str, Any]
    record: audit.Record
    deadline: Deadline

    def header(self, name: str) -> list[str]:
        """Return all values of a header, whose name is in lower case; `GateError` 403 for headers of another shape."""
        headers = self.event.get("multiValueHeaders")
        if not isinstance(headers, dict | None):
            raise GateError(Problem.REFUSED, _NO_EVENT)
        found = [values for given, values in (headers or {}).items() if given.lower() == name]
        if not all(isinstance(values, list) and all(isinstance(one, str) for one in values) for values in found):
            raise GateError(Problem.REFUSED, _NO_EVENT)
        return [one for values in found for one in values]


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, object]:
    """Answer one event of the private REST API. Whatever fails, fails closed, and is recorded."""
    started, record = time.monotonic(), audit.Record(context.aws_request_id)
    try:
        reply = _answer(event, record, Deadline.start(context.get_remaining_time_in_millis()))
    except BaseException as error:  # noqa: BLE001 - nothing unforeseen reaches the caller, or goes unrecorded
        known = error if isinstance(error, GateError) else GateError(Problem.INTERNAL, _where(error))
        record.failed(known)
        reply = answer.problem(known, record.request_id, _challenge(record.route, known))
    audit.write(record, reply.status, time.monotonic() - started)
    headers = {name: [value] for name, value in reply.headers.items()}
    return {"statusCode": reply.status, "multiValueHeaders": headers, "body": reply.body, "isBase64Encoded": False}


def _where(error: BaseException) -> str:
    """Name an unforeseen failure by type and place alone; its message may hold what must not be logged."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _answer(event: dict[str, Any], record: audit.Record, deadline: Deadline) -> answer.Answer:
    """Find the route, check the endpoint, and let the route answer."""
    try:
        request = _Request.model_validate(event)
    except ValidationError as error:
        raise GateError(Problem.REFUSED, _NO_EVENT) from error
    record.request_id, record.route = request.request_id, request.resource
    # As much as a name can be long: whoever takes the path for the place of a token does not have it recorded.
    record.destination = request.destination and request.destination[:_LONGEST_DESTINATION]
    record.source_ip, record.endpoint, record.signer = str(request.source_ip), request.endpoint_id, request.user_arn
    # By what API Gateway matched and authorised; a second reading of the path could come out differently.
    route = _ROUTES.get(request.resource)
    if route is None or ("{destination}" in request.resource) != bool(request.destination):
        raise GateError(Problem.REFUSED, "unknown-route")
    try:
        built = gate()
    except ConfigError as error:
        raise GateError(Problem.UNAVAILABLE, f"configuration: {error}") from error
    if request.endpoint_id not in built.deployment.execute_api_endpoint_ids:
        raise GateError(Problem.REFUSED, "wrong-endpoint")
    if request.method != "GET":
        raise GateError(Problem.METHOD_NOT_ALLOWED, "method")
    return route(Turn(built, request, event, record, deadline))


def _by_signature(turn: Turn) -> Caller:
    request = turn.request
    signed = iam.SignedIdentity(request.account_id, request.user_arn, request.principal_id)
    return iam.identify(signed, turn.gate.config, turn.gate.deployment.partition)


def _by_token(turn: Turn) -> Caller:
    from studio_gate.identity import bearer

    return bearer.identify(turn.header("authorization"), turn.gate.trust.issuers, time.time())


def _by_assertion(turn: Turn) -> Caller:
    from studio_gate.identity import proxy

    navigation.check_meant(turn.header)
    return proxy.identify(turn.header, turn.gate.trust.proxies, time.time())


# The path decides the proof, so that no bad proof can fall through to another. With each, what a 401 asks for.
_PROOFS: dict[str, tuple[Callable[[Turn], Caller], str]] = {
    "iam": (_by_signature, "AWS4-HMAC-SHA256"),
    "jwt": (_by_token, "Bearer"),
    "proxy": (_by_assertion, "Assertion"),
}


def _prefix(route: str) -> str:
    return route.partition("/")[2].partition("/")[0]


def _challenge(route: str | None, error: GateError) -> str | None:
    _, challenge = _PROOFS.get(_prefix(route), (None, None)) if route else (None, None)
    # RFC 6750, section 3.1: a request without any token gets no error code.
    return f'{challenge} error="invalid_token"' if challenge == "Bearer" and error.reason != "no-token" else challenge


def _identify(turn: Turn) -> Caller:
    prove, _ = _PROOFS[_prefix(turn.request.resource)]
    caller = prove(turn)
    turn.record.called_by(caller)
    return caller


def _decide(turn: Turn, caller: Caller, targets: tuple[destinations.Target, ...]) -> list[authorise.Decision]:
    # Behind a proxy it is the proxy's address.
    source_ip = None if caller.proof is Proof.PROXY else turn.request.source_ip
    facts = authorise.Facts(source_ip, str(turn.request.endpoint_id), datetime.now(UTC))
    return [authorise.decide(turn.gate.policies, caller, target, facts) for target in targets]


def _launch(turn: Turn) -> MintedUrl:
    """Identify, settle, authorise, mint: the one way to a presigned URL."""
    caller = _identify(turn)
    launch = destinations.read_launch(turn.request.destination, turn.request.query or {})
    turn.record.asked(launch)
    decisions = _decide(turn, caller, destinations.candidates(turn.gate.config, caller, launch))
    turn.record.decided(decisions)
    minted = mint(authorise.grant(decisions), turn.gate.sessions, turn.deadline)
    turn.record.minted(minted)
    return minted


def _open(turn: Turn) -> answer.Answer:
    return answer.redirect(_launch(turn))


def _url(turn: Turn) -> answer.Answer:
    return answer.url(_launch(turn), turn.record.request_id)


def _me(turn: Turn) -> answer.Answer:
    caller = _identify(turn)
    destinations.check_query(turn.request.query or {}, {})
    decisions = _decide(turn, caller, destinations.all_own(turn.gate.config, caller))
    return answer.me(caller, [decision.target for decision in decisions if decision.allowed])


def _health(_: Turn) -> answer.Answer:
    return answer.json_answer({"status": "ok"})


_BEHIND_PROOF = {"me": _me, "open": _open, "open/{destination}": _open, "url": _url, "url/{destination}": _url}
_ROUTES: dict[str, Callable[[Turn], answer.Answer]] = {"/health": _health} | {
    f"/{prefix}/{name}": route for prefix in _PROOFS for name, route in _BEHIND_PROOF.items()
}
