"""Whether a policy lets one request through, as far as the policy alone can tell: yes, no, or unknown.

IAM user guide, "Policy evaluation logic". What is not understood here is never guessed: it makes the answer unknown,
where it matters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

# Somebody who proves nothing to IAM, as whoever asks the gate with a browser or a bearer token.
ANYBODY = "*"
_ARN_ACCOUNT = re.compile(r"arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):.+")
_NEGATED = "Not"

# Yes, no, or not known.
type Tri = bool | None
type Json = Mapping[str, Any]


class Answer(StrEnum):
    """Whether a request is let through."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `principal` is the ARN of a role, the name of a service or ANYBODY; None for a policy of its own.

    `context` has the condition keys that are known, in lower case; None for one that is known to be absent.
    """

    action: str
    resource: str = "*"
    principal: str | None = None
    context: Mapping[str, str | None] = field(default_factory=dict)


def answer(documents: Iterable[Json], ask: Ask) -> Answer:
    """Return what the documents together say: a Deny is stronger than every Allow, and without an Allow it is no."""
    allows: list[Tri] = []
    denies: list[Tri] = []
    for document in documents:
        for one in _listed(document.get("Statement", [])):
            (denies if one.get("Effect") == "Deny" else allows).append(_is_about(one, ask))
    if True in denies or all(one is False for one in allows):
        return Answer.NO
    return Answer.YES if True in allows and None not in denies else Answer.UNKNOWN


def _is_about(statement: Json, ask: Ask) -> Tri:
    """Tell whether a statement is about the request."""
    held = (
        _either(statement, "Principal", lambda given: _is_principal(given, ask.principal)),
        _either(statement, "Action", lambda given: _fits_any(given, ask.action, lower=True)),
        _either(statement, "Resource", lambda given: _fits_any(given, ask.resource)),
        *_conditions(statement.get("Condition", {}), ask.context),
    )
    if False in held:
        return False
    return None if None in held else True


def _either(statement: Json, name: str, fits: Callable[[Any], Tri]) -> Tri:
    """Ask an element or its negation; a statement that has neither is about everything."""
    if _NEGATED + name in statement:
        found = fits(statement[_NEGATED + name])
        return None if found is None else not found
    return fits(statement[name]) if name in statement else True


def _is_principal(given: object, principal: str | None) -> Tri:
    """Tell whether a principal is meant; an id such as AROA… is of a role that is no longer there."""
    if principal is None:
        return None
    if given == ANYBODY:
        return True
    named = given if isinstance(given, Mapping) else {}
    ids = {one for kind in ("AWS", "Service") for one in _listed(named.get(kind, []))}
    account = _ARN_ACCOUNT.fullmatch(principal)
    own = {account[1], f"{principal.split(':iam:')[0]}:iam::{account[1]}:root"} if account else set()
    return bool({ANYBODY, principal, *own} & ids)


def _conditions(given: Json, context: Mapping[str, str | None]) -> Iterator[Tri]:
    for operator, keys in given.items():
        for key, values in keys.items():
            yield _holds(operator, key.lower(), [*map(str, _listed(values))], context)


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str | None]) -> Tri:
    """Tell whether a condition holds: an absent key fits a negated operator and one that ends with IfExists alone."""
    bare = operator.removesuffix("IfExists")
    plain = bare.replace(_NEGATED, "")
    if key not in context or any("${" in one for one in values):
        return None
    value = context[key]
    if bare == "Null":
        return str(value is None).lower() in values
    if plain not in _FITS:
        return None
    if value is None:
        return bare != plain or bare != operator
    return any(_FITS[plain](one, value) for one in values) is (bare == plain)


def _fits_any(patterns: object, text: str, *, lower: bool = False) -> Tri:
    """Tell whether one of the patterns fits; one with a policy variable might."""
    listed = [*map(str, _listed(patterns))]
    if any(_like(one.lower(), text.lower()) if lower else _like(one, text) for one in listed):
        return True
    return None if any("${" in one for one in listed) else False


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def _like(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(one) or re.escape(one) for one in pattern), re.DOTALL)


_FITS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringEqualsIgnoreCase": lambda pattern, value: pattern.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
}
