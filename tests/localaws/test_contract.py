"""An answer that is not as the API's document says is noticed, whatever is wrong with it, and told without its text."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localaws import contract, demo, example

type Answer = dict[str, Any]


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, Answer]]:
    with demo.deployed():
        names = ("me", "url", "open", "health", "not-proved-token-missing", "malformed-expiry", "open-prefetched")
        yield {row.name: dict(row.answer) for row in demo.play(dict.fromkeys(names, ""))}


def header(name: str, *values: str) -> Callable[[Answer], object]:
    return lambda answer: answer["multiValueHeaders"].update({name: list(values)})


def without(name: str) -> Callable[[Answer], object]:
    return lambda answer: answer["multiValueHeaders"].pop(name)


def body(**members: object) -> Callable[[Answer], object]:
    """Change members of the body; one that is None is left out."""

    def change(answer: Answer) -> None:
        read = json.loads(answer["body"]) | members
        answer["body"] = json.dumps({name: value for name, value in read.items() if value is not ...})

    return change


def put(**members: object) -> Callable[[Answer], object]:
    return lambda answer: answer.update(members)


WRONG: dict[str, tuple[str, Callable[[Answer], object], str]] = {
    "another status": ("me", put(statusCode=204), "204 is not in the document"),
    "a status that another route has": ("url", put(statusCode=302), "302 is not in the document"),
    "another media type": ("me", header("Content-Type", "text/plain"), "Content-Type ['text/plain'] is not in"),
    "no media type": ("me", without("Content-Type"), "Content-Type [] is not in the document"),
    "a header missing": ("me", without("Cache-Control"), "without cache-control"),
    "a header that lets others keep it": ("me", header("Cache-Control", "private"), "Cache-Control is not as in"),
    "a header that nobody knows": ("me", header("X-Powered-By", "x"), "X-Powered-By is not in the document"),
    "a cookie for a program": ("me", header("Set-Cookie", "a=b"), "Set-Cookie is not in the document"),
    "no challenge": ("not-proved-token-missing", without("WWW-Authenticate"), "without x-amzn-remapped-www-authent"),
    "nowhere to go": ("open", without("Location"), "without location"),
    "a body that goes with a redirect": ("open", put(body="secret"), "a body that is not in the document"),
    "a member more": ("me", body(added="secret"), "the body breaks additionalProperties"),
    "a member less": ("url", body(expires_at=...), "the body breaks required"),
    "a member of another type": ("url", body(space=1), "space breaks anyOf"),
    "a moment that is none": ("url", body(expires_at="soon"), "expires_at breaks format"),
    "a problem of another status": ("malformed-expiry", body(status=403), "status breaks const"),
    "a type that is none": ("malformed-expiry", body(type="secret"), "type breaks enum"),
    "a 400 that names nothing": ("malformed-expiry", body(parameters=...), "the body breaks required"),
    "a page that may load scripts": (
        "open-prefetched",
        header("Content-Security-Policy", "script-src *"),
        "Content-Security-Policy is not as in the document",
    ),
}


@pytest.mark.parametrize(("name", "change", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told(
    answers: dict[str, Answer], name: str, change: Callable[[Answer], object], told: str
) -> None:
    answer = copy.deepcopy(answers[name])
    assert contract.breaches(example.event(name), answer) == []
    change(answer)
    found = contract.breaches(example.event(name), answer)
    assert any(one.startswith(told) for one in found), found
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    "change", [{"httpMethod": "PUT"}, {"httpMethod": "get"}, {"resource": "/nowhere"}, {"resource": None}]
)
def test_what_api_gateway_would_not_have_sent_is_not_judged(answers: dict[str, Answer], change: dict[str, Any]) -> None:
    assert contract.breaches(example.event("me") | change, {"statusCode": 500}) == []
