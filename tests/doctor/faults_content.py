"""What can be wrong with domains, secrets and live configuration of a gate, and with what all rests on: a row each."""

import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

from moto.sagemaker.models import sagemaker_backends

from localaws import appconfig_api
from tests.doctor.faults_network import Row
from tests.doctor.nets import ACCOUNT, REGION, STACK, World

type Change = Callable[[World], Any]
_RESEARCH = "d-research01234"
_KEYS = "/studio-gate/sealing-keys"


def _named(name: str) -> Callable[[World], str]:
    return lambda _: name


def _domain(**values: object) -> Change:
    def changed(_: World) -> None:
        for key, value in values.items():
            setattr(sagemaker_backends[ACCOUNT.id][REGION].domains[_RESEARCH], key, value)

    return changed


def _no_domain(world: World) -> None:
    del sagemaker_backends[ACCOUNT.id][REGION].domains[_RESEARCH]


def _another_destination(world: World) -> None:
    text = world.config.read_text(encoding="utf-8")
    world.config.write_text(text.replace('"d-sandbox012345"', '"d-unknown01234"'), encoding="utf-8")


def _another_profile(world: World) -> None:
    text = world.config.read_text(encoding="utf-8")
    world.config.write_text(text.replace('name = "bob"', 'name = "bobby"'), encoding="utf-8")


DOMAINS = {
    "a domain that is not there": Row(
        "domain-missing", _named(_RESEARCH), _no_domain, follows=frozenset({"profile-missing"})
    ),
    "a domain that failed": Row("domain-not-in-service", _named(_RESEARCH), _domain(status="Failed")),
    "a domain of Identity Center": Row("domain-not-iam", _named(_RESEARCH), _domain(auth_mode="SSO")),
    "a domain that goes past the VPC": Row(
        "domain-uses-internet", _named(_RESEARCH), _domain(app_network_access_type="PublicInternetOnly")
    ),
    "a destination that the stack does not know": Row(
        "domain-not-in-stack", _named("d-unknown01234"), _another_destination
    ),
    "a profile with another name": Row("profile-missing", _named("bobby"), _another_profile),
    "a profile that failed": Row(
        "profile-not-in-service",
        _named("alice"),
        lambda world: world.says.update(
            {
                "sagemaker:DescribeUserProfile": lambda told: told.update(
                    Status="Failed" if told["UserProfileName"] == "alice" else "InService"
                )
            }
        ),
    ),
    "a profile of nobody": Row(
        "owner-tag-missing",
        _named("eve"),
        lambda world: world.client("sagemaker").create_user_profile(DomainId="d-lab012345678", UserProfileName="eve"),
    ),
}


def _put(**values: str) -> Change:
    return lambda world: world.client("ssm").put_parameter(Name=_KEYS, Overwrite=True, **values)


SECRETS = {
    "sealing keys that are not there": Row(
        "secret-missing", _named(_KEYS), lambda world: world.client("ssm").delete_parameter(Name=_KEYS)
    ),
    "a client secret that is not there": Row(
        "secret-missing",
        _named("studio-gate/client"),
        lambda world: world.client("secretsmanager").delete_secret(
            SecretId="studio-gate/client", ForceDeleteWithoutRecovery=True
        ),
    ),
    "a client secret that somebody deletes": Row(
        "secret-being-deleted",
        _named("studio-gate/client"),
        lambda world: world.client("secretsmanager").delete_secret(SecretId="studio-gate/client"),
    ),
    "sealing keys in the clear": Row("secret-in-the-clear", _named(_KEYS), _put(Value="a:b", Type="String")),
    "sealing keys under a key that the function may not use": Row(
        "secret-under-another-key",
        _named(_KEYS),
        _put(Value="a:b", Type="SecureString", KeyId="1234abcd-12ab-34cd-56ef-1234567890ab"),
    ),
    "sealing keys that are a password": Row(
        "sealing-keys-malformed",
        _named(_KEYS),
        _put(Value="secret-canary", Type="SecureString"),
        options=("--read-secrets",),
    ),
}


def _live(world: World) -> Mapping[str, str]:
    """Make a configuration in AppConfig, and deploy it."""
    client = world.client("appconfig")
    application = client.create_application(Name="gate")["Id"]
    profile = client.create_configuration_profile(ApplicationId=application, Name="gate.toml", LocationUri="hosted")[
        "Id"
    ]
    environment = client.create_environment(ApplicationId=application, Name="prod")["Id"]
    client.start_deployment(
        ApplicationId=application,
        EnvironmentId=environment,
        ConfigurationProfileId=profile,
        ConfigurationVersion="1",
        DeploymentStrategyId="AppConfig.AllAtOnce",
    )
    return {"ConfigSource": f"appconfig:{application}/{environment}/{profile}"}


def _profile(world: World) -> str:
    return world.parameters["ConfigSource"].split("/")[2]


def _settle(*states: str) -> Change:
    """Give the deployments these states, the first one first."""

    def changed(world: World) -> None:
        application, environment, profile = world.parameters["ConfigSource"].removeprefix("appconfig:").split("/")
        for number, state in enumerate(states):
            if number:
                world.client("appconfig").start_deployment(
                    ApplicationId=application,
                    EnvironmentId=environment,
                    ConfigurationProfileId=profile,
                    ConfigurationVersion=str(number),
                    DeploymentStrategyId="AppConfig.AllAtOnce",
                )
            appconfig_api.settle(state, account_id=ACCOUNT.id, region=REGION)

    return changed


LIVE = {
    "a live configuration of another region": Row(
        "appconfig-missing",
        _named("abc1234"),
        given=lambda _: {"ConfigSource": "appconfig:abc1234/def5678/ghi9012"},
    ),
    "a live configuration that nobody deployed": Row(
        "appconfig-not-deployed", _profile, _settle("BAKING"), given=_live
    ),
    "a live configuration that an alarm took back": Row(
        "appconfig-rolled-back", _profile, _settle("COMPLETE", "ROLLED_BACK"), given=_live
    ),
}


def _later(seconds: float) -> Change:
    """Have AWS answer with a date that is so much behind this host's clock."""

    def told(answer: dict[str, Any]) -> None:
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        headers["date"] = formatdate(time.time() - seconds, usegmt=True)

    return lambda world: world.says.update({"cloudformation:DescribeStacks": told})


def _status(status: str) -> Change:
    return lambda world: world.says.update(
        {"cloudformation:DescribeStacks": lambda told: told["Stacks"][0].update(StackStatus=status)}
    )


BASICS = {
    "a clock that is slow": Row("clock-skewed", _named("clock"), _later(-90)),
    "a clock that is fast": Row("clock-skewed", _named("clock"), _later(90)),
    "a stack that was rolled back": Row("stack-failed", _named(STACK), _status("UPDATE_ROLLBACK_COMPLETE")),
    "a stack that is being changed": Row("stack-in-progress", _named(STACK), _status("UPDATE_IN_PROGRESS")),
}
ROWS = DOMAINS | SECRETS | LIVE | BASICS
