"""Each key and member of a TOML document is found on the line that says it."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws import example
from studio_gate_cli.operator.locating import Path, line_of, lines

TEXT = '''\
# a comment with [brackets] = "and more"
version = 1

[[roles]]
name = "a" # another
groups = [
  "x",  # ] no end
  "y, z", [ 1,
    2 ],
]
"quoted.key" = { one = 1, two.three = 3, }
[roles.inner]
key = true

[[roles]]
text = """
[not.a.table]
key = "not a key"
"""
raw = \'\'\'it's\'\'\'\'
[[roles.deep.down]]
at = 1979-05-27 07:32:00
[[roles.deep.down]]
at.time = 07:32:00
'''.replace("3, }", "3 }")
EXPECTED: dict[Path, int] = {
    ("version",): 2,
    ("roles",): 4,
    ("roles", 0): 4,
    ("roles", 0, "name"): 5,
    ("roles", 0, "groups"): 6,
    ("roles", 0, "groups", 0): 7,
    ("roles", 0, "groups", 1): 8,
    ("roles", 0, "groups", 2): 8,
    ("roles", 0, "groups", 2, 0): 8,
    ("roles", 0, "groups", 2, 1): 9,
    ("roles", 0, "quoted.key"): 11,
    ("roles", 0, "quoted.key", "one"): 11,
    ("roles", 0, "quoted.key", "two"): 11,
    ("roles", 0, "quoted.key", "two", "three"): 11,
    ("roles", 0, "inner"): 12,
    ("roles", 0, "inner", "key"): 13,
    ("roles", 1): 15,
    ("roles", 1, "text"): 16,
    ("roles", 1, "raw"): 20,
    ("roles", 1, "deep"): 21,
    ("roles", 1, "deep", "down"): 21,
    ("roles", 1, "deep", "down", 0): 21,
    ("roles", 1, "deep", "down", 0, "at"): 22,
    ("roles", 1, "deep", "down", 1): 23,
    ("roles", 1, "deep", "down", 1, "at"): 24,
    ("roles", 1, "deep", "down", 1, "at", "time"): 24,
}


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Name everything in what tomllib has read."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


def test_every_way_to_write_something_is_found() -> None:
    assert lines(TEXT) == EXPECTED
    assert set(paths(tomllib.loads(TEXT))) == EXPECTED.keys()


@pytest.mark.parametrize("folder", ["localaws/example_config", "functions/gate/config"])
def test_of_a_real_configuration_everything_is_found(folder: str) -> None:
    text = (example.ROOT / folder / "gate.toml").read_text(encoding="utf-8")
    assert set(paths(tomllib.loads(text))) == lines(text).keys()


KEYS = st.text("ab-_1", min_size=1, max_size=3) | st.text("a.[]= #'\"\\\n\u2028é", max_size=4)
STRINGS = st.text("x\"'\\\n[]{}=,#é", max_size=8)
VALUES = st.recursive(
    st.integers(0, 99) | st.booleans() | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


class Writer:
    """Writes a document in ways that are drawn, and notes the line of each key and member as it goes."""

    def __init__(self, data: st.DataObject) -> None:
        self.text, self.found, self._data = "", {}, data

    def table(self, table: dict[str, Any], path: Path) -> None:
        """Write a table: what can only be a value first, then its tables, each under a header or in line."""
        below = {key: item for key, item in table.items() if self._as_header(item)}
        for key, item in table.items():
            if key not in below:
                self._gap()
                self._note((*path, key))
                self.text += f"{self._key(key)}{self._one_of(' = ', '=')}"
                self._value(item, (*path, key))
                self.text += self._one_of("\n", " # [a] = 'b'\n")
        for key, item in below.items():
            for index, one in enumerate(item if isinstance(item, list) else [item]):
                self._gap()
                place = (*path, key, index) if isinstance(item, list) else (*path, key)
                self._note((*path, key))
                self._note(place)
                name = ".".join(self._key(part) for part in place if isinstance(part, str))
                self.text += f"[[{name}]]\n" if isinstance(item, list) else f"[{name}]\n"
                self.table(one, place)

    def _as_header(self, item: object) -> bool:
        tables = isinstance(item, dict) or (isinstance(item, list) and item and all(isinstance(x, dict) for x in item))
        return bool(tables) and self._data.draw(st.booleans())

    def _value(self, item: object, path: Path) -> None:
        if isinstance(item, str):
            self.text += self._string(item)
        elif isinstance(item, list):
            self.text += "["
            for index, one in enumerate(item):
                self.text += self._one_of("", "\n", " # ]\n ")
                self._note((*path, index))
                self._value(one, (*path, index))
                self.text += self._one_of(",", " ,\n")
            self.text += "]"
        elif isinstance(item, dict):
            self.text += "{"
            for number, (key, one) in enumerate(item.items()):
                self.text += ", " if number else " "
                self._note((*path, key))
                self.text += f"{self._key(key)} = "
                self._value(one, (*path, key))
            self.text += "}"
        else:
            self.text += str(item).lower()

    def _string(self, item: str) -> str:
        ways = [quoted(item)]
        if "'" not in item:
            ways += [f"'''\n{item}'''", *([f"'{item}'"] if "\n" not in item else [])]
        escaped = item.replace("\\", "\\\\").replace('"""', '""\\"')
        ways.append(f'"""\n{escaped}"""')
        return self._one_of(*ways)

    def _key(self, key: str) -> str:
        return key if key and all(one in "ab-_1" for one in key) else quoted(key)

    def _one_of(self, *ways: str) -> str:
        return self._data.draw(st.sampled_from(ways))

    def _gap(self) -> None:
        self.text += self._one_of("", "\n", "# [x]\n", "  ")

    def _note(self, path: Path) -> None:
        self.found.setdefault(path, self.text.count("\n") + 1)


def quoted(text: str) -> str:
    """Write a basic string on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@given(TABLES, st.data())
def test_whatever_is_written_is_found_where_it_was_written(table: dict[str, Any], data: st.DataObject) -> None:
    writer = Writer(data)
    writer.table(table, ())
    assert tomllib.loads(writer.text) == table
    assert lines(writer.text) == writer.found


def test_of_a_place_that_is_not_there_the_nearest_is_found() -> None:
    found = lines(TEXT)
    assert line_of(found, ("roles", 0, "alb", "inner", "missing")) == (("roles", 0, "inner"), 12)
    assert line_of(found, ("nothing",)) == ((), 1)
