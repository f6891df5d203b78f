"""The apps of spaces and profiles: what runs in a domain."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceNotFound, ValidationError

from localaws import paging
from localaws.records import Key, studio_state
from localaws.resources import Place, app, app_key
from localaws.sagemaker_api import GONE, CheckedResponse

_OWNERS = ("UserProfileName", "SpaceName")


class AppsResponse(CheckedResponse):
    """moto's SageMaker with Studio's apps.

    An app is in service at once, or after as many Describe calls as its domain was seeded with. Which types of app AWS
    refuses to a profile or a space is not documented, so every type is accepted for both.
    """

    def create_app(self) -> ActionResult:
        """Run the app of a profile or a space that is there; a second of that name is ResourceInUse until deleted."""
        asked = self._owned()
        self._find(self._key(_owner(asked).removesuffix("Name"), asked))
        made = app(asked, "InService", self._place)
        self._add(app_key(asked), made)
        return ActionResult({"AppArn": made.arn})

    def describe_app(self) -> ActionResult:
        """Describe the app, a deleted one too, or answer ResourceNotFound."""
        return self._described(self._app())

    def delete_app(self) -> ActionResult:
        """Stop the app: it stays in the lists as Deleted, as AWS keeps it for a day."""
        key = self._app()
        found = self._find(key)
        if found.description["Status"] in GONE:
            raise ResourceNotFound(message=f"App [{key[1]}/{key[2]}] does not exist.")
        self._state.pending.pop(key, None)
        self._state.resources[key] = replace(found, description={**found.description, "Status": "Deleted"})
        return EmptyResult()

    def list_apps(self) -> ActionResult:
        """List one page of apps: of all domains and owners unless one is named, deleted ones among them."""
        asked = self._asked()
        if "UserProfileNameEquals" in asked and "SpaceNameEquals" in asked:
            raise ValidationError(message="UserProfileNameEquals and SpaceNameEquals exclude each other.")
        found = [
            one
            for _, one in self._listed("App", asked.get("DomainIdEquals"))
            if all(asked.get(f"{name}Equals") in {None, one.get(name)} for name in _OWNERS)
        ]
        return self._page("Apps", paging.ordered(found, "CreationTime", asked), asked)

    def _owned(self) -> dict[str, Any]:
        asked = self._asked()
        if ("UserProfileName" in asked) == ("SpaceName" in asked):
            raise ValidationError(message="Give one of UserProfileName and SpaceName.")
        return asked

    def _app(self) -> Key:
        asked = self._owned()
        self._domain(asked)
        return app_key(asked)


def running(place: Place, domain_id: str, owner: tuple[str, str]) -> dict[str, str]:
    """Return what has not been deleted of an owner, such as ("SpaceName", "lab"): name of the app's type to status."""
    state = studio_state(*place)
    keys = [key for key in list(state.resources) if key[:2] == ("App", domain_id)]
    apps = [state.seen(key) for key in keys if key[2].startswith("/".join((*owner, "")))]
    return {str(one["AppType"]): str(one["Status"]) for one in apps if one["Status"] not in GONE}


def run(place: Place, domain_id: str, space: str, app_type: str) -> None:
    """Run a space's default app, as Studio's own page does; nothing happens if it runs."""
    if app_type not in running(place, domain_id, ("SpaceName", space)):
        asked = {"DomainId": domain_id, "SpaceName": space, "AppType": app_type, "AppName": "default"}
        studio_state(*place).resources[app_key(asked)] = app(asked, "InService", place)


def _owner(asked: Mapping[str, Any]) -> str:
    return next(name for name in _OWNERS if name in asked)
