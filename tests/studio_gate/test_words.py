"""A person reads their own language, and every language says the same."""

import ast
import re
from html import unescape
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws import example
from studio_gate.destinations import must_be_seconds
from studio_gate.errors import GateError, InvalidParameter, Problem
from studio_gate.pages import answers
from studio_gate.pages.words import ENGLISH, JAPANESE, Words, accepted

ACCEPTED = {
    "nothing": ([], "en"),
    "an empty header": ([""], "en"),
    "Japanese": (["ja"], "ja"),
    "Japanese of Japan": (["ja-JP"], "ja"),
    "Japanese in other letters": (["JA-jp"], "ja"),
    "English of Britain": (["en-GB"], "en"),
    "what Firefox sends in Japan": (["ja,en-US;q=0.7,en;q=0.3"], "ja"),
    "what Chromium sends in Japan": (["ja-JP,ja;q=0.9,en-US;q=0.8,en;q=0.7"], "ja"),
    "what Chromium sends in Germany": (["de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7"], "en"),
    "English before Japanese": (["en,ja;q=0.9"], "en"),
    "Japanese after a language that is not here": (["de, ja;q=0.2"], "ja"),
    "the weight and not the order": (["en;q=0.3, ja;q=0.4"], "ja"),
    "both alike, Japanese first": (["ja, en"], "ja"),
    "both alike, English first": (["en;q=0.5, ja;q=0.5"], "en"),
    "anything": (["*"], "en"),
    "anything but English": (["*, en;q=0"], "ja"),
    "anything, but Japanese less": (["*;q=0.8, ja;q=0.5"], "en"),
    "Japanese before anything": (["ja, *;q=0.1"], "ja"),
    "no Japanese": (["ja;q=0"], "en"),
    "nothing at all": (["*;q=0"], "en"),
    "Japanese of Japan alone": (["ja-JP, ja;q=0, en;q=0.5"], "ja"),
    "two headers": (["de", "ja"], "ja"),
    "blanks and tabs around": ([" ja\t;\tq=1 "], "ja"),
    "three decimals": (["ja;q=0.001"], "ja"),
    "a weight in capitals": (["en;Q=0.1, ja;Q=0.2"], "ja"),
    "a dot without decimals": (["ja;q=1., en;q=0."], "ja"),
    "four decimals": (["ja;q=0.9999"], "en"),
    "a weight over one": (["ja;q=1.5"], "en"),
    "a weight that is negative": (["ja;q=-1"], "en"),
    "no weight after its name": (["ja;q="], "en"),
    "another parameter": (["ja;level=1"], "en"),
    "a range that is malformed, beside one that is not": (["ja JP, ja;q=0.5"], "ja"),
    "a language whose name begins alike": (["jam"], "en"),
    "an underscore": (["ja_JP"], "en"),
    "commas alone": ([",,,"], "en"),
    "digits of another script": (["ja;q=０.５"], "en"),
    "more than anybody sends": (["ja," + "x" * 600], "en"),
}


@pytest.mark.parametrize(("headers", "lang"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_person_reads_the_language_that_they_like_best(headers: list[str], lang: str) -> None:
    assert accepted(headers).lang == lang


@given(st.lists(st.text(max_size=60), max_size=3))
def test_whatever_is_accepted_there_is_a_language(headers: list[str]) -> None:
    assert accepted(headers) in {ENGLISH, JAPANESE}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_say_the_same_with_the_same_values() -> None:
    assert ENGLISH.texts.keys() == JAPANESE.texts.keys()
    # What has no words in Japanese is told as programs are; in English that is all there is to say.
    assert {key for key, text in ENGLISH.texts.items() if places(text) != places(JAPANESE.texts[key])} == set()


def test_every_text_in_japanese_is_in_japanese() -> None:
    known = {"portal.id", "portal.mlflow", "portal.studio"}
    assert {
        key for key, text in JAPANESE.texts.items() if not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text)
    } == known


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    package = example.ROOT / "functions" / "gate" / "studio_gate"
    sources = list(package.rglob("*.py"))
    written = {
        node.value
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    by_name = {key for key in ENGLISH.texts if key in written}
    # The others are found by a kind: of problem, of parameter, of destination, of what is known of a person.
    kinds = ("problem.", "parameter: ", "portal.")
    assert {key for key in ENGLISH.texts.keys() - by_name if not key.startswith(kinds)} == set()
    assert {"studio", "notebook", "mlflow", "name", "email", "id", "groups"} == {
        key.removeprefix("portal.") for key in ENGLISH.texts.keys() - by_name if key.startswith("portal.")
    }


DETAILS = {
    "is not a parameter of this route": "q：ここでは使えない項目です。",
    "must be given once": "q：一度だけ指定してください。",
    "must be 1": "q：1 を指定してください。",
    "must be a form": "q：フォームとして送ってください。",
    "must be at most 64 characters": "q：64 文字以内にしてください。",
    must_be_seconds(5, 300): "q：5 から 300 までの整数（秒）を指定してください。",
    "must name one of: alice, 2-alice": "q：次のいずれかを指定してください：alice, 2-alice",
    "must be a user profile name of at most 63 characters": (
        "q：63 文字以内のユーザープロファイル名を指定してください。"
    ),
    "must be {0} of {name}": "q：受け付けられない値です（must be {0} of {name}）。",
}


@pytest.mark.parametrize(("detail", "japanese"), DETAILS.items(), ids=DETAILS.keys())
def test_what_is_wrong_with_a_parameter_is_said_in_the_language_of_the_page(detail: str, japanese: str) -> None:
    assert ENGLISH.parameter("q", detail) == f"q {detail}."
    assert JAPANESE.parameter("q", detail) == japanese


LASTING = {30: "30 s", 90: "90 s", 120: "2 min", 1800: "30 min", 5400: "90 min", 3600: "1 h", 43200: "12 h"}


@pytest.mark.parametrize(("seconds", "said"), LASTING.items())
def test_a_time_is_said_in_the_largest_unit_that_it_is_whole_in(seconds: int, said: str) -> None:
    assert ENGLISH.lasting(seconds) == said


@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["English", "Japanese"])
@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_page(problem: Problem, words: Words) -> None:
    error = GateError(problem, "canary", "canary", (InvalidParameter("<b>", "must be given once"),))
    reply = answers.problem(words, error, "request-1", {"Allow": "GET"})
    assert (reply.status, reply.headers["Vary"], reply.headers["Allow"]) == (problem.status, "Accept-Language", "GET")
    assert reply.headers.get("Retry-After") == (str(problem.retry_after) if problem.retry_after else None)
    assert f"<h1>{words(f'problem.{problem.slug}.title')}</h1>" in unescape(reply.body)
    assert f"<p>{words(f'problem.{problem.slug}')}</p>" in unescape(reply.body)
    assert "canary" not in reply.body
    assert "<b>" not in reply.body


def test_a_value_is_no_text_with_places_of_its_own() -> None:
    assert ENGLISH("portal.none", q="{who.__class__} {0}") == "Nothing that you can open matches “{who.__class__} {0}”."
