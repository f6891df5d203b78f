"""The provider answers with a form that the browser posts, so that the function needs no way to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from localaws import people, studio
from tests.e2e.conftest import LOOKS, OPEN, STUDIO, World, choose, in_studio, looking, shoot

FLOW = "form_post"


def test_the_provider_answers_with_a_form_and_the_session_lasts(
    page: Page, minted: Callable[[], tuple[studio.Mint, ...]]
) -> None:
    page.goto(f"{OPEN}/research?session_expires_in=1800")
    choose(page)
    page.wait_for_url(STUDIO)
    assert in_studio(page)
    page.goto(f"{OPEN}/research")
    assert in_studio(page)
    assert [mint.parameters["SessionExpirationDurationInSeconds"] for mint in minted()] == [1800, 28800]


def test_who_signs_out_where_the_provider_offers_no_end_is_told_by_the_gate(page: Page) -> None:
    page.goto(f"{people.PUBLIC_URL}/signin")
    choose(page)
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading").inner_text() == "Signed out"
    page.get_by_role("link", name="Sign in").click()
    # The provider still knows who it is.
    page.get_by_role("heading", name="What you can open").wait_for()


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_of_who_has_signed_out_fits(world: World, look: str) -> None:
    with looking(world, look) as page:
        page.goto(f"{people.PUBLIC_URL}/signin")
        choose(page)
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Signed out").wait_for()
        shoot(page, f"signed-out-{look}")
