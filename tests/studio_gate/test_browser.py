"""People with a browser: they sign in, come back to what they meant to open, are asked, and sign out."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from studio_gate import browser as browser_routes
from studio_gate import handler
from tests.conftest import Reply, Send
from tests.studio_gate.builders import signatures_alone, toml
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import (
    CLICKED,
    COOKIE,
    ELSEWHERE,
    FORM,
    HOST,
    LINKED,
    ORIGIN,
    TYPED,
    Browser,
    Headers,
    Web,
    delete_sealing_keys,
    landed,
    location,
)


@pytest.mark.parametrize("base", ["https://studio.corp.example", "https://studio.corp.example/gate"])
def test_the_buttons_of_the_page_that_asks_do_what_they_say(web: Web, base: str) -> None:
    browser = web(public_url=base)
    browser.sign_in()
    asked = browser.get("/open/research?profile=alice&expires_in=20", LINKED)
    assert (landed(asked), asked.mints) == ("confirm page", ())
    opened = browser.press(asked, "Open")
    assert (landed(opened), len(opened.mints), opened.body) == ("studio", 1, "")
    assert opened.headers["Referrer-Policy"] == "no-referrer"
    assert browser.press(asked, "Sign out").status == 200
    assert browser.jar == {}


OWN_FORM = CLICKED | {"origin": ORIGIN, "content-type": FORM}
FAILURES: dict[str, tuple[Callable[[Browser], Reply], int, str]] = {
    "a method that the route does not take": (lambda one: one.ask("PUT", "/open", TYPED), 405, "method"),
    "a HEAD of a link checker": (lambda one: one.ask("HEAD", "/open", TYPED), 405, "method"),
    "a sign-out that somebody typed": (lambda one: one.get("/signout"), 405, "method"),
    "a body that is no form": (
        lambda one: one.ask("POST", "/open", OWN_FORM | {"content-type": "text/plain"}, body="token=x"),
        400,
        "malformed-parameter: body",
    ),
    "headers of another shape": (
        lambda one: one.ask("GET", "/open", TYPED, multiValueHeaders=["cookie"]),
        403,
        "not-an-event-of-the-private-api",
    ),
}


@pytest.mark.parametrize(("ask", "status", "reason"), FAILURES.values(), ids=FAILURES.keys())
def test_a_person_reads_a_page_also_of_what_fails_before_the_route_answers(
    web: Web, ask: Callable[[Browser], Reply], status: int, reason: str
) -> None:
    check_page_of_a_failure(ask(web()), status, reason)


def check_page_of_a_failure(reply: Reply, status: int, reason: str) -> None:
    """It is a page with the request id, it gives away nothing and nothing was minted."""
    assert (reply.status, reply.audit["reason"], reply.mints) == (status, reason, ())
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    page = read_page(reply.body)
    assert page.one("small").text == f"Request {reply.audit['request_id']}"
    assert (page.odd, reply.cookies, "Location" in reply.headers) == ([], (), False)


def test_a_page_says_what_failed_unforeseen_but_not_how(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(visit: browser_routes.Visit) -> None:
        raise KeyError("canary")

    monkeypatch.setattr(browser_routes, "ROUTES", {"open": broken})
    reply = web().get("/open")
    assert reply.audit["reason"].startswith("KeyError at test_browser.py:")
    check_page_of_a_failure(reply, 500, reply.audit["reason"])
    assert "canary" not in reply.body + reply.written


def test_a_configuration_that_cannot_be_used_is_a_page_too(web: Web) -> None:
    browser = web(idle=86400, lifetime=300)
    reply = browser.get("/open")
    assert "idle must not be over lifetime" in reply.audit["reason"]
    assert "lifetime" not in reply.body
    check_page_of_a_failure(reply, 503, reply.audit["reason"])


def test_without_sign_in_nothing_is_for_people(
    web: Web, send: Send, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    event = web().event("GET", "/open", TYPED)
    (tmp_path / "gate.toml").write_text(toml(signatures_alone()), encoding="utf-8")
    handler.gate.cache_clear()
    check_page_of_a_failure(send(event), 403, "no-sign-in")


ASKED = "profile=alice&expires_in=20&session_expires_in=3600"
# What a path says, and how the public URL says it.
PLACES = {
    "the default": ("/open", "/open"),
    "a destination": ("/open/research", "/open/research"),
    "a whole launch": (f"/open/research?{ASKED}", f"/open/research?{ASKED}"),
    "a slash in the destination": ("/open/%2F%2Fevil.example", "/open/%2F%2Fevil.example"),
    "dots and backslashes": ("/open/..%2f..%5c@evil", "/open/..%2F..%5C%40evil"),
    "a query in the destination": ("/open/a%3Fprofile=bob%23", "/open/a%3Fprofile%3Dbob%23"),
    "a new line": ("/open/a%0d%0aSet-Cookie: a=b", "/open/a%0D%0ASet-Cookie%3A%20a%3Db"),
    "another script": ("/open/研究", "/open/%E7%A0%94%E7%A9%B6"),
    "signing in": ("/signin", "/signin"),
    "the portal": ("/", "/"),
}


@pytest.mark.parametrize("base", [ORIGIN, f"{ORIGIN}/gate", f"{ORIGIN}:8443/gate/"])
@pytest.mark.parametrize("headers", [TYPED, LINKED, {}], ids=["typed", "linked", "silent"])
def test_another_name_of_the_gate_sends_to_the_same_launch_at_the_public_url(
    web: Web, base: str, headers: Headers
) -> None:
    browser = web(public_url=base)
    for why, (path, there) in PLACES.items():
        reply = browser.get(path, headers, host=ELSEWHERE)
        assert (reply.status, reply.cookies, reply.mints) == (303, (), ()), why
        assert location(reply) == base.removesuffix("/") + there, why


def test_the_name_of_the_public_url_is_known_whatever_its_port_and_case(web: Web) -> None:
    browser = web(public_url=f"{ORIGIN}:8443/gate")
    assert landed(browser.get("/open")) == "sign in"
    assert landed(browser.get("/open", host=HOST.upper())) == "sign in"


def test_another_name_tells_nobody_apart(web: Web) -> None:
    browser = web()
    browser.sign_in()
    cookies = TYPED | {"cookie": f"{COOKIE}={browser.jar[COOKIE]}"}
    for host in (ELSEWHERE, "", None, f"{HOST}.evil.example", f"evil{HOST}", f"{HOST}."):
        reply = browser.get("/open", cookies, host=host)
        assert (landed(reply), reply.audit["caller"], reply.mints) == ("public url", None, ())


@pytest.mark.parametrize("url", ["https://Studio.corp.example", f"{ORIGIN}:443/gate"])
def test_a_public_url_is_written_as_browsers_write_its_origin(web: Web, url: str) -> None:
    assert "public_url must have its host in lower case" in web(public_url=url).get("/open").audit["reason"]


def test_a_listed_origin_is_written_as_browsers_write_it(web: Web) -> None:
    reply = web(launch_origins=["https://intranet.corp.example:443"]).get("/open")
    assert "launch_origins.0: is not an https origin" in reply.audit["reason"]


def test_signing_out_needs_no_keys(web: Web) -> None:
    browser = web()
    browser.sign_in()
    handler.gate.cache_clear()
    delete_sealing_keys()
    assert browser.get("/open").audit["reason"] == "secret-unreachable"
    assert (browser.post("/signout", {}).status, browser.jar) == (200, {})


BODIES: dict[str, tuple[dict[str, object], str]] = {
    "in base64": ({"body": base64.b64encode(b"token=x").decode(), "isBase64Encoded": True}, "not-asked"),
    "no field": ({"body": ""}, "not-asked"),
    "no body": ({"body": None}, "not-asked"),
    "a field that is given twice": ({"body": "token=x&token=x"}, "not-asked"),
    "a field more than are read": ({"body": "&".join(f"f{one}=x" for one in range(17))}, "malformed-parameter: body"),
    "base64 that is none": ({"body": "token=x", "isBase64Encoded": True}, "malformed-parameter: body"),
    "base64 of other letters": ({"body": "tök=", "isBase64Encoded": True}, "malformed-parameter: body"),
    "bytes of no encoding": ({"body": "token=%ff%fe"}, "malformed-parameter: body"),
    "letters that are not ASCII": ({"body": "token=é"}, "malformed-parameter: body"),
    "half a surrogate pair": ({"body": "token=\ud800"}, "malformed-parameter: body"),
    "no form": ({"body": '{"token": "x"}'}, "malformed-parameter: body"),
    "a list": ({"body": ["token=x"]}, "malformed-parameter: body"),
}


@pytest.mark.parametrize(("body", "reason"), BODIES.values(), ids=BODIES.keys())
def test_a_body_is_a_form_or_nothing(web: Web, body: dict[str, object], reason: str) -> None:
    browser = web()
    browser.sign_in()
    check_page_of_a_failure(
        browser.ask("POST", "/open", OWN_FORM, **body), 401 if reason == "not-asked" else 400, reason
    )


TYPES: list[str | list[str]] = [
    "",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/json",
    f"{FORM}x",
    [FORM] * 2,
]


@pytest.mark.parametrize("kind", [*TYPES, []])
def test_a_form_says_that_it_is_one(web: Web, kind: str | list[str]) -> None:
    browser = web()
    reply = browser.ask("POST", "/open", OWN_FORM | {"content-type": kind}, body="token=x")
    check_page_of_a_failure(reply, 400, "malformed-parameter: body")
