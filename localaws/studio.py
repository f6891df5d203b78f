"""SageMaker Studio and STS on a laptop: install it into moto, seed it, and read what was minted.

Every name the rest of the project needs is importable from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from moto.core.errors import COMMON_ERROR_CODES
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import get_service_model
from moto.sagemaker import urls as sagemaker_urls
from moto.sagemaker.models import sagemaker_backends
from moto.sts import urls as sts_urls

from localaws import constraints
from localaws.errors import COMMON_CODES
from localaws.records import AssumedRole, Mint, Resource, assumed_roles, clear_mints, mints, studio_state
from localaws.sts_api import RecordingTokenResponse
from localaws.studio_api import StudioResponse, resource

__all__ = [
    "DEFAULT_ACCOUNT_ID",
    "DEFAULT_REGION",
    "AssumedRole",
    "Domain",
    "Mint",
    "MlflowApp",
    "PartnerApp",
    "Space",
    "TrackingServer",
    "UserProfile",
    "assumed_roles",
    "clear_mints",
    "install",
    "mints",
    "seed",
]

DEFAULT_REGION = "us-east-1"

# The one path of both services' APIs; moto's `urls` modules have no other.
_PATH = "{0}/$"

type _Key = tuple[str, str, str]


@dataclass(frozen=True)
class UserProfile:
    """A user profile to seed."""

    name: str
    status: str = "InService"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Space:
    """A space to seed: without an owner it is one of the old kind, open to the whole domain.

    The owner need not exist, as when a profile was deleted behind its space.
    """

    name: str
    owner: str | None = None
    sharing: str = "Private"
    status: str = "InService"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Domain:
    """A Studio domain to seed, with the id chosen here; its name is the id without `d-`."""

    id: str
    auth_mode: str = "IAM"
    status: str = "InService"
    user_profiles: tuple[UserProfile, ...] = ()
    spaces: tuple[Space, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackingServer:
    """An MLflow tracking server to seed: all that is known of it is that a URL can be minted."""

    name: str


@dataclass(frozen=True)
class MlflowApp:
    """An MLflow app to seed: all that is known of it is that a URL can be minted."""

    arn: str


@dataclass(frozen=True)
class PartnerApp:
    """A partner app to seed: all that is known of it is that a URL can be minted."""

    arn: str


def install() -> None:
    """Let moto, in this process, answer Studio's calls and record AssumeRole; a second time changes nothing.

    A server that has already answered SageMaker or STS keeps the handlers it looked up then: install first.
    """
    sagemaker_urls.url_paths[_PATH] = StudioResponse.dispatch
    sts_urls.url_paths[_PATH] = RecordingTokenResponse.dispatch
    # moto warns of any other code that it does not find in the service model.
    COMMON_ERROR_CODES.extend(set(COMMON_CODES) - set(COMMON_ERROR_CODES))


def seed(
    *seeds: Domain | TrackingServer | MlflowApp | PartnerApp,
    account_id: str = DEFAULT_ACCOUNT_ID,
    region: str = DEFAULT_REGION,
) -> None:
    """Put everything given into that account and region, as if it had been created there; moto sees it too.

    Raises ValueError for what AWS could not hold: a name, id, status or tag outside the service model, a
    duplicate, or an ARN of another account or region.
    """
    place = (account_id, region)
    for each in seeds:
        match each:
            case Domain():
                _seed_domain(each, place)
            case TrackingServer(name):
                parameters = {"TrackingServerName": name}
                _seed_presignable("CreatePresignedMlflowTrackingServerUrl", parameters, place)
            case MlflowApp(arn):
                _seed_presignable("CreatePresignedMlflowAppUrl", {"Arn": arn}, place)
            case PartnerApp(arn):
                _seed_presignable("CreatePartnerAppPresignedUrl", {"Arn": arn}, place)
            case _:
                assert_never(each)


def _seed_domain(domain: Domain, place: tuple[str, str]) -> None:
    account_id, region = place
    backend = sagemaker_backends[account_id][region]
    _require(domain.id not in backend.domains, f"domain {domain.id} is there already")
    _require_valid("DescribeDomain", {"DomainId": domain.id})
    _require_member("AuthMode", domain.auth_mode)
    _require_member("DomainStatus", domain.status)
    made = dict(_resources(domain, place))
    _require(len(made) == len(domain.user_profiles) + len(domain.spaces), f"{domain.id} names something twice")
    backend.create_domain(
        domain_name=domain.id.removeprefix("d-"),
        auth_mode=domain.auth_mode,
        default_user_settings={},
        subnet_ids=["subnet-0123456789abcdef0"],
        vpc_id="vpc-0123456789abcdef0",
        domain_settings=None,
        tags=_tags(domain.tags),
        app_network_access_type="VpcOnly",
        home_efs_file_system_kms_key_id=None,
        kms_key_id=None,
        app_security_group_management=None,
        default_space_settings=None,
    )
    # moto makes the id by putting `d-` before the name.
    held = backend.domains[domain.id]
    held.status = domain.status
    held.url = f"https://{domain.id}.studio.{region}.sagemaker.aws"
    studio_state(account_id, region).resources.update(made)


def _resources(domain: Domain, place: tuple[str, str]) -> Iterator[tuple[_Key, Resource]]:
    for profile in domain.user_profiles:
        parameters = {"UserProfileName": profile.name, "Tags": _tags(profile.tags)}
        yield _resource("UserProfile", {"DomainId": domain.id, **parameters}, profile.status, place)
    for space in domain.spaces:
        asked: dict[str, Any] = {"DomainId": domain.id, "SpaceName": space.name, "Tags": _tags(space.tags)}
        if space.owner is not None:
            asked["OwnershipSettings"] = {"OwnerUserProfileName": space.owner}
            asked["SpaceSharingSettings"] = {"SharingType": space.sharing}
        yield _resource("Space", asked, space.status, place)


def _resource(word: str, parameters: Mapping[str, Any], status: str, place: tuple[str, str]) -> tuple[_Key, Resource]:
    _require_valid(f"Create{word}", parameters)
    _require_member(f"{word}Status", status)
    key = (word, parameters["DomainId"], parameters[f"{word}Name"])
    return key, resource(word, parameters, status, place)


def _seed_presignable(operation: str, parameters: Mapping[str, str], place: tuple[str, str]) -> None:
    account_id, region = place
    _require_valid(operation, parameters)
    if "Arn" in parameters:
        here = f":sagemaker:{region}:{account_id}:"
        _require(here in parameters["Arn"], f"{parameters['Arn']} is not of {account_id} in {region}")
    (identifier,) = parameters.values()
    studio_state(account_id, region).presignable.add((operation, identifier))


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _require_valid(operation: str, parameters: Mapping[str, object]) -> None:
    message = constraints.problem("sagemaker", operation, parameters)
    _require(message is None, message or "")


def _require_member(enum: str, value: str) -> None:
    allowed = get_service_model("sagemaker").shape_for(enum).metadata["enum"]
    _require(value in allowed, f"{value} is none of {enum}: {', '.join(allowed)}")


def _require(held: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition, as of an assertion
    if not held:
        raise ValueError(otherwise)
