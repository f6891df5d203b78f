"""What a destination is called, whom it limits, and what it costs to name it wrongly."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from studio_gate.config import Config
from studio_gate.destinations import Launch, all_own, candidates
from studio_gate.errors import ConfigError, GateError
from studio_gate.policies import read_policies
from tests.studio_gate.builders import caller, opening, untagged
from tests.studio_gate.conftest import SCHEMA
from tests.studio_gate.opened import entry, opened

CALLER = caller().id
HERS = [{"name": "alice", "callers": [CALLER]}]
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "an alias with a capital": ("studio", {"aliases": ["Old"]}, "lower-case words joined by hyphens"),
    "a title with a line break": ("studio", {"title": "Team\nroom"}, "that can be printed"),
    "a title that turns the direction": ("studio", {"title": "Team \u202egnp"}, "that can be printed"),
    "a title with a character of no width": ("studio", {"title": "Te\u200bam"}, "that can be printed"),
    "a title of 201 characters": ("studio", {"title": "x" * 201}, "a line of at most 200 characters"),
    "a description with a NUL": ("mlflow", {"description": "a\0b"}, "that can be printed"),
    "a limit of nothing": ("studio", {"limits": [{"group": "g"}]}, "a limit must limit expires_in"),
    "a group limited twice": (
        "studio",
        {"limits": [{"group": "g", "expires_in": 5}, {"group": "g", "expires_in": 6}]},
        "limits: given twice: g",
    ),
    "a limit under the least": (
        "studio",
        {"limits": [{"group": "g", "expires_in": 4}]},
        "expires_in of the limit for 'g' must be from 5 to 300",
    ),
    "a session limited over the most": (
        "notebook",
        {"limits": [{"group": "g", "session_expires_in": 43201}]},
        "session_expires_in of the limit for 'g' must be from 1800 to 43200",
    ),
    "a notebook's URL of less than AWS's": (
        "notebook",
        {"expires_in": {"default": 30, "maximum": 60}},
        "expires_in must be 300 <= default <= maximum <= 300",
    ),
    "a notebook's URL limited": ("notebook", {"limits": [{"group": "g", "expires_in": 60}]}, "from 300 to 300"),
    "an MLflow URL over the most": ("mlflow", {"expires_in": {"default": 5, "maximum": 301}}, "expires_in must be 5"),
    "one endpoint alone": ("studio", {"endpoint_ids": ["vpce-0a"]}, "at least 2 items"),
    "an endpoint that is a wildcard": ("studio", {"endpoint_ids": ["vpce-0a", "*"]}, "a VPC endpoint id"),
    "an external id of one character": ("studio", {"external_id": "x"}, "an external id of 2 to 1224 characters"),
    "an external id with a blank": ("studio", {"external_id": "a b"}, "an external id of 2 to 1224 characters"),
    "an API without TLS": ("studio", {"api_endpoint": "http://api.example"}, "https:// and a host"),
    "an API with a path": ("studio", {"api_endpoint": "https://api.example/x"}, "https:// and a host"),
    "an API with a user": ("studio", {"api_endpoint": "https://a@api.example"}, "https:// and a host"),
    "a notebook with profiles": ("notebook", {"profiles": HERS}, "Extra inputs are not permitted"),
    "a domain with callers of its own": ("studio", {"callers": [CALLER]}, "Extra inputs are not permitted"),
    "an instance that is a wildcard": ("notebook", {"instance": "*"}, "a notebook instance's name"),
    "a server with a variable": ("mlflow", {"tracking_server": "${aws:username}"}, "a tracking server's name"),
}


@pytest.mark.parametrize(("kind", "more", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(kind: str, more: dict[str, Any], message: str) -> None:
    assert entry(kind)
    with pytest.raises(ValidationError, match=re.escape(message)):
        opened(kind, **more)


def test_people_read_the_title_or_the_name() -> None:
    assert (opened().shown, opened(title="Team room, 東京").shown) == ("team", "Team room, 東京")


def test_an_alias_opens_what_it_is_for_and_policies_know_the_name(config: Config) -> None:
    given_names = opening(config, opened(name="research", profiles=HERS, aliases=["old-bookmark", "r"]))
    for name in ("research", "old-bookmark", "r", None):
        (target,) = candidates(given_names, caller(), Launch(name), untagged)
        assert target.destination.name == "research"
    with pytest.raises(GateError):
        candidates(given_names, caller(), Launch("old"), untagged)
    assert len(all_own(given_names, caller(), untagged)) == 1


@pytest.mark.parametrize("aliases", [["other"], ["team"], ["twice", "twice"]])
def test_a_name_is_given_once(config: Config, aliases: list[str]) -> None:
    both = (opened(aliases=aliases, profiles=HERS), opened("notebook", "other"))
    with pytest.raises(ValidationError, match=f"destinations and aliases: given twice: {aliases[0]}"):
        opening(config, *both)


def test_two_destinations_do_not_open_one_thing(config: Config) -> None:
    for kind in ("notebook", "mlflow"):
        with pytest.raises(ValidationError, match="what destinations open: given twice: 111122223333 eu-central-1 "):
            opening(config, opened(name="research", profiles=HERS), opened(kind, "a"), opened(kind, "b"))
        elsewhere = opened(kind, "b", region="us-west-2")
        assert opening(config, opened(name="research", profiles=HERS), opened(kind, "a"), elsewhere)


def test_the_default_may_be_an_alias(config: Config) -> None:
    (target,) = candidates(opening(config, opened(profiles=HERS, aliases=["research"])), caller(), Launch(), untagged)
    assert target.destination.name == "team"


@pytest.mark.parametrize("kind", ["notebook", "mlflow"])
def test_what_has_no_profiles_is_opened_as_a_whole_and_its_owners_are_its_callers(config: Config, kind: str) -> None:
    whole = opening(config, opened(kind, "research", callers=[CALLER]))
    for who in ("alice@example.com", "mallory@example.com"):
        (target,) = candidates(whole, caller(who), Launch(), untagged)
        assert (target.profile, target.owners) == (None, (CALLER,))
    with pytest.raises(GateError, match="not-own-profile"):
        candidates(whole, caller(), Launch(profile="alice"), untagged)


LIMITS = st.lists(
    st.tuples(st.none() | st.integers(5, 300), st.none() | st.integers(1800, 43200)).filter(any), min_size=1, max_size=4
)


def _pair(lowest: int, highest: int) -> st.SearchStrategy[dict[str, int]]:
    two = st.tuples(st.integers(lowest, highest), st.integers(lowest, highest)).map(sorted)
    return two.map(lambda pair: {"default": pair[0], "maximum": pair[1]})


@given(limits=LIMITS, urls=_pair(5, 300), sessions=_pair(1800, 43200), data=st.data())
def test_of_several_groups_the_least_counts(
    limits: list[tuple[int | None, int | None]],
    urls: dict[str, int],
    sessions: dict[str, int],
    data: st.DataObject,
) -> None:
    keys = ("expires_in", "session_expires_in")
    said = ({key: value for key, value in zip(keys, one, strict=True) if value} for one in limits)
    named: list[dict[str, Any]] = [{"group": f"g{at}", **one} for at, one in enumerate(said)]
    groups = data.draw(st.sets(st.sampled_from([one["group"] for one in named] + ["unlimited"])))
    where = opened(expires_in=urls, session_expires_in=sessions, limits=named)
    found = where.expiries(groups)
    for at, (key, own) in enumerate(zip(keys, (urls, sessions), strict=True)):
        most = min([own["maximum"], *(one[key] for one in named if one["group"] in groups and key in one)])
        assert found[at].model_dump() == {"default": min(own["default"], most), "maximum": most}


def test_a_limit_clamps_what_is_minted_by_default_and_refuses_more(config: Config) -> None:
    limits = [{"group": "data-science", "session_expires_in": 3600}]
    limited = opening(config, opened(name="research", profiles=HERS, limits=limits))
    (target,) = candidates(limited, caller(), Launch(), untagged)
    assert (target.expires_in, target.session_expires_in, target.bounds.session_expires_in.maximum) == (30, 3600, 3600)
    (free,) = candidates(limited, caller("alice@example.com", "tools"), Launch(), untagged)
    assert free.session_expires_in == 28800


def test_policies_know_no_alias(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "policies.cedar"
    path.write_text('@id("a") permit (principal, action, resource in StudioGate::Destination::"old-bookmark");')
    with pytest.raises(ConfigError, match="old-bookmark"):
        read_policies(path, SCHEMA, [one.name for one in config.destinations])
