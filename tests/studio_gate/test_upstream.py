"""One attempt, a timeout from the time left, and every failure one of the gate's problems."""

import threading
import time
from collections.abc import Callable

import pytest
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError

from studio_gate.errors import GateError, Problem
from studio_gate.upstream import Clients, Deadline, call

REMAINING = {
    "a fresh function": (10_000, 8),
    "a function with more time than the gate takes": (900_000, 8),
    "a function that is nearly over": (3_500, 2.5),
}


@pytest.mark.parametrize(("remaining_ms", "seconds"), REMAINING.values(), ids=REMAINING.keys())
def test_a_deadline_leaves_the_function_a_second(remaining_ms: int, seconds: float) -> None:
    before = time.monotonic()
    deadline = Deadline.start(remaining_ms)
    assert before + seconds <= deadline.at <= time.monotonic() + seconds


LEFT = {
    "all of it": (8.5, 0.0, 8),
    "less a reserve": (8.5, 2.6, 5),
    "just enough": (2.6, 0.5, 2),
}


@pytest.mark.parametrize(("left", "reserve", "seconds"), LEFT.values(), ids=LEFT.keys())
def test_a_call_gets_the_whole_seconds_that_are_left(left: float, reserve: float, seconds: int) -> None:
    assert Deadline(time.monotonic() + left).whole_seconds(reserve) == seconds


@pytest.mark.parametrize("left", [2.4, 1.0, 0.0, -5.0])
def test_a_call_that_could_only_be_cut_off_is_not_begun(left: float) -> None:
    with pytest.raises(GateError) as caught:
        Deadline(time.monotonic() + left).whole_seconds(0.5)
    assert (caught.value.problem, caught.value.reason) == (Problem.OUT_OF_TIME, "no-time-for-a-call")


class FakeClient:
    """Counts how often it is closed, and knows what it was made with."""

    def __init__(self, settings: ClientConfig) -> None:
        self.settings = settings
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_a_client_ends_in_time_after_one_attempt_and_through_no_proxy() -> None:
    settings = Clients(FakeClient).within(5).settings
    assert settings.connect_timeout + settings.read_timeout == 5
    assert settings.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert settings.proxies == {}
    assert settings.parameter_validation is False


@pytest.mark.parametrize(("idle", "closed"), [(0, 0), (59, 0), (61, 1), (3600, 1)])
def test_connections_that_were_idle_for_long_are_closed_before_they_are_used(
    monkeypatch: pytest.MonkeyPatch, idle: int, closed: int
) -> None:
    now = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    clients = Clients(FakeClient)
    first, other = clients.within(5), clients.within(6)
    now += idle
    assert clients.within(5) is first
    assert (first.closed, other.closed) == (closed, closed)
    clients.within(5)
    assert first.closed == closed


def fail(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


CODES = [
    *("BandwidthLimitExceeded", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown"),
    *("ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException"),
]


@pytest.mark.parametrize("code", CODES)
def test_every_way_to_say_throttled_is_one(code: str) -> None:
    with pytest.raises(GateError) as caught:
        call("sts", 2, fail(ClientError({"Error": {"Code": code}}, "AssumeRole")), frozenset({code}))
    assert caught.value.problem is Problem.THROTTLED


TRIPS = [AttributeError("x"), TypeError("x"), RecursionError(), ValueError("x"), RuntimeError("x"), KeyError("x")]


@pytest.mark.parametrize("error", TRIPS, ids=lambda error: type(error).__name__)
def test_what_botocore_trips_over_is_a_bad_answer(error: Exception) -> None:
    with pytest.raises(GateError) as caught:
        call("sagemaker", 2, fail(error))
    assert (caught.value.problem, caught.value.reason) == (Problem.UPSTREAM_NONSENSE, "sagemaker-unreadable")


def test_a_call_that_never_ends_is_left_behind() -> None:
    released = threading.Event()
    began = time.monotonic()
    with pytest.raises(GateError) as caught:
        call("sagemaker", 1, lambda: released.wait(30))
    released.set()
    assert (caught.value.problem, caught.value.reason) == (Problem.OUT_OF_TIME, "sagemaker-timed-out")
    assert time.monotonic() - began < 15
