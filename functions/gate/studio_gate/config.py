"""The configuration: who someone is, which profile is theirs, and the bounds. Whether they may is Cedar's.

`gate.toml` is compiled once, as a whole, before anything is served: an unknown, empty or ambiguous entry is a
`ConfigError`, never a default. What belongs to the deployment comes from the environment that `template.yaml` sets.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from studio_gate.errors import ConfigError
from studio_gate.fields import (
    ASSUMED_ROLE,
    PROVIDED,
    AccountId,
    CallerId,
    DestinationName,
    DomainId,
    EndpointId,
    Group,
    ProfileName,
    Region,
    RoleArn,
    RoleId,
    RoleName,
    Strict,
    unique,
)
from studio_gate.providers import AlbProxy, AssertionProxy, Issuer, Provider
from studio_gate.sign_in_config import SignIn

# CreatePresignedDomainUrl, SageMaker API reference: bounds of both expiries in seconds.
EXPIRES_IN = (5, 300)
SESSION_EXPIRES_IN = (1800, 43200)


class IamRole(Strict):
    """An IAM role whose sessions the gate knows as callers.

    `role_id` pins the role against deletion and re-creation under the same name. `trust_session_name` tells the people
    behind one role apart by the session name; say so only where the role's trust policy enforces that name (as IAM
    Identity Center does), since otherwise whoever assumes the role chooses it.
    """

    account: AccountId = Field(description="the account that the role is in")
    role: RoleName = Field(description="its exact name")
    role_id: RoleId | None = Field(default=None, description="its unique id (`aws iam get-role`)")
    trust_session_name: bool = Field(default=False, description="whether each session name is a caller of its own")
    groups: tuple[Group, ...] = Field(default=(), description="the groups of all its callers, as policies name them")


class Bounds(Strict):
    """The default and the maximum of an expiry, in seconds. A caller may ask for less, never for more."""

    default: int = Field(description="what a caller gets who asks for nothing")
    maximum: int = Field(description="the most that a caller may ask for")


class Profile(Strict):
    """A user profile and all the callers it belongs to; no other caller may open it, whatever a policy says."""

    name: ProfileName = Field(description="its name in the domain")
    callers: tuple[CallerId, ...] = Field(min_length=1, description="who may open it, by their ids")


class StudioDestination(Strict):
    """A Studio domain that can be opened through CreatePresignedDomainUrl."""

    kind: Literal["studio"] = Field(description="a domain in IAM authentication mode")
    name: DestinationName = Field(description="what callers and policies know it by")
    account: AccountId = Field(description="the domain's account, which must be the stack's")
    region: Region = Field(description="the domain's region, which must be the stack's")
    domain_id: DomainId = Field(description="the domain's id")
    expires_in: Bounds = Field(
        default=Bounds(default=30, maximum=60),
        description=f"for how long a URL can be opened: {EXPIRES_IN[0]} to {EXPIRES_IN[1]} seconds",
    )
    session_expires_in: Bounds = Field(
        default=Bounds(default=28800, maximum=43200),
        description=f"how long a session lasts: {SESSION_EXPIRES_IN[0]} to {SESSION_EXPIRES_IN[1]} seconds",
    )
    profiles: tuple[Profile, ...] = Field(min_length=1, description="the domain's user profiles that can be opened")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        for name, given, (lowest, highest) in (
            ("expires_in", self.expires_in, EXPIRES_IN),
            ("session_expires_in", self.session_expires_in, SESSION_EXPIRES_IN),
        ):
            if not lowest <= given.default <= given.maximum <= highest:
                raise ValueError(f"{name} must be {lowest} <= default <= maximum <= {highest}, in seconds")
        return self

    @property
    def studio_host(self) -> str:
        """The only host that a minted URL may have (AuthorizedUrl, SageMaker API reference; the `aws` partition)."""
        return f"{self.domain_id}.studio.{self.region}.sagemaker.aws"


class Config(Strict):
    """`gate.toml`. Of `iam_roles`, `issuers`, `proxies` and `sign_in`, at least one must be there.

    It is an error to give a name, a role, an issuer, a header, a domain or a caller twice where they would be mistaken
    for each other, or to list a caller whom nothing here can prove.
    """

    version: Literal[1] = Field(description="the version of this format")
    default_destination: DestinationName = Field(description="what is opened when a request names no destination")
    iam_roles: tuple[IamRole, ...] = Field(default=(), description="whose signed requests are from callers")
    issuers: tuple[Issuer, ...] = Field(default=(), description="whose bearer tokens are from callers")
    sign_in: SignIn | None = Field(default=None, description="how people sign in with a browser")
    proxies: tuple[Annotated[AlbProxy | AssertionProxy, Field(discriminator="kind")], ...] = Field(
        default=(), description="whose assertions say who is calling"
    )
    destinations: tuple[StudioDestination, ...] = Field(min_length=1, description="what can be opened")

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        if not (self.iam_roles or self._providers):
            raise ValueError("nobody can call: there is none of iam_roles, issuers, proxies and sign_in")
        # IAM role names are unique in an account regardless of case (IAM user guide, "IAM identifiers").
        unique("iam_roles", (f"{one.account}/{one.role.casefold()}" for one in self.iam_roles))
        unique("names of issuers and proxies", (one.name for one in self._providers))
        unique("issuer", (one.issuer for one in self.issuers))
        unique("headers of proxies", (one.header for one in self.proxies))
        unique("destinations", (one.name for one in self.destinations))
        unique("domain_id", (one.domain_id for one in self.destinations))
        if self.destination(self.default_destination) is None:
            raise ValueError(f"default_destination {self.default_destination!r} is not one of the destinations")
        for destination in self.destinations:
            # Not even by case may two profiles be mistaken for each other.
            unique(f"profiles of {destination.name!r}", (one.name.casefold() for one in destination.profiles))
            callers = {name for profile in destination.profiles for name in profile.callers}
            unique(f"callers of {destination.name!r} but for case", (name.casefold() for name in callers))
            for profile in destination.profiles:
                unique(f"callers of {destination.name}/{profile.name}", profile.callers)
                for caller in profile.callers:
                    self._provable(caller)
        return self

    @property
    def _providers(self) -> tuple[Provider, ...]:
        return (*self.issuers, *self.proxies, *((self.sign_in,) if self.sign_in else ()))

    def _provable(self, caller: str) -> None:
        """Refuse a caller that nothing configured can ever prove: a typing error, or a false safety."""
        parts = ASSUMED_ROLE.fullmatch(caller)
        if parts is None:
            self._provided(caller)
            return
        role = self.iam_role(parts["account"], parts["role"])
        if role is None:
            known = ", ".join(f"{one.account}/{one.role}" for one in self.iam_roles)
            raise ValueError(f"caller {caller!r} is of no role in iam_roles, which are {known or 'none'}")
        if role.trust_session_name != (parts["session"] is not None):
            rule = "must" if role.trust_session_name else "must not"
            raise ValueError(
                f"caller {caller!r} {rule} name a session: trust_session_name is {role.trust_session_name}"
            )

    def _provided(self, caller: str) -> None:
        parts = PROVIDED.fullmatch(caller)
        known = [one.name for one in self._providers]
        if parts is None or parts["provider"] not in known:
            raise ValueError(f"caller {caller!r} is of no issuer or proxy, which are {', '.join(known) or 'none'}")

    def iam_role(self, account: str, name: str) -> IamRole | None:
        """Find the trusted role of that account and exact name."""
        return next((one for one in self.iam_roles if (one.account, one.role) == (account, name)), None)

    def destination(self, name: str) -> StudioDestination | None:
        """Find the destination of that exact name."""
        return next((one for one in self.destinations if one.name == name), None)


class Deployment(Strict):
    """What `template.yaml` decides and the function's environment carries."""

    region: Region
    execute_api_endpoint_ids: tuple[EndpointId, ...]
    minting_endpoint_ids: tuple[EndpointId, ...] = Field(min_length=2)
    minting_role_arn: RoleArn

    @model_validator(mode="after")
    def _apart(self) -> Self:
        # sagemaker.api and studio are two services, and neither is execute-api.
        unique("endpoint ids", self.minting_endpoint_ids + self.execute_api_endpoint_ids)
        if self.partition != "aws":
            raise ValueError("Studio's host is only known in the partition aws")
        return self

    @property
    def partition(self) -> str:
        """The AWS partition of this deployment, as in its ARNs."""
        return self.minting_role_arn.split(":")[1]

    @property
    def account(self) -> str:
        """The account of the minting role, and so of everything that can be opened."""
        return self.minting_role_arn.split(":")[4]


def read_deployment(environ: Mapping[str, str]) -> Deployment:
    """Read the deployment from environment variables, lists separated by commas; a `ConfigError` names each bad one."""
    raw = {
        "region": environ.get("AWS_REGION", ""),
        "execute_api_endpoint_ids": environ.get("EXECUTE_API_ENDPOINT_IDS", "").split(","),
        "minting_endpoint_ids": environ.get("MINTING_ENDPOINT_IDS", "").split(","),
        "minting_role_arn": environ.get("MINTING_ROLE_ARN", ""),
    }
    return _compile("environment", Deployment, raw)


def read_config(path: Path, deployment: Deployment) -> Config:
    """Compile `gate.toml` and hold it against the deployment; a `ConfigError` says what is wrong and where."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name}: {error}") from error
    config = _compile(path.name, Config, raw)
    # An interface endpoint serves one region, and the minting role one account.
    here = (deployment.account, deployment.region)
    foreign = [one.name for one in config.destinations if (one.account, one.region) != here]
    if foreign:
        raise ConfigError(f"{path.name}: not in the stack's account and region {here}: {', '.join(foreign)}")
    callers = {name for one in config.destinations for profile in one.profiles for name in profile.callers}
    if foreign := sorted(name for name in callers if _is_of_another(deployment.partition, name)):
        raise ConfigError(f"{path.name}: not of the stack's partition {deployment.partition}: {', '.join(foreign)}")
    return config


def _is_of_another(partition: str, caller: str) -> bool:
    parts = ASSUMED_ROLE.fullmatch(caller)
    return parts is not None and parts["partition"] != partition


def _compile[T: BaseModel](where: str, model: type[T], raw: Mapping[str, object]) -> T:
    # Through JSON, because strict mode reads arrays as tuples there; the dates that TOML has besides have no use here.
    try:
        return model.model_validate_json(json.dumps(raw))
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error
    except ValidationError as error:
        found = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}".removeprefix(": ") for one in error.errors())
        raise ConfigError(f"{where}: " + "; ".join(found).replace("Value error, ", "")) from error
