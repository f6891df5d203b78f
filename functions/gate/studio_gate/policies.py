"""The policies of a whole company: compiled once, and kept by the destination that their scope names.

A policy whose scope names another destination can never apply to this one, nor fail on it, so it is left out of what
is evaluated. Conditions are never read for that: what they say is Cedar's alone to judge.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cedarpy
from cedarpy import pst

from studio_gate.config import read_file
from studio_gate.errors import ConfigError

_COMMENT, _ATTRIBUTE = re.compile(r"//.*"), re.compile(r"(\w+)\??:(?!:)")
# A policy's key, what is wrong with it, and the word of the source that this is about.
type _Fault = tuple[str, str, str | None]
# So many policies are kept ready to be evaluated; as nodes, all are.
_MOST_PARSED = 20_000
# What belongs to a destination, by the type of its id.
_OF_DESTINATION = {"StudioGate::Destination", "StudioGate::UserProfile", "StudioGate::Space"}


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """Validated policies with their schema; each policy's id is its @id.

    `everywhere` holds those whose scope names no destination, `named` the others by destination. `parsed` makes a
    destination's own and the former ready to be evaluated, at their first use.
    """

    schema: cedarpy.Schema
    everywhere: tuple[pst.Template, ...]
    named: Mapping[str, tuple[pst.Template, ...]]
    _parsed: Callable[[str | None], cedarpy.PolicySet]

    def of(self, destination: str) -> tuple[pst.Template, ...]:
        """Return all policies that may apply to a destination, its profiles and its spaces."""
        return self.everywhere + self.named.get(destination, ())

    def parsed(self, destination: str) -> cedarpy.PolicySet:
        """Return them ready to be evaluated; the destinations that no scope names share theirs."""
        return self._parsed(destination if destination in self.named else None)


def read_policies(policies: Path, schema: Path, destinations: Collection[str]) -> Policies:
    """Compile the policies of a file, as `compile_policies`."""
    return compile_policies(policies.name, read_file(policies), schema.name, read_file(schema), destinations)


def compile_policies(
    where: str, policies: bytes, schema_where: str, schema: bytes, destinations: Collection[str]
) -> Policies:
    """Compile Cedar policies against their schema, strictly, for destinations of these names.

    `ConfigError` with a line for each policy that does not parse or validate, is a template, has no `@id` of its own
    (an audit record could not name it), or names a destination that is not there; and where there is no policy at all.
    """
    try:
        rules, text = schema.decode(), policies.decode()
        compiled = cedarpy.Schema.from_str(rules)
    except ValueError as error:
        raise ConfigError(f"{where} with {schema_where}: {error}") from error
    try:
        parsed = cedarpy.policies_to_pst(text)
    except ValueError as error:
        from studio_gate import policy_errors

        raise ConfigError(policy_errors.unreadable(where, text, str(error))) from error
    attributes = set(_ATTRIBUTE.findall(_COMMENT.sub("", rules)))
    if faults := [*_faults(parsed, destinations, attributes), *_invalid(text, compiled)]:
        from studio_gate import policy_errors

        raise ConfigError(policy_errors.unusable(where, text, faults, rules, destinations))
    if not parsed.static_policies:
        raise ConfigError(f"{where}: there must be policies, for nothing is allowed without one")
    return _sliced(compiled, parsed)


def policy_set(policies: Iterable[pst.Template]) -> cedarpy.PolicySet:
    """Make policies ready to be evaluated, under their own ids."""
    static = pst.FrozenMap((one.id, one) for one in policies)
    return cedarpy.PolicySet.from_pst(pst.PolicySet(pst.FrozenMap(), static, ()))


def _sliced(schema: cedarpy.Schema, parsed: pst.PolicySet) -> Policies:
    everywhere: list[pst.Template] = []
    named: dict[str, list[pst.Template]] = {}
    for policy in parsed.static_policies.values():
        scope = getattr(policy.resource, "entity", None)
        where = _destination(scope) if isinstance(scope, pst.EntityUid) else None
        slot = everywhere if where is None else named.setdefault(where, [])
        slot.append(replace(policy, id=policy.annotations["id"]))
    common, own = tuple(everywhere), {name: tuple(policies) for name, policies in named.items()}
    largest = len(common) + max(map(len, own.values()), default=0)

    @lru_cache(max(2, _MOST_PARSED // largest))
    def ready(destination: str | None) -> cedarpy.PolicySet:
        return policy_set(common if destination is None else common + own[destination])

    return Policies(schema, common, own, ready)


def _destination(entity: pst.EntityUid) -> str | None:
    """Return the destination that an entity is or is in; `None` for groups, callers and actions."""
    if str(entity.type) not in _OF_DESTINATION:
        return None
    return entity.id if entity.type.basename == "Destination" else entity.id.partition("/")[0]


def _faults(parsed: pst.PolicySet, destinations: Collection[str], attributes: Collection[str]) -> Iterator[_Fault]:
    """Find what Cedar lets pass: names that are not there would be a false safety."""
    yield from ((key, "is a template, which nothing here would fill in", None) for key in parsed.templates)
    policies = parsed.static_policies
    names = Counter(policy.annotations.get("id") for policy in policies.values())
    for key, policy in policies.items():
        if not (name := policy.annotations.get("id")):
            yield key, "needs an @id, for the audit record to name it", None
        elif names[name] > 1:
            yield key, "has the @id of another policy", None
        for one in _names((policy.clauses, policy.resource)):
            if isinstance(one, pst.HasAttr):
                for attribute in set(one.attrs).difference(attributes):
                    yield key, f"asks for `{attribute}`, which nothing has", attribute
            elif (where := _destination(one)) is not None and where not in destinations:
                yield key, f"names {one}, and there is no destination {where!r}", f'"{one.id}"'


def _names(node: object) -> Iterator[pst.EntityUid | pst.HasAttr]:
    """Find what is named anywhere under a node; half the cost of `pst.entity_uids`, which passes over `has`."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            stack.extend(one)
        elif isinstance(one, dict):
            stack.extend(one.values())
        elif isinstance(one, pst.EntityUid):
            yield one
        else:
            if isinstance(one, pst.HasAttr):
                yield one
            stack.extend(getattr(one, name) for name in getattr(one, "__slots__", ()))


def _invalid(text: str, schema: cedarpy.Schema) -> Iterator[_Fault]:
    yield from ((one.policy_id, one.error, None) for one in cedarpy.validate_policies(text, schema).errors)
