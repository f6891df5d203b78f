"""The rows of the experiment about all that can be opened: spaces, other accounts, notebooks, MLflow, made profiles."""

import re
from collections.abc import Callable

from localaws import tokens
from localaws.browsing import Reply, ask, browse
from localaws.laptop import ALICE, CALLERS, Laptop
from localaws.person import Person
from localaws.person import Reply as Page

_WHO = (ALICE, CALLERS[ALICE])
_TITLE = re.compile(r"<h1>(.*?)(?: \(stand-in\))?</h1>")
_TERM = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>")
# What one is in, the innermost first.
_INSIDE = ("Space", "User profile", "Notebook instance", "Tracking server")
_LAB = "/jupyterlab/default/lab"


def _ask(laptop: Laptop, path: str, token: str | None) -> Reply:
    """Ask with a token by its name in `tokens`; without one, Alice signs."""
    who, headers = (None, tokens.header(token)) if token else (_WHO, None)
    return ask(f"{laptop.gateway.endpoint}{path}", who, headers)


def _refusal(reply: Reply) -> str:
    return f"{reply.status} {reply.decoded.get('type', '').rpartition(':')[2]}"


def _shown(page: Page) -> str:
    """Say what a page is, and what of."""
    title, terms = _TITLE.search(page.body), dict(_TERM.findall(page.body))
    of = next((terms[name] for name in _INSIDE if name in terms), "nothing")
    stopped = ", stopped" if "Stopped" in terms.values() else ""
    return f"{title[1] if title else page.status} of {of}{stopped}"


def _person(laptop: Laptop) -> Person:
    return Person(laptop.names, laptop.site.authority.read_text(encoding="ascii"))


def _lands(path: str, token: str | None = None) -> Callable[[Laptop], str]:
    """Open inside, and say where one lands."""

    def step(laptop: Laptop) -> str:
        reply = _ask(laptop, path, token)
        location = reply.headers.get("location")
        return _shown(_person(laptop).follow(location)) if location else _refusal(reply)

    return step


def _starts(space: str) -> Callable[[Laptop], str]:
    """Open a space that does not run, and press the button of the page that one lands on."""

    def step(laptop: Laptop) -> str:
        person, reply = _person(laptop), _ask(laptop, f"{_RESEARCH}?space={space}", None)
        if "location" not in reply.headers:
            return _refusal(reply)
        page = person.follow(reply.headers["location"])
        person.send("POST", page.url)
        before, started = _shown(page), person.follow(f"https://{page.host}{_LAB}")
        first = "stopped" if before == f"Space in Studio of {space}, stopped" else before
        return f"{first}, then {_shown(started)}"

    return step


def _redeems(path: str, way: str) -> Callable[[Laptop], str]:
    """Mint inside and open elsewhere: with the session's policy in force, and with the role's alone."""

    def step(laptop: Laptop) -> str:
        found = set()
        for site in (laptop.site, laptop.lenient):
            url = _ask(laptop, path, None).decoded.get("url")
            found.add(_status(browse(site, getattr(site, way), url)) if url else "nothing minted")
        return " / ".join(sorted(found))

    return step


def _status(reply: Reply) -> str:
    refused = "Auth token containing insufficient permissions" in reply.body
    return f"{reply.status} with the text" if refused else str(reply.status)


def _again(path: str, token: str) -> Callable[[Laptop], str]:
    """Ask until there is something to open, at most as often as a profile takes that is made."""

    def step(laptop: Laptop) -> str:
        found = [_refusal(_ask(laptop, path, token)) for _ in range(2)]
        return ", ".join([*found, _lands(path, token)(laptop)])

    return step


_RESEARCH = "/iam/open/research"
_REFUSED, _NOWHERE = "403 refused", "403 with the text"
_MADE = "409 preparing, 409 preparing, Studio of alice"
STEPS: tuple[tuple[str, str, Callable[[Laptop], str]], ...] = (
    (
        "Alice opens a space that the team shares",
        "JupyterLab of team-forecast",
        _lands(f"{_RESEARCH}?space=team-forecast"),
    ),
    (
        "a file in a space of her own",
        "JupyterLab of alice-lab",
        _lands(f"{_RESEARCH}?path=tree%2Fa.ipynb&space=alice-lab"),
    ),
    (
        "a space that does not run: she starts it",
        "stopped, then JupyterLab of alice-drafts",
        _starts("alice-drafts"),
    ),
    ("a space that is Bob's alone", _REFUSED, _lands(f"{_RESEARCH}?space=bob-lab")),
    ("a space for leads, and she is none", _REFUSED, _lands(f"{_RESEARCH}?space=leads")),
    ("Bob, who is one", "Space in Studio of leads, stopped", _lands("/jwt/open/research?space=leads", "jwt-bob")),
    ("another account, another region", "Studio of alice-liddell", _lands("/iam/open/marketing")),
    ("marketing from the internet", _NOWHERE, _redeems("/iam/url/marketing", "internet")),
    ("a notebook instance", "Notebook instance of large-disk", _lands("/iam/open/workbench")),
    ("the notebook instance through another endpoint", _NOWHERE, _redeems("/iam/url/workbench", "elsewhere")),
    ("the notebook instance from the internet", _NOWHERE, _redeems("/iam/url/workbench", "internet")),
    ("an MLflow tracking server", "MLflow of runs", _lands("/iam/open/experiments")),
    ("MLflow through another endpoint", _NOWHERE, _redeems("/iam/url/experiments", "elsewhere")),
    ("MLflow from the internet", _NOWHERE, _redeems("/iam/url/experiments", "internet")),
    ("a contractor's notebook instance", _REFUSED, _lands("/jwt/open/workbench", "jwt-dinah")),
    ("Alice's first time in the lab", _MADE, _again("/jwt/open/lab", "jwt")),
)
