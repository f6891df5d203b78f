"""Where a launch lands: one table for every app, with and without a space, a path and a running app."""

import re
from itertools import product

import pytest

from studio_gate.errors import GateError, InvalidParameter, Problem
from studio_gate.landing import (
    APPS,
    LANDING_URI_LENGTH,
    PATH_LENGTH,
    Landing,
    app_of,
    check_app,
    check_path,
    check_space,
    check_together,
    landing,
)

NOTEBOOK = "lab/tree/notebooks/model.ipynb"

# What is asked (app, path, space), whether the space's app runs, and where it lands.
LANDINGS = {
    "nothing is left to the domain": ((None, None, None), True, Landing()),
    "studio is its start page": (("studio", None, None), True, Landing(landing_uri="studio::")),
    "a page of studio": (("studio", "models/registered", None), True, Landing(landing_uri="studio::models/registered")),
    "a path without an app is studio's": ((None, "jobs", None), True, Landing(landing_uri="studio::jobs")),
    "a space is left to the space": ((None, None, "mine"), True, Landing("mine")),
    "a path in a space is jupyterlab's": (
        (None, NOTEBOOK, "mine"),
        True,
        Landing("mine", f"app:JupyterLab:{NOTEBOOK}"),
    ),
    "jupyterlab in a space": (("jupyterlab", None, "mine"), True, Landing("mine", "app:JupyterLab:")),
    "a notebook": (("jupyterlab", NOTEBOOK, "mine"), True, Landing("mine", f"app:JupyterLab:{NOTEBOOK}")),
    "code editor in a space": (("codeeditor", None, "mine"), True, Landing("mine", "app:CodeEditor:")),
    "a path in code editor": (("codeeditor", "a/b", "mine"), True, Landing("mine", "app:CodeEditor:a/b")),
    "canvas": (("canvas", None, None), True, Landing(landing_uri="app:Canvas:")),
    "a page of canvas": (("canvas", "models/list", None), True, Landing(landing_uri="app:Canvas:models/list")),
    "rstudio": (("rstudio", None, None), True, Landing(landing_uri="app:RStudioServerPro:")),
    "a path in rstudio": (("rstudio", "s/1", None), True, Landing(landing_uri="app:RStudioServerPro:s/1")),
    "jupyterlab alone is studio's page of it": (
        ("jupyterlab", None, None),
        True,
        Landing(landing_uri="studio::jupyterlab"),
    ),
    "code editor alone is studio's page of it": (
        ("codeeditor", None, None),
        True,
        Landing(landing_uri="studio::code-editor"),
    ),
    "a space that does not run is studio's page of it": (
        (None, None, "mine"),
        False,
        Landing(landing_uri="studio::jupyterlab/mine"),
    ),
    "a path in a space that does not run is dropped": (
        (None, NOTEBOOK, "mine"),
        False,
        Landing(landing_uri="studio::jupyterlab/mine"),
    ),
    "jupyterlab that does not run": (
        ("jupyterlab", NOTEBOOK, "mine"),
        False,
        Landing(landing_uri="studio::jupyterlab/mine"),
    ),
    "code editor that does not run": (
        ("codeeditor", "a/b", "mine"),
        False,
        Landing(landing_uri="studio::code-editor/mine"),
    ),
    "studio runs always": (("studio", "jobs", None), False, Landing(landing_uri="studio::jobs")),
    "nothing to run": ((None, None, None), False, Landing()),
    "canvas is started by opening it": (("canvas", "a", None), False, Landing(landing_uri="app:Canvas:a")),
    "rstudio runs for the domain": (("rstudio", None, None), False, Landing(landing_uri="app:RStudioServerPro:")),
}


@pytest.mark.parametrize(("asked", "running", "expected"), LANDINGS.values(), ids=LANDINGS.keys())
def test_landing(asked: tuple[str | None, str | None, str | None], expected: Landing, *, running: bool) -> None:
    assert landing(*asked, running=running) == expected


GOOD_PATHS = {
    "a word": "lab",
    "a file": NOTEBOOK,
    "a file without a name": "lab/tree/.gitignore",
    "every character there may be": "ABYZabyz/0189/-._~",
    "dots in a word": "a..b/c...",
    "three dots and more": "...x",
    "the longest": "a" * PATH_LENGTH,
}


@pytest.mark.parametrize("path", GOOD_PATHS.values(), ids=GOOD_PATHS.keys())
def test_path(path: str) -> None:
    assert check_path(path) is None


BAD_PATHS = {
    "nothing": "",
    "one that is absolute": "/lab",
    "one with a slash at its end": "lab/",
    "one with two slashes": "lab//tree",
    "a step up": "lab/../x",
    "a step up at its end": "lab/..",
    "a step that stays": "./lab",
    "dots alone": "lab/...",
    "a backslash": "lab\\tree",
    "an escape": "lab/%41",
    "a query": "lab?reset",
    "a fragment": "lab#x",
    "a parameter of a segment": "lab;x/tree",
    "a colon, as in a drive or a scheme": "lab/tree/RTC:x.ipynb",
    "an at sign": "lab/tree/@scope",
    "a blank": "lab/tree/my notebook.ipynb",
    "a plus": "lab/a+b",
    "a newline at its end": "lab\n",
    "a tab": "la\tb",
    "a letter outside of ASCII": "lab/tree/straße",
    "a full-width letter": "\uff4cab",
    "one that is too long": "a" * (PATH_LENGTH + 1),
}


@pytest.mark.parametrize("path", BAD_PATHS.values(), ids=BAD_PATHS.keys())
def test_not_a_path(path: str) -> None:
    assert check_path(path) == (
        "must be a relative path of at most 1000 characters: words of ASCII letters, digits, '-', '.', '_' and '~', "
        "joined by single '/'"
    )


@pytest.mark.parametrize("space", ["a", "Mine", "team-a--b", "a" * 63])
def test_space(space: str) -> None:
    assert check_space(space) is None


@pytest.mark.parametrize(
    "space", ["", "-a", "a-", "a.b", "a_b", "a/b", "../a", "a b", "a\n", "\uff41", "a" * 64, "a" + "-" * 62 + "b"]
)
def test_not_a_space(space: str) -> None:
    assert check_space(space) == "must be the name of a space of at most 63 characters"


@pytest.mark.parametrize("app", APPS)
def test_app(app: str) -> None:
    assert check_app(app) is None


@pytest.mark.parametrize("app", ["", "JupyterLab", "jupyterlab\n", "jupyterserver", "app:Canvas", "studio::"])
def test_not_an_app(app: str) -> None:
    assert check_app(app) == "must be one of studio, jupyterlab, codeeditor, canvas, rstudio"


# Space, app and path, and what is wrong with them.
TOGETHER = {
    "nothing": ((None, None, None), []),
    "a space": (("mine", None, None), []),
    "a space, its app and a path": (("mine", "jupyterlab", "lab"), []),
    "a space and a path": (("mine", None, "lab"), []),
    "a path": ((None, None, "jobs"), []),
    "an app that needs a space, for its page": ((None, "codeeditor", None), []),
    "a path in canvas": ((None, "canvas", "models"), []),
    "a path in jupyterlab without a space": (
        (None, "jupyterlab", "lab"),
        [("space", "must be given with a path in the app jupyterlab")],
    ),
    "a path in code editor without a space": (
        (None, "codeeditor", "x"),
        [("space", "must be given with a path in the app codeeditor")],
    ),
    "a space with canvas": (("mine", "canvas", None), [("space", "must not be given with the app canvas")]),
    "a space with rstudio": (("mine", "rstudio", "x"), [("space", "must not be given with the app rstudio")]),
    "a space with studio": (("mine", "studio", "x"), [("space", "must not be given with the app studio")]),
}


@pytest.mark.parametrize(("asked", "wrong"), TOGETHER.values(), ids=TOGETHER.keys())
def test_together(asked: tuple[str | None, str | None, str | None], wrong: list[tuple[str, str]]) -> None:
    space, app, path = asked
    assert check_together(space, app, path) == wrong
    if wrong:
        with pytest.raises(GateError) as caught:
            landing(app, path, space, running=True)
        assert caught.value.parameters == tuple(InvalidParameter(*one) for one in wrong)


def test_what_was_not_checked_does_not_land() -> None:
    with pytest.raises(GateError) as caught:
        landing("JupyterLab", "/evil.example", "../x", running=True)
    assert caught.value.problem is Problem.MALFORMED
    assert [one.name for one in caught.value.parameters] == ["space", "app", "path"]


@pytest.mark.parametrize(
    ("app", "space", "meant"),
    [
        (None, None, "studio"),
        (None, "mine", "jupyterlab"),
        *((app, space, app) for app, space in product(APPS, (None, "mine"))),
    ],
)
def test_the_app_that_is_meant(app: str | None, space: str | None, meant: str) -> None:
    assert app_of(app, space) == meant


@pytest.mark.parametrize(
    ("app", "path", "running"), [*product((None, *APPS), (None, "a" * PATH_LENGTH, NOTEBOOK), (True, False))]
)
def test_every_landing_is_one_that_sagemaker_takes(app: str | None, path: str | None, *, running: bool) -> None:
    space = "s" * 63 if APPS[app_of(app, "")].needs_space else None
    found = landing(app, path, space, running=running)
    # CreatePresignedDomainUrl, SageMaker API reference: the forms of LandingUri, and what needs a SpaceName.
    if found.landing_uri is not None:
        form = r"(?P<studio>studio::)(?!/).*|app:(?P<app>JupyterLab|CodeEditor|RStudioServerPro|Canvas):(?!/).*"
        parts = re.fullmatch(form, found.landing_uri)
        assert parts
        assert (parts["app"] in {"JupyterLab", "CodeEditor"}) == (found.space_name is not None)
        assert len(found.landing_uri) <= LANDING_URI_LENGTH
