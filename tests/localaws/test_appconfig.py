"""The stand-in's AppConfig: environments, and what is deployed to them."""

from typing import Any

import pytest

from localaws import appconfig_api, studio
from tests.localaws.clients import Aws


@pytest.fixture
def appconfig(aws: Aws) -> Any:  # noqa: ANN401 - as boto3 makes it
    return aws.session.client("appconfig", region_name="us-east-1", endpoint_url=aws.endpoint)


@pytest.fixture
def place(appconfig: Any) -> dict[str, str]:  # noqa: ANN401 - the same
    """An application with a profile and an environment."""
    application = appconfig.create_application(Name="gate")["Id"]
    profile = appconfig.create_configuration_profile(ApplicationId=application, Name="gate.toml", LocationUri="hosted")
    environment = appconfig.create_environment(ApplicationId=application, Name="prod")
    return {"app": application, "profile": profile["Id"], "env": environment["Id"]}


def test_an_environment_is_what_it_was_made(appconfig: Any, place: dict[str, str]) -> None:  # noqa: ANN401 - the same
    found = appconfig.get_environment(ApplicationId=place["app"], EnvironmentId=place["env"])
    assert (found["Id"], found["Name"], found["ApplicationId"]) == (place["env"], "prod", place["app"])
    assert appconfig.list_deployments(ApplicationId=place["app"], EnvironmentId=place["env"])["Items"] == []


def test_what_is_deployed_is_listed_newest_first(appconfig: Any, place: dict[str, str]) -> None:  # noqa: ANN401 - the same
    where = {"ApplicationId": place["app"], "EnvironmentId": place["env"]}
    for version in "12":
        appconfig.start_deployment(
            **where,
            ConfigurationProfileId=place["profile"],
            ConfigurationVersion=version,
            DeploymentStrategyId="AppConfig.AllAtOnce",
        )
    appconfig_api.settle("ROLLED_BACK", account_id=studio.DEFAULT_ACCOUNT_ID, region="us-east-1")
    listed = appconfig.list_deployments(**where)["Items"]
    assert [(one["DeploymentNumber"], one["ConfigurationVersion"], one["State"]) for one in listed] == [
        (2, "2", "ROLLED_BACK"),
        (1, "1", "COMPLETE"),
    ]
    assert {one["ConfigurationName"] for one in listed} == {"gate.toml"}


@pytest.mark.parametrize("wrong", ["app", "env", "profile"])
def test_what_is_not_there_is_not_found(appconfig: Any, place: dict[str, str], wrong: str) -> None:  # noqa: ANN401 - the same
    asked = place | {wrong: "0000000"}
    where = {"ApplicationId": asked["app"], "EnvironmentId": asked["env"]}
    with pytest.raises(appconfig.exceptions.ResourceNotFoundException):
        appconfig.start_deployment(
            **where,
            ConfigurationProfileId=asked["profile"],
            ConfigurationVersion="1",
            DeploymentStrategyId="AppConfig.AllAtOnce",
        )
    if wrong != "profile":
        for call in (appconfig.get_environment, appconfig.list_deployments):
            with pytest.raises(appconfig.exceptions.ResourceNotFoundException):
                call(**where)
