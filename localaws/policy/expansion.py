"""What API Gateway makes of a resource policy when it saves it."""

import copy
from typing import Any

from localaws.policy.documents import Document, UnsupportedPolicyError

_SHORT = "execute-api:/"
_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
# Regions of partitions that other names begin: us-iso, eu-isoe and so on.
_OTHER_PARTITIONS = "-iso"


def expand_api_policy(document: Document, region: str, account: str, api_id: str) -> dict[str, Any]:
    """Return a copy of an API's resource policy with `execute-api:/stage/METHOD/path` as full ARNs.

    Full ARNs and `*` stay as they are. Source: API Gateway developer guide, "Access policy language overview". The
    partition is the region's; `UnsupportedPolicyError` for a region of the isolated partitions.
    """
    if _OTHER_PARTITIONS in region:
        raise UnsupportedPolicyError(f"a region of an isolated partition: {region}")
    partition = next((name for prefix, name in _PARTITIONS.items() if region.startswith(f"{prefix}-")), "aws")
    api = f"arn:{partition}:execute-api:{region}:{account}:{api_id}/"
    expanded = copy.deepcopy(dict(document))
    for statement in expanded["Statement"]:
        given = statement["Resource"]
        one = isinstance(given, str)
        resources = [api + text.removeprefix(_SHORT) if text.startswith(_SHORT) else text for text in _listed(given)]
        statement["Resource"] = resources[0] if one else resources
    return expanded


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
