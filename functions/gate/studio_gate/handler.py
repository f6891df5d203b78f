"""The story of one launch, and the only file that knows API Gateway and Lambda."""

import os
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from itertools import chain
from pathlib import Path
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from studio_gate import answer, audit, authorise, destinations
from studio_gate.config import Config, Deployment, read_config, read_deployment
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.identity import Caller, iam
from studio_gate.mint import MintedUrl, mint
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline

_CONFIG = Path(__file__).parent.parent / "config"


class _Part(BaseModel):
    """A part of API Gateway's event. What else AWS puts there is not read."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")


class _Identity(_Part):
    source_ip: IPv4Address | IPv6Address
    vpce_id: str | None = None
    account_id: str | None = None
    caller: str | None = None
    user_arn: str | None = None


class _RequestContext(_Part):
    request_id: str = Field(max_length=128)
    identity: _Identity


class _Request(_Part):
    """A REST API proxy event (payload version 1.0). Headers are the sender's word, so none is read."""

    resource: str
    http_method: str
    path_parameters: dict[str, str] | None = None
    multi_value_query_string_parameters: dict[str, list[str]] | None = None
    request_context: _RequestContext

    @property
    def query(self) -> dict[str, list[str]]:
        return self.multi_value_query_string_parameters or {}

    @property
    def destination(self) -> str | None:
        return (self.path_parameters or {}).get("destination")


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that outlives a request."""

    deployment: Deployment
    config: Config
    policies: authorise.Policies
    sessions: Sessions


@cache
def gate() -> Gate:
    """Build the gate from the environment and the files beside the package, once; a failure is not kept."""
    deployment = read_deployment(os.environ)
    return Gate(
        deployment=deployment,
        config=read_config(_CONFIG / "gate.toml", deployment),
        policies=authorise.read_policies(_CONFIG / "policies.cedar", _CONFIG / "schema.cedarschema"),
        sessions=Sessions(deployment),
    )


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, object]:
    """Answer one event of the private REST API. Whatever fails, fails closed, and is recorded."""
    started, record = time.monotonic(), audit.start(context.aws_request_id)
    deadline = Deadline.start(context.get_remaining_time_in_millis())
    try:
        reply = _answer(event, record, deadline)
    except GateError as error:
        record.failed(error)
        reply = answer.problem(error, record.request_id)
    except Exception as error:  # noqa: BLE001 - nothing of an unforeseen failure may reach the caller
        unforeseen = GateError(Problem.INTERNAL, _where(error))
        record.failed(unforeseen)
        reply = answer.problem(unforeseen, record.request_id)
    audit.write(record, reply.status, time.monotonic() - started)
    return {
        "statusCode": reply.status,
        "multiValueHeaders": {name: [value] for name, value in reply.headers.items()},
        "body": reply.body,
        "isBase64Encoded": False,
    }


def _where(error: Exception) -> str:
    """Name an unforeseen failure by type and place alone; its message may hold what must not be logged."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def _answer(event: dict[str, Any], record: audit.Record, deadline: Deadline) -> answer.Answer:
    """Find the route, check the endpoint, and let the route answer."""
    try:
        request = _Request.model_validate(event)
    except ValidationError as error:
        raise GateError(Problem.REFUSED, "not-an-event-of-the-private-api") from error
    identity = request.request_context.identity
    record.request_id = request.request_context.request_id
    record.route, record.destination = request.resource, request.destination
    record.source_ip, record.endpoint, record.signer = str(identity.source_ip), identity.vpce_id, identity.user_arn
    # By what API Gateway matched and authorised; a second reading of the path could come out differently.
    route = _ROUTES.get(request.resource)
    if route is None:
        raise GateError(Problem.REFUSED, "unknown-route")
    if request.http_method != "GET":
        raise GateError(Problem.METHOD_NOT_ALLOWED, "method")
    try:
        built = gate()
    except ConfigError as error:
        raise GateError(Problem.UNAVAILABLE, f"configuration: {error}") from error
    if identity.vpce_id not in built.deployment.execute_api_endpoint_ids:
        raise GateError(Problem.REFUSED, "wrong-endpoint")
    return route(Turn(built, request, record, deadline))


@dataclass(frozen=True, slots=True)
class Turn:
    """One request on its way through the gate."""

    gate: Gate
    request: _Request
    record: audit.Record
    deadline: Deadline

    def identify(self) -> Caller:
        """Prove the caller by the route's own proof, and note it."""
        identity = self.request.request_context.identity
        signed = iam.SignedIdentity(identity.account_id, identity.user_arn, identity.caller)
        caller = iam.identify(signed, self.gate.config, self.gate.deployment.partition)
        self.record.called_by(caller)
        return caller

    def decide(self, caller: Caller, targets: Iterable[destinations.Target]) -> tuple[authorise.Decision, ...]:
        """Ask the policies about each target."""
        identity = self.request.request_context.identity
        facts = authorise.Facts(identity.source_ip, str(identity.vpce_id), datetime.now(UTC))
        return authorise.decide(self.gate.policies, caller, targets, facts)


def _launch(turn: Turn) -> MintedUrl:
    """Identify, settle, authorise, mint: the one way to a presigned URL."""
    caller = turn.identify()
    launch = destinations.read_launch(turn.request.destination, turn.request.query)
    turn.record.asked(launch)
    decisions = turn.decide(caller, destinations.candidates(turn.gate.config, caller, launch))
    turn.record.decided(decisions)
    minted = mint(authorise.grant(decisions), turn.gate.sessions, turn.deadline)
    turn.record.minted(minted)
    return minted


def _open(turn: Turn) -> answer.Answer:
    return answer.redirect(_launch(turn))


def _url(turn: Turn) -> answer.Answer:
    return answer.url(_launch(turn), turn.record.request_id)


def _me(turn: Turn) -> answer.Answer:
    """Say who is calling and what they may open; what they may not is not listed."""
    caller = turn.identify()
    destinations.check_query(turn.request.query, {})
    own = (destinations.own_targets(one, caller, destinations.Launch()) for one in turn.gate.config.destinations)
    return answer.me(caller, [one.target for one in turn.decide(caller, chain.from_iterable(own)) if one.allowed])


def _health(_: Turn) -> answer.Answer:
    return answer.json_answer({"status": "ok"})


_ROUTES: dict[str, Callable[[Turn], answer.Answer]] = {
    "/health": _health,
    "/iam/me": _me,
    "/iam/open": _open,
    "/iam/open/{destination}": _open,
    "/iam/url": _url,
    "/iam/url/{destination}": _url,
}
