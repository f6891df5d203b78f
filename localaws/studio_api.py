"""The SageMaker calls that moto lacks: user profiles, spaces and everything that mints a presigned URL."""

import base64
import json
import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound, ValidationError
from moto.sagemaker.models import Domain
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemaker.utils import arn_formatter
from pydantic import SecretStr

from localaws import constraints
from localaws.enforcement.guard import Guarded
from localaws.errors import Refusal, refuse_invalid, signer
from localaws.records import Mint, Resource, StudioState, studio_state

# API_ListUserProfiles and API_ListSpaces, "MaxResults": "The default value is 10".
_PAGE_DEFAULT = 10

# A Studio URL can exceed 4,000 characters; the model caps all others but the notebook's at 2,048.
_STUDIO_TOKEN_BYTES = 3072
_OTHER_TOKEN_BYTES = 1024

_ARN_TYPES: Mapping[str, str] = {"UserProfile": "user-profile", "Space": "space"}


def resource(word: str, parameters: Mapping[str, Any], status: str, place: tuple[str, str]) -> Resource:
    """Make the user profile or space that Create, with these parameters, makes in (account id, region)."""
    settings = {name: value for name, value in parameters.items() if name != "Tags"}
    name = f"{parameters['DomainId']}/{parameters[f'{word}Name']}"
    now = utcnow()
    return Resource(
        description={
            **settings,
            f"{word}Arn": arn_formatter(_ARN_TYPES[word], name, *place),
            "Status": status,
            "CreationTime": now,
            "LastModifiedTime": now,
            # ListSpaces has its own names for these; each answer leaves out what its model does not know.
            "OwnershipSettingsSummary": settings.get("OwnershipSettings"),
            "SpaceSharingSettingsSummary": settings.get("SpaceSharingSettings"),
        },
        tags=tuple(parameters.get("Tags", ())),
    )


class StudioResponse(Guarded, SageMakerResponse):
    """moto's SageMaker with Studio's missing calls; every call here checks its parameters as AWS does."""

    def create_user_profile(self) -> ActionResult:
        """Put the profile in service; a second of that name is ResourceInUse."""
        return self._create("UserProfile", self._asked())

    def describe_user_profile(self) -> ActionResult:
        """Describe the profile, or answer ResourceNotFound."""
        return self._describe("UserProfile")

    def list_user_profiles(self) -> ActionResult:
        """List one page of profiles, of all domains unless one is named."""
        return self._list("UserProfile")

    def delete_user_profile(self) -> ActionResult:
        """Remove the profile; one that still owns a space is ResourceInUse."""
        asked = self._asked()
        self._find("UserProfile", asked)
        owner = {"OwnerUserProfileName": asked["UserProfileName"]}
        for (_, domain_id, name), found in list(self._state.resources.items()):
            if domain_id == asked["DomainId"] and found.description.get("OwnershipSettings") == owner:
                raise ResourceInUseException(message=f"UserProfile still owns Space [{name}].")
        return self._delete("UserProfile", asked)

    def create_space(self) -> ActionResult:
        """Put the space in service; its owner, if it has one, must be a profile of the same domain."""
        asked = self._asked()
        if ("OwnershipSettings" in asked) != ("SpaceSharingSettings" in asked):
            raise ValidationError(message="OwnershipSettings and SpaceSharingSettings require each other.")
        if owner := asked.get("OwnershipSettings"):
            self._find("UserProfile", {**asked, "UserProfileName": owner["OwnerUserProfileName"]})
        return self._create("Space", asked)

    def describe_space(self) -> ActionResult:
        """Describe the space, or answer ResourceNotFound."""
        return self._describe("Space")

    def list_spaces(self) -> ActionResult:
        """List one page of spaces, of all domains unless one is named."""
        return self._list("Space")

    def delete_space(self) -> ActionResult:
        """Remove the space."""
        asked = self._asked()
        self._find("Space", asked)
        return self._delete("Space", asked)

    def describe_domain(self) -> ActionResult:
        """Answer as moto, but ResourceNotFound for an unknown domain, as the model says."""
        self._domain(self._asked())
        return super().describe_domain()

    def delete_domain(self) -> ActionResult:
        """Remove the domain as moto does, but answer ResourceInUse while it holds profiles or spaces."""
        domain = self._domain(self._asked())
        if any(domain_id == domain.id for _, domain_id, _ in list(self._state.resources)):
            raise ResourceInUseException(message=f"Domain [{domain.id}] still has UserProfiles or Spaces.")
        return super().delete_domain()

    def list_tags(self) -> ActionResult:
        """List the tags of a user profile or a space; moto answers for the rest."""
        arn = self._asked()["ResourceArn"]
        for found in list(self._state.resources.values()):
            if arn in {found.description.get("UserProfileArn"), found.description.get("SpaceArn")}:
                return ActionResult({"Tags": found.tags})
        if any(f":{arn_type}/" in arn for arn_type in _ARN_TYPES.values()):
            raise ResourceNotFound(message=f"Resource [{arn}] does not exist.")
        return super().list_tags()

    def create_presigned_domain_url(self) -> ActionResult:
        """Mint a Studio URL, for a profile in service of an IAM-mode domain in service.

        Whose space it is and where a landing URI leads is not checked, because AWS does not.
        """
        asked = self._asked()
        domain = self._domain(asked)
        profile = self._find("UserProfile", asked)
        if domain.auth_mode != "IAM":
            raise ValidationError(message=f"Not supported for a Domain with AuthMode {domain.auth_mode}.")
        _require_in_service("Domain", domain.status)
        _require_in_service("UserProfile", profile.description["Status"])
        if "SpaceName" in asked:
            self._find("Space", asked)
        url = f"https://{domain.id}.studio.{self.region}.sagemaker.aws/auth?token="
        return self._mint(asked, "AuthorizedUrl", url + secrets.token_urlsafe(_STUDIO_TOKEN_BYTES))

    def create_presigned_notebook_instance_url(self) -> ActionResult:
        """Mint a URL of a notebook instance of moto's that is in service; AWS writes it without a path."""
        asked = self._asked()
        notebook = self.sagemaker_backend.get_notebook_instance(asked["NotebookInstanceName"])
        _require_in_service("NotebookInstance", notebook.status)
        return self._mint_short(asked, "AuthorizedUrl", f"https://{notebook.url.lower()}?authToken=")

    def create_presigned_mlflow_tracking_server_url(self) -> ActionResult:
        """Mint a URL of a seeded tracking server; AWS's host starts with a generated id, this with the name."""
        asked = self._asked()
        name = self._presignable(asked["TrackingServerName"])
        url = f"https://{name.lower()}.{self.region}.experiments.sagemaker.aws/auth?authToken="
        return self._mint_short(asked, "AuthorizedUrl", url)

    def create_presigned_mlflow_app_url(self) -> ActionResult:
        """Mint a URL of a seeded MLflow app; the real host is not documented, this one is made up."""
        asked = self._asked()
        app = self._presignable(asked["Arn"]).rpartition("/")[2]
        url = f"https://{app.lower()}.mlflow-app.{self.region}.sagemaker.aws/auth?authToken="
        return self._mint_short(asked, "AuthorizedUrl", url)

    def create_partner_app_presigned_url(self) -> ActionResult:
        """Mint a URL of a seeded partner app; the real host is not documented, this one is made up."""
        asked = self._asked()
        app = self._presignable(asked["Arn"]).rpartition("/")[2]
        url = f"https://{app.lower()}.partner-app.{self.region}.sagemaker.aws/auth?authToken="
        return self._mint_short(asked, "Url", url)

    @property
    def _state(self) -> StudioState:
        return studio_state(self.current_account, self.region)

    def _asked(self) -> dict[str, Any]:
        # moto's own parsing turns "300" into 300, which AWS refuses: read the body again.
        operation = self._get_action()
        try:
            asked = constraints.known("sagemaker", operation, json.loads(self.body or "{}"))
        except (ValueError, AttributeError):
            raise Refusal(code="SerializationException", message="The body is no JSON object.") from None
        refuse_invalid("sagemaker", operation, asked, "ValidationException")
        return asked

    def _domain(self, asked: Mapping[str, Any]) -> Domain:
        try:
            return self.sagemaker_backend.domains[asked["DomainId"]]
        except KeyError:
            raise ResourceNotFound(message=f"Domain [{asked['DomainId']}] does not exist.") from None

    def _find(self, word: str, asked: Mapping[str, Any]) -> Resource:
        domain = self._domain(asked)
        name = asked[f"{word}Name"]
        try:
            return self._state.resources[word, domain.id, name]
        except KeyError:
            raise ResourceNotFound(message=f"{word} [{domain.id}/{name}] does not exist.") from None

    def _create(self, word: str, asked: Mapping[str, Any]) -> ActionResult:
        domain = self._domain(asked)
        name = asked[f"{word}Name"]
        made = resource(word, asked, "InService", (self.current_account, self.region))
        if self._state.resources.setdefault((word, domain.id, name), made) is not made:
            raise ResourceInUseException(message=f"{word} [{domain.id}/{name}] already exists.")
        return ActionResult({f"{word}Arn": made.description[f"{word}Arn"]})

    def _describe(self, word: str) -> ActionResult:
        return ActionResult(self._find(word, self._asked()).description)

    def _delete(self, word: str, asked: Mapping[str, Any]) -> ActionResult:
        self._state.resources.pop((word, asked["DomainId"], asked[f"{word}Name"]), None)
        return EmptyResult()

    def _list(self, word: str) -> ActionResult:
        asked = self._asked()
        matching = [
            found.description
            for (kind, domain_id, name), found in list(self._state.resources.items())
            if kind == word
            and asked.get("DomainIdEquals") in {None, domain_id}
            and asked.get(f"{word}NameContains", "") in name
        ]
        key = asked.get("SortBy", "CreationTime")
        descending = asked.get("SortOrder") == "Descending"
        matching.sort(key=lambda description: cast("Any", description[key]), reverse=descending)
        start = _start_of_page(asked, word)
        end = start + asked.get("MaxResults", _PAGE_DEFAULT)
        token = _next_token(asked, word, end) if end < len(matching) else None
        return ActionResult({f"{word}s": matching[start:end], "NextToken": token})

    def _presignable(self, identifier: str) -> str:
        if (self._get_action(), identifier) not in self._state.presignable:
            raise ResourceNotFound(message=f"Resource [{identifier}] does not exist.")
        return identifier

    def _mint_short(self, asked: Mapping[str, Any], member: str, url_to_token: str) -> ActionResult:
        return self._mint(asked, member, url_to_token + secrets.token_urlsafe(_OTHER_TOKEN_BYTES))

    def _mint(self, asked: Mapping[str, Any], member: str, url: str) -> ActionResult:
        mint = Mint(
            operation=self._get_action(),
            parameters=MappingProxyType(dict(asked)),
            access_key_id=signer(self.headers),
            url=SecretStr(url),
        )
        self._state.mints.append(mint)
        return ActionResult({member: url})


def _require_in_service(what: str, status: object) -> None:
    if status != "InService":
        raise ValidationError(message=f"{what} is not InService, its status is {status}.")


def _query(asked: Mapping[str, Any], word: str) -> list[object]:
    names = ("DomainIdEquals", f"{word}NameContains", "SortBy", "SortOrder")
    return [word, *(asked.get(name) for name in names)]


def _next_token(asked: Mapping[str, Any], word: str, end: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([*_query(asked, word), end]).encode()).decode()


def _start_of_page(asked: Mapping[str, Any], word: str) -> int:
    if "NextToken" not in asked:
        return 0
    try:
        *query, start = json.loads(base64.urlsafe_b64decode(asked["NextToken"]))
    except (ValueError, TypeError):
        query, start = [], None
    # A token continues the question it was given for, no other.
    if query != _query(asked, word) or not isinstance(start, int):
        raise ValidationError(message="Invalid NextToken.")
    return start
