"""No two people get one profile: no two values come out as one name, however near they are to each other."""

import random
import string
from collections.abc import Iterator
from itertools import combinations

import pytest

from studio_gate.errors import GateError
from studio_gate.fields import PROFILE_NAME, PROFILE_NAME_LENGTH, matches
from studio_gate.profile_names import Digest, EmailDotsToHyphens, EmailLocalPart, Exact

DOMAIN = "corp.example"
PAIRS = 100_000
WAYS = {
    "exact": Exact(transform="exact"),
    "exact, case folded": Exact(transform="exact", lower_case=True),
    "email-local-part": EmailLocalPart(transform="email-local-part", domain=DOMAIN),
    "email-local-part, case folded": EmailLocalPart(transform="email-local-part", domain=DOMAIN, lower_case=True),
    "email-dots-to-hyphens": EmailDotsToHyphens(transform="email-dots-to-hyphens", domain=DOMAIN),
    "email-dots-to-hyphens, case folded": EmailDotsToHyphens(
        transform="email-dots-to-hyphens", domain=DOMAIN, lower_case=True
    ),
    "digest": Digest(transform="digest"),
    "digest, case folded": Digest(transform="digest", lower_case=True),
}
WORDS = ["alice", "bob", "al", "ice", "a", "b", "smith", "kim", "iris", "lee", "0", "42", "x1", "k", "ss", "team"]
# One letter and another that is taken for it: in another alphabet, another width, another case or another normal form.
ALIKE = ["a\u0430", "e\u0435", "o\u043e", "i\u0131", "k\u212a", "s\u017f", "a\uff41", "c\u0441", "i\u0130", "l1", "o0"]
INSIDE = ["", ".", "-", "..", "--", "_", "+", " ", "\u00ad", "\u200b", "\0", "\n", "'", '"', "%2e", "\uff0e", "\u2024"]
FIRST = ["", ".", "-", " ", "\ufeff", "x", "0", "u-", "corp-", '"']
LAST = ["", ".", "-", " ", "\n", "\0", "\r\n", "x", "0", "1", "+x", "+a.b", "-x", ".x", "(x)", '"', "\u0301"]
BEHIND = [*[""] * 30, "\n", ".", " ", "@corp.example", ".evil", "\0"]
DOMAINS = [*[DOMAIN] * 30, "Corp.Example", "CORP.EXAMPLE", "evil.example", "sub.corp.example", "corp.examples"]
DOMAINS += ["evil@corp.example", "corp.example@evil", "xcorp.example", "\u0441orp.example", "corp\uff0eexample", "corp"]
_FOLD = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def person(value: str, *, address: bool, folded: bool) -> str:
    """Whom a value is of, apart from the way to a name: case counts, but for a domain's and where it is folded."""
    local, at, domain = value.rpartition("@") if address else (value, "", "")
    return (local.translate(_FOLD) if folded else local) + at + domain.translate(_FOLD)


def near(draw: random.Random) -> str:
    """Return what stands before an at sign, and a change or two away from what it was."""
    words = draw.choices(WORDS, k=draw.randint(1, 3))
    value = words[0] + "".join(draw.choice((*[".", "-"] * 16, *INSIDE)) + word for word in words[1:])
    for _ in range(draw.choice((0, 0, 1, 2))):
        here, there = draw.choice(ALIKE)
        at = draw.randint(0, len(value))
        value = draw.choice(
            (
                value.upper(),
                value.title(),
                value.swapcase(),
                value[:at] + value[at:].capitalize(),
                value.replace(here, there),
                value.replace(".", "-"),
                value.replace("-", "."),
                value.replace(".", "").replace("-", ""),
                value[:at] + draw.choice(INSIDE) + value[at:],
                draw.choice(FIRST) + value,
                value + draw.choice(LAST),
                value[:at] + value[at + 1 :],
                value.ljust(draw.randint(60, 66), draw.choice("a-.")),
                value + "a" * (63 - len(value)) + draw.choice(("", "a", "b", "-b")),
            )
        )
    return value


def values(draw: random.Random, *, address: bool) -> Iterator[str]:
    """Yield values without end, about people who are some few and very alike."""
    while True:
        yield near(draw) + (f"@{draw.choice(DOMAINS)}{draw.choice(BEHIND)}" if address else "")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_of_100_000_pairs_of_people_none_shares_a_name(
    way: Exact | EmailLocalPart | EmailDotsToHyphens | Digest,
) -> None:
    seed = random.getrandbits(32)  # pytest-randomly prints what this comes from
    address = isinstance(way, EmailLocalPart | EmailDotsToHyphens)
    held: dict[str, str] = {}
    seen: set[str] = set()
    source = values(random.Random(seed), address=address)
    for value in (next(source) for _ in range(20_000)):
        try:
            name = way.name_of(value)
        except GateError:
            continue
        who = person(value, address=address, folded=way.lower_case)
        # By name as SageMaker might compare it; each new person is held against all others at once.
        assert held.setdefault(name.casefold(), who) == who, f"seed {seed}: {value!r} and {held[name.casefold()]!r}"
        assert name == name.casefold(), f"seed {seed}: {value!r}"
        assert matches(PROFILE_NAME, PROFILE_NAME_LENGTH, name), f"seed {seed}: {value!r}"
        seen.add(who)
    assert len(seen) * (len(seen) - 1) // 2 > PAIRS, f"seed {seed}: only {len(seen)} people"
    # And one person has one name.
    assert len(held) == len(seen), f"seed {seed}"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_of_values_that_are_taken_for_each_other_at_most_one_has_a_name(
    way: Exact | EmailLocalPart | EmailDotsToHyphens | Digest,
) -> None:
    address = isinstance(way, EmailLocalPart | EmailDotsToHyphens)
    alike = ["kim", "\u212aim", "ki\uff4d", "k\u0131m", "ki\u00adm", "kim\n", "kim\0", " kim", "kim ", "\ufeffkim"]
    alike += ["k.im", "k-im", "k..im", "k_im", "kim+x", "kim.", "kim-", ".kim", "-kim", "KIM", "Kim", "kim" + "m" * 61]
    names: dict[str, str] = {}
    for one in alike:
        value = f"{one}@{DOMAIN}" if address else one
        try:
            names[person(value, address=address, folded=way.lower_case)] = way.name_of(value).casefold()
        except GateError:
            continue
    assert len(names) > 1
    assert [pair for pair in combinations(names, 2) if names[pair[0]] == names[pair[1]]] == []
