"""Keys are found where the configuration says, fetched seldom, and serve no longer than they may."""

import json
import time
from dataclasses import replace

import pytest

from studio_gate.identity.keyring import Keyring, Pinned
from studio_gate.providers import Keys
from tests.keys_server import KeysServer, Told
from tests.studio_gate.finding import UNKNOWN, Clock, find, find_at_once, unreachable

ISSUER = "https://issuer.example.com/tenant"
METADATA = "/.well-known/openid-configuration"
MAX_AGE = 3600


def published(**keys: str) -> Told:
    """A set of keys by their ids; what a key is does not matter here."""
    return Told(body=json.dumps(keys).encode())


def read(raw: bytes) -> dict[str, str]:
    """Parse a set as `published` makes it."""
    found: dict[str, str] = json.loads(raw)
    if "weak" in found.values():
        raise ValueError("weak: canary")
    return {kid: key + "" for kid, key in found.items()}


@pytest.fixture
def ring(publisher: KeysServer) -> Keyring[str]:
    return Keyring(Keys(url=f"{publisher.url}/keys", max_age=MAX_AGE), ISSUER, read)


@pytest.fixture
def discovered(publisher: KeysServer) -> Keyring[str]:
    return Keyring(Keys(metadata=publisher.url + METADATA, max_age=MAX_AGE), ISSUER, read)


def test_pinned_keys_are_found_by_their_ids_alone() -> None:
    keys = Pinned({"a": "key a"})
    assert (find(keys, "a"), find(keys, "A"), find(keys, "")) == ("key a", UNKNOWN, UNKNOWN)


A, A2, B, AB = published(a="a1"), published(a="a2"), published(b="b1"), published(a="a1", b="b1")
DOWN, FAILED = Told(500), unreachable("status 500")
# Seconds since the beginning, what is published then, the kid, what is found, and the fetches so far.
TIMES: dict[str, list[tuple[float, Told, str, str, int]]] = {
    "the first find fetches": [(0, A, "a", "a1", 1)],
    "a fresh set is not fetched again": [(0, A, "a", "a1", 1), (899, A2, "a", "a1", 1)],
    "a stale set is fetched again on use": [(0, A, "a", "a1", 1), (900, A2, "a", "a2", 2)],
    "a key that was withdrawn is unknown": [(0, A, "a", "a1", 1), (900, B, "a", UNKNOWN, 2)],
    "an unknown kid is unknown in the first set": [(0, A, "b", UNKNOWN, 1)],
    "a new key is found without a restart": [
        (0, A, "a", "a1", 1),
        (29, AB, "b", UNKNOWN, 1),
        (30, AB, "b", "b1", 2),
        (31, A2, "a", "a1", 2),
    ],
    "unknown kids fetch once in 30 s": [
        (0, A, "x", UNKNOWN, 1),
        (1, A, "y", UNKNOWN, 1),
        (29.9, A, "x", UNKNOWN, 1),
        (30, A, "x", UNKNOWN, 2),
        (59, A, "y", UNKNOWN, 2),
        (60, A, "z", UNKNOWN, 3),
    ],
    "without any set, nobody can tell": [
        (0, DOWN, "a", FAILED, 1),
        (1, A, "b", FAILED, 1),
        (29.9, A, "a", FAILED, 1),
        (30, A, "a", "a1", 2),
    ],
    "a stale set serves until it is too old": [
        (0, A, "a", "a1", 1),
        (900, DOWN, "a", "a1", 2),
        (929, A2, "a", "a1", 2),
        (930, DOWN, "a", "a1", 3),
        (3600, DOWN, "a", "a1", 4),
        (3601, DOWN, "a", FAILED, 4),
        (3629, A, "a", FAILED, 4),
        (3630, A2, "a", "a2", 5),
    ],
    "a set that was dropped does not come back": [
        (0, A, "a", "a1", 1),
        (3601, DOWN, "a", FAILED, 2),
        (3600, DOWN, "a", FAILED, 3),
    ],
    "after days in a frozen environment, the old set is no good": [
        (0, A, "a", "a1", 1),
        (300_000, DOWN, "a", FAILED, 2),
    ],
    "after a failure, nobody can tell of an unknown kid": [
        (0, A, "a", "a1", 1),
        (30, DOWN, "b", FAILED, 2),
        (31, DOWN, "a", "a1", 2),
        (59, AB, "b", FAILED, 2),
        (60, AB, "b", "b1", 3),
        (61, DOWN, "c", UNKNOWN, 3),
    ],
    "a clock that was set back makes a set stale": [(0, A, "a", "a1", 1), (-1, A2, "a", "a2", 2), (0, A, "a", "a2", 2)],
    "a clock that was set back does not drop a set": [(0, A, "a", "a1", 1), (-3600, DOWN, "a", "a1", 2)],
    "a clock that was set back by far does": [(0, A, "a", "a1", 1), (-3601, DOWN, "a", FAILED, 2)],
    "a set that must be refused is none": [
        (0, published(a="weak"), "a", unreachable("ValueError"), 1),
        (30, A, "a", "a1", 2),
        (930, published(a="weak"), "a", "a1", 3),
    ],
    "garbage is no set": [(0, Told(body=b"canary"), "a", unreachable("JSONDecodeError"), 1)],
    "what a reader trips over is no set": [(0, Told(body=b'{"a": 1}'), "a", unreachable("TypeError"), 1)],
    "a compressed set is none": [(0, Told(body=b"\x1f\x8b\x08"), "a", unreachable("UnicodeDecodeError"), 1)],
}


@pytest.mark.parametrize("steps", TIMES.values(), ids=TIMES.keys())
def test_over_time(
    publisher: KeysServer, ring: Keyring[str], clock: Clock, steps: list[tuple[float, Told, str, str, int]]
) -> None:
    start = clock.now
    for after, told, kid, found, fetches in steps:
        clock.now, publisher.answers["/keys"] = start + after, told
        assert (after, find(ring, kid), len(publisher.calls)) == (after, found, fetches)


@pytest.mark.parametrize(("told", "found"), [(A, UNKNOWN), (DOWN, FAILED)], ids=["good", "down"])
def test_a_thousand_unknown_kids_are_one_fetch(
    publisher: KeysServer, ring: Keyring[str], clock: Clock, told: Told, found: str
) -> None:
    publisher.answers["/keys"] = told
    assert {find(ring, f"kid-{number}") for number in range(1000)} == {found}
    assert publisher.calls == ["/keys"]


FLIGHTS = {"a good set": (A, "a1"), "a failure": (DOWN, FAILED)}


@pytest.mark.parametrize(("told", "found"), FLIGHTS.values(), ids=FLIGHTS.keys())
def test_many_at_once_wait_for_one_fetch(publisher: KeysServer, ring: Keyring[str], told: Told, found: str) -> None:
    publisher.answers["/keys"] = replace(told, after=0.2)
    assert find_at_once(ring, ["a"] * 20) == [found] * 20
    assert publisher.calls == ["/keys"]


def test_a_known_key_is_found_while_a_fetch_goes_on(publisher: KeysServer, clock: Clock) -> None:
    meanwhile = []

    def read_slowly(raw: bytes) -> dict[str, str]:
        # Whoever fetches holds the lock now, and would hold it until the time is up.
        meanwhile.extend([slow.find("a")] if publisher.calls[1:] else [])
        return read(raw)

    slow = Keyring(Keys(url=f"{publisher.url}/keys"), ISSUER, read_slowly)
    publisher.answers["/keys"] = A
    assert find(slow, "a") == "a1"
    clock.now, publisher.answers["/keys"] = clock.now + 30, AB
    assert (find(slow, "b"), meanwhile) == ("b1", ["a1"])


DISCOVERIES: dict[str, tuple[str, str]] = {
    "the issuer's own": ('{"issuer": $issuer, "jwks_uri": $keys, "more": 1}', "a1"),
    "another issuer's": ('{"issuer": "https://canary", "jwks_uri": $keys}', "metadata of another issuer"),
    "with a slash more": (
        '{"issuer": "https://issuer.example.com/tenant/", "jwks_uri": $keys}',
        "metadata of another issuer",
    ),
    "in capitals": ('{"issuer": "HTTPS://ISSUER.EXAMPLE.COM/tenant", "jwks_uri": $keys}', "metadata of another issuer"),
    "nobody's": ('{"jwks_uri": $keys}', "metadata of another issuer"),
    "of two issuers": ('{"issuer": $issuer, "issuer": $issuer, "jwks_uri": $keys}', "ValueError"),
    "without a URL": ('{"issuer": $issuer}', "no https URL of keys"),
    "with a URL that is none": ('{"issuer": $issuer, "jwks_uri": [$keys]}', "no https URL of keys"),
    "with plain http": ('{"issuer": $issuer, "jwks_uri": "http://localhost/keys"}', "no https URL of keys"),
    "with a user": ('{"issuer": $issuer, "jwks_uri": "https://canary@localhost/keys"}', "no https URL of keys"),
    "with a file": ('{"issuer": $issuer, "jwks_uri": "file:///etc/passwd"}', "no https URL of keys"),
    "with an endless URL": (
        '{"issuer": $issuer, "jwks_uri": "https://localhost/' + "k" * 512 + '"}',
        "no https URL of keys",
    ),
    "a list": ("[$issuer, $keys]", "ValueError"),
    "garbage": ("canary", "JSONDecodeError"),
    "nothing": ("", "JSONDecodeError"),
}


@pytest.mark.parametrize(("body", "found"), DISCOVERIES.values(), ids=DISCOVERIES.keys())
def test_metadata_say_where_the_keys_are(
    publisher: KeysServer, discovered: Keyring[str], body: str, found: str
) -> None:
    text = body.replace("$issuer", json.dumps(ISSUER)).replace("$keys", json.dumps(f"{publisher.url}/keys"))
    publisher.answers = {METADATA: Told(body=text.encode()), "/keys": A}
    is_good = found == "a1"
    assert find(discovered, "a") == (found if is_good else unreachable(found))
    assert publisher.calls == ([METADATA, "/keys"] if is_good else [METADATA])


def test_metadata_that_cannot_be_had_are_a_failure(publisher: KeysServer, discovered: Keyring[str]) -> None:
    publisher.answers = {METADATA: Told(302, b"", {"Location": "/keys"}), "/keys": A}
    assert find(discovered, "a") == unreachable("status 302")
    assert publisher.calls == [METADATA]


def test_metadata_and_keys_share_two_seconds(publisher: KeysServer, discovered: Keyring[str]) -> None:
    body = json.dumps({"issuer": ISSUER, "jwks_uri": f"{publisher.url}/keys"}).encode()
    publisher.answers = {METADATA: Told(body=body, after=1.2), "/keys": replace(A, after=1.2)}
    began = time.monotonic()
    assert find(discovered, "a") == unreachable("TimeoutError")
    assert time.monotonic() - began < 4


def test_what_is_printed_of_a_keyring_holds_no_key(publisher: KeysServer, ring: Keyring[str]) -> None:
    publisher.answers["/keys"] = published(canary="canary")
    assert find(ring, "canary") == "canary"
    assert "canary" not in repr(ring)
