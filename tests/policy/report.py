"""What the stack's policies decide, as tables: `make stack`. Exit status 1 when anything is not as it must be."""

import os
import sys
from collections.abc import Iterator
from time import monotonic

from tests.policy import every_action, made, minting, reach, simulator
from tests.policy.further import further
from tests.policy.tables import Table, table
from tests.policy.world import WHATEVER, world

_SHOWN = 10


def main() -> int:
    """Print the tables and the figures, and what is wrong with them."""
    begun, wrong = monotonic(), []
    for said, found in (*_decided(), *_every_action()):
        print(said, flush=True)
        wrong += found
    print("\n".join(f"stack: {one}" for one in wrong[:_SHOWN]), end="\n" if wrong else "")
    print(f"stack: {len(wrong) or 'nothing'} wrong, {monotonic() - begun:.0f} s")
    return int(bool(wrong))


def _decided() -> Iterator[tuple[str, list[str]]]:
    """The tables of requests: allowed and asked, as the template and the gate's session policy decide."""
    reached = table("Who reaches the API", reach.asked())
    yield f"{reached}\n", reached.wrong
    yield from _unreachable(reached)
    guarded = table("Who reaches it where the endpoint has a policy", reach.guarded())
    yield f"{guarded}\n", guarded.wrong
    minted = table("What the minting role may do", minting.asked())
    yield f"{minted}\n", minted.wrong
    through = table("Who mints through the endpoints that are made", made.asked())
    yield f"{through}\n", through.wrong


def _unreachable(reached: Table) -> Iterator[tuple[str, list[str]]]:
    through = [reached.count(column=column) for column in (reach.OTHER, reach.NONE)]
    count, asked = sum(one for one, _ in through), sum(one for _, one in through)
    every = len(reach.methods(world()))
    said = f"{count} of {every} methods reachable without the expected endpoint ({asked} requests)"
    yield f"{said}\n", [said] if count else []


def _every_action() -> Iterator[tuple[str, list[str]]]:
    """The roles on every action there is."""
    asked = every_action.actions()
    if not asked:
        lacking = f"every action: {simulator.missing()}"
        yield lacking, [lacking] if os.environ.get("CI") == "true" else []
        return
    yield f"{'What a role may do with anything, of all actions of AWS':58} asked  allowed  not committed", []
    wide = []
    for role in every_action.roles(world(WHATEVER), further().there):
        found = every_action.allowed(role, asked)
        beyond = every_action.beyond(role.name, found)
        yield (
            f"{role.name:58} {len(asked)}  {len(found):7}  {len(beyond):13}",
            [f"{role.name} may do {one}" for one in beyond],
        )
        wide += [f"{role.name} may mint for {one}" for one in every_action.wide(role)]
    yield f"\n{len(wide)} wildcard resources for minting", wide


if __name__ == "__main__":
    sys.exit(main())
