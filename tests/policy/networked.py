"""Requests through the endpoints that the stack makes, under their policies, as IAM would see them."""

import copy
from dataclasses import dataclass
from functools import cache

from localaws.policy import Ask, Document, Policies
from tests.policy.world import MEMBER, ORGANISATION, OTHER_ENDPOINT, STRANGER, Case, World, may, session_of
from tests.stack.mutations import Mutation
from tests.stack.networks import WHERE, WHOLE, committed, endpoints
from tests.stack.stacks import HERE, Stack, create, source

# Who owns something: an account, and its organisation.
OWNERS = {
    "ours": (HERE.id, ORGANISATION),
    "a member's": (MEMBER, ORGANISATION),
    "a stranger's": (STRANGER, "o-another00000"),
    "AWS's": ("999999999990", "o-ofaws000000"),
}
# Where a resource can have a policy, it lets everybody in, so that only the endpoint can refuse.
_OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*"}
OPEN: Document = {"Version": "2012-10-17", "Statement": [_OPEN | {"Action": "*", "Resource": "*"}]}
OPEN_ROLE: Document = {"Version": "2012-10-17", "Statement": [_OPEN | {"Action": "sts:AssumeRole"}]}
_OPENED = {"execute-api": OPEN, "s3": OPEN, "secretsmanager": OPEN, "sts": OPEN_ROLE}
EVERYTHING = may("*", "*")


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who sends a request: a role's session, or nobody known; with what policies, and of whose account."""

    role: str | None
    owner: str
    identity: tuple[Document, ...] = (EVERYTHING,)
    session: Document | None = None


NOBODY = Who(None, "a stranger's", ())
EXECUTION = Who("execution", "ours")
MEMBERS_EXECUTION = Who("execution", "a member's")
STRANGERS = Who("administrator", "a stranger's")
NAMESAKE = Who("studio-gate-minting", "a stranger's")


@dataclass(frozen=True, slots=True)
class Networked:
    """The gate's stack with a network of its own, of which everything is made; `gate` is its roles."""

    gate: World
    network: Stack

    def minting(self, session: Document | None = None) -> Who:
        """A session of the minting role, as the gate's own code has it."""
        return Who("studio-gate-minting", "ours", self.gate.role("MintingRole")[0], session)

    def directory(self) -> Who:
        """A session of the directory role."""
        return Who("studio-gate-directory", "ours", self.gate.role("DirectoryRole")[0])

    def endpoint(self, service: str) -> str:
        """Return the id of the endpoint of a service, by the last words of its name."""
        kinds = self.network.every("AWS::EC2::VPCEndpoint")
        (name,) = (name for name, one in kinds.items() if one["ServiceName"].endswith(f".{HERE.region}.{service}"))
        return self.network.id(name)

    def ask(self, who: Who, action: str, resource: str, service: str | None, owner: str = "ours") -> Case:
        """A request through the endpoint of a service, through somebody else's, or without any (`None`)."""
        account, organisation = OWNERS[who.owner]
        owning, organisation_of_it = OWNERS[owner]
        context = {"aws:ResourceAccount": owning, "aws:ResourceOrgID": organisation_of_it}
        if who.role is not None:
            context |= {"aws:PrincipalAccount": account, "aws:PrincipalOrgID": organisation}
            context["aws:PrincipalArn"] = f"arn:aws:iam::{account}:role/{who.role}"
        known = service in endpoints(self.network)
        policy = endpoints(self.network)[service]["PolicyDocument"] if known and service else None
        if service is not None:
            context["aws:SourceVpce"] = self.endpoint(service) if known else OTHER_ENDPOINT
        principal = who.role and session_of(account, who.role, "alice")
        said = f"{who.owner} {who.role}: {action} on {owner} {resource} through {service}"
        opened = {"execute-api": OPEN, "s3": OPEN, "secretsmanager": OPEN, "sts": OPEN_ROLE}.get(
            action.partition(":")[0]
        )
        # What AWS offers, everybody may read.
        policies = Policies(who.identity, who.session, OPEN if owner == "AWS's" else opened, policy)
        return Case(said, Ask(action, resource, principal, context), policies, owning)


def _made(parameters: dict[str, str], nested: dict[str, object] | None = None) -> Networked:
    stack = create(source(), WHOLE | parameters, nested=nested)
    return Networked(World(stack), stack.nested("NetworkStack"))


PARAMETERS = {
    "in an organisation": {"OrganizationId": ORGANISATION},
    "without an organisation": {"OrganizationId": "", "FurtherAccountIds": MEMBER},
    "in an account by itself": {"OrganizationId": "", "OtherRoleArns": ""},
}


@cache
def networked(parameters: str = "in an organisation") -> Networked:
    """The committed templates' stack."""
    return _made(PARAMETERS[parameters])


def broken(change: Mutation) -> Networked:
    """The stack with one change of the network's template."""
    changed = copy.deepcopy(committed())
    change(changed)
    return _made(PARAMETERS["in an organisation"], {WHERE: changed})
