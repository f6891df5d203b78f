"""Read-only facts about what is in a domain, by a role of its own that can describe and never mint."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio_gate.destination_config import AnyDestination, StudioDestination
from studio_gate.destinations import Space
from studio_gate.errors import GateError, Problem
from studio_gate.sagemaker_api import Place
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline, call

# In seconds: what minting and the answer need after a fact is known, and for how long a fact is taken for true.
_RESERVE = 3.0
_FRESH, _FRESH_OWNERS = 30, 300
_MOST_FACTS = 4096
# ListSpaces, ListApps and ListUserProfiles: at most 100 a page. A domain with more than this is not read to its end.
_PAGE, _MOST_PAGES = 100, 50
_NOT_FOUND = "ResourceNotFound"
_RUNNING = "InService"


@dataclass(frozen=True, slots=True)
class SpaceShown:
    """A space as its people see it in a list: the AppTypes that run in it, in order."""

    space: Space
    running: tuple[str, ...]


@dataclass(slots=True)
class Facts:
    """What was found lately: each fact is good for some seconds, and at most 4,096 are kept."""

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
    """What is known of the domains' profiles, spaces and apps. Each method: `GateError` as `upstream.call`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._facts = Facts()

    def space(self, where: StudioDestination, name: str, deadline: Deadline) -> Space | None:
        """Return a space of the domain, or `None` (DescribeSpace); up to 30 seconds old."""

        def find() -> Space | None:
            told = self._describe(where, "DescribeSpace", {"SpaceName": name}, deadline)
            return None if told is None else _space(told, "")

        return self._facts.get((where.place, "space", name), _FRESH, find)

    def runs(self, where: StudioDestination, space: str, app_type: str, deadline: Deadline) -> bool:
        """Tell whether an app of the space is in service (ListApps); up to 30 seconds old.

        What cannot be found out counts as no: Studio's own page serves in both cases.
        """

        def find() -> frozenset[str]:
            asked = {"SpaceNameEquals": space}
            listed = self._list(where, "ListApps", "Apps", asked, deadline)
            return frozenset(str(one.get("AppType")) for one in listed if one.get("Status") == _RUNNING)

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
                if app.get("Status") == _RUNNING:
                    running.setdefault(str(app.get("SpaceName")), set()).add(str(app.get("AppType")))
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
            return next((str(one.get("Value", "")) for one in tags if one.get("Key") == tag), "")

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
            return tuple(str(one.get("UserProfileName")) for one in listed)

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
        return list(self._pages(where, operation, member, within, deadline))

    def _pages(
        self, where: AnyDestination, operation: str, member: str, asked: Mapping[str, object], deadline: Deadline
    ) -> Iterator[Mapping[str, Any]]:
        token: dict[str, object] = {}
        for _ in range(_MOST_PAGES):
            told = self._ask(where, operation, {**asked, **token}, deadline)
            yield from told.get(member, ())
            if not (given := told.get("NextToken")):
                return
            token = {"NextToken": given}
        raise GateError(Problem.UNAVAILABLE, f"too-many-pages: {operation}")

    def _ask(
        self, where: AnyDestination, operation: str, inputs: Mapping[str, object], deadline: Deadline
    ) -> Mapping[str, Any]:
        session = self._sessions.describing(where, deadline)
        seconds = deadline.whole_seconds(_RESERVE)
        place, ask = Place(where.region, where.api_endpoint), self._sessions.sagemaker.ask
        return call("sagemaker", seconds, lambda: ask(place, operation, inputs, session.credentials, seconds))


def _space(told: Mapping[str, Any], suffix: str) -> Space:
    """Read a space as DescribeSpace tells it, or with "Summary" as ListSpaces does.

    One that says nothing of owner and sharing is of the old kind, which is its whole domain's.
    """
    owner = told.get(f"OwnershipSettings{suffix}", {}).get("OwnerUserProfileName")
    sharing = told.get(f"SpaceSharingSettings{suffix}", {}).get("SharingType")
    app_type = told.get(f"SpaceSettings{suffix}", {}).get("AppType")
    # Whatever is not said to be shared, and has an owner, is the owner's alone.
    return Space(str(told["SpaceName"]), owner, shared=sharing == "Shared" or owner is None, app_type=app_type)
