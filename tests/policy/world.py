"""Requests on the resolved stack, as IAM would see them: each a case with everything that decides it."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property

from localaws import example
from localaws.policy import Ask, Document, Policies, Verdict, evaluate, expand_api_policy
from studio_gate.config import Deployment, read_config, read_deployment
from studio_gate.destinations import Target
from studio_gate.sessions import session_policy
from tests.stack.given import MADE
from tests.stack.mutations import Mutation
from tests.stack.stacks import EXAMPLE, FURTHER, HERE, LIVE, SECRETS, Json, Stack, create, resource_policy, source
from tests.studio_gate import builders

API_ID = "a1b2c3d4e5"
ORGANISATION = "o-exampleorgid"
# A company's other account, and one that is nobody's.
MEMBER, STRANGER = "444455556666", "999900001111"
OTHER_ENDPOINT = "vpce-0fffffffffffffff0"
MINT = "sagemaker:CreatePresignedDomainUrl"

PARAMETERS: dict[str, dict[str, str]] = {
    "as in the example": {},
    "with an organisation alone": {"TrustedPrincipals": "", "TrustedOrganizationId": ORGANISATION},
    "trusting one role of its own": {"TrustedPrincipals": f"arn:aws:iam::{HERE.id}:role/tools/launchers"},
    "trusting another account and an organisation": {
        "TrustedPrincipals": f"arn:aws:iam::{MEMBER}:root",
        "TrustedOrganizationId": ORGANISATION,
    },
    "trusting one role of another account": {"TrustedPrincipals": f"arn:aws:iam::{MEMBER}:role/launchers"},
}
# What changes nothing for whoever calls.
STORES = {"with secrets in both stores, under a key of its own": SECRETS, "without secrets": {"SecretArns": ""}}
EVERYTHING, TWO, WHATEVER = "with everything that can be opened", "with two endpoints", "with whatever can be given"
_OTHERS = {
    EVERYTHING: FURTHER,
    WHATEVER: FURTHER | SECRETS | LIVE | MADE,
    TWO: {"ExecuteApiEndpointIds": "vpce-0a1b2c3d4e5f60718,vpce-0a1b2c3d4e5f60719"},
}
# The key policy that KMS gives a key by default: without one, no identity policy counts (KMS developer guide, "Default
# key policy").
LEFT_TO_THE_ACCOUNT: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "LeftToTheAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HERE.id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Case:
    """One request with the policies that apply to it; `said` is its sentence."""

    said: str
    ask: Ask
    policies: Policies
    resource_account: str = HERE.id

    def verdict(self) -> Verdict:
        return evaluate(self.ask, self.policies, resource_account=self.resource_account)


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs requests: a principal, the policies it has at home, and what IAM knows about it.

    `function` is the ARN of the function whose code signs.
    """

    principal: str | None
    identity: tuple[Document, ...] = ()
    organisation: str | None = None
    function: str | None = None


type Widen = Callable[[Json], None]


@dataclass(frozen=True)
class World:
    """A stack, and the session policy that the gate gives along; `widen` is a mistake made in it."""

    stack: Stack
    widen: Widen | None = None

    @property
    def api(self) -> str:
        return self.stack.arn("execute-api", API_ID)

    @cached_property
    def routes(self) -> dict[str, bool]:
        """Return every route as its ARN with a value for each variable, and whether it is signed."""
        body = self.stack.only("AWS::ApiGateway::RestApi")["Body"]
        return {
            f"{self.api}/gate/{method.upper()}{path.replace('{destination}', 'research')}": "AWS_IAM" in str(operation)
            for path, methods in body["paths"].items()
            for method, operation in methods.items()
            if method != "options"
        }

    @cached_property
    def resource_policy(self) -> Document:
        """Return the API's policy with every resource written out."""
        return expand_api_policy(resource_policy(self.stack), self.stack.account.region, self.stack.account.id, API_ID)

    def role(self, name: str) -> tuple[tuple[Document, ...], Document]:
        """Return a role's inline policies and its trust policy."""
        role = self.stack.every("AWS::IAM::Role")[name]
        return tuple(one["PolicyDocument"] for one in role["Policies"]), role["AssumeRolePolicyDocument"]

    def call(self, signer: Signer, path: str, endpoint: str | None, guard: Document | None = None) -> Case:
        """A request to the API; `path` from the stage on, or a route's ARN. `guard` is the endpoint's policy.

        On a route without authorisation API Gateway checks no signature, so everybody is nobody there.
        """
        resource = path if path.startswith("arn:") else f"{self.api}/{path}"
        who = signer if self.routes.get(resource, True) else Signer(None)
        context = _through(endpoint) | _known("aws:PrincipalOrgID", who.organisation)
        ask = Ask("execute-api:Invoke", resource, who.principal, context)
        said = f"{signer} calls {path} through {endpoint}"
        policies = Policies(who.identity, resource=self.resource_policy, endpoint=guard)
        return Case(said, ask, policies, self.stack.account.id)

    def function(self, name: str | None = "studio-gate") -> Signer:
        """The function's own role, as its code uses it; or that of another function, or nobody's code at all."""
        role = self.stack.function["Role"].rpartition("/")[2]
        code = name and self.stack.arn("lambda", f"function:{name}")
        return Signer(session_of(self.stack.account.id, role, "gate"), self.role("FunctionRole")[0], function=code)

    def assume(self, signer: Signer, endpoint: str | None, who: str | None, action: str = "sts:AssumeRole") -> Case:
        """The minting role assumed, for somebody or for nobody."""
        trust = self.role("MintingRole")[1]
        context = _through(endpoint) | _known("sts:SourceIdentity", who) | _by(signer)
        resource = self.stack.role_arn(f"{self.stack.account.stack_name}-minting")
        said = f"{signer.principal} with {len(signer.identity)} policies does {action} through {endpoint} for {who}"
        said = f"{said} by the code of {signer.function}"
        ask = Ask(action, resource, signer.principal, context)
        return Case(said, ask, Policies(signer.identity, resource=trust), self.stack.account.id)

    def network(self, action: str, resource: str, *, by_code: bool) -> Case:
        """What Lambda does with the function's role, or the function's own code with it."""
        said = f"{action} on {resource} {'by the code' if by_code else 'by Lambda'}"
        signer = self.function() if by_code else self.function(None)
        return Case(said, Ask(action, resource, signer.principal, _by(signer)), Policies(signer.identity))

    def secret(self, action: str, resource: str, function: str | None = "studio-gate", via: str | None = None) -> Case:
        """What the function's code does with secrets, or other code with its role; `via` is who calls KMS for it."""
        said = f"{action} on {resource} by the code of {function} via {via}"
        signer = self.function(function)
        # A service that calls for the function says through which service, and nothing of the function.
        context = _by(signer) if via is None else {"kms:ViaService": via}
        key_policy = LEFT_TO_THE_ACCOUNT if action.startswith("kms:") else None
        ask = Ask(action, resource, signer.principal, context)
        return Case(said, ask, Policies(signer.identity, resource=key_policy))

    def session_policy(self, profile: str) -> Document:
        """The session policy that the gate's own code makes for a profile, as ARN."""
        policy = _session_policy(self.stack, profile)
        if self.widen is not None:
            self.widen(policy)
        return policy

    def studio(self, action: str, resource: str, endpoint: str | None, granted: str | None) -> Case:
        """A request with a minting session, or with a URL minted by it; `granted` is the profile it was made for."""
        name = f"{self.stack.account.stack_name}-minting"
        principal = session_of(self.stack.account.id, name, "alice")
        session = self.session_policy(granted) if granted else None
        said = f"{action} on {resource} through {endpoint}, session for {granted}"
        ask = Ask(action, resource, principal, _through(endpoint))
        return Case(said, ask, Policies(self.role("MintingRole")[0], session=session), self.stack.account.id)


@cache
def world(parameters: str = "as in the example") -> World:
    """The committed template's stack under one set of parameters, with the gate's own session policy."""
    return World(create(source(), EXAMPLE | (PARAMETERS | STORES | _OTHERS)[parameters]))


def broken(change: Mutation, parameters: str = "as in the example") -> World:
    """The stack of a template with one change."""
    changed = copy.deepcopy(source())
    change(changed)
    return World(create(changed, EXAMPLE | (PARAMETERS | STORES | _OTHERS)[parameters]))


def session_of(account: str, role: str, name: str) -> str:
    """The ARN of a session of a role."""
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


def profile_arn(domain: str, name: str) -> str:
    """The ARN of a user profile of the stack's own account and region."""
    return f"arn:aws:sagemaker:{HERE.region}:{HERE.id}:user-profile/{domain}/{name}"


def may(action: str, resource: str) -> Document:
    """An identity policy of one Allow."""
    statement = {"Sid": "ItsOwn", "Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _through(endpoint: str | None) -> dict[str, str]:
    return _known("aws:SourceVpce", endpoint)


def _by(signer: Signer) -> dict[str, str]:
    return _known("lambda:SourceFunctionArn", signer.function)


def _known(key: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {key: value}


def _session_policy(stack: Stack, arn: str) -> Json:
    """What `sessions.py` makes of a target that is this profile, in the deployment that is this stack."""
    environment = stack.function["Environment"]["Variables"]
    deployment = read_deployment(environment | {"AWS_REGION": stack.account.region})
    _, _, _, region, account, resource = arn.split(":")
    _, domain_id, profile = resource.split("/")
    sample = _sample(deployment)
    where = sample.destination.model_copy(update={"region": region, "account": account, "domain_id": domain_id})
    made: Json = json.loads(session_policy(replace(sample, destination=where, profile=profile), deployment))
    return made


@cache
def _sample(deployment: Deployment) -> Target:
    return builders.target(read_config(example.CONFIG / "gate.toml", deployment))
