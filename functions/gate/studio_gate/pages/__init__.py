"""Pages for people: without scripts, in light and dark, and safe whatever a name or a reason holds.

There is one way to write a page: `document`, which escapes every text that it is given (htpy does), in the language of
the person who reads it (words.py).
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path as File
from typing import cast

import htpy as h
from markupsafe import Markup

from studio_gate.pages.words import Words

BRAND = "Studio Gate"
_WIDE_BLANK = "\u3000"
# Of each part of a page that is kept: some kB each at most.
_MOST_KEPT = 512
_GATE = Markup(
    '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
    'aria-hidden="true"><path d="M3 21V11a9 9 0 0 1 18 0v10M9 21v-9a3 3 0 0 1 6 0v9M2 21h20"></path></svg>'
)


@dataclass(frozen=True, slots=True)
class Form:
    """A button that posts to a path of the gate, with hidden fields."""

    label: str
    action: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a path of the gate."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as HTML, and the Content-Security-Policy that goes with it."""

    html: str
    policy: str


def kept[**P](write: Callable[P, h.Renderable]) -> Callable[P, Markup]:
    """Write a part of a page once for all who are to see the same: writing is most of what a page costs.

    What it says must come from its arguments alone.
    """

    @lru_cache(_MOST_KEPT)
    def once(*given: P.args, **named: P.kwargs) -> Markup:
        return Markup(write(*given, **named))  # noqa: S704 - htpy has escaped what is in it

    return cast("Callable[P, Markup]", once)


@cache
def _style() -> tuple[Markup, str]:
    """Return the one style of all pages, and what lets a browser apply it."""
    text = " ".join(File(__file__).with_name("style.css").read_text(encoding="utf-8").split())
    return Markup(text), f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"  # noqa: S704 - ours


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around the matter of a page: how it is laid out, whose it is, what stands in its bar.

    `form_targets` are the origins that a form's answer may redirect to: browsers hold `form-action` against redirects
    too (CSP 3, section 6.4.1).
    """

    look: str = ""
    brand: str = BRAND
    aside: Markup | None = None
    form_targets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say, and what can be done then, what there is to do first; `form_targets` are as in `Frame`."""

    title: str
    paragraphs: Sequence[str]
    deeds: Sequence[Form | Link] = ()
    note: str = ""
    form_targets: Sequence[str] = ()


def document(words: Words, title: str, main: h.Node, frame: Frame) -> Page:
    """Write a page around what it is about."""
    html = h.html(lang=words.lang)[
        _head(title),
        h.body[_skip(words), _bar(frame.brand, frame.aside), h.main(f"#main{frame.look}")[main]],
    ]
    targets, digest = " ".join(("'self'", *frame.form_targets)), _style()[1]
    policy = f"default-src 'none'; style-src {digest}; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
    return Page(_printable("".join(html.iter_chunks())), policy)


@kept
def _head(title: str) -> h.Element:
    return h.head[
        h.meta(charset="utf-8"),
        h.meta(name="viewport", content="width=device-width, initial-scale=1"),
        h.meta(name="robots", content="noindex"),
        h.title[title],
        h.style[_style()[0]],
    ]


@kept
def _skip(words: Words) -> h.Element:
    return h.a(".skip.hidden", href="#main")[words("skip")]


@kept
def _bar(brand: str, aside: Markup | None) -> h.Element:
    return h.header(".bar")[h.div(".mark")[_GATE, h.bdi[brand]], aside]


def _printable(html: str) -> str:
    """Show each character that nobody sees, or that turns around what is around it, as one that somebody sees."""
    if html.isprintable():
        return html
    return "".join(one if one.isprintable() or one == _WIDE_BLANK else "\ufffd" for one in html)


def message(words: Words, said: Message) -> Page:
    """Write a page that says one thing."""
    deeds = [deed(one, first=position == 0) for position, one in enumerate(said.deeds)]
    told = h.div(".card")[
        h.h1[said.title],
        (h.p[one] for one in said.paragraphs),
        h.div(".row")[deeds] if deeds else None,
        h.p[h.small[said.note]] if said.note else None,
    ]
    return document(words, said.title, told, Frame(".message", form_targets=said.form_targets))


def deed(one: Form | Link, *, first: bool = False) -> h.Element:
    """Write a button or a link that looks like one; the first of several stands out."""
    look = ".deed" if first else ".deed.other"
    if isinstance(one, Link):
        return h.a(look, href=one.href)[one.label]
    fields = (h.input(type="hidden", name=name, value=value) for name, value in one.fields)
    return h.form(method="post", action=one.action)[fields, h.button(look, type="submit")[one.label]]
