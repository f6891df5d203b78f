"""SageMaker as the gate needs it: moto's, with user profiles, spaces, tags and MLflow tracking servers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound, ValidationError

from localaws import paging
from localaws.apps_api import AppsResponse, running
from localaws.presigning_api import PresigningResponse
from localaws.resources import domain_resource, tags_of
from localaws.sagemaker_api import GONE

# API_ListTags: MaxResults is 50 at least, and no resource has more tags of its own.
_TAGS = 50


class StudioResponse(AppsResponse, PresigningResponse):
    """moto's SageMaker with Studio's missing calls; every call here checks its parameters as AWS does."""

    def create_user_profile(self) -> ActionResult:
        """Make the profile, in service at once or after some Describe calls; a second of that name is ResourceInUse."""
        return self._create("UserProfile", self._asked())

    def describe_user_profile(self) -> ActionResult:
        """Describe the profile, or answer ResourceNotFound."""
        return self._described(self._key("UserProfile", self._asked()))

    def list_user_profiles(self) -> ActionResult:
        """List one page of profiles, of all domains unless one is named."""
        return self._list("UserProfile")

    def delete_user_profile(self) -> ActionResult:
        """Remove the profile; one that still owns a space or runs an app is ResourceInUse."""
        asked = self._asked()
        key = self._key("UserProfile", asked)
        self._find(key)
        owner = {"OwnerUserProfileName": asked["UserProfileName"]}
        for name, found in self._listed("Space", asked["DomainId"]):
            if found.get("OwnershipSettings") == owner:
                raise ResourceInUseException(message=f"UserProfile still owns Space [{name}].")
        return self._delete("UserProfile", asked)

    def create_space(self) -> ActionResult:
        """Make the space; its owner, if it has one, must be a profile of the same domain."""
        asked = self._asked()
        if ("OwnershipSettings" in asked) != ("SpaceSharingSettings" in asked):
            raise ValidationError(message="OwnershipSettings and SpaceSharingSettings require each other.")
        if owner := asked.get("OwnershipSettings"):
            self._find(("UserProfile", self._domain(asked).id, owner["OwnerUserProfileName"]))
        return self._create("Space", asked)

    def describe_space(self) -> ActionResult:
        """Describe the space, or answer ResourceNotFound."""
        return self._described(self._key("Space", self._asked()))

    def list_spaces(self) -> ActionResult:
        """List one page of spaces, of all domains unless one is named."""
        return self._list("Space")

    def delete_space(self) -> ActionResult:
        """Remove the space; one in which an app runs is ResourceInUse."""
        return self._delete("Space", self._asked())

    def describe_domain(self) -> ActionResult:
        """Answer as moto, but ResourceNotFound for an unknown domain, as the model says."""
        self._domain(self._asked())
        return super().describe_domain()

    def delete_domain(self) -> ActionResult:
        """Remove the domain as moto does, but answer ResourceInUse while it holds profiles, spaces or apps."""
        domain = self._domain(self._asked())
        held = [one for word in ("UserProfile", "Space", "App") for _, one in self._listed(word, domain.id)]
        if any(one["Status"] not in GONE or "AppName" not in one for one in held):
            raise ResourceInUseException(message=f"Domain [{domain.id}] still has UserProfiles, Spaces or Apps.")
        return super().delete_domain()

    def list_tags(self) -> ActionResult:
        """List one page of the tags of what is known here; moto answers for the rest of its own."""
        asked = self._asked()
        tags = self._tags(asked["ResourceArn"])
        if tags is None:
            return super().list_tags()
        return paging.page("Tags", tags, asked, self._state.page_limit, _TAGS)

    def add_tags(self) -> ActionResult:
        """Add tags, in place of those that have the same key, and answer all of the resource's tags."""
        asked = self._asked()
        added = {one["Key"]: one for one in asked["Tags"]}
        return self._retag(asked["ResourceArn"], added) or super().add_tags()

    def delete_tags(self) -> ActionResult:
        """Remove tags by key; one that is not there is not missed."""
        asked = self._asked()
        if self._retag(asked["ResourceArn"], dict.fromkeys(asked["TagKeys"])):
            return EmptyResult()
        return super().delete_tags()

    def describe_notebook_instance(self) -> ActionResult:
        """Answer as moto, with the host that a minted URL has."""
        self._asked()
        return ActionResult(self._with_host(super().describe_notebook_instance().result))

    def list_notebook_instances(self) -> ActionResult:
        """Answer as moto, with the host that a minted URL has; moto leaves out some filters."""
        self._asked()
        found: Any = super().list_notebook_instances().result
        return ActionResult({**found, "NotebookInstances": [*map(self._with_host, found["NotebookInstances"])]})

    def describe_mlflow_tracking_server(self) -> ActionResult:
        """Describe a seeded tracking server, or answer ResourceNotFound."""
        return self._described(("TrackingServer", "", self._asked()["TrackingServerName"]))

    def list_mlflow_tracking_servers(self) -> ActionResult:
        """List one page of the tracking servers, newest first, of every status unless one is named."""
        asked = self._asked()
        if unknown := asked.keys() & {"CreatedAfter", "CreatedBefore", "MlflowVersion"}:
            raise NotImplementedError(f"filters that are not modelled: {sorted(unknown)}")
        by = {"Name": "TrackingServerName", "Status": "TrackingServerStatus"}.get(asked.get("SortBy", ""))
        wanted = asked.get("TrackingServerStatus")
        servers = self._listed("TrackingServer", None)
        found = [one for _, one in servers if wanted in {None, one["TrackingServerStatus"]}]
        order = {"SortOrder": "Descending", **asked}
        return self._page("TrackingServerSummaries", paging.ordered(found, by or "CreationTime", order), asked)

    def _create(self, word: str, asked: Mapping[str, Any]) -> ActionResult:
        made = domain_resource(word, asked, "InService", self._place)
        self._add(self._key(word, asked), made)
        return ActionResult({f"{word}Arn": made.arn})

    def _delete(self, word: str, asked: Mapping[str, Any]) -> ActionResult:
        key = self._key(word, asked)
        self._find(key)
        if apps := running(self._place, key[1], (f"{word}Name", key[2])):
            raise ResourceInUseException(message=f"{word} still runs {', '.join(sorted(apps))}.")
        self._state.resources.pop(key, None)
        return EmptyResult()

    def _list(self, word: str) -> ActionResult:
        asked = self._asked()
        found = self._listed(word, asked.get("DomainIdEquals"))
        matching = [one for name, one in found if asked.get(f"{word}NameContains", "") in name]
        return self._page(f"{word}s", paging.ordered(matching, asked.get("SortBy", "CreationTime"), asked), asked)

    def _tags(self, arn: str) -> tuple[Mapping[str, str], ...] | None:
        here = f":sagemaker:{self.region}:{self.current_account}:" in arn
        found = tags_of(arn) if here else None
        known = ("user-profile", "space", "app", "domain", "notebook-instance", "mlflow-tracking-server")
        if found is None and any(f":{arn_type}/" in arn for arn_type in known):
            raise ResourceNotFound(message=f"Resource [{arn}] does not exist.")
        return found

    def _retag(self, arn: str, changed: Mapping[str, Mapping[str, str] | None]) -> ActionResult | None:
        """Put tags in or, where they are None, take them away; None if it is for moto to do."""
        tags = self._tags(arn)
        if tags is None:
            return None
        kept: dict[str, Mapping[str, str] | None] = {**{one["Key"]: one for one in tags}, **changed}
        left = tuple(one for one in kept.values() if one is not None)
        for key, found in list(self._state.resources.items()):
            if found.arn == arn:
                self._state.resources[key] = replace(found, tags=left)
                return ActionResult({"Tags": left})
        backend = self.sagemaker_backend
        backend.delete_tags(arn, [one["Key"] for one in tags])
        backend.add_tags(arn, [dict(one) for one in left])
        return ActionResult({"Tags": left})

    def _with_host(self, described: Any) -> dict[str, Any]:  # noqa: ANN401 - moto's
        return {**described, "Url": self._notebook_host(described["NotebookInstanceName"])}
