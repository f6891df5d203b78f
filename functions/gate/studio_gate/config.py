"""The configuration: who someone is, which profile is theirs, and the bounds. Whether they may is Cedar's.

`gate.toml` is compiled once, as a whole, before anything is served: an unknown, empty or ambiguous entry is a
`ConfigError`, never a default. What belongs to the deployment comes from the environment that `template.yaml` sets.
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from studio_gate.errors import ConfigError

# CreatePresignedDomainUrl, SageMaker API reference: bounds of both expiries in seconds, and UserProfileName, whose
# published pattern alone admits names of any length.
EXPIRES_IN = (5, 300)
SESSION_EXPIRES_IN = (1800, 43200)
PROFILE_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
PROFILE_NAME_LENGTH = 63
# IAM user guide, "IAM identifiers": the ARN of a role session has no path. Without the session, it names a role.
ASSUMED_ROLE = re.compile(
    r"arn:(?P<partition>aws(?:-us-gov|-cn)?):sts::(?P<account>[0-9]{12}):assumed-role"
    r"/(?P<role>[A-Za-z0-9_+=,.@-]{1,64})(?:/(?P<session>[A-Za-z0-9_+=,.@-]{2,64}))?"
)


def matches(pattern: re.Pattern[str], longest: int, value: str) -> bool:
    """Tell whether the whole of `value` is the pattern and no longer than `longest` characters."""
    return len(value) <= longest and pattern.fullmatch(value) is not None


def _text(pattern: str | re.Pattern[str], longest: int, what: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not matches(compiled, longest, value):
            raise ValueError(f"is not {what}")
        return value

    return AfterValidator(check)


AccountId = Annotated[str, _text(r"[0-9]{12}", 12, "an account id of 12 digits")]
Region = Annotated[str, _text(r"[a-z]{2}(-[a-z]+)+-[0-9]", 32, "a region such as eu-central-1")]
RoleName = Annotated[str, _text(r"[A-Za-z0-9_+=,.@-]+", 64, "a role name, without its path")]
RoleId = Annotated[str, _text(r"AROA[A-Z0-9]{12,28}", 32, "a role id such as AROAEXAMPLEEXAMPLE01")]
RoleArn = Annotated[str, _text(r"arn:aws(-us-gov|-cn)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+", 2048, "a role's ARN")]
EndpointId = Annotated[str, _text(r"vpce-[0-9a-f]+", 22, "a VPC endpoint id such as vpce-0123456789abcdef0")]
Group = Annotated[str, _text(r"[A-Za-z0-9][A-Za-z0-9._-]*", 128, "a group name")]
CallerId = Annotated[str, _text(ASSUMED_ROLE, 256, "the STS ARN of an assumed role")]
DestinationName = Annotated[str, _text(r"[a-z0-9](-?[a-z0-9])*", 32, "lower-case words joined by hyphens")]
DomainId = Annotated[str, _text(r"d-[a-z0-9](-*[a-z0-9])*", 63, "a Studio domain id such as d-0123456789ab")]
ProfileName = Annotated[str, _text(PROFILE_NAME, PROFILE_NAME_LENGTH, "a user profile name")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class IamRole(_Strict):
    """An IAM role whose sessions the gate knows as callers.

    `role_id` pins the role against deletion and re-creation under the same name. `trust_session_name` tells the people
    behind one role apart by the session name; say so only where the role's trust policy enforces that name (as IAM
    Identity Center does), since otherwise whoever assumes the role chooses it.
    """

    account: AccountId
    role: RoleName
    role_id: RoleId | None = None
    trust_session_name: bool = False
    groups: tuple[Group, ...] = ()


class Bounds(_Strict):
    """The default and the maximum of an expiry, in seconds. A caller may ask for less, never for more."""

    default: int
    maximum: int


class Profile(_Strict):
    """A user profile and all the callers it belongs to; no other caller may open it, whatever a policy says."""

    name: ProfileName
    callers: tuple[CallerId, ...] = Field(min_length=1)


class StudioDestination(_Strict):
    """A Studio domain that can be opened through CreatePresignedDomainUrl."""

    kind: Literal["studio"]
    name: DestinationName
    account: AccountId
    region: Region
    domain_id: DomainId
    expires_in: Bounds = Bounds(default=30, maximum=60)
    session_expires_in: Bounds = Bounds(default=28800, maximum=43200)
    profiles: tuple[Profile, ...] = Field(min_length=1)

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


class Config(_Strict):
    """`gate.toml`, compiled."""

    version: Literal[1]
    default_destination: DestinationName
    iam_roles: tuple[IamRole, ...] = Field(min_length=1)
    destinations: tuple[StudioDestination, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unambiguous(self) -> Self:
        # IAM role names are unique in an account regardless of case (IAM user guide, "IAM identifiers").
        _unique("iam_roles", (f"{one.account}/{one.role.casefold()}" for one in self.iam_roles))
        _unique("destinations", (one.name for one in self.destinations))
        _unique("domain_id", (one.domain_id for one in self.destinations))
        if self.destination(self.default_destination) is None:
            raise ValueError(f"default_destination {self.default_destination!r} is not one of the destinations")
        for destination in self.destinations:
            # Not even by case may two profiles be mistaken for each other.
            _unique(f"profiles of {destination.name!r}", (one.name.casefold() for one in destination.profiles))
            callers = {name for profile in destination.profiles for name in profile.callers}
            _unique(f"callers of {destination.name!r} but for case", (name.casefold() for name in callers))
            for profile in destination.profiles:
                _unique(f"callers of {destination.name}/{profile.name}", profile.callers)
                for caller in profile.callers:
                    self._provable(caller)
        return self

    def _provable(self, caller: str) -> None:
        """Refuse a caller that no trusted role can ever prove to be: a typing error, or a false safety."""
        parts = ASSUMED_ROLE.fullmatch(caller)
        role = parts and self.iam_role(parts["account"], parts["role"])
        if not parts or not role:
            known = ", ".join(f"{one.account}/{one.role}" for one in self.iam_roles)
            raise ValueError(f"caller {caller!r} is of no role in iam_roles, which are {known}")
        if role.trust_session_name != (parts["session"] is not None):
            rule = "must" if role.trust_session_name else "must not"
            raise ValueError(
                f"caller {caller!r} {rule} name a session: trust_session_name is {role.trust_session_name}"
            )

    def iam_role(self, account: str, name: str) -> IamRole | None:
        """Find the trusted role of that account and exact name."""
        return next((one for one in self.iam_roles if (one.account, one.role) == (account, name)), None)

    def destination(self, name: str) -> StudioDestination | None:
        """Find the destination of that exact name."""
        return next((one for one in self.destinations if one.name == name), None)


class Deployment(_Strict):
    """What `template.yaml` decides and the function's environment carries."""

    region: Region
    execute_api_endpoint_ids: tuple[EndpointId, ...]
    minting_endpoint_ids: tuple[EndpointId, ...] = Field(min_length=2)
    minting_role_arn: RoleArn

    @model_validator(mode="after")
    def _apart(self) -> Self:
        # sagemaker.api and studio are two services, and neither is execute-api.
        _unique("endpoint ids", self.minting_endpoint_ids + self.execute_api_endpoint_ids)
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
    if foreign := sorted(name for name in callers if not name.startswith(f"arn:{deployment.partition}:")):
        raise ConfigError(f"{path.name}: not of the stack's partition {deployment.partition}: {', '.join(foreign)}")
    return config


def _compile[T: BaseModel](where: str, model: type[T], raw: Mapping[str, object]) -> T:
    # Through JSON, because strict mode reads arrays as tuples there; the dates that TOML has besides have no use here.
    try:
        return model.model_validate_json(json.dumps(raw))
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error
    except ValidationError as error:
        found = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}".removeprefix(": ") for one in error.errors())
        raise ConfigError(f"{where}: " + "; ".join(found).replace("Value error, ", "")) from error


def _unique(what: str, values: Iterable[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise ValueError(f"{what}: given twice: {', '.join(twice)}")
