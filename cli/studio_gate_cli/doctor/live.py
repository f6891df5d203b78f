"""Live configuration: whether AppConfig has what ConfigSource names, and has deployed it."""

from studio_gate_cli.doctor.asking import MissingError
from studio_gate_cli.doctor.findings import Told, broken, warning
from studio_gate_cli.doctor.patient import Patient

MISSING = broken(
    "appconfig-missing",
    "The application, environment or profile of ConfigSource is not in AppConfig.",
    "Give ConfigSource the ids that aws appconfig list-applications and its like show in this region, and deploy.",
)
NOT_DEPLOYED = broken(
    "appconfig-not-deployed",
    "No configuration of ConfigSource has been deployed, so that the function has none.",
    "Deploy one: aws appconfig start-deployment (docs/live-configuration.md).",
)
ROLLED_BACK = warning(
    "appconfig-rolled-back",
    "The last deployment of the configuration was rolled back, reverted or stopped: an older one serves.",
    "Look why, in aws appconfig get-deployment, and deploy a configuration that config check finds good.",
)
FAULTS = (MISSING, NOT_DEPLOYED, ROLLED_BACK)


def look(patient: Patient) -> Told:
    """Look at the three ids of ConfigSource, then at the deployments."""
    source = patient.declared("ConfigSource")
    if not source:
        return
    application, environment, profile = source.removeprefix("appconfig:").split("/")
    asked: dict[str, tuple[str, dict[str, str]]] = {
        application: ("appconfig:GetApplication", {}),
        environment: ("appconfig:GetEnvironment", {"EnvironmentId": environment}),
        profile: ("appconfig:GetConfigurationProfile", {"ConfigurationProfileId": profile}),
    }
    names = []
    for one, (action, inputs) in asked.items():
        try:
            names.append(patient.ask(action, ApplicationId=application, **inputs)["Name"])
        except MissingError:
            yield MISSING.at(one, f"ConfigSource names it, and it is not in {patient.region}")
            return
    # AppConfig calls a deployment's profile by its name.
    name, place = names[-1], {"ApplicationId": application, "EnvironmentId": environment}
    deployments = [
        one for one in patient.ask("appconfig:ListDeployments", **place)["Items"] if one["ConfigurationName"] == name
    ]
    newest = max(deployments, key=lambda one: int(one["DeploymentNumber"]), default=None)
    if newest is None or all(one["State"] != "COMPLETE" for one in deployments):
        yield NOT_DEPLOYED.at(profile, f"{len(deployments)} deployments of {name}, and none is complete")
    elif newest["State"] in {"ROLLING_BACK", "ROLLED_BACK", "REVERTED"}:
        yield ROLLED_BACK.at(profile, f"deployment {newest['DeploymentNumber']} of {name} is {newest['State']}")
