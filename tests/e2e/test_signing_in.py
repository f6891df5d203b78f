"""Signing in and out, and opening Studio, as a person does it."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page

from localaws import people, studio
from studio_gate.identity import session
from tests.e2e.conftest import OPEN, STUDIO, World, choose, in_studio

# In seconds, the default of gate.toml.
IDLE = 3600
type Minted = Callable[[], tuple[studio.Mint, ...]]


def test_a_bookmark_of_somebody_who_is_not_signed_in_comes_back_to_the_same_launch(page: Page, minted: Minted) -> None:
    page.goto(f"{OPEN}/research?session_expires_in=1800&expires_in=10")
    assert page.get_by_role("heading").inner_text() == "Who are you?"
    assert minted() == ()
    choose(page)
    assert in_studio(page)
    (mint,) = minted()
    asked = {"SessionExpirationDurationInSeconds": 1800, "ExpiresInSeconds": 10, "UserProfileName": "alice"}
    assert asked.items() <= mint.parameters.items()


def test_a_bookmark_of_somebody_who_is_signed_in_launches_at_once(alice: Page, minted: Minted) -> None:
    seen: list[str] = []
    alice.on("framenavigated", lambda frame: seen.append(frame.url))
    alice.goto(f"{OPEN}/research")
    assert in_studio(alice)
    assert (seen, len(minted())) == ([STUDIO], 1)


def test_two_tabs_sign_in_side_by_side(context: BrowserContext, minted: Minted) -> None:
    first, second = context.new_page(), context.new_page()
    first.goto(f"{OPEN}/research?session_expires_in=1800")
    second.goto(f"{OPEN}/research?session_expires_in=3600")
    choose(first)
    choose(second)
    assert (in_studio(first), in_studio(second)) == (True, True)
    assert [mint.parameters["SessionExpirationDurationInSeconds"] for mint in minted()] == [1800, 3600]


def test_who_signs_out_is_asked_again(alice: Page, context: BrowserContext, minted: Minted) -> None:
    alice.get_by_role("button", name="Sign out").click()
    alice.get_by_role("button", name="Sign out here, too").click()
    assert alice.get_by_role("heading").inner_text() == "Signed out of the stand-in provider"
    assert session.COOKIE not in {cookie["name"] for cookie in context.cookies(people.PUBLIC_URL)}
    alice.goto(f"{OPEN}/research")
    assert (alice.get_by_role("heading").inner_text(), minted()) == ("Who are you?", ())


def test_who_cancels_is_told_and_can_try_again(page: Page, minted: Minted) -> None:
    page.goto(f"{OPEN}/research")
    page.get_by_role("button", name="Cancel").click()
    assert page.get_by_role("heading").inner_text() == "Please sign in again"
    page.get_by_role("link", name="Sign in again").click()
    assert (page.get_by_role("heading").inner_text(), minted()) == ("Who are you?", ())


def test_somebody_without_a_profile_there_is_refused_by_a_page(page: Page, minted: Minted) -> None:
    page.goto(f"{OPEN}/research")
    choose(page, "Carol Lewis")
    assert (page.get_by_role("heading").inner_text(), minted()) == ("Refused", ())


def age(world: World, context: BrowserContext, *, began: int = 0, seen: int = 0) -> None:
    """Put into the browser what its session's cookie would be if it had begun and been used so many seconds ago."""
    trust = (world.sign_in, world.sealing_keys)
    (cookie,) = [one for one in context.cookies(people.PUBLIC_URL) if one["name"] == session.COOKIE]
    now = time.time()
    found = session.read({session.COOKIE: cookie["value"]}, *trust, now)
    assert found is not None
    aged = replace(found, began=int(now) - began, seen=int(now) - seen)
    value = session.sealed(aged, *trust).partition(";")[0].partition("=")[2]
    context.add_cookies([{**cookie, "value": value}])  # type: ignore[typeddict-item]


OVER = {
    "idle for too long": (IDLE + 5, IDLE + 5),
    "over, however much it was used": (28_805, 10),
}


@pytest.mark.parametrize(("began", "seen"), OVER.values(), ids=OVER.keys())
def test_a_session_that_is_over_has_the_person_sign_in_again(
    world: World, context: BrowserContext, alice: Page, minted: Minted, began: int, seen: int
) -> None:
    age(world, context, began=began, seen=seen)
    # The provider asks anew, too.
    context.clear_cookies(domain="signin.example.com")
    alice.goto(f"{OPEN}/research")
    assert (alice.get_by_role("heading").inner_text(), minted()) == ("Who are you?", ())
    choose(alice)
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_a_session_in_use_is_prolonged(world: World, context: BrowserContext, alice: Page) -> None:
    age(world, context, began=4000, seen=IDLE - 60)
    before = context.cookies(people.PUBLIC_URL)
    alice.goto(f"{OPEN}/research")
    assert in_studio(alice)
    assert context.cookies(people.PUBLIC_URL) != before


def test_back_from_studio_mints_nothing(alice: Page, minted: Minted) -> None:
    alice.goto(f"{OPEN}/research")
    alice.go_back()
    assert alice.get_by_role("heading", level=1).inner_text() == "What you can open"
    alice.go_forward()
    assert (in_studio(alice), len(minted())) == (True, 1)


def test_the_session_is_no_script_s_and_no_other_host_s(alice: Page, context: BrowserContext) -> None:
    (cookie,) = [one for one in context.cookies() if one["name"] == session.COOKIE]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["domain"]) == (
        True,
        True,
        "Lax",
        people.HOST,
    )
    assert alice.evaluate("document.cookie") == ""
