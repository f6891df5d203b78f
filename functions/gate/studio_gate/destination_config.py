"""The destinations of the configuration: what each is in AWS, whose, and the bounds of what is minted for it."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, ClassVar, Literal, NamedTuple, Self, override

from pydantic import Field, model_validator

from studio_gate.callers import Caller
from studio_gate.fields import (
    AccountId,
    CallerId,
    DestinationName,
    DomainId,
    EndpointId,
    ExternalId,
    Group,
    HttpsOrigin,
    NotebookName,
    Region,
    RoleArn,
    Shown,
    Strict,
    TrackingServerName,
    unique,
)
from studio_gate.kinds import EXPIRES_IN, MLFLOW, NOTEBOOK, SESSION_EXPIRES_IN, STUDIO, Kind
from studio_gate.profile_config import Claim, CreateProfile, Profile, ProfileFrom, TaggedClaim


class Bounds(Strict):
    """The default and the maximum of an expiry, in seconds. A caller may ask for less, never for more."""

    default: int = Field(description="what a caller gets who asks for nothing")
    maximum: int = Field(description="the most that a caller may ask for")

    def within(self, limit: int | None) -> "Bounds":
        """Return the bounds with both values cut at a limit."""
        return self if limit is None else Bounds(default=min(self.default, limit), maximum=min(self.maximum, limit))


class Expiries(NamedTuple):
    """The bounds of both expiries, in seconds."""

    expires_in: Bounds
    session_expires_in: Bounds


class Limit(Strict):
    """What the members of a group get at most, in seconds; of several groups, the least. It clamps defaults too."""

    group: Group = Field(description="whose members")
    expires_in: int | None = Field(default=None, description="for how long their URLs can be opened")
    session_expires_in: int | None = Field(default=None, description="how long their sessions last")


# The profiles, or `None` for all of a destination, with the callers whose own each is.
type Found = tuple[tuple[str | None, tuple[str, ...]], ...]
type Owned = Callable[["StudioDestination", Caller], tuple[str, ...]]


class Destination(Strict):
    """What every kind of destination has."""

    how: ClassVar[Kind]

    name: DestinationName = Field(description="what callers and policies know it by")
    title: Shown = Field(default="", description="what people read; its name if left out")
    description: Shown = Field(default="", description="what people read besides")
    aliases: tuple[DestinationName, ...] = Field(
        default=(), description="other names that open it, as in old bookmarks"
    )
    account: AccountId = Field(description="the account that it is in")
    region: Region = Field(description="the region that it is in")
    minting_role: RoleArn | None = Field(
        default=None, description="the role that mints its URLs; the stack's if left out, which is for its own account"
    )
    directory_role: RoleArn | None = Field(
        default=None, description="the role that describes what is in it; the stack's if left out"
    )
    external_id: ExternalId | None = Field(default=None, description="what these roles' trust policies ask for")
    endpoint_ids: tuple[EndpointId, ...] | None = Field(
        default=None,
        min_length=2,
        description="the sagemaker.api endpoint, then those its URLs are used through; the stack's if left out",
    )
    api_endpoint: HttpsOrigin | None = Field(
        default=None, description="where the region's SageMaker API is asked, if not under its usual name"
    )
    expires_in: Bounds = Field(
        default=Bounds(default=30, maximum=60),
        description=f"for how long a URL can be opened: {EXPIRES_IN[0]} to {EXPIRES_IN[1]} seconds",
    )
    session_expires_in: Bounds = Field(
        default=Bounds(default=28800, maximum=43200),
        description=f"how long a session lasts: {SESSION_EXPIRES_IN[0]} to {SESSION_EXPIRES_IN[1]} seconds",
    )
    limits: tuple[Limit, ...] = Field(default=(), description="what members of some groups get at most")
    bind_source_ip: bool = Field(
        default=False, description="whether its URLs work from the address alone that the caller asked from"
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        bounds = (("expires_in", self.how.expires_in), ("session_expires_in", SESSION_EXPIRES_IN))
        for name, (lowest, highest) in bounds:
            given: Bounds = getattr(self, name)
            if not lowest <= given.default <= given.maximum <= highest:
                raise ValueError(f"{name} must be {lowest} <= default <= maximum <= {highest}, in seconds")
            for limit in self.limits:
                most = getattr(limit, name)
                if most is not None and not lowest <= most <= highest:
                    raise ValueError(f"{name} of the limit for {limit.group!r} must be from {lowest} to {highest}")
        unique("limits", (one.group for one in self.limits))
        if any(one.expires_in is one.session_expires_in is None for one in self.limits):
            raise ValueError("a limit must limit expires_in, session_expires_in or both")
        return self

    @property
    def domain(self) -> "StudioDestination | None":
        """The destination as a domain, where it is one: with profiles, spaces and apps."""
        return None

    @property
    def shown(self) -> str:
        """What people know it by."""
        return self.title or self.name

    @property
    def place(self) -> str:
        """What it is in AWS, so that nothing is configured twice."""
        return f"{self.account} {self.region} {self.how.resource.format_map(self.identifiers('*'))}"

    def identifiers(self, profile: str | None) -> dict[str, str]:
        """Return the operation's inputs that say what is opened."""
        raise NotImplementedError

    def checked_callers(self) -> set[str]:
        """Return all callers that it names; `ValueError` when they could be mistaken for each other."""
        raise NotImplementedError

    def found_for(self, caller: Caller, owned: Owned) -> Found:
        """Return what a caller may try to open, each with the ids of those whose own it is: profiles, or all of it.

        `owned` finds profiles by their tags. `GateError` 403 for a claim that names no profile.
        """
        raise NotImplementedError

    def arn(self, partition: str, profile: str | None) -> str:
        """Return the ARN of what is opened."""
        resource = self.how.resource.format_map(self.identifiers(profile))
        return f"arn:{partition}:sagemaker:{self.region}:{self.account}:{resource}"

    def is_host(self, host: str) -> bool:
        """Tell whether a minted URL may have that host; the hosts of the `aws` partition."""
        # DNS knows no capitals; names and regions hold nothing that a pattern would read otherwise (fields.py).
        named = {name: value.lower() for name, value in self.identifiers(None).items()}
        return re.fullmatch(self.how.host.format_map(named | {"region": self.region}), host) is not None

    def expiries(self, groups: Iterable[str]) -> Expiries:
        """Return the bounds for members of these groups."""
        bounds = Expiries(self.expires_in, self.session_expires_in)
        for limit in self.limits:
            if limit.group in groups:
                each = zip(bounds, (limit.expires_in, limit.session_expires_in), strict=True)
                bounds = Expiries(*(one.within(most) for one, most in each))
        return bounds


class StudioDestination(Destination):
    """A Studio domain that can be opened through CreatePresignedDomainUrl.

    A caller's profile is found in one way: `profiles`, `profile_from` or `profile_tagged`.
    """

    how: ClassVar[Kind] = STUDIO

    kind: Literal["studio"] = Field(description="a domain in IAM authentication mode")
    domain_id: DomainId = Field(description="the domain's id")
    profiles: tuple[Profile, ...] = Field(default=(), description="the user profiles that can be opened, one by one")
    profile_from: ProfileFrom | None = Field(default=None, description="how a claim names a caller's profile")
    profile_tagged: TaggedClaim | None = Field(default=None, description="how a tag finds a caller's profile")
    owner_tag: TaggedClaim | None = Field(
        default=None, description="the tag that a profile must have besides, or it is not opened"
    )
    create_profile: CreateProfile | None = Field(
        default=None, description="what a caller's profile is made of at the first launch; with `profile_from` alone"
    )

    @model_validator(mode="after")
    def _found_in_one_way(self) -> Self:
        ways = (self.profiles, self.profile_from, self.profile_tagged)
        if sum(bool(one) for one in ways) != 1:
            raise ValueError("there must be one of profiles, profile_from and profile_tagged")
        if self.create_profile is not None and self.profile_from is None:
            raise ValueError("create_profile goes with profile_from")
        return self

    @property
    @override
    def domain(self) -> "StudioDestination | None":
        return self

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim that it finds or checks profiles by."""
        return tuple(one for one in (self.profile_from, self.profile_tagged, self.owner_tag) if one is not None)

    @override
    def identifiers(self, profile: str | None) -> dict[str, str]:
        return {"DomainId": self.domain_id, "UserProfileName": profile or ""}

    @override
    def checked_callers(self) -> set[str]:
        # Not even by case may two profiles be mistaken for each other.
        unique(f"profiles of {self.name!r}", (one.name.casefold() for one in self.profiles))
        for profile in self.profiles:
            unique(f"callers of {self.name}/{profile.name}", profile.callers)
        callers = {name for profile in self.profiles for name in profile.callers}
        unique(f"callers of {self.name!r} but for case", (name.casefold() for name in callers))
        return callers

    @override
    def found_for(self, caller: Caller, owned: Owned) -> Found:
        if self.profiles:
            return tuple((one.name, one.callers) for one in self.profiles if caller.id in one.callers)
        if self.profile_from is not None:
            value = self.profile_from.value_of(caller)
            return () if value is None else ((self.profile_from.by.name_of(value), (caller.id,)),)
        return tuple((one, (caller.id,)) for one in owned(self, caller))

    @property
    def origin(self) -> str:
        """The origin of its URLs, as a Content-Security-Policy names it."""
        return f"https://{self.domain_id}.studio.{self.region}.sagemaker.aws"


class _Whole(Destination):
    """A destination without profiles: it is opened as a whole."""

    callers: tuple[CallerId, ...] = Field(default=(), description="whose it is, by their ids, for policies to speak of")

    @override
    def checked_callers(self) -> set[str]:
        unique(f"callers of {self.name!r} but for case", (name.casefold() for name in self.callers))
        return set(self.callers)

    @override
    def found_for(self, caller: Caller, owned: Owned) -> Found:
        return ((None, self.callers),)


class NotebookDestination(_Whole):
    """A notebook instance. AWS gives its URLs five minutes, whatever is asked."""

    how: ClassVar[Kind] = NOTEBOOK

    kind: Literal["notebook"] = Field(description="a notebook instance")
    instance: NotebookName = Field(description="its name")
    expires_in: Bounds = Field(
        default=Bounds(default=300, maximum=300), description="AWS's own five minutes: nothing else can be asked for"
    )

    @override
    def identifiers(self, profile: str | None) -> dict[str, str]:
        return {"NotebookInstanceName": self.instance}

    @property
    def origin(self) -> str:
        """The origins of its URLs, as a Content-Security-Policy names them."""
        return f"https://*.notebook.{self.region}.sagemaker.aws"


class MlflowDestination(_Whole):
    """An MLflow tracking server. Each of its URLs opens once."""

    how: ClassVar[Kind] = MLFLOW

    kind: Literal["mlflow"] = Field(description="an MLflow tracking server")
    tracking_server: TrackingServerName = Field(description="its name")

    @override
    def identifiers(self, profile: str | None) -> dict[str, str]:
        return {"TrackingServerName": self.tracking_server}

    @property
    def origin(self) -> str:
        """The origins of its URLs, as a Content-Security-Policy names them."""
        return f"https://*.{self.region}.experiments.sagemaker.aws"


AnyDestination = StudioDestination | NotebookDestination | MlflowDestination
Opened = Annotated[AnyDestination, Field(discriminator="kind")]
