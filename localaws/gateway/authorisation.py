"""Whether a caller may invoke a method: IAM's decision on the resource policy and the caller's own policies."""

from collections.abc import Callable, Mapping

from localaws import policy
from localaws.gateway.api import Api, Authorisation, Route
from localaws.gateway.events import Origin
from localaws.gateway.signatures import Caller

# The decision on a method's ARN, for a caller or nobody known, with the condition keys of the request.
type Decide = Callable[[str, Caller | None, Mapping[str, str]], bool]


def decider(api: Api, callers: Mapping[str, Caller]) -> Decide:
    """Return the decision as the API's policy makes it; what the evaluator cannot judge raises here, not later."""
    account = api.account
    document = policy.expand_api_policy(api.policy, account.region, account.id, api.id) if api.policy else None

    def decide(arn: str, caller: Caller | None, context: Mapping[str, str]) -> bool:
        ask = policy.Ask("execute-api:Invoke", arn, caller.user_arn if caller else None, context)
        identity = caller.identity_policies if caller else ()
        policies = policy.Policies(identity=identity, resource=document)
        return policy.evaluate(ask, policies, resource_account=account.id).allowed

    for caller in (None, *callers.values()):
        decide(api.method_arn("GET", "/"), caller, {})
    return decide


def context(origin: Origin, caller: Caller | None) -> dict[str, str]:
    """Return the condition keys that AWS sets; a network key is absent where the request took another way."""
    keys = {
        "aws:SourceVpce": origin.endpoint_id,
        "aws:SourceVpc": origin.vpc_id,
        "aws:VpcSourceIp" if origin.endpoint_id else "aws:SourceIp": origin.source_ip,
        "aws:PrincipalArn": caller.user_arn if caller else None,
        "aws:PrincipalAccount": caller.account if caller else None,
        "aws:PrincipalOrgID": caller.org_id if caller else None,
    }
    return {key: value for key, value in keys.items() if value is not None}


def needs_no_allow(api: Api, route: Route) -> bool:
    """Tell whether anybody may call the method: only where nothing at all restricts it.

    A private API without a resource policy lets nobody in (API Gateway developer guide, "Create a private API").
    """
    return api.policy is None and not api.private and route.authorisation is Authorisation.NONE
