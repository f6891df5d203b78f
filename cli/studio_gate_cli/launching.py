"""The commands that ask the gate: who am I, what may I open, and open it."""

import argparse
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from studio_gate_cli import browser, gates
from studio_gate_cli.commands import Commands, aws_options, matching, say
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.tables import span, table

if TYPE_CHECKING:
    from studio_gate_cli.client import Answer

# Never only dots, which a signer would take out of the path (RFC 3986, section 5.2.4).
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECONDS = re.compile(r"[1-9][0-9]{0,5}")
_SETTLED = ("profile", "expires_in", "session_expires_in")
_HEAD = ("DESTINATION", "KIND", "PROFILE", "URL OPENS FOR", "SESSION LASTS")
_SPANS = ("expires_in", "session_expires_in")


def register(commands: Commands) -> None:
    """Add `url`, `open` and `me`."""
    words = "Print a presigned URL; it is a secret, for a tool that opens it at once"
    for name, said, run in (
        ("url", words, _url),
        ("open", "Open Studio in the browser, without showing the URL", _open),
    ):
        command = commands.add(name, said, run)
        destination = matching(NAME, "the name of a destination, as `studio-gate me` lists them")
        profile, seconds = (
            matching(NAME, "the name of a Studio user profile"),
            matching(_SECONDS, "a whole number of seconds"),
        )
        command.add_argument("destination", nargs="?", type=destination, help="what to open; else the default")
        command.add_argument("--profile", type=profile, metavar="NAME", help="the Studio user profile to open")
        command.add_argument("--expires-in", type=seconds, metavar="S", help="seconds the URL can be opened")
        command.add_argument("--session-expires-in", type=seconds, metavar="S", help="seconds the session lasts")
        _gate_options(command)
        if name == "url":
            command.add_argument("--json", action="store_true", help="print the gate's whole answer as JSON")
    command = commands.add("me", "Say who I am and what I may open", _me)
    _gate_options(command)
    command.add_argument("--json", action="store_true", help="print the gate's whole answer as JSON")


def _gate_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--gate", metavar="URL", help="the gate's address (else STUDIO_GATE_URL)")
    aws_options(command, "the gate's AWS region, if its host name does not tell")


def _ask(given: argparse.Namespace, route: str) -> tuple["Answer", gates.Gate]:
    gate = gates.find(given.gate, given.region)
    from studio_gate_cli import client  # noqa: PLC0415 - help needs no botocore, and Ctrl-C may come while it loads

    query = {name: getattr(given, name) for name in _SETTLED if getattr(given, name, None) is not None}
    destination = f"/{quote(given.destination, safe='')}" if getattr(given, "destination", None) else ""
    url = f"{gate.base}/iam/{route}{destination}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    if given.verbose:
        say(f"asking {gate.host} for /iam/{route}, signed for {gate.region}")
    answer = client.ask(gates.Asked(gate, url, given.aws_profile))
    if given.verbose:
        say(f"answered in {answer.seconds:.2f} s; credentials by {readable(answer.signed_with)}")
    return answer, gate


def _minted(given: argparse.Namespace) -> tuple["Answer", str]:
    answer, gate = _ask(given, "url")
    from studio_gate_cli import client  # noqa: PLC0415 - loaded by now

    return answer, client.presigned(answer, gate)


def _url(given: argparse.Namespace) -> None:
    answer, url = _minted(given)
    print(json.dumps(answer.body, indent=2) if given.json else url)


def _open(given: argparse.Namespace) -> None:
    answer, url = _minted(given)
    seconds = _seconds_left(answer)
    say(f"opening {urlsplit(url).hostname} as {readable(answer.body.get('profile'))}; it can be opened for {seconds} s")
    browser.show(url)


def _seconds_left(answer: "Answer") -> int:
    try:
        now = parsedate_to_datetime(answer.date)  # the gate's own clock; a laptop's may be wrong
    except ValueError:
        now = datetime.now(UTC)
    try:
        return max(0, round((datetime.fromisoformat(answer.body["expires_at"]) - now).total_seconds()))
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say when its URL expires") from error


def _me(given: argparse.Namespace) -> None:
    answer, _ = _ask(given, "me")
    print(json.dumps(answer.body, indent=2) if given.json else _who_and_what(answer.body))


def _who_and_what(body: Mapping[str, Any]) -> str:
    try:
        caller, rows = body["caller"], []
        who = f"{readable(caller['subject'])}, groups: {', '.join(map(readable, caller['groups'])) or 'none'}"
        for one in body["may_open"]:
            spans = [f"{span(one[name]['default'])} (at most {span(one[name]['maximum'])})" for name in _SPANS]
            rows.append([*(one[name] for name in ("destination", "kind", "profile")), *spans])
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say who you are and what you may open") from error
    return f"{who}\n\n{table(_HEAD, rows) if rows else 'There is nothing that you may open.'}"
