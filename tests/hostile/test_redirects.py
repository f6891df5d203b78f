"""A browser is sent to the public URL, the provider or the Studio that was minted for, whatever anybody asks for."""

from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.conftest import Reply
from tests.studio_gate.web import (
    ALICE,
    BOB,
    CLICKED,
    COOKIE,
    ELSEWHERE,
    END_SESSION,
    FORM,
    FROM_PROVIDER,
    HOST,
    LINKED,
    ORIGIN,
    TYPED,
    Browser,
    Web,
    landed,
    location,
)

EVIL = "evil.example"
PATHS = [
    *(
        "//{}",
        "///{}",
        "////{}",
        "/\\{}",
        "\\\\{}",
        "\\/{}",
        "/\\/{}",
        "https:{}",
        "https:/{}",
        "https://{}",
        "http://{}",
    ),
    *("/\t/{}", "/\n/{}", "/\r/{}", "\t//{}", " //{}", "/ /{}", "/\v/{}", "/\x00/{}", "\x01https://{}", "ht\ttps://{}"),
    *(
        "/.//{}",
        "/..//{}",
        "/./\\{}",
        "/;/{}",
        "/@{}",
        "//@{}",
        "//x@{}",
        "https://studio.corp.example@{}",
        ".{}",
        "@{}",
    ),
    *("//{}%2f..", "/%2f%2f{}", "%2f%2f{}", "/%5c{}", "/%09/{}", "/%0d%0aLocation:%20https://{}", "/%2e%2e//{}"),
    *(
        "//evil。example",
        "//evil\uff0eexample",
        "//evil｡example",
        "//ⓔvil.example",
        "//[::ffff:203.0.113.1]",
        "//[::1]",
    ),
    *("//0xcb007101", "//3405803777", "//evil.example:443", "https://studio.corp.example.evil.example", ":443@{}"),
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///x",
    ),
    *(
        "x\r\nLocation: https://{}",
        "x\r\nSet-Cookie: a=b",
        "x\u2028Location: //{}",
        "x嘍嘊Location: //{}",
        "#//{}",
        "?//{}",
    ),
    *("{{.Host}}", "${{jndi:x}}", "//{}/%2e%2e", "*", ""),
]
PAYLOADS = [one.format(EVIL) for one in PATHS]
ENCODED = [quote(one, safe="") for one in PAYLOADS] + [quote(quote(one, safe=""), safe="") for one in PAYLOADS]
NAMES = ["rd", "redirect", "redirect_uri", "next", "url", "return_to", "pomerium_redirect_uri", "state", "profile"]
STUDIO_HOST = "d-research01234.studio.eu-central-1.sagemaker.aws"
# Each host with the paths below which a browser may be sent there.
ALLOWED = {
    HOST: ("/gate/open", "/gate/signin"),
    "login.example.com": ("/tenant/authorize",),
    "bye.example.com": ("/tenant/logout",),
    STUDIO_HOST: ("/auth",),
}


def check(reply: Reply) -> Reply:
    """It sends the browser nowhere that is not allowed, and no header has a line too many."""
    to = location(reply)
    told = [*reply.headers, *reply.headers.values(), *reply.cookies]
    assert not [one for one in told if any(not " " <= character <= "~" for character in one)]
    assert "Refresh" not in reply.headers
    assert (reply.status in {302, 303}) == bool(to)
    if to:
        parts = urlsplit(to)
        assert (parts.scheme, "@" in parts.netloc, "\\" in to, parts.fragment) == ("https", False, False, "")
        portal = (parts.netloc, parts.path) == (HOST, "/gate/")
        assert portal or parts.path.startswith(ALLOWED[parts.netloc])
        assert "//" not in parts.path
        assert len(reply.mints) == int(parts.netloc == STUDIO_HOST)
        if parts.netloc == "login.example.com":
            assert f"redirect_uri={quote(f'{ORIGIN}/gate/signin/callback', safe='')}&" in to
    return reply


@pytest.fixture
def browser(web: Web) -> Browser:
    return web(public_url=f"{ORIGIN}/gate", end_session_endpoint=END_SESSION, launch_origins=["https://x.corp.example"])


@pytest.fixture(params=[True, False], ids=["signed in", "not signed in"])
def somebody(browser: Browser, request: pytest.FixtureRequest) -> Browser:
    """A browser of somebody, or of nobody."""
    if request.param:
        browser.sign_in(ALICE)
    return browser


def test_no_destination_leads_elsewhere(somebody: Browser) -> None:
    for name in filter(None, PAYLOADS + ENCODED):
        for host in (HOST, ELSEWHERE):
            event = somebody.event("GET", "/open/x", TYPED, host) | {"pathParameters": {"destination": name}}
            reply = check(somebody.send(event))
            assert (reply.status, reply.mints) == (403 if host == HOST else 303, ())


def queries() -> Iterator[str]:
    return (urlencode({name: one}) for name in NAMES for one in PAYLOADS)


def test_no_query_leads_elsewhere(somebody: Browser) -> None:
    for query in queries():
        path = "/signin" if "redirect" in query else "/" if "url" in query else "/open"
        assert check(somebody.get(f"{path}?{query}")).status == 400


def test_no_answer_of_a_provider_leads_elsewhere(browser: Browser) -> None:
    begun = browser.get("/open")
    jar = dict(browser.jar)
    for one in PAYLOADS:
        for field in ("state", "iss", "error", "error_description", "id_token", "redirect_uri"):
            browser.jar = dict(jar)
            answer = browser.answer(begun) | {field: one}
            by_form = check(browser.ask("POST", "/signin/callback", FROM_PROVIDER, body=urlencode(answer)))
            refused = field in {"state", "id_token"} or (field in {"iss", "error"} and one != "")
            assert (location(by_form) == "") == refused, (field, one)
        browser.jar = dict(jar)
        answer = dict.fromkeys(("iss", "error", "code", "id_token"), one) | {"state": answer["state"]}
        check(browser.get(f"/signin/callback?{urlencode(answer)}", LINKED))


def test_no_field_of_a_form_leads_elsewhere(browser: Browser) -> None:
    browser.sign_in()
    jar = dict(browser.jar)
    for one in PAYLOADS:
        for name in ("token", "rd", "post_logout_redirect_uri", "id_token_hint"):
            browser.jar = dict(jar)
            assert check(browser.post("/open", {name: one})).status == 401
            assert location(check(browser.post("/signout", {name: one}))) == f"{END_SESSION}?client_id=gate-web"


HEADERS = [
    *("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Uri", "X-Forwarded-Prefix", "Forwarded"),
    *("X-Original-URL", "X-Rewrite-URL", "X-Auth-Request-Redirect", "X-Forwarded-Server", "Referer", "Origin"),
]


def test_no_header_leads_elsewhere(somebody: Browser) -> None:
    plain = {path: location(check(somebody.get(path))).partition("?")[0] for path in ("/", "/open", "/signin")}
    for one in chain(PAYLOADS, [EVIL, f"{HOST}.{EVIL}", f"{HOST}:443", "http"]):
        for path, there in plain.items():
            somebody.jar = {key: value for key, value in somebody.jar.items() if key == COOKIE}
            reply = check(somebody.get(path, TYPED | dict.fromkeys(HEADERS, one)))
            assert location(reply).partition("?")[0] == there


def test_no_name_of_the_gate_leads_elsewhere(somebody: Browser) -> None:
    for host in chain(PAYLOADS, [EVIL, f"{HOST}.{EVIL}", f"{HOST}@{EVIL}", f"{EVIL}/{HOST}"]):
        for path in ("/", "/open/research", "/signin"):
            assert location(check(somebody.get(path, host=host))) == f"{ORIGIN}/gate{path}"


# Holes that others had, each as it would be tried here.
def test_oauth2_proxy_cve_2020_5233_a_redirect_parameter(browser: Browser) -> None:
    for one in ("//evil.example", "/\\evil.example", "https://evil.example"):
        assert check(browser.get(f"/signin?rd={quote(one)}")).status == 400
        assert check(browser.get(f"/open?rd={quote(one)}")).status == 400


def test_oauth2_proxy_cve_2020_4037_white_space_in_a_redirect(browser: Browser) -> None:
    for blank in "\t\n\v\f\r \u00a0\u2003":
        assert check(browser.get(f"/signin?rd={quote(f'/{blank}/evil.example')}")).status == 400
        begun = browser.event("GET", "/open/x", TYPED) | {"pathParameters": {"destination": f"/{blank}/evil.example"}}
        assert check(browser.send(begun)).status == 403


def test_oauth2_proxy_cve_2021_21291_a_host_that_ends_like_a_listed_one(web: Web) -> None:
    browser = web(launch_origins=["https://corp.example"])
    browser.sign_in()
    for origin in ("https://evilcorp.example", "https://evil.corp.example", "https://corp.example.evil.example"):
        assert landed(browser.get("/open", LINKED | {"referer": f"{origin}/"})) == "confirm page"


def test_oauth2_proxy_cve_2025_54576_an_open_route_in_the_query(browser: Browser) -> None:
    for query in ("/health", "x=/health", "profile=alice/health", "/signin=x"):
        for path in ("/open", "/open/research"):
            reply = check(browser.get(f"{path}?{query}"))
            assert (reply.status in {303, 400}, reply.mints, reply.audit["caller"]) == (True, (), None)
    event = browser.event("GET", "/open", TYPED) | {"path": "/health"}
    assert landed(browser.send(event)) == "sign in"


@pytest.mark.parametrize("path", ["/open%23/health", "/open#/health", "/open;/health", "/open/research#/health"])
def test_oauth2_proxy_cve_2026_41059_a_route_that_two_read_differently(browser: Browser, path: str) -> None:
    # Only what API Gateway matched is the route; what it did not match is none.
    as_path = browser.event("GET", "/open", TYPED) | {"path": path}
    assert landed(browser.send(as_path)) == "sign in"
    as_route = browser.event("GET", "/open", TYPED) | {"resource": path}
    assert (browser.send(as_route).status, browser.send(as_route).audit["reason"]) == (403, "unknown-route")


def test_oauth2_proxy_cve_2026_34454_a_cookie_that_is_kept_at_sign_in(browser: Browser) -> None:
    other = browser.another()
    other.sign_in(BOB)
    begun = browser.get("/signin")
    browser.jar[COOKIE] = planted = other.jar[COOKIE]
    reply = browser.ask(
        "POST",
        "/signin/callback",
        dict(FROM_PROVIDER) | {"cookie": "; ".join(f"{name}={value}" for name, value in browser.jar.items())},
        body=urlencode(browser.answer(begun, ALICE)),
    )
    assert (reply.audit["caller"], browser.jar[COOKIE] == planted) == (f"web:{ALICE}", False)
    assert browser.get("/open").audit["caller"] == f"web:{ALICE}"
    first = browser.jar[COOKIE]
    browser.sign_in(ALICE)
    assert browser.jar[COOKIE] != first


def test_pomerium_cve_2021_29651_and_29652_a_redirect_at_sign_in_and_out(browser: Browser) -> None:
    for name in ("pomerium_redirect_uri", "redirect_uri", "post_logout_redirect_uri"):
        assert check(browser.get(f"/signin?{name}=https://evil.example")).status == 400
        browser.sign_in()
        out = browser.ask(
            "POST",
            "/signout",
            CLICKED | {"origin": ORIGIN, "content-type": FORM},
            body=urlencode({name: "https://evil.example"}),
            multiValueQueryStringParameters={name: ["https://evil.example"]},
        )
        assert location(check(out)) == f"{END_SESSION}?client_id=gate-web"


def test_authlib_cve_2025_68158_a_state_that_is_not_the_browser_s(browser: Browser) -> None:
    attacker, victim = browser.another(), browser.another()
    answer = attacker.answer(attacker.get("/open"), BOB)
    for own in (lambda: None, lambda: victim.get("/open")):
        own()
        reply = check(victim.ask("POST", "/signin/callback", FROM_PROVIDER, body=urlencode(answer)))
        assert (reply.status, reply.audit["reason"], reply.mints) == (401, "sign-in-of-another-browser", ())
        assert COOKIE not in victim.jar
    assert landed(attacker.ask("POST", "/signin/callback", FROM_PROVIDER, body=urlencode(answer))) == "studio"
