"""One attempt, a timeout from the time left, and every failure one of the gate's problems."""

import time

import pytest

from studio_gate.errors import GateError, Problem
from studio_gate.upstream import Deadline, client_config

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


def test_a_client_ends_in_time_after_one_attempt_and_through_no_proxy() -> None:
    settings = client_config(5)
    assert settings.connect_timeout + settings.read_timeout == 5
    assert settings.retries == {"total_max_attempts": 1, "mode": "standard"}
    assert settings.proxies == {}
