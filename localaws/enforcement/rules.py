"""Who may call what, by the policies of one stack and of the sessions that were made from it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from localaws.enforcement.calls import Need, Place, needs, use
from localaws.enforcement.held import policies_of
from localaws.enforcement.paths import FUNCTION_ADDRESS, Paths, through
from localaws.enforcement.stack import Function, Role
from localaws.errors import Refusal
from localaws.policy import Ask, Document, Policies, UnsupportedPolicyError, Verdict, evaluate
from localaws.records import AssumedRole, Mint, assumed_roles
from localaws.template import Account

type Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)

# Parameters of AssumeRole that would change what the session may do in ways that are not evaluated here.
_NOT_EVALUATED = frozenset({"PolicyArns", "ProvidedContexts", "Tags", "TransitiveTagKeys"})


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


class Denied(Refusal):
    """A refusal by who is calling, with the HTTP status that the service answers it with."""

    def __init__(self, status: int, *, code: str, message: str) -> None:
        super().__init__(code=code, message=message)
        self.status = status


# STS and IAM speak in XML and call them otherwise than SageMaker's JSON does ("Common Errors" of the API references).
_ACCESS_DENIED = (403, "AccessDenied"), (400, "AccessDeniedException")
_UNKNOWN_KEY = (403, "InvalidClientTokenId"), (400, "UnrecognizedClientException")
_EXPIRED_KEY = (403, "ExpiredToken"), (400, "ExpiredTokenException")
# Every error code that a refusal here can have.
CODES = tuple(code for codes in (_ACCESS_DENIED, _UNKNOWN_KEY, _EXPIRED_KEY) for _, code in codes)


@dataclass(frozen=True, slots=True)
class Principal:
    """A session of a role, what AWS would call it, and what it may do at most."""

    role: Role
    arn: str
    session_policy: str | None = None
    context: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Enforcement:
    """The policies of one stack and of roles beside it, as IAM has them at each moment.

    `unsupported` is everything that could not be evaluated and so was refused.
    """

    account: Account
    roles: Mapping[str, Role]
    function: Function
    function_key: str
    paths: Paths
    clock: Clock
    unsupported: list[str] = field(default_factory=list)
    started_at: datetime = field(default_factory=now)

    def check(self, call: tuple[str, str], access_key_id: str, asked: Mapping[str, Any], region: str) -> None:
        """Raise `Denied` unless the call, a service and its operation, is allowed; what is asked has been validated."""
        service, operation = call
        principal = self._principal(service, access_key_id)
        if call == ("sts", "AssumeRole"):
            self._check_assume_role(principal, asked, self.paths.at(region, self.account.region).sts)
        # API_GetCallerIdentity: "No permissions are required".
        elif call != ("sts", "GetCallerIdentity"):
            partition = principal.role.arn.split(":")[1]
            needed = needs(service, operation, asked, Place(partition, region, principal.role.account))
            self._check_needs(service, operation, principal, needed, region)

    def may_use(
        self, mint: Mint, source_vpce: str | None, *, session_policy_counts: bool, address: str | None = None
    ) -> Verdict:
        """Tell whether a URL that was minted may be used through an endpoint, or through none, from an address.

        That the policy of the minting session is among those that SageMaker enforces is not proven, nor that a Deny
        put on the role since then is.
        """
        seen = _assumed_role(mint.access_key_id)
        principal = seen and self._session(seen)
        if not principal:
            return Verdict(allowed=False, why="the URL was minted by no session of a known role")
        if not session_policy_counts:
            principal = Principal(principal.role, principal.arn, None, principal.context)
        try:
            need = use(mint, principal.role.arn.split(":")[1])
        except UnsupportedPolicyError as error:
            self._report(str(error))
            return Verdict(allowed=False, why="what cannot be evaluated is refused")
        return self._evaluate(principal, need, through(source_vpce, address))

    def _principal(self, service: str, access_key_id: str) -> Principal:
        if access_key_id == self.function_key:
            role = self.function.role
            context = {"lambda:SourceFunctionArn": self.function.arn, "aws:TokenIssueTime": _text(self.started_at)}
            return Principal(role, role.session_arn(self.function.name), None, context)
        seen = _assumed_role(access_key_id)
        principal = seen and self._session(seen)
        if not seen or not principal:
            status, code = _of(service, _UNKNOWN_KEY)
            raise Denied(status, code=code, message="The security token included in the request is invalid.")
        if self.clock() >= seen.expires_at:
            status, code = _of(service, _EXPIRED_KEY)
            raise Denied(status, code=code, message="The security token included in the request is expired")
        return principal

    def _session(self, seen: AssumedRole) -> Principal | None:
        role = self.roles.get(str(seen.parameters["RoleArn"]))
        policy = seen.parameters.get("Policy")
        if not role:
            return None
        arn = role.session_arn(str(seen.parameters["RoleSessionName"]))
        context = {"aws:TokenIssueTime": _text(seen.issued_at)}
        if seen.source_identity is not None:
            context["aws:SourceIdentity"] = seen.source_identity
        return Principal(role, arn, None if policy is None else str(policy), context)

    def _check_assume_role(self, caller: Principal, asked: Mapping[str, Any], endpoint: str | None) -> None:
        resource = str(asked["RoleArn"])
        role = self.roles.get(resource)
        if unknown := sorted(_NOT_EVALUATED & asked.keys()):
            self._report(f"AssumeRole with {', '.join(unknown)}")
        if unknown or not role:
            raise _denied("sts", caller, "sts:AssumeRole", resource)
        keys = {"sts:ExternalId": "ExternalId", "sts:SourceIdentity": "SourceIdentity"}
        context = through(endpoint, FUNCTION_ADDRESS) | {key: asked[one] for key, one in keys.items() if one in asked}
        # Where a trust policy names the caller itself, its Allow suffices; but SetSourceIdentity is "required in both"
        # where a role assumes another (IAM user guide, "Monitor and control actions taken with assumed roles"). From
        # another account both are always needed.
        needed: dict[str, tuple[Document, ...]] = {"sts:AssumeRole": (role.trust,)}
        if "SourceIdentity" in asked or "aws:SourceIdentity" in caller.context:
            at_home = caller.role.account == role.account
            left = (role.trust_in_its_account("sts:SetSourceIdentity"),) if at_home else ()
            needed["sts:SetSourceIdentity"] = (role.trust, *left)
        for action, trusts in needed.items():
            need = Need(action, resource)
            if not all(self._evaluate(caller, need, context, trust).allowed for trust in trusts):
                raise _denied("sts", caller, action, resource)

    def _check_needs(
        self, service: str, operation: str, caller: Principal, needed: tuple[Need, ...], region: str
    ) -> None:
        if not needed:
            self._report(f"{service}:{operation}: what it needs is not known here")
            raise _denied(service, caller, f"{service}:{operation}", "*")
        # No endpoint for IAM is among those of a stack.
        endpoint = self.paths.at(region, self.account.region).sagemaker_api if service == "sagemaker" else None
        for need in needed:
            if not self._evaluate(caller, need, through(endpoint, FUNCTION_ADDRESS)).allowed:
                raise _denied(service, caller, need.action, need.resource)

    def _evaluate(
        self, caller: Principal, need: Need, context: Mapping[str, str], trust: Document | None = None
    ) -> Verdict:
        try:
            ask = Ask(need.action, need.resource, caller.arn, {**context, **need.context, **caller.context})
            policies = Policies(policies_of(caller.role), _document(caller.session_policy), trust)
            account = caller.role.account if need.resource == "*" else need.resource.split(":")[4]
            verdict = evaluate(ask, policies, resource_account=account)
        except (UnsupportedPolicyError, ValueError) as error:
            self._report(f"{need.action} on {need.resource}: {error}")
            return Verdict(allowed=False, why="what cannot be evaluated is refused")
        if not verdict.allowed:
            _log.info("%s on %s refused: %s", need.action, need.resource, verdict.why)
        return verdict

    def _report(self, what: str) -> None:
        self.unsupported.append(what)
        _log.error("Not evaluated, so refused: %s", what)


def _assumed_role(access_key_id: str) -> AssumedRole | None:
    return next((seen for seen in assumed_roles() if seen.access_key_id == access_key_id), None)


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _document(policy: str | None) -> Document | None:
    if policy is None:
        return None
    read = json.loads(policy)
    if not isinstance(read, dict):
        raise UnsupportedPolicyError("a session policy that is no object")
    return read


def _of(service: str, codes: tuple[tuple[int, str], tuple[int, str]]) -> tuple[int, str]:
    return codes[service == "sagemaker"]


def _denied(service: str, principal: Principal, action: str, resource: str) -> Denied:
    status, code = _of(service, _ACCESS_DENIED)
    message = f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"
    return Denied(status, code=code, message=message)
