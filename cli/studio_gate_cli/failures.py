"""What can go wrong at a terminal: one line and one exit status each."""

from enum import IntEnum

_LONGEST_WORD = 64
_LONGEST_LINE = 500


class Exit(IntEnum):
    """The exit statuses; tools may branch on them."""

    DONE = 0
    UNFORESEEN = 1
    USAGE = 2
    CREDENTIALS = 3
    UNREACHABLE = 4
    REFUSED = 5
    LATER = 6
    NOT_THE_GATE = 7
    NO_BROWSER = 8
    NOT_PROVEN = 9
    INTERRUPTED = 130


class Failure(Exception):  # noqa: N818 - it is shown to a person as what it is, not as an error of the program
    """The command ended without what was asked for; `line` is all that is said about it, in words of our own."""

    def __init__(self, status: Exit, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


def readable(text: object) -> str:
    """Return text from elsewhere fit for a terminal: one line, printable, bounded, without addresses or tokens."""
    printable = "".join(one if one.isprintable() or one.isspace() else "?" for one in str(text))
    # An address may hold a token, and nothing that is meant to be read is a word so long.
    kept = [word if len(word) <= _LONGEST_WORD and "://" not in word else "[...]" for word in printable.split()]
    return " ".join(kept)[:_LONGEST_LINE]
