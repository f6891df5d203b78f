"""The API: that it is private, answers through the gate's endpoints and no other, and may call the function."""

import json

from studio_gate_cli.doctor.asking import Json, MissingError
from studio_gate_cli.doctor.findings import Finding, NotProven, Told, broken, warning
from studio_gate_cli.doctor.patient import Patient
from studio_gate_cli.doctor.rules import ANYBODY, Answer, Ask, answer

MISSING = broken(
    "api-missing",
    "The API is not there.",
    "Delete the stack and deploy it anew: somebody deleted the API by hand.",
)
NOT_PRIVATE = broken(
    "api-not-private",
    "The API is of another endpoint type than PRIVATE.",
    "Deploy the stack again, and find out who changed it: with another type the internet reaches it.",
)
REFUSES = broken(
    "api-policy-refuses-endpoint",
    "The API's resource policy refuses requests that come through an endpoint of the gate.",
    "Deploy with that endpoint among ExecuteApiEndpointIds.",
)
OPEN_ELSEWHERE = broken(
    "api-policy-open-elsewhere",
    "The API's resource policy lets requests in that come through none of the gate's endpoints.",
    "Put the Deny on StringNotEquals aws:SourceVpce back: deploy the stack again.",
)
NOT_ASSOCIATED = warning(
    "api-endpoint-not-associated",
    "An endpoint of the gate is not associated with the API, so that {api}-{endpoint} is no name of it.",
    "Deploy with that endpoint among ExecuteApiEndpointIds.",
)
NO_STAGE = broken(
    "stage-missing",
    "The API has no stage of the gate's name, or the stage has no deployment.",
    "Deploy the stack again; its Api has the stage `gate`.",
)
KEEPS = broken(
    "stage-keeps-urls",
    "The stage caches answers or logs their bodies, and presigned URLs are in them.",
    "Turn cache and data trace off, delete what was kept, and deploy the stack again.",
)
MAY_NOT_INVOKE = broken(
    "api-may-not-invoke",
    "The function's policy does not let API Gateway call it for this API.",
    "Deploy the stack again: it adds the permission of each route.",
)
FAULTS = (MISSING, NOT_PRIVATE, REFUSES, OPEN_ELSEWHERE, NOT_ASSOCIATED, NO_STAGE, KEEPS, MAY_NOT_INVOKE)
_STAGE = "gate"
_ROUTE = "GET/health"
_SHORT = "execute-api:/"
_ELSEWHERE = "vpce-00000000000000000"


def look(patient: Patient) -> Told:
    """Look at the API, its policy and stage, and whether it may call the function."""
    try:
        api = patient.ask("apigateway:GetRestApi", restApiId=patient.api_id)
    except MissingError:
        yield MISSING.at(patient.api_id, "it is not there")
        return
    settings = api.get("endpointConfiguration", {})
    if settings.get("types") != ["PRIVATE"]:
        yield NOT_PRIVATE.at(patient.api_id, f"its type is {', '.join(settings.get('types', [])) or 'none'}")
    for endpoint in patient.endpoint_ids("ExecuteApiEndpointIds"):
        if endpoint not in settings.get("vpcEndpointIds", []):
            yield NOT_ASSOCIATED.at(endpoint, f"it is not associated with the API {patient.api_id}")
    yield from _policy(patient, api)
    yield from _stage(patient)
    yield from _permission(patient)


def _policy(patient: Patient, api: Json) -> Told:
    place = f"arn:{patient.partition}:execute-api:{patient.region}:{patient.account}:{patient.api_id}/"
    document = written(api.get("policy", "{}"), place)
    ask = Ask("execute-api:Invoke", f"{place}{_STAGE}/{_ROUTE}", ANYBODY)
    for endpoint in patient.endpoint_ids("ExecuteApiEndpointIds"):
        decided = answer([document], Ask(ask.action, ask.resource, ANYBODY, {"aws:sourcevpce": endpoint}))
        if decided is Answer.NO:
            yield REFUSES.at(endpoint, "the API's policy refuses GET /health through it")
        elif decided is Answer.UNKNOWN:
            yield NotProven(endpoint, "the API's policy has conditions that are not known here")
    for elsewhere in (_ELSEWHERE, None):
        if answer([document], Ask(ask.action, ask.resource, ANYBODY, {"aws:sourcevpce": elsewhere})) is not Answer.NO:
            through = "another endpoint" if elsewhere else "no endpoint"
            yield OPEN_ELSEWHERE.at(patient.api_id, f"its policy may let GET /health in through {through}")
            return


def written(policy: str, place: str) -> Json:
    """Read an API's policy: API Gateway escapes its quotes once more, and takes a short form of its own ARNs."""
    text = policy if policy.startswith('{"') else policy.replace('\\"', '"').replace("\\/", "/")
    document: Json = json.loads(text.replace(_SHORT, place) if text else "{}")
    return document


def _stage(patient: Patient) -> Told:
    try:
        stage = patient.ask("apigateway:GetStage", restApiId=patient.api_id, stageName=_STAGE)
        patient.ask(
            "apigateway:GetDeployment", restApiId=patient.api_id, deploymentId=stage.get("deploymentId") or "none"
        )
    except MissingError:
        yield NO_STAGE.at(patient.api_id, f"there is no stage {_STAGE} that is deployed")
        return
    settings = stage.get("methodSettings", {}).values()
    kept = {
        "a cache": stage.get("cacheClusterEnabled") or any(one.get("cachingEnabled") for one in settings),
        "data trace": any(one.get("dataTraceEnabled") for one in settings),
    }
    if found := [name for name, is_on in kept.items() if is_on]:
        yield KEEPS.at(_STAGE, f"{' and '.join(found)} on")


def _permission(patient: Patient) -> Told:
    """Ask the function's policy, at the alias that requests go to, whether API Gateway may call it."""
    # It has been told that there is none.
    patient.deployed()
    refused: Finding = MAY_NOT_INVOKE.at(patient.function_name, f"the API {patient.api_id} may not call it")
    try:
        found = patient.ask("lambda:GetPolicy", FunctionName=patient.function_name, **patient.qualifier)["Policy"]
    except MissingError:
        yield refused
        return
    source = (
        f"arn:{patient.partition}:execute-api:{patient.region}:{patient.account}:{patient.api_id}/{_STAGE}/{_ROUTE}"
    )
    context = {"aws:sourcearn": source, "aws:sourceaccount": patient.account}
    ask = Ask("lambda:InvokeFunction", "*", "apigateway.amazonaws.com", context)
    # Lambda gives the statements of what was asked about and no others.
    statements = [{**one, "Resource": "*"} for one in json.loads(found)["Statement"]]
    decided = answer([{"Statement": statements}], ask)
    if decided is Answer.UNKNOWN:
        yield NotProven(refused.about, "its policy has conditions that are not known here")
    elif decided is Answer.NO:
        yield refused
