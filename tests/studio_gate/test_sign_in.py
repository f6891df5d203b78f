"""A sign-in ends in the browser that began it, once asked, within five minutes, with a token that was made for it."""

import hashlib
import re
from urllib.parse import parse_qs

import pytest

from studio_gate.errors import GateError
from studio_gate.identity import Proof, sign_in
from studio_gate.identity.session import COOKIE
from tests.studio_gate.signing_in import (
    ALICE,
    CLIENT_ID,
    ELSEWHERE,
    REDIRECT_URI,
    Browser,
    answered,
    by_code,
    ends,
    entry,
    key_line,
    outcome,
    put_parameter,
    trusted,
)
from tests.studio_gate.tokens_made import ISSUER, NOW, Changes

pytestmark = pytest.mark.usefixtures("kept_keys")
INTENT = {"launch": {"destination": "research", "profile": None}, "at_once": True}


def test_a_form_is_asked_for(browser: Browser) -> None:
    asked = browser.begin()
    random = {name: asked.pop(name) for name in ("state", "nonce")}
    assert asked == {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email",
        "response_type": "id_token",
        "response_mode": "form_post",
    }
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in random.values())


def test_a_code_is_asked_for_with_a_challenge() -> None:
    browser = Browser(trusted(by_code("https://login.example.com", scopes=["openid", "groups"])))
    asked = browser.begin()
    random = {name: asked.pop(name) for name in ("state", "nonce", "code_challenge")}
    assert asked == {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid groups",
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in random.values())


URLS = {
    "plain": ("https://login.example.com/authorize", "https://login.example.com/authorize?client_id=gate-web&"),
    "with a query": ("https://login.example.com/a?p=b", "https://login.example.com/a?p=b&client_id=gate-web&"),
}


@pytest.mark.parametrize(("endpoint", "begins"), URLS.values(), ids=URLS.keys())
def test_the_browser_goes_to_the_configured_endpoint(endpoint: str, begins: str) -> None:
    begun = sign_in.begin(trusted(entry(authorization_endpoint=endpoint)), INTENT, NOW)
    assert begun.url.startswith(begins)
    assert "login.example.com" not in repr(begun)
    assert COOKIE not in repr(begun)


SAME_SITE = {"a form": (entry(), "None"), "a code": (by_code("https://login.example.com"), "Lax")}


@pytest.mark.parametrize(("given", "same_site"), SAME_SITE.values(), ids=SAME_SITE.keys())
def test_the_cookie_is_this_very_hosts_for_five_minutes(given: Changes, same_site: str) -> None:
    begun = sign_in.begin(trusted(given), INTENT, NOW)
    pair, *attributes = begun.cookie.split("; ")
    state = parse_qs(begun.url)["state"][0]
    assert pair.split("=")[0] == f"{COOKIE}-{hashlib.sha256(state.encode()).hexdigest()[:16]}"
    assert attributes == ["Path=/", "Secure", "HttpOnly", f"SameSite={same_site}", "Max-Age=300"]


def test_everything_is_fresh_each_time(browser: Browser) -> None:
    asked = [browser.begin() for _ in range(20)]
    assert len({one[name] for one in asked for name in ("state", "nonce")}) == 40
    assert len(browser.jar) == len(set(browser.jar.values())) == 20


def test_who_comes_back_is_the_caller_and_gets_what_was_wanted(browser: Browser) -> None:
    browser.begin(intent=INTENT)
    of_alice = {"name": "Al\u00efce", "email": "alice@example.com", "roles": ["Staff", "Others"]}
    ended = browser.end(answered(browser, of_alice))
    caller = ended.caller
    assert (caller.id, caller.proof, caller.issuer) == (ALICE, Proof.SESSION, ISSUER.url)
    assert (caller.name, caller.email, caller.groups) == ("Al\u00efce", "alice@example.com", frozenset({"staff"}))
    assert ended.intent == INTENT
    assert browser.jar == {}


def test_a_sign_in_of_this_browser_is_forgotten_and_no_other(browser: Browser) -> None:
    state = browser.begin()["state"]
    (told,) = sign_in.forget(state, browser.jar)
    assert re.fullmatch(rf"{COOKIE}-[0-9a-f]{{16}}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", told)
    assert (sign_in.forget(f"{state}x", browser.jar), sign_in.forget(state, {})) == ((), ())


# Seconds since it began.
TIMES = {
    "at once": (0, ALICE),
    "in time": (299.9, ALICE),
    "after five minutes": (300, "401 sign-in-too-late"),
    "much later": (86400, "401 sign-in-too-late"),
    "before it began, after a clock was set back": (-1, "401 sign-in-too-late"),
}


@pytest.mark.parametrize(("later", "comes"), TIMES.values(), ids=TIMES.keys())
def test_a_person_may_take_five_minutes(browser: Browser, later: float, comes: str) -> None:
    browser.begin()
    fits = {"iat": NOW - 100 + later, "exp": NOW + 100 + later}
    assert ends(browser, answered(browser, fits), NOW + later) == comes


def test_another_browser_cannot_end_it(browser: Browser) -> None:
    browser.begin()
    other = Browser(browser.trust)
    assert ends(other, answered(browser)) == ELSEWHERE
    other.begin()
    assert ends(other, answered(browser)) == ELSEWHERE


def test_two_browsers_cannot_swap_their_answers(browser: Browser) -> None:
    other = Browser(browser.trust)
    browser.begin()
    other.begin()
    one, another = answered(browser), answered(other)
    assert ends(browser, another) == ELSEWHERE
    assert ends(browser, one | {"state": another["state"]}) == ELSEWHERE
    assert ends(browser, one | {"id_token": another["id_token"]}) == "401 sign-in-nonce"
    # Nor a browser's own cookie under the other's name.
    (own,), (name,) = browser.jar.values(), other.jar
    assert ends(Browser(browser.trust, {name: own}), another) == ELSEWHERE
    assert ends(browser, one) == ALICE
    assert ends(other, another) == ALICE


def test_two_tabs_end_in_any_order(browser: Browser) -> None:
    browser.begin(intent={"tab": 1})
    first = answered(browser)
    browser.begin(intent={"tab": 2})
    second = answered(browser)
    assert browser.end(second).intent == {"tab": 2}
    assert browser.end(first).intent == {"tab": 1}
    assert browser.jar == {}


def test_an_answer_does_not_count_twice_in_a_browser(browser: Browser) -> None:
    browser.begin()
    answer = answered(browser)
    assert ends(browser, answer) == ALICE
    assert ends(browser, answer) == ELSEWHERE


def test_a_sign_in_goes_on_while_the_sealing_keys_rotate(browser: Browser) -> None:
    browser.begin()
    put_parameter(f"{key_line('new')}\n{key_line('now')}")
    browser.trust = trusted(entry())
    assert ends(browser, answered(browser)) == ALICE
    browser.begin()
    put_parameter(key_line("newest"))
    browser.trust = trusted(entry())
    assert ends(browser, answered(browser)) == ELSEWHERE


def test_a_wish_that_does_not_fit_into_a_cookie_is_refused(browser: Browser) -> None:
    assert outcome(lambda: browser.begin(intent={"launch": "l" * 3000})) == "403 too-much-to-seal"


def test_without_the_sealing_keys_nobody_begins_or_ends(browser: Browser) -> None:
    put_parameter("canary")
    assert outcome(browser.begin) == "503 secret-unreachable"
    assert ends(browser, {"state": "s"}) == "503 secret-unreachable"


def test_nothing_secret_is_shown(browser: Browser) -> None:
    browser.begin(intent=INTENT)
    answer = answered(browser, {"aud": "another"})
    with pytest.raises(GateError) as caught:
        browser.end(answer)
    shown = f"{caught.value!r} {browser.trust!r}"
    assert not [one for one in (*answer.values(), *browser.jar.values(), browser.asked["nonce"]) if one in shown]
