"""The stand-in Studio: who gets in, from where, for how long, and what it leaves behind."""

import logging
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from localaws import studio
from localaws.studio_site import door
from tests.site.world import DOMAIN, Aws, World, world

REFUSED = "Auth token containing insufficient permissions"
HOST = f"https://{DOMAIN}.studio.eu-central-1.sagemaker.aws"
SIGN_IN = "/stand-in/sign-in"
# What alice gets by the example's configuration, in seconds.
EXPIRES_IN = 30
SESSION_EXPIRES_IN = 28800


def test_a_url_opens_inside_and_shows_whose_studio_it_is_and_until_when(opened: World) -> None:
    url = opened.launch()["url"]
    redeemed = opened.get(url, opened.site.inside)
    assert (redeemed.status, redeemed.headers["Location"]) == (302, "/")
    page = opened.get(f"{HOST}/", opened.site.inside, redeemed.cookie)
    assert page.status == 200
    assert "Studio (stand-in)" in page.body
    assert DOMAIN in page.body
    assert "<dd>alice</dd>" in page.body
    ends_at = opened.clock() + timedelta(seconds=SESSION_EXPIRES_IN)
    assert any(f"{ends_at - timedelta(seconds=s):%Y-%m-%dT%H:%M:%SZ}" in page.body for s in range(3))


def test_every_page_says_that_it_is_development_equipment_and_may_be_kept_by_nobody(opened: World) -> None:
    url = opened.launch()["url"]
    cookie = opened.get(url, opened.site.inside).cookie
    pages = [
        opened.get(f"{HOST}/", opened.site.inside, cookie),
        opened.get(url, opened.site.internet),
        opened.get(f"{HOST}{SIGN_IN}", opened.site.internet),
        opened.get(url, opened.site.inside, method="POST"),
    ]
    assert [page.status for page in pages] == [200, 403, 200, 501]
    for page in pages:
        assert "development equipment" in page.body
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert "token" not in page.body.replace(REFUSED, "")


@pytest.mark.parametrize("way", ["elsewhere", "internet"])
def test_a_url_does_not_open_from(opened: World, way: str) -> None:
    reply = opened.get(opened.launch()["url"], getattr(opened.site, way))
    assert (reply.status, REFUSED in reply.body) == (403, True)
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("way", ["elsewhere", "internet"])
def test_a_cookie_is_of_no_use_from(opened: World, way: str) -> None:
    cookie = opened.get(opened.launch()["url"], opened.site.inside).cookie
    reply = opened.get(f"{HOST}/", getattr(opened.site, way), cookie)
    assert (reply.status, REFUSED in reply.body) == (403, True)
    assert opened.get(f"{HOST}/", opened.site.inside, cookie).status == 200


TAMPERED: dict[str, Callable[[str], str]] = {
    "another last character": lambda url: url[:-1] + ("A" if url[-1] != "A" else "B"),
    "one character less": lambda url: url[:-1],
    "one character more": lambda url: url + "A",
    "another host of the same region": lambda url: url.replace(DOMAIN, "d-sandbox012345"),
    "the host in capitals": lambda url: url.replace(DOMAIN, DOMAIN.upper()),
    "a port": lambda url: url.replace("/auth", ":443/auth"),
    "another parameter": lambda url: url + "&next=x",
    "the token twice": lambda url: f"{url}&token={parse_qs(urlsplit(url).query)['token'][0]}",
    "the token in capitals": lambda url: url.partition("=")[0] + "=" + url.partition("=")[2].upper(),
    "no token": lambda url: url.partition("?")[0],
    "an empty token": lambda url: url.partition("=")[0] + "=",
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_only_the_url_that_was_minted_opens(opened: World, tamper: Callable[[str], str]) -> None:
    url = opened.launch()["url"]
    reply = opened.get(tamper(url), opened.site.inside)
    assert (reply.status, REFUSED in reply.body) == (403, True)
    assert opened.get(url, opened.site.inside).status == 302


def test_a_url_of_another_call_is_none_of_studio(aws: None, session: boto3.Session) -> None:
    studio.seed(studio.TrackingServer("server"), account_id="123456789012", region="eu-central-1")
    client = Aws(session).client("sagemaker")
    url = client.create_presigned_mlflow_tracking_server_url(TrackingServerName="server")["AuthorizedUrl"]
    host, target = url.removeprefix("https://").split("/", 1)
    with world() as opened:
        visit = door.Visit(host, f"/{target}", "", opened.enforced.paths.studio)
        assert door.Studio(opened.enforced, opened.clock, session_policy_counts=True).answer(visit).status == 403


def test_a_url_that_no_session_of_the_minting_role_made_does_not_open(aws: None, session: boto3.Session) -> None:
    mint = {"DomainId": "d-own", "UserProfileName": "alice"}
    studio.seed(studio.Domain("d-own", user_profiles=(studio.UserProfile("alice"),)), region="eu-central-1")
    url = Aws(session).client("sagemaker").create_presigned_domain_url(**mint)["AuthorizedUrl"]
    with world() as opened:
        assert opened.get(url, opened.site.inside).status == 403


EXPIRY = {
    "at once": (0, "url", 302, "/"),
    "a second before the end": (EXPIRES_IN - 2, "url", 302, "/"),
    "at the end": (EXPIRES_IN, "url", 302, SIGN_IN),
    "an hour late": (3600, "url", 302, SIGN_IN),
    "at the end of a shortened one": (10, "url-shortened", 302, SIGN_IN),
}


@pytest.mark.parametrize(("ahead", "event", "status", "leads_to"), EXPIRY.values(), ids=EXPIRY.keys())
def test_a_url_opens_until_it_expires(opened: World, ahead: int, event: str, status: int, leads_to: str) -> None:
    url = opened.launch(event)["url"]
    opened.clock.ahead = timedelta(seconds=ahead)
    reply = opened.get(url, opened.site.inside)
    assert (reply.status, reply.headers["Location"]) == (status, leads_to)
    assert ("Set-Cookie" in reply.headers) == (leads_to == "/")


def test_an_expired_url_says_nothing_to_the_internet(opened: World) -> None:
    url = opened.launch()["url"]
    opened.clock.ahead = timedelta(hours=1)
    assert opened.get(url, opened.site.internet).status == 403


SESSIONS = {
    "as configured": ("url", SESSION_EXPIRES_IN),
    "as the caller shortened it": ("url-shortened", 1800),
}


@pytest.mark.parametrize(("event", "seconds"), SESSIONS.values(), ids=SESSIONS.keys())
def test_a_session_lasts(opened: World, event: str, seconds: int) -> None:
    redeemed = opened.get(opened.launch(event)["url"], opened.site.inside)
    attributes = redeemed.headers["Set-Cookie"].split("; ")[1:]
    assert sorted(attributes) == ["HttpOnly", f"Max-Age={seconds}", "Path=/", "SameSite=Lax", "Secure"]
    opened.clock.ahead = timedelta(seconds=seconds - 5)
    assert opened.get(f"{HOST}/", opened.site.inside, redeemed.cookie).status == 200
    opened.clock.ahead = timedelta(seconds=seconds)
    over = opened.get(f"{HOST}/", opened.site.inside, redeemed.cookie)
    assert (over.status, over.headers["Location"]) == (302, SIGN_IN)
    assert "Sign-in (stand-in)" in opened.get(f"{HOST}{SIGN_IN}", opened.site.inside).body


NO_SESSION = {
    "no cookie": None,
    "a cookie that nobody made": f"{door.COOKIE}=guess",
    "an empty cookie": f"{door.COOKIE}=",
    "a cookie that is none": "=;;,",
}


@pytest.mark.parametrize("cookie", NO_SESSION.values(), ids=NO_SESSION.keys())
def test_without_a_session_there_is_the_sign_in_page(opened: World, cookie: str | None) -> None:
    opened.get(opened.launch()["url"], opened.site.inside)
    reply = opened.get(f"{HOST}/", opened.site.inside, cookie)
    assert (reply.status, reply.headers["Location"]) == (302, SIGN_IN)


def test_a_cookie_opens_no_other_domain(opened: World) -> None:
    cookie = opened.get(opened.launch()["url"], opened.site.inside).cookie
    reply = opened.get(f"{HOST.replace(DOMAIN, 'd-sandbox012345')}/", opened.site.inside, cookie)
    assert (reply.status, reply.headers["Location"]) == (302, SIGN_IN)


def test_the_secrets_are_written_nowhere(
    opened: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        url = opened.launch()["url"]
        redeemed = opened.get(url, opened.site.inside)
        opened.get(url, opened.site.internet)
        opened.get(url, opened.site.inside, method="BREW")
        opened.get(f"{HOST}/", opened.site.inside, redeemed.cookie)
        opened.get(f"{HOST}/", opened.site.elsewhere, redeemed.cookie)
        shown = repr(door.Visit(HOST, url, redeemed.cookie, None)) + repr(door.Answer(302, headers=redeemed.headers))
    written = capfd.readouterr()
    (token,) = parse_qs(urlsplit(url).query)["token"]
    value = redeemed.cookie.partition("=")[2]
    assert "not authorized" not in caplog.text
    assert "refused" in caplog.text
    assert not [one for one in (token, value) if one in written.out + written.err + caplog.text + shown]
