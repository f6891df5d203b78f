"""The commands that say who somebody is and what they may open; the names are kept for completion."""

import argparse
import json
from collections.abc import Mapping
from typing import Any

from studio_gate_cli import names
from studio_gate_cli.asking import ask, gate_options
from studio_gate_cli.commands import Commands
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.tables import span, table

_HEAD = ("DESTINATION", "TITLE", "KIND", "PROFILE", "URL OPENS FOR", "SESSION LASTS")
_SPANS = ("expires_in", "session_expires_in")


def register(commands: Commands) -> None:
    """Add `destinations` and `me`."""
    command = commands.add("destinations", "List what I may open", _destinations)
    gate_options(command)
    command.add_argument("--json", action="store_true", help="print the list as JSON")
    command = commands.add("me", "Say who I am and what I may open", _me)
    gate_options(command)
    command.add_argument("--json", action="store_true", help="print the gate's whole answer as JSON")


def _destinations(given: argparse.Namespace) -> None:
    _, rows, body = _asked(given)
    print(json.dumps(body["may_open"], indent=2) if given.json else rows)


def _me(given: argparse.Namespace) -> None:
    who, rows, body = _asked(given)
    print(json.dumps(body, indent=2) if given.json else f"{who}\n\n{rows}")


def _asked(given: argparse.Namespace) -> tuple[str, str, Mapping[str, Any]]:
    """Return who asks, the table of what they may open, and all that the gate has answered."""
    answer, _ = ask(given, "me")
    try:
        caller, may_open = answer.body["caller"], answer.body["may_open"]
        who = f"{readable(caller['subject'])}, groups: {', '.join(map(readable, caller['groups'])) or 'none'}"
        rows = [_row(one) for one in may_open]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say who you are and what you may open") from error
    names.keep(one["destination"] for one in may_open)
    return who, table(_HEAD, rows) if rows else "There is nothing that you may open.", answer.body


def _row(one: Mapping[str, Any]) -> list[object]:
    spans = [f"{span(one[name]['default'])} (at most {span(one[name]['maximum'])})" for name in _SPANS]
    title, profile = one.get("title") or one["destination"], one["profile"]
    return [one["destination"], title, one["kind"], "-" if profile is None else profile, *spans]
