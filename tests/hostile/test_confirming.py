"""A page that asks is answered by the person it asked, in the session and within the time that it asked in."""

from collections.abc import Callable
from itertools import product

import pytest

from studio_gate import handler
from studio_gate.identity.seals import Purpose, seal
from tests.conftest import Reply
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import ALICE, BOB, CLICKED, COOKIE, FORM, LINKED, ORIGIN, Browser, Headers, Web, landed

ORIGINS = {
    "no origin": [],
    "the gate's own": ORIGIN,
    "none that can be told": "null",
    "another site's": "https://evil.example",
    "one that begins alike": f"{ORIGIN}.evil.example",
    "one below": "https://x.studio.corp.example",
    "plain http": "http://studio.corp.example",
    "another port": f"{ORIGIN}:8443",
    "the port of https": f"{ORIGIN}:443",
    "a slash at the end": f"{ORIGIN}/",
    "capitals": ORIGIN.upper(),
    "an empty one": "",
    "two": [ORIGIN, ORIGIN],
    "two that differ": [ORIGIN, "https://evil.example"],
    "two in one header": f"{ORIGIN} https://evil.example",
    "the provider's": "https://login.example.com",
}
SITES = {
    "no site": [],
    "the gate": "same-origin",
    "the same site": "same-site",
    "another site": "cross-site",
    "typed": "none",
    "an empty word": "",
    "two that differ": ["same-origin", "cross-site"],
}
FIELD = "token"


def asked(browser: Browser) -> str:
    """The token of a page that asks."""
    page = browser.get("/open/research", LINKED)
    assert landed(page) == "confirm page"
    return read_page(page.body).forms[0].fields[FIELD]


@pytest.fixture
def alice(web: Web) -> Browser:
    browser = web()
    browser.sign_in(ALICE)
    return browser


@pytest.mark.parametrize("path", ["/open", "/signout"])
def test_only_a_form_of_the_gate_s_own_origin_counts(alice: Browser, path: str) -> None:
    token, session = asked(alice), dict(alice.jar)
    for (why, origin), (also, site) in product(ORIGINS.items(), SITES.items()):
        alice.jar = dict(session)
        headers: Headers = CLICKED | {"content-type": FORM, "origin": origin, "sec-fetch-site": site}
        # The session's cookie comes along even where a browser would leave it at home.
        headers |= {"cookie": f"{COOKIE}={session[COOKIE]}"}
        reply = alice.post(path, {FIELD: token}, headers)
        good = (origin, site) in [(ORIGIN, "same-origin"), (ORIGIN, [])]
        assert len(reply.mints) == int(good and path == "/open"), (why, also)
        assert (landed(reply) == "refused", COOKIE in alice.jar) == (not good, not (good and path == "/signout"))


def sealed(purpose: Purpose, **changes: object) -> Callable[[Browser], str]:
    """A token that the gate could have sealed, with changes."""

    def make(alice: Browser) -> str:
        trusted = handler.gate().gate.trust.sign_in
        assert trusted is not None
        now = int(alice.clock.now)
        good = {"launch": {}, "for": f"web:{ALICE}", "began": now, "at": now} | changes
        return seal(purpose, good, trusted.sealing_keys.get())

    return make


def of_another(alice: Browser) -> str:
    other = alice.another()
    other.sign_in(BOB)
    return asked(other)


def literally(text: str) -> Callable[[Browser], str]:
    return lambda _: text


def later(seconds: float) -> Callable[[Browser], str]:
    def make(alice: Browser) -> str:
        token = asked(alice)
        alice.clock.now += seconds
        return token

    return make


def of_a_session_before(alice: Browser) -> str:
    token = asked(alice)
    alice.clock.now += 1
    assert alice.post("/signout", {}).status == 200
    alice.sign_in(ALICE)
    return token


def of_another_browser(alice: Browser) -> str:
    alice.clock.now += 1
    other = alice.another()
    other.sign_in(ALICE)
    return asked(other)


def altered(alice: Browser) -> str:
    token = asked(alice)
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def of_a_sign_in(alice: Browser) -> str:
    alice.get("/open/research", {"cookie": ""})
    return next(value for name, value in alice.jar.items() if name != COOKIE)


TOKENS: dict[str, tuple[Callable[[Browser], str], str]] = {
    "sealed as the gate seals": (sealed(Purpose.CONFIRM), "minted"),
    "of the page": (asked, "minted"),
    "of 299 seconds ago": (later(299), "minted"),
    "of 300 seconds ago": (later(300), "asked-too-long-ago"),
    "of a moment to come": (later(-1), "not-asked"),
    "of another person": (of_another, "not-asked"),
    "of a session before this one": (of_a_session_before, "not-asked"),
    "of another browser's session": (of_another_browser, "not-asked"),
    "none": (literally(""), "not-asked"),
    "altered": (altered, "not-asked"),
    "five dots": (literally("....."), "not-asked"),
    "longer than any": (literally("e" * 5_000), "not-asked"),
    "the session's cookie": (lambda alice: alice.jar[COOKIE], "not-asked"),
    "a sign-in's cookie": (of_a_sign_in, "not-asked"),
    "sealed as a session": (sealed(Purpose.SESSION), "not-asked"),
    "sealed as a sign-in": (sealed(Purpose.SIGN_IN), "not-asked"),
    "sealed for another": (sealed(Purpose.CONFIRM, **{"for": f"web:{BOB}"}), "not-asked"),
    "sealed for the same subject elsewhere": (sealed(Purpose.CONFIRM, **{"for": f"corp:{ALICE}"}), "not-asked"),
    "sealed for a profile of another": (sealed(Purpose.CONFIRM, launch={"profile": "bob"}), "not-own-profile"),
}


@pytest.mark.parametrize(("make", "outcome"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_is_good_for_the_session_that_was_asked_alone(
    alice: Browser, make: Callable[[Browser], str], outcome: str
) -> None:
    token = make(alice)
    check(alice.post("/open", {FIELD: token}), outcome)


def check(reply: Reply, outcome: str) -> None:
    assert (reply.audit["reason"] or reply.audit["outcome"]) == outcome
    assert len(reply.mints) == int(outcome == "minted")
    assert all(mint.parameters["UserProfileName"] == "alice" for mint in reply.mints)


def test_a_token_is_nothing_without_a_session(alice: Browser) -> None:
    check(alice.another().post("/open", {FIELD: asked(alice)}), "not-asked")


def test_another_person_s_form_opens_nothing_in_a_session_that_has_ended(alice: Browser) -> None:
    token = asked(alice)
    alice.press(alice.get("/open/research", LINKED), "Sign out")
    check(alice.post("/open", {FIELD: token}), "not-asked")


def test_a_token_in_the_address_opens_nothing(alice: Browser) -> None:
    token = asked(alice)
    reply = alice.get(f"/open?token={token}", CLICKED)
    assert (reply.status, reply.mints) == (400, ())
    check(
        alice.ask("POST", f"/open?token={token}", CLICKED | {"origin": ORIGIN, "content-type": FORM}, body=""),
        "not-asked",
    )
