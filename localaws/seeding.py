"""How what is seeded gets into moto, checked as AWS would have checked it when it was created."""

import base64
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from moto.core.utils import get_service_model
from moto.sagemaker.models import sagemaker_backends

from localaws import constraints
from localaws.records import Key, Resource, studio_state
from localaws.resources import Place, app, app_key, domain_resource, tracking_server
from localaws.seeds import App, Domain, NotebookInstance, TrackingServer

_SERVER_ID = re.compile(r"t-[a-z0-9]{12}")
_SUFFIX = re.compile(r"[a-z0-9]{4}")
_OWNER = {"UserProfileName": "UserProfile", "SpaceName": "Space"}


def seed_domain(domain: Domain, place: Place) -> None:
    """Create a domain with everything in it, or nothing and raise ValueError."""
    account_id, region = place
    backend, state = sagemaker_backends[account_id][region], studio_state(*place)
    _require(domain.id not in backend.domains, f"domain {domain.id} is there already")
    _require_valid("DescribeDomain", {"DomainId": domain.id})
    _require_member("AuthMode", domain.auth_mode)
    _require_member("DomainStatus", domain.status)
    made = dict(_resources(domain, place))
    many = len(domain.user_profiles) + len(domain.spaces) + len(domain.apps)
    _require(len(made) == many, f"{domain.id} names something twice")
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
    state.resources.update(made)
    state.pends[domain.id] = domain.pends
    state.pending.update((("UserProfile", domain.id, one.name), [None] * one.pending) for one in domain.user_profiles)
    state.pending.update((app_key(_app(one, domain)), [None] * one.pending) for one in domain.apps)


def seed_notebook(notebook: NotebookInstance, place: Place) -> None:
    """Create a notebook instance in moto, in that status."""
    account_id, region = place
    _require_valid("DescribeNotebookInstance", {"NotebookInstanceName": notebook.name})
    _require_valid(
        "AddTags", {"ResourceArn": f"arn:aws:sagemaker:{region}:{account_id}:x", "Tags": _tags(notebook.tags)}
    )
    _require_member("NotebookInstanceStatus", notebook.status)
    _require(not notebook.suffix or bool(_SUFFIX.fullmatch(notebook.suffix)), f"no suffix: {notebook.suffix}")
    backend = sagemaker_backends[account_id][region]
    _require(notebook.name not in backend.notebook_instances, f"notebook instance {notebook.name} is there already")
    made = backend.create_notebook_instance(
        notebook_instance_name=notebook.name,
        instance_type="ml.t3.medium",
        role_arn=f"arn:aws:iam::{account_id}:role/notebook",
        tags=_tags(notebook.tags),
    )
    made.status = notebook.status
    if notebook.suffix:
        host = f"{notebook.name.lower()}-{notebook.suffix}.notebook.{region}.sagemaker.aws"
        studio_state(*place).notebook_hosts[notebook.name] = host


def seed_tracking_server(server: TrackingServer, place: Place) -> None:
    """Create an MLflow tracking server, in that status."""
    asked = {"TrackingServerName": server.name, "Tags": _tags(server.tags), "ArtifactStoreUri": "s3://runs"}
    _require_valid("CreateMlflowTrackingServer", {**asked, "RoleArn": f"arn:aws:iam::{place[0]}:role/mlflow"})
    _require_member("TrackingServerStatus", server.status)
    server_id = server.id or _server_id(server.name, place)
    _require(bool(_SERVER_ID.fullmatch(server_id)), f"no id of a tracking server: {server_id}")
    key, held = ("TrackingServer", "", server.name), studio_state(*place).resources
    _require(key not in held, f"tracking server {server.name} is there already")
    held[key] = tracking_server(server.name, server_id, server.status, _tags(server.tags), place)


def seed_presignable(operation: str, arn: str, place: Place) -> None:
    """Let a presigned operation be called for an ARN."""
    account_id, region = place
    _require_valid(operation, {"Arn": arn})
    _require(f":sagemaker:{region}:{account_id}:" in arn, f"{arn} is not of {account_id} in {region}")
    studio_state(*place).presignable.add((operation, arn))


def _resources(domain: Domain, place: Place) -> Iterator[tuple[Key, Resource]]:
    for profile in domain.user_profiles:
        parameters = {"UserProfileName": profile.name, "Tags": _tags(profile.tags)}
        yield _resource("UserProfile", {"DomainId": domain.id, **parameters}, profile.status, place)
    for space in domain.spaces:
        asked: dict[str, Any] = {"DomainId": domain.id, "SpaceName": space.name, "Tags": _tags(space.tags)}
        if space.owner is not None:
            asked["OwnershipSettings"] = {"OwnerUserProfileName": space.owner}
            asked["SpaceSharingSettings"] = {"SharingType": space.sharing}
        yield _resource("Space", asked, space.status, place)
    names = {
        "UserProfileName": {one.name for one in domain.user_profiles},
        "SpaceName": {one.name for one in domain.spaces},
    }
    for each in domain.apps:
        named = _app(each, domain)
        owners = [(kind, named[kind]) for kind in names if kind in named]
        _require(len(owners) == 1, f"app {each.name} of {domain.id} needs a space or a profile")
        ((kind, owner),) = owners
        _require(owner in names[kind], f"{_OWNER[kind]} {owner} is not in {domain.id}")
        _require_valid("CreateApp", named)
        _require_member("AppStatus", each.status)
        yield app_key(named), app(named, each.status, place)


def _app(one: App, domain: Domain) -> dict[str, str]:
    owner = {"UserProfileName": one.profile, "SpaceName": one.space}
    owned = {name: value for name, value in owner.items() if value is not None}
    return {"DomainId": domain.id, **owned, "AppType": one.app_type, "AppName": one.name}


def _resource(word: str, parameters: Mapping[str, Any], status: str, place: Place) -> tuple[Key, Resource]:
    _require_valid(f"Create{word}", parameters)
    _require_member(f"{word}Status", status)
    key = (word, parameters["DomainId"], parameters[f"{word}Name"])
    return key, domain_resource(word, parameters, status, place)


def _server_id(name: str, place: Place) -> str:
    digest = sha256("/".join((*place, name)).encode()).digest()
    return f"t-{base64.b32encode(digest).decode().lower()[:12]}"


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
