"""The built template as `sam local invoke` needs it."""

import copy
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
FUNCTION = "Function"
PROBE = "Probe"

# What the API calls: not the gate itself, but what says through which endpoint the request came.
_ENDPOINT = Path(__file__).with_name("endpoint.py")
_PROBE_CODE = Path(__file__).with_name("probe")


class StaleBuildError(Exception):
    """What was built is not what the template says now."""


def local_template(
    built: Mapping[str, Any], folder: Path, variables: Mapping[str, str], endpoint: str
) -> dict[str, Any]:
    """Return a copy of the built template that runs anywhere and calls the stand-in at `endpoint`.

    SAM passes on no variable that the template does not declare, and resolves neither the roles nor the endpoints of
    the deployed ones; the deployed template in turn must never redirect a service. `folder` is the built template's.
    """
    template = copy.deepcopy(dict(built))
    resources = template["Resources"]
    for resource in resources.values():
        for name in {"CodeUri", "ContentUri", "TemplateURL"} & resource["Properties"].keys():
            resource["Properties"][name] = str((folder / resource["Properties"][name]).resolve())
    function = resources[FUNCTION]["Properties"]
    declared: dict[str, Any] = function["Environment"]["Variables"]
    # SAM sets the region, as Lambda does.
    variables = {name: value for name, value in variables.items() if name != "AWS_REGION"}
    if declared.keys() != variables.keys():
        raise StaleBuildError("the build declares other variables than template.yaml; run make build")
    services = {f"AWS_ENDPOINT_URL_{service}": endpoint for service in ("SAGEMAKER", "SSM", "STS")}
    declared |= variables | services
    # The same layers under a function that only looks at them.
    probe = {name: function[name] for name in ("Architectures", "Layers", "MemorySize", "Runtime", "Timeout")}
    probe |= {"CodeUri": str(_PROBE_CODE), "Handler": "probe.handler"}
    resources[PROBE] = {"Type": "AWS::Serverless::Function", "Properties": probe}
    return template


def behind_an_endpoint(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy whose function is told through which endpoint a request came, by a module put into its code."""
    made = copy.deepcopy(dict(template))
    function = made["Resources"][FUNCTION]["Properties"]
    shutil.copy(_ENDPOINT, function["CodeUri"])
    function["Handler"] = f"{_ENDPOINT.stem}.handler"
    return made
