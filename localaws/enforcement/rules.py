"""Who may call what, by the policies of one stack and of the sessions that were made from it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self

from localaws.enforcement.stack import Function, Role
from localaws.errors import Refusal
from localaws.policy import Ask, Document, Policies, UnsupportedPolicyError, Verdict, evaluate
from localaws.records import AssumedRole, Mint, assumed_roles
from localaws.template import Account

type Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)

MINT = "CreatePresignedDomainUrl"
# Service Authorization Reference, "Actions defined by Amazon SageMaker": the resource of each call that is known here,
# with the parameters that name it. A call that is not here is refused whatever the policies say.
_RESOURCES: Mapping[str, str] = {
    MINT: "user-profile/{DomainId}/{UserProfileName}",
    "DescribeDomain": "domain/{DomainId}",
    "DescribeSpace": "space/{DomainId}/{SpaceName}",
    "DescribeUserProfile": "user-profile/{DomainId}/{UserProfileName}",
}
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


# STS speaks in XML and calls them otherwise than SageMaker's JSON does ("Common Errors" of both API references).
_ACCESS_DENIED = {"sts": (403, "AccessDenied"), "sagemaker": (400, "AccessDeniedException")}
_UNKNOWN_KEY = {"sts": (403, "InvalidClientTokenId"), "sagemaker": (400, "UnrecognizedClientException")}
_EXPIRED_KEY = {"sts": (403, "ExpiredToken"), "sagemaker": (400, "ExpiredTokenException")}
# Every error code that a refusal here can have.
CODES = tuple(code for codes in (_ACCESS_DENIED, _UNKNOWN_KEY, _EXPIRED_KEY) for _, code in codes.values())


@dataclass(frozen=True, slots=True)
class Paths:
    """The VPC endpoint through which STS and SageMaker are called and Studio is opened; None is through none."""

    sts: str | None
    sagemaker_api: str | None
    studio: str | None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Read the endpoints from the stack's parameters, as `template.samconfig_parameters` returns them."""
        names = ("StsEndpointId", "SageMakerApiEndpointId", "StudioEndpointId")
        return cls(*(parameters[name] for name in names))


@dataclass(frozen=True, slots=True)
class Principal:
    """A session of a role of the stack, what AWS would call it, and what it may do at most."""

    role: Role
    arn: str
    session_policy: str | None = None
    context: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Enforcement:
    """The policies of one stack. `unsupported` is everything that could not be evaluated and so was refused."""

    account: Account
    roles: Mapping[str, Role]
    function: Function
    function_key: str
    paths: Paths
    clock: Clock
    unsupported: list[str] = field(default_factory=list)

    def check(self, call: tuple[str, str], access_key_id: str, asked: Mapping[str, Any], region: str) -> None:
        """Raise `Denied` unless the call, a service and its operation, is allowed; what is asked has been validated."""
        service, operation = call
        principal = self._principal(service, access_key_id)
        if (service, operation) == ("sts", "AssumeRole"):
            self._check_assume_role(principal, asked)
        elif service == "sagemaker":
            self._check_sagemaker(principal, operation, asked, region)
        # API_GetCallerIdentity: "No permissions are required".
        elif (service, operation) != ("sts", "GetCallerIdentity"):
            self._report(f"{service}:{operation}: what it needs is not known here")
            raise _denied(service, principal, f"{service}:{operation}", "*")

    def may_use(self, mint: Mint, source_vpce: str | None, *, session_policy_counts: bool) -> Verdict:
        """Tell whether a URL that was minted may be used through an endpoint, or through none.

        SageMaker's IAM policies for the call are "also enforced for every HTTP request and WebSocket frame" (API
        reference, CreatePresignedDomainUrl). That the policy of the minting session is among them is not proven.
        """
        seen = _assumed_role(mint.access_key_id)
        principal = seen and self._session(seen)
        if not principal:
            return Verdict(allowed=False, why="the URL was minted by no session of a role of the stack")
        if not session_policy_counts:
            principal = Principal(principal.role, principal.arn)
        region = mint.url.get_secret_value().split("/")[2].split(".")[2]
        resource = _sagemaker_arn(principal, region, mint.operation, mint.parameters)
        return self._evaluate(principal, f"sagemaker:{mint.operation}", resource, _through(source_vpce))

    def _principal(self, service: str, access_key_id: str) -> Principal:
        if access_key_id == self.function_key:
            role = self.function.role
            context = {"lambda:SourceFunctionArn": self.function.arn}
            return Principal(role, role.session_arn(self.function.name), None, context)
        seen = _assumed_role(access_key_id)
        principal = seen and self._session(seen)
        if not seen or not principal:
            status, code = _UNKNOWN_KEY[service]
            raise Denied(status, code=code, message="The security token included in the request is invalid.")
        if self.clock() >= seen.expires_at:
            status, code = _EXPIRED_KEY[service]
            raise Denied(status, code=code, message="The security token included in the request is expired")
        return principal

    def _session(self, seen: AssumedRole) -> Principal | None:
        role = self.roles.get(str(seen.parameters["RoleArn"]))
        policy = seen.parameters.get("Policy")
        if not role:
            return None
        arn = role.session_arn(str(seen.parameters["RoleSessionName"]))
        return Principal(role, arn, None if policy is None else str(policy))

    def _check_assume_role(self, caller: Principal, asked: Mapping[str, Any]) -> None:
        resource = str(asked["RoleArn"])
        role = self.roles.get(resource)
        if unknown := sorted(_NOT_EVALUATED & asked.keys()):
            self._report(f"AssumeRole with {', '.join(unknown)}")
        if unknown or not role:
            raise _denied("sts", caller, "sts:AssumeRole", resource)
        context = _through(self.paths.sts)
        # Where a trust policy names the caller itself, its Allow suffices; but SetSourceIdentity is "required in both"
        # where a role assumes another (IAM user guide, "Monitor and control actions taken with assumed roles").
        needed: dict[str, tuple[Document, ...]] = {"sts:AssumeRole": (role.trust,)}
        if "SourceIdentity" in asked:
            context["sts:SourceIdentity"] = asked["SourceIdentity"]
            needed["sts:SetSourceIdentity"] = (role.trust, role.trust_in_its_account("sts:SetSourceIdentity"))
        for action, trusts in needed.items():
            if not all(self._evaluate(caller, action, resource, context, trust).allowed for trust in trusts):
                raise _denied("sts", caller, action, resource)

    def _check_sagemaker(self, caller: Principal, operation: str, asked: Mapping[str, Any], region: str) -> None:
        action = f"sagemaker:{operation}"
        if operation not in _RESOURCES:
            self._report(f"{action}: its resource is not known here")
            raise _denied("sagemaker", caller, action, "*")
        resource = _sagemaker_arn(caller, region, operation, asked)
        if not self._evaluate(caller, action, resource, _through(self.paths.sagemaker_api)).allowed:
            raise _denied("sagemaker", caller, action, resource)

    def _evaluate(
        self,
        caller: Principal,
        action: str,
        resource: str,
        context: Mapping[str, str],
        trust: Document | None = None,
    ) -> Verdict:
        try:
            ask = Ask(action, resource, caller.arn, {**context, **caller.context})
            policies = Policies(caller.role.identity, _document(caller.session_policy), trust)
            verdict = evaluate(ask, policies, resource_account=self.account.id)
        except (UnsupportedPolicyError, ValueError) as error:
            self._report(f"{action} on {resource}: {error}")
            return Verdict(allowed=False, why="what cannot be evaluated is refused")
        if not verdict.allowed:
            _log.info("%s on %s refused: %s", action, resource, verdict.why)
        return verdict

    def _report(self, what: str) -> None:
        self.unsupported.append(what)
        _log.error("Not evaluated, so refused: %s", what)


def _assumed_role(access_key_id: str) -> AssumedRole | None:
    return next((seen for seen in assumed_roles() if seen.access_key_id == access_key_id), None)


def _through(source_vpce: str | None) -> dict[str, str]:
    return {} if source_vpce is None else {"aws:SourceVpce": source_vpce}


def _document(policy: str | None) -> Document | None:
    if policy is None:
        return None
    read = json.loads(policy)
    if not isinstance(read, dict):
        raise UnsupportedPolicyError("a session policy that is no object")
    return read


def _sagemaker_arn(principal: Principal, region: str, operation: str, asked: Mapping[str, object]) -> str:
    _, partition, _, _, account, _ = principal.role.arn.split(":", 5)
    return f"arn:{partition}:sagemaker:{region}:{account}:{_RESOURCES[operation].format_map(asked)}"


def _denied(service: str, principal: Principal, action: str, resource: str) -> Denied:
    status, code = _ACCESS_DENIED[service]
    message = f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}"
    return Denied(status, code=code, message=message)
