"""What can go wrong, in one table.

What a caller reads of a failure comes from the table alone; why it happened is a short `reason` for the audit record,
so that no upstream text, stack or account id gets out.
"""

from dataclasses import dataclass
from enum import Enum


class Problem(Enum):
    """The kinds of failure: HTTP status, title, detail, and the seconds to wait where waiting helps."""

    MALFORMED = 400, "Malformed request", "Correct the named parameters and try again.", None
    NOT_PROVED = 401, "Caller not proved", "The request does not prove who is calling.", None
    REFUSED = 403, "Refused", "You may not open this. Your platform team can look up the request id.", None
    GROUPS_UNKNOWN = (
        403,
        "Groups unknown",
        "Your identity provider left your groups out, as it does for members of very many. Tell your platform team.",
        None,
    )
    METHOD_NOT_ALLOWED = 405, "Method not allowed", "Use a method that the header Allow names.", None
    NOT_READY = 409, "Not ready", "What you want to open cannot be opened in its present state.", None
    PREPARING = 409, "Being prepared", "Your user profile is being prepared. Try again in a few seconds.", 5
    THROTTLED = 429, "Too many requests", "Wait a moment and try again.", 5
    INTERNAL = 500, "Internal error", "The gate failed. Your platform team can look up the request id.", None
    UPSTREAM_NONSENSE = 502, "Bad answer", "A service behind the gate answered wrongly.", None
    UNAVAILABLE = 503, "Unavailable", "A service behind the gate cannot be used now.", 10
    OUT_OF_TIME = 504, "Out of time", "A service behind the gate took too long.", 10

    def __init__(self, status: int, title: str, detail: str, retry_after: int | None) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after = retry_after

    @property
    def slug(self) -> str:
        """The name in audit records and metrics."""
        return self.name.lower().replace("_", "-")

    @property
    def type(self) -> str:
        """The stable identifier that clients may branch on (RFC 9457, section 3.1.1)."""
        return f"urn:problem-type:studio-gate:{self.slug}"


@dataclass(frozen=True, slots=True)
class InvalidParameter:
    """A request parameter that was not accepted: its name, and what would be."""

    name: str
    detail: str


@dataclass(eq=False)
class GateError(Exception):
    """A request ended without a URL. The caller reads the problem and the parameters, the audit record the rest.

    `reason` says why in a few words; `upstream` is the error code of AWS behind it; `parameters` go with a 400 alone;
    `url_sha256` is of a URL that was minted and not handed out.
    """

    problem: Problem
    reason: str
    upstream: str | None = None
    parameters: tuple[InvalidParameter, ...] = ()
    url_sha256: str | None = None


class ConfigError(Exception):
    """The configuration, the policies or the environment cannot be used; the message says where and why."""


def malformed(*parameters: InvalidParameter) -> GateError:
    """Make the 400 that names the parameters that were not accepted."""
    reason = "malformed-parameter: " + ", ".join(one.name for one in parameters)
    return GateError(Problem.MALFORMED, reason, parameters=parameters)
