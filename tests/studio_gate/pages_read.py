"""Pages as a browser reads them: every element with its attributes and text, in order."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import override

# HTML, section 13.1.2: elements without an end tag.
VOID = {"meta", "input"}


@dataclass
class Element:
    """One element; the text of those inside counts as its own, too."""

    tag: str
    attributes: dict[str, str | None]
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class FormRead:
    """A form: where it posts to, what it sends, and what its button says."""

    method: str | None
    action: str
    fields: dict[str, str]
    label: str


@dataclass
class PageRead:
    """What a page holds; `odd` is what is neither an element nor text: comments, declarations, unclosed tags."""

    elements: list[Element] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def one(self, tag: str) -> Element:
        (found,) = self.all(tag)
        return found

    @property
    def links(self) -> list[tuple[str, str | None]]:
        """What links say and where they lead, but for the one to the page's own content."""
        return [(one.text, one.attributes["href"]) for one in self.all("a") if one.attributes["href"] != "#main"]

    def texts(self, tag: str) -> list[str]:
        return [one.text for one in self.all(tag)]

    @property
    def forms(self) -> list[FormRead]:
        found: list[FormRead] = []
        for one in self.elements:
            given = {name: value or "" for name, value in one.attributes.items()}
            if one.tag == "form":
                found.append(FormRead(one.attributes.get("method"), given["action"], {}, ""))
            elif one.tag == "input" and "form" in one.inside:
                found[-1].fields[given["name"]] = given["value"]
            elif one.tag == "button":
                found[-1].label = one.text
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = PageRead()
        self._open: list[Element] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.page.odd.append(f"an attribute given twice in {tag}")
        element = Element(tag, dict(attrs), tuple(one.tag for one in self._open))
        self.page.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.odd.append(f"{tag} closes itself")

    @override
    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop().tag != tag:
            self.page.odd.append(f"{tag} is closed where it is not open")

    @override
    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    @override
    def handle_comment(self, data: str) -> None:
        self.page.odd.append(f"comment {data}")

    @override
    def handle_decl(self, decl: str) -> None:
        if (decl, len(self.page.elements)) != ("doctype html", 0):
            self.page.odd.append(f"declaration {decl}")

    @override
    def unknown_decl(self, data: str) -> None:
        self.page.odd.append(f"declaration {data}")

    @override
    def handle_pi(self, data: str) -> None:
        self.page.odd.append(f"instruction {data}")

    @override
    def close(self) -> None:
        super().close()
        self.page.odd += [f"{one.tag} is never closed" for one in self._open]


def read_page(html: str) -> PageRead:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page
