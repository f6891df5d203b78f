"""Calls to AWS: one attempt, a timeout from the time left, and every failure one of the gate's problems."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from studio_gate.errors import GateError, Problem

# In seconds. Well under the function's timeout (10 s in template.yaml), so that the gate answers and records by itself.
_BUDGET = 8.0
_FUNCTION_RESERVE = 1.0
# In seconds. Of a call's timeout, at most the first is for connecting; a call that could only be cut off is not begun.
_LONGEST_CONNECT = 1
_SHORTEST_CALL = 2
# "Common errors" of STS and SageMaker, and what botocore's standard retry mode takes for throttling besides.
_THROTTLES = {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "SlowDown"}
_THROTTLES |= {"RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "BandwidthLimitExceeded"}


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds, by which a request must have been answered."""

    at: float

    @classmethod
    def start(cls, remaining_ms: int) -> Self:
        """Return the deadline of a request that starts now in a function with that many milliseconds left."""
        return cls(time.monotonic() + min(_BUDGET, remaining_ms / 1000 - _FUNCTION_RESERVE))

    def whole_seconds(self, reserve: float) -> int:
        """Return the seconds left for a call that leaves `reserve` for what follows, whole so that few clients serve.

        `GateError` 504 when they are under 2.
        """
        seconds = math.floor(self.at - time.monotonic() - reserve)
        if seconds < _SHORTEST_CALL:
            raise GateError(Problem.OUT_OF_TIME, "no-time-for-a-call")
        return seconds


def client_config(seconds: int) -> ClientConfig:
    """Return the settings of a client whose calls end within so many seconds (at least 2), after one attempt."""
    return ClientConfig(
        connect_timeout=_LONGEST_CONNECT,
        read_timeout=seconds - _LONGEST_CONNECT,
        # Not "max_attempts", which counts retries in one mode and attempts in another.
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=True,
        # The answer holds the secret: it passes through no proxy, whatever the environment says.
        proxies={},
    )


@contextmanager
def calling(service: str, not_ready: frozenset[str] = frozenset()) -> Iterator[None]:
    """Turn any failure of a call into a `GateError`; of what AWS wrote, only the error code is kept.

    A throttle is 429, a code of `not_ready` 409, an unreadable answer 502, a timeout 504, anything else 503.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        problem = Problem.NOT_READY if code in not_ready else Problem.UNAVAILABLE
        problem = Problem.THROTTLED if code in _THROTTLES else problem
        raise GateError(problem, f"{service}-refused", upstream=code) from error
    except ReadTimeoutError as error:
        # What was asked for may have been done all the same.
        raise GateError(Problem.OUT_OF_TIME, f"{service}-timed-out", upstream=type(error).__name__) from error
    except ResponseParserError as error:
        raise GateError(Problem.UPSTREAM_NONSENSE, f"{service}-unreadable", upstream=type(error).__name__) from error
    except BotoCoreError as error:
        raise GateError(Problem.UNAVAILABLE, f"{service}-unreachable", upstream=type(error).__name__) from error
