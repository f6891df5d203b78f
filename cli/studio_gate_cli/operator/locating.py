"""Which line of a TOML document says what: tomllib reads it, and does not tell."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

# Keys of tables, and the places of members, counted from 0.
type Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# TOML 1.0, "String"; those of several lines end with up to two quotes of their own.
_STRINGS = re.compile(r"'''.*?'{3,5}|\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"", re.DOTALL)
_OTHER = re.compile(r"[^,\]}#\n]*")


def lines(text: str) -> dict[Path, int]:
    """Return the line on which each key, table and member is, counted from 1. Only for what tomllib has accepted."""
    return _Walk(text).found


def line_of(found: Mapping[Path, int], place: Path) -> tuple[Path, int]:
    """Return as much of a place as the document has, and its line; what is no key of the document is passed over.

    That is how a validator writes the place of what is missing, and which of several kinds something was taken for.
    """
    path: Path = ()
    for part in place:
        if (*path, part) in found:
            path = (*path, part)
    return path, found.get(path, 1)


class _Walk:
    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self._text, self._at = text, 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        # How many tables each array of tables has so far.
        self._counts: dict[Path, int] = {}
        table: Path = ()
        while self._skip(_BETWEEN) < len(text):
            table = self._header() if text[self._at] == "[" else self._pair(table)

    def _skip(self, what: re.Pattern[str]) -> int:
        """Move over what is at the present place, and return the place after it."""
        if (match := what.match(self._text, self._at)) is not None:
            self._at = match.end()
        return self._at

    def _is(self, wanted: str) -> bool:
        """Tell whether a character is next, and move over it if so."""
        is_next = self._text.startswith(wanted, self._at)
        self._at += is_next
        return is_next

    def _note(self, path: Path, start: int) -> Path:
        self.found.setdefault(path, bisect_right(self._starts, start))
        return path

    def _header(self) -> Path:
        start = self._at
        self._is("[")
        many = self._is("[")
        *parents, last = self._keys()
        self._at += 2 if many else 1
        path: Path = ()
        for key in parents:
            path = self._note((*path, key), start)
            # A table of an array is that of its last header.
            path = (*path, self._counts[path] - 1) if path in self._counts else path
        path = self._note((*path, last), start)
        if many:
            self._counts[path] = self._counts.get(path, 0) + 1
            path = self._note((*path, self._counts[path] - 1), start)
        return path

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while not keys or self._is("."):
            start = self._skip(_BLANK)
            bare = self._text[start] not in "'\""
            self._skip(_BARE if bare else _STRINGS)
            raw = self._text[start : self._at]
            keys.append(raw if bare else str(tomllib.loads(f"key = {raw}")["key"]))
            self._skip(_BLANK)
        return keys

    def _pair(self, table: Path) -> Path:
        """Note a key and what it holds; return the table that they are of."""
        start, path = self._at, table
        for key in self._keys():
            path = self._note((*path, key), start)
        self._is("=")
        self._skip(_BLANK)
        self._value(path)
        return table

    def _value(self, path: Path) -> None:
        if self._is("["):
            index = 0
            while self._text[self._skip(_BETWEEN)] != "]":
                self._value(self._note((*path, index), self._at))
                index += 1
                self._skip(_BETWEEN)
                self._is(",")
            self._is("]")
        elif self._is("{"):
            while self._text[self._skip(_BETWEEN)] != "}":
                self._pair(path)
                self._skip(_BETWEEN)
                self._is(",")
            self._is("}")
        elif self._text[self._at] in "'\"":
            self._skip(_STRINGS)
        else:
            self._skip(_OTHER)
