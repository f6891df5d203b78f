"""Each page for people, as people see it: written to .cache/screenshots, and wide enough for what it says."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from localaws import people
from studio_gate.identity.seals import Purpose, seal
from tests.e2e.conftest import LOOKS, OPEN, World, choose, looking, shoot, violations
from tests.e2e.elsewhere import EVIL


def signed_in(world: World, page: Page) -> None:
    page.goto(f"{people.PUBLIC_URL}/signin")
    choose(page)


def confirm(world: World, page: Page) -> None:
    signed_in(world, page)
    page.goto(f"https://{EVIL}/link")
    page.get_by_role("link").click()


def cancelled(world: World, page: Page) -> None:
    page.goto(f"{OPEN}/research")
    page.get_by_role("button", name="Cancel").click()


def refused(world: World, page: Page) -> None:
    page.goto(f"{OPEN}/research")
    choose(page, "Carol Lewis")


def malformed(world: World, page: Page) -> None:
    signed_in(world, page)
    page.goto(f"{OPEN}/research?expires_in=301&landing=/lab")


def expired(world: World, page: Page) -> None:
    """Answer the question with what was asked too long ago."""
    confirm(world, page)
    old = {"launch": {}, "for": "web:5f1c0a7e-alice", "began": int(time.time()), "at": int(time.time()) - 301}
    token = seal(Purpose.CONFIRM, old, world.sealing_keys)
    page.evaluate("token => { document.querySelector('input[name=token]').value = token }", token)
    page.get_by_role("button", name="Open").click()


def signed_out(world: World, page: Page) -> None:
    signed_in(world, page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out here, too").wait_for()


PAGES: dict[str, tuple[Callable[[World, Page], None], str]] = {
    "confirm": (confirm, "Open Research as Alice Liddell?"),
    "cancelled": (cancelled, "Please sign in again"),
    "refused": (refused, "Refused"),
    "malformed": (malformed, "Malformed request"),
    "expired": (expired, "Please sign in again"),
    "signed-out-at-the-provider": (signed_out, "Sign out of the stand-in provider?"),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_fits(world: World, name: str, look: str) -> None:
    reach, heading = PAGES[name]
    messages: list[str] = []
    with looking(world, look) as page:
        page.on("console", lambda message: messages.append(message.text))
        reach(world, page)
        page.get_by_role("heading", name=heading).wait_for()
        shoot(page, f"{name}-{look}")
        # The provider's own page is not the gate's.
        assert name == "signed-out-at-the-provider" or violations(page) == []
    # A style or a form that the page's own policy forbids would be told there.
    assert [one for one in messages if "Content Security Policy" in one] == []
