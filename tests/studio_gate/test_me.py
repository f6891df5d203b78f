"""Who is signed in, for a program of the gate's own site; and for nobody else."""

from typing import Any

import pytest

from studio_gate import handler
from tests.studio_gate import builders
from tests.studio_gate.web import ALICE, ELSEWHERE, LINKED, Browser, Headers, Web

SAME: Headers = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}


def test_a_program_of_the_gate_s_own_site_reads_who_is_signed_in(web: Web) -> None:
    browser = web()
    browser.sign_in(name="Alice Liddell")
    reply = browser.get("/me", SAME)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    caller = {"proof": "session", "issuer": "https://login.example.com/tenant", "subject": ALICE}
    assert caller.items() <= reply.decoded["caller"].items()
    opened = [(one["destination"], one["profile"]) for one in reply.decoded["may_open"]]
    assert opened == [("research", "alice"), ("workbench", None), ("experiments", None)]
    assert (reply.audit["caller"], reply.mints) == (f"web:{ALICE}", ())


def ask_at_another_name(browser: Browser) -> Any:  # noqa: ANN401 - as `get`
    return browser.get("/me", SAME, host=ELSEWHERE)


NOT_TOLD: dict[str, tuple[Any, int, str]] = {
    "nobody is signed in": (lambda browser: browser.another().get("/me", SAME), 401, "no-session"),
    "at another name": (ask_at_another_name, 401, "no-session"),
    "another site asks": (lambda browser: browser.get("/me", LINKED), 403, "from-another-site"),
    "fetched in advance": (
        lambda browser: browser.get("/me", SAME | {"sec-purpose": "prefetch"}),
        403,
        "fetched-in-advance",
    ),
    "a parameter": (lambda browser: browser.get("/me?q=x", SAME), 400, "malformed-parameter: q"),
    "a method": (lambda browser: browser.ask("POST", "/me", SAME), 405, "method"),
}


@pytest.mark.parametrize(("ask", "status", "reason"), NOT_TOLD.values(), ids=NOT_TOLD.keys())
def test_who_is_signed_in_is_told_to_nobody_else(web: Web, ask: Any, status: int, reason: str) -> None:  # noqa: ANN401
    browser = web()
    browser.sign_in()
    reply = ask(browser)
    assert (reply.status, reply.audit["reason"], reply.decoded["status"]) == (status, reason, status)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
    assert "alice" not in reply.body


def test_without_sign_in_nobody_is_signed_in(web: Web, send: Any) -> None:  # noqa: ANN401 - as the fixture
    event = web().event("GET", "/me", SAME)
    web.folder.joinpath("gate.toml").write_text(builders.toml(builders.signatures_alone()), encoding="utf-8")
    handler.gate.cache_clear()
    assert send(event).audit["reason"] == "no-sign-in"
