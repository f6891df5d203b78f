"""The story of one command: read what is asked, ask the gate, and give the answer to whom it is for."""

import json
import logging
import os
import sys
import traceback
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from studio_gate_cli import arguments
from studio_gate_cli.failures import Exit, Failure, readable


def main(given: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; every failure is one line on stderr."""
    # Otherwise Python writes botocore's warnings to stderr, with traces (logging.lastResort).
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        _run(arguments.read(given))
        sys.stdout.flush()
    except Failure as failure:
        return _say(failure.line, failure.status)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Python's "Note on SIGPIPE": the interpreter flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.UNFORESEEN
    except Exception as error:  # noqa: BLE001 - a message or a trace could hold what must not be shown
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        return _say(f"the client itself failed ({where}); please report it", Exit.UNFORESEEN)
    return Exit.DONE


def _say(line: str, status: Exit = Exit.DONE) -> Exit:
    print(f"studio-gate: {line}", file=sys.stderr, flush=True)
    return status


def _run(asked: arguments.Asked) -> None:
    from studio_gate_cli import client  # noqa: PLC0415 - help needs no botocore, and Ctrl-C may come while it loads

    gate = asked.gate
    if asked.verbose:
        _say(f"asking {gate.host} for /iam/{'me' if asked.command == 'me' else 'url'}, signed for {gate.region}")
    answer = client.ask(asked)
    if asked.verbose:
        _say(f"answered in {answer.seconds:.2f} s; credentials by {readable(answer.signed_with)}")
    url = client.presigned(answer, gate) if asked.command != "me" else ""
    if asked.command == "open":
        _open(url, answer.body, answer.date)
    elif asked.as_json:
        print(json.dumps(answer.body, indent=2))
    else:
        print(url or _table(answer.body))


def _open(url: str, body: Any, date: str) -> None:  # noqa: ANN401 - JSON as it came
    try:
        now = parsedate_to_datetime(date)  # the gate's own clock; a laptop's may be wrong
    except ValueError:
        now = datetime.now(UTC)
    try:
        seconds = max(0, round((datetime.fromisoformat(body["expires_at"]) - now).total_seconds()))
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say when its URL expires") from error
    _say(f"opening {urlsplit(url).hostname} as {readable(body.get('profile'))}; it can be opened for {seconds} s")
    with _silence():
        opened = webbrowser.open(url)
    if not opened:
        raise Failure(Exit.NO_BROWSER, "no browser could be opened here; BROWSER can name one")


@contextmanager
def _silence() -> Iterator[None]:
    """Give what is started nowhere to write: xdg-open and others print the URL when they fail."""
    kept, nowhere = {number: os.dup(number) for number in (1, 2)}, os.open(os.devnull, os.O_WRONLY)
    try:
        for number in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        for number, before in kept.items():
            os.dup2(before, number)
            os.close(before)
        os.close(nowhere)


def _table(body: Any) -> str:  # noqa: ANN401 - JSON as it came
    try:
        caller, rows = body["caller"], [_HEAD]
        who = f"{readable(caller['subject'])}, groups: {', '.join(map(readable, caller['groups'])) or 'none'}"
        for one in body["may_open"]:
            spans = [f"{_span(one[name]['default'])} (at most {_span(one[name]['maximum'])})" for name in _SPANS]
            rows.append([*(readable(one[name]) for name in ("destination", "kind", "profile")), *spans])
    except (KeyError, TypeError, ValueError) as error:
        raise Failure(Exit.NOT_THE_GATE, "the answer does not say who you are and what you may open") from error
    if len(rows) == 1:
        return f"{who}\n\nThere is nothing that you may open."
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([who, "", *lines])


_HEAD = ["DESTINATION", "KIND", "PROFILE", "URL OPENS FOR", "SESSION LASTS"]
_SPANS = ("expires_in", "session_expires_in")


def _span(seconds: int) -> str:
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds:d} s"
