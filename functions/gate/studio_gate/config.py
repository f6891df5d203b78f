"""The configuration: who someone is, which profile is theirs, and the bounds. Whether they may is Cedar's.

`gate.toml` is compiled once, as a whole, before anything is served: an unknown, empty or ambiguous entry is a
`ConfigError`, never a default. What belongs to the deployment comes from the environment that `template.yaml` sets.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, model_validator

from studio_gate.config_checks import check_claims, check_limits, check_making, no_role_for, wrong_endpoints
from studio_gate.destination_config import AnyDestination, Opened
from studio_gate.errors import ConfigError
from studio_gate.fields import (
    ASSUMED_ROLE,
    PROVIDED,
    AccountId,
    ConfigSource,
    DestinationName,
    EndpointId,
    Group,
    Region,
    RoleArn,
    RoleId,
    RoleName,
    Strict,
    every,
    unique,
)
from studio_gate.kinds import STUDIO
from studio_gate.portal_config import Portal
from studio_gate.providers import AlbProxy, AssertionProxy, Issuer, Provider
from studio_gate.sign_in_config import SignIn


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
    portal: Portal = Field(default=Portal(), description="what the page says that shows people what they may open")
    proxies: tuple[Annotated[AlbProxy | AssertionProxy, Field(discriminator="kind")], ...] = Field(
        default=(), description="whose assertions say who is calling"
    )
    destinations: tuple[Opened, ...] = Field(min_length=1, description="what can be opened")
    # Found by name, however many there are.
    _roles: dict[tuple[str, str], IamRole] = PrivateAttr(default_factory=dict)
    _destinations: dict[str, AnyDestination] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        if not (self.iam_roles or self._providers):
            raise ValueError("nobody can call: there is none of iam_roles, issuers, proxies and sign_in")
        self._roles.update({(one.account, one.role): one for one in self.iam_roles})
        self._destinations.update({name: one for one in self.destinations for name in (one.name, *one.aliases)})
        names = [name for one in self.destinations for name in (one.name, *one.aliases)]
        uniques = {
            # IAM role names are unique in an account regardless of case (IAM user guide, "IAM identifiers").
            "iam_roles": [f"{one.account}/{one.role.casefold()}" for one in self.iam_roles],
            "names of issuers and proxies": [one.name for one in self._providers],
            "issuer": [one.issuer for one in self.issuers],
            "headers of proxies": [one.header for one in self.proxies],
            "destinations and aliases": names,
            "what destinations open": [one.place for one in self.destinations],
        }
        every((*(partial(unique, what, those) for what, those in uniques.items()), self._default, self._fitting))
        return self

    def _default(self) -> None:
        if self.destination(self.default_destination) is None:
            raise ValueError(f"default_destination {self.default_destination!r} is not one of the destinations")

    def _fitting(self) -> None:
        """Refuse a destination that speaks of a caller, a group, a provider or a claim which nobody is or has."""
        given = (*(one.groups for one in self.iam_roles), *(one.groups.values() for one in self._providers))
        groups = {group for some in given for group in some}
        sources = {one.name: {"subject", *(("email",) if one.claims.email else ())} for one in self._providers}
        # What stands for both of them is the session name (profile_config.Claim).
        trusted = (f"iam:{one.account}/{one.role}" for one in self.iam_roles if one.trust_session_name)
        sources |= {one: {"subject", "email"} for one in trusted}
        checks: list[Callable[[], object]] = []
        for destination in self.destinations:
            checks += [partial(self._known, destination), partial(check_limits, destination, groups)]
            if (domain := destination.domain) is not None:
                checks += [partial(check_claims, domain, sources), partial(check_making, domain)]
        every(checks)

    def _known(self, destination: AnyDestination) -> None:
        every(partial(self._provable, caller) for caller in sorted(destination.checked_callers()))

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
        return self._roles.get((account, name))

    def destination(self, name: str) -> AnyDestination | None:
        """Find the destination of that exact name or alias."""
        return self._destinations.get(name)


class Deployment(Strict):
    """What `template.yaml` decides and the function's environment carries."""

    region: Region
    execute_api_endpoint_ids: tuple[EndpointId, ...]
    minting_endpoint_ids: tuple[EndpointId, ...] = Field(min_length=2)
    minting_role_arn: RoleArn
    directory_role_arn: RoleArn | None = None
    making_role_arn: RoleArn | None = None
    # Read from text, and bounded as in template.yaml. In seconds.
    config_source: ConfigSource | None = None
    config_longest_age: int = Field(default=86400, strict=False, ge=300, le=604800)

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
        """The account of the stack's minting role, and so of the stack."""
        return self.minting_role_arn.split(":")[4]


def read_deployment(environ: Mapping[str, str]) -> Deployment:
    """Read the deployment from environment variables, lists separated by commas; a `ConfigError` names each bad one."""
    raw = {
        "region": environ.get("AWS_REGION", ""),
        "execute_api_endpoint_ids": environ.get("EXECUTE_API_ENDPOINT_IDS", "").split(","),
        "minting_endpoint_ids": environ.get("MINTING_ENDPOINT_IDS", "").split(","),
        "minting_role_arn": environ.get("MINTING_ROLE_ARN", ""),
        "directory_role_arn": environ.get("DIRECTORY_ROLE_ARN") or None,
        "making_role_arn": environ.get("PROFILE_MAKING_ROLE_ARN") or None,
        "config_source": environ.get("CONFIG_SOURCE") or None,
    }
    if "CONFIG_LONGEST_AGE" in environ:
        raw["config_longest_age"] = environ["CONFIG_LONGEST_AGE"]
    return _compile("environment", Deployment, raw)


def read_config(path: Path, deployment: Deployment) -> Config:
    """Compile `gate.toml` and hold it against the deployment; a `ConfigError` says what is wrong and where."""
    return compile_config(path.name, parse(path.name, read_file(path)), deployment)


def read_file(path: Path) -> bytes:
    """Return what is in a file of the configuration; `ConfigError` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path.name}: {error}") from error


def parse(where: str, document: bytes) -> dict[str, object]:
    """Return what a TOML document says; a `ConfigError` says where it is none."""
    try:
        return tomllib.loads(document.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{where}: {error}") from error


def compile_config(where: str, raw: Mapping[str, object], deployment: Deployment) -> Config:
    """Compile what a `gate.toml` says and hold it against the deployment; `ConfigError` as `read_config`."""
    config = _compile(where, Config, raw)
    if wrong := [f"{one.name}: {why}" for one in config.destinations if (why := _unreachable(one, deployment))]:
        raise ConfigError(f"{where}: {'; '.join(wrong)}")
    callers = {name for one in config.destinations for name in one.checked_callers()}
    if foreign := sorted(name for name in callers if _is_of_another(deployment.partition, name)):
        raise ConfigError(f"{where}: not of the stack's partition {deployment.partition}: {', '.join(foreign)}")
    return config


def _unreachable(destination: AnyDestination, deployment: Deployment) -> str | None:
    """Say why this deployment cannot mint for a destination."""
    role = destination.minting_role or deployment.minting_role_arn
    _, partition, _, _, account, _ = role.split(":", 5)
    if (partition, account) != (deployment.partition, destination.account):
        return (
            f"its URLs would be minted by a role of account {account}: give minting_role, one of {destination.account}"
        )
    if destination.external_id is not None and destination.minting_role is None:
        return "external_id goes with a minting_role of its own"
    # An interface endpoint serves one region, and the stack's are for Studio.
    of_the_stack = destination.region == deployment.region and destination.how is STUDIO
    if destination.endpoint_ids is None and not of_the_stack:
        used = destination.how.endpoint.format(region=destination.region)
        return f"the stack's endpoints do not serve it: give endpoint_ids, of sagemaker.api and {used}"
    wrong = wrong_endpoints(destination.endpoint_ids or (), deployment.execute_api_endpoint_ids)
    return wrong or no_role_for(
        destination, deployment.region, deployment.directory_role_arn, deployment.making_role_arn
    )


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
        found = (f"{_where(one['loc'])}: {one['msg']}".removeprefix(": ") for one in error.errors())
        raise ConfigError(f"{where}: " + "; ".join(found).replace("Value error, ", "")) from error


def _where(loc: tuple[int | str, ...]) -> str:
    """Write a place as the document has it: pydantic names the kind of a destination or proxy after its number."""
    kinds = {"destinations", "proxies"}
    return ".".join(str(step) for at, step in enumerate(loc) if at != 2 or loc[0] not in kinds)  # noqa: PLR2004
