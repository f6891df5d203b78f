"""The page that shows a person what they may open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

import htpy as h

from studio_gate.identity import Caller
from studio_gate.pages import BRAND, Form, Frame, Page, deed, document, kept
from studio_gate.pages.words import Words
from studio_gate.portal import LONGEST_SEARCH, Offer, Offered

_KINDS = ("studio", "notebook", "mlflow")
# In seconds: the session lengths that a person may choose from, where the destination allows them.
_SESSIONS = (1800, 3600, 14400, 28800, 43200)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gate is: its public URL without a slash at its end, and the path of that."""

    base: str
    path: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What one person sees: `search` is what they searched for, `ends` the origin where signing out may end, if any.

    `title`, `help` and `contact` are the company's own words (`portal_config.Portal`).
    """

    place: Place
    title: str
    help: tuple[str, ...]
    contact: str | None
    caller: Caller
    offered: Offered
    search: str
    ends: tuple[str, ...]


def portal(words: Words, seen: Seen) -> Page:
    """Write the page. No link on it is a presigned URL: each leads to the gate, which decides again."""
    caller, brand = seen.caller, seen.title or BRAND
    who = _who(words, caller.name or caller.label, f"{seen.place.path}/signout")
    if seen.offered.all:
        title, main = "portal.title", _full(words, seen.place, seen.offered, seen.search)
    else:
        title, main = "empty.title", _empty(words, seen.help, seen.contact)
    frame = Frame(brand=brand, aside=who, form_targets=seen.ends)
    you = _you(words, caller, seen.contact, missing=seen.offered.all > 0)
    return document(words, f"{words(title)} · {brand}", [main, you], frame)


@kept
def _who(words: Words, name: str, sign_out: str) -> h.Element:
    return h.div(".row")[h.bdi(".who.soft")[name], deed(Form(words("sign-out"), sign_out))]


@kept
def _full(words: Words, place: Place, offered: Offered, search: str) -> h.Fragment:
    return h.fragment[_offers(words, place, offered, search)]


def _offers(words: Words, place: Place, offered: Offered, search: str) -> Iterator[h.Node]:
    yield h.h1[words("portal.title")]
    label = words("portal.search.label")
    yield h.form(".search", action=f"{place.path}/", role="search")[
        h.input(type="search", name="q", value=search, maxlength=LONGEST_SEARCH, aria_label=label),
        h.button(".deed.other", type="submit")[words("portal.search")],
    ]
    if search:
        key = "portal.found" if offered.found else "portal.none"
        told = words(key, found=offered.found, all=offered.all, q=search)
        yield h.p(".note", role="status")[told, " ", h.a(href=f"{place.path}/")[words("portal.all")]]
    if not offered.spaces_known:
        yield h.p(".note.soft")[words("portal.spaces.unknown")]
    for kind, offers in groupby(sorted(offered.offers, key=lambda one: _KINDS.index(one.kind)), attrgetter("kind")):
        yield h.section(aria_labelledby=kind)[
            h.h2(id=kind)[words(f"portal.{kind}")],
            h.ul(".cards")[(_card(words, place, one) for one in offers)],
        ]
    if offered.offers:
        yield h.p(".note.soft")[words("portal.bookmark.told")]
    if more := offered.found - len(offered.offers):
        yield h.p(".note")[words("portal.more", count=more)]


@kept
def _card(words: Words, place: Place, offer: Offer) -> h.Element:
    way, query = f"/open/{offer.name}", {"profile": offer.profile} if offer.profile and offer.several else {}
    return h.li(".card")[
        h.div[h.h3[h.bdi[offer.title]], _profile(words, offer)],
        h.p[h.bdi[offer.description]] if offer.description else None,
        _spaces(words, f"{place.path}{way}", query, offer) if offer.spaces else None,
        h.div(".foot")[
            h.a(".deed", href=_with(f"{place.path}{way}", query))[words("open"), h.span(".hidden")[f" {offer.title}"]],
            h.details[
                h.summary[words("portal.link"), h.span(".hidden")[f" {offer.title}"]],
                h.label[
                    h.span(".soft")[words("portal.bookmark")],
                    h.input(readonly=True, value=_with(f"{place.base}{way}", query)),
                ],
                _sessions(words, f"{place.path}{way}", query, offer),
            ],
        ],
    ]


def _sessions(words: Words, path: str, query: Mapping[str, str], offer: Offer) -> Iterator[h.Node]:
    """Say how long what is opened lasts, and link to what lasts otherwise.

    Links, because a form's policy would have to name every host that opening leads to (CSP 3, section 6.4.1).
    """
    lasting, expiry = words.lasting(offer.session_expires_in), words.lasting(offer.expires_in)
    yield h.p(".soft")[words("portal.expiry", session=lasting, expiry=expiry)]
    lengths = {*(one for one in _SESSIONS if one < offer.longest_session), offer.longest_session}
    if lengths := lengths - {offer.session_expires_in}:
        links = (
            h.a(href=_with(path, {**query, "session_expires_in": one}))[words.lasting(one)] for one in sorted(lengths)
        )
        yield h.p(".soft")[words("portal.session")]
        yield h.ul(".row")[(h.li[one] for one in links)]


def _profile(words: Words, offer: Offer) -> h.Node:
    return h.p(".soft")[words("profile", profile=offer.profile)] if offer.profile else None


def _spaces(words: Words, path: str, query: Mapping[str, str], offer: Offer) -> h.Element:
    return h.ul(".spaces", aria_label=words("portal.spaces"))[
        (
            h.li[
                h.div[
                    h.bdi[one.space.name],
                    one.space.shared and h.span(".chip")[words("portal.shared")],
                    one.running and h.span(".live")[words("portal.running", apps=", ".join(one.running))],
                ],
                h.a(href=_with(path, {**query, "space": one.space.name}))[
                    words("open"), h.span(".hidden")[f" {one.space.name}"]
                ],
            ]
            for one in offer.spaces
        )
    ]


@kept
def _empty(words: Words, told: tuple[str, ...], contact: str | None) -> h.Element:
    return h.div(".card.empty")[
        h.h1[words("empty.title")],
        h.p[words("empty")],
        (h.p[h.bdi[one]] for one in told or [words("empty.help")]),
        h.p[_contact(words, contact)] if contact else None,
    ]


def _contact(words: Words, contact: str) -> h.Element:
    return h.a(href=contact)[words("portal.contact", contact=contact.removeprefix("mailto:").removeprefix("https://"))]


@kept
def _you(words: Words, caller: Caller, contact: str | None, *, missing: bool) -> h.Element:
    """Say who is signed in, as an administrator would ask for it."""
    known = {"name": caller.name, "email": caller.email, "id": caller.id, "groups": ", ".join(sorted(caller.groups))}
    return h.section(".you", aria_labelledby="you")[
        h.h2("#you")[words("portal.you")],
        h.dl[((h.dt[words(f"portal.{key}")], h.dd[h.bdi[value]]) for key, value in known.items() if value)],
        h.p(".note")[words("portal.missing"), " ", _contact(words, contact)] if contact and missing else None,
    ]


def _with(url: str, query: Mapping[str, str | int]) -> str:
    return f"{url}?{urlencode(query)}" if query else url
