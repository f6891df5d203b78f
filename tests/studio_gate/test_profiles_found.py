"""Whose profile it is, by a claim or by a tag; and that a profile with somebody else's tag stays shut."""

from collections.abc import Mapping
from typing import Any

import pytest

from localaws import studio
from localaws.studio import Domain, Space, UserProfile
from tests.studio_gate.builders import SSO
from tests.studio_gate.company import ANYTHING, OWN, Company, asking, seed
from tests.studio_gate.opened import NAMED, SSO_SOURCE, entry

DOMAIN = NAMED["studio"]["domain_id"]
CLAIM = {"providers": [SSO_SOURCE], "claim": "email"}
FROM: dict[str, Any] = CLAIM | {"by": {"transform": "email-local-part", "domain": "example.com"}}
TAGGED: dict[str, Any] = CLAIM | {"tag": "owner"}
ALICE, BOB = "alice@example.com", "bob@example.com"


def people(**owners: str) -> tuple[UserProfile, ...]:
    """Profiles by name, each with the tag of its owner unless that is empty."""
    return tuple(UserProfile(name, tags={"owner": one} if one else {}) for name, one in owners.items())


BY_CLAIM: dict[str, tuple[str, int, str | None]] = {
    "the own address": (ALICE, 200, None),
    "an address of another domain": ("alice@evil.example", 403, "claim-of-another-domain"),
    "two at signs": ("alice@example.com@evil.example", 403, "claim-of-another-domain"),
    "an address in capitals": ("Alice@example.com", 403, "claim-not-lower-case"),
    "no address": ("alice", 403, "claim-of-another-domain"),
    "an address that is no profile's name": ("alice.b@example.com", 403, "claim-not-a-profile-name"),
    "an address with a plus": ("alice+x@example.com", 403, "claim-not-a-profile-name"),
}


@pytest.mark.parametrize(("who", "status", "reason"), BY_CLAIM.values(), ids=BY_CLAIM.keys())
def test_by_a_claim(company: Company, who: str, status: int, reason: str | None) -> None:
    company.configure(entry(profile_from=FROM), policies=OWN)
    seed(Domain(DOMAIN, user_profiles=people(alice="")))
    reply = company.ask(who=who)
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (status, reason, status == 200)
    assert [one.parameters["UserProfileName"] for one in reply.mints] == ["alice"] * (status == 200)


def test_a_claim_opens_no_profile_but_the_own(company: Company) -> None:
    company.configure(entry(profile_from=FROM), policies=ANYTHING)
    seed(Domain(DOMAIN, user_profiles=people(alice="", bob="")))
    reply = company.ask(who=ALICE, profile="bob")
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, "not-own-profile", ())


def test_the_caller_of_another_provider_has_none(company: Company) -> None:
    company.configure(entry(profile_from=FROM | {"providers": ["corp"]}), policies=ANYTHING)
    seed(Domain(DOMAIN, user_profiles=people(alice="")))
    assert (company.ask(who=ALICE).audit["reason"], studio.mints()) == ("no-profile", ())


BY_TAG: dict[str, tuple[Mapping[str, str], str, int, str | None]] = {
    "the profile with the own tag": ({"p1": ALICE, "p2": BOB}, "p1", 200, None),
    "nobody's": ({"p1": "", "alice": BOB}, "", 403, "no-profile"),
    "a tag in another case": ({"p1": "Alice@example.com"}, "", 403, "no-profile"),
    "a tag that the own begins": ({"p1": f"{ALICE}.evil"}, "", 403, "no-profile"),
    "a tag that begins the own": ({"p1": "alice@example.co"}, "", 403, "no-profile"),
    "a tag with a blank": ({"p1": f"{ALICE} "}, "", 403, "no-profile"),
    "two of the own": ({"p1": ALICE, "p2": ALICE}, "", 403, "several-profiles-of-one-owner"),
}


@pytest.mark.parametrize(("owners", "profile", "status", "reason"), BY_TAG.values(), ids=BY_TAG.keys())
def test_by_a_tag(company: Company, owners: Mapping[str, str], profile: str, status: int, reason: str | None) -> None:
    company.configure(entry(profile_tagged=TAGGED), policies=OWN)
    seed(Domain(DOMAIN, user_profiles=people(**owners)))
    reply = company.ask(who=ALICE)
    assert (reply.status, reply.audit["reason"], reply.audit["profile"]) == (status, reason, profile or None)
    assert [one.parameters["UserProfileName"] for one in reply.mints] == [profile] * (status == 200)


def test_a_second_one_far_behind_is_found_too(company: Company) -> None:
    company.configure(entry(profile_tagged=TAGGED), policies=OWN)
    many = {f"p{number}": "x" for number in range(104)}
    seed(Domain(DOMAIN, user_profiles=people(first=ALICE, **many, last=ALICE)))
    assert company.ask(who=ALICE).audit["reason"] == "several-profiles-of-one-owner"


OWNED: dict[str, tuple[Mapping[str, str], int, str | None]] = {
    "the own tag": ({"alice": ALICE}, 200, None),
    "somebody else's tag": ({"alice": BOB}, 403, "owner-tag-differs"),
    "no tag": ({"alice": ""}, 403, "owner-tag-differs"),
    "a tag in another case": ({"alice": "Alice@example.com"}, 403, "owner-tag-differs"),
    "no profile": ({"bob": BOB}, 403, "owner-tag-differs"),
}
WAYS: dict[str, dict[str, Any]] = {
    "of a list": {"profiles": [{"name": "alice", "callers": [f"{SSO}/{ALICE}"]}]},
    "by a claim": {"profile_from": FROM},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize(("owners", "status", "reason"), OWNED.values(), ids=OWNED.keys())
def test_an_owner_tag_is_checked_for_a_profile(
    company: Company, way: dict[str, Any], owners: Mapping[str, str], status: int, reason: str | None
) -> None:
    company.configure(entry(**way, owner_tag=TAGGED), policies=ANYTHING)
    seed(Domain(DOMAIN, user_profiles=people(**owners)))
    reply = company.ask(who=ALICE)
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (status, reason, status == 200)
    if status == 403:
        nowhere = company.ask("nowhere", who=ALICE)
        assert reply.body == nowhere.body
        assert reply.headers == nowhere.headers


def test_what_is_listed_is_what_opens(company: Company) -> None:
    company.configure(
        entry(profile_from=FROM, owner_tag=TAGGED),
        entry(name="tagged", domain_id="d-tagged", profile_tagged=TAGGED),
        entry(name="gone", domain_id="d-gone", profile_tagged=TAGGED),
        policies=ANYTHING,
    )
    seed(Domain(DOMAIN, user_profiles=people(alice=BOB, bob=BOB), spaces=(Space("secret", owner="alice"),)))
    seed(Domain("d-tagged", user_profiles=people(p1=ALICE, p2=BOB)))
    listed = {who: company.send(asking("me", "", who) | {"pathParameters": None}).decoded for who in (ALICE, BOB)}
    opens = {who: [(one["destination"], one["profile"]) for one in told["may_open"]] for who, told in listed.items()}
    assert opens == {ALICE: [("tagged", "p1")], BOB: [("team", "bob"), ("tagged", "p2")]}
