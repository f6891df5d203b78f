"""No path, space or app that anybody asks for lands outside of Studio, however it is read on its way to a browser."""

import random
import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote, unquote

import pytest

from studio_gate.errors import GateError
from studio_gate.landing import APPS, LANDING_URI_LENGTH, Landing, check_app, check_path, check_space, landing
from tests.hostile.landing_corpus import CORPUS, E
from tests.hostile.landings import ROOTS, escapes, readings

# They look like something else, and are words of a path below Studio's root.
HARMLESS = [
    E,
    f"www.{E}/x",
    "localhost",
    "127.0.0.1",
    "https",
    "javascript",
    "~root",
    "~",
    "-",
    "_",
    "-rf",
    "a..b",
    "..x",
]
ASKED: list[tuple[str | None, str | None]] = [*product((None, "studio", "canvas", "rstudio"), [None])]
ASKED += [*product((None, "jupyterlab", "codeeditor"), ["mine"])]


def landings(path: str | None) -> Iterator[Landing]:
    """Every landing that a path may have a part in; none where it is refused."""
    for (app, space), running in product(ASKED, (True, False)):
        try:
            yield landing(app, path, space, running=running)
        except GateError:
            continue


def worst(value: str) -> list[str]:
    """What a parser that checks nothing would make of it."""
    return [f"{prefix}{value}" for prefix in ROOTS]


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    values = [value for group in CORPUS.values() for value in group]
    assert len(values) == len(set(values)) > 250


@pytest.mark.parametrize("group", CORPUS.values(), ids=CORPUS.keys())
def test_no_hostile_path_lands(group: list[str]) -> None:
    assert [value for value in group if check_path(value) is None] == []
    assert [found for value in group for found in landings(value)] == []


@pytest.mark.parametrize("path", HARMLESS)
def test_what_only_looks_hostile_lands_in_studio(path: str) -> None:
    found = [one.landing_uri for one in landings(path)]
    assert found
    assert [uri for uri in found if uri and escapes(uri)] == []


@pytest.mark.parametrize("group", CORPUS.values(), ids=CORPUS.keys())
def test_no_hostile_space_or_app_lands(group: list[str]) -> None:
    assert [value for value in group if check_app(value) is None] == []
    names = [value for value in group if check_space(value) is None]
    assert names == []
    for value in group:
        for app, space in ((None, value), ("jupyterlab", value), ("codeeditor", value), (value, "mine"), (value, None)):
            with pytest.raises(GateError):
                landing(app, None, space, running=False)


SHOWN = {
    "a redemption to another host": f"studio::/{E}",
    "two slashes": f"studio::/{E}/x",
    "a backslash": f"studio::\\{E}",
    "a tab before a slash": f"studio::\t/{E}",
    "an escaped slash": f"studio::%2f{E}",
    "a slash escaped three times": f"studio::%25252f{E}",
    "an overlong slash": f"studio::%c0%af{E}",
    "a full-width slash": f"studio::\uff0f{E}",
    "an escape of the old kind": f"studio::%u002f{E}",
    "a parameter of a segment": f"studio::;x/{E}",
    "a scheme": "studio::javascript:alert(1)",
    "another host's address": f"app:JupyterLab:https://{E}",
    "a step out of the app": "app:JupyterLab:../../x",
    "a step behind a parameter": "app:CodeEditor:..;/..;/x",
    "full-width dots": "app:Canvas:\uff0e\uff0e/x",
    "an ellipsis of two dots": "app:Canvas:\u2025/x",
    "a second header": "studio::lab\r\nSet-Cookie: a=b",
    "a header in cut code points": "studio::lab\u560d\u560aX: y",
    "an address that nobody can read": "studio::/[",
    "a query": "studio::lab?x",
    "an escaped fragment": "studio::lab%23x",
    "an absolute path in an app": "app:RStudioServerPro:/lab",
    "a NUL after a step": "app:JupyterLab:..%00x",
}


@pytest.mark.parametrize("uri", SHOWN.values(), ids=SHOWN.keys())
def test_the_oracle_sees(uri: str) -> None:
    assert escapes(uri) is not None


@pytest.mark.parametrize("uri", ["studio::", "studio::lab/tree/x.ipynb", "app:Canvas:", "app:JupyterLab:a/...b/c..d"])
def test_the_oracle_lets_a_page_of_studio_be(uri: str) -> None:
    assert escapes(uri) is None


WORDS = ["lab", "tree", "jobs", "a", "Z9", "x.ipynb", "my-notebook_1", "~u", "model.v2", "..b", "spaces", "0"]
TRICKS = [value for group in CORPUS.values() for value in group if len(value) < 40]
PIECES = [
    ".",
    "..",
    "/",
    "//",
    "\\",
    "%2f",
    "%252e",
    "%00",
    "\t",
    "\n",
    "\r",
    " ",
    ":",
    "@",
    "?",
    "#",
    ";",
    "\uff0f",
    "\0",
    E,
]


def generated(draw: random.Random) -> str:
    """One path: of good words mostly, and most of those with something hostile put in, escaped or not."""
    path = "/".join(draw.choices(WORDS, k=draw.randint(1, 5)))
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        at = draw.choice((0, draw.randint(0, len(path))))
        piece = draw.choice((draw.choice(PIECES), draw.choice(TRICKS), draw.choice(WORDS), chr(draw.randrange(0x3000))))
        path = path[:at] + draw.choice((piece, piece, quote(piece, safe="", errors="replace"))) + path[at:]
    return path


def test_of_100_000_generated_paths_none_escapes() -> None:
    seed = random.getrandbits(32)  # pytest-randomly prints what this comes from
    draw = random.Random(seed)
    paths = [generated(draw) for _ in range(100_000)]
    accepted = {path for path in paths if check_path(path) is None}
    # The generator is no formality: hundreds of different paths pass, and many of the others would have escaped.
    refused = sorted(set(paths) - accepted)[:: len(paths) // 1000]
    assert len(accepted) > 500, f"seed {seed}"
    assert sum(any(map(escapes, worst(path))) for path in refused) > len(refused) * 0.4, f"seed {seed}"
    asked = [(path, *draw.choice(ASKED)) for path in accepted]
    uris = [landing(app, path, space, running=True).landing_uri or "" for path, app, space in asked]
    wrong = [uri for uri in uris if escapes(uri) or len(uri) > LANDING_URI_LENGTH]
    assert wrong == [], f"seed {seed}"
    changed = [path for path in accepted if readings(path) != {path} or unquote(path) != path]
    assert changed == [], f"seed {seed}"
    # A second opinion of the grammar, in other words.
    assert [path for path in accepted if not re.fullmatch(r"[\w.~/-]+", path, re.ASCII)] == [], f"seed {seed}"


@pytest.mark.parametrize("app", APPS)
def test_every_app_has_a_root_that_the_oracle_knows(app: str) -> None:
    assert APPS[app].prefix in ROOTS
