"""Claims hold now, give or take the leeway, or they count for nothing."""

from typing import Any

import pytest

from studio_gate.errors import GateError, Problem
from studio_gate.identity import claims
from tests.studio_gate.tokens_made import ABSENT, NOW

LEEWAY = 30


def times(**changes: object) -> dict[str, Any]:
    """Claims that hold now, after changes."""
    good = {"iat": NOW - 60, "exp": NOW + 300, **changes}
    return {name: value for name, value in good.items() if value is not ABSENT}


HOLD = {
    "between its beginning and its end": times(),
    "in the second that it is issued in": times(iat=NOW, nbf=NOW),
    "just before its end, by our clock": times(exp=NOW - LEEWAY + 1),
    "a fraction before its end": times(exp=NOW - LEEWAY + 0.5),
    "issued by a clock that goes before ours": times(iat=NOW + LEEWAY),
    "not before a moment of a clock that goes before ours": times(nbf=NOW + LEEWAY),
    "issued at the beginning of time": times(iat=0, nbf=0),
    "until the last moment that counts": times(exp=2**33),
}


@pytest.mark.parametrize("given", HOLD.values(), ids=HOLD.keys())
def test_claims_hold(given: dict[str, Any]) -> None:
    claims.check_times(given, LEEWAY, NOW)


DO_NOT_HOLD = {
    "at their end, by a clock that goes after ours": (times(exp=NOW - LEEWAY), "token-expired"),
    "after their end": (times(exp=NOW - 3600), "token-expired"),
    "before they were issued": (times(iat=NOW + LEEWAY + 1), "token-not-yet-valid"),
    "before they begin": (times(nbf=NOW + LEEWAY + 1), "token-not-yet-valid"),
    "a fraction before they begin": (times(nbf=NOW + LEEWAY + 0.5), "token-not-yet-valid"),
    "without an end": (times(exp=ABSENT), "token-times"),
    "with an end of null": (times(exp=None), "token-times"),
    "without the moment of issue": (times(iat=ABSENT), "token-times"),
    "with a beginning of null": (times(nbf=None), "token-times"),
    "with an end as text": (times(exp=str(NOW + 300)), "token-times"),
    "with an end as a date": (times(exp="2026-11-24T09:00:00Z"), "token-times"),
    "with an end that is true": (times(exp=True), "token-times"),
    "with a moment of issue that is false": (times(iat=False), "token-times"),
    "with an end in milliseconds": (times(exp=(NOW + 300) * 1000), "token-times"),
    "with an end after the last moment that counts": (times(exp=2**33 + 1), "token-times"),
    "issued before the beginning of time": (times(iat=-1), "token-times"),
    "beginning before the beginning of time": (times(nbf=-0.5), "token-times"),
}


@pytest.mark.parametrize(("given", "reason"), DO_NOT_HOLD.values(), ids=DO_NOT_HOLD.keys())
def test_claims_do_not_hold(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(GateError) as caught:
        claims.check_times(given, LEEWAY, NOW)
    assert (caught.value.problem, caught.value.reason) == (Problem.NOT_PROVED, reason)


def test_no_leeway_is_no_leeway() -> None:
    claims.check_times(times(iat=NOW, exp=NOW + 1), 0, NOW)
    for given in (times(exp=NOW), times(iat=NOW + 1)):
        with pytest.raises(GateError):
            claims.check_times(given, 0, NOW)
