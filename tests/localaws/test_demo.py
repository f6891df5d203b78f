"""The demo shows real answers, and fails when one is not what it must be."""

import pytest

from localaws import demo, tokens
from localaws.expectations import EXPECTATIONS, Expectation


def test_the_demo_tells_every_event_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.STORY.keys() == EXPECTATIONS.keys()
    assert demo.tell() == 0
    table = capsys.readouterr().out
    assert "67 requests, 34 refused, 21 URLs minted, 0 rows differ" in table
    assert "https://" not in table
    assert not tokens.FORM.search(table)


CHANGED = {
    "a status": ("url", Expectation(302, mints=1)),
    "a problem": ("refused-wrong-endpoint", Expectation(403, "not-proved")),
    "a mint": ("refused-someone-elses-profile", Expectation(403, "refused", mints=1)),
    "a mint that is missing": ("open", Expectation(302, mints=0)),
}


@pytest.mark.parametrize(("name", "expected"), CHANGED.values(), ids=CHANGED.keys())
def test_the_demo_ends_badly_when_a_row_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, expected: Expectation
) -> None:
    monkeypatch.setattr(demo, "EXPECTATIONS", {**EXPECTATIONS, name: expected})
    assert demo.tell() == 1
    table = capsys.readouterr().out
    assert "DIFFERS" in table
    assert ", 1 rows differ" in table


def test_a_profile_that_is_made_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "jwt-profile-made"
    with demo.deployed():
        rows = list(demo.play({name: "first"}))
    assert [row.answer["statusCode"] for row in rows] == [409, 409, 200]
    assert [row.differences for row in rows] == [(), (), ()]
    # One that were there at once would differ.
    monkeypatch.setattr(demo, "AGAIN", {name: (("again", EXPECTATIONS["url"]),)})
    with demo.deployed():
        assert [bool(row.differences) for row in demo.play({name: "first"})] == [False, True]


MAIN = {
    "all is well": (0, 0, None, "false", 0),
    "a row of the story differs": (1, 0, None, "false", 1),
    "a row of the experiment differs": (0, 1, None, "false", 1),
    "the experiment cannot be replayed on a laptop": (0, 1, ".venv-runtime is missing", "false", 0),
    "the experiment cannot be replayed in CI": (0, 0, ".venv-runtime is missing", "true", 1),
}


@pytest.mark.parametrize(("story", "experiment", "missing", "ci", "status"), MAIN.values(), ids=MAIN.keys())
def test_the_command_s_status(
    monkeypatch: pytest.MonkeyPatch, story: int, experiment: int, missing: str | None, ci: str, status: int
) -> None:
    monkeypatch.setattr(demo, "tell", lambda: story)
    monkeypatch.setattr(demo, "replay", lambda: experiment)
    monkeypatch.setattr(demo.runtime, "missing", lambda: missing)
    monkeypatch.setenv("CI", ci)
    assert demo.main() == status


def test_the_demo_ends_badly_when_an_expiry_is_not_the_one_asked_for() -> None:
    with demo.deployed():
        (row,) = demo.play({"url-shortened": ""})
    asked = {"multiValueQueryStringParameters": {"expires_in": ["11"]}}
    assert demo._asked_differences(asked, row.mints) == ["ExpiresInSeconds 10"]  # noqa: SLF001 - the check itself
