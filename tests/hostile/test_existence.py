"""Nobody learns what there is: whatever may not be opened is refused in the same words as what is not there."""

from typing import Any

import pytest

from localaws import studio
from localaws.studio import Domain, NotebookInstance, Space, UserProfile
from tests.conftest import Reply
from tests.studio_gate.builders import SSO
from tests.studio_gate.company import ALICE, OWN, SHARED, Company, asking, seed
from tests.studio_gate.opened import SSO_SOURCE, entry

BOB = "bob@example.com"
MALLORY = "mallory@example.com"
FROM: dict[str, Any] = {"providers": [SSO_SOURCE], "claim": "email"}
TAGGED = FROM | {"tag": "owner"}
FORBIDDEN = '@id("f") forbid (principal, action, resource in StudioGate::Destination::"forbidden");'
PROFILES = [{"name": one.partition("@")[0], "callers": [f"{SSO}/{one}"]} for one in (ALICE, BOB)]
BY_CLAIM = FROM | {"by": {"transform": "email-local-part", "domain": "example.com"}}
DESTINATIONS = (
    entry(profiles=PROFILES, aliases=["old-team"]),
    entry(name="forbidden", domain_id="d-forbidden", profiles=PROFILES),
    entry(name="claimed", domain_id="d-claimed", profile_from=BY_CLAIM | {"providers": ["corp"]}),
    entry(name="owned", domain_id="d-owned", profile_from=BY_CLAIM, owner_tag=TAGGED),
    entry(name="tagged", domain_id="d-tagged", profile_tagged=TAGGED),
    entry("notebook", name="whole", endpoint_ids=["vpce-0b2c3d4e5f6071829", "vpce-0d"]),
)
SPACES = (Space("hers", owner="alice"), Space("his", owner="bob"), Space("theirs", owner="bob", sharing="Shared"))
REFUSED: dict[str, tuple[str, str, dict[str, str]]] = {
    "a destination that is not there": (ALICE, "nowhere", {}),
    "a name that none has": (ALICE, "No where!", {}),
    "the default's name in capitals": (ALICE, "TEAM", {}),
    "a space of a destination that is not there": (ALICE, "nowhere", {"space": "his"}),
    "expiries out of bounds for what is not there": (ALICE, "nowhere", {"expires_in": "300"}),
    "somebody without a profile": (MALLORY, "team", {}),
    "somebody without a profile, by an alias": (MALLORY, "old-team", {}),
    "somebody without a profile, out of bounds": (MALLORY, "team", {"expires_in": "300"}),
    "somebody without a profile who asks for one": (MALLORY, "team", {"profile": "alice"}),
    "somebody without a profile who asks for a space": (MALLORY, "team", {"space": "theirs"}),
    "somebody else's profile": (ALICE, "team", {"profile": "bob"}),
    "a profile that is not there": (ALICE, "team", {"profile": "zoe"}),
    "somebody else's private space": (ALICE, "team", {"space": "his"}),
    "a space that is not there": (ALICE, "team", {"space": "none"}),
    "somebody else's private space, out of bounds": (ALICE, "team", {"space": "his", "expires_in": "300"}),
    "a shared space without a policy": (ALICE, "team", {"space": "theirs"}),
    "an app in somebody else's space": (ALICE, "team", {"space": "his", "app": "codeeditor", "path": "x"}),
    "what a policy forbids": (ALICE, "forbidden", {}),
    "what a policy forbids, out of bounds": (ALICE, "forbidden", {"session_expires_in": "43200"}),
    "a claim of another provider": (ALICE, "claimed", {}),
    "a claim that names no profile": ("alice@evil.example", "owned", {}),
    "a profile with somebody else's tag": (ALICE, "owned", {}),
    "a profile without a tag": (BOB, "owned", {}),
    "nobody's tag": (MALLORY, "tagged", {}),
    "two with the own tag": (ALICE, "tagged", {}),
    "a notebook that is somebody else's": (ALICE, "whole", {}),
    "a space of a notebook": (ALICE, "whole", {"space": "his"}),
    "a profile of a notebook": (ALICE, "whole", {"profile": "alice"}),
    "another life of a notebook's URL": (ALICE, "whole", {"expires_in": "5"}),
}


@pytest.fixture
def there(company: Company) -> Company:
    """A company in which all of it is there."""
    company.configure(*DESTINATIONS, policies=f"{OWN}{FORBIDDEN}")
    two = tuple(UserProfile(one) for one in ("alice", "bob"))
    seed(Domain("d-team01234567", user_profiles=two, spaces=SPACES), Domain("d-forbidden", user_profiles=two))
    owned = (UserProfile("alice", tags={"owner": BOB}), UserProfile("bob"))
    both = tuple(UserProfile(f"p{number}", tags={"owner": ALICE}) for number in range(2))
    seed(Domain("d-claimed", user_profiles=two), Domain("d-owned", user_profiles=owned))
    seed(Domain("d-tagged", user_profiles=both), NotebookInstance("Team-nb"))
    return company


def told(reply: Reply) -> tuple[int, str, str]:
    """The whole answer but for the request id."""
    return reply.status, str(sorted(reply.headers.items())), reply.body.replace(reply.audit["request_id"], "")


@pytest.mark.parametrize("route", ["url", "open"])
def test_all_refusals_are_one(there: Company, route: str) -> None:
    answers: dict[str, tuple[int, str, str]] = {}
    reasons = set()
    for what, (who, destination, query) in REFUSED.items():
        reply = there.send(asking(route, destination, who, **query))
        answers[what] = told(reply)
        reasons.add(reply.audit["reason"])
    first = answers["a destination that is not there"]
    assert {what: answer for what, answer in answers.items() if answer != first} == {}
    assert (first[0], studio.mints()) == (403, ())
    # The audit record tells them apart, so what is alike is the answer.
    assert len(reasons) > 8


def test_they_would_be_let_in(there: Company) -> None:
    there.configure(*DESTINATIONS, policies=f"{OWN}{SHARED}")
    for query in ({}, {"profile": "alice"}, {"space": "hers"}, {"space": "theirs"}):
        assert there.ask(**query).status == 200
    assert there.ask("forbidden").status == 200
