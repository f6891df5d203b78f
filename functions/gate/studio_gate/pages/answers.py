"""The answers that are pages, and what failed as a person reads it."""

from collections.abc import Mapping, Sequence

from studio_gate.answer import ALWAYS, Answer, retry_after
from studio_gate.errors import GateError
from studio_gate.pages import Link, Message, Page, message
from studio_gate.pages.words import Words


def page(status: int, shown: Page, besides: Mapping[str, str] | None = None) -> Answer:
    """Answer with a page for people and its Content-Security-Policy.

    Other sites get no referrer of it. Its own forms bring their origin, which `no-referrer` would hide from the gate
    too (Fetch, section 3.1).
    """
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": shown.policy}
    headers |= {"Referrer-Policy": "same-origin", "Vary": "Accept-Language"}
    return Answer(status, ALWAYS | headers | dict(besides or {}), shown.html)


def problem(
    words: Words,
    error: GateError,
    request_id: str,
    besides: Mapping[str, str] | None = None,
    deeds: Sequence[Link] = (),
) -> Answer:
    """Answer a person with what `answer.problem` tells a program, as a page; `deeds` are what they can do."""
    kind, key = error.problem, f"problem.{error.problem.slug}"
    told = [words(key), *(words.parameter(one.name, one.detail) for one in error.parameters)]
    shown = message(words, Message(words(f"{key}.title"), told, deeds, words("request", id=request_id)))
    return page(kind.status, shown, dict(besides or {}) | retry_after(kind))
