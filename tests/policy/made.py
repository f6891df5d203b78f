"""Who mints through the endpoints that the stack makes, of the five ways to mint a URL, on whoever's things."""

from collections.abc import Callable, Iterator
from itertools import product

from tests.policy.network_cases import ASKED, EVERYBODY, MINTED, OWN
from tests.policy.networked import OWNERS, PARAMETERS, Networked, networked
from tests.policy.tables import Asked
from tests.stack.stacks import HERE

THE_GATE = "the minting role, in a session for one profile"
_OWNERS = ("ours", "a member's", "a stranger's")


def asked(networks: Callable[[str], Networked] = networked) -> Iterator[Asked]:
    """Every request, and whether it has to be allowed: one profile through two endpoints, to the gate alone."""
    for here in map(networks, PARAMETERS):
        gate = here.minting(here.gate.session_policy(OWN))
        everybody = EVERYBODY | {"the directory role": here.directory(), THE_GATE: gate}
        for (name, who), service, (action, resource), owner in product(everybody.items(), ASKED, MINTED, _OWNERS):
            theirs = resource.replace(HERE.id, OWNERS[owner][0])
            must = name == THE_GATE and theirs == OWN and service in {"sagemaker.api", "studio"}
            yield Asked(name, service, here.ask(who, action, theirs, service, owner), must)
