"""The portal: what people are offered, in their language, and that it opens nothing by itself."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.config import Config
from studio_gate.destinations import Space, Target
from studio_gate.directory import Directory, SpaceShown
from studio_gate.errors import GateError, Problem
from studio_gate.portal import Offered, offered
from tests.studio_gate import builders
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import (
    ALICE,
    CAROL,
    CLICKED,
    END_SESSION,
    LINKED,
    ORIGIN,
    STRANGER,
    TYPED,
    Headers,
    Web,
    landed,
    location,
)

FROM: dict[str, Headers] = {
    "typed": TYPED,
    "a page of the gate": CLICKED,
    "another site": LINKED,
    "a browser that does not say": {},
}


@pytest.mark.parametrize("headers", FROM.values(), ids=FROM.keys())
def test_the_portal_is_opened_from_anywhere_and_opens_nothing(web: Web, headers: Headers) -> None:
    browser = web(public_url=f"{ORIGIN}/gate", end_session_endpoint=END_SESSION)
    begun = browser.get("/", headers)
    assert (landed(begun), begun.mints) == ("sign in", ())
    came = browser.come_back(begun, name="Alice Liddell")
    assert location(came) == f"{ORIGIN}/gate/?ended=1"
    reply = browser.get("/", headers)
    page = read_page(reply.body)
    assert (reply.status, page.one("h1").text, reply.mints, page.odd) == (200, "What you can open", (), [])
    assert ("Open Research", "/gate/open/research") in page.links
    assert (reply.audit["caller"], reply.audit["outcome"]) == (f"web:{ALICE}", "answered")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://bye.example.com; frame-ancestors 'none'; base-uri 'none'" in policy
    assert (reply.headers["Vary"], reply.headers["Cache-Control"]) == ("Accept-Language", "no-store")
    signed_out = browser.press(reply, "Sign out")
    assert (location(signed_out).startswith(END_SESSION), browser.jar) == (True, {})


NOT_OPENED: dict[str, Headers] = {
    "a frame": LINKED | {"sec-fetch-dest": "iframe"},
    "a frame of its own": CLICKED | {"sec-fetch-dest": "iframe"},
    "an image": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    "a script": {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    "in advance": TYPED | {"sec-purpose": "prefetch"},
}


@pytest.mark.parametrize("headers", NOT_OPENED.values(), ids=NOT_OPENED.keys())
def test_nothing_but_a_person_opens_the_portal(web: Web, headers: Headers) -> None:
    browser = web()
    browser.sign_in()
    reply = browser.get("/", headers)
    assert (reply.status, landed(reply), reply.mints) == (403, "refused", ())
    assert "research" not in reply.body


@pytest.mark.parametrize("who", [CAROL, STRANGER], ids=["whom no policy lets in", "whom nobody knows"])
def test_whoever_may_open_nothing_is_told_what_to_ask_for(web: Web, who: str) -> None:
    browser = web()
    browser.sign_in(who, groups=["/staff"])
    page = read_page(browser.get("/").body)
    assert page.one("h1").text == "Nothing to open yet"
    # What exists is not for them to know.
    assert [href for _, href in page.links] == []


def test_a_search_is_over_names_and_texts_and_needs_no_script(web: Web) -> None:
    browser = web()
    browser.sign_in()
    found, none = browser.get("/?q=RESE+arch", CLICKED), browser.get("/?q=%3Cb%3Enothing", CLICKED)
    assert [read_page(one.body).texts("h3") for one in (found, none)] == [["Research"], []]
    assert [one.text for one in read_page(none.body).all("p") if one.attributes.get("role") == "status"] == [
        "Nothing that you can open matches “<b>nothing”. Show all"
    ]


QUERIES = {
    "a search that is too long": "q=" + "x" * 65,
    "a search that is given twice": "q=a&q=b",
    "another parameter": "destination=research",
    "what ends a sign-in, with another value": "ended=2",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_the_portal_takes_nothing_else(web: Web, query: str) -> None:
    browser = web()
    browser.sign_in()
    reply = browser.get(f"/?{query}")
    assert (reply.status, reply.audit["outcome"]) == (400, "malformed")


def test_the_portal_speaks_a_person_s_language_and_so_do_problems(web: Web) -> None:
    browser = web()
    japanese = TYPED | {"accept-language": "ja,en;q=0.5"}
    browser.sign_in()
    for path, title in (
        ("/", "開けるもの"),
        ("/open/nowhere", "開けません"),
        ("/signin?x=1", "リクエストが正しくありません"),
    ):
        page = read_page(browser.get(path, japanese).body)
        assert (page.one("html").attributes["lang"], page.one("h1").text) == ("ja", title)
    # What fails before there is a route's own answer, too; and a header of another shape is no language.
    assert read_page(browser.ask("PUT", "/", japanese).body).one("h1").text == "表示するものはありません"
    odd = browser.ask("GET", "/?x=1", TYPED, multiValueHeaders={"accept-language": "ja"})
    assert (odd.status, read_page(odd.body).one("h1").text) == (403, "Refused")


def test_a_session_in_use_at_the_portal_does_not_seem_idle(web: Web) -> None:
    browser = web(idle=300)
    browser.sign_in()
    web.clock.now += 200
    assert len(browser.get("/").cookies) == 1
    web.clock.now += 200
    assert browser.get("/").status == 200


def targets(*names: str, config: Config) -> list[Target]:
    """Alice's targets in destinations of these names; of one that is named twice, two profiles."""
    own = builders.target(config)
    return [
        replace(own, destination=own.destination.model_copy(update={"name": name}), profile=f"alice-{position}")
        for position, name in enumerate(names)
    ]


def unreachable(_: Target) -> Sequence[SpaceShown]:
    raise GateError(Problem.UNAVAILABLE, "sagemaker-unreachable")


def test_spaces_are_shown_with_what_they_belong_to(config: Config) -> None:
    def spaces_of(target: Target) -> Sequence[SpaceShown]:
        return [SpaceShown(Space(f"space-of-{target.profile}", target.profile, shared=False), ())]

    found = offered(targets("a", "b", "b", config=config), "", spaces_of)
    assert [(one.name, one.several, [one.space.name for one in one.spaces]) for one in found.offers] == [
        ("a", False, ["space-of-alice-0"]),
        ("b", True, ["space-of-alice-1"]),
        ("b", True, ["space-of-alice-2"]),
    ]
    assert (found.found, found.all, found.spaces_known) == (3, 3, True)


def test_spaces_that_cannot_be_described_are_asked_for_once(config: Config) -> None:
    asked = []

    def spaces_of(target: Target) -> Sequence[SpaceShown]:
        asked.append(target.profile)
        return unreachable(target)

    found = offered(targets("a", "b", "c", config=config), "", spaces_of)
    assert ([one.spaces for one in found.offers], found.spaces_known, asked) == ([(), (), ()], False, ["alice-0"])


def test_where_nothing_describes_spaces_there_is_nothing_to_say_of_them(config: Config) -> None:
    def spaces_of(target: Target) -> Sequence[SpaceShown]:
        if target.destination.name == "a":
            raise GateError(Problem.UNAVAILABLE, "no-role-for-it")
        return [SpaceShown(Space("mine", target.profile, shared=False), ())]

    found = offered(targets("a", "b", config=config), "", spaces_of)
    assert ([len(one.spaces) for one in found.offers], found.spaces_known) == ([0, 1], True)


def test_the_portal_opens_without_spaces(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = web()
    browser.sign_in()
    monkeypatch.setattr(Directory, "spaces_of", lambda _self, target, *_: unreachable(target))
    reply = browser.get("/")
    page = read_page(reply.body)
    assert "Spaces cannot be shown right now. Everything can be opened all the same." in page.texts("p")
    assert ("Open Research", "/open/research") in page.links


def test_no_more_is_shown_than_anybody_reads_and_no_more_is_asked_for(config: Config) -> None:
    asked = []

    def spaces_of(target: Target) -> Sequence[SpaceShown]:
        asked.append(target.profile)
        return ()

    found = offered(targets(*(f"d{n}" for n in range(200)), config=config), "", spaces_of)
    assert (len(found.offers), found.found, found.all, len(asked)) == (60, 200, 200, 60)


SEARCHES = {
    "nothing": ("", True),
    "blanks": (" \u3000 ", True),
    "a part of the name": ("sear", True),
    "a part of the title": ("labor", True),
    "a part of the description": ("gpu", True),
    "the kind": ("studio", True),
    "the profile": ("alice", True),
    "several words in any order": ("gpu research", True),
    "a word that is not there": ("research nothing", False),
    "letters of another width and case": ("ＧＰＵ", True),
    "letters as they are folded": ("LABORSTRASSE", True),
    "half a kana": ("ﾉｰﾄ", True),
    "a pattern": (".*", False),
}


@pytest.mark.parametrize(("search", "there"), SEARCHES.values(), ids=SEARCHES.keys())
def test_every_word_of_a_search_is_found_somewhere(config: Config, search: str, there: bool) -> None:  # noqa: FBT001 - a column
    own = builders.target(config)
    said = {"title": "Laborstraße", "description": "With GPUs. ノートブック"}
    target = replace(own, destination=own.destination.model_copy(update=said))
    assert bool(offered([target], search, lambda _: ()).offers) == there


@given(st.text(max_size=64))
def test_whatever_is_searched_for_all_that_is_found_is_offered(search: str) -> None:
    found: Offered = offered([], search, unreachable)
    assert (found.offers, found.found, found.all, found.spaces_known) == ((), 0, 0, True)
