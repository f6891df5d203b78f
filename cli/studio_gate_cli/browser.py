"""The browser, which gets the URL and tells nobody."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from studio_gate_cli.failures import Exit, Failure


def show(url: str) -> None:
    """Open the URL in the browser; `Failure` 8 if there is none."""
    import webbrowser  # noqa: PLC0415 - nothing else needs it

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
