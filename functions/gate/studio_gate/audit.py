"""One audit record and one set of metrics for each request, whatever happened."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from studio_gate.authorise import Decision, rfc3339
from studio_gate.destinations import Launch
from studio_gate.errors import GateError
from studio_gate.identity import Caller
from studio_gate.mint import MintedUrl
from studio_gate.sessions import session_name

# Of docs/audit.schema.json; raised when a field changes its meaning or goes.
AUDIT_VERSION = 1
_LONGEST_TEXT = 512
# CloudWatch user guide, "Specification: Embedded metric format": which members of the line CloudWatch counts. `gate`
# is the function's name, so that several gates of one account are told apart; alone it is the sum of all outcomes, for
# which an alarm could not search.
_METRICS = [
    {
        "Namespace": "StudioGate",
        "Dimensions": [["gate"], ["gate", "outcome"]],
        "Metrics": [
            {"Name": "Requests", "Unit": "Count"},
            {"Name": "Minted", "Unit": "Count"},
            {"Name": "Stale", "Unit": "Count"},
            {"Name": "Duration", "Unit": "Milliseconds"},
        ],
    }
]


@dataclass(slots=True)
class Record:
    """The audit record of one request, filled in as the story unfolds; a refusal says what was tried.

    It holds no URL, no token and no header: `url_sha256` links it to the secret. `signer` is the ARN that API Gateway
    saw, also where it proves no caller. `outcome` is "minted", "answered"
    or the slug of a problem, whose `reason` and `upstream` error code the caller does not see. `config_version` is the
    configuration's that served; it is stale while `config_error` keeps the latest from serving or from being known.
    Times are in milliseconds.
    """

    request_id: str
    time: str = field(default_factory=lambda: rfc3339(datetime.now(UTC)))
    audit_version: int = AUDIT_VERSION
    config_version: str | None = None
    config_stale: bool = False
    config_error: str | None = None
    route: str | None = None
    source_ip: str | None = None
    endpoint: str | None = None
    signer: str | None = None
    proof: str | None = None
    caller: str | None = None
    issuer: str | None = None
    subject: str | None = None
    groups: list[str] = field(default_factory=list)
    source_identity: str | None = None
    destination: str | None = None
    profile: str | None = None
    space: str | None = None
    app: str | None = None
    landing: str | None = None
    expires_in: int | None = None
    session_expires_in: int | None = None
    decision: str | None = None
    policies: list[str] = field(default_factory=list)
    policy_errors: list[str] = field(default_factory=list)
    url_sha256: str | None = None
    outcome: str = "answered"
    status: int | None = None
    reason: str | None = None
    upstream: str | None = None
    duration_ms: int | None = None

    def called_by(self, caller: Caller) -> None:
        """Note who was proved to call."""
        self.proof, self.caller, self.issuer, self.subject = caller.proof, caller.id, caller.issuer, caller.subject
        self.groups, self.source_identity = sorted(caller.groups), session_name(caller)

    def asked(self, launch: Launch) -> None:
        """Note what was asked for; what is settled later takes its place."""
        self.profile, self.space, self.app = launch.profile, launch.space, launch.app
        self.expires_in, self.session_expires_in = launch.expires_in, launch.session_expires_in

    def decided(self, decisions: Sequence[Decision]) -> None:
        """Note the decision that counts (a permit, if any) with its policies and target."""
        decision = next((one for one in decisions if one.allowed), decisions[0])
        target = decision.target
        self.destination, self.profile = target.destination.name, target.profile
        self.expires_in, self.session_expires_in = target.expires_in, target.session_expires_in
        self.decision = decision.reason
        self.policies, self.policy_errors = list(decision.policies), list(decision.errors)

    def minted(self, minted: MintedUrl) -> None:
        """Note that there is a URL now, by its digest, and where in Studio it lands."""
        self.outcome, self.url_sha256 = "minted", minted.digest
        self.landing = minted.grant.decision.target.landing.landing_uri

    def failed(self, error: GateError) -> None:
        """Note why there is none."""
        self.outcome, self.reason, self.upstream = error.problem.slug, error.reason, error.upstream
        self.url_sha256 = error.url_sha256 or self.url_sha256


_FIELDS = tuple(one.name for one in fields(Record))


def write(record: Record, status: int, seconds: float) -> None:
    """Write the record and its metrics as one line of JSON to standard output; `seconds` is the time spent.

    Every text is escaped to ASCII and cut at 512 characters.
    """
    record.status, record.duration_ms = status, round(seconds * 1000)
    line = {
        "audit": {one: _short(getattr(record, one)) for one in _FIELDS},
        "_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": _METRICS},
        # Lambda sets it; nothing counts the metrics anywhere else.
        "gate": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        "outcome": record.outcome,
        "Requests": 1,
        "Minted": int(record.url_sha256 is not None),
        "Stale": int(record.config_stale),
        "Duration": record.duration_ms,
    }
    print(json.dumps(line), flush=True)  # noqa: T201 - Lambda's log is standard output


def _short(value: object) -> object:
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value
