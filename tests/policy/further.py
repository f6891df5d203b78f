"""Requests with the roles of everything that can be opened, here and in another account, as IAM would see them."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from localaws import example, template
from localaws.policy import Ask, Document, Policies
from studio_gate.config import read_config, read_deployment
from studio_gate.destination_config import AnyDestination, MlflowDestination, NotebookDestination
from studio_gate.sessions import session_policy
from tests.policy.world import EVERYTHING, MEMBER, Case, Signer, World, broken, session_of, world
from tests.stack.mutations import Mutation
from tests.stack.stacks import ACCOUNT_ROLES, EXAMPLE, FURTHER, Json, Stack, create
from tests.studio_gate import builders

EXTERNAL_ID = "studio-gate/research:2026"
THERE = template.Account(MEMBER, "eu-west-1", "aws", "studio-gate-roles")
ADDRESS, OTHER_ADDRESS = "10.20.30.40", "10.20.30.41"
API_THERE, STUDIO_THERE, NOTEBOOK_THERE = "vpce-0aaaaaaaaaaaaaaaa", "vpce-0bbbbbbbbbbbbbbbb", "vpce-0cccccccccccccccc"
NOTEBOOK, EXPERIMENTS = FURTHER["UseEndpointIds"].split(",")
_THERE = f"arn:aws:sagemaker:{THERE.region}:{THERE.id}"
PARAMETERS_THERE = {
    "GateRoleArn": "arn:aws:iam::111122223333:role/studio-gate-FunctionRole",
    "ExternalId": EXTERNAL_ID,
    "GateStsEndpointId": EXAMPLE["StsEndpointId"],
    "SageMakerApiEndpointId": API_THERE,
    "UseEndpointIds": f"{STUDIO_THERE},{NOTEBOOK_THERE}",
    "StudioProfileArns": f"{_THERE}:user-profile/d-research01234/*",
    "NotebookArns": f"{_THERE}:notebook-instance/team-a",
    "TrackingServerArns": f"{_THERE}:mlflow-tracking-server/experiments",
}


@dataclass(frozen=True, slots=True)
class Further:
    """The gate's stack with everything given, and the stack of its roles in another account."""

    gate: World
    there: Stack

    def role(self, name: str) -> tuple[Stack, Json]:
        """Return a role by its name, and the stack that it is of."""
        for stack in (self.gate.stack, self.there):
            for one in stack.every("AWS::IAM::Role").values():
                if one.get("RoleName") == name:
                    return stack, one
        raise KeyError(name)

    def act(
        self,
        name: str,
        action: str,
        resource: str,
        endpoint: str | None,
        session: Document | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Case:
        """A request with a session of a role, or with what it minted."""
        stack, role = self.role(name)
        context = ({} if endpoint is None else {"aws:SourceVpce": endpoint}) | dict(more or {})
        identity = tuple(one["PolicyDocument"] for one in role["Policies"])
        said = f"{name}: {action} on {resource} through {endpoint} with {dict(more or {})}"
        ask = Ask(action, resource, session_of(stack.account.id, name, "alice"), context)
        return Case(said, ask, Policies(identity, session=session), stack.account.id)

    def assume(
        self,
        name: str,
        endpoint: str | None = EXAMPLE["StsEndpointId"],
        who: str | None = "alice-0123",
        external_id: str | None = None,
        *,
        action: str = "sts:AssumeRole",
        by: Signer | None = None,
    ) -> Case:
        """A role assumed; by the function's own code unless it is somebody else."""
        stack, role = self.role(name)
        signer = by or self.gate.function()
        given = {
            "aws:SourceVpce": endpoint,
            "sts:SourceIdentity": who,
            "sts:ExternalId": external_id,
            "lambda:SourceFunctionArn": signer.function,
        }
        context = {key: value for key, value in given.items() if value is not None}
        said = (
            f"{signer.principal} by {signer.function}: {action} of {name} through {endpoint} for {who}, {external_id}"
        )
        trust = role["AssumeRolePolicyDocument"]
        ask = Ask(action, stack.role_arn(name), signer.principal, context)
        return Case(said, ask, Policies(signer.identity, resource=trust), stack.account.id)

    def session(self, opened: str, *, bound: bool = False) -> Document:
        """The session policy that the gate's own code makes to open something; `bound` to the caller's address."""
        environment = self.gate.stack.function["Environment"]["Variables"]
        deployment = read_deployment(environment | {"AWS_REGION": self.gate.stack.account.region})
        sample = builders.target(read_config(example.CONFIG / "gate.toml", deployment))
        where = sample.destination if opened == "domain" else _DESTINATIONS[opened]
        target = replace(
            sample,
            destination=where,
            profile="alice" if where.kind == "studio" else None,
            source_ip=ADDRESS if bound else None,
        )
        made: Json = json.loads(session_policy(target, deployment))
        if self.gate.widen is not None:
            self.gate.widen(made)
        return made


_PLACE = {"account": "111122223333", "region": "eu-central-1"}
_DESTINATIONS: dict[str, AnyDestination] = {
    "notebook": NotebookDestination(
        kind="notebook",
        name="team-a",
        instance="team-a",
        endpoint_ids=(EXAMPLE["SageMakerApiEndpointId"], NOTEBOOK),
        **_PLACE,
    ),
    "server": MlflowDestination(
        kind="mlflow",
        name="experiments",
        tracking_server="experiments",
        endpoint_ids=(EXAMPLE["SageMakerApiEndpointId"], EXPERIMENTS),
        **_PLACE,
    ),
    "notebook there": NotebookDestination(
        kind="notebook",
        name="team-there",
        instance="team-a",
        account=THERE.id,
        region=THERE.region,
        minting_role=f"arn:aws:iam::{THERE.id}:role/studio-gate-roles-minting",
        external_id=EXTERNAL_ID,
        endpoint_ids=(API_THERE, NOTEBOOK_THERE),
    ),
}


@cache
def source_there() -> Json:
    """Return the committed template of the roles in other accounts; whoever changes it takes a copy."""
    return template.load(ACCOUNT_ROLES)


@cache
def further() -> Further:
    """The committed templates' stacks."""
    return Further(world(EVERYTHING), create(source_there(), PARAMETERS_THERE, THERE))


def broken_here(change: Mutation) -> Further:
    """The stacks with one change of the gate's template."""
    return replace(further(), gate=broken(change, EVERYTHING))


def broken_there(change: Mutation) -> Further:
    """The stacks with one change of the other account's template."""
    changed = copy.deepcopy(source_there())
    change(changed)
    return replace(further(), there=create(changed, PARAMETERS_THERE, THERE))


def widened(widen: Callable[[Json], None]) -> Further:
    """The stacks with a mistake in the session policies."""
    return replace(further(), gate=replace(further().gate, widen=widen))
