"""Runs in the container as the handler, before the gate: adds what a private API Gateway tells and SAM's does not."""

import os
from typing import Any

from studio_gate import handler as gate


def handler(event: dict[str, Any], context: Any) -> dict[str, object]:  # noqa: ANN401 - Lambda's own
    """Answer as the gate does to a request that came through its first endpoint, from an address of the company."""
    (endpoint, *_) = os.environ["EXECUTE_API_ENDPOINT_IDS"].split(",")
    event["requestContext"]["identity"] |= {"vpceId": endpoint, "sourceIp": "10.20.30.40"}
    return gate.handler(event, context)
