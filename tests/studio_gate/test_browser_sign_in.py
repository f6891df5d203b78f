"""From a launch to sign-in and back to the same launch, as quickly as it was meant and no quicker."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import (
    ALICE,
    AUTHORIZE,
    CAROL,
    CLICKED,
    COOKIE,
    END_SESSION,
    FROM_PROVIDER,
    LINKED,
    ORIGIN,
    STRANGER,
    STUDIO,
    TYPED,
    Headers,
    Web,
    landed,
    location,
)
from tests.upstream_server import Told, Upstream, minted, sagemaker_error

WHOLE = "/open/research?profile=alice&expires_in=20&session_expires_in=3600"
MEANT = {"UserProfileName": "alice", "ExpiresInSeconds": 20, "SessionExpirationDurationInSeconds": 3600}
SILENT: Headers = {}
STARTS = {
    "typed": (TYPED, "studio"),
    "a page of the gate": (CLICKED, "studio"),
    "a page of the same site": (TYPED | {"sec-fetch-site": "same-site"}, "studio"),
    "a page of another site": (LINKED, "confirm page"),
    "a listed page of another site": (LINKED | {"referer": "https://intranet.corp.example/"}, "studio"),
    "a browser that does not say": (SILENT, "confirm page"),
}


@pytest.mark.parametrize(("headers", "end"), STARTS.values(), ids=STARTS.keys())
def test_a_sign_in_comes_back_to_the_launch_that_it_began_with(web: Web, headers: Headers, end: str) -> None:
    browser = web(launch_origins=["https://intranet.corp.example"])
    begun = browser.get(WHOLE, headers)
    assert (begun.status, begun.body, begun.mints, len(begun.cookies)) == (303, "", (), 1)
    assert location(begun).startswith(f"{AUTHORIZE}?client_id=gate-web&")
    reply = browser.come_back(begun)
    assert (landed(reply), len(reply.mints), list(browser.jar)) == (end, int(end == "studio"), [COOKIE])
    launched = reply if end == "studio" else browser.press(reply, "Open")
    assert location(launched).startswith(f"{STUDIO}/auth?token=")
    (mint,) = launched.mints
    assert {name: mint.parameters[name] for name in MEANT} == MEANT
    assert (launched.audit["proof"], launched.audit["caller"]) == ("session", f"web:{ALICE}")


COOKIES = {"form_post": ("None", "id_token"), "code": ("Lax", "code")}


@pytest.mark.parametrize("flow", COOKIES)
def test_a_sign_in_is_kept_by_the_browser_that_began_it(web: Web, flow: str) -> None:
    token_endpoint = {"token_endpoint": "https://login.example.com/tenant/token"} if flow == "code" else {}
    begun = web(flow=flow, **token_endpoint).get("/open")
    same_site, kind = COOKIES[flow]
    (cookie,) = begun.cookies
    assert cookie.startswith(f"{COOKIE}-")
    assert cookie.endswith(f"; Path=/; Secure; HttpOnly; SameSite={same_site}; Max-Age=300")
    asked = parse_qs(urlsplit(location(begun)).query)
    assert (asked["response_type"], asked["redirect_uri"]) == ([kind], [f"{ORIGIN}/signin/callback"])
    assert "alice" not in location(begun)


def test_the_page_that_asks_says_what_and_for_whom(web: Web) -> None:
    browser = web(end_session_endpoint=END_SESSION)
    browser.sign_in(name="Alice <b>Liddell")
    asked = browser.get(WHOLE, LINKED)
    read = read_page(asked.body)
    assert (read.one("h1").text, read.one("small").text) == ("Open Research as Alice <b>Liddell?", "User profile alice")
    assert [(one.label, one.action) for one in read.forms] == [("Open", "/open"), ("Sign out", "/signout")]
    targets = f"form-action 'self' {STUDIO} https://bye.example.com;"
    assert targets in asked.headers["Content-Security-Policy"]
    assert len(asked.body) < 6_000


REFUSED = {
    "a profile of somebody else": ("/open/research?profile=bob", ALICE, "not-own-profile"),
    "a destination that is not there": ("/open/production", ALICE, "unknown-destination"),
    "a destination that no policy opens": ("/open/sandbox", CAROL, "no-permit"),
    "a person without a profile": ("/open", STRANGER, "no-profile"),
}


@pytest.mark.parametrize("headers", [TYPED, LINKED], ids=["typed", "linked"])
@pytest.mark.parametrize(("path", "who", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_a_page_before_any_question(
    web: Web, path: str, who: str, reason: str, headers: Headers
) -> None:
    browser = web()
    first = browser.come_back(browser.get(path, headers), who)
    for reply in (first, browser.get(path, headers)):
        assert (reply.status, landed(reply), reply.mints) == (403, "refused", ())
        assert (reply.audit["outcome"], reply.audit["caller"]) == ("refused", f"web:{who}")
        assert reply.audit["reason"] == reason
        assert read_page(reply.body).forms == []
    assert list(browser.jar) == [COOKIE]


def test_every_refusal_reads_the_same(web: Web) -> None:
    browser = web()
    browser.sign_in()
    pages = {browser.get(path).body for path in ("/open/production", "/open/research?profile=bob", "/open/sandbox")}
    assert len(pages) == 1


def test_a_parameter_that_is_wrong_is_named(web: Web) -> None:
    reply = web().get("/open/research?expires_in=4&rd=//evil.example")
    assert (reply.status, reply.cookies) == (400, ())
    assert read_page(reply.body).texts("p")[1:3] == [
        "expires_in must be a whole number of seconds from 5 to 300.",
        "rd is not a parameter of this route.",
    ]


FAULTS = {
    "SageMaker throttles": (sagemaker_error("ThrottlingException"), 429, "5"),
    "SageMaker is broken": (Told(500, "upstream-canary"), 503, "10"),
    "SageMaker answers for another host": (minted("https://evil.example/upstream-canary"), 502, None),
}


@pytest.mark.parametrize(("told", "status", "wait"), FAULTS.values(), ids=FAULTS.keys())
def test_a_service_that_fails_is_a_page_in_the_table_s_words(
    web: Web,
    aws_url: str,
    server: Upstream,
    monkeypatch: pytest.MonkeyPatch,
    told: Told,
    status: int,
    wait: str | None,
) -> None:
    with monkeypatch.context() as before:
        before.setenv("AWS_ENDPOINT_URL", aws_url)
        browser = web()
        browser.sign_in()
    server.sagemaker = told
    reply = browser.get("/open")
    assert (reply.status, reply.headers.get("Retry-After"), location(reply)) == (status, wait, "")
    assert "canary" not in reply.body
    assert read_page(reply.body).one("small").text == f"Request {reply.audit['request_id']}"


def test_signing_in_alone_ends_at_the_portal(web: Web) -> None:
    browser = web()
    begun = browser.get("/signin", LINKED)
    ended = browser.come_back(begun, name="Alice Liddell")
    assert (ended.status, location(ended)) == (303, f"{ORIGIN}/?ended=1")
    kept = browser.get("/?ended=1", LINKED)
    # An address that is good another day, too.
    assert (kept.status, location(kept)) == (303, f"{ORIGIN}/")
    reply = browser.get("/", LINKED)
    assert (reply.status, read_page(reply.body).one("h1").text, reply.mints) == (200, "What you can open", ())
    assert landed(browser.get("/open", CLICKED)) == "studio"


@pytest.mark.parametrize("query", ["ended=1", "q=research"])
def test_a_browser_that_does_not_keep_the_session_goes_round_in_no_circle(web: Web, query: str) -> None:
    reply = web().get(f"/?{query}", LINKED)
    assert (reply.status, reply.audit["reason"], location(reply)) == (401, "session-not-kept", "")
    assert read_page(reply.body).links == [("Sign in again", "/signin")]


@pytest.mark.parametrize("query", ["ended=1", "after=/open"])
def test_signing_in_takes_no_parameter(web: Web, query: str) -> None:
    assert web().get(f"/signin?{query}").status == 400


def test_whoever_is_signed_in_has_no_need_to_sign_in(web: Web) -> None:
    browser = web(public_url=f"{ORIGIN}/gate")
    browser.sign_in()
    assert location(browser.get("/signin")) == f"{ORIGIN}/gate/"


def test_a_sign_in_that_fails_is_a_page_that_begins_another(web: Web) -> None:
    browser = web(public_url=f"{ORIGIN}/gate")
    answer = browser.answer(browser.get(WHOLE)) | {"error": "access_denied", "error_description": "canary <b>"}
    reply = browser.post("/signin/callback", answer, FROM_PROVIDER)
    assert (reply.status, reply.audit["reason"]) == (401, "sign-in-refused-by-provider")
    # Once: the same answer finds nothing that it could end.
    assert browser.jar == {}
    again = browser.post("/signin/callback", answer, FROM_PROVIDER)
    assert (again.status, again.audit["reason"], again.cookies) == (401, "sign-in-of-another-browser", ())
    assert "canary" not in reply.body + reply.written
    assert read_page(reply.body).links == [("Sign in again", "/gate/signin")]


@pytest.mark.parametrize("there", [None, END_SESSION])
def test_signing_out_ends_the_session_here_and_at_the_provider_if_it_can(web: Web, there: str | None) -> None:
    browser = web(**({} if there is None else {"end_session_endpoint": there}))
    browser.sign_in()
    reply = browser.post("/signout", {})
    assert reply.cookies == (f"{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",)
    assert (reply.status, location(reply)) == ((200, "") if there is None else (303, f"{there}?client_id=gate-web"))
    assert (reply.audit["caller"], browser.jar) == (f"web:{ALICE}", {})
    assert landed(browser.get("/open")) == "sign in"


def test_a_session_in_use_does_not_seem_idle_and_ends_all_the_same(web: Web) -> None:
    browser = web(idle=300, lifetime=600)
    browser.sign_in()
    first = browser.jar[COOKIE]
    browser.clock.now += 59
    assert (browser.get("/open").cookies, browser.jar[COOKIE]) == ((), first)
    browser.clock.now += 1
    (renewed,) = browser.get("/open", LINKED).cookies
    assert renewed.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600")
    for seconds in (240, 299):
        browser.clock.now += seconds
        assert landed(browser.get("/open")) == "studio"
    browser.clock.now += 1
    assert landed(browser.get("/open")) == "sign in"


def test_a_session_that_is_idle_ends(web: Web) -> None:
    browser = web(idle=300)
    browser.sign_in()
    browser.clock.now += 300
    assert landed(browser.get("/open")) == "sign in"
