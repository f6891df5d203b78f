"""No page, preview, prefetch or crawler opens anything: a URL is minted when a person meant it, and only then."""

from itertools import product

import pytest

from tests.studio_gate.web import (
    CLICKED,
    LINKED,
    ORIGIN,
    TYPED,
    Browser,
    Headers,
    Web,
    landed,
)

# Everything that a browser may say of where a request comes from, how, and what for; None is not a word.
SITES = {
    "typed": "none",
    "a page of the gate": "same-origin",
    "a page of the same site": "same-site",
    "a page of another site": "cross-site",
    "a browser that does not say": None,
    "a word that nobody knows": "same-planet",
    "a word in capitals": "NONE",
    "an empty word": "",
    "two words that differ": ["none", "cross-site"],
    "a word given twice": ["same-origin", "same-origin"],
    "two words in one header": "none, cross-site",
}
MODES = ("navigate", "cors", "no-cors", "same-origin", "websocket", None)
DESTINATIONS = ("document", "iframe", "frame", "embed", "object", "image", "script", "style", "font", "empty", None)
USERS = ("?1", None)


def expected(site: object, mode: object, dest: object, *, signed_in: bool) -> str:
    """What must come of it, by rules of its own: the oracle."""
    # Who does not say where it comes from is not believed about the rest, and asked.
    shows_what_it_is = site is not None
    opened_by_a_person = mode == "navigate" and dest == "document"
    if shows_what_it_is and not opened_by_a_person:
        return "refused"
    if not signed_in:
        return "sign in"
    return "studio" if site in ("none", "same-origin", "same-site") else "confirm page"


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "not signed in"])
@pytest.mark.parametrize("site", SITES.values(), ids=SITES.keys())
def test_whatever_a_browser_says_only_what_a_person_meant_launches(
    web: Web, site: str | list[str] | None, *, signed_in: bool
) -> None:
    browser = web()
    if signed_in:
        browser.sign_in()
    wrong = {}
    for mode, dest, user in product(MODES, DESTINATIONS, USERS):
        said = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest, "sec-fetch-user": user}
        reply = browser.get("/open", {name: value for name, value in said.items() if value is not None})
        came, wanted = landed(reply), expected(site, mode, dest, signed_in=signed_in)
        if (came, len(reply.mints)) != (wanted, int(wanted == "studio")):
            wrong[mode, dest, user] = came, wanted, len(reply.mints)
    assert wrong == {}


# Chromium and Safari, older Chromium, Firefox, older Safari; and whatever they may say one day.
IN_ADVANCE = {
    "a prefetch": {"sec-purpose": "prefetch"},
    "a prerender": {"sec-purpose": "prefetch;prerender"},
    "an anonymous prefetch": {"sec-purpose": "prefetch;anonymous-client-ip"},
    "a prefetch of older browsers": {"purpose": "prefetch"},
    "a prefetch of Firefox": {"x-moz": "prefetch"},
    "a preview of Safari": {"x-purpose": "preview"},
    "an instant page": {"x-purpose": "instant"},
    "a purpose that nobody knows": {"sec-purpose": "later"},
    "a purpose that is empty": {"sec-purpose": ""},
    "two purposes": {"sec-purpose": ["", "prefetch"]},
    "a purpose in capitals": {"Sec-Purpose": "PREFETCH"},
}


@pytest.mark.parametrize("headers", IN_ADVANCE.values(), ids=IN_ADVANCE.keys())
def test_nothing_is_launched_nor_begun_in_advance(web: Web, headers: Headers) -> None:
    browser = web(launch_origins=["https://intranet.corp.example"])
    before = browser.get("/open", TYPED | headers)
    assert (landed(before), before.mints, before.cookies) == ("refused", (), ())
    assert landed(browser.get("/signin", TYPED | headers)) == "refused"
    assert landed(browser.get("/", TYPED | headers)) == "refused"
    browser.sign_in()
    assert landed(browser.get("/", TYPED | headers)) == "refused"
    for page in (TYPED, CLICKED, LINKED | {"referer": "https://intranet.corp.example/"}, {}):
        reply = browser.get("/open/research", page | headers)
        assert (landed(reply), reply.mints, reply.audit["reason"]) == ("refused", (), "fetched-in-advance")


METHODS = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "GET ", "POST\n", "PROPFIND"]


@pytest.mark.parametrize("method", METHODS)
def test_no_other_method_does_anything_on_a_route_for_people(web: Web, method: str) -> None:
    browser = web()
    browser.sign_in()
    for path in ("/", "/open", "/open/research", "/signin", "/signin/callback", "/signout"):
        reply = browser.ask(method, path, CLICKED | {"origin": ORIGIN})
        assert (reply.status, reply.mints, reply.cookies) == (405, (), ())


def test_a_destination_is_opened_by_no_post(web: Web) -> None:
    browser = web()
    browser.sign_in()
    assert browser.post("/open/research", {}).status == 405


INTRANET = "https://intranet.corp.example"
LISTED = {
    "the origin alone": f"{INTRANET}/",
    "a page": f"{INTRANET}/tools/studio?from=home",
    "another one that is listed, with its port": "https://wiki.corp.example:8443/",
}
NOT_LISTED: dict[str, str | list[str]] = {
    "no page": [],
    "a page that is empty": "",
    "a host that ends otherwise": f"{INTRANET}.evil/",
    "a host that ends otherwise, without a dot": f"{INTRANET}evil/",
    "a host that begins otherwise": "https://evilintranet.corp.example/",
    "a host below": "https://x.intranet.corp.example/",
    "the host above": "https://corp.example/",
    "plain http": "http://intranet.corp.example/",
    "a port": f"{INTRANET}:8443/",
    "the port of https": f"{INTRANET}:443/",
    "a listed host without its port": "https://wiki.corp.example/",
    "a dot at the end": f"{INTRANET}./",
    "the host as the user": f"{INTRANET}@evil.example/",
    "the host as user and password": "https://intranet.corp.example:x@evil.example/",
    "a user before the host": "https://x@intranet.corp.example/",
    "the host in the path": "https://evil.example/https://intranet.corp.example/",
    "the host in the query": f"https://evil.example/?{INTRANET}/",
    "the host in the fragment": f"https://evil.example/#{INTRANET}/",
    "a backslash after the host": f"{INTRANET}\\.evil.example/",
    "the origin without a slash": INTRANET,
    "a question mark for the slash": f"{INTRANET}?x",
    "a tab in the host": "https://intranet.corp.exam\tple/",
    "a newline in the host": "https://intranet.corp.exam\nple/",
    "a blank before it": f" {INTRANET}/",
    "capitals": "HTTPS://INTRANET.CORP.EXAMPLE/",
    "a dot of another script": "https://intranet。corp.example/",
    "no scheme": "//intranet.corp.example/",
    "another scheme": "javascript://intranet.corp.example/",
    "an unclosed bracket": "https://[::1/",
    "two pages": [f"{INTRANET}/", f"{INTRANET}/"],
    "two pages in one header": f"https://evil.example/, {INTRANET}/",
}


@pytest.fixture
def listing(web: Web) -> Browser:
    """A browser that is signed in, where two origins may launch."""
    browser = web(launch_origins=[INTRANET, "https://wiki.corp.example:8443"])
    browser.sign_in()
    return browser


def test_a_listed_origin_launches(listing: Browser) -> None:
    for why, referer in LISTED.items():
        reply = listing.get("/open", LINKED | {"referer": referer})
        assert (landed(reply), len(reply.mints)) == ("studio", 1), why


def test_a_look_alike_of_a_listed_origin_asks(listing: Browser) -> None:
    for why, referer in NOT_LISTED.items():
        reply = listing.get("/open", LINKED | {"referer": referer})
        assert (landed(reply), reply.mints) == ("confirm page", ()), why


def test_a_listed_origin_launches_by_a_navigation_alone(listing: Browser) -> None:
    for mode, dest in product(MODES, DESTINATIONS):
        said = {
            "sec-fetch-site": "cross-site",
            "sec-fetch-mode": mode,
            "sec-fetch-dest": dest,
            "referer": INTRANET + "/",
        }
        reply = listing.get("/open", {name: value for name, value in said.items() if value is not None})
        assert bool(reply.mints) == ((mode, dest) == ("navigate", "document"))


@pytest.mark.parametrize("site", ["same-planet", "", ["cross-site", "cross-site"], ["none", "cross-site"], None])
def test_a_listed_origin_counts_for_another_site_alone(listing: Browser, site: str | list[str] | None) -> None:
    said = LINKED | {"referer": f"{INTRANET}/", "sec-fetch-site": [] if site is None else site}
    assert landed(listing.get("/open", said)) == "confirm page"


# Who fetches the links that people send each other, or all links there are.
FETCHERS = {
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack's images": "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Outlook's safe links": "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0) BingPreview/1.0b",
    "Office": "Microsoft Office/16.0 (Microsoft Outlook 16.0; Pro)",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp": "WhatsApp/2.23.20.0",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Signal": "WhatsApp/2",
    "X": "Twitterbot/1.0",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mattermost": "mattermost/1.0",
    "Matrix": "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "Zoom": "ZoomBot (http://zoom.us)",
    "Google Chat": "Mozilla/5.0 (compatible; Google-PageRenderer; Google (+https://developers.google.com/+/web/snippet/))",
    "iMessage": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot",
    "Confluence": "Atlassian-Confluence/8.5 (link-unfurl)",
    "Notion": "Mozilla/5.0 (compatible; NotionEmbedder/1.0)",
    "Embedly": "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Iframely": "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Bing": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "a company's search": "gsa-crawler (Enterprise; T4-X; admin@example.com)",
    "a crawler for a model": "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "a private prefetch proxy": "Mozilla/5.0 (compatible; Chrome-Privacy-Preserving-Prefetch-Proxy)",
    "a mail scanner": "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "a link checker": "LinkChecker/10.2 (+https://linkchecker.github.io/)",
    "curl": "curl/8.9.1",
    "Python": "python-requests/2.32.3",
    "a health check": "ELB-HealthChecker/2.0",
    "nobody": "",
}
LOOKS: dict[str, Headers] = {"its own look": {}, "the look of a person": TYPED, "the look of a link": LINKED}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_who_fetches_links_gets_a_page_to_sign_in_at_most(web: Web, look: Headers) -> None:
    browser = web(launch_origins=[INTRANET])
    for name, agent in FETCHERS.items():
        for path in ("/open", "/open/research?profile=alice"):
            one = browser.another()
            reply = one.get(path, look | {"user-agent": agent, "accept": "*/*", "referer": f"{INTRANET}/"})
            assert (landed(reply), reply.mints, reply.audit["caller"]) == ("sign in", (), None), name


def test_who_fetches_links_with_a_person_s_cookie_is_asked(web: Web) -> None:
    browser = web()
    browser.sign_in()
    for name, agent in FETCHERS.items():
        reply = browser.get("/open/research", {"user-agent": agent, "accept": "text/html"})
        assert (landed(reply), reply.mints) == ("confirm page", ()), name
