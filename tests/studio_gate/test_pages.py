"""Pages say what they are given and nothing else, to everybody, and run nothing."""

import base64
import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_gate.pages import Form, Link, Message, Page, message
from studio_gate.pages.words import ENGLISH, JAPANESE, Words
from tests.studio_gate.pages_read import Element, PageRead, read_page

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus x='",
    "</title></style></textarea></main><script>",
    "</p><!-- -->",
    "]]><![CDATA[x",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "javascript:alert(1)",
    "$title ${style} $$ %s {0}",
    "\u202egnp.exe",
    "a" * 500,
]
TEXTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
FIELDS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3, unique_by=lambda one: one[0]).map(tuple)
DEEDS = st.lists(st.builds(Form, TEXTS, TEXTS, FIELDS) | st.builds(Link, TEXTS, TEXTS), max_size=3)
HEAD = ["html", "head", "meta", "meta", "meta", "title", "style", "body"]
FRAME = [*HEAD, "a", "header", "div", "svg", "path", "bdi", "main", "div", "h1"]
# Every attribute that may be there, by element.
ALLOWED = {
    "html": {"lang"},
    "meta": {"charset", "name", "content"},
    "header": {"class"},
    "div": {"class"},
    "main": {"id", "class"},
    "svg": {"viewbox", "fill", "stroke", "stroke-width", "stroke-linecap", "aria-hidden"},
    "path": {"d"},
    "form": {"method", "action"},
    "input": {"type", "name", "value"},
    "button": {"class", "type"},
    "a": {"class", "href"},
}
EXAMPLE = message(
    ENGLISH,
    Message(
        "Open research as Alice?",
        ["Another site asks.", "Really."],
        [Form("Open", "/gate/open", (("token", "e" * 2_000),)), Link("Sign in", "/gate/signin")],
        "Request 4f1c0d5e",
        ("https://d-1.studio.eu-central-1.sagemaker.aws", "https://bye.example.com"),
    ),
)


def seen(text: str) -> str:
    """A text as a page shows it: what nobody sees, or what turns around what is around it, is seen."""
    return "".join(one if one.isprintable() or one == "\u3000" else "\ufffd" for one in text)


def expected(paragraphs: list[str], deeds: list[Form | Link], note: str = "") -> list[str]:
    """The elements of a page in their order."""
    tags = [*FRAME, *("p" for _ in paragraphs), *(["div"] if deeds else [])]
    for deed in deeds:
        tags += ["a"] if isinstance(deed, Link) else ["form", *("input" for _ in deed.fields), "button"]
    return [*tags, "p", "small"] if note else tags


@given(title=TEXTS, paragraphs=st.lists(TEXTS, max_size=3), deeds=DEEDS, note=TEXTS)
def test_a_page_is_what_it_was_given_whatever_that_is(
    title: str, paragraphs: list[str], deeds: list[Form | Link], note: str
) -> None:
    shown = message(ENGLISH, Message(title, paragraphs, deeds, note)).html
    read = read_page(shown)
    assert [one.tag for one in read.elements] == expected(paragraphs, deeds, note)
    assert (read.odd, seen(shown)) == ([], shown)
    assert all(set(one.attributes) <= ALLOWED.get(one.tag, set()) for one in read.elements)
    assert (read.one("title").text, read.one("h1").text) == (seen(title), seen(title))
    assert read.texts("p") == [seen(one) for one in (*paragraphs, *([note] if note else []))]
    assert {one.attributes["method"] for one in read.all("form")} <= {"post"}
    assert {one.attributes["type"] for one in read.all("input", "button")} <= {"hidden", "submit"}
    assert_deeds(read, deeds)


def assert_deeds(read: PageRead, deeds: list[Form | Link]) -> None:
    forms, links = [one for one in deeds if isinstance(one, Form)], [one for one in deeds if isinstance(one, Link)]
    assert [(one.label, one.action, one.fields) for one in read.forms] == [
        (seen(one.label), seen(one.action), {seen(name): seen(value) for name, value in one.fields}) for one in forms
    ]
    assert read.links == [(seen(one.label), seen(one.href)) for one in links]


def test_what_html_cannot_say_is_said_by_nothing_worse() -> None:
    form = Form("\0", "\0", (("\0", "\r\n"),))
    read = read_page(message(ENGLISH, Message("a\0b\rc\x1b", ["\0<b>"], [form])).html)
    assert [one.tag for one in read.elements] == expected(["p"], [Form("", "", (("", ""),))])


def policy(shown: Page) -> dict[str, list[str]]:
    """The directives of a policy, each given once."""
    parts = [one.split() for one in shown.policy.split(";")]
    assert len({one[0] for one in parts}) == len(parts)
    return {one[0]: one[1:] for one in parts}


def test_the_policy_allows_the_style_and_the_forms_and_nothing_else() -> None:
    style = read_page(EXAMPLE.html).one("style").text
    assert policy(EXAMPLE) == {
        "default-src": ["'none'"],
        "style-src": [f"'sha256-{base64.b64encode(sha256(style.encode()).digest()).decode()}'"],
        "form-action": ["'self'", "https://d-1.studio.eu-central-1.sagemaker.aws", "https://bye.example.com"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }


def test_a_page_without_targets_posts_to_the_gate_alone() -> None:
    assert policy(message(ENGLISH, Message("Title", [])))["form-action"] == ["'self'"]


@pytest.mark.parametrize("words", [ENGLISH, JAPANESE], ids=["English", "Japanese"])
def test_a_page_says_which_language_it_is_in(words: Words) -> None:
    read = read_page(message(words, Message("", [])).html)
    assert read.one("html").attributes == {"lang": words.lang}
    # For whoever comes without eyes or a mouse: past what every page begins with.
    assert (read.all("a")[0].text, read.all("a")[0].attributes["href"]) == (words("skip"), "#main")
    assert read.one("main").attributes["id"] == "main"


def test_everybody_can_read_a_page() -> None:
    read = read_page(EXAMPLE.html)
    metas = [one.attributes for one in read.all("meta")]
    assert metas[0] == {"charset": "utf-8"}
    assert EXAMPLE.html.encode().find(b"charset") < 1024
    # Zooming is not kept from anybody (WCAG 2.2, 1.4.4).
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    assert {"name": "robots", "content": "noindex"} in metas
    assert [one.tag for one in read.all("h1", "h2", "main")] == ["main", "h1"]
    assert read.one("h1").inside[-2:] == ("main", "div")


def test_every_deed_is_reached_and_done_by_keyboard() -> None:
    deeds: list[Element] = read_page(EXAMPLE.html).all("button", "a", "input")
    assert [one.tag for one in deeds if one.attributes.get("type") != "hidden"] == ["a", "button", "a"]
    assert not [one for one in deeds if {"tabindex", "disabled", "accesskey", "autofocus"} & set(one.attributes)]
    style = read_page(EXAMPLE.html).one("style").text
    assert ":focus-visible" in style
    assert not re.search(r"outline:\s*(none|0)", style)


def colours(style: str) -> list[dict[str, str]]:
    """The custom colours, light and dark, as six digits."""
    schemes = re.findall(r":root \{([^}]*)\}", style)
    found = [dict(re.findall(r"--(\w+): #([0-9a-f]+)", one)) for one in schemes]
    return [
        {name: text if len(text) == 6 else "".join(c * 2 for c in text) for name, text in one.items()} for one in found
    ]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TEXTS_ON = [
    *((text, ground) for text in ("ink", "soft", "deed") for ground in ("paper", "ground")),
    *(("ink", "tint"), ("live", "paper"), ("paper", "deed")),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXTS_ON)
def test_text_stands_out_in_light_and_dark(scheme: int, text: str, ground: str) -> None:
    style = read_page(EXAMPLE.html).one("style").text
    assert "color-scheme: light dark" in style
    assert "@media (prefers-color-scheme: dark)" in style
    found = colours(style)[scheme]
    lighter, darker = sorted((luminance(found[text]), luminance(found[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_a_page_refers_to_nothing_elsewhere() -> None:
    assert not re.search(r"(?i)https?:|url\(|@import|src=|<link|<script|\bon\w+=", EXAMPLE.html)


def test_a_page_is_small() -> None:
    assert len(EXAMPLE.html.encode()) < 8_000
