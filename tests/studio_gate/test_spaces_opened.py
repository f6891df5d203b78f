"""Launches into spaces: one's own, shared ones that a policy lets one into, and nobody else's."""

from collections.abc import Mapping
from ipaddress import ip_address

import pytest

from localaws import studio
from localaws.studio import App, Domain, Space, UserProfile
from studio_gate import handler
from studio_gate.audit import Record
from studio_gate.story import Turn
from tests.conftest import Reply
from tests.studio_gate.builders import SSO, caller, within
from tests.studio_gate.company import ANYTHING, OWN, SHARED, Company, seed
from tests.studio_gate.opened import NAMED, entry

PEOPLE = ("alice", "bob")
PROFILES = [{"name": one, "callers": [f"{SSO}/{one}@example.com"]} for one in PEOPLE]
TEAM = entry(profiles=PROFILES)
DOMAIN = NAMED["studio"]["domain_id"]
SPACES = (
    Space("hers", owner="alice"),
    Space("his", owner="bob"),
    Space("theirs", owner="bob", sharing="Shared"),
    Space("old"),
    Space("Hers", owner="bob"),
)
FORBIDDEN = '@id("no-spaces") forbid (principal, action, resource is StudioGate::Space);'


def serve(company: Company, policies: str = f"{OWN}{SHARED}", apps: tuple[App, ...] = ()) -> None:
    """Serve Alice's and Bob's domain."""
    company.configure(TEAM, policies=policies)
    seed(Domain(DOMAIN, user_profiles=tuple(map(UserProfile, PEOPLE)), spaces=SPACES, apps=apps))


def told(reply: Reply) -> str:
    """The whole answer but for the request id."""
    return f"{reply.status} {sorted(reply.headers.items())} " + reply.body.replace(reply.audit["request_id"], "")


OPENS = {
    "one's own": ("hers", OWN),
    "a shared one of somebody else's": ("theirs", SHARED),
    "one of the old kind": ("old", SHARED),
    "one's own where anything is": ("hers", ANYTHING),
}


@pytest.mark.parametrize(("space", "policies"), OPENS.values(), ids=OPENS.keys())
def test_a_space_opens(company: Company, space: str, policies: str) -> None:
    serve(company, policies, tuple(App("JupyterLab", space=one) for one in ("hers", "theirs", "old")))
    reply = company.ask(space=space)
    (mint,) = reply.mints
    assert (reply.status, reply.decoded["space"], reply.decoded["profile"]) == (200, space, "alice")
    assert (mint.parameters["UserProfileName"], mint.parameters["SpaceName"]) == ("alice", space)


REFUSED: dict[str, tuple[Mapping[str, str], str, str]] = {
    "somebody else's own": ({"space": "his"}, f"{OWN}{SHARED}", "not-own-space"),
    "somebody else's own where anything is permitted": ({"space": "his"}, ANYTHING, "not-own-space"),
    "somebody else's of nearly the own name": ({"space": "Hers"}, ANYTHING, "not-own-space"),
    "one that is not there": ({"space": "none"}, ANYTHING, "not-own-space"),
    "a shared one without a policy": ({"space": "theirs"}, OWN, "no-permit"),
    "one of the old kind without a policy": ({"space": "old"}, OWN, "no-permit"),
    "the own one where a policy forbids it": ({"space": "hers"}, f"{OWN}{FORBIDDEN}", "forbidden"),
    "the own one with somebody else's profile": ({"space": "hers", "profile": "bob"}, ANYTHING, "not-own-profile"),
    "somebody else's with their profile": ({"space": "his", "profile": "bob"}, ANYTHING, "not-own-profile"),
    "somebody else's in an app": ({"space": "his", "app": "codeeditor"}, ANYTHING, "not-own-space"),
    "somebody else's at a path": ({"space": "his", "path": "lab/tree/x"}, ANYTHING, "not-own-space"),
}


@pytest.mark.parametrize(("query", "policies", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_a_space_is_refused(company: Company, query: dict[str, str], policies: str, reason: str) -> None:
    serve(company, policies)
    reply = company.ask(**query)
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, reason, ())
    assert told(reply) == told(company.ask("nowhere"))


def test_a_private_space_is_its_owners_alone(company: Company) -> None:
    serve(company, ANYTHING)
    assert [company.ask(space="his", who=f"{one}@example.com").status for one in PEOPLE] == [403, 200]
    assert [company.ask(space="hers", who=f"{one}@example.com").status for one in PEOPLE] == [200, 403]


LAB, EDITOR = App("JupyterLab", space="hers"), App("CodeEditor", space="hers")
FOUND: dict[str, tuple[Mapping[str, str], tuple[App, ...], Mapping[str, str]]] = {
    "a space whose app runs": ({"space": "hers"}, (LAB,), {"SpaceName": "hers"}),
    "a space whose app does not run": ({"space": "hers"}, (), {"LandingUri": "studio::jupyterlab/hers"}),
    "a space where another app runs": ({"space": "hers"}, (EDITOR,), {"LandingUri": "studio::jupyterlab/hers"}),
    "an app that runs": (
        {"space": "hers", "app": "codeeditor"},
        (EDITOR,),
        {"SpaceName": "hers", "LandingUri": "app:CodeEditor:"},
    ),
    "an app that does not run": (
        {"space": "hers", "app": "codeeditor"},
        (LAB,),
        {"LandingUri": "studio::code-editor/hers"},
    ),
    "a path in an app that runs": (
        {"space": "hers", "path": "lab/tree/a.ipynb"},
        (LAB,),
        {"SpaceName": "hers", "LandingUri": "app:JupyterLab:lab/tree/a.ipynb"},
    ),
    "a path in an app that does not run": (
        {"space": "hers", "path": "lab/tree/a.ipynb"},
        (),
        {"LandingUri": "studio::jupyterlab/hers"},
    ),
    "an app that is being made": (
        {"space": "hers"},
        (App("JupyterLab", space="hers", pending=9),),
        {"LandingUri": "studio::jupyterlab/hers"},
    ),
    "the app of somebody else's space": (
        {"space": "hers"},
        (App("JupyterLab", space="his"),),
        {"LandingUri": "studio::jupyterlab/hers"},
    ),
    "Studio itself": ({"app": "studio"}, (), {"LandingUri": "studio::"}),
    "a page of Studio's": ({"path": "home"}, (), {"LandingUri": "studio::home"}),
    "Canvas": ({"app": "canvas"}, (), {"LandingUri": "app:Canvas:"}),
    "all spaces of an app": ({"app": "jupyterlab"}, (), {"LandingUri": "studio::jupyterlab"}),
    "nothing": ({}, (), {}),
}


@pytest.mark.parametrize(("query", "apps", "landing"), FOUND.values(), ids=FOUND.keys())
def test_it_lands_where_something_is(
    company: Company, query: dict[str, str], apps: tuple[App, ...], landing: dict[str, str]
) -> None:
    serve(company, apps=apps)
    reply = company.ask(**query)
    (mint,) = reply.mints
    minted = {name: mint.parameters[name] for name in ("SpaceName", "LandingUri") if name in mint.parameters}
    assert minted == landing
    assert reply.audit["landing"] == landing.get("LandingUri")


APPS = {
    "the one asked for": ({"space": "hers", "app": "codeeditor"}, 403),
    "what a space has without being asked": ({"space": "hers"}, 200),
    "Studio itself": ({"app": "studio"}, 200),
    "none, where nothing is asked for": ({}, 200),
}


@pytest.mark.parametrize(("query", "status"), APPS.values(), ids=APPS.keys())
def test_policies_know_the_app(company: Company, query: dict[str, str], status: int) -> None:
    policy = (
        '@id("no-editor") forbid (principal, action, resource) when { context has app && context.app == "codeeditor" };'
    )
    serve(company, f"{OWN}{policy}")
    assert company.ask(**query).status == status


def test_without_anything_asked_for_nothing_is_described(company: Company) -> None:
    serve(company)
    assert company.ask().status == 200
    assert [one.parameters["RoleSessionName"] for one in studio.assumed_roles()] != ["directory"]
    assert len(studio.assumed_roles()) == 1


def test_a_space_cannot_be_told_of_without_a_role_that_describes(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIRECTORY_ROLE_ARN")
    serve(company)
    reply = company.ask(space="hers")
    assert (reply.status, reply.audit["reason"], reply.mints) == (503, "no-role-for-it", ())
    assert company.ask().status == 200


def test_of_several_profiles_the_owner_of_the_space_is_meant(company: Company) -> None:
    profiles = [{"name": one, "callers": [f"{SSO}/alice@example.com"]} for one in PEOPLE]
    company.configure(entry(profiles=profiles), policies=f"{OWN}{SHARED}")
    seed(Domain(DOMAIN, user_profiles=tuple(map(UserProfile, PEOPLE)), spaces=SPACES))
    assert company.ask(space="his").decoded["profile"] == "bob"
    assert company.ask(space="hers").decoded["profile"] == "alice"
    shared = company.ask(space="theirs")
    assert (shared.status, shared.decoded["parameters"][0]["name"]) == (400, "profile")
    assert company.ask(space="theirs", profile="bob").decoded["profile"] == "bob"


def test_a_person_is_shown_the_spaces_that_they_may_open_and_no_others(company: Company) -> None:
    closed = """@id("closed") forbid (principal, action, resource == StudioGate::Space::"team/old");"""
    serve(company, f"{OWN}{SHARED}{closed}")
    gate, who = handler.gate().gate, caller("alice@example.com")
    turn = Turn(gate, ip_address("10.20.30.40"), "vpce-0a1b2c3d4e5f60718", Record("r"), within())
    (target,) = turn.may_open(who)
    shown = [one.space.name for one in turn.spaces_of(who, target)]
    assert shown == ["hers", "theirs"]
    assert {one.name: company.ask(space=one.name).status == 200 for one in SPACES} == {
        one.name: one.name in shown for one in SPACES
    }
