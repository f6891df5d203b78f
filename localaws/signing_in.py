"""The rows of the experiment in which somebody has a browser, without one: over HTTP, at the stand-in provider."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from localaws import people, provider, studio
from localaws.browsing import ask
from localaws.laptop import Laptop
from localaws.person import TYPED, Person, Reply
from studio_gate.identity.session import COOKIE

_OPEN = f"{people.PUBLIC_URL}/open"
_RESEARCH = f"{_OPEN}/research"
_LINK = {**TYPED, "Sec-Fetch-Site": "cross-site", "Referer": "https://evil.example/"}
_IN_ADVANCE = {**TYPED, "Sec-Purpose": "prefetch"}
_IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
_FRAME = {**_LINK, "Sec-Fetch-Dest": "iframe"}


def _somebody(laptop: Laptop) -> Person:
    return Person(laptop.names, laptop.site.authority.read_text(encoding="ascii"))


def _alice(laptop: Laptop) -> Person:
    """Return Alice, signed in."""
    person = _somebody(laptop)
    # The first of the people to choose from.
    person.submit(person.follow(f"{people.PUBLIC_URL}/signin"), {})
    return person


def _shown(reply: Reply) -> str:
    if reply.host.endswith(".sagemaker.aws"):
        opened = "Studio (stand-in)" in reply.body and ">alice<" in reply.body
        return "Studio of alice" if opened else f"{reply.status} without Studio"
    if reply.host == provider.HOST:
        return "sent to sign in"
    return "asked first" if "Open Research as Alice" in reply.body else f"{reply.status} as a page"


def _counted(step: Callable[[Laptop], str]) -> Callable[[Laptop], str]:
    """Say how many URLs a step has minted, too."""

    def counted(laptop: Laptop) -> str:
        before = len(studio.mints())
        try:
            found = step(laptop)
        except LookupError as error:
            found = str(error)
        return f"{found}, {len(studio.mints()) - before} minted"

    return counted


def _bookmark(laptop: Laptop) -> str:
    person = _somebody(laptop)
    page = person.follow(_RESEARCH)
    return f"{_shown(page)}, then {_shown(person.submit(page, {}))}"


def _opens(headers: Mapping[str, str]) -> Callable[[Laptop], str]:
    return lambda laptop: _shown(_alice(laptop).follow(_RESEARCH, headers))


def _answers(laptop: Laptop) -> str:
    person = _alice(laptop)
    return _shown(person.submit(person.follow(_RESEARCH, _LINK), {}, "/open"))


def _answered_elsewhere(laptop: Laptop) -> str:
    person = _alice(laptop)
    url, fields = person.follow(_RESEARCH, _LINK).form("/open")
    return _shown(person.send("POST", url, urlencode(fields), {**_LINK, "Origin": "https://evil.example"}))


def _answered_by_another(laptop: Laptop) -> str:
    url, fields = _alice(laptop).follow(_RESEARCH, _LINK).form("/open")
    own = {**TYPED, "Sec-Fetch-Site": "same-origin", "Origin": f"https://{people.HOST}"}
    return _shown(_bob(laptop).send("POST", url, urlencode(fields), own))


def _bob(laptop: Laptop) -> Person:
    person = _somebody(laptop)
    bob = provider.PEOPLE[1].subject
    person.submit(person.follow(f"{people.PUBLIC_URL}/signin"), {"subject": bob})
    return person


def _signed_out(laptop: Laptop) -> str:
    person = _alice(laptop)
    there = person.submit(person.follow(_RESEARCH, _LINK), {}, "/signout")
    person.submit(there, {"logout": "yes"})
    return _shown(person.follow(_RESEARCH))


def _stolen(way: str) -> Callable[[Laptop], str]:
    """Bring Alice's cookie on another way to the API."""

    def step(laptop: Laptop) -> str:
        cookie = _alice(laptop).jar[people.HOST, COOKIE]
        reply = ask(f"{getattr(laptop.gateway, way)}/open", None, {**TYPED, "Cookie": f"{COOKIE}={cookie}"})
        return f"{reply.status} by API Gateway" if reply.by_gateway else str(reply.status)

    return step


def _another_browser(laptop: Laptop) -> str:
    """Have the sign-in that one browser began end in another, which would then be somebody else's without knowing."""
    began, other = _somebody(laptop), _somebody(laptop)
    page = began.follow(_RESEARCH)
    sent = began.submit(page, {}, within=provider.HOST)
    assert urlsplit(sent.location).hostname == people.HOST  # noqa: S101 - else the row would show nothing
    return _shown(other.follow(sent.location))


_ASKED, _REFUSED = "asked first, 0 minted", "403 as a page, 0 minted"
STEPS: tuple[tuple[str, str, Callable[[Laptop], str]], ...] = tuple(
    (what, expected, _counted(step))
    for what, expected, step in (
        ("Alice's bookmark, not signed in", "sent to sign in, then Studio of alice, 1 minted", _bookmark),
        ("her bookmark, signed in", "Studio of alice, 1 minted", _opens(TYPED)),
        ("another site's link", _ASKED, _opens(_LINK)),
        ("she answers that she meant it", "Studio of alice, 1 minted", _answers),
        ("another site answers for her", _REFUSED, _answered_elsewhere),
        ("somebody else answers what she was asked", "401 as a page, 0 minted", _answered_by_another),
        ("her browser fetches it in advance", _REFUSED, _opens(_IN_ADVANCE)),
        ("another site's image", _REFUSED, _opens(_IMAGE)),
        ("another site's frame", _REFUSED, _opens(_FRAME)),
        ("a sign-in that another browser ends", "401 as a page, 0 minted", _another_browser),
        ("her bookmark, signed out", "sent to sign in, 0 minted", _signed_out),
        ("her session through another endpoint", "403 by API Gateway, 0 minted", _stolen("other_endpoint")),
        ("her session from the internet", "403 by API Gateway, 0 minted", _stolen("internet")),
    )
)
