"""Where in policies.cedar an error is, and what would be right; loaded when there is one.

Cedar names no line. The places come from the source's own words, one policy up to each `;`, and what would be right
from the schema's. Nothing here decides anything: it is for people to read.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from operator import itemgetter

import cedarpy

# What is wrong with a policy: its key as Cedar counts it, the words, and the word of the source that they are about.
type Fault = tuple[str, str, str | None]
type _Words = list[re.Match[str]]

# Strings and comments whole, so that neither ends a policy.
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|\w+|::|[=!<>]=|&&|\|\||\S', re.DOTALL)
_QUOTED = re.compile(r"`([^`]+)`")
_ON_TYPE = re.compile(r" on entity type `(?:StudioGate::)?(\w+)`")
_ENTITY = re.compile(r"entity (\w+)[^;{]*(?:\{(.*?)\})?;", re.DOTALL)
_ATTRIBUTE = re.compile(r"(\w+)\??:(?!:)")
_ENDS = "unexpected end of input"
_FOLLOWS = "unable to find an applicable action"
# As many names are listed where none is near.
_MOST_LISTED = 12


def split(text: str) -> list[_Words]:
    """Return the words of each policy, in the order in which Cedar counts policies."""
    policies: list[_Words] = [[]]
    for word in _WORD.finditer(text):
        if not word[0].startswith("//"):
            policies[-1].append(word)
            if word[0] == ";":
                policies.append([])
    return [words for words in policies if words]


def unreadable(name: str, text: str, error: str) -> str:
    """Say what does not parse, with a line for each policy; `error` is Cedar's own, for want of anything better."""
    found = ((number, words, _syntax(text, words)) for number, words in enumerate(split(text)))
    lines = [_line(name, text, number, words, *wrong) for number, words, wrong in found if wrong]
    return "\n".join(lines) or f"{name}: {error}"


def unusable(name: str, text: str, faults: Iterable[Fault], schema: str, destinations: Collection[str]) -> str:
    """Say what Cedar or the gate does not take of policies that parse, with a line for each fault."""
    policies, schema = split(text), re.sub(r"//.*", "", schema)
    # What is the same for several types of resource is said once; what only follows from another, not at all.
    sayings = sorted(faults, key=itemgetter(1), reverse=True)
    once = {(key, _ON_TYPE.sub("", said)): (key, said, about) for key, said, about in sayings}.values()
    others = {key for key, said, _ in once if _FOLLOWS not in said}
    found = []
    for key, said, about in once:
        if _FOLLOWS not in said or key not in others:
            number, bare = int(key.removeprefix("policy")), said.removeprefix(f"for policy `{key}`, ")
            known = destinations if about and about.startswith('"') else set(_ATTRIBUTE.findall(schema))
            right = _near(about.strip('"').partition("/")[0], known) if about else _right(bare, schema)
            found.append((number, _place(policies[number], about or _last_word(bare)), bare + right))
    found.sort(key=lambda one: one[1].start())
    return "\n".join(_line(name, text, number, policies[number], place, said) for number, place, said in found)


def _line(name: str, text: str, number: int, words: _Words, place: re.Match[str], said: str) -> str:  # noqa: PLR0913, PLR0917 - a line has as many parts
    line, column = text.count("\n", 0, place.start()) + 1, place.start() - text.rfind("\n", 0, place.start())
    heads = (
        words[at + 3][0] for at in range(len(words) - 3) if [one[0] for one in words[at : at + 3]] == ["@", "id", "("]
    )
    return f"{name}:{line}:{column}: policy {next(heads, number + 1)}: {said}"


def _syntax(text: str, words: _Words) -> tuple[re.Match[str], str] | None:
    def error(last: re.Match[str]) -> str | None:
        try:
            cedarpy.policies_to_pst(text[words[0].start() : last.end()])
        except ValueError as wrong:
            return str(wrong)
        return None

    said = error(words[-1])
    if said == _ENDS:
        return words[-1], f"{said}: a policy ends with `;`"
    if said and said.startswith(("unexpected", "expected", "invalid token")):
        # A beginning that could still go on only lacks its end: the first that cannot ends with the wrong word.
        wrong = bisect_left(words, 1, key=lambda word: error(word) not in {None, _ENDS})
        return words[min(wrong, len(words) - 1)], said
    return (_place(words, _last_word(said)), said) if said else None


def _place(words: _Words, wanted: str | None) -> re.Match[str]:
    """Return where a word stands in a policy, or else where the policy begins: of several, any may be meant."""
    places = [word for word in words if word[0] == wanted]
    return places[0] if len(places) == 1 else words[0]


def _last_word(said: str) -> str | None:
    quoted = _QUOTED.search(said)
    return _WORD.findall(quoted[1])[-1] if quoted else None


def _right(said: str, schema: str) -> str:
    """Say what would be right, where that can be told."""
    quoted, kind = _QUOTED.search(said), _ON_TYPE.search(said)
    name = quoted[1] if quoted else ""
    types = {entity: _ATTRIBUTE.findall(body) for entity, body in _ENTITY.findall(schema)}
    if said.startswith("attribute"):
        context = _ATTRIBUTE.findall(schema.partition("context: {")[2])
        having = [entity for entity, attributes in types.items() if kind and name in attributes]
        ask = f"; {having[0]} has it: ask `is StudioGate::{having[0]} &&` first" if having else None
        return ask or _near(name, types.get(kind[1], ()) if kind else context)
    if "optional attribute" in said:
        return f"; ask `has {name} &&` first"
    if said.startswith("unrecognized entity type"):
        return _near(name, [f"StudioGate::{entity}" for entity in types])
    if said.startswith("unrecognized action"):
        return _near(name, [f'StudioGate::Action::"{action}"' for action in re.findall(r"action (\w+)", schema)])
    return ": no request has such a principal, action and resource" if _FOLLOWS in said else ""


def _near(name: str, known: Collection[str]) -> str:
    same = [one for one in known if one.rpartition("::")[2].casefold() == name.rpartition("::")[2].casefold()]
    if near := same or get_close_matches(name, known, 1):
        return f"; did you mean `{near[0]}`?"
    return f"; known are {', '.join(sorted(known))}" if len(known) <= _MOST_LISTED else ""
