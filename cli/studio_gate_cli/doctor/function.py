"""The function: whether it runs as the stack was told, and what its log says of its last hours."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator

from studio_gate_cli.doctor.asking import Json
from studio_gate_cli.doctor.findings import Finding, Told, broken, warning
from studio_gate_cli.doctor.patient import Patient, members

MISSING = broken(
    "function-missing",
    "The function is not there.",
    "Delete the stack and deploy it anew: somebody deleted the function by hand.",
)
NOT_ACTIVE = broken(
    "function-not-active",
    "The function is not active: it is being made, or its network interfaces or image could not be had.",
    "Wait for it; if it has failed, mend what StateReason of aws lambda get-function-configuration names, and deploy.",
)
NOT_UPDATED = broken(
    "function-not-updated",
    "The last update of the function failed or goes on.",
    "Mend what LastUpdateStatusReason of aws lambda get-function-configuration names, and deploy.",
)
OFF = broken(
    "function-off",
    "The function's reserved concurrency is 0: every request is throttled.",
    "Take it away: aws lambda delete-function-concurrency --function-name NAME.",
)
ELSEWHERE = warning(
    "function-network-differs",
    "The function is in other subnets or security groups than the stack was given.",
    "Deploy the stack again, and find out who changed the function.",
)
OTHER_ENVIRONMENT = warning(
    "environment-differs",
    "The function's environment says something else than the stack's parameters.",
    "Deploy the stack again, and find out who changed the function.",
)
NO_LAYER = broken(
    "layer-missing",
    "The function has no layer, and nothing of what it imports.",
    "Build and deploy again: make build, then sam deploy.",
)
OTHER_LAYER = broken(
    "layer-of-another-architecture",
    "The layer's wheels are for another architecture than the function.",
    "Set the parameter Architecture, then build and deploy again.",
)
NO_LOGS = broken(
    "log-group-missing",
    "The function's log group is not there: audit records are lost.",
    "Deploy the stack again; if somebody deleted the group by hand, make one of that name first.",
)
CRASHES = broken(
    "function-crashes",
    "The function timed out, crashed, or did not start within the last hours.",
    "Read those lines in the log group; what does not start is mended by make build and a deployment, a timeout by an "
    "endpoint that answers.",
)
FAILS = warning(
    "requests-fail",
    "Requests were answered with 5xx within the last hours.",
    "Read `reason` and `upstream` of those audit records: they name the service that refused or did not answer.",
)
FAULTS = (
    *(MISSING, NOT_ACTIVE, NOT_UPDATED, OFF, ELSEWHERE, OTHER_ENVIRONMENT, NO_LAYER, OTHER_LAYER),
    *(NO_LOGS, CRASHES, FAILS),
)
# What Lambda writes of an invocation or start that did not end well (developer guide, "Troubleshooting").
_CRASHES = {
    "timed out": re.compile(r"Task timed out after"),
    "did not start": re.compile(
        r"INIT_REPORT.*Status: (?:error|timeout)|Runtime\.(?:ImportModuleError|HandlerNotFound)"
    ),
    "crashed": re.compile(r"Runtime\.ExitError|\[ERROR\]"),
}
_PATTERN = '?"Task timed out" ?INIT_REPORT ?"Runtime." ?"[ERROR]" ?"\\"status\\": 5"'
_REASON = re.compile(r"[a-z0-9-]{1,64}")


def look(patient: Patient) -> Told:
    """Look at the function as Lambda has it, then at its log."""
    function = patient.function
    if function is None:
        yield MISSING.at(patient.function_name, "it is not there")
        return
    name = patient.function_name
    if function.get("State", "Active") != "Active":
        yield NOT_ACTIVE.at(name, f"its state is {function['State']} ({function.get('StateReasonCode', 'no reason')})")
    if (updated := function.get("LastUpdateStatus", "Successful")) != "Successful":
        yield NOT_UPDATED.at(name, f"the last update is {updated} ({function.get('LastUpdateStatusReasonCode', '-')})")
    reserved = patient.ask("lambda:GetFunctionConcurrency", FunctionName=name)
    if reserved.get("ReservedConcurrentExecutions") == 0:
        yield OFF.at(name, "reserved concurrency is 0")
    yield from _as_told(patient, name, function)
    yield from _layers(name, function)
    yield from _log(patient, function)


def _as_told(patient: Patient, name: str, function: Json) -> Iterator[Finding]:
    network = function.get("VpcConfig", {})
    for parameter, member in {"SubnetIds": "SubnetIds", "SecurityGroupIds": "SecurityGroupIds"}.items():
        if set(network.get(member, [])) != set(patient.listed(parameter)):
            yield ELSEWHERE.at(name, f"{parameter} is {', '.join(network.get(member, [])) or 'empty'}")
    minting = [patient.declared("SageMakerApiEndpointId"), patient.declared("StudioEndpointId")]
    wanted = {
        "EXECUTE_API_ENDPOINT_IDS": patient.listed("ExecuteApiEndpointIds"),
        "MINTING_ENDPOINT_IDS": minting,
        "MINTING_ROLE_ARN": members(patient.outputs.get("MintingRoleArn", "")),
        "CONFIG_SOURCE": patient.listed("ConfigSource"),
    }
    for variable, values in wanted.items():
        if (found := members(patient.environment.get(variable, ""))) != values:
            yield OTHER_ENVIRONMENT.at(name, f"{variable} is {' '.join(found) or 'empty'}")


def _layers(name: str, function: Json) -> Iterator[Finding]:
    """Look at the architecture that the stack's layers have in their names."""
    layers = [one["Arn"].split(":")[6] for one in function.get("Layers", [])]
    (architecture,) = function.get("Architectures", ["x86_64"])
    if not layers:
        yield NO_LAYER.at(name, "it has no layer")
    for one in layers:
        of = next((each for each in ("arm64", "x86-64") if one.endswith(each)), None)
        if of and of.replace("-", "_") != architecture:
            yield OTHER_LAYER.at(name, f"it is for {architecture}, its layer {one}")


def _log(patient: Patient, function: Json) -> Iterator[Finding]:
    group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{patient.function_name}"
    groups = patient.ask("logs:DescribeLogGroups", logGroupNamePrefix=group)["logGroups"]
    if group not in {one["logGroupName"] for one in groups}:
        yield NO_LOGS.at(group, "it is not there")
        return
    begin = int(time.time() - patient.given.hours * 3600) * 1000
    events = patient.ask("logs:FilterLogEvents", logGroupName=group, startTime=begin, filterPattern=_PATTERN)["events"]
    texts = [one["message"] for one in events]
    crashes = Counter(what for text in texts for what, of in _CRASHES.items() if of.search(text))
    if crashes:
        yield CRASHES.at(group, f"within {patient.given.hours} h: {_counted(crashes)}")
    failures = Counter(reason for text in texts for reason in _failed(text))
    if failures:
        yield FAILS.at(group, f"within {patient.given.hours} h: {_counted(failures)}")


def _failed(text: str) -> Iterator[str]:
    """Yield why a request was answered with 5xx, if the text is an audit record that says so; a slug and no other."""
    try:
        audit = json.loads(text)["audit"]
        if audit["status"] >= 500:  # noqa: PLR2004 - HTTP's
            yield next((one for one in (audit["reason"], audit["outcome"]) if _REASON.fullmatch(str(one))), "no reason")
    except (ValueError, KeyError, TypeError):
        return


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{one} {times} x" for one, times in sorted(found.items()))
