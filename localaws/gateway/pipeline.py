"""One request through the gateway, in API Gateway's order."""

import logging
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from localaws.gateway import answers, authorisation, events, refusals, signatures
from localaws.gateway.api import Api, Authorisation
from localaws.gateway.messages import Request, Response
from localaws.gateway.refusals import Refusal, RefusedError
from localaws.gateway.throttling import Buckets

# "Amazon API Gateway quotas": bytes of request line and headers, and of a method's ARN where it is authorised.
_HEADER_LIMIT = 10_240
_METHOD_ARN_LIMIT = 1_600

# Where the answer is not the API's own but that of AWS's host for all of them.
_FORBIDDEN = refusals.plain(403, "Forbidden", "ForbiddenException")
_TOO_LONG = refusals.plain(414, "Request URI too long", "RequestUriTooLongException")

_LOG = logging.getLogger("localaws.gateway")

# Returns what the function answered. `TimeoutError` when the integration took too long; anything else it raises counts
# as the function's failure.
type Invoke = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One API as it is reached from everywhere."""

    api: Api
    callers: Mapping[str, signatures.Caller]
    invoke: Invoke
    decide: authorisation.Decide
    buckets: Buckets
    now: Callable[[], datetime]

    def answer(self, request: Request, origin: events.Origin) -> Response:
        """Answer a request; nothing of an unforeseen failure but its type and place is logged."""
        request_id = str(uuid.uuid4())
        try:
            response = self._reached(request, origin, request_id)
        except RefusedError as error:
            response = refusals.render(error.refusal, self.api.responses, request_id)
        except Exception as error:  # noqa: BLE001 - as API Gateway, which answers whatever happens
            _log(error)
            response = refusals.render(Refusal.API_CONFIGURATION_ERROR, self.api.responses, request_id)
        return _identified(response, request_id)

    def refuse(self, refusal: Refusal) -> Response:
        """Answer what is no request that `answer` could take."""
        request_id = str(uuid.uuid4())
        return _identified(refusals.render(refusal, self.api.responses, request_id), request_id)

    def _reached(self, request: Request, origin: events.Origin, request_id: str) -> Response:
        # A private API has no public address; a VPC with private DNS for execute-api finds no other kind.
        if self.api.private != (origin.endpoint_id is not None):
            return _FORBIDDEN
        host = events.host_of(self.api, request, origin)
        if host is None:
            return _FORBIDDEN
        if request.header_bytes > _HEADER_LIMIT:
            raise RefusedError(Refusal.HEADERS_TOO_LARGE)
        stage = events.stage_in_path(self.api, host, origin)
        path = request.path.removeprefix(stage)
        if not request.path.startswith(f"{stage}/"):
            return _FORBIDDEN
        arn = self.api.method_arn(request.method, path)
        if self.api.policy is not None and len(arn.encode()) > _METHOD_ARN_LIMIT:
            return _TOO_LONG
        return answers.response(self._invoked(self._admitted(request, origin, path, request_id), arn))

    def _admitted(self, request: Request, origin: events.Origin, path: str, request_id: str) -> events.Arrival:
        """Find the route, and check the signature where the route wants one."""
        found = self.api.route(request.method, path)
        if found is None:
            raise RefusedError(Refusal.MISSING_AUTHENTICATION_TOKEN)
        now = self.now()
        arrival = events.Arrival(request, origin, found[0], path, found[1], None, request_id, now)
        if arrival.route.authorisation is Authorisation.NONE:
            return arrival
        signer = signatures.verify(request, self.callers, self.api.account.region, now)
        return replace(arrival, signer=signer)

    def _invoked(self, arrival: events.Arrival, arn: str) -> object:
        """Ask the policy and the throttle, then the function."""
        caller = arrival.signer.caller if arrival.signer else None
        keys = authorisation.context(arrival.origin, caller)
        if not (authorisation.needs_no_allow(self.api, arrival.route) or self.decide(arn, caller, keys)):
            raise RefusedError(Refusal.ACCESS_DENIED)
        if not self.buckets.take(arrival.route, arrival.request.method):
            raise RefusedError(Refusal.THROTTLED)
        event = events.event(self.api, arrival)
        try:
            return self.invoke(event)
        except TimeoutError:
            raise RefusedError(Refusal.INTEGRATION_TIMEOUT) from None
        except Exception as error:  # noqa: BLE001 - whatever a function dies of
            _log(error)
            raise RefusedError(Refusal.BAD_GATEWAY) from None


def _identified(response: Response, request_id: str) -> Response:
    return replace(response, headers=(*response.headers, ("x-amzn-RequestId", request_id)))


def _log(error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("%s at %s:%s", type(error).__name__, Path(frame.filename).name, frame.lineno)
