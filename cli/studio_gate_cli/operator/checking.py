"""Everything that is wrong with a configuration, with its line and what would be right.

What is wrong is what the function itself would refuse, in its own words; here they are only found in the files.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio_gate.config import Config, Deployment, compile_config
from studio_gate.errors import ConfigError
from studio_gate.identity.trust import trust
from studio_gate.policies import compile_policies
from studio_gate_cli.failures import Exit, Failure
from studio_gate_cli.operator import documents, locating, naming, wording

_TOML_AT = re.compile(r" ?\(at line ([0-9]+), column ([0-9]+)\)")
_CEDAR_AT = re.compile(r"(?P<file>[^:\n]+):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<text>.+)")
_WORDS = re.compile(r"[^\s,;]+")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong: its file, its line counted from 1 (0 where it is of the whole file), and what it is."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


def run(given: argparse.Namespace) -> None:
    """Print what is wrong; `Failure` 1 if anything is."""
    written = documents.read(given.path)
    found = findings(written, documents.deployment(written.raw, given.account, given.region))
    if given.json:
        print(json.dumps({"version": written.version, "errors": [asdict(one) for one in found]}, indent=2))
    else:
        print("\n".join(map(str, found)) if found else f"{given.path}: good; version {written.version}")
    if found:
        raise Failure(Exit.UNFORESEEN, f"{len(found)} error{'s' * (len(found) > 1)} in {given.path}")


def check(folder: Path, deployment: Deployment) -> list[Finding]:
    """Say what is wrong with a folder's gate.toml and policies.cedar for a deployment."""
    return findings(documents.read(folder), deployment)


def findings(written: documents.Written, deployment: Deployment) -> list[Finding]:
    """Say what is wrong with a configuration: of each part by itself, and, where both hold, of the two together."""
    found: list[Finding] = []
    place = _Places(written)
    config = _tried(lambda: _config(written, deployment), found, place.of_config)
    if config is not None:
        _tried(lambda: trust(config, deployment.region), found, place.of_config)
    if written.policies or written.raw is not None:
        names = (written.policies_name, documents.SCHEMA.name)
        schema = documents.SCHEMA.read_bytes()
        policies = _tried(
            lambda: compile_policies(names[0], written.policies, names[1], schema, _destinations(config, written)),
            found,
            place.of_policies,
        )
        if config is not None and policies is not None:
            text = written.policies.decode()
            found += [place.named(written.policies_name, one, text) for one in naming.problems(config, text)]
    return sorted(set(found))


def _tried[T](
    work: Callable[[], T], found: list[Finding], places: Callable[[ConfigError], Iterable[Finding]]
) -> T | None:
    try:
        return work()
    except ConfigError as error:
        found += places(error)
        return None


def _destinations(config: Config | None, written: documents.Written) -> set[str]:
    """Return the destinations that policies may name: of a configuration that does not hold, whatever they name."""
    if config is not None:
        return {one.name for one in config.destinations}
    return set(re.findall(r'::"([^"/]*)', written.policies.decode(errors="replace")))


def _config(written: documents.Written, deployment: Deployment) -> Config:
    if written.error is not None or written.raw is None:
        raise written.error or ConfigError("")
    return compile_config(written.toml_name, written.raw, deployment)


class _Places:
    """Finds what an error is about in the files of a configuration."""

    def __init__(self, written: documents.Written) -> None:
        self._written = written
        self._lines = locating.lines(written.toml.decode()) if written.raw is not None else {}

    def of_config(self, error: ConfigError) -> Iterator[Finding]:
        name, cause = self._written.toml_name, error.__cause__
        if isinstance(cause, ValidationError):
            for one in cause.errors():
                path, line = locating.line_of(self._lines, one["loc"])
                said = one["msg"].removeprefix("Value error, ")
                if one["type"] == "value_error":
                    line = self._about(said, path) or line
                yield Finding(name, line, wording.said(one["type"], said, one["loc"], path))
            return
        said = re.sub(r"^[^:\n]+: ", "", str(error), count=1)
        if (at := _TOML_AT.search(said)) is not None:
            yield Finding(name, int(at[1]), _TOML_AT.sub("", said))
            return
        for part in said.split("; "):
            # Most begin with the name of what they are about.
            yield Finding(name, self._about(part.partition(":")[0], ()) or self._about(part, ()) or 0, part)

    def of_policies(self, error: ConfigError) -> Iterator[Finding]:
        name, offset = self._written.policies_name, self._written.first_line - 1
        for line in str(error).splitlines():
            if (at := _CEDAR_AT.fullmatch(line)) is not None:
                yield Finding(name, int(at["line"]) + offset, at["text"])
            else:
                said = re.sub(r"^[^:\n]+: ", "", line, count=1)
                yield self.named(name, said, self._written.policies.decode(errors="replace"))

    def named(self, name: str, said: str, text: str) -> Finding:
        """Find the line of the @id that the message begins with, else of the longest text in quotes, else of an @id."""
        quoted = sorted(re.findall(r'"[^"]+"', said), key=len, reverse=True)
        first, *ids = [f'@id("{word}")' for word in re.findall(r"[\w-]+", said)] or [said]
        wanted = [first, *quoted, *ids]
        offset = self._written.first_line
        for one in wanted:
            if one in text:
                # Of what is given twice, the second is too many.
                return Finding(name, text.count("\n", 0, text.rindex(one)) + offset, said)
        return Finding(name, 0, said)

    def _about(self, said: str, path: locating.Path) -> int | None:
        """Return the line of the last text below a place that the message names; of what is given twice, the second."""
        words = {word.strip("'\":") for word in _WORDS.findall(said)}
        words |= {part for word in words for part in word.split("/")}
        below: Any = self._written.raw
        for part in path:
            below = below[part]
        named = [line for place, text in _texts(below, path) if text in words and (line := self._lines.get(place))]
        return max(named, default=None)


def _texts(value: Any, path: locating.Path) -> Iterator[tuple[locating.Path, str]]:  # noqa: ANN401 - TOML as it was read
    if isinstance(value, str):
        yield path, value
    items: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield from _texts(item, (*path, key))
