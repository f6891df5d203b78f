"""What the doctor can say: a fault that was found, or that something could not be looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio_gate_cli.doctor.patient import Patient


class Severity(StrEnum):
    """How bad a fault is: somebody cannot launch or is let in who must not be; it may come to that; good to know."""

    BROKEN = "broken"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of thing that can be wrong, by a name that stays, and what to do about it in one sentence."""

    name: str
    severity: Severity
    what: str
    do: str

    def at(self, about: str, found: str) -> "Finding":
        """Return what was found, and about which resource."""
        return Finding(self, about, found)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of one resource; `found` says in a few words what there is instead of what must be."""

    fault: Fault
    about: str
    found: str


@dataclass(frozen=True, slots=True)
class NotProven:
    """Something that could not be looked at, and why; it is neither well nor broken."""

    about: str
    why: str


class NotLookedError(Exception):
    """Nobody could look: `why` says so in words of our own."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


type Told = Iterator[Finding | NotProven]
type Look = Callable[["Patient"], Told]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at: its name, what it looks at, the faults that it can find, and how it looks.

    `only` is the option without which it does not look at all.
    """

    name: str
    looks_at: str
    faults: tuple[Fault, ...]
    look: Look
    only: str = ""


def broken(name: str, what: str, do: str) -> Fault:
    """Make a fault that keeps somebody from launching, or lets somebody in."""
    return Fault(name, Severity.BROKEN, what, do)


def warning(name: str, what: str, do: str) -> Fault:
    """Make a fault that may do so."""
    return Fault(name, Severity.WARNING, what, do)


def note(name: str, what: str, do: str) -> Fault:
    """Make what is meant to be so, perhaps, and explains something."""
    return Fault(name, Severity.NOTE, what, do)
