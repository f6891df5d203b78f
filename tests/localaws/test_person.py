"""The browser of the experiment does with cookies, redirects and forms what a browser does."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from localaws.person import TYPED, Person, Reply
from localaws.studio_site.certificate import Authority

A, B = "a.example", "b.example"
type Headers = list[tuple[str, str]]


@dataclass
class Site:
    """Answers as it is told to by path, and keeps what it was asked."""

    answers: dict[str, tuple[int, Headers, str]]
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)


type Visit = Callable[[dict[str, tuple[int, Headers, str]]], tuple[Person, Site]]


@pytest.fixture
def visit() -> Iterator[Visit]:
    site, authority = Site({}), Authority()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            site.asked.append((self.command, f"{self.headers['Host']}{self.path}", dict(self.headers.items()), body))
            status, headers, page = site.answers[f"{self.headers['Host']}{self.path}"]
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.encode())

        do_POST = do_GET  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Pass over who distrusts the certificate."""

    with Server(("127.0.0.1", 0), Handler) as server:
        context = authority.issue(A, B, "*.b.example").context()
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        def visit(answers: dict[str, tuple[int, Headers, str]]) -> tuple[Person, Site]:
            site.answers = answers
            return Person(dict.fromkeys((A, B, f".{B}"), server.server_port), authority.pem), site

        yield visit
        server.shutdown()
        thread.join()


def test_cookies_go_back_to_the_host_that_set_them_until_it_deletes_them(visit: Visit) -> None:
    person, site = visit(
        {
            f"{A}/set": (200, [("Set-Cookie", "one=1; Path=/"), ("Set-Cookie", "two=2=2; Path=/")], ""),
            f"{A}/gone": (200, [("Set-Cookie", "one=; Max-Age=0; Path=/")], ""),
            f"{A}/": (200, [], ""),
            f"{B}/": (200, [], ""),
        }
    )
    for url in (f"https://{A}/set", f"https://{A}/gone", f"https://{A}", f"https://{B}/"):
        assert person.send("GET", url).status == 200
    assert [headers.get("Cookie") for _, _, headers, _ in site.asked] == [None, "one=1; two=2=2", "two=2=2", None]


def test_redirects_are_followed_and_cross_site_from_another_host_on_unless_it_was_typed(visit: Visit) -> None:
    person, site = visit(
        {
            f"{A}/": (302, [("Location", f"https://{B}/x?y=z")], ""),
            f"{B}/x?y=z": (303, [("Location", "/there")], ""),
            f"{B}/there": (200, [], "there"),
        }
    )
    assert person.follow(f"https://{A}/").body == "there"
    assert {headers["Sec-Fetch-Site"] for _, _, headers, _ in site.asked} == {"none"}
    site.asked.clear()
    person.follow(f"https://{A}/", {**TYPED, "Sec-Fetch-Site": "same-origin"})
    assert [headers["Sec-Fetch-Site"] for _, _, headers, _ in site.asked] == ["same-origin", "cross-site", "cross-site"]


def test_redirects_are_followed_within_a_host_alone_where_one_is_given(visit: Visit) -> None:
    person, _ = visit({f"{A}/": (302, [("Location", f"https://{B}/")], "")})
    assert person.follow(f"https://{A}/", within=A).location == f"https://{B}/"


def test_redirects_in_a_circle_end(visit: Visit) -> None:
    person, _ = visit({f"{A}/": (302, [("Location", "/")], "")})
    with pytest.raises(LookupError, match="too often"):
        person.follow(f"https://{A}/")


FORM = """<form method="post" action="/no"></form>
<form method="post" action="/to?a=1&amp;b=2"><input type="hidden" name="t" value="&lt;x&gt;"></form>"""


def test_a_form_is_sent_with_its_hidden_fields_and_changes(visit: Visit) -> None:
    person, site = visit({f"{A}/": (200, [], FORM), f"{A}/to?a=1&b=2": (200, [], "done")})
    assert person.submit(person.send("GET", f"https://{A}/"), {"more": "ä"}, "b=2").body == "done"
    method, where, headers, body = site.asked[-1]
    assert (method, where, body) == ("POST", f"{A}/to?a=1&b=2", "t=%3Cx%3E&more=%C3%A4")
    assert (headers["Origin"], headers["Sec-Fetch-Site"]) == (f"https://{A}", "same-origin")


def test_a_page_that_wants_no_referrer_has_its_forms_sent_without_an_origin(visit: Visit) -> None:
    page = (200, [("Referrer-Policy", "no-referrer")], FORM)
    person, site = visit({f"{A}/": page, f"{A}/no": (200, [], "")})
    person.submit(person.send("GET", f"https://{A}/"), {})
    assert site.asked[-1][2]["Origin"] == "null"


def test_a_page_without_such_a_form_has_none() -> None:
    with pytest.raises(LookupError, match="no form for /else"):
        Reply(f"https://{A}/", 200, (), FORM).form("/else")


def test_a_host_below_a_name_is_found_and_an_authority_that_is_not_known_is_not_trusted(visit: Visit) -> None:
    person, _ = visit({f"www.{B}/": (200, [], "")})
    assert person.send("GET", f"https://www.{B}/").status == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        Person(person.ports, Authority().pem).send("GET", f"https://{A}/")


def test_what_may_be_secret_is_not_shown() -> None:
    shown = repr(Person({}, "authority", {(A, "session"): "canary"})) + repr(Reply("https://canary", 200, (), "canary"))
    assert "canary" not in shown
