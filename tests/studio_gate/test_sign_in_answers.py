"""What a provider answers, and what a browser kept, prove a caller only if all of it is as it was asked for."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from studio_gate.identity.seals import Purpose, seal
from studio_gate.identity.session import COOKIE
from tests.keys_server import KeysServer, Told
from tests.studio_gate.signing_in import (
    ALICE,
    CLIENT_ID,
    ELSEWHERE,
    Browser,
    answered,
    by_code,
    ends,
    entry,
    id_token,
    sealing_keys,
    trusted,
)
from tests.studio_gate.tokens_made import ABSENT, ISSUER, NOW, STRANGER, Changes, MadeIssuer

pytestmark = pytest.mark.usefixtures("kept_keys")

ANSWERS: dict[str, tuple[Changes, str]] = {
    "no state": ({"state": ABSENT}, ELSEWHERE),
    "an empty state": ({"state": ""}, ELSEWHERE),
    "another state": ({"state": "A" * 43}, ELSEWHERE),
    "a state beyond ASCII": ({"state": "\u00e9"}, ELSEWHERE),
    "a state with a lone surrogate": ({"state": "\ud800"}, ELSEWHERE),
    "a huge state": ({"state": "a" * 100_000}, ELSEWHERE),
    "the right issuer": ({"iss": ISSUER.url}, ALICE),
    "another issuer": ({"iss": STRANGER.url}, "401 sign-in-of-another-provider"),
    "an empty issuer": ({"iss": ""}, "401 sign-in-of-another-provider"),
    "the issuer with a slash": ({"iss": f"{ISSUER.url}/"}, "401 sign-in-of-another-provider"),
    "an error": ({"error": "access_denied"}, "401 sign-in-refused-by-provider"),
    "an error instead of a token": (
        {"error": "login_required", "id_token": ABSENT},
        "401 sign-in-refused-by-provider",
    ),
    "an empty error": ({"error": ""}, "401 sign-in-refused-by-provider"),
    "no token": ({"id_token": ABSENT}, "401 sign-in-without-id_token"),
    "an empty token": ({"id_token": ""}, "401 sign-in-without-id_token"),
    "a code": ({"id_token": ABSENT, "code": "code"}, "401 sign-in-without-id_token"),
    "a token that is too long": ({"id_token": "a" * 8193}, "401 sign-in-without-id_token"),
    "a token as long as may be": ({"id_token": "a" * 8192}, "401 token-form"),
    "a token beyond ASCII": ({"id_token": "\u00e9"}, "401 sign-in-without-id_token"),
    "a token with a lone surrogate": ({"id_token": "\ud800"}, "401 sign-in-without-id_token"),
    "what else providers send": ({"session_state": "a", "authuser": "0", "code": "c"}, ALICE),
}


@pytest.mark.parametrize(("changes", "comes"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_counts_or_is_refused(browser: Browser, changes: Changes, comes: str) -> None:
    browser.begin()
    answer = {name: str(value) for name, value in {**answered(browser), **changes}.items() if value is not ABSENT}
    assert ends(browser, answer) == comes


TOKENS: dict[str, tuple[Changes, Changes, MadeIssuer, str]] = {
    "as it should be": ({}, {}, ISSUER, ALICE),
    "without a nonce": ({"nonce": ABSENT}, {}, ISSUER, "401 sign-in-nonce"),
    "with another nonce": ({"nonce": "A" * 43}, {}, ISSUER, "401 sign-in-nonce"),
    "with a nonce that is a list": ({"nonce": ["A"]}, {}, ISSUER, "401 sign-in-nonce"),
    "with a nonce that is nothing": ({"nonce": None}, {}, ISSUER, "401 sign-in-nonce"),
    "for another client": ({"aud": "another"}, {}, ISSUER, "401 token-audience"),
    "for another client too": ({"aud": [CLIENT_ID, "another"]}, {}, ISSUER, "401 token-audience"),
    "for nobody": ({"aud": ABSENT}, {}, ISSUER, "401 token-audience"),
    "got by another client": ({"azp": "another"}, {}, ISSUER, "401 token-client"),
    "got by this client": ({"azp": CLIENT_ID}, {}, ISSUER, ALICE),
    "of another issuer": ({}, {}, STRANGER, "401 token-issuer"),
    "of another issuer in this one's name": ({"iss": ISSUER.url}, {}, STRANGER, "401 token-signature"),
    "of no issuer": ({"iss": ABSENT}, {}, ISSUER, "401 token-issuer"),
    "of an unknown key": ({}, {"kid": "gone"}, ISSUER, "401 unknown-key"),
    "of another algorithm": ({}, {"alg": "RS256"}, ISSUER, "401 token-algorithm"),
    "without a signature": ({}, {"alg": "none"}, ISSUER, "401 token-algorithm"),
    "an access token": ({}, {"typ": "at+jwt"}, ISSUER, "401 token-kind"),
    "an access token by its scope": ({"scope": "openid"}, {}, ISSUER, "401 token-kind"),
    "of another kind": ({}, {"typ": "logout+jwt"}, ISSUER, "401 token-kind"),
    "bound to a key": ({"cnf": {}}, {}, ISSUER, "401 token-bound"),
    "expired": ({"exp": NOW - 31}, {}, ISSUER, "401 token-expired"),
    "not yet valid": ({"iat": NOW + 31}, {}, ISSUER, "401 token-not-yet-valid"),
    "without an end": ({"exp": ABSENT}, {}, ISSUER, "401 token-times"),
    "with a huge end": ({"exp": 10**400}, {}, ISSUER, "401 token-times"),
    "with a negative end": ({"exp": -1}, {}, ISSUER, "401 token-times"),
    "without a required claim": ({"acr": "password"}, {}, ISSUER, "401 token-claim-required"),
    "without a subject": ({"sub": ABSENT}, {}, ISSUER, "401 token-subject"),
    "with a subject that is none": ({"sub": "a b"}, {}, ISSUER, "401 token-subject"),
    "with an address of two lines": ({"email": "a@example.com\r\nX: y"}, {}, ISSUER, "403 email-not-an-address"),
    "without the groups, which are too many": ({"hasgroups": True}, {}, ISSUER, "403 group-overage"),
}


@pytest.mark.parametrize(("claims", "header", "made", "comes"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_proves_a_caller_or_nothing(claims: Changes, header: Changes, made: MadeIssuer, comes: str) -> None:
    browser = Browser(trusted(entry(required={"acr": "mfa"})))
    asked = browser.begin()
    token = id_token(asked["nonce"], {"acr": "mfa"} | dict(claims), header, made)
    assert ends(browser, {"state": asked["state"], "id_token": token}) == comes


KEPT = {"state": "s", "nonce": "n", "verifier": "v", "intent": {}, "at": NOW}
FORMS = {
    **{f"without {name}": {name: ABSENT} for name in KEPT},
    "another state": {"state": "t"},
    "a state that is no text": {"state": 1},
    "a nonce that is nothing": {"nonce": None},
    "a verifier that is nothing": {"verifier": None},
    "an intent that is a list": {"intent": []},
    "a moment that is text": {"at": "now"},
    "a moment with a fraction": {"at": NOW + 0.5},
}


def crafted(changes: Changes, purpose: Purpose = Purpose.SIGN_IN, state: str = "s") -> dict[str, str]:
    """The cookie of a sign-in that a gate sealed in another form."""
    kept = {name: value for name, value in (KEPT | dict(changes)).items() if value is not ABSENT}
    name = f"{COOKIE}-{hashlib.sha256(state.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return {name: seal(purpose, kept, sealing_keys("now"))}


@pytest.mark.parametrize("changes", FORMS.values(), ids=FORMS.keys())
def test_what_another_gate_has_sealed_is_no_sign_in(browser: Browser, changes: Changes) -> None:
    browser.jar = crafted(changes)
    assert ends(browser, {"state": "s", "id_token": id_token("n")}) == ELSEWHERE
    browser.jar = crafted({})
    assert ends(browser, {"state": "s", "id_token": id_token("n")}) == ALICE


HUGE = {"a huge moment": 10**400, "a moment long before time": -(10**400)}


@pytest.mark.parametrize("at", HUGE.values(), ids=HUGE.keys())
def test_a_moment_beyond_all_clocks_is_too_late(browser: Browser, at: int) -> None:
    browser.jar = crafted({"at": at})
    assert ends(browser, {"state": "s", "id_token": id_token("n")}) == "401 sign-in-too-late"


STATES = {"another": "t", "beyond ASCII": "\u00e9", "a lone surrogate": "\ud800"}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_a_cookie_under_the_name_of_another_state_is_of_another_sign_in(browser: Browser, state: str) -> None:
    browser.jar = crafted({}, state=state)
    assert ends(browser, {"state": state, "id_token": id_token("n")}) == ELSEWHERE


@pytest.mark.parametrize("purpose", [Purpose.SESSION, Purpose.CONFIRM])
def test_what_was_sealed_for_another_purpose_is_no_sign_in(browser: Browser, purpose: Purpose) -> None:
    browser.jar = crafted({}, purpose)
    assert ends(browser, {"state": "s", "id_token": id_token("n")}) == ELSEWHERE


def coded(publisher: KeysServer) -> tuple[Browser, Callable[[str], None]]:
    """A browser that signs in by a code, and what lets the provider give a token for it."""
    publisher.answers["/token"] = Told(400, b'{"error": "invalid_grant"}')
    browser = Browser(trusted(by_code(publisher.url)))
    browser.begin()

    def give(token: str) -> None:
        publisher.answers["/token"] = Told(body=json.dumps({"id_token": token}).encode())

    return browser, give


def test_a_code_is_redeemed_with_the_verifier_of_this_sign_in(publisher: KeysServer) -> None:
    browser, give = coded(publisher)
    challenge = browser.asked["code_challenge"]
    give(id_token(browser.asked["nonce"]))
    assert ends(browser, {"state": browser.asked["state"], "code": "a code"}) == ALICE
    (sent,) = (parse_qs(one.decode()) for one in publisher.bodies)
    verifier = sent["code_verifier"][0]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode()
    assert (digest.rstrip("="), sent["code"]) == (challenge, ["a code"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier)
    assert verifier not in {browser.asked["state"], browser.asked["nonce"]}


CODES: dict[str, tuple[dict[str, str], str]] = {
    "no code": ({}, "401 sign-in-without-code"),
    "an empty code": ({"code": ""}, "401 sign-in-without-code"),
    "a code that is too long": ({"code": "a" * 8193}, "401 sign-in-without-code"),
    "a code beyond ASCII": ({"code": "\u00e9"}, "401 sign-in-without-code"),
    "a code with a lone surrogate": ({"code": "\ud800"}, "401 sign-in-without-code"),
    "a token": ({"id_token": id_token("n")}, "401 sign-in-without-code"),
    "an error beside a code": ({"code": "a", "error": "access_denied"}, "401 sign-in-refused-by-provider"),
    "another issuer": ({"code": "a", "iss": STRANGER.url}, "401 sign-in-of-another-provider"),
    "another state": ({"code": "a", "state": "A" * 43}, ELSEWHERE),
}


@pytest.mark.parametrize(("answer", "comes"), CODES.values(), ids=CODES.keys())
def test_nothing_is_redeemed_for_a_bad_answer(publisher: KeysServer, answer: dict[str, str], comes: str) -> None:
    browser, _ = coded(publisher)
    assert ends(browser, {"state": browser.asked["state"]} | answer) == comes
    assert publisher.calls == []


def test_nothing_is_redeemed_too_late(publisher: KeysServer) -> None:
    browser, _ = coded(publisher)
    assert ends(browser, {"state": browser.asked["state"], "code": "a"}, NOW + 300) == "401 sign-in-too-late"
    assert publisher.calls == []


def test_a_code_that_the_provider_does_not_take_proves_nobody(publisher: KeysServer) -> None:
    browser, give = coded(publisher)
    answer = {"state": browser.asked["state"], "code": "a"}
    assert ends(browser, answer) == "401 code-not-redeemed"
    give(id_token("A" * 43))
    assert ends(browser, answer) == "401 sign-in-nonce"
    assert len(publisher.calls) == 2
