"""Each role on every action that AWS has: which of them it may do anything with, and that nobody has said it may.

What a policy decides about an action depends on its name only through the patterns that it fits. So actions that fit
the same patterns are decided together, by the first of them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from localaws.policy import Ask, Document, Policies, evaluate
from localaws.policy.documents import Kind, Statement, read
from localaws.policy.patterns import like
from tests.policy import simulator
from tests.policy.cases import VIA_MANAGER, VIA_SSM
from tests.policy.further import further
from tests.policy.further_cases import MINTS
from tests.policy.world import World, session_of
from tests.stack.stacks import HERE, Stack
from tests.stack.test_roles import (
    ASSUME_ACTIONS,
    CONFIG_ACTIONS,
    LOG_ACTIONS,
    NETWORK_ACTIONS,
    SECRET_ACTIONS,
    STAR_RESOURCE_ACTIONS,
)
from tests.stack.test_rotation_stack import ENCRYPTS, ROTATES

# Every action of the Service Authorization Reference, in the data that the simulator comes with.
DATA = simulator.FOLDER / "node_modules" / "@cloud-copilot" / "iam-data" / "data" / "actions"
_DIRECTORY = STAR_RESOURCE_ACTIONS["DirectoryRole"] | {
    f"sagemaker:{one}"
    for one in (
        *("DescribeApp", "DescribeMlflowTrackingServer", "DescribeNotebookInstance", "DescribeSpace"),
        *("DescribeUserProfile", "ListTags"),
    )
}
_MINTING = {
    f"sagemaker:CreatePresigned{one}" for one in ("DomainUrl", "MlflowTrackingServerUrl", "NotebookInstanceUrl")
} | {"sagemaker-mlflow:*"}
# Whatever a role may do with anything at all, with all that the stack can be given; each new one is a decision.
COMMITTED: dict[str, set[str]] = {
    "FunctionRole": STAR_RESOURCE_ACTIONS["FunctionRole"]
    | NETWORK_ACTIONS
    | LOG_ACTIONS
    | ASSUME_ACTIONS
    | SECRET_ACTIONS
    | CONFIG_ACTIONS
    | {"kms:Decrypt"},
    "MintingRole": _MINTING,
    "DirectoryRole": _DIRECTORY,
    "ProfileMakingRole": {"sagemaker:AddTags", "sagemaker:CreateUserProfile", "iam:PassRole"},
    "DeploymentRole": {f"lambda:{one}" for one in ("GetAlias", "GetProvisionedConcurrencyConfig", "UpdateAlias")}
    | {"cloudwatch:DescribeAlarms"},
    "RotationRole": STAR_RESOURCE_ACTIONS["RotationRole"] | NETWORK_ACTIONS | LOG_ACTIONS | {*ROTATES, *ENCRYPTS},
    "MintingRole of another account": _MINTING,
    "DirectoryRole of another account": _DIRECTORY,
}
# All that a condition of a role may ask for, as it wants it; an endpoint and the function's own code may be missing.
_FAVOURS = {
    "aws:PrincipalOrgID": "o-exampleorgid",
    "iam:PassedToService": "sagemaker.amazonaws.com",
    "sagemaker:TaggingAction": "CreateUserProfile",
    "sts:SourceIdentity": "alice-0123",
}
_OWN_CODE = f"arn:aws:lambda:{HERE.region}:{HERE.id}:function:{HERE.stack_name}"
_CODES = (_OWN_CODE, f"{_OWN_CODE}-rotation", None)
# Leaves it to the account, so that an identity policy is all that an assumption needs.
_TRUST: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:*"}
        for account in (HERE.id, further().there.account.id)
    ],
}
_NARROW = re.compile(r"arn:[^*?]+:user-profile/d-[a-z0-9-]+/\*|[^*?]+")


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a stack, and what its statements say."""

    name: str
    stack: Stack
    documents: tuple[Document, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of its identity policies."""
        return tuple(one for document in self.documents for one in read(document, Kind.IDENTITY))


def actions() -> list[str]:
    """Return every action of AWS, as `service:Name`; none where the simulator is not installed."""
    return sorted(
        f"{path.stem}:{one['name']}"
        for path in DATA.glob("*.json")
        for one in json.loads(path.read_text(encoding="utf-8")).values()
    )


def roles(here: World, there: Stack) -> Iterator[Role]:
    """Every role of the gate's stack, and of the stack of another account."""
    for stack, where in ((here.stack, ""), (there, " of another account")):
        for name, one in stack.every("AWS::IAM::Role").items():
            documents = tuple(policy["PolicyDocument"] for policy in one.get("Policies", ()))
            yield Role(f"{name}{where}", stack, documents)


def allowed(role: Role, asked: Iterable[str]) -> set[str]:
    """Return the actions that a role may do with anything, under any circumstances."""
    patterns = {pattern for one in role.statements for pattern in one.actions}
    alike: dict[frozenset[str], list[str]] = defaultdict(list)
    for action in asked:
        alike[frozenset(one for one in patterns if like(one, action.lower()))].append(action)
    return {action for fits, group in alike.items() if fits and _may(role, group[0]) for action in group}


def _may(role: Role, action: str) -> bool:
    account, endpoints = role.stack.account, _endpoints(role.stack)
    who = session_of(account.id, role.name.split()[0], "alice")
    resources = {re.sub(r"[*?]", "x", one) if one != "*" else one for said in role.statements for one in said.resources}
    policies = Policies(role.documents, resource=_TRUST if action.startswith("sts:") else None)
    return any(
        evaluate(Ask(action, resource, who, context), policies, resource_account=account.id).allowed
        for resource, context in product(sorted(resources), _contexts(endpoints))
    )


def _endpoints(stack: Stack) -> set[str]:
    return {member for name in stack.parameters for member in stack.parameters[name].split(",") if "vpce-" in member}


def _contexts(endpoints: Iterable[str]) -> Iterator[Mapping[str, str]]:
    for endpoint, code, via in product((*sorted(endpoints), None), _CODES, (VIA_SSM, VIA_MANAGER, None)):
        known = {"aws:SourceVpce": endpoint, "lambda:SourceFunctionArn": code, "kms:ViaService": via}
        yield _FAVOURS | {key: value for key, value in known.items() if value is not None}


def beyond(name: str, found: Iterable[str]) -> list[str]:
    """Return what a role may do and nobody has said it may; a pattern in the list is for all that fits it."""
    return sorted(one for one in found if not any(like(pattern, one) for pattern in COMMITTED.get(name, ())))


def missing(name: str, found: set[str]) -> list[str]:
    """Return what it is said that a role may do, and it may not: an entry that is out of date."""
    return sorted(one for one in COMMITTED[name] if not any(like(one, other) for other in found))


def wide(role: Role) -> list[str]:
    """Return the resources for which a role may mint that are no one thing, nor the profiles of one domain."""
    mints = [
        one
        for one in role.statements
        if not one.denies and any(like(pattern, action.lower()) for pattern in one.actions for action, _ in MINTS)
    ]
    return [resource for one in mints for resource in one.resources if not _NARROW.fullmatch(resource)]
