"""CloudTrail's events of minted URLs, and what EventBridge makes of one: the rule that takes it, what a target gets."""

import json
import re
from typing import Any

from tests.stack.stacks import Json

# What no log group may hold.
URL = "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=eyJhbGciOiJIUzI1NiJ9.secret"


def event(role_arn: str, name: str = "CreatePresignedDomainUrl", **more: object) -> Json:
    """Return an event as EventBridge has it from CloudTrail, of a session of a role, with the URL in its answer."""
    detail = {
        "eventVersion": "1.11",
        "userIdentity": _identity(role_arn),
        "eventTime": "2026-11-25T09:00:00Z",
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "10.0.1.20",
        "requestParameters": {"domainId": "d-research01234", "userProfileName": "alice", "expiresInSeconds": 30},
        "responseElements": {"authorizedUrl": URL},
        "requestID": "0f5e1c7a-0000-4000-8000-000000000001",
        "eventID": "1a2b3c4d-0000-4000-8000-000000000001",
        "eventType": "AwsApiCall",
        "recipientAccountId": role_arn.split(":")[4],
        "vpcEndpointId": "vpce-0b2c3d4e5f6071829",
    }
    return {
        "version": "0",
        "id": "8e7f6a5b-0000-4000-8000-000000000001",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.sagemaker",
        "account": role_arn.split(":")[4],
        "time": "2026-11-25T09:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail | more,
    }


def _identity(role_arn: str) -> Json:
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEMINTING001:alice@example.com-8621b19fde95a363",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/alice@example.com-8621b19fde95a363",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": role_arn, "accountId": account, "userName": role},
            "attributes": {"creationDate": "2026-11-25T09:00:00Z", "mfaAuthenticated": "false"},
            "sourceIdentity": "alice@example.com-8621b19fde95a363",
        },
    }


def takes(pattern: Json, value: Any) -> bool:  # noqa: ANN401 - JSON
    """Tell whether an event pattern takes an event (EventBridge user guide, "Creating event patterns")."""
    return all(
        takes(wanted, value.get(name, {})) if isinstance(wanted, dict) else _one_of(wanted, value.get(name))
        for name, wanted in pattern.items()
    )


def _one_of(wanted: list[Any], value: object) -> bool:
    return any(_is(one, value) for one in wanted)


def _is(wanted: Any, value: object) -> bool:  # noqa: ANN401 - JSON
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    ((how, argument),) = wanted.items()
    # Anything else is not known here.
    return {
        "prefix": lambda: isinstance(value, str) and value.startswith(argument),
        "exists": lambda: (value is not None) is argument,
    }[how]()


def sent(target: Json, taken: Json) -> str:
    """Return the text that a target gets; a variable that the event has no value for is left out."""
    made = target["InputTransformer"]
    values = {name: _at(path, taken) for name, path in made["InputPathsMap"].items()}

    def write(match: re.Match[str]) -> str:
        return str(values[match[1]] or "")

    # To a log group the time goes as it is, and is no JSON then: it is written as a text here.
    text = made["InputTemplate"].replace('"timestamp": <time>', '"timestamp": "<time>"')
    return re.sub(r"<(\w+)>", write, text)


def logged(target: Json, taken: Json) -> Json:
    """Return the line that a log group gets."""
    line: Json = json.loads(json.loads(sent(target, taken))["message"])
    return line


def _at(path: str, taken: Any) -> Any:  # noqa: ANN401 - JSON
    for name in path.removeprefix("$.").split("."):
        taken = taken.get(name) if isinstance(taken, dict) else None
    return taken
