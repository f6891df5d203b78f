"""The commands that open something: by its URL alone, or in the browser."""

import argparse
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from studio_gate_cli import browser
from studio_gate_cli.asking import ask, gate_options
from studio_gate_cli.commands import Commands, must, say
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.names import DESTINATION, NAME

if TYPE_CHECKING:
    from studio_gate_cli.client import Answer

APPS = ("studio", "jupyterlab", "codeeditor", "canvas", "rstudio")
_SECONDS = re.compile(r"[1-9][0-9]{0,5}")
_LONGEST_PATH = 1023
# Decoded, or read as the beginning of something else, they make of a path another address.
_NEVER_IN_A_PATH = frozenset("\\%?#:")
_SETTLED = ("profile", "space", "app", "path", "expires_in", "session_expires_in")
# What `open --json` says, if the gate does: never the URL.
_OPENED = ("destination", "profile", "space", "app", "path", "expires_at", "session_expires_at", "request_id")
_EXAMPLES = """\
examples:
  studio-gate {name} research --space team
  studio-gate {name} research --space mine --path lab/tree/a.ipynb
"""


def register(commands: Commands) -> None:
    """Add `url` and `open`."""
    words = "Print a presigned URL; it is a secret, for a tool that opens it at once"
    _options(commands.add("url", words, _url, _EXAMPLES.format(name="url")), "print the gate's whole answer as JSON")
    words = "Open Studio in the browser, without showing the URL"
    _options(commands.add("open", words, _open, _EXAMPLES.format(name="open")), "print what was opened as JSON")


def _options(command: argparse.ArgumentParser, as_json: str) -> None:
    seconds = must(_SECONDS.fullmatch, "a whole number of seconds")
    destination = must(NAME.fullmatch, "the name of a destination, as `studio-gate destinations` lists them")
    profile = must(NAME.fullmatch, "the name of a Studio user profile")
    space = must(NAME.fullmatch, "the name of a space")
    path = must(_is_safe, "a relative path, such as lab/tree/a.ipynb")
    command.add_argument(DESTINATION, nargs="?", type=destination, help="what to open; else the default")
    command.add_argument("--profile", type=profile, metavar="NAME", help="the Studio user profile to open")
    command.add_argument("--space", type=space, metavar="NAME", help="the space to open")
    command.add_argument("--app", choices=APPS, metavar="APP", help=f"the app to land in: {', '.join(APPS)}")
    command.add_argument("--path", type=path, help="where to land in the app, relative to its root")
    command.add_argument("--expires-in", type=seconds, metavar="S", help="seconds the URL can be opened")
    command.add_argument("--session-expires-in", type=seconds, metavar="S", help="seconds the session lasts")
    gate_options(command)
    command.add_argument("--json", action="store_true", help=as_json)


def _is_safe(path: str) -> bool:
    """Tell whether a path is fit to be asked for; which of these are good, the gate says."""
    if len(path) > _LONGEST_PATH or not path.isprintable() or not _NEVER_IN_A_PATH.isdisjoint(path):
        return False
    # No segment is empty or only dots.
    return all(segment.strip(".") for segment in path.removesuffix("/").split("/"))


def _minted(given: argparse.Namespace) -> tuple["Answer", str]:
    query = {name: getattr(given, name) for name in _SETTLED if getattr(given, name) is not None}
    answer, gate = ask(given, f"url/{given.destination}" if given.destination else "url", query)
    from studio_gate_cli import client  # noqa: PLC0415 - loaded by now

    return answer, client.presigned(answer, gate)


def _url(given: argparse.Namespace) -> None:
    answer, url = _minted(given)
    print(json.dumps(answer.body, indent=2) if given.json else url)


def _open(given: argparse.Namespace) -> None:
    answer, url = _minted(given)
    seconds = _seconds_left(answer)
    who = "".join(
        f"{word} {readable(answer.body[name])}"
        for word, name in ((" as", "profile"), (" in", "space"))
        if answer.body.get(name) is not None
    )
    say(f"opening {urlsplit(url).hostname}{who}; it can be opened for {seconds} s")
    browser.show(url)
    if given.json:
        opened = {name: answer.body[name] for name in _OPENED if name in answer.body}
        told = {name: None if value is None else readable(value) for name, value in opened.items()}
        print(json.dumps(told, indent=2))


def _seconds_left(answer: "Answer") -> int:
    try:
        now = parsedate_to_datetime(answer.date)  # the gate's own clock; a laptop's may be wrong
    except ValueError:
        now = datetime.now(UTC)
    try:
        return max(0, round((datetime.fromisoformat(answer.body["expires_at"]) - now).total_seconds()))
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say when its URL expires") from error
