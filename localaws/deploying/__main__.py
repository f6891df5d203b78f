"""Deploy with SAM's own command to an emulator on loopback, again, with a change; delete; and print what came of it."""

import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

from localaws import example, template
from localaws.container.processes import StartError
from localaws.deploying import checks, sam
from localaws.deploying.account import Account

STACKS = sorted((example.ROOT / "stacks").glob("*.yaml"))
ROLES = {
    "GateRoleArn": f"arn:aws:iam::{example.ACCOUNT.id}:role/studio-gate-FunctionRole",
    "ExternalId": "studio-gate/research:2026",
    "GateStsEndpointId": "vpce-0d4e5f60718293041",
    "SageMakerApiEndpointId": "vpce-0aaaaaaaaaaaaaaaa",
    "UseEndpointIds": "vpce-0bbbbbbbbbbbbbbbb",
    "StudioProfileArns": "arn:aws:sagemaker:eu-west-1:444455556666:user-profile/d-research01234/*",
}
# What is left empty for a network that is made whole.
_MADE = (
    *("VpcId", "SubnetIds", "SecurityGroupIds", "RouteTableIds", "UseEndpointIds", "ExecuteApiEndpointIds"),
    *("SageMakerApiEndpointId", "StudioEndpointId", "StsEndpointId"),
)
NETWORK = dict.fromkeys(_MADE, "")
NETWORK |= {"Network": "vpc", "CorporateCidrs": "10.0.0.0/8"}
# What says which ids of the network there are: the emulator makes up its own.
_WITH_IDS = {checks.function, checks.roles}
_NAME = example.ACCOUNT.stack_name
# What a stack that is deleted leaves, by its DeletionPolicy.
RETAINED = {f"log group /aws/{service}/{_NAME}" for service in ("apigateway", "lambda")}
# What a shell reports for a process that a signal ended.
_SIGNALLED = 128
type Row = tuple[str, list[str]]


def main() -> int:
    """Print a row for each thing that has to hold, and return 0 when all do, else 1."""
    begun = monotonic()
    if not sam.EMULATOR.exists() or not sys.platform.startswith("linux"):
        print("deploy-smoke: it needs Linux, and .venv-deploy: make deploy-smoke")
        return int(os.environ.get("CI") == "true")
    wrong = 0
    try:
        with (
            tempfile.TemporaryDirectory(prefix="deploy-smoke-") as folder,
            sam.emulated(Path(folder), kinds()) as emulated,
        ):
            for said, found in rows(emulated):
                print(f"{said:75} {'; '.join(found) or 'ok'}", flush=True)
                wrong += bool(found)
            report(emulated)
    except (StartError, sam.DeployError) as error:
        print(f"deploy-smoke: {error}")
        return 1
    print(f"deploy-smoke: {wrong or 'nothing'} wrong, {monotonic() - begun:.0f} s")
    return int(wrong > 0)


def kinds() -> set[str]:
    """Every type of resource that a template of this project names, or SAM's translator makes of it."""
    gate, *others = (template.load(path) for path in (example.ROOT / "template.yaml", *STACKS))
    made = template.create(gate, example.parameters(), example.ACCOUNT)
    named = [one for source in (gate, *others) for one in source["Resources"].values()]
    return {one["Type"] for one in (*named, *made.values())}


def rows(emulated: sam.Emulated) -> Iterator[Row]:
    """Each thing that has to hold, with what is wrong about it, as soon as it is known."""
    account, parameters = Account(emulated.endpoint), example.parameters()
    emulated.deploy(parameters)
    source = template.load(example.ROOT / "template.yaml")
    expected = template.create(source, parameters, example.ACCOUNT)
    deployed = account.deployed(_NAME)
    yield from ((f"deployed: {said}", check(deployed, expected, source)) for said, check in checks.CHECKS.items())
    words = emulated.deploy(parameters)
    yield "deployed again: there is nothing to change", _unless("No changes to deploy" in words, "there is")
    emulated.deploy(parameters | {"LogRetentionDays": "30"})
    days = account.retention(f"/aws/lambda/{_NAME}")
    yield "changed: the log group keeps what is in it for 30 days", _unless(days == 30, f"{days}")  # noqa: PLR2004
    yield "changed: everything else is as before", _still(account, deployed)
    state = account.create(
        f"{_NAME}-roles", (example.ROOT / "stacks" / "account-roles.yaml").read_text(encoding="utf-8"), ROLES
    )
    yield "the roles of another account: the stack is complete", _unless(state == "CREATE_COMPLETE", state)
    for name in (f"{_NAME}-roles", _NAME):
        account.delete(name)
    left = sorted(set(account.left()) ^ RETAINED)
    yield "deleted: nothing is left but the logs", left
    yield from _with_a_network(emulated, account)


def _with_a_network(emulated: sam.Emulated, account: Account) -> Iterator[Row]:
    """Deploy with everything made (VPC, subnets, security groups, endpoints) in a nested stack, and delete it."""
    parameters = example.parameters() | NETWORK
    emulated.deploy(parameters)
    source = template.load(example.ROOT / "template.yaml")
    expected = template.create(source, parameters, example.ACCOUNT)
    deployed = account.deployed(_NAME)
    for said, check in checks.CHECKS.items():
        if check not in _WITH_IDS:
            yield f"with a VPC: {said}", check(deployed, expected, source)
    account.delete(_NAME)
    yield "deleted with a VPC: nothing is left but the logs", sorted(set(account.left()) ^ RETAINED)


def report(emulated: sam.Emulated) -> None:
    """Say of which types of resources nothing was created."""
    counted = Counter(kind for kind, _ in emulated.placeholders)
    for kind, count in sorted(counted.items()):
        print(f"deploy-smoke: the emulator does not know {kind}: {count} checked, and not created")


def _still(account: Account, before: checks.Deployed) -> list[str]:
    after = account.deployed(_NAME)
    same: dict[str, Callable[[checks.Deployed], object]] = {
        "status": lambda one: one.status.replace("UPDATE", "CREATE"),
        "ids": lambda one: {(logical, physical) for logical, _, physical, _ in one.resources},
        "methods": lambda one: one.methods,
        "roles": lambda one: one.roles,
    }
    return [what for what, of in same.items() if of(before) != of(after)]


def _unless(holds: bool, said: str) -> list[str]:  # noqa: FBT001 - the one thing it decides on
    return [] if holds else [said]


def end(number: int, _: object) -> None:
    """Leave as on an exception, so that everything that was started is ended."""
    sys.exit(_SIGNALLED + number)


if __name__ == "__main__":
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    sys.exit(main())
