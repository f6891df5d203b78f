"""What another site can make somebody's browser do: ask the person, and nothing else."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from localaws import studio
from tests.e2e.conftest import OPEN, STUDIO, World, in_studio
from tests.e2e.elsewhere import EVIL, NEIGHBOUR, PORTAL

type Minted = Callable[[], tuple[studio.Mint, ...]]

# For what a page does by itself to be done, in seconds; at most, where it is certain that it is done.
_PATIENCE, _MOST = 2, 10


def test_a_link_on_another_site_asks_first(alice: Page, minted: Minted) -> None:
    alice.goto(f"https://{EVIL}/link")
    alice.get_by_role("link").click()
    assert alice.get_by_role("heading").inner_text() == "Open Research as Alice Liddell?"
    assert minted() == ()
    alice.get_by_role("button", name="Open").click()
    alice.wait_for_url(STUDIO)
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_back_from_studio_to_the_question_opens_nothing_and_it_can_be_answered_again(
    alice: Page, minted: Minted
) -> None:
    alice.goto(f"https://{EVIL}/link")
    alice.get_by_role("link").click()
    alice.get_by_role("button", name="Open").click()
    alice.wait_for_url(STUDIO)
    alice.go_back()
    assert alice.get_by_role("heading").inner_text() == "Open Research as Alice Liddell?"
    assert len(minted()) == 1
    alice.get_by_role("button", name="Open").click()
    alice.wait_for_url(STUDIO)
    assert len(minted()) == 2


@pytest.mark.parametrize("host", [NEIGHBOUR, PORTAL], ids=["the same site", "a site of launch_origins"])
def test_a_link_of_one_s_own_opens_at_once(alice: Page, minted: Minted, host: str) -> None:
    alice.goto(f"https://{host}/link")
    alice.get_by_role("link").click()
    alice.wait_for_url(STUDIO)
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_a_link_for_somebody_who_is_not_signed_in_asks_after_that(page: Page, minted: Minted) -> None:
    page.goto(f"https://{EVIL}/link")
    page.get_by_role("link").click()
    page.get_by_role("button", name="Sign in as Alice").click()
    assert page.get_by_role("heading").inner_text() == "Open Research as Alice Liddell?"
    assert minted() == ()


def test_a_page_that_redirects_asks_first(alice: Page, minted: Minted) -> None:
    alice.goto(f"https://{EVIL}/redirect")
    alice.wait_for_url(f"{OPEN}/research")
    assert alice.get_by_role("heading").inner_text() == "Open Research as Alice Liddell?"
    assert minted() == ()


def test_a_form_of_another_site_opens_nothing(alice: Page, minted: Minted) -> None:
    alice.goto(f"https://{EVIL}/form")
    alice.get_by_role("button").click()
    alice.wait_for_url(f"{OPEN}/**")
    alice.wait_for_timeout(1000 * _PATIENCE)
    assert minted() == ()


# What the gate says of what a page does by itself.
BY_ITSELF = dict.fromkeys(
    ("image", "frame", "object", "script", "style", "fetch", "link-preload"), "not-a-navigation"
) | dict.fromkeys(("link-prefetch", "prefetch", "prerender"), "fetched-in-advance")
# Chromium fetches nothing by speculation rules across sites where it has cookies: the gate is not even asked.
NOT_ASKED_ACROSS_SITES = {"prefetch", "prerender"}


@pytest.mark.parametrize("host", [EVIL, NEIGHBOUR, PORTAL])
@pytest.mark.parametrize("way", BY_ITSELF)
def test_nothing_that_a_page_does_by_itself_opens_anything(
    world: World, alice: Page, minted: Minted, way: str, host: str
) -> None:
    before = len(world.audit())
    alice.goto(f"https://{host}/{way}")
    until = time.monotonic() + (_PATIENCE if way in {"prefetch", "prerender"} else _MOST)
    while len(world.audit()) == before and time.monotonic() < until:
        alice.wait_for_timeout(100)
    asked = [(record["outcome"], record["reason"]) for record in world.audit()[before:]]
    assert minted() == ()
    assert asked == ([] if host != NEIGHBOUR and way in NOT_ASKED_ACROSS_SITES else [("refused", BY_ITSELF[way])])


@pytest.mark.parametrize("way", ["prefetch", "prerender"])
def test_a_link_that_was_fetched_in_advance_opens_once_it_is_clicked(
    world: World, alice: Page, minted: Minted, way: str
) -> None:
    alice.goto(f"https://{NEIGHBOUR}/{way}")
    alice.wait_for_timeout(1000 * _PATIENCE)
    assert world.audit()[-1]["reason"] == "fetched-in-advance"
    alice.get_by_role("link").click()
    alice.wait_for_url(STUDIO)
    assert (in_studio(alice), len(minted())) == (True, 1)
