"""The endpoints' policies: whether they let through what the gate, and those who use it, ask for."""

import json
from collections.abc import Iterator

from studio_gate_cli.doctor.asking import Json
from studio_gate_cli.doctor.findings import NotProven, Told, broken
from studio_gate_cli.doctor.patient import Endpoint, Patient
from studio_gate_cli.doctor.rules import ANYBODY, Answer, Ask, answer
from studio_gate_cli.doctor.services import needed

REFUSES = broken(
    "endpoint-policy-refuses",
    "The policy of an endpoint refuses what the gate or those who use it ask for.",
    "Let the action through in the endpoint's policy; it binds everybody, what runs in Studio too, so add and do not "
    "replace.",
)
FAULTS = (REFUSES,)
# What the function asks of the services beside the gate's own endpoints.
_READS = {
    "ssm": "ssm:GetParameter",
    "secretsmanager": "secretsmanager:GetSecretValue",
    "appconfigdata": "appconfig:GetLatestConfiguration",
}


def look(patient: Patient) -> Told:
    """Ask each endpoint's policy about each request that must pass it."""
    for one, described in patient.right():
        for ask in _through(patient, one):
            yield from _told(one.id, one.service, described, ask)
    function = str(patient.deployed()["Role"])
    for service, found in needed(patient).items():
        if found is not None:
            # On which secret or configuration is not asked: that is what the function's own role says.
            ask = Ask(_READS[service], principal=function, context=known(patient, function))
            yield from _told(found["VpcEndpointId"], service, found, ask)


def _through(patient: Patient, one: Endpoint) -> Iterator[Ask]:
    """Yield what must pass an endpoint. A presigned URL is used as the session that minted it."""
    minting, directory = (patient.environment.get(f"{name}_ROLE_ARN", "") for name in ("MINTING", "DIRECTORY"))
    function = str(patient.deployed()["Role"])
    profiles = [arn.removesuffix("*") + "anybody" for arn in patient.listed("StudioProfileArns")]
    context: dict[str, str | None] = {"aws:sourcevpce": one.id}
    if one.service == "execute-api":
        place = f"arn:{patient.partition}:execute-api:{patient.region}:{patient.account}:{patient.api_id}"
        nobody = dict.fromkeys(("aws:principalarn", "aws:principalaccount", "aws:principalorgid"))
        yield Ask("execute-api:Invoke", f"{place}/gate/GET/health", ANYBODY, context | nobody)
    elif one.service == "sts":
        for role in (minting, directory):
            yield Ask("sts:AssumeRole", role, function, context | known(patient, function))
    else:
        for profile in profiles if one.service in {"sagemaker.api", "studio"} else []:
            yield Ask("sagemaker:CreatePresignedDomainUrl", profile, minting, context | known(patient, minting))
            if one.service == "sagemaker.api":
                yield Ask("sagemaker:DescribeUserProfile", profile, directory, context | known(patient, directory))


def known(patient: Patient, principal: str) -> dict[str, str | None]:
    """Return the condition keys that are known of a request by one of the stack's roles."""
    return {
        "aws:principalarn": principal,
        "aws:principalaccount": patient.account,
        "aws:resourceaccount": patient.account,
        "aws:sourcevpc": patient.vpc_id,
        "aws:principalisawsservice": "false",
    }


def _told(about: str, service: str, described: Json, ask: Ask) -> Told:
    policy = described.get("PolicyDocument")
    decided = answer([json.loads(policy)], ask) if policy else Answer.YES
    who = "anybody" if ask.principal == ANYBODY else str(ask.principal).rpartition("/")[2]
    what = f"{ask.action} by {who}" + (f" on {ask.resource.rpartition(':')[2]}" if ask.resource != "*" else "")
    if decided is Answer.NO:
        yield REFUSES.at(about, f"the {service} endpoint's policy refuses {what}")
    elif decided is Answer.UNKNOWN:
        yield NotProven(about, f"the {service} endpoint's policy has conditions on {what} that are not known here")
