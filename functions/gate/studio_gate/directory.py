"""Read-only facts about what is in a domain, by a role of its own that can describe and never mint."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_gate.destination_config import AnyDestination, StudioDestination
from studio_gate.destinations import Space
from studio_gate.errors import GateError, Problem
from studio_gate.fields import PROFILE_NAME, PROFILE_NAME_LENGTH, matches
from studio_gate.sagemaker_api import Place
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline, call

# In seconds: what minting and the answer need after a fact is known, and for how long a fact is taken for true.
_RESERVE = 3.0
_FRESH, _FRESH_OWNERS = 30, 300
# Of what is only good to know, more is left: enough for a session of the minting role, too.
_RESERVE_MORE = 1.5
# ListSpaces, ListApps and ListUserProfiles: at most 100 a page. A domain with more than this is not read to its end.
_PAGE, _MOST_PAGES = 100, 50
# The owners of three such domains. If those of one had no room, they would never all be read.
_MOST_FACTS = 16384
_NOT_FOUND = "ResourceNotFound"
_RUNNING = "InService"
_SHARINGS = {"Private", "Shared"}


@dataclass(frozen=True, slots=True)
class SpaceShown:
    """A space as its people see it in a list: the AppTypes that run in it, in order."""

    space: Space
    running: tuple[str, ...]


@dataclass(slots=True)
class Facts:
    """What was found lately: each fact is good for some seconds, and at most 16,384 are kept."""

    _kept: OrderedDict[tuple[object, ...], tuple[float, Any]] = field(default_factory=OrderedDict, repr=False)

    def get[T](self, key: tuple[object, ...], seconds: int, find: Callable[[], T]) -> T:
        """Return what was found under a key in the last seconds, or find it; a failure is not kept."""
        # The wall clock, because the other stands still while the environment is frozen.
        now = time.time()
        found = self._kept.get(key)
        if found is None or not 0 <= now - found[0] < seconds:
            found = self._kept[key] = (now, find())
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_FACTS:
            self._kept.popitem(last=False)
        value: T = found[1]
        return value

    def forget(self, key: tuple[object, ...]) -> None:
        """Find it anew next time."""
        self._kept.pop(key, None)


class Directory:
    """What is known of the domains' profiles, spaces and apps.

    Each method: `GateError` as `upstream.call`, 409 for a domain that is not there, 502 for facts of another form.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._facts = Facts()

    def space(self, where: StudioDestination, name: str, deadline: Deadline) -> Space | None:
        """Return a space of the domain, or `None` (DescribeSpace); up to 30 seconds old."""

        def find() -> Space | None:
            told = self._describe(where, "DescribeSpace", {"SpaceName": name}, deadline)
            if told is None:
                return None
            if (told.get("DomainId"), told.get("SpaceName")) != (where.domain_id, name):
                raise _nonsense()
            return _space(told, "")

        return self._facts.get((where.place, "space", name), _FRESH, find)

    def runs(self, where: StudioDestination, space: str, app_type: str, deadline: Deadline) -> bool:
        """Tell whether an app of the space is in service (ListApps); up to 30 seconds old.

        What cannot be found out counts as no: Studio's own page serves in both cases.
        """

        def find() -> frozenset[str | None]:
            asked = {"SpaceNameEquals": space}
            listed = self._list(where, "ListApps", "Apps", asked, deadline)
            return frozenset(_text(one, "AppType") for one in listed if _runs_in(one) == space)

        deadline = Deadline(deadline.at - _RESERVE_MORE)
        try:
            return app_type in self._facts.get((where.place, "apps", space), _FRESH, find)
        except GateError:
            return False

    def spaces_of(self, where: AnyDestination, profile: str | None, deadline: Deadline) -> tuple[SpaceShown, ...]:
        """Return the spaces that a profile may see, its own first, and what runs in them; up to 30 seconds old."""
        if (domain := where.domain) is None:
            return ()

        def find() -> tuple[SpaceShown, ...]:
            running: dict[str, set[str]] = {}
            for app in self._list(domain, "ListApps", "Apps", {}, deadline):
                if (space := _runs_in(app)) is not None:
                    running.setdefault(space, set()).add(_needed(app, "AppType"))
            listed = self._list(domain, "ListSpaces", "Spaces", {}, deadline)
            spaces = (_space(one, "Summary") for one in listed)
            return tuple(SpaceShown(one, tuple(sorted(running.get(one.name, ())))) for one in spaces)

        found = self._facts.get((where.place, "spaces"), _FRESH, find)
        seen = (one for one in found if one.space.shared or one.space.owner == profile)
        return tuple(sorted(seen, key=lambda one: (one.space.owner != profile, one.space.name)))

    def status(self, where: StudioDestination, profile: str, deadline: Deadline) -> str | None:
        """Return the status of a profile now, or `None` where there is none (DescribeUserProfile)."""
        told = self._describe(where, "DescribeUserProfile", {"UserProfileName": profile}, deadline)
        return None if told is None else str(told.get("Status"))

    def owner(self, where: StudioDestination, profile: str, tag: str, deadline: Deadline) -> str | None:
        """Return the value of a tag of a profile, "" without the tag, `None` without the profile (ListTags).

        Up to 5 minutes old; a profile that is not there is looked for each time.
        """
        key = (where.place, "owner", tag, profile)

        def find() -> str | None:
            arn = where.arn(self._sessions.partition, profile)
            try:
                tags = list(self._pages(where, "ListTags", "Tags", {"ResourceArn": arn}, deadline))
            except GateError as error:
                if error.upstream != _NOT_FOUND:
                    raise
                return None
            values = [_needed(one, "Value") for one in tags if _needed(one, "Key") == tag]
            if len(values) > 1:
                raise _nonsense()
            return values[0] if values else ""

        found = self._facts.get(key, _FRESH_OWNERS, find)
        if found is None:
            self._facts.forget(key)
        return found

    def owned(self, where: StudioDestination, tag: str, value: str, deadline: Deadline) -> tuple[str, ...]:
        """Return the profiles whose tag has the value (ListUserProfiles, ListTags); up to 5 minutes old.

        All of the domain's profiles are read before any is returned, since a second one with that value matters:
        `GateError` 503 while they are not, and the next request reads on from there.
        """

        def find() -> tuple[str, ...]:
            listed = self._list(where, "ListUserProfiles", "UserProfiles", {}, deadline)
            # A page may repeat one that was on the page before, if others came or went between.
            names = tuple(dict.fromkeys(_needed(one, "UserProfileName") for one in listed))
            # They get into ARNs.
            if not all(matches(PROFILE_NAME, PROFILE_NAME_LENGTH, one) for one in names):
                raise _nonsense()
            return names

        profiles = self._facts.get((where.place, "profiles"), _FRESH_OWNERS, find)
        try:
            return tuple(one for one in profiles if self.owner(where, one, tag, deadline) == value)
        except GateError as error:
            if error.reason == "no-time-for-a-call":
                raise GateError(Problem.UNAVAILABLE, "owners-not-all-read") from error
            raise

    def _describe(
        self, where: StudioDestination, operation: str, asked: Mapping[str, object], deadline: Deadline
    ) -> Mapping[str, Any] | None:
        try:
            return self._ask(where, operation, {"DomainId": where.domain_id, **asked}, deadline)
        except GateError as error:
            if error.upstream != _NOT_FOUND:
                raise
            return None

    def _list(
        self, where: StudioDestination, operation: str, member: str, asked: Mapping[str, object], deadline: Deadline
    ) -> list[Mapping[str, Any]]:
        within = {"DomainIdEquals": where.domain_id, "MaxResults": _PAGE, **asked}
        listed = list(self._pages(where, operation, member, within, deadline))
        if any(one.get("DomainId") != where.domain_id for one in listed):
            raise _nonsense()
        return listed

    def _pages(
        self, where: AnyDestination, operation: str, member: str, asked: Mapping[str, object], deadline: Deadline
    ) -> Iterator[Mapping[str, Any]]:
        token: dict[str, object] = {}
        for _ in range(_MOST_PAGES):
            told = self._ask(where, operation, {**asked, **token}, deadline)
            listed, given = told.get(member, []), told.get("NextToken")
            rows = isinstance(listed, list) and all(isinstance(one, dict) for one in listed)
            if not rows or not isinstance(given, str | None):
                raise _nonsense()
            yield from listed
            if not given:
                return
            token = {"NextToken": given}
        raise GateError(Problem.UNAVAILABLE, f"too-many-pages: {operation}")

    def _ask(
        self, where: AnyDestination, operation: str, inputs: Mapping[str, object], deadline: Deadline
    ) -> Mapping[str, Any]:
        session = self._sessions.describing(where, deadline)
        seconds = deadline.whole_seconds(_RESERVE)
        place, ask = Place(where.region, where.api_endpoint), self._sessions.sagemaker.ask

        def ask_it() -> Mapping[str, Any]:
            return ask(place, operation, inputs, session.credentials, seconds)

        try:
            return call("sagemaker", seconds, ask_it, frozenset({_NOT_FOUND}))
        except GateError as error:
            # Maybe it was revoked, and a new one is not.
            if error.problem is Problem.UNAVAILABLE:
                self._sessions.forget(session)
            raise


def _nonsense() -> GateError:
    return GateError(Problem.UPSTREAM_NONSENSE, "facts-of-another-form")


def _text(told: object, *path: str) -> str | None:
    """Return the text at a path of an answer, `None` where nothing is there; `GateError` 502 for what is no text."""
    for step in path:
        if not isinstance(told, Mapping):
            raise _nonsense()
        if step not in told:
            return None
        told = told[step]
    if not isinstance(told, str):
        raise _nonsense()
    return told


def _needed(told: object, *path: str) -> str:
    if (found := _text(told, *path)) is None:
        raise _nonsense()
    return found


def _runs_in(app: Mapping[str, Any]) -> str | None:
    return _text(app, "SpaceName") if app.get("Status") == _RUNNING else None


def _space(told: Mapping[str, Any], suffix: str) -> Space:
    """Read a space as DescribeSpace tells it, or with "Summary" as ListSpaces does.

    One that says nothing of owner and sharing is of the old kind, which is its whole domain's. One that says half of
    it, or something else, is nobody's: `GateError` 502.
    """
    owner = _text(told, f"OwnershipSettings{suffix}", "OwnerUserProfileName")
    sharing = _text(told, f"SpaceSharingSettings{suffix}", "SharingType")
    app_type = _text(told, f"SpaceSettings{suffix}", "AppType")
    # CreateSpace, SageMaker API reference: each of the two requires the other.
    old = not told.keys() & {f"OwnershipSettings{suffix}", f"SpaceSharingSettings{suffix}"}
    if not old and (not owner or sharing not in _SHARINGS):
        raise _nonsense()
    return Space(_needed(told, "SpaceName"), owner, shared=old or sharing == "Shared", app_type=app_type)
