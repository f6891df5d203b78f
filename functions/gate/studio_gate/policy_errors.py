"""Where in policies.cedar an error is, and what would be right; loaded when there is one.

Cedar names no line. The places come from the source's own words, one policy up to each `;`, and what would be right
from the schema's. Nothing here decides anything: it is for people to read.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable
from difflib import get_close_matches

import cedarpy

# Strings and comments whole, so that neither ends a policy.
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|\w+|::|[=!<>]=|&&|\|\||\S', re.DOTALL)
_QUOTED = re.compile(r"`([^`]*)`")
_ON_TYPE = re.compile(r" on entity type `(?:StudioGate::)?(\w+)`")
_ENDS = "unexpected end of input"
# As many names are listed where none is near.
_MOST_LISTED = 12
_FOLLOWS = "unable to find an applicable action"


# What is wrong with a policy: its key as Cedar counts it, the words, and the word of the source that they are about.
type Fault = tuple[str, str, str | None]


class _Schema:
    """What the schema declares, by its own text: enough to tell a name from a typing error."""

    def __init__(self, text: str) -> None:
        bare = re.sub(r"//.*", "", text)
        entities = re.findall(r"entity (\w+)[^;{]*(?:\{(.*?)\})?;", bare, re.DOTALL)
        self.types = {name: _keys(body) for name, body in entities}
        self.actions = re.findall(r"action (\w+)", bare)
        self.context = [name for body in re.findall(r"context: \{(.*?)\}", bare, re.DOTALL) for name in _keys(body)]

    def attributes(self) -> set[str]:
        return {*self.context, *(name for names in self.types.values() for name in names)}


def _keys(body: str) -> list[str]:
    return re.findall(r"(\w+)\??:", body)


def split(text: str) -> list[list[re.Match[str]]]:
    """Return the words of each policy, in the order in which Cedar counts policies."""
    policies: list[list[re.Match[str]]] = [[]]
    for word in _WORD.finditer(text):
        if not word[0].startswith("//"):
            policies[-1].append(word)
            if word[0] == ";":
                policies.append([])
    return [words for words in policies if words]


class _Source:
    """A file of policies, for whoever is told of a place in it."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.policies = name, text, split(text)

    def at(self, number: int, word: re.Match[str], said: str) -> tuple[int, str]:
        """Return a line that says where, in which policy, and what; with what to sort it by."""
        line = self.text.count("\n", 0, word.start()) + 1
        column = word.start() - self.text.rfind("\n", 0, word.start())
        words = [one[0] for one in self.policies[number]]
        named = next((words[i + 3] for i in range(len(words) - 3) if words[i : i + 3] == ["@", "id", "("]), number + 1)
        return word.start(), f"{self.name}:{line}:{column}: policy {named}: {said}"


def unreadable(name: str, text: str, error: str) -> str:
    """Say what does not parse, with a line for each policy; `error` is Cedar's own, for want of anything better."""
    source = _Source(name, text)
    found = (_syntax(source, number) for number in range(len(source.policies)))
    return "\n".join(line for line in found if line) or f"{name}: {error}"


def unusable(name: str, text: str, faults: Iterable[Fault], schema: str, destinations: Collection[str]) -> str:
    """Say what Cedar or the gate does not take of policies that parse, with a line for each fault."""
    source, declared = _Source(name, text), _Schema(schema)
    # What is the same for several types of resource is said once; what only follows from another, not at all.
    once = {
        (key, _ON_TYPE.sub("", said)): (key, said, about)
        for key, said, about in sorted(faults, reverse=True, key=_said)
    }
    others = {key for key, said, _ in once.values() if _FOLLOWS not in said}
    lines = []
    for key, said, about in once.values():
        if _FOLLOWS in said and key in others:
            continue
        number = int(key.removeprefix("policy"))
        bare = said.removeprefix(f"for policy `{key}`, ")
        words = source.policies[number]
        known = destinations if about and about.startswith('"') else declared.attributes()
        right = _near(about.strip('"').partition("/")[0], known) if about else _right(bare, declared)
        lines.append(source.at(number, _place(words, about or _last_word(bare)), bare + right))
    return "\n".join(line for _, line in sorted(lines))


def _said(fault: Fault) -> str:
    return fault[1]


def _syntax(source: _Source, number: int) -> str | None:
    words = source.policies[number]
    start = words[0].start()
    said = _error(source.text[start : words[-1].end()])
    if said is None:
        return None
    place = _place(words, _last_word(said))
    if said == _ENDS:
        place, said = words[-1], f"{said}: a policy ends with `;`"
    elif said.startswith(("unexpected", "expected", "invalid token")):
        # A beginning that could still go on only lacks its end: the first that cannot ends with the wrong word.
        wrong = bisect_left(words, 1, key=lambda word: _error(source.text[start : word.end()]) not in {None, _ENDS})
        place = words[min(wrong, len(words) - 1)]
    return source.at(number, place, said)[1]


def _error(text: str) -> str | None:
    try:
        cedarpy.policies_to_pst(text)
    except ValueError as error:
        return str(error)
    return None


def _place(words: list[re.Match[str]], wanted: str | None) -> re.Match[str]:
    """Return where a word stands in a policy, or else where the policy begins: of several, any may be meant."""
    places = [word for word in words if word[0] == wanted]
    return places[0] if len(places) == 1 else words[0]


def _last_word(said: str) -> str | None:
    quoted = _QUOTED.search(said)
    return [word[0] for word in _WORD.finditer(quoted[1])][-1] if quoted and quoted[1] else None


def _right(said: str, declared: _Schema) -> str:
    """Say what would be right, where that can be told."""
    quoted = _QUOTED.search(said)
    name = quoted[1] if quoted else ""
    kind = _ON_TYPE.search(said)
    if said.startswith("attribute"):
        known = declared.types.get(kind[1], []) if kind else declared.context
        having = [one for one, keys in declared.types.items() if kind and name in keys]
        return f"; {having[0]} has it: ask `is StudioGate::{having[0]} &&` first" if having else _near(name, known)
    if "optional attribute" in said:
        return f"; ask `has {name} &&` first"
    if said.startswith("unrecognized entity type"):
        return _near(name, [f"StudioGate::{one}" for one in declared.types])
    if said.startswith("unrecognized action"):
        return _near(name, [f'StudioGate::Action::"{one}"' for one in declared.actions])
    return ": no request has such a principal, action and resource" if _FOLLOWS in said else ""


def _near(name: str, known: Collection[str]) -> str:
    bare = {one.rpartition("::")[2].casefold(): one for one in known}
    last = name.rpartition("::")[2].casefold()
    near = [bare[last]] if last in bare else get_close_matches(name, known, 1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(sorted(known))}" if len(known) <= _MOST_LISTED else ""
