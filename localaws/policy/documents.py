"""Policy documents, read into frozen statements; whatever the project's own do not use is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from localaws.policy.patterns import is_pattern, moment, network, segments
from localaws.policy.principals import ARN_PRINCIPAL, EVERYONE, SERVICE

type Document = Mapping[str, Any]

VERSION = "2012-10-17"
OPERATORS = frozenset(
    {
        *("ArnEquals", "ArnNotEquals", "StringEquals", "StringLike", "StringNotEquals"),
        *("DateLessThan", "IpAddress", "NotIpAddress"),
    }
)
# Lower case: the names of condition keys are not case-sensitive.
KEYS = frozenset(
    {
        *("aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceidentity", "aws:sourcevpce"),
        *("aws:tokenissuetime", "aws:vpcsourceip", "iam:passedtoservice", "kms:viaservice", "lambda:sourcefunctionarn"),
        *("sagemaker:owneruserprofilearn", "sagemaker:spacesharingtype", "sagemaker:taggingaction"),
        *("sts:externalid", "sts:sourceidentity"),
        *("aws:principalaccount", "aws:principalarn", "aws:resourceaccount", "aws:resourceorgid"),
    }
)
# Followed by the key of a tag.
TAG_KEYS = ("aws:requesttag/", "aws:resourcetag/", "sagemaker:resourcetag/")

_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_EFFECTS = {"Allow": False, "Deny": True}


class UnsupportedPolicyError(Exception):
    """A policy says something that no policy of this project says; it is not evaluated."""


class Kind(Enum):
    """What a document is attached to; the value is how a verdict calls it."""

    IDENTITY = "identity policy"
    SESSION = "session policy"
    RESOURCE = "resource policy"
    TRUST = "trust policy"
    ENDPOINT = "endpoint policy"


# A trust policy is attached to its only resource; an identity policy to its only principal.
_ELEMENTS = {
    Kind.IDENTITY: {"Effect", "Action", "Resource"},
    Kind.SESSION: {"Effect", "Action", "Resource"},
    Kind.RESOURCE: {"Effect", "Principal", "Action", "Resource"},
    Kind.TRUST: {"Effect", "Principal", "Action"},
    Kind.ENDPOINT: {"Effect", "Principal", "Action", "Resource"},
}
_OPTIONAL = {"Sid", "Condition"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key, the key in lower case; any of the values may match."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `name` is its Sid or its place. No principals or resources means that its kind has none."""

    name: str
    denies: bool
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]


def read(document: Document, kind: Kind) -> tuple[Statement, ...]:
    """Return a document's statements; `UnsupportedPolicyError` names what it says that is not known here."""
    if document.keys() != {"Version", "Statement"}:
        raise UnsupportedPolicyError(f"the {kind.value} has the elements {sorted(document)}")
    if document["Version"] != VERSION:
        raise UnsupportedPolicyError(f"the {kind.value} has the version {document['Version']!r}")
    if not isinstance(document["Statement"], list) or not document["Statement"]:
        raise UnsupportedPolicyError(f"the {kind.value} has no list of statements")
    statements = tuple(_statement(one, kind, number) for number, one in enumerate(document["Statement"], start=1))
    if len({one.name for one in statements}) < len(statements):
        raise UnsupportedPolicyError(f"the {kind.value} has one Sid twice")
    return statements


def _statement(given: Mapping[str, Any], kind: Kind, number: int) -> Statement:
    needed = _ELEMENTS[kind]
    if not needed <= given.keys() <= needed | _OPTIONAL:
        raise UnsupportedPolicyError(f"statement {number} of the {kind.value} has the elements {sorted(given)}")
    if given["Effect"] not in _EFFECTS:
        raise UnsupportedPolicyError(f"Effect {given['Effect']!r}")
    return Statement(
        name=given.get("Sid", f"statement {number} of the {kind.value}"),
        denies=_EFFECTS[given["Effect"]],
        principals=_principals(given["Principal"], kind) if "Principal" in needed else (),
        actions=tuple(map(_action, _texts(given["Action"]))),
        resources=tuple(map(_resource, _texts(given["Resource"]))) if "Resource" in needed else (),
        conditions=_conditions(given.get("Condition", {})),
    )


def _texts(value: object) -> tuple[str, ...]:
    """Return what may be written as one text or as a list of them."""
    values = tuple(value) if isinstance(value, list) else (value,)
    texts = tuple(one for one in values if isinstance(one, str) and one)
    if not texts or texts != values:
        raise UnsupportedPolicyError(f"neither a text nor a list of texts: {value!r}")
    if variables := [one for one in texts if "${" in one]:
        raise UnsupportedPolicyError(f"a policy variable: {variables[0]!r}")
    return texts


def _action(pattern: str) -> str:
    if not _ACTION.fullmatch(pattern):
        raise UnsupportedPolicyError(f"Action {pattern!r}")
    return pattern.lower()


def _resource(pattern: str) -> str:
    if pattern == EVERYONE:
        return pattern
    parts = segments(pattern)
    # AWS completes a short ARN with wildcards and API Gateway expands its own short form (expand_api_policy).
    if not parts or not parts[2] or is_pattern(parts[1] + parts[2]):
        raise UnsupportedPolicyError(f"Resource {pattern!r}")
    return pattern


def _principals(given: object, kind: Kind) -> tuple[str, ...]:
    """Return `*`, ARNs of accounts and roles, or names of services."""
    match given:
        case "*":
            return (EVERYONE,)
        case {"AWS": values, **rest} if not rest:
            found = _texts(values)
            known = all(one == EVERYONE or ARN_PRINCIPAL.fullmatch(one) for one in found)
        case {"Service": values, **rest} if not rest:
            found = _texts(values)
            known = all(map(SERVICE.fullmatch, found))
        case _:
            raise UnsupportedPolicyError(f"Principal {given!r}")
    # AWS's pages disagree about what an account means in an endpoint policy.
    if not known or (kind is Kind.ENDPOINT and found != (EVERYONE,)):
        raise UnsupportedPolicyError(f"Principal {given!r} in the {kind.value}")
    return found


def _conditions(given: object) -> tuple[Condition, ...]:
    if not isinstance(given, Mapping):
        raise UnsupportedPolicyError(f"Condition {given!r}")
    found = []
    for operator, keys in given.items():
        if operator not in OPERATORS:
            raise UnsupportedPolicyError(f"the condition operator {operator!r}")
        for key, values in keys.items():
            if key.lower() not in KEYS and not key.lower().startswith(TAG_KEYS):
                raise UnsupportedPolicyError(f"the condition key {key!r}")
            found.append(Condition(operator, key.lower(), _condition_values(operator, values)))
    return tuple(found)


def _condition_values(operator: str, values: object) -> tuple[str, ...]:
    texts = _texts(values)
    checks = {"Arn": segments, "DateLessThan": moment, "IpAddress": network}
    if any(name in operator and not all(map(check, texts)) for name, check in checks.items()):
        raise UnsupportedPolicyError(f"{operator} {values!r}")
    return texts
