"""What the client makes of answers: those of an honest gate, and all others."""

import json

import pytest

from tests.cli.conftest import GOOD_URL, Run, minted
from tests.cli.scripted import Scripted, Told


def problem(status: int, **besides: object) -> Told:
    body = {"type": "urn:problem-type:studio-gate:x", "title": "Title", "status": status, "detail": "A detail."}
    return Told(status, json.dumps(body | {"request_id": "r-1"} | besides), "application/problem+json")


WRONG = [{"name": "expires_in", "detail": "must be a whole number"}, {"name": "app", "detail": "is not a parameter"}]
CANONICAL = json.dumps({"message": "The Canonical String should have been x-amz-security-token:session-canary"})
FAILURES = {
    "malformed: the parameters are named": (
        problem(400, parameters=WRONG),
        5,
        "Title (400): A detail. expires_in must be a whole number; app is not a parameter. Request id: r-1",
    ),
    "not proved": (problem(401), 5, "Title (401): A detail. Request id: r-1"),
    "refused": (problem(403), 5, "Title (403): A detail. Request id: r-1"),
    "not ready": (problem(409), 5, "Title (409): A detail."),
    "throttled: later": (problem(429), 6, "Title (429): A detail."),
    "failed: later": (problem(500), 6, "Title (500): A detail."),
    "out of time: later": (problem(504), 6, "Title (504): A detail."),
    "a problem that quotes the URL": (problem(502, detail=f"not {GOOD_URL} again"), 6, "not [...] again"),
    "a problem that quotes a token": (problem(502, detail="x" * 70 + "session-canary"), 6, "[...]"),
    "a problem that paints the terminal": (problem(403, title="\x1b[2J\x07Hi\r\n\u202eho"), 5, "?[2J?Hi ?ho (403)"),
    "a problem of other types": (problem(403, title=[1], detail=None, parameters=[1, {}]), 5, "[1] (403): None"),
    "a problem without end": (problem(403, detail="word " * 50_000), 5, "word word"),
    "an expired token, said by API Gateway": (
        Told(403, problem(403).body, "application/problem+json", {"x-amzn-ErrorType": "ExpiredTokenException"}),
        3,
        "aws sso login",
    ),
    "API Gateway quotes what was signed": (Told(403, CANONICAL), 7, "the answer (403) is not Studio Gate's"),
    "a problem as HTML": (Told(403, "<p>upstream-canary", "text/html"), 7, "(403) is not Studio Gate's"),
    "a page": (Told(200, "<p>upstream-canary", "text/html"), 7, "(200) is not Studio Gate's"),
    "JSON said to be a page": (Told(200, minted().body, "text/html"), 7, "(200) is not Studio Gate's"),
    "no JSON": (Told(200, '{"url": "upstream-canary'), 7, "(200) is not Studio Gate's"),
    "a list": (Told(200, "[1]"), 7, "(200) is not Studio Gate's"),
    "nested without end": (Told(200, "[" * 200_000), 7, "(200) is not Studio Gate's"),
    "larger than any answer": (minted(space=" " * 300_000), 7, "(200) is not Studio Gate's"),
    "not UTF-8": (Told(200, '"\udcff"'.encode("utf-8", "replace").decode()), 7, "(200) is not Studio Gate's"),
    "no content": (Told(204, ""), 7, "(204) is not Studio Gate's"),
    "a redirect": (Told(302, "", headers={"Location": GOOD_URL}), 7, "(302) is a redirect, which is not followed"),
    "a redirect that keeps the method": (Told(307, "", headers={"Location": "/gate/iam/me"}), 7, "(307) is a redirect"),
    "hangs up": (Told(0), 4, "failed (ProtocolError); are you on the corporate network?"),
    "hangs up in the middle": (Told(headers={"Content-Length": "99"}), 4, "failed (ProtocolError)"),
}


@pytest.mark.parametrize("command", ["url", "open", "me", "destinations"])
@pytest.mark.parametrize(("told", "status", "said"), FAILURES.values(), ids=FAILURES.keys())
def test_one_line_and_a_status(
    gate: Scripted, browser: list[str], run: Run, told: Told, status: int, said: str, command: str
) -> None:
    gate.answer = told
    ran = run(command)
    assert (ran.status, browser, len(gate.paths)) == (status, [], 1)
    asked, line = ran.err.splitlines()
    assert asked.startswith("studio-gate: asking 127.0.0.1 for /iam/")
    assert said in line
    assert len(line) < 1200


URLS: dict[str, object] = {
    "http": GOOD_URL.replace("https", "http"),
    "another host": "https://evil.example/?url-canary",
    "a domain of somebody else's that MLflow's documentation shows": "https://t.experiments.sagemaker.aws.a2z.com/?url-canary",
    "a label without end": f"https://{'d' * 64}.sagemaker.aws/?url-canary",
    "an empty label": "https://d..sagemaker.aws/?url-canary",
    "a host that only ends alike": "https://evilsagemaker.aws/?url-canary",
    "the domain itself": "https://sagemaker.aws/?url-canary",
    "the host at the front of another": "https://d.studio.sagemaker.aws.evil.example/?url-canary",
    "a user": "https://d.sagemaker.aws@evil.example/?url-canary",
    "a user before the right host": "https://evil.example@d.sagemaker.aws/?url-canary",
    "a port": "https://d.sagemaker.aws:8443/?url-canary",
    "a backslash": "https://evil.example\\@d.sagemaker.aws/?url-canary",
    "a space": "https://d.sagemaker.aws/?url canary url-canary",
    "a newline": "https://d.sagemaker.aws/\n?url-canary",
    "other letters": "https://d.sagemaker.\u0430ws/?url-canary",
    "a script": "javascript:alert('url-canary')",
    "a file": "file:///etc/passwd",
    "an option": "--url-canary",
    "a broken address": "https://[url-canary",
    "too long": GOOD_URL + "x" * 20_000,
    "a number": 7,
    "null": None,
    "another on loopback's name": "http://127.0.0.1.evil.example/?url-canary",
    "a user on loopback": "http://x@127.0.0.1/?url-canary",
}


@pytest.mark.parametrize("command", ["url", "open"])
@pytest.mark.parametrize("url", URLS.values(), ids=URLS.keys())
def test_no_other_url_is_passed_on(gate: Scripted, browser: list[str], run: Run, url: object, command: str) -> None:
    gate.answer = minted(url=url)
    ran = run(command)
    assert (ran.status, browser) == (7, [])
    assert ran.err.endswith("studio-gate: 127.0.0.1 answered with a URL that is not one of SageMaker Studio\n")


def test_a_gate_on_loopback_may_open_loopback(gate: Scripted, browser: list[str], run: Run) -> None:
    gate.answer = minted(url="http://127.0.0.1:8080/auth?token=url-canary")
    assert run("open").status == 0
    assert browser == ["http://127.0.0.1:8080/auth?token=url-canary"]


DATE = {"Date": "Tue, 24 Nov 2026 08:00:00 GMT"}


@pytest.mark.parametrize("expires_at", [None, 7, "soon", "2026-11-24T08:00:30"])
def test_it_must_say_when_the_url_expires(gate: Scripted, browser: list[str], run: Run, expires_at: object) -> None:
    gate.answer = minted(expires_at=expires_at)
    assert run("open").status == 7
    assert browser == []


def test_open_says_where_for_whom_and_how_long_by_the_gate_s_clock(
    gate: Scripted, browser: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda *_: DATE["Date"])
    ran = run("open", "research")
    assert (ran.status, ran.out, browser) == (0, "", [GOOD_URL])
    host = "d-research01234.studio.eu-central-1.sagemaker.aws"
    assert ran.err.endswith(f"studio-gate: opening {host} as alice; it can be opened for 30 s\n")


OPENED = {
    "destination": "research",
    "profile": "alice",
    "space": "team",
    "expires_at": "2026-11-24T08:00:30Z",
    "session_expires_at": "2026-11-24T16:00:00Z",
    "request_id": "r-1",
}


def test_open_says_what_it_opened_without_the_url(gate: Scripted, browser: list[str], run: Run) -> None:
    gate.answer = minted(space="team", url_again=GOOD_URL)
    ran = run("open", "--json")
    assert (json.loads(ran.out), browser) == (OPENED, [GOOD_URL])
    assert ".sagemaker.aws as alice in team; it can be opened for " in ran.err


def test_open_says_the_url_nowhere(gate: Scripted, browser: list[str], run: Run) -> None:
    gate.answer = minted(space=GOOD_URL, profile={"url": GOOD_URL}, request_id=None)
    ran = run("open", "--json")
    assert "url-canary" not in ran.out
    assert json.loads(ran.out)["request_id"] is None


HOSTS = {
    "Studio": "d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=url-canary",
    "a notebook instance": "my-notebook-1ab2.notebook.us-west-2.sagemaker.aws?authToken=url-canary",
    "an MLflow tracking server": "t-0a1b2c3d4e5f.us-west-2.experiments.sagemaker.aws/auth?authToken=url-canary",
}


@pytest.mark.parametrize("url", HOSTS.values(), ids=HOSTS.keys())
def test_every_kind_opens(gate: Scripted, browser: list[str], run: Run, url: str) -> None:
    gate.answer = minted(url=f"https://{url}", profile=None)
    ran = run("open", "nb")
    assert (ran.status, browser) == (0, [f"https://{url}"])
    assert "sagemaker.aws; it can be opened for" in ran.err


def test_a_gate_without_a_clock(gate: Scripted, browser: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda *_: "yesterday")
    gate.answer = minted(expires_at="2020-01-01T00:00:00Z")
    assert "for 0 s" in run("open").err
    assert browser == [GOOD_URL]


def test_no_browser(gate: Scripted, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    ran = run("open")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        8,
        "studio-gate: no browser could be opened here; BROWSER can name one",
    )


BOUNDS = {"expires_in": {"default": 30, "maximum": 60}, "session_expires_in": {"default": 28800, "maximum": 45}}
MAY = {"destination": "research", "profile": "alice", "kind": "studio"} | BOUNDS


ROWS = [MAY, MAY | {"destination": "nb", "title": "My \x1bnotebook", "kind": "notebook", "profile": None}]
TABLE = [
    "DESTINATION  TITLE         KIND      PROFILE  URL OPENS FOR         SESSION LASTS",
    "research     research      studio    alice    30 s (at most 1 min)  8 h (at most 45 s)",
    "nb           My ?notebook  notebook  -        30 s (at most 1 min)  8 h (at most 45 s)",
]


def test_what_may_be_opened(gate: Scripted, run: Run) -> None:
    gate.answer = Told(body=json.dumps({"caller": {"subject": "A:alice", "groups": []}, "may_open": ROWS}))
    assert run("destinations").out.splitlines() == TABLE
    assert json.loads(run("destinations", "--json").out) == ROWS


def test_who_may_open_nothing(gate: Scripted, run: Run) -> None:
    gate.answer = Told(body=json.dumps({"caller": {"subject": "A:alice", "groups": []}, "may_open": []}))
    assert run("me").out == "A:alice, groups: none\n\nThere is nothing that you may open.\n"
    assert run("destinations").out == "There is nothing that you may open.\n"
    assert run("destinations", "--json").out == "[]\n"


def test_a_table_for_people(gate: Scripted, run: Run) -> None:
    me = {"caller": {"subject": "A:\x1balice", "groups": ["a", "b"]}, "may_open": ROWS}
    gate.answer = Told(body=json.dumps(me))
    assert run("me").out.splitlines() == [
        "A:?alice, groups: a, b",
        "",
        *TABLE,
    ]
    assert json.loads(run("me", "--json").out) == me


BROKEN = {
    "empty": {},
    "no groups": {"caller": {"subject": "x"}, "may_open": []},
    "a row without bounds": {"caller": {"subject": "x", "groups": []}, "may_open": [{"destination": "x"}]},
    "bounds as text": {"caller": {"subject": "x", "groups": []}, "may_open": [MAY | {"expires_in": {"default": "30"}}]},
    "a number for a list": {"caller": {"subject": "x", "groups": []}, "may_open": 3},
    "a number for a row": {"caller": {"subject": "x", "groups": []}, "may_open": [3]},
    "a text for a row": {"caller": {"subject": "x", "groups": []}, "may_open": ["research"]},
}


@pytest.mark.parametrize("command", [("me",), ("destinations",), ("destinations", "--json")])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_no_table_of_nonsense(gate: Scripted, run: Run, body: object, command: tuple[str, ...]) -> None:
    gate.answer = Told(body=json.dumps(body))
    assert run(*command).status == 7
