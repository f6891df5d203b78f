"""From what is asked to what is meant: nothing is guessed, and nobody's profile is found but the caller's own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.config import Config
from studio_gate.destinations import Launch, all_own, candidates, read_launch
from studio_gate.errors import GateError, InvalidParameter, Problem
from tests.studio_gate.builders import SSO, caller, opening, untagged

URL_SECONDS = "must be a whole number of seconds from 5 to 300"
SESSION_SECONDS = "must be a whole number of seconds from 1800 to 43200"
PROFILE = "must be a user profile name of at most 63 characters"
UNKNOWN = "is not a parameter of this route"
ONCE = "must be given once"

GOOD: dict[str, tuple[Mapping[str, Sequence[str]], Launch]] = {
    "nothing": ({}, Launch("research")),
    "a profile": ({"profile": ["alice"]}, Launch("research", "alice")),
    "a profile of 63 characters": ({"profile": ["a" * 63]}, Launch("research", "a" * 63)),
    "the shortest expiry": ({"expires_in": ["5"]}, Launch("research", expires_in=5)),
    "the longest expiry": ({"expires_in": ["300"]}, Launch("research", expires_in=300)),
    "the shortest session": ({"session_expires_in": ["1800"]}, Launch("research", session_expires_in=1800)),
    "the longest session": ({"session_expires_in": ["43200"]}, Launch("research", session_expires_in=43200)),
    "all at once": (
        {"profile": ["alice"], "expires_in": ["30"], "session_expires_in": ["3600"]},
        Launch("research", "alice", 30, 3600),
    ),
}


@pytest.mark.parametrize(("query", "launch"), GOOD.values(), ids=GOOD.keys())
def test_read(query: Mapping[str, Sequence[str]], launch: Launch) -> None:
    assert read_launch("research", query) == launch


BAD: dict[str, tuple[Mapping[str, Sequence[str]], dict[str, str]]] = {
    "an unknown parameter": ({"landing_uri": ["studio::/evil"]}, {"landing_uri": UNKNOWN}),
    "a parameter of a later release": ({"region": ["x"]}, {"region": UNKNOWN}),
    "a space that is none": ({"space": ["a/b"]}, {"space": "must be the name of a space of at most 63 characters"}),
    "a path without its space": (
        {"app": ["jupyterlab"], "path": ["lab"]},
        {"space": "must be given with a path in the app jupyterlab"},
    ),
    "a parameter in another case": ({"Profile": ["alice"]}, {"Profile": UNKNOWN}),
    "a parameter without a name": ({"": ["x"]}, {"": UNKNOWN}),
    "a long unknown parameter": ({"x" * 500: ["1"]}, {"x" * 64: UNKNOWN}),
    "a parameter given twice": ({"profile": ["alice", "bob"]}, {"profile": ONCE}),
    "a parameter given twice alike": ({"expires_in": ["30", "30"]}, {"expires_in": ONCE}),
    "a parameter without a value": ({"profile": []}, {"profile": ONCE}),
    "an empty profile": ({"profile": [""]}, {"profile": PROFILE}),
    "a profile with a newline": ({"profile": ["alice\n"]}, {"profile": PROFILE}),
    "a profile with a wildcard": ({"profile": ["*"]}, {"profile": PROFILE}),
    "a profile with an address": ({"profile": ["alice@example.com"]}, {"profile": PROFILE}),
    "a profile of 64 characters": ({"profile": ["a" * 64]}, {"profile": PROFILE}),
    "a profile long by hyphens": ({"profile": ["a" + "-" * 62 + "b"]}, {"profile": PROFILE}),
    "an expiry under the least": ({"expires_in": ["4"]}, {"expires_in": URL_SECONDS}),
    "an expiry over the most": ({"expires_in": ["301"]}, {"expires_in": URL_SECONDS}),
    "an expiry of zero": ({"expires_in": ["0"]}, {"expires_in": URL_SECONDS}),
    "an expiry below zero": ({"expires_in": ["-30"]}, {"expires_in": URL_SECONDS}),
    "an expiry with a sign": ({"expires_in": ["+30"]}, {"expires_in": URL_SECONDS}),
    "an expiry with a leading zero": ({"expires_in": ["030"]}, {"expires_in": URL_SECONDS}),
    "an expiry with a blank": ({"expires_in": [" 30"]}, {"expires_in": URL_SECONDS}),
    "an expiry with an underscore": ({"expires_in": ["3_0"]}, {"expires_in": URL_SECONDS}),
    "an expiry with a fraction": ({"expires_in": ["30.0"]}, {"expires_in": URL_SECONDS}),
    "an expiry in other digits": ({"expires_in": ["٣٠"]}, {"expires_in": URL_SECONDS}),
    "an expiry of a million digits": ({"expires_in": ["9" * 1_000_000]}, {"expires_in": URL_SECONDS}),
    "an empty expiry": ({"expires_in": [""]}, {"expires_in": URL_SECONDS}),
    "a session under the least": ({"session_expires_in": ["1799"]}, {"session_expires_in": SESSION_SECONDS}),
    "a session over the most": ({"session_expires_in": ["43201"]}, {"session_expires_in": SESSION_SECONDS}),
    "several at once": (
        {"expires_in": ["1"], "session_expires_in": ["1"], "region": ["/"]},
        {"expires_in": URL_SECONDS, "session_expires_in": SESSION_SECONDS, "region": UNKNOWN},
    ),
}


@pytest.mark.parametrize(("query", "named"), BAD.values(), ids=BAD.keys())
def test_malformed(query: Mapping[str, Sequence[str]], named: Mapping[str, str]) -> None:
    with pytest.raises(GateError) as caught:
        read_launch("research", query)
    assert caught.value.problem is Problem.MALFORMED
    assert caught.value.parameters == tuple(InvalidParameter(*pair) for pair in named.items())


def test_the_caller_s_own_profile_with_the_destination_s_defaults(config: Config) -> None:
    (target,) = candidates(config, caller(), Launch(), untagged)
    assert (target.destination.name, target.profile) == ("research", "alice")
    assert (target.expires_in, target.session_expires_in) == (30, 28800)
    assert target.owners == (
        f"{SSO}/alice@example.com",
        *(f"{name}:5f1c0a7e-alice" for name in ("corp", "alb", "edge", "web")),
    )


def test_the_owners_are_all_callers_that_the_profile_is_given_to(config: Config) -> None:
    research = config.destinations[0]
    shared = research.profiles[0].model_copy(update={"callers": (f"{SSO}/bob@example.com", caller().id)})
    destination = research.model_copy(update={"profiles": (shared,)})
    two = opening(config, destination)
    (target,) = candidates(two, caller(), Launch(), untagged)
    (listed,) = all_own(two, caller(), untagged)
    assert target.owners == listed.owners == (f"{SSO}/bob@example.com", f"{SSO}/alice@example.com")


def test_what_is_asked_takes_the_defaults_place(config: Config) -> None:
    (target,) = candidates(config, caller(), Launch("research", "alice", 7, 1801), untagged)
    assert (target.expires_in, target.session_expires_in) == (7, 1801)


def test_a_caller_of_several_profiles_may_mean_each(config: Config) -> None:
    research = config.destinations[0]
    second = research.profiles[1].model_copy(update={"callers": (caller().id,)})
    several = opening(config, research.model_copy(update={"profiles": (research.profiles[0], second)}))
    assert [one.profile for one in candidates(several, caller(), Launch(), untagged)] == ["alice", "bob"]
    assert [one.profile for one in candidates(several, caller(), Launch(profile="bob"), untagged)] == ["bob"]


REFUSED = {
    "an unknown destination": ("alice@example.com", Launch("treasury"), "unknown-destination"),
    "an unknown destination and a profile": ("alice@example.com", Launch("treasury", "bob"), "unknown-destination"),
    "a destination in another case": ("alice@example.com", Launch("Research"), "unknown-destination"),
    "a destination with a newline": ("alice@example.com", Launch("research\n"), "unknown-destination"),
    "a destination where the caller has no profile": ("alice@example.com", Launch("sandbox"), "no-profile"),
    "a caller without any profile": ("mallory@example.com", Launch(), "no-profile"),
    "somebody else's profile": ("alice@example.com", Launch("research", "bob"), "not-own-profile"),
    "a profile that nobody has": ("alice@example.com", Launch("research", "zoe"), "not-own-profile"),
    "the own profile in another case": ("alice@example.com", Launch("research", "Alice"), "not-own-profile"),
}


@pytest.mark.parametrize(("name", "launch", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(config: Config, name: str, launch: Launch, reason: str) -> None:
    with pytest.raises(GateError) as caught:
        candidates(config, caller(name), launch, untagged)
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, reason)


TOOL = SSO.rsplit("/", 1)[0] + "/intranet-launcher"
NO_OWNERS = {
    "a role that begins like an owner's": f"{TOOL}-admin",
    "a role that an owner's begins like": TOOL[:-1],
    "a session of an owner's role": f"{TOOL}/run-1",
    "an owner's role in another case": TOOL.replace("intranet", "Intranet"),
    "an owner in another case": f"{SSO}/ALICE@example.com",
    "an owner with a capital": f"{SSO}/Alice@example.com",
    "an owner and more": f"{SSO}/alice@example.com.evil",
    "an owner and a blank": f"{SSO}/alice@example.com ",
    "an owner and a newline": f"{SSO}/alice@example.com\n",
    "less than an owner": f"{SSO}/alice@example.co",
    "the end of an owner": "alice@example.com",
    "an owner's role without a session": SSO,
    "an owner in wide letters": f"{SSO}/alice\uff20example.com",
    "an owner in another account": f"{SSO}/alice@example.com".replace("111122223333", "999988887777"),
    "nothing": "",
}


@pytest.mark.parametrize("name", NO_OWNERS.values(), ids=NO_OWNERS.keys())
@pytest.mark.parametrize("destination", ["research", "sandbox"])
def test_only_the_exact_caller_owns_a_profile(config: Config, name: str, destination: str) -> None:
    asking = replace(caller(), id=name)
    with pytest.raises(GateError) as caught:
        candidates(config, asking, Launch(destination), untagged)
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, "no-profile")
    # What has no profiles is anybody's to ask for: the policies say who gets it. Nor does an address name an owner.
    found = [one for one in all_own(config, asking, untagged) if one.destination.name != "lab"]
    assert [one.profile for one in found] == [None, None]


@given(name=st.text(), profile=st.none() | st.text(), destination=st.none() | st.text())
def test_nobody_is_ever_given_a_profile_that_is_not_theirs(
    config: Config, name: str, profile: str | None, destination: str | None
) -> None:
    asking = caller(name)
    try:
        found = candidates(config, asking, Launch(destination, profile), untagged)
    except GateError as error:
        assert error.problem is Problem.REFUSED  # noqa: PT017 - most of what is drawn is refused, not all
    else:
        assert all(asking.id in target.owners for target in found)
