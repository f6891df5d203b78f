"""What a person is offered: the destinations that they may open, and their spaces as far as these are known."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio_gate.destinations import Target
from studio_gate.directory import SpaceShown
from studio_gate.errors import GateError

# In characters: the longest text that is searched for.
LONGEST_SEARCH = 64
# More than anybody reads; the others are found by searching.
_MOST_SHOWN = 60
# Nothing describes the spaces there, and nothing will (sessions.py).
_NOT_SET_UP = "no-role-for-it"


type SpacesOf = Callable[[Target], Sequence[SpaceShown]]
"""Describes a target's spaces; `GateError` where that cannot be done now."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One profile of one destination, with all that is said of it; expiries in seconds.

    `several` tells that the caller may open more than one profile there, so that a launch has to name it.
    """

    kind: str
    name: str
    title: str
    description: str
    profile: str | None
    several: bool
    expires_in: int
    session_expires_in: int
    longest_session: int
    spaces: tuple[SpaceShown, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """The offers to show, how many were found and how many there are, and whether all their spaces are known."""

    offers: tuple[Offer, ...]
    found: int
    all: int
    spaces_known: bool


def offered(targets: Sequence[Target], search: str, spaces_of: SpacesOf) -> Offered:
    """Return what to show of the targets that a caller may open: those that have every word of `search` in them.

    Spaces are asked for until that fails once, so that whoever waits waits for one failure.
    """
    wanted = _plain(search).split()
    found = [one for one in targets if not wanted or all(word in _said(one) for word in wanted)]
    names = [one.destination.name for one in targets]
    offers, known = [], True
    for one in found[:_MOST_SHOWN]:
        spaces: Sequence[SpaceShown] = ()
        try:
            spaces = spaces_of(one) if known else ()
        except GateError as error:
            known = error.reason == _NOT_SET_UP
        offers.append(_offer(one, several=names.count(one.destination.name) > 1, spaces=spaces))
    return Offered(tuple(offers), len(found), len(targets), known)


def _offer(target: Target, *, several: bool, spaces: Sequence[SpaceShown]) -> Offer:
    where = target.destination
    return Offer(
        kind=where.kind,
        name=where.name,
        title=where.shown,
        description=where.description,
        profile=target.profile,
        several=several,
        expires_in=target.expires_in,
        session_expires_in=target.session_expires_in,
        longest_session=target.bounds.session_expires_in.maximum,
        spaces=tuple(spaces),
    )


def _said(target: Target) -> str:
    where = target.destination
    return _plain(
        " ".join((where.shown, where.name, *where.aliases, where.description, where.kind, target.profile or ""))
    )


def _plain(text: str) -> str:
    """Return a text as it is compared: without the differences of case and width (Unicode, chapter 3.13)."""
    return unicodedata.normalize("NFKC", text).casefold()
