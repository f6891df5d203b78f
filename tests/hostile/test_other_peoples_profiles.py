"""Nobody gets a target for somebody else's profile or space, however near the two are to each other."""

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

from localaws.studio import Domain, UserProfile
from localaws.studio import Space as Seeded
from studio_gate import audit
from studio_gate.callers import Caller, Proof
from studio_gate.config import Config
from studio_gate.destinations import Launch, Space, Target, candidates
from studio_gate.errors import GateError, Problem
from studio_gate.story import Turn
from tests.studio_gate.builders import SSO, opening, within
from tests.studio_gate.company import ANYTHING, Company, seed
from tests.studio_gate.opened import SSO_SOURCE, entry, opened

PAIRS = 100_000
PROVIDERS = ("corp", "edge", "web")
DOMAIN = "corp.example"
DOMAINS = [*[DOMAIN] * 6, "corp.example.evil", "evil.example", "Corp.Example", "xcorp.example", f"evil@{DOMAIN}"]
NAMES = ["alice", "bob", "al", "kim", "team", "a", "zoe-x", "data", "lee"]
PROFILE_NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}")


def near(draw: random.Random) -> str:
    """Return a name that is another's, or nearly."""
    name = draw.choice(NAMES)
    at = draw.randint(0, len(name))
    return draw.choice(
        (
            name,
            name,
            name.upper(),
            name.title(),
            name[:at] + draw.choice(".-+_") + name[at:],
            name + draw.choice(("1", "-1", "+x", ".", "-", "@", " ", "\n", "\0", "\u0301")),
            draw.choice(("x", "u-", "-", ".", " ", "corp:")) + name,
            name.replace("a", "\u0430").replace("k", "\u212a"),
            name[:-1],
            name + draw.choice(NAMES),
            name.ljust(63, "a") + draw.choice(("", "a")),
        )
    )


def people(draw: random.Random, many: int) -> list[Caller]:
    """Callers of several providers, and by sessions of a role, who are some few and very alike."""
    made: dict[str, Caller] = {}
    while len(made) < many:
        name, provider = near(draw), draw.choice((*PROVIDERS, "session"))
        if provider == "session":
            one = Caller(f"{SSO}/{name}@{DOMAIN}", Proof.SIGV4, "iam", f"AROA:{name}", name, frozenset())
        else:
            mail = f"{near(draw)}@{draw.choice(DOMAINS)}" if draw.random() < 0.9 else None
            one = Caller(f"{provider}:{name}", Proof.BEARER, provider, name, name, frozenset(), email=mail)
        made[one.id] = one
    return list(made.values())


def spelt(who: Caller) -> bool:
    """Tell whether an id is spelt as those of real callers are; what proves them lets no other through."""
    return re.fullmatch(r"[\w+=,.@-]+", who.label, re.ASCII) is not None and len(who.id) <= len(SSO) + 65


@dataclass
class World:
    """Who is there, what is given to whom, and what SageMaker would tell; it stands in for the directory."""

    callers: list[Caller]
    listed: dict[str, set[str]]
    tags: dict[str, str]
    spaces: dict[str, Space]

    def space(self, _: object, name: str, __: object) -> Space | None:
        return self.spaces.get(name)

    def owned(self, _: object, __: str, value: str, ___: object) -> tuple[str, ...]:
        return tuple(name for name, one in self.tags.items() if one == value)

    def is_theirs(self, who: Caller, where: str, profile: str) -> bool:
        """Tell whose profile it is, by what was given and nothing of how it is found."""
        provider, _, rest = who.id.partition(":")
        by_session = who.id.startswith(f"{SSO}/")
        session = who.id.removeprefix(f"{SSO}/")
        match where:
            case "listed":
                return who.id in self.listed.get(profile, set())
            case "mailed":
                address = session if by_session else who.email if provider in {"corp", "edge"} else None
                local, at, domain = (address or "").rpartition("@")
                return (profile, "@", DOMAIN) == (local, at, domain.lower()) and local == local.lower()
            case "digested":
                return provider == "web" and profile == f"u-{hashlib.sha256(rest.encode()).hexdigest()[:40]}"
            case "tagged":
                value = session if by_session else rest if provider in {"corp", "web"} else None
                return self.tags.get(profile) == value and Counter(self.tags.values())[value or ""] == 1
        raise AssertionError(where)


def made(draw: random.Random, many: int) -> World:
    """A world in which much is given to people who are near to others."""
    callers = people(draw, many)
    listed: dict[str, set[str]] = {}
    folded: set[str] = set()
    for one in draw.sample(callers, len(callers) // 2):
        # The configuration takes neither profiles nor callers that differ by case alone, nor ids of another grammar.
        name = near(draw)
        fits = spelt(one) and PROFILE_NAME.fullmatch(name) and len(name) <= 63 and one.id.casefold() not in folded
        if fits and (name in listed or name.casefold() not in {known.casefold() for known in listed}):
            listed.setdefault(name, set()).add(one.id)
            folded.add(one.id.casefold())
    tagged = [name for name in {near(draw) for _ in range(40)} if PROFILE_NAME.fullmatch(name) and len(name) <= 63]
    values = [one.id.removeprefix(f"{SSO}/").removeprefix(f"{one.issuer}:") for one in callers]
    tags = {name: draw.choice((*values, "")) for name in tagged}
    owners = [*tagged, *listed, *(name.lower() for name in NAMES)]
    spaces = {f"s{at}": Space(f"s{at}", owner, draw.random() < 0.2) for at, owner in enumerate(owners)}
    return World(callers, listed, tags, spaces | {"old": Space("old", None, shared=True)})


def configured(config: Config, world: World) -> Config:
    """Four domains whose profiles are found in four ways."""
    listed = [{"name": name, "callers": sorted(callers)} for name, callers in world.listed.items()]
    mailed = {"providers": ["corp", "edge", SSO_SOURCE], "claim": "email"}
    mailed["by"] = {"transform": "email-local-part", "domain": DOMAIN}  # type: ignore[assignment]
    digested = {"providers": ["web"], "claim": "subject", "by": {"transform": "digest"}}
    tagged = {"providers": ["corp", "web", SSO_SOURCE], "claim": "subject", "tag": "owner"}
    ways: Mapping[str, Any] = {
        "listed": {"profiles": listed},
        "mailed": {"profile_from": mailed},
        "digested": {"profile_from": digested},
        "tagged": {"profile_tagged": tagged},
    }
    domains = (opened(name=name, domain_id=f"d-{name}", **way) for name, way in ways.items())
    return opening(config.model_copy(update={"default_destination": "listed"}), *domains)


def found(turn: Turn, config: Config, who: Caller, launch: Launch) -> list[Target]:
    """What the story finds before any policy is asked."""
    try:
        return turn._beside(who, candidates(config, who, launch, turn._owned), launch)  # noqa: SLF001 - the step in question
    except GateError as error:
        assert error.problem is Problem.REFUSED  # noqa: PT017 - most of what is asked is refused, not all
        return []


def profiles(turn: Turn, config: Config, who: Caller, where: str) -> list[str]:
    """The profiles that a caller finds without asking for one."""
    return [target.profile or "" for target in found(turn, config, who, Launch(where))]


def launches(world: World, where: str, other: Caller, theirs: Mapping[str, list[str]]) -> Iterator[Launch]:
    """What somebody may try of another's: their profile, their space, or both."""
    for profile in theirs[other.id]:
        yield Launch(where, profile)
        yield from (Launch(where, space=one.name) for one in world.spaces.values() if one.owner == profile)


def test_of_100_000_pairs_of_callers_none_finds_what_is_the_others(config: Config) -> None:
    seeded = random.getrandbits(32)  # pytest-randomly prints what this comes from
    draw = random.Random(seeded)
    tried = hers = 0
    while tried < PAIRS:
        world = made(draw, 60)
        gate = SimpleNamespace(directory=world)
        turn = Turn(gate, ip_address("10.0.0.1"), "vpce-0a", audit.Record("r"), within(3600))  # type: ignore[arg-type]
        served = configured(config, world)
        for where in ("listed", "mailed", "digested", "tagged"):
            own = {one.id: profiles(turn, served, one, where) for one in world.callers}
            for who in world.callers:
                assert all(world.is_theirs(who, where, profile) for profile in own[who.id]), f"seed {seeded}: {who}"
                hers += len(own[who.id])
                for other in world.callers:
                    for launch in launches(world, where, other, own):
                        tried += who is not other
                        for target in found(turn, served, who, launch):
                            profile, space = target.profile or "", target.space
                            assert world.is_theirs(who, where, profile), f"seed {seeded}: {who} {launch}"
                            assert launch.space == (space and space.name), f"seed {seeded}: {who} {launch}"
                            private = space is not None and not space.shared
                            assert not private or space.owner == profile, f"seed {seeded}: {who} {launch}"
    assert hers > PAIRS // 1000


def test_whoever_has_something_finds_it(config: Config) -> None:
    """Or nothing would be found by anybody above."""
    draw = random.Random(6)
    seen: Counter[str] = Counter()
    for _ in range(5):
        world = made(draw, 60)
        gate = SimpleNamespace(directory=world)
        turn = Turn(gate, ip_address("10.0.0.1"), "vpce-0a", audit.Record("r"), within(3600))  # type: ignore[arg-type]
        served = configured(config, world)
        for where, names in (("listed", world.listed), ("tagged", world.tags), ("mailed", dict.fromkeys(NAMES))):
            for who in filter(spelt, world.callers):
                theirs = {profile for profile in names if world.is_theirs(who, where, profile)}
                assert {one.profile for one in found(turn, served, who, Launch(where))} >= theirs
                seen[where] += len(theirs)
                for space in world.spaces.values():
                    if space.owner in theirs:
                        assert found(turn, served, who, Launch(where, space=space.name))
    assert min(seen["listed"], seen["tagged"], seen["mailed"]) > 5


def test_of_hundreds_of_whole_requests_none_mints_what_is_the_others(company: Company) -> None:
    """By any policy: everything is permitted here."""
    names = ["alice", "Alice", "alice.", "alicea", "alic", "alice-1", "bob", "BOB", "bob-", "b0b", "alice+bob", "kim"]
    callers = [f"{name}@{domain}" for name in names for domain in (DOMAIN, "evil.example")]
    given = {
        "alice": f"alice@{DOMAIN}",
        "bob": f"bob@{DOMAIN}",
        "alicea": f"alicea@{DOMAIN}",
        "kim": "kim@evil.example",
    }
    listed = [{"name": name, "callers": [f"{SSO}/{who}"]} for name, who in given.items()]
    source = {"providers": [SSO_SOURCE], "claim": "email"}
    ways: Mapping[str, Any] = {
        "listed": {"profiles": listed},
        "mailed": {"profile_from": source | {"by": {"transform": "email-local-part", "domain": DOMAIN}}},
        "tagged": {"profile_tagged": source | {"tag": "owner"}},
    }
    company.configure(*(entry(name=one, domain_id=f"d-{one}", **way) for one, way in ways.items()), policies=ANYTHING)
    owned = tuple(UserProfile(name, tags={"owner": who}) for name, who in given.items())
    spaces = tuple(Seeded(f"of-{name}", owner=name) for name in given)
    for name in ways:
        seed(Domain(f"d-{name}", user_profiles=owned, spaces=spaces))
    asked = minted = 0
    for where in ways:
        for who in callers:
            for name, owner in given.items():
                own = who == (f"{name}@{DOMAIN}" if where == "mailed" else owner)
                for query in ({"profile": name}, {"space": f"of-{name}"}):
                    reply = company.ask(where, who=who, **query)
                    assert (reply.status, len(reply.mints)) == ((200, 1) if own else (403, 0)), f"{who} {where} {query}"
                    asked, minted = asked + 1, minted + len(reply.mints)
    assert (asked > 500, minted) == (True, 2 * 4 * 3)
