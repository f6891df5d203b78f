"""Signed tokens whose times are none, or not now."""

import time

import pytest

from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import GONE, token

NOW = int(time.time())
NEVER = 2**33
WRONG: dict[str, object] = {
    "missing": GONE,
    "null": None,
    "text": str(NOW + 60),
    "empty": "",
    "a date": "2031-01-01T00:00:00Z",
    "true": True,
    "a list": [NOW + 60],
    "an object": {"x": 1},
    "negative": -1,
    "a negative fraction": -0.5,
    "in milliseconds": NOW * 1000,
    "beyond the year 2242": NEVER + 1,
    "1e308": 1e308,
    "of 300 digits": int("9" * 300),
}


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
def test_a_time_that_is_none_is_refused(present: Send, value: object, name: str) -> None:
    for kind in ("corp", "edge"):
        reply = present(forge.presenting(kind, token(kind, {name: value})))
        if (name, value) == ("nbf", GONE):
            assert (reply.status, len(reply.mints)) == (200, 1)
        else:
            assert (reply.status, reply.audit["reason"], reply.mints) == (401, "token-times", ())


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG.keys())
def test_a_load_balancer_s_end_that_is_none_is_refused(present: Send, value: object) -> None:
    for part in ("header", "claims"):
        reply = present(forge.asserting("alb", token("alb", **{part: {"exp": value}})))
        if (part, value) == ("claims", GONE):
            # Its own end is in the header.
            assert (reply.status, len(reply.mints)) == (200, 1)
        else:
            assert (reply.status, reply.audit["reason"], reply.mints) == (401, "token-times", ())


LEEWAY = 30
EXPIRED, EARLY = "token-expired", "token-not-yet-valid"
AT: dict[str, tuple[dict[str, float], str | None]] = {
    "ended a leeway ago": ({"exp": -LEEWAY}, EXPIRED),
    "ended a leeway and a second ago": ({"exp": -LEEWAY - 1}, EXPIRED),
    "ended a leeway less a second ago": ({"exp": -LEEWAY + 1}, None),
    "ended a leeway less a moment ago": ({"exp": -LEEWAY + 0.5}, None),
    "ended in 1970": ({"exp": -NOW}, EXPIRED),
    "issued in a leeway": ({"iat": LEEWAY}, None),
    "issued in a leeway and a second": ({"iat": LEEWAY + 1}, EARLY),
    "issued in a leeway and a moment": ({"iat": LEEWAY + 0.5}, EARLY),
    "issued in 1970": ({"iat": -NOW}, None),
    "valid from in a leeway": ({"nbf": LEEWAY}, None),
    "valid from in a leeway and a second": ({"nbf": LEEWAY + 1}, EARLY),
    "valid from now, but issued tomorrow": ({"nbf": 0, "iat": 86400}, EARLY),
    "issued now, but valid from tomorrow": ({"iat": 0, "nbf": 86400}, EARLY),
    "ended before it began": ({"iat": 20, "exp": -LEEWAY}, EXPIRED),
}


@pytest.mark.parametrize(("offsets", "reason"), AT.values(), ids=AT.keys())
def test_a_token_holds_from_its_beginning_to_its_end_give_or_take_the_leeway(
    present: Send, monkeypatch: pytest.MonkeyPatch, offsets: dict[str, float], reason: str | None
) -> None:
    now = time.time_ns() // 10**9
    monkeypatch.setattr(time, "time", lambda: float(now))
    for kind in ("corp", "edge"):
        claims = {name: now + offset if offset != -NOW else 0 for name, offset in offsets.items()}
        reply = present(forge.presenting(kind, token(kind, claims)))
        assert (reply.status, reply.audit["reason"], len(reply.mints)) == (401 if reason else 200, reason, not reason)
