"""What destinations have of their own beside the stack: endpoints, and the roles of the stack in another account."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from localaws import example, template
from localaws.enforcement import Paths, Role
from localaws.enforcement.stack import function_of, roles_of
from studio_gate.config import Config
from studio_gate.destination_config import AnyDestination

_PARAMETERS = {"studio": "StudioProfileArns", "notebook": "NotebookArns", "mlflow": "TrackingServerArns"}


def paths(config: Config) -> Paths:
    """Return the endpoints of the example's stack, and those that destinations name, each of the kind it is for."""
    parameters = example.parameters()
    found = Paths.of(parameters)
    for one in config.destinations:
        if one.endpoint_ids is None:
            continue
        # aws.sagemaker.{region}.studio
        used: dict[str, Any] = {one.how.endpoint.rpartition(".")[2]: one.endpoint_ids[1]}
        if one.region == example.ACCOUNT.region:
            found = replace(found, **used)
            continue
        there = found.regions.get(one.region, Paths(None, one.endpoint_ids[0], None))
        found = replace(found, regions={**found.regions, one.region: replace(there, **used)})
    return found


def roles(config: Config, stack: Mapping[str, Any]) -> Iterator[Role]:
    """Yield the roles that stacks/account-roles.yaml creates in the accounts of destinations with a minting role."""
    gate = function_of(stack, example.ACCOUNT).role.arn
    names = {one.minting_role for one in config.destinations if one.minting_role is not None}
    for minting_role in sorted(names):
        served = [one for one in config.destinations if one.minting_role == minting_role]
        stack_name = minting_role.rpartition("/")[2].removesuffix("-minting")
        account = template.Account(served[0].account, served[0].region, stack_name=stack_name)
        source = template.load(example.ROOT / "stacks" / "account-roles.yaml")
        yield from roles_of(template.create(source, _given(served, gate), account), account).values()


def _given(served: Iterable[AnyDestination], gate: str) -> dict[str, str]:
    """Return the parameters of the stack there."""
    given = {"GateRoleArn": gate, "GateStsEndpointId": example.parameters()["StsEndpointId"]}
    arns: dict[str, list[str]] = {}
    used: dict[str, None] = {}
    for one in served:
        minting, *using = one.endpoint_ids or ()
        given |= {"ExternalId": str(one.external_id), "SageMakerApiEndpointId": minting}
        used.update(dict.fromkeys(using))
        arns.setdefault(_PARAMETERS[one.kind], []).append(one.arn(example.ACCOUNT.partition, "*"))
    return given | {"UseEndpointIds": ",".join(used)} | {name: ",".join(several) for name, several in arns.items()}
