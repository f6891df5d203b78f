"""AssumeRole as AWS answers it, and a record of who asked for what."""

import json
import re
from datetime import UTC
from types import MappingProxyType
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.sts.responses import TokenResponse

from localaws.enforcement.guard import Guarded
from localaws.errors import Refusal, refuse_invalid, signer
from localaws.records import AssumedRole, assumed_roles, record_assumed_role

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)

# Bounds outside the service model: API_AssumeRole, "DurationSeconds" (role chaining) and "Policy".
_CHAINED_MAX_SECONDS = 3600
_POLICY_MAX_CHARACTERS = 2048


class RecordingTokenResponse(Guarded, TokenResponse):
    """moto's STS, which also checks AssumeRole's parameters, answers SourceIdentity and records its grants."""

    def _determine_resource(self) -> str:
        # moto's own trips over an AssumeRole without a RoleArn before it can be refused.
        return super()._determine_resource() if "RoleArn" in self.querystring else "*"

    def assume_role(self) -> ActionResult:
        """Issue credentials and record them, unless AWS would refuse; a refused call records nothing."""
        asked = self._asked()
        result = cast("dict[str, Any]", super().assume_role().result)
        issued = result["Credentials"]
        expires_at = issued.expiration.replace(tzinfo=UTC)
        asked_with = signer(self.headers)
        # It persists through chaining (IAM user guide, "Monitor and control actions taken with assumed roles").
        earlier = next((one.source_identity for one in assumed_roles() if one.access_key_id == asked_with), None)
        identity = asked.get("SourceIdentity", earlier)
        seen = AssumedRole(MappingProxyType(asked), issued.access_key_id, asked_with, expires_at, identity)
        record_assumed_role(issued.account_id, self.region, seen)
        if "SourceIdentity" in asked:
            result["SourceIdentity"] = asked["SourceIdentity"]
        return ActionResult(result)

    def _asked(self) -> dict[str, Any]:
        asked: dict[str, Any] = dict(self.params)
        if self._get_action() == "AssumeRole":
            asked_with = signer(self.headers)
            refuse_invalid("sts", "AssumeRole", asked, "ValidationError")
            _refuse_beyond_the_model(asked, asked_with)
        return asked


def _refuse_beyond_the_model(asked: dict[str, Any], asked_with: str) -> None:
    if not _ROLE_ARN.fullmatch(asked["RoleArn"]):
        # moto would quietly assume such a role in the caller's own account.
        raise Refusal(code="ValidationError", message=f"{asked['RoleArn']} is invalid")
    chained = any(asked_with == earlier.access_key_id for earlier in assumed_roles())
    if chained and asked.get("DurationSeconds", 0) > _CHAINED_MAX_SECONDS:
        message = "exceeds the 1 hour session limit for roles assumed by role chaining."
        raise Refusal(code="ValidationError", message=f"The requested DurationSeconds {message}")
    if "Policy" in asked:
        _refuse_bad_policy(asked["Policy"])


def _refuse_bad_policy(policy: str) -> None:
    if len(policy) > _POLICY_MAX_CHARACTERS:
        constraint = f"Member must have length less than or equal to {_POLICY_MAX_CHARACTERS}"
        message = f"Value '{policy}' at 'policy' failed to satisfy constraint: {constraint}"
        raise Refusal(code="ValidationError", message=f"1 validation error detected: {message}")
    try:
        json.loads(policy)
    except ValueError:
        raise Refusal(code="MalformedPolicyDocument", message="This policy contains invalid Json") from None
