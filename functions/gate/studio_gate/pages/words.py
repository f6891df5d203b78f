"""In which language a person reads, and the gate's texts in it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from studio_gate.errors import Problem

# Whoever sends more than this has no language in mind.
_LONGEST = 512
# RFC 9110, sections 12.5.4 and 12.4.2: a range, and its weight.
_RANGE = re.compile(r"(?P<language>[A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*|\*")
_WEIGHT = re.compile(r"[Qq]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
# What differs from one detail of a parameter to another of the same kind: numbers, and the names after a colon.
_VALUE = re.compile(r"(?<=: ).+|[0-9]+")


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The gate's texts in one language, which `lang` names (RFC 5646)."""

    lang: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values, whatever these hold."""
        return self.texts[key].format_map(values) if values else self.texts[key]

    def lasting(self, seconds: int) -> str:
        """Say a time in the largest unit that it is whole in."""
        unit, size = next((unit, size) for unit, size in _UNITS.items() if seconds % size == 0)
        return self(unit, count=seconds // size)

    def parameter(self, name: str, detail: str) -> str:
        """Say what a program is told of a parameter; what has no words here is said as it is told."""
        key = f"parameter: {_VALUE.sub('#', detail)}"
        return self.texts.get(key, self.texts["parameter"]).format(*_VALUE.findall(detail), name=name, detail=detail)


_UNITS = {"hours": 3600, "minutes": 60, "seconds": 1}
_OF_PROBLEMS = {f"problem.{one.slug}": one.detail for one in Problem} | {
    f"problem.{one.slug}.title": one.title for one in Problem
}


def _read(lang: str) -> Words:
    texts = tomllib.loads(Path(__file__).with_name(f"{lang}.toml").read_text(encoding="utf-8"))
    return Words(lang, _OF_PROBLEMS | texts)


ENGLISH, JAPANESE = _read("en"), _read("ja")


def accepted(headers: Sequence[str]) -> Words:
    """Return the texts in the language that all values of `Accept-Language` like best, English where none is known."""
    return _accepted(", ".join(headers))


@lru_cache(64)
def _accepted(header: str) -> Words:
    weights: dict[str, float] = {}
    for part in header.split(",") if len(header) <= _LONGEST else ():
        named, _, weight = (one.strip(" \t") for one in part.partition(";"))
        found, weighed = _RANGE.fullmatch(named), _WEIGHT.fullmatch(weight or "q=1")
        if found and weighed:
            # Of several ranges for one language ("ja-JP, ja;q=0.8") the one that is liked best.
            language = (found["language"] or "*").lower()
            weights[language] = max(weights.get(language, 0.0), float(weighed[1]))
    rest = weights.get("*", 0.0)
    english, japanese = (weights.get(one.lang, rest) for one in (ENGLISH, JAPANESE))
    # Of two that are liked alike, the one that is named first; "*" names English.
    first = next((one for one in weights if one in {"en", "ja"}), "en")
    return JAPANESE if japanese > english or (japanese == english > 0 and first == "ja") else ENGLISH
