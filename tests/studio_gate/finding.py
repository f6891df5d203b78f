"""What the tests of fetched keys share: a clock to set, and how finding a key ends."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from studio_gate.errors import GateError
from studio_gate.identity.keyring import KeySource

UNKNOWN = "401 unknown-key None"


def unreachable(why: str) -> str:
    """How finding a key ends that cannot be had."""
    return f"503 keys-unreachable {why}"


@dataclass
class Clock:
    """The wall clock, in seconds since 1970, as the test sets it."""

    now: float = 1_800_000_000.0


def find(keys: KeySource[str], kid: str) -> str:
    """Return the key, or how it is refused: by a failure that leads to no other, which could say more."""
    try:
        return keys.find(kid)
    except GateError as error:
        behind = error.__cause__ or error.__context__
        refused = f"{error.problem.status} {error.reason} {error.upstream}"
        return refused if behind is None else f"{refused}, because of {behind!r}"


def find_at_once(keys: KeySource[str], kids: list[str]) -> list[str]:
    """Find keys in as many threads."""
    barrier = Barrier(len(kids))

    def one(kid: str) -> str:
        barrier.wait(30)
        return find(keys, kid)

    with ThreadPoolExecutor(len(kids)) as threads:
        return list(threads.map(one, kids))
