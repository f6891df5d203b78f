"""Whatever is sealed opens as long as it should, however the keys are rotated, and whoever reads them late."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.identity.seals import MOST_KEYS, Purpose, SealingKeys, read_sealing_keys, seal, unseal
from studio_gate.rotation import SHORTEST_INTERVAL, RotationError, check_follows, rotated
from studio_gate.secret_store import _LONGEST_AGE
from studio_gate.sign_in_config import _LONGEST
from tests.studio_gate.signing_in import ids, key_line, key_lines

TODAY = "2026-11-24"
# In seconds: what an environment of the gate's may have read last, and how long a session can last.
LAG, LIFE = _LONGEST_AGE, _LONGEST


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("what CloudFormation made up: no keys", []),
        ("", []),
        (key_lines("a"), ["a"]),
        (key_lines("a", "b"), ["b", "a"]),
        (key_lines("a", "b", "c"), ["c", "a", "b"]),
        (key_lines(*"abcdefg"), ["g", *"abcdef"]),
        (key_lines(*"abcdefgh"), ["h", *"abcdef"]),
        (f"\n{key_line('a')}=\n {key_line('b')}\n", ["b", "a"]),
    ],
    ids=["no keys", "nothing", "one by hand", "two", "three", "seven", "eight", "padded and indented"],
)
def test_the_last_comes_first_and_a_new_one_last(before: str, kept: list[str]) -> None:
    after = rotated(before, TODAY)
    assert read_sealing_keys(after)
    found = ids(after)
    assert found[: len(kept)] == kept
    new = found[len(kept) :]
    assert len(new) == (1 if kept else 2)
    assert all(one.startswith(f"{TODAY}-") for one in new)
    assert len(after.splitlines()) <= MOST_KEYS


def test_no_key_is_made_twice() -> None:
    made = [line for _ in range(200) for line in rotated("", TODAY).splitlines()]
    assert len({line.partition(":")[2] for line in made}) == len(made) == len(set(ids("\n".join(made))))


@dataclass
class World:
    """The secret's text over time, and what has been sealed: when, and by an environment that read when."""

    now: float = 0.0
    texts: list[tuple[float, str]] = field(default_factory=list)
    sealed: list[tuple[float, str]] = field(default_factory=list)

    def read(self, lag: float) -> SealingKeys | None:
        """The keys as somebody knows them who read that long ago; nothing before there were any."""
        known = [text for since, text in self.texts if since <= self.now - lag]
        return read_sealing_keys(known[-1]) if known else None

    def rotate(self) -> None:
        text = self.texts[-1][1] if self.texts else "made up"
        self.texts.append((self.now, rotated(text, TODAY)))


# How long until the next rotation, how late the two are who seal and open before it, and when in between, from 0 to 1.
_LATE = st.floats(0, LAG)
_INTERVALS = st.floats(SHORTEST_INTERVAL.total_seconds(), 400 * 86400.0) | st.just(SHORTEST_INTERVAL.total_seconds())
_TURNS = st.lists(
    st.tuples(_INTERVALS, st.lists(st.tuples(st.floats(0, 1), _LATE, _LATE), max_size=4)), min_size=1, max_size=12
)


@given(_TURNS)
def test_whatever_is_sealed_opens_within_its_life_everywhere(
    turns: list[tuple[float, list[tuple[float, float, float]]]],
) -> None:
    world = World()
    for interval, moments in turns:
        world.rotate()
        began = world.now
        for share, sealer, opener in sorted(moments):
            world.now = began + share * interval
            if keys := world.read(sealer):
                world.sealed.append((world.now, seal(Purpose.SESSION, {"at": world.now}, keys)))
            opens(world, opener)
        world.now = began + interval
    opens(world, 0.0)
    opens(world, LAG)


def opens(world: World, lag: float) -> None:
    """Everything that is alive opens with the keys of somebody who is that late."""
    keys = world.read(lag)
    for at, value in world.sealed if keys else ():
        if world.now - at < LIFE:
            assert keys is not None
            assert unseal(Purpose.SESSION, value, keys) == {"at": at}


def test_a_shorter_interval_would_lose_sessions() -> None:
    """The bound is needed: six rotations within the life of a session are one too many."""
    world = World()
    world.rotate()
    keys = world.read(0)
    assert keys is not None
    value = seal(Purpose.SESSION, {}, keys)
    for _ in range(7):
        world.now += LIFE / 8
        world.rotate()
    fresh = world.read(0)
    assert fresh is not None
    assert unseal(Purpose.SESSION, value, fresh) is None


FOLLOWS = {
    "a rotation": (key_lines("a", "b"), key_lines("b", "a", "c"), True),
    "the first rotation": ("made up", key_lines("a", "b"), True),
    "a first key that nobody knows": (key_lines("a", "b"), key_lines("c", "b", "a"), False),
    "what seals now is gone": (key_lines("a", "b"), key_lines("b", "c"), False),
    "another key of the same id": (key_lines("a", "b"), f"{key_line('x').replace('x:', 'b:')}\n{key_line('a')}", False),
}


@pytest.mark.parametrize(("before", "after", "fits"), FOLLOWS.values(), ids=FOLLOWS)
def test_what_follows(before: str, after: str, fits: bool) -> None:  # noqa: FBT001 - a column
    if fits:
        check_follows(before, after)
        return
    with pytest.raises(RotationError, match="do not follow"):
        check_follows(before, after)


def test_what_is_no_keys_never_follows() -> None:
    with pytest.raises(ValueError, match="1 to 8 lines"):
        check_follows("made up", "made up, too")
