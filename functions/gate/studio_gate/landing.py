"""Where in Studio a launch lands: the one place that makes SageMaker's SpaceName and LandingUri.

Studio redeems `studio::/x` to `Location: //x`, another host: so whatever gets into a LandingUri is of a closed
grammar, and nothing is decoded, cleaned or repaired.
"""

import re
from dataclasses import dataclass

from studio_gate.errors import InvalidParameter, malformed
from studio_gate.fields import PROFILE_NAME, PROFILE_NAME_LENGTH, matches

LANDING_URI_LENGTH = 1023  # CreatePresignedDomainUrl, SageMaker API reference: LandingUri
# Left of that by the longest "app:...:", and a round number.
PATH_LENGTH = 1000
# RFC 3986's unreserved characters, which have one spelling: no decoding and no Unicode normalisation changes them.
# A colon would make a scheme and an at sign a user; a blank needs a "%", which may be decoded more than once. Without
# a slash at the end, a page has one spelling. A segment of dots alone is a step up, or one for somebody.
_SEGMENT = r"(?!\.+(?:/|\Z))[A-Za-z0-9._~-]+"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")


@dataclass(frozen=True, slots=True)
class App:
    """What `app` names: SageMaker's AppType, `None` for Studio itself.

    `page` is Studio's own page of the spaces that the app runs in; `None` for what runs in no space.
    """

    app_type: str | None
    page: str | None = None

    @property
    def needs_space(self) -> bool:
        """Whether the app runs in a space."""
        return self.page is not None

    @property
    def prefix(self) -> str:
        """How a LandingUri of the app begins; a relative path follows."""
        return "studio::" if self.app_type is None else f"app:{self.app_type}:"


# The words are of CreatePresignedDomainUrl, SageMaker API reference: LandingUri. That Code Editor's also needs a
# SpaceName: SageMaker developer guide, "Launch a Code Editor application using the AWS CLI". Of the pages,
# "jupyterlab/{space}" has been seen live; "code-editor/{space}" follows it and must be proved live. Studio Classic is
# not offered, nor is Canvas in a space.
APPS = {
    "studio": App(None),
    "jupyterlab": App("JupyterLab", page="jupyterlab"),
    "codeeditor": App("CodeEditor", page="code-editor"),
    "canvas": App("Canvas"),
    "rstudio": App("RStudioServerPro"),
}


@dataclass(frozen=True, slots=True)
class Landing:
    """SpaceName and LandingUri as CreatePresignedDomainUrl takes them; `None` is left out of the call."""

    space_name: str | None = None
    landing_uri: str | None = None


def check_space(value: str) -> str | None:
    """Return `None` for what can be a space's name, else what it must be."""
    # CreateSpace, SageMaker API reference: SpaceName has the grammar and the length of UserProfileName.
    good = matches(PROFILE_NAME, PROFILE_NAME_LENGTH, value)
    return None if good else f"must be the name of a space of at most {PROFILE_NAME_LENGTH} characters"


def check_app(value: str) -> str | None:
    """Return `None` for one of `APPS`, else what it must be."""
    return None if value in APPS else f"must be one of {', '.join(APPS)}"


def check_path(value: str) -> str | None:
    """Return `None` for a safe relative path, else what it must be."""
    if matches(_PATH, PATH_LENGTH, value):
        return None
    return (
        f"must be a relative path of at most {PATH_LENGTH} characters: words of ASCII letters, digits, '-', '.', '_' "
        "and '~', joined by single '/'"
    )


def check_together(space: str | None, app: str | None, path: str | None) -> list[tuple[str, str]]:
    """Return each parameter that makes no sense beside the others, with what it must be; values as checked alone."""
    opened = APPS[app_of(app, space)]
    if space is not None and not opened.needs_space:
        return [("space", f"must not be given with the app {app}")]
    if space is None and path is not None and opened.needs_space:
        return [("space", f"must be given with a path in the app {app}")]
    return []


def app_of(app: str | None, space: str | None) -> str:
    """Return the app that is meant: the asked one, else JupyterLab where a space is asked for, else Studio."""
    return app or ("studio" if space is None else "jupyterlab")


def landing(app: str | None, path: str | None, space: str | None, *, running: bool) -> Landing:
    """Return where a launch lands; `GateError` 400 for what the checks above do not let through.

    Without `app` and `path` it is where the domain, or the space, has people land. An app that needs a space and has
    none asked for lands on Studio's page of all its spaces. `running` says whether the app of the space runs, and
    counts with a space alone: if not, its own address would be a bare 404, so the landing is Studio's page that can
    start it; `path` is dropped then, for that page has no use for it.
    """
    _check(app, path, space)
    opened = APPS[app_of(app, space)]
    if opened.page is not None and not (space and running):
        return Landing(landing_uri="/".join(filter(None, (f"studio::{opened.page}", space))))
    if app is None and path is None:
        return Landing(space)
    return Landing(space, f"{opened.prefix}{path or ''}")


def _check(app: str | None, path: str | None, space: str | None) -> None:
    """Raise the 400 that names what is wrong: nobody can forget the checks on the way to a LandingUri."""
    checks = (("space", check_space, space), ("app", check_app, app), ("path", check_path, path))
    alone = [(name, wanted) for name, check, value in checks if value is not None and (wanted := check(value))]
    if wrong := alone or check_together(space, app, path):
        raise malformed(*(InvalidParameter(name, wanted) for name, wanted in wrong))
