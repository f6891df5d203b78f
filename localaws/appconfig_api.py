"""AppConfig as operators ask it: moto's, with the environments and deployments that it lacks.

A deployment is complete at once, since nothing here waits for alarms; a test says otherwise with `settle`.
"""

import json
from typing import Any

from moto.appconfig.exceptions import AppNotFoundException
from moto.appconfig.models import appconfig_backends
from moto.appconfig.responses import AppConfigResponse
from moto.moto_api._internal import mock_random

type Json = dict[str, Any]
_ENVIRONMENTS = "environments_of_the_stand_in"
PATHS = (
    "{0}/applications/(?P<app_id>[^/]+)/environments$",
    "{0}/applications/(?P<app_id>[^/]+)/environments/(?P<env_id>[^/]+)$",
    "{0}/applications/(?P<app_id>[^/]+)/environments/(?P<env_id>[^/]+)/deployments$",
)


class DeployingResponse(AppConfigResponse):
    """moto's AppConfig with environments, to which configurations are deployed."""

    def create_environment(self) -> str:
        """Make an environment of an application."""
        made = {"Id": mock_random.get_random_hex(7), "Name": self._get_param("Name"), "State": "ReadyForDeployment"}
        self._environments()[made["Id"]] = made | {"deployments": []}
        return json.dumps(made | {"ApplicationId": self._get_param("ApplicationId")})

    def get_environment(self) -> str:
        """Describe the environment, or answer ResourceNotFoundException."""
        found = self._environment()
        described = {name: value for name, value in found.items() if name != "deployments"}
        return json.dumps(described | {"ApplicationId": self._get_param("ApplicationId")})

    def start_deployment(self) -> str:
        """Deploy a version of a configuration; the profile must be the application's."""
        deployments = self._environment()["deployments"]
        application = self.appconfig_backend.get_application(self._get_param("ApplicationId"))
        profile = self._get_param("ConfigurationProfileId")
        if profile not in application.config_profiles:
            raise AppNotFoundException
        made = {
            "DeploymentNumber": len(deployments) + 1,
            "ConfigurationName": application.config_profiles[profile].name,
            "ConfigurationVersion": self._get_param("ConfigurationVersion"),
            "State": "COMPLETE",
        }
        deployments.append(made)
        return json.dumps(made)

    def list_deployments(self) -> str:
        """List the environment's deployments, newest first, on one page."""
        return json.dumps({"Items": self._environment()["deployments"][::-1]})

    def _environments(self) -> dict[str, Json]:
        application = self.appconfig_backend.get_application(self._get_param("ApplicationId"))
        found: dict[str, Json] = vars(application).setdefault(_ENVIRONMENTS, {})
        return found

    def _environment(self) -> Json:
        try:
            return self._environments()[self._get_param("EnvironmentId")]
        except KeyError:
            raise AppNotFoundException from None


def settle(state: str, *, account_id: str, region: str) -> None:
    """Give the last deployment of every environment there another state, such as ROLLED_BACK."""
    for application in appconfig_backends[account_id][region].applications.values():
        for environment in vars(application).get(_ENVIRONMENTS, {}).values():
            for deployment in environment["deployments"][-1:]:
                deployment["State"] = state
