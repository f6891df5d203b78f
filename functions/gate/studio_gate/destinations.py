"""What is meant: from a caller and the asked launch to targets with every value settled."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from studio_gate.config import Config
from studio_gate.destination_config import AnyDestination, Expiries, Owned
from studio_gate.errors import GateError, InvalidParameter, Problem, malformed
from studio_gate.fields import DESTINATION, DESTINATION_LENGTH, PROFILE_NAME, PROFILE_NAME_LENGTH, matches
from studio_gate.identity import Caller
from studio_gate.kinds import EXPIRES_IN, SESSION_EXPIRES_IN
from studio_gate.landing import Landing, check_app, check_path, check_space, check_together

# No sign, no leading zero, no other digits than ASCII's: one spelling for one number.
_SECONDS = re.compile(r"[1-9][0-9]*")
_NAME_SHOWN = 64
_NOWHERE_ELSE = Landing()


@dataclass(frozen=True, slots=True)
class Launch:
    """One request to open a destination, as asked; expiries in seconds. `None` leaves a value to the configuration."""

    destination: str | None = None
    profile: str | None = None
    expires_in: int | None = None
    session_expires_in: int | None = None
    space: str | None = None
    app: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Space:
    """A space of a domain: the user profile that owns it, if any does, and whether others may open it too.

    `app_type` is what it was made for, as SageMaker says it.
    """

    name: str
    owner: str | None
    shared: bool
    app_type: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a launch comes to: what is opened, and both expiries in seconds with the bounds for this caller.

    There is a `profile` where the destination has profiles. `owners` are the ids of all callers whose own it is.
    """

    destination: AnyDestination
    profile: str | None
    owners: tuple[str, ...]
    expires_in: int
    session_expires_in: int
    bounds: Expiries
    space: Space | None = None
    app: str | None = None
    landing: Landing = _NOWHERE_ELSE
    source_ip: str | None = None


def must_be_seconds(lowest: int, highest: int) -> str:
    """Say which whole numbers of seconds are accepted."""
    return f"must be a whole number of seconds from {lowest} to {highest}"


def _profile(value: str) -> str | None:
    good = matches(PROFILE_NAME, PROFILE_NAME_LENGTH, value)
    return None if good else f"must be a user profile name of at most {PROFILE_NAME_LENGTH} characters"


def _seconds(lowest: int, highest: int) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        good = matches(_SECONDS, len(str(highest)), value) and lowest <= int(value) <= highest
        return None if good else must_be_seconds(lowest, highest)

    return check


_PARAMETERS = {
    "profile": _profile,
    "expires_in": _seconds(*EXPIRES_IN),
    "session_expires_in": _seconds(*SESSION_EXPIRES_IN),
    "space": check_space,
    "app": check_app,
    "path": check_path,
}


def check_query(query: Mapping[str, Sequence[str]], known: Mapping[str, Callable[[str], str | None]]) -> None:
    """Pass when each parameter is known, given once and well formed; otherwise `GateError` 400 that names each."""
    found = []
    for name, values in query.items():
        if name not in known:
            found.append(InvalidParameter(name[:_NAME_SHOWN], "is not a parameter of this route"))
        elif len(values) != 1:
            found.append(InvalidParameter(name, "must be given once"))
        elif wanted := known[name](values[0]):
            found.append(InvalidParameter(name, wanted))
    if found:
        raise malformed(*found)


def read_launch(destination: str | None, query: Mapping[str, Sequence[str]]) -> Launch:
    """Parse the path's destination and the query into a launch; `GateError` 400 as `check_query`.

    The bounds here are those of SageMaker's API; a destination's own come after the decision (`authorise.Grant`).
    """
    check_query(query, _PARAMETERS)
    text = {name: values[0] for name, values in query.items()}
    if wrong := check_together(text.get("space"), text.get("app"), text.get("path")):
        raise malformed(*(InvalidParameter(name, wanted) for name, wanted in wrong))
    numbers = {name: int(text.pop(name)) for name in ("expires_in", "session_expires_in") if name in text}
    return Launch(destination, **text, **numbers)  # type: ignore[arg-type]


def check_name(launch: Launch) -> None:
    """Pass for what can be a destination's name; `GateError` 403, as for one that is not there."""
    if launch.destination is not None and not matches(DESTINATION, DESTINATION_LENGTH, launch.destination):
        raise GateError(Problem.REFUSED, "unknown-destination")


def candidates(config: Config, caller: Caller, launch: Launch, owned: Owned) -> tuple[Target, ...]:
    """Return the targets the launch may mean: the caller's own profiles in the asked destination, or all of it.

    There is one where the launch names a profile or the caller has one; of several, the policies may still leave one.
    `owned` finds profiles by their tags. `GateError` 403 for an unknown destination, for no profile and for somebody
    else's alike.
    """
    destination = config.destination(launch.destination or config.default_destination)
    own = _own(destination, caller, launch, owned) if destination else ()
    asked = tuple(target for target in own if launch.profile in (None, target.profile))
    if not asked:
        reason = "not-own-profile" if own else "no-profile" if destination else "unknown-destination"
        raise GateError(Problem.REFUSED, reason)
    return asked


def all_own(config: Config, caller: Caller, owned: Owned) -> tuple[Target, ...]:
    """Return a target with default expiries for all that the caller could open, if policies permit it.

    A destination whose profiles cannot be found now is left out.
    """
    found: list[Target] = []
    for one in config.destinations:
        with suppress(GateError):
            found += _own(one, caller, Launch(), owned)
    return tuple(found)


def _own(destination: AnyDestination, caller: Caller, launch: Launch, owned: Owned) -> tuple[Target, ...]:
    found = destination.found_for(caller, owned)
    if not found:
        return ()
    bounds = destination.expiries(caller.groups)
    expires_in = launch.expires_in or bounds.expires_in.default
    session_expires_in = launch.session_expires_in or bounds.session_expires_in.default
    return tuple(
        Target(destination, profile, owners, expires_in, session_expires_in, bounds) for profile, owners in found
    )
