"""Calls to AWS: one attempt within the time left, and every failure one of the gate's problems."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol, Self, cast, override

import botocore
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as UnreadTimeoutError

from studio_gate.errors import GateError, Problem

# In seconds. Well under the function's timeout (10 s in template.yaml), so that the gate answers and records by itself.
_BUDGET = 8.0
_FUNCTION_RESERVE = 1.0
# In seconds. Of a call's timeout, at most the first is for connecting; a call that could only be cut off is not begun.
CONNECT_SECONDS = 1
_SHORTEST_CALL = 2
# In seconds. What is between here and AWS forgets idle connections (a VPC endpoint after 350 s), or froze with us.
LONGEST_IDLE = 60
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


class _Closable(Protocol):
    def close(self) -> None: ...


@dataclass(slots=True)
class Clients[T: _Closable]:
    """The clients that `make` makes for one service and credentials: one for each timeout in whole seconds."""

    make: Callable[[ClientConfig], T] = field(repr=False)
    _made: dict[int, T] = field(default_factory=dict, repr=False)
    _used: float = 0.0

    def within(self, seconds: int) -> T:
        """Return the client whose calls time out after so many seconds, with no connection that was idle for long."""
        # The wall clock, because the other stands still while the environment is frozen.
        if time.time() - self._used > LONGEST_IDLE:
            for client in self._made.values():
                client.close()
        self._used = time.time()
        if seconds not in self._made:
            self._made[seconds] = self.make(_settings(seconds))
        return self._made[seconds]


def _settings(seconds: int) -> ClientConfig:
    return ClientConfig(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=seconds - CONNECT_SECONDS,
        # Not "max_attempts", which counts retries in one mode and attempts in another.
        retries={"total_max_attempts": 1, "mode": "standard"},
        # Config, Target and Grant hold all that botocore would check, and more.
        parameter_validation=False,
        # What CloudTrail shows. Botocore's own is written anew for each call, which takes a sixth of it.
        user_agent=f"studio-gate Botocore/{botocore.__version__}",
        # The answer holds the secret: it passes through no proxy, whatever the environment says.
        proxies={},
    )


class _Worker(Thread):
    """Does one piece of work at a time; nobody waits for its end, so that what is stuck in it holds nothing else up."""

    def __init__(self) -> None:
        super().__init__(name="upstream", daemon=True)
        self.work: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self.done: SimpleQueue[tuple[object, BaseException | None]] = SimpleQueue()
        self.start()

    @override
    def run(self) -> None:
        while (work := self.work.get()) is not None:
            try:
                self.done.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                self.done.put((None, error))


@cache
def _idle() -> deque[_Worker]:
    return deque()


def _within[T](seconds: int, work: Callable[[], T]) -> T:
    """Return or raise what `work` does; `TimeoutError` when the time is up, and it goes on without us."""
    # Botocore's timeouts are for each address and each packet; only another thread can be left behind. An executor
    # would wait for it at exit, and count it among those that are busy.
    try:
        worker = _idle().pop()
    except IndexError:
        worker = _Worker()
    worker.work.put(work)
    try:
        result, error = worker.done.get(timeout=seconds)
    except Empty:
        worker.work.put(None)
        raise TimeoutError from None
    _idle().append(worker)
    if error is not None:
        raise error
    return cast("T", result)


def call[T](service: str, seconds: int, work: Callable[[], T], not_ready: frozenset[str] = frozenset()) -> T:
    """Return what `work` returns, within so many seconds; of what AWS wrote on failure, only the error code is kept.

    `GateError` 429 for a throttle, 409 for a code of `not_ready`, 502 for an answer that botocore trips over, 504 when
    the time is up, 503 for anything else. After a 504, what was asked for may be done all the same.
    """
    try:
        return _within(seconds, work)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        problem = Problem.NOT_READY if code in not_ready else Problem.UNAVAILABLE
        problem = Problem.THROTTLED if code in _THROTTLES else problem
        raise GateError(problem, f"{service}-refused", upstream=code) from error
    except (ReadTimeoutError, UnreadTimeoutError, TimeoutError) as error:
        raise GateError(Problem.OUT_OF_TIME, f"{service}-timed-out", upstream=type(error).__name__) from error
    except (BotoCoreError, HTTPError) as error:
        raise GateError(Problem.UNAVAILABLE, f"{service}-unreachable", upstream=type(error).__name__) from error
    except Exception as error:
        raise GateError(Problem.UPSTREAM_NONSENSE, f"{service}-unreadable", upstream=type(error).__name__) from error
