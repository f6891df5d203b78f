"""What the tests of other kinds, accounts and roles share: more endpoints, a role beside the stack, its sessions."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localaws import enforcement
from localaws.enforcement import Paths, Role
from tests.site.world import PATHS, Aws
from tests.stack.mutations import put

FUNCTION_ROLE = "arn:aws:iam::111122223333:role/studio-gate-FunctionRole"
HERE, THERE = "111122223333", "444455556666"
HOME, ABROAD = "eu-central-1", "eu-west-1"
NOTEBOOK_ENDPOINT, EXPERIMENTS_ENDPOINT = "vpce-0e5f6071829304151", "vpce-0f607182930415263"
# Another region's endpoints are others.
REGION = Paths(None, "vpce-0a00000000000000a", "vpce-0b00000000000000b")
WIDER = replace(PATHS, notebook=NOTEBOOK_ENDPOINT, experiments=EXPERIMENTS_ENDPOINT, regions={ABROAD: REGION})
ENDPOINTS = [
    str(one)
    for paths in (WIDER, REGION)
    for one in (paths.sagemaker_api, paths.studio, paths.notebook, paths.experiments)
    if one
]
EXTERNAL_ID = "gate-of-example"


def role(account: str = HERE, *allows: tuple[str, str], external_id: str | None = None) -> Role:
    """A minting role of that account that trusts the function's role."""
    arn = f"arn:aws:iam::{account}:role/gate/other-minting"
    return enforcement.minting_role(
        arn,
        FUNCTION_ROLE,
        allows=allows,
        endpoints=ENDPOINTS,
        sts_endpoint=str(PATHS.sts),
        external_id=external_id,
    )


def may_assume(*arns: str) -> Any:  # noqa: ANN401 - a mutation
    """A change of the template: the function's role may assume these roles beside its own."""
    at = "FunctionRole/Policies/gate/PolicyDocument/Statement/AssumeTheMintingRole/Resource"
    return put(at, ["arn:aws:iam::111122223333:role/studio-gate-minting", *arns])


def assume(aws: Aws, arn: str, **more: object) -> Mapping[str, Any]:
    """Credentials of a session of a role, for alice."""
    asked = {"RoleArn": arn, "RoleSessionName": "alice", "SourceIdentity": "alice", **more}
    credentials: Mapping[str, Any] = aws.client("sts").assume_role(**asked)["Credentials"]
    return credentials


def document(*statements: Mapping[str, object]) -> str:
    """A policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
