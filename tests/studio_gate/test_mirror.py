"""A load balancer's keys are fetched by their ids, one by one, and no request makes more fetches than it should."""

import pytest

from studio_gate.identity.keyring import Mirror
from studio_gate.providers import AlbKeys
from tests.keys_server import KeysServer, Told
from tests.studio_gate.finding import UNKNOWN, Clock, find, find_at_once, unreachable

MAX_AGE = 3600


def read(raw: bytes) -> str:
    """Parse one key; what a key is does not matter here."""
    if raw == b"weak":
        raise ValueError("weak: canary")
    return raw.decode()


@pytest.fixture
def mirror(publisher: KeysServer) -> Mirror[str]:
    return Mirror(AlbKeys(mirror=f"{publisher.url}/mirror", max_age=MAX_AGE), read)


def published(**keys: str) -> dict[str, Told]:
    """Answers of a mirror with these keys by their ids."""
    return {f"/mirror/{kid}": Told(body=key.encode()) for kid, key in keys.items()}


NONE: dict[str, Told] = {}
A, A2, AB = published(a="a1"), published(a="a2"), published(a="a1", b="b1")
DOWN = {f"/mirror/{kid}": Told(500) for kid in "ab"}
FORBIDDEN = {"/mirror/a": Told(403)}
MOVED = {"/mirror/a": Told(302, headers={"Location": "/mirror/b"})} | published(b="b1")
FAILED = unreachable("status 500")
# Seconds since the beginning, what is published then, the kid, what is found, and the fetches so far.
TIMES: dict[str, list[tuple[float, dict[str, Told], str, str, int]]] = {
    "a key is fetched when it is first needed": [(0, AB, "a", "a1", 1)],
    "a key is kept, since it never changes": [(0, A, "a", "a1", 1), (1, A2, "a", "a1", 1), (3600, NONE, "a", "a1", 1)],
    "a key that is too old is fetched again": [(0, A, "a", "a1", 1), (3601, A2, "a", "a2", 2)],
    "a key that is too old and cannot be had is gone": [
        (0, A, "a", "a1", 1),
        (3601, DOWN, "a", FAILED, 2),
        (3600, DOWN, "a", FAILED, 3),
    ],
    "a key that is too old and was withdrawn is unknown": [(0, A, "a", "a1", 1), (3601, NONE, "a", UNKNOWN, 2)],
    "after days in a frozen environment, the old key is no good": [
        (0, A, "a", "a1", 1),
        (300_000, DOWN, "a", FAILED, 2),
    ],
    "a clock that was set back does not drop a key": [(0, A, "a", "a1", 1), (-3600, DOWN, "a", "a1", 1)],
    "a clock that was set back by far does": [(0, A, "a", "a1", 1), (-3601, DOWN, "a", FAILED, 2)],
    "a key that was found keeps no other waiting": [
        (0, AB, "a", "a1", 1),
        (0, AB, "b", "b1", 2),
        (0, AB, "x", UNKNOWN, 3),
    ],
    "an unknown kid is looked for once in 30 s, whatever the kids": [
        (0, NONE, "x", UNKNOWN, 1),
        (1, A, "x", UNKNOWN, 1),
        (29.9, A, "a", UNKNOWN, 1),
        (30, A, "a", "a1", 2),
    ],
    "an unknown kid keeps no known one waiting": [
        (0, A, "a", "a1", 1),
        (1, A, "x", UNKNOWN, 2),
        (2, DOWN, "a", "a1", 2),
    ],
    "a mirror that says no more than 403 has none": [(0, FORBIDDEN, "a", UNKNOWN, 1), (1, A, "a", UNKNOWN, 1)],
    "after a failure, nobody can tell": [
        (0, DOWN, "a", FAILED, 1),
        (1, AB, "b", FAILED, 1),
        (29.9, A, "a", FAILED, 1),
        (30, A, "a", "a1", 2),
    ],
    "another place is a failure": [(0, MOVED, "a", unreachable("status 302"), 1)],
    "a key that must be refused is a failure": [(0, published(a="weak"), "a", unreachable("ValueError"), 1)],
}


@pytest.mark.parametrize("steps", TIMES.values(), ids=TIMES.keys())
def test_over_time(
    publisher: KeysServer,
    mirror: Mirror[str],
    clock: Clock,
    steps: list[tuple[float, dict[str, Told], str, str, int]],
) -> None:
    start = clock.now
    for after, told, kid, found, fetches in steps:
        clock.now, publisher.answers = start + after, told
        assert (after, find(mirror, kid), len(publisher.calls)) == (after, found, fetches)


NO_KEY_IDS = {
    "nothing": "",
    "another folder": "../a",
    "a folder below": "a/b",
    "a query": "a?b",
    "a fragment": "a#b",
    "another host": "@canary.example.com",
    "an escape": "%61",
    "a dot": ".",
    "a line break": "a\n",
    "another alphabet": "\u0430",
    "too long": "a" * 65,
}


@pytest.mark.parametrize("kid", NO_KEY_IDS.values(), ids=NO_KEY_IDS.keys())
def test_what_is_no_key_id_gets_into_no_url(publisher: KeysServer, mirror: Mirror[str], kid: str) -> None:
    publisher.answers = published(a="a1")
    assert (find(mirror, kid), publisher.calls) == (UNKNOWN, [])
    # Nor does it keep others waiting.
    assert find(mirror, "a") == "a1"


@pytest.mark.parametrize("end", ["", "/"], ids=["without a slash", "with a slash"])
def test_the_longest_key_id_goes_below_the_mirror(publisher: KeysServer, end: str) -> None:
    kid = "-_" + "a" * 62
    publisher.answers = published(**{kid: "key"})
    assert find(Mirror(AlbKeys(mirror=f"{publisher.url}/mirror{end}"), read), kid) == "key"


def test_a_thousand_unknown_kids_are_one_fetch(publisher: KeysServer, mirror: Mirror[str], clock: Clock) -> None:
    assert {find(mirror, f"kid-{number}") for number in range(1000)} == {UNKNOWN}
    assert publisher.calls == ["/mirror/kid-0"]


def test_sixteen_keys_are_kept_and_one_more_takes_the_room_of_the_oldest_but_not_at_once(
    publisher: KeysServer, mirror: Mirror[str], clock: Clock
) -> None:
    kids = [f"kid-{number}" for number in range(18)]
    publisher.answers = published(**{kid: kid for kid in kids})
    assert [find(mirror, kid) for kid in kids[:17]] == kids[:17]
    assert [find(mirror, kid) for kid in kids[1:17]] == kids[1:17]
    assert [find(mirror, kid) for kid in (kids[0], kids[17])] == [unreachable("too many keys")] * 2
    assert len(publisher.calls) == 17
    clock.now += 30
    assert [find(mirror, kid) for kid in (kids[0], *kids[2:17], kids[1])] == [
        *(kids[0], *kids[2:17]),
        unreachable("too many keys"),
    ]
    assert len(publisher.calls) == 18


FLIGHTS = {"a key": (200, "key"), "none": (404, UNKNOWN), "a failure": (500, unreachable("status 500"))}


@pytest.mark.parametrize(("status", "found"), FLIGHTS.values(), ids=FLIGHTS.keys())
def test_many_at_once_wait_for_one_fetch(publisher: KeysServer, mirror: Mirror[str], status: int, found: str) -> None:
    publisher.answers = {"/mirror/a": Told(status, b"key", after=0.2)}
    assert find_at_once(mirror, ["a"] * 20) == [found] * 20
    assert publisher.calls == ["/mirror/a"]


def test_a_known_key_is_found_while_a_fetch_goes_on(publisher: KeysServer) -> None:
    meanwhile = []

    def read_slowly(raw: bytes) -> str:
        # Whoever fetches holds the lock now, and would hold it until the time is up.
        meanwhile.extend([slow.find("a")] if publisher.calls[1:] else [])
        return read(raw)

    slow = Mirror(AlbKeys(mirror=f"{publisher.url}/mirror"), read_slowly)
    publisher.answers = AB
    assert (find(slow, "a"), find(slow, "b"), meanwhile) == ("a1", "b1", ["a1"])


def test_what_is_printed_of_a_mirror_holds_no_key(publisher: KeysServer, mirror: Mirror[str]) -> None:
    publisher.answers = published(canary="canary")
    assert find(mirror, "canary") == "canary"
    assert "canary" not in repr(mirror)
