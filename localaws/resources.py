"""Resources of SageMaker that moto lacks, described as AWS describes them; and the tags of every resource here."""

from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.utils import arn_formatter

from localaws.records import Key, Resource, studio_state

type Place = tuple[str, str]


def domain_resource(word: str, parameters: Mapping[str, Any], status: str, place: Place) -> Resource:
    """Make the user profile or space that Create, with these parameters, makes in (account id, region)."""
    settings = {name: value for name, value in parameters.items() if name != "Tags"}
    arn_type = {"UserProfile": "user-profile", "Space": "space"}[word]
    arn = arn_formatter(arn_type, f"{parameters['DomainId']}/{parameters[f'{word}Name']}", *place)
    description = {
        **settings,
        f"{word}Arn": arn,
        **_born(status),
        # ListSpaces has its own names for these; each answer leaves out what its model does not know.
        "OwnershipSettingsSummary": settings.get("OwnershipSettings"),
        "SpaceSharingSettingsSummary": settings.get("SpaceSharingSettings"),
    }
    return Resource(description, _listed(parameters), arn)


def app_key(parameters: Mapping[str, Any]) -> Key:
    """Return the key of an app; one of a space and one of a profile of that name are two."""
    owner = "SpaceName" if "SpaceName" in parameters else "UserProfileName"
    named = (parameters[name] for name in (owner, "AppType", "AppName"))
    return "App", parameters["DomainId"], "/".join((owner, *named))


def app(parameters: Mapping[str, Any], status: str, place: Place) -> Resource:
    """Make the app that CreateApp makes.

    The Service Authorization Reference knows one form of ARN alone, with the profile's name; that a space's name stands
    in its place, and that the type is in lower case, is as seen in answers of AWS that others published.
    """
    owner = parameters.get("SpaceName") or parameters.get("UserProfileName")
    name = f"{parameters['DomainId']}/{owner}/{parameters['AppType'].lower()}/{parameters['AppName']}"
    arn = arn_formatter("app", name, *place)
    settings = {name: value for name, value in parameters.items() if name != "Tags"}
    return Resource({**settings, "AppArn": arn, **_born(status)}, _listed(parameters), arn)


def tracking_server(name: str, server_id: str, status: str, tags: list[dict[str, str]], place: Place) -> Resource:
    """Make an MLflow tracking server; one whose status begins with "Stop" or "Creat(ing)" is not active."""
    arn = arn_formatter("mlflow-tracking-server", name, *place)
    active = status not in {"Creating", "CreateFailed", "Deleting", "Stopping", "Stopped", "Starting", "StartFailed"}
    born = _born(status)
    description = {
        "TrackingServerArn": arn,
        "TrackingServerName": name,
        "TrackingServerStatus": status,
        "IsActive": "Active" if active else "Inactive",
        "TrackingServerUrl": f"https://{server_id}.{place[1]}.experiments.sagemaker.aws",
        "MlflowVersion": "3.0.0",
        "TrackingServerSize": "Small",
        "CreationTime": born["CreationTime"],
        "LastModifiedTime": born["LastModifiedTime"],
    }
    return Resource(description, tuple(tags), arn)


def tags_of(arn: str) -> tuple[Mapping[str, str], ...] | None:
    """Return the tags of a resource of this stand-in's, moto's domains and notebook instances among them, or None."""
    _, _, _, region, account, name = arn.split(":", 5)
    own = next((one.tags for one in list(studio_state(account, region).resources.values()) if one.arn == arn), None)
    if own is not None:
        return own
    backend = sagemaker_backends[account][region]
    kinds: Mapping[str, Mapping[str, Any]] = {
        "domain": backend.domains,
        "notebook-instance": backend.notebook_instances,
    }
    kind, _, name = name.partition("/")
    held = kinds.get(kind, {}).get(name)
    return tuple(held.tags or ()) if held else None


def _born(status: str) -> dict[str, Any]:
    now = utcnow()
    return {"Status": status, "CreationTime": now, "LastModifiedTime": now}


def _listed(parameters: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    return tuple(parameters.get("Tags", ()))
