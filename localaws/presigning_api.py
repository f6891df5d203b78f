"""The five calls of SageMaker that mint a presigned URL, and the record of what they minted."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ResourceNotFound, ValidationError
from pydantic import SecretStr

from localaws.errors import signer
from localaws.records import Mint
from localaws.sagemaker_api import CheckedResponse

# A Studio URL can exceed 4,000 characters; the model caps all others but the notebook's at 2,048.
_STUDIO_TOKEN_BYTES = 3072
_OTHER_TOKEN_BYTES = 1024


class PresigningResponse(CheckedResponse):
    """moto's SageMaker with presigned URLs. With which code AWS refuses what is not in service is not documented."""

    def create_presigned_domain_url(self) -> ActionResult:
        """Mint a Studio URL, for a profile in service of an IAM-mode domain in service.

        Whose space it is and where a landing URI leads is not checked, because AWS does not.
        """
        asked = self._asked()
        domain = self._domain(asked)
        profile = self._key("UserProfile", asked)
        self._find(profile)
        if domain.auth_mode != "IAM":
            raise ValidationError(message=f"Not supported for a Domain with AuthMode {domain.auth_mode}.")
        _require_in_service("Domain", domain.status)
        _require_in_service("UserProfile", self._state.seen(profile)["Status"])
        if "SpaceName" in asked:
            self._find(self._key("Space", asked))
        url = f"https://{domain.id}.studio.{self.region}.sagemaker.aws/auth?token="
        return self._mint(asked, "AuthorizedUrl", url + secrets.token_urlsafe(_STUDIO_TOKEN_BYTES))

    def create_presigned_notebook_instance_url(self) -> ActionResult:
        """Mint a URL of a notebook instance that is in service, at the host that DescribeNotebookInstance names.

        AWS writes it without a path. It is good for five minutes, which nobody can change.
        """
        asked = self._asked()
        notebook = self.sagemaker_backend.get_notebook_instance(asked["NotebookInstanceName"])
        _require_in_service("NotebookInstance", notebook.status)
        host = self._notebook_host(notebook.notebook_instance_name)
        return self._mint_short(asked, "AuthorizedUrl", f"https://{host}?authToken=")

    def create_presigned_mlflow_tracking_server_url(self) -> ActionResult:
        """Mint a URL of a tracking server that is active; its host starts with an id that AWS chose, not with the name.

        Source: MLflow's "Launch the MLflow UI using a presigned URL" in the SageMaker developer guide.
        """
        asked = self._asked()
        server = self._find(("TrackingServer", "", asked["TrackingServerName"])).description
        if server["IsActive"] != "Active":
            raise ValidationError(message=f"TrackingServer is not active: {server['TrackingServerStatus']}.")
        return self._mint_short(asked, "AuthorizedUrl", f"{server['TrackingServerUrl']}/auth?authToken=")

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

    def _notebook_host(self, name: str) -> str:
        """Return the host of an instance: its name, after which AWS sometimes puts four characters of its own."""
        default = f"{name.lower()}.notebook.{self.region}.sagemaker.aws"
        return self._state.notebook_hosts.get(name, default)

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
            account=self.current_account,
            region=self.region,
        )
        self._state.mints.append(mint)
        return ActionResult({member: url})


def _require_in_service(what: str, status: object) -> None:
    if status != "InService":
        raise ValidationError(message=f"{what} is not InService, its status is {status}.")
