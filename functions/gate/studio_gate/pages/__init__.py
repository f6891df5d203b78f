"""Pages for people: small, without scripts, in light and dark, and safe whatever a name or a reason holds."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from types import MappingProxyType

_STYLE = """
:root { color-scheme: light dark; --ink: #16191f; --soft: #545b64; --paper: #fff; --ground: #f2f3f3; --deed: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eaeded; --soft: #aab7b8; --paper: #1e252d; --ground: #0f1419; --deed: #7ab8ff; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2rem; background: var(--paper); border-radius: .75rem;
  overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
form { display: inline; }
.deed { display: inline-block; padding: .625rem 1.25rem; margin: 0 .5rem .5rem 0; border: 2px solid var(--deed);
  border-radius: .5rem; background: var(--deed); color: var(--paper); font: inherit; text-decoration: none;
  cursor: pointer; }
.other { background: none; color: var(--deed); }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
small { color: var(--soft); }
"""
_PAGE = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$title</h1>
$paragraphs
$deeds
$note
</main>
</body>
</html>
"""
)
_FORM = Template(
    '<form method="post" action="$action">$fields<button class="$look" type="submit">$label</button></form>'
)
_FIELD = Template('<input type="hidden" name="$name" value="$value">')
_LINK = Template('<a class="$look" href="$href">$label</a>')
_LOOKS = MappingProxyType({True: "deed", False: "deed other"})


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


def page(
    title: str,
    paragraphs: Sequence[str],
    deeds: Sequence[Form | Link] = (),
    note: str = "",
    form_targets: Sequence[str] = (),
) -> Page:
    """Write a page; every text may hold anything and is escaped.

    The first deed is the one to do. `form_targets` are the origins that a form's answer may redirect to: browsers hold
    `form-action` against redirects too (CSP 3, section 6.4.1).
    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    html = _PAGE.substitute(
        title=escape(title),
        style=_STYLE,
        paragraphs="\n".join(f"<p>{escape(one)}</p>" for one in paragraphs),
        deeds="\n".join(_deed(one, first=position == 0) for position, one in enumerate(deeds)),
        note=f"<p><small>{escape(note)}</small></p>" if note else "",
    )
    targets = " ".join(("'self'", *form_targets))
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return Page(html, policy)


def _deed(deed: Form | Link, *, first: bool) -> str:
    look = _LOOKS[first]
    if isinstance(deed, Link):
        return _LINK.substitute(look=look, href=escape(deed.href), label=escape(deed.label))
    fields = "".join(_FIELD.substitute(name=escape(name), value=escape(value)) for name, value in deed.fields)
    return _FORM.substitute(look=look, action=escape(deed.action), fields=fields, label=escape(deed.label))
