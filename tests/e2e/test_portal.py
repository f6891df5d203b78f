"""The portal as people use it: with a mouse, with a keyboard alone, on a phone, in either language, without scripts."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from localaws import people, studio
from studio_gate.destinations import Space
from studio_gate.directory import SpaceShown
from studio_gate.identity import Caller, Proof
from studio_gate.pages import portal as portal_page
from studio_gate.pages.words import ENGLISH, JAPANESE
from studio_gate.portal import Offer, Offered
from tests.e2e.conftest import LOOKS, STUDIO, World, choose, in_studio, looking, shoot, violations

type Minted = Callable[[], tuple[studio.Mint, ...]]

PORTAL = f"{people.PUBLIC_URL}/"
LANGUAGES = {"en-US": "What you can open", "ja-JP": "開けるもの"}
EMPTY = {"en-US": "Nothing to open yet", "ja-JP": "開けるものはまだありません"}


def test_a_person_comes_to_the_portal_signs_in_and_opens_studio(page: Page, minted: Minted) -> None:
    page.goto(PORTAL)
    choose(page)
    page.wait_for_url(PORTAL)
    assert minted() == ()
    page.get_by_role("link", name="Open Research").click()
    page.wait_for_url(STUDIO)
    assert (in_studio(page), len(minted())) == (True, 1)


def test_a_person_without_a_mouse_opens_studio(alice: Page, minted: Minted) -> None:
    seen = []
    for _ in range(12):
        alice.keyboard.press("Tab")
        seen.append(alice.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel"))
        # Whoever tabs sees where they are.
        assert alice.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if seen[-1] == "Open Research":
            break
    assert seen[:4] == ["Skip to the content", "Sign out", "Search what you can open", "Search"]
    alice.keyboard.press("Enter")
    alice.wait_for_url(STUDIO)
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_a_session_of_another_length_is_a_click_away(alice: Page, minted: Minted) -> None:
    alice.get_by_text("Link and session").first.click()
    alice.get_by_role("link", name="1 h", exact=True).click()
    alice.wait_for_url(STUDIO)
    assert [mint.parameters["SessionExpirationDurationInSeconds"] for mint in minted()] == [3600]


def test_a_link_is_kept_and_opens_the_same_later(alice: Page, minted: Minted) -> None:
    alice.get_by_text("Link and session").first.click()
    kept = alice.get_by_label("Link to keep").first.input_value()
    alice.goto(kept)
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_a_search_needs_no_script(world: World) -> None:
    context = world.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(PORTAL)
    choose(page)
    page.get_by_role("searchbox").fill("nothing <b>like it")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing that you can open matches “nothing <b>like it”.").wait_for()
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name="Open Research").wait_for()
    context.close()


def test_the_portal_asks_nobody_for_anything(world: World, alice: Page) -> None:
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url))
    alice.reload()
    assert asked == [PORTAL]


def test_signing_out_at_the_portal_signs_out(alice: Page) -> None:
    alice.get_by_role("button", name="Sign out").click()
    alice.get_by_role("button", name="Sign out here, too").click()
    alice.get_by_role("heading", name="Signed out of the stand-in provider").wait_for()
    alice.goto(PORTAL)
    alice.get_by_role("heading", name="Who are you?").wait_for()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_portal_fits_and_keeps_nobody_out(world: World, look: str, locale: str) -> None:
    messages: list[str] = []
    with looking(world, look, locale) as page:
        page.on("console", lambda message: messages.append(message.text))
        page.goto(PORTAL)
        choose(page)
        page.get_by_role("heading", name=LANGUAGES[locale]).wait_for()
        assert violations(page) == []
        shoot(page, f"portal-full-{locale}-{look}")
        page.goto(f"{PORTAL}?q=research")
        page.locator("summary").first.click()
        assert violations(page) == []
        shoot(page, f"portal-search-{locale}-{look}")
    assert [one for one in messages if "Content Security Policy" in one] == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("locale", EMPTY)
def test_the_portal_of_whoever_may_open_nothing_fits(world: World, look: str, locale: str) -> None:
    with looking(world, look, locale) as page:
        page.goto(PORTAL)
        choose(page, "Edith Hargreaves")
        page.get_by_role("heading", name=EMPTY[locale]).wait_for()
        assert violations(page) == []
        shoot(page, f"portal-empty-{locale}-{look}")


LONG = "forecasting-of-demand-and-everything-else-that-is-measured-daily"
SPACES = tuple(
    SpaceShown(Space(f"{LONG}-{n}"[:63], "alice", shared=bool(n)), ("JupyterLab", "CodeEditor")[: n + 1])
    for n in (0, 1)
)
OFFER = Offer("studio", LONG[:32], LONG, f"Everything about {LONG}. " * 3, LONG[:63], True, 30, 28800, 43200, SPACES)  # noqa: FBT003 - as the fields are
ALICE = Caller(
    f"web:{LONG * 3}", Proof.SESSION, "", LONG, LONG, frozenset({LONG, "x" * 128}), LONG * 2, f"{LONG}@a.example"
)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_long_names_fit(world: World, look: str, words: object) -> None:
    chosen = JAPANESE if words is JAPANESE else ENGLISH
    offers = tuple(replace(OFFER, kind=kind, name=f"a-{n}") for n, kind in enumerate(("studio", "studio", "mlflow")))
    place = portal_page.Place(people.PUBLIC_URL, "")
    contact = f"https://tickets.example.com/{LONG}"
    found = Offered(offers, 3, 200, spaces_known=False)
    html = portal_page.portal(chosen, portal_page.Seen(place, LONG, (), contact, ALICE, found, "x" * 64, ())).html
    with looking(world, look) as page:
        page.set_content(html)
        page.locator("summary").first.click()
        assert violations(page) == []
        shoot(page, f"portal-long-{chosen.lang}-{look}")
