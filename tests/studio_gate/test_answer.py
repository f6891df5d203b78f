"""Answers say what the contract says, and their headers keep a URL out of caches, logs and referrers."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import SecretStr

from studio_gate import answer
from studio_gate.config import Config
from studio_gate.errors import GateError, InvalidParameter, Problem, malformed
from studio_gate.mint import MintedUrl
from tests.studio_gate.builders import caller, grant, target

URL = "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=canary"
ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


@pytest.fixture
def minted(config: Config) -> MintedUrl:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    return MintedUrl(grant(config), SecretStr(URL), "digest", noon, noon + timedelta(hours=8))


def test_a_redirect_is_a_302_with_nothing_in_its_body(minted: MintedUrl) -> None:
    redirect = answer.redirect(minted)
    assert (redirect.status, redirect.body) == (302, "")
    assert redirect.headers == ALWAYS | {"Location": URL}


def test_a_url_comes_with_what_it_opens(minted: MintedUrl) -> None:
    url = answer.url(minted, "request-1")
    assert url.status == 200
    assert url.headers == ALWAYS | {"Content-Type": "application/json"}
    assert json.loads(url.body) == {
        "url": URL,
        "expires_at": "2026-11-24T12:00:00Z",
        "session_expires_at": "2026-11-24T20:00:00Z",
        "destination": "research",
        "profile": "alice",
        "space": None,
        "request_id": "request-1",
    }


def test_nothing_shows_what_an_answer_holds(minted: MintedUrl) -> None:
    for made in (answer.redirect(minted), answer.url(minted, "request-1")):
        assert "canary" not in f"{made} {made!r}"


def test_me_says_who_i_am_and_what_i_may_open(config: Config) -> None:
    assert json.loads(answer.me(caller(), [target(config)]).body) == {
        "caller": {
            "proof": "sigv4",
            "issuer": "arn:aws:iam::111122223333:root",
            "subject": "AROAEXAMPLESCIENTIST1:alice@example.com",
            "name": None,
            "email": None,
            "groups": ["data-science"],
        },
        "may_open": [
            {
                "destination": "research",
                "profile": "alice",
                "kind": "studio",
                "title": "Research",
                "description": "Notebooks and models of the data science department",
                "expires_in": {"default": 30, "maximum": 60},
                "session_expires_in": {"default": 28800, "maximum": 43200},
            }
        ],
    }


BESIDES = {"Allow": "GET, POST"}
RETRY_AFTER = {kind: {"Retry-After": "5"} for kind in (Problem.PREPARING, Problem.THROTTLED)}
RETRY_AFTER |= {kind: {"Retry-After": "10"} for kind in (Problem.UNAVAILABLE, Problem.OUT_OF_TIME)}


@pytest.mark.parametrize("kind", Problem, ids=lambda kind: kind.slug)
def test_a_problem_says_what_the_table_says_and_no_more(kind: Problem) -> None:
    made = answer.problem(GateError(kind, "secret-reason", upstream="SecretCode"), "request-1", BESIDES)
    assert made.status == kind.status
    assert made.headers == ALWAYS | BESIDES | {"Content-Type": "application/problem+json"} | RETRY_AFTER.get(kind, {})
    assert json.loads(made.body) == {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.detail,
        "request_id": "request-1",
    }


def test_a_malformed_request_is_told_each_parameter() -> None:
    made = answer.problem(malformed(InvalidParameter("profile", "must be given once")), "request-1")
    assert json.loads(made.body)["parameters"] == [{"name": "profile", "detail": "must be given once"}]


def test_times_are_in_utc() -> None:
    moment = datetime(2026, 11, 24, 1, 30, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert answer.rfc3339(moment) == "2026-11-23T23:30:00Z"
