"""What a browser keeps for the gate stays small, says one thing, and is nobody else's."""

import pytest

from tests.studio_gate.web import ALICE, BOB, COOKIE, LINKED, TYPED, Web, landed

LONGEST_LAUNCH = f"/open/research?profile={'a' * 63}&expires_in=300&session_expires_in=43200"
# API Gateway quotas, "total combined size of request line and header values": 10,240 bytes.
ENOUGH = 6_000


def test_another_site_that_begins_many_sign_ins_locks_nobody_out(web: Web) -> None:
    browser = web()
    for _ in range(12):
        begun = browser.get(LONGEST_LAUNCH, LINKED)
        assert landed(begun) == "sign in"
        assert sum(len(f"{name}={value}; ") for name, value in browser.jar.items()) < ENOUGH
    assert browser.come_back(begun, ALICE).status == 403  # no profile of that name
    assert COOKIE in browser.jar


def test_five_tabs_sign_in_side_by_side(web: Web) -> None:
    browser = web()
    begun = [browser.get("/open/research") for _ in range(5)]
    for one in reversed(begun):
        assert landed(browser.come_back(one)) == "studio"
    assert list(browser.jar) == [COOKIE]


@pytest.mark.parametrize(
    "name", ["r" * 33, "a" * 5_000, "Research", "research\n", "-", "研究", "\ud800", "../research"]
)
def test_what_can_be_no_destination_is_kept_in_no_cookie(web: Web, name: str) -> None:
    browser = web()
    event = browser.event("GET", "/open/x", TYPED) | {"pathParameters": {"destination": name}}
    reply = browser.send(event)
    assert (reply.status, reply.cookies, reply.audit["reason"]) == (403, (), "unknown-destination")


def test_all_that_a_person_of_many_names_brings_stays_small(web: Web) -> None:
    groups = {f"/{'g' * 60}/{number}": f"{'g' * 60}-{number}" for number in range(10)} | {
        "/data-science": "data-science"
    }
    browser = web(groups=groups)
    who = {"name": "N" * 128, "email": f"{'m' * 64}@{'d' * 60}.example.com", "groups": list(groups)}
    first = browser.get("/open")
    browser.come_back(first, **who)
    asked = browser.get("/open/research?profile=alice&expires_in=60&session_expires_in=43200", LINKED)
    assert landed(asked) == "confirm page"
    for _ in range(4):
        browser.get("/signin")
    cookies = sum(len(f"{name}={value}; ") for name, value in browser.jar.items())
    assert cookies + len(asked.body.partition('value="')[2].partition('"')[0]) < ENOUGH
    assert all(len(f"{name}={value}") < 4096 for name, value in browser.jar.items())
    assert landed(browser.press(asked, "Open")) == "studio"


def test_too_much_to_keep_is_told_and_signs_nobody_in(web: Web) -> None:
    groups = {f"/{number}": f"{'g' * 120}-{number}" for number in range(30)}
    browser = web(groups=groups)
    reply = browser.come_back(browser.get("/open"), groups=list(groups))
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, "too-much-to-seal", ())
    assert COOKIE not in browser.jar


def test_two_session_cookies_are_none(web: Web) -> None:
    alice = web()
    bob = alice.another()
    alice.sign_in(ALICE)
    bob.sign_in(BOB)
    pairs = [f"{COOKIE}={one.jar[COOKIE]}" for one in (alice, bob)]
    for sent in ("; ".join(pairs), pairs, ";".join([pairs[0], pairs[0]]), f"{pairs[0]}; {COOKIE}="):
        reply = alice.another().get("/open", TYPED | {"cookie": sent})
        assert (landed(reply), reply.audit["caller"], reply.mints) == ("sign in", None, ())


SPELLINGS = ["__host-studio-gate", "__HOST-STUDIO-GATE", " __Host-studio-gate2", "studio-gate", "__Secure-studio-gate"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_cookie_of_another_name_is_none(web: Web, name: str) -> None:
    browser = web()
    browser.sign_in()
    reply = browser.get("/open", TYPED | {"cookie": f"{name}={browser.jar[COOKIE]}"})
    assert (landed(reply), reply.mints) == ("sign in", ())
