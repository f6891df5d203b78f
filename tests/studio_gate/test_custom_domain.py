"""Under a private custom domain name no address has the stage in it: whatever the gate writes, a person can follow."""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from localaws import example
from studio_gate.handler import _ROUTES
from tests.conftest import Reply, Send
from tests.studio_gate.pages_read import read_page
from tests.studio_gate.web import (
    CAROL,
    CLICKED,
    COOKIE,
    ELSEWHERE,
    HOST,
    LINKED,
    ORIGIN,
    TYPED,
    Browser,
    Web,
    landed,
    location,
)

# A profile is made once.
EVENTS = sorted(path.stem for path in example.EVENTS.glob("*.json") if not path.stem.endswith("profile-made"))
# Where people are sent depends on the name that they asked for; a program's answer does not.
OF_PEOPLE = {"/", "/me", "/open", "/open/{destination}", "/signin", "/signin/callback", "/signout"}
BASES = {"a custom domain name": ORIGIN, "the stage in the path": f"{ORIGIN}/gate"}


def _shaped(event: dict[str, Any], path: str, asked: str, host: str) -> dict[str, Any]:
    event["path"] = path
    event["requestContext"] |= {"path": asked, "domainName": host, "domainPrefix": host.partition(".")[0]}
    for name in ("headers", "multiValueHeaders"):
        event[name] |= {"Host": host if name == "headers" else [host]}
    return event


def _told(reply: Reply) -> tuple[object, ...]:
    """What an answer comes to; two of the same request have other tokens, URLs and times."""
    cookies = [one.partition("=")[0].rpartition("-")[0] for one in reply.cookies]
    said = {name: reply.audit[name] for name in ("outcome", "reason", "caller", "destination", "profile", "route")}
    return reply.status, location(reply).partition("?")[0], len(reply.mints), cookies, said


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_answered_alike_with_and_without_the_stage_in_its_path(send: Send, name: str) -> None:
    event = example.event(name)
    path, host = event["path"], event["requestContext"]["domainName"]
    # The API's own name; a custom domain name that leads to the stage, without a path and with one.
    shapes = [(path, f"/gate{path}"), (path, path), (f"/studio{path}", f"/studio{path}")]
    hosts = [host] if event["resource"] in OF_PEOPLE else [ELSEWHERE, HOST]
    told = [_told(send(_shaped(example.event(name), *shape, one))) for shape in shapes for one in hosts]
    assert told == [_told(send(event))] * len(told)


def _addresses(reply: Reply) -> list[str]:
    """Every address of the gate that an answer holds: where it sends a browser, what can be clicked, what is read."""
    found = [location(reply), reply.headers.get("Refresh", "").partition("url=")[2]]
    if reply.headers.get("Content-Type", "").startswith("text/html"):
        page = read_page(reply.body)
        found += [str(href) for _, href in page.links] + [form.action for form in page.forms]
        found += re.findall(rf"{re.escape(ORIGIN)}[^\s\"'<>&]*", reply.body)
    return [one.removeprefix(ORIGIN) for one in found if one.startswith(("/", ORIGIN))]


def _route(path: str) -> str:
    path = urlsplit(path).path
    return "/open/{destination}" if path.startswith("/open/") else path


def _journey(browser: Browser) -> list[Reply]:
    """Everything that people meet, from a bookmark to the end of a session."""
    begun = browser.get("/open/research?profile=alice")
    came = browser.come_back(begun)
    portal = browser.get("/")
    asked = browser.get("/open/research", LINKED)
    opened = browser.press(asked, "Open")
    assert [landed(one) for one in (begun, came, asked, opened)] == ["sign in", "studio", "confirm page", "studio"]
    other = browser.another()
    empty = other.come_back(other.get("/"), CAROL, groups=["/staff"])
    nothing = [other.get("/", CLICKED), other.get("/?ended=1"), other.get("/?q=x", CLICKED), other.get("/signin")]
    failed = [browser.get("/open/nowhere"), browser.get("/open?color=red"), browser.another().get("/?q=x")]
    elsewhere = [browser.get(path, TYPED, host=ELSEWHERE) for path in ("/", "/signin", "/open", "/open/research")]
    return [begun, came, portal, asked, opened, empty, *nothing, *failed, *elsewhere, browser.press(portal, "Sign out")]


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_every_address_that_the_gate_writes_leads_to_one_of_its_routes(web: Web, base: str) -> None:
    prefix, found = base.removeprefix(ORIGIN), set()
    for reply in _journey(web(public_url=base)):
        assert "execute-api" not in reply.body + location(reply)
        found |= set(_addresses(reply))
    assert all(one.startswith(f"{prefix}/") for one in found)
    routes = {_route(one.removeprefix(prefix)) for one in found}
    assert routes <= _ROUTES.keys()
    assert routes >= {"/", "/open", "/open/{destination}", "/signin", "/signout"}


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_the_provider_sends_people_back_to_the_public_url(web: Web, base: str) -> None:
    asked = parse_qs(urlsplit(location(web(public_url=base).get("/signin"))).query)
    assert asked["redirect_uri"] == [f"{base}/signin/callback"]


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_what_the_portal_offers_can_be_bookmarked(web: Web, base: str) -> None:
    browser = web(public_url=base)
    browser.sign_in()
    links = [str(href) for _, href in read_page(browser.get("/").body).links]
    bookmarks = [one for one in links if "/open/" in one]
    assert f"{base.removeprefix(ORIGIN)}/open/research" in bookmarks
    for one in bookmarks:
        path = unquote(one.removeprefix(base.removeprefix(ORIGIN)))
        reply = browser.get(path)
        assert reply.audit["route"] == "/open/{destination}"
        assert (reply.status, len(reply.mints)) == (303, 1), path
    assert len(bookmarks) > 1


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_cookies_are_for_the_whole_host_whatever_its_path(web: Web, base: str) -> None:
    browser = web(public_url=base)
    replies = [begun := browser.get("/open/research"), browser.come_back(begun), browser.get("/signin")]
    cookies = [one for reply in replies for one in reply.cookies]
    assert {one.partition("=")[0].partition("-studio-gate-")[0] for one in cookies} == {"__Host", COOKIE}
    for one in cookies:
        assert [part for part in one.split("; ")[1:] if part.startswith(("Path", "Domain"))] == ["Path=/"]
