"""The portal's page: what is offered, by every way to open it, whatever the names and texts hold."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.destinations import Space
from studio_gate.directory import SpaceShown
from studio_gate.identity import Caller, Proof
from studio_gate.pages import portal as portal_page
from studio_gate.pages.words import ENGLISH, JAPANESE, Words
from studio_gate.portal import Offer, Offered
from tests.studio_gate.pages_read import PageRead, read_page
from tests.studio_gate.test_pages import HOSTILE, seen

ALICE = Caller(
    id="web:6f9c-alice",
    proof=Proof.SESSION,
    issuer="https://login.example.com",
    subject="6f9c-alice",
    label="alice@example.com",
    groups=frozenset({"data-science", "team-leads"}),
    name="Alice Liddell",
    email="alice@example.com",
)
RESEARCH = Offer(
    kind="studio",
    name="research",
    title="Research",
    description="For notebooks that matter.",
    profile="alice",
    several=False,
    expires_in=30,
    session_expires_in=28800,
    longest_session=43200,
    spaces=(),
)
SEEN = portal_page.Seen(
    portal_page.Place("https://studio.corp.example/gate", "/gate"),
    "ML at Example",
    ("Ask Bob for a profile.", "Say what for."),
    "mailto:ml@example.com",
    ALICE,
    Offered((), 0, 0, spaces_known=True),
    "",
    (),
)
# A company that says nothing.
SILENT: dict[str, object] = {"title": "", "help": (), "contact": None}
# Every text says which it is, so that what is none of them is seen.
MARKED = Words("en", {key: f"[{key}]" for key in ENGLISH.texts})


def space(name: str, *running: str, shared: bool = False) -> SpaceShown:
    return SpaceShown(Space(name, None if shared else "alice", shared), running)


def shown(*offers: Offer, words: Words = ENGLISH, **changes: Any) -> str:  # noqa: ANN401 - as `Seen`
    found = {"found": len(offers), "all": len(offers), "spaces_known": True}
    found |= {name: changes.pop(name) for name in tuple(changes) if name in found}
    return portal_page.portal(words, replace(SEEN, offered=Offered(offers, **found), **changes)).html


def read(*offers: Offer, **changes: Any) -> PageRead:  # noqa: ANN401 - as `Seen`
    page = read_page(shown(*offers, **changes))
    assert page.odd == []
    return page


def test_a_destination_can_be_opened_kept_and_opened_for_longer_or_shorter() -> None:
    page = read(RESEARCH)
    assert page.texts("h3") == ["Research"]
    assert "For notebooks that matter." in page.texts("p")
    assert "User profile alice" in page.texts("p")
    assert page.links == [
        ("Open Research", "/gate/open/research"),
        ("30 min", "/gate/open/research?session_expires_in=1800"),
        ("1 h", "/gate/open/research?session_expires_in=3600"),
        ("4 h", "/gate/open/research?session_expires_in=14400"),
        ("12 h", "/gate/open/research?session_expires_in=43200"),
        ("Ask ml@example.com", "mailto:ml@example.com"),
    ]
    (kept,) = [one for one in page.all("input") if "readonly" in one.attributes]
    assert kept.attributes["value"] == "https://studio.corp.example/gate/open/research"
    assert "label" in kept.inside
    told = "A session lasts 8 h. What opens it is made anew each time and works for 30 s."
    assert told in page.texts("p")


def test_of_several_profiles_each_is_named() -> None:
    page = read(replace(RESEARCH, several=True), replace(RESEARCH, several=True, profile="alice-admin"))
    ways = [href for text, href in page.links if text == "Open Research"]
    assert ways == ["/gate/open/research?profile=alice", "/gate/open/research?profile=alice-admin"]
    kept = [one.attributes["value"] for one in page.all("input") if "readonly" in one.attributes]
    assert kept == [f"https://studio.corp.example{way}" for way in ways]


LENGTHS = {
    "up to the longest": (3600, 7200, ["30 min", "2 h"]),
    "but for the one that is there anyway": (43200, 43200, ["30 min", "1 h", "4 h", "8 h"]),
    "none where there is one": (1800, 1800, []),
    "the longest in full": (1800, 2000, ["2000 s"]),
}


@pytest.mark.parametrize(("usual", "longest", "offered"), LENGTHS.values(), ids=LENGTHS.keys())
def test_a_session_can_be_as_long_as_the_destination_allows(usual: int, longest: int, offered: list[str]) -> None:
    page = read(replace(RESEARCH, session_expires_in=usual, longest_session=longest))
    assert [text for text, href in page.links if "session_expires_in=" in str(href)] == offered


def test_a_space_says_whose_it_is_and_what_runs_in_it() -> None:
    mine, ours = space("mine"), space("ours", "JupyterLab", "Canvas", shared=True)
    page = read(replace(RESEARCH, spaces=(mine, ours)))
    (spaces,) = [one for one in page.all("ul") if one.attributes.get("aria-label") == "Spaces"]
    assert spaces.text == "mineOpen mineourssharedJupyterLab, Canvas runningOpen ours"
    assert [href for text, href in page.links if text.startswith("Open") and "space" in str(href)] == [
        "/gate/open/research?space=mine",
        "/gate/open/research?space=ours",
    ]


def test_kinds_are_groups_in_their_order() -> None:
    others = [replace(RESEARCH, kind=kind, name=kind, profile=None) for kind in ("mlflow", "notebook")]
    page = read(*others, RESEARCH, replace(RESEARCH, name="sandbox"))
    assert page.texts("h2") == ["SageMaker Studio", "Notebook instances", "MLflow", "You"]
    assert [href for text, href in page.links if text.startswith("Open")] == [
        f"/gate/open/{name}" for name in ("research", "sandbox", "notebook", "mlflow")
    ]
    # What has no profile names none.
    assert [text for text in page.texts("p") if text.startswith("User profile")] == ["User profile alice"] * 2


SEARCHES = {
    "some": ({"found": 1, "all": 7}, "1 of 7 match “re s”."),
    "none": ({"found": 0, "all": 7}, "Nothing that you can open matches “re s”."),
}


@pytest.mark.parametrize(("counts", "told"), SEARCHES.values(), ids=SEARCHES.keys())
def test_a_search_says_what_it_found_and_leads_back(counts: dict[str, int], told: str) -> None:
    page = read(*[RESEARCH][: counts["found"]], search="re s", **counts)
    (status,) = [one for one in page.all("p") if one.attributes.get("role") == "status"]
    assert status.text == f"{told} Show all"
    assert ("Show all", "/gate/") in page.links
    (field,) = [one for one in page.all("input") if one.attributes.get("name") == "q"]
    assert (field.attributes["value"], field.attributes["maxlength"]) == ("re s", "64")
    (form,) = [one for one in page.all("form") if one.attributes.get("role") == "search"]
    assert (form.attributes["action"], form.attributes.get("method", "get")) == ("/gate/", "get")


def test_what_is_not_shown_is_counted() -> None:
    assert "9 more are not shown. Search to find them." in read(RESEARCH, found=10, all=10).texts("p")


def test_spaces_that_are_not_known_keep_nobody_from_opening() -> None:
    page = read(RESEARCH, spaces_known=False)
    assert "Spaces cannot be shown right now. Everything can be opened all the same." in page.texts("p")
    assert ("Open Research", "/gate/open/research") in page.links


def test_whoever_may_open_nothing_reads_what_to_ask_for_and_whom() -> None:
    page = read()
    assert (page.one("h1").text, page.texts("p")) == (
        "Nothing to open yet",
        [
            "You are signed in, but nothing is set up for you yet.",
            "Ask Bob for a profile.",
            "Say what for.",
            "Ask ml@example.com",
        ],
    )
    assert page.links == [("Ask ml@example.com", "mailto:ml@example.com")]
    assert [one.action for one in page.forms] == ["/gate/signout"]


def test_a_gate_that_says_nothing_of_its_own_has_words_for_it() -> None:
    page = read(**SILENT)
    assert page.texts("p")[1].startswith("Ask your platform team for access")
    assert (page.links, page.one("title").text) == ([], "Nothing to open yet · Studio Gate")


def test_a_person_reads_who_they_are_to_the_gate() -> None:
    page = read(RESEARCH)
    assert list(zip(page.texts("dt"), page.texts("dd"), strict=True)) == [
        ("Name", "Alice Liddell"),
        ("E-mail", "alice@example.com"),
        ("Id", "web:6f9c-alice"),
        ("Groups", "data-science, team-leads"),
    ]
    nobody = read(RESEARCH, caller=replace(ALICE, name=None, email=None, groups=frozenset(), label="6f9c-alice"))
    assert (nobody.texts("dt"), nobody.texts("dd")) == (["Id"], ["web:6f9c-alice"])


@pytest.mark.parametrize("offers", [(RESEARCH,), ()], ids=["who may open something", "who may open nothing"])
@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ({"caller": replace(ALICE, name="Zora")}, ["Zora"]),
        ({"caller": replace(ALICE, groups=frozenset({"zoology"}))}, ["zoology"]),
        ({"contact": "mailto:zoe@example.com"}, ["zoe@example.com"]),
        ({"title": "Zoo"}, ["Zoo</title>", "Zoo</bdi>"]),
        ({"place": portal_page.Place("https://zoo.example", "/zoo")}, ["/zoo/signout"]),
        ({"words": MARKED}, ["[portal.you]"]),
    ],
    ids=["a name", "a group", "a contact", "a title", "a place", "a language"],
)
def test_parts_that_are_kept_are_kept_for_nobody_else(
    offers: tuple[Offer, ...], changes: dict[str, Any], marks: list[str]
) -> None:
    before, other, after = shown(*offers), shown(*offers, **changes), shown(*offers)
    assert before == after
    for mark in marks:
        assert (mark in before, mark in other) == (False, True)


def test_signing_out_may_end_at_the_provider() -> None:
    assert portal_page.portal(ENGLISH, replace(SEEN, ends=("https://bye.example.com",))).policy.endswith(
        "form-action 'self' https://bye.example.com; frame-ancestors 'none'; base-uri 'none'"
    )


TEXT = st.sampled_from([*HOSTILE, "\u2067\u202e<b>", "a\u0000b"]) | st.text(max_size=30)


@given(title=TEXT, description=TEXT, profile=TEXT, space=TEXT, app=TEXT, name=TEXT, search=TEXT, said=TEXT)
def test_no_name_and_no_text_is_anything_but_text(**given: str) -> None:
    offer = replace(
        RESEARCH,
        title=given["title"],
        description=given["description"],
        profile=given["profile"],
        spaces=(space(given["space"], given["app"], shared=True),),
    )
    # As if nothing had been checked before.
    said = {"title": given["said"], "help": (given["said"],), "contact": "https://help.example.com/<b>"}
    caller = replace(ALICE, name=given["name"], groups=frozenset({given["said"]}))
    for offers in ((offer,), ()):
        page = read(*offers, **said, caller=caller, search=given["search"])
        usual = read(*offers and [replace(RESEARCH, spaces=(space("x", "x", shared=True),))], search="x")
        assert {one.tag for one in page.elements} <= {one.tag for one in usual.elements}
        assert not [name for one in page.elements for name in one.attributes if name.startswith("on")]
        if offers:
            assert page.texts("h3") == [seen(given["title"])]
        fields = [one.attributes["value"] for one in page.all("input") if one.attributes.get("name") == "q"]
        assert fields == [seen(given["search"])] * len(offers)


def test_every_text_of_the_page_is_one_of_those_that_are_translated() -> None:
    spaces = (space("~space", "~app", shared=True),)
    offers = [
        replace(RESEARCH, kind=kind, title="~title", description="~description", spaces=spaces)
        for kind in ("studio", "notebook", "mlflow")
    ]
    said = {"title": "~brand", "help": ("~help",), "contact": "mailto:~contact"}
    caller = replace(ALICE, id="~id", name="~name", email="~email", groups=frozenset({"~group"}))
    pages = [
        shown(*offers, words=MARKED, **said, caller=caller, search="~q", spaces_known=False, found=9),
        shown(words=MARKED, **said, caller=caller),
        shown(words=MARKED, **SILENT, caller=caller),
    ]
    for page in pages:
        body = re.sub(r"<style>.*?</style>", "", page)
        texts = re.findall(r">([^<]+)<|aria-label=\"([^\"]*)\"", body)
        left = {re.sub(r"\[[a-z.-]+\]|~[a-z]+|Studio Gate", "", text) for pair in texts for text in pair}
        assert {text.strip(" ·:") for text in left} == {""}


@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["English", "Japanese"])
def test_the_page_is_small(words: Words) -> None:
    description = "Notebooks of the forecasting team. Ask for a GPU in the team's channel first."
    offers = [
        replace(RESEARCH, name=f"destination-{n}", title=f"Forecasting {n}", description=description) for n in range(20)
    ]
    assert len(shown(*offers, words=words).encode()) < 30_000


def test_no_link_leads_away_but_the_company_s_own() -> None:
    page = shown(RESEARCH)
    assert set(re.findall(r"(?i)(?:https?:)?//[^\s\"'<]+", page)) == {"https://studio.corp.example/gate/open/research"}
    assert not re.search(r"(?i)url\(|@import|src=|<link|<script|\bon\w+=|style=", page)
