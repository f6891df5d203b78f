"""Ways to break the template, as functions that change a copy of its source."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.stack.stacks import Json

type Mutation = Callable[[Json], None]


def put(path: str, value: object) -> Mutation:
    """Set the value at a path such as `Api/Auth/InvokeRole`: a resource, then its properties.

    A member of a list is named by its index, a statement also by its Sid and a policy by its name.
    """

    def mutate(source: Json) -> None:
        holder, key = _find(source, path)
        holder[key] = value

    return mutate


def drop(path: str) -> Mutation:
    """Take out what is at a path."""

    def mutate(source: Json) -> None:
        holder, key = _find(source, path)
        del holder[key]

    return mutate


def add(path: str, *values: object) -> Mutation:
    """Append to the list at a path, which may be a single value so far."""

    def mutate(source: Json) -> None:
        holder, key = _find(source, path)
        present = holder[key]
        holder[key] = [*(present if isinstance(present, list) else [present]), *values]

    return mutate


def put_beside(path: str, name: str, value: object) -> Mutation:
    """Set an attribute of a resource that is not a property, such as its DeletionPolicy."""

    def mutate(source: Json) -> None:
        source["Resources"][path][name] = value

    return mutate


def new(name: str, kind: str, properties: Json) -> Mutation:
    """Add a resource."""

    def mutate(source: Json) -> None:
        source["Resources"][name] = {"Type": kind, "Properties": properties}

    return mutate


def both(*mutations: Mutation) -> Mutation:
    """Make several changes."""

    def mutate(source: Json) -> None:
        for one in mutations:
            one(source)

    return mutate


def ids(tried: Mapping[str, tuple[object, str]]) -> list[str]:
    """Name each mistake of a table with what has to notice it, as `tally` reads it."""
    return [f"{mistake} -> not: {said}" for mistake, (_, said) in tried.items()]


def _find(source: Json, path: str) -> tuple[Any, Any]:
    """Return what holds the last step of a path, and the key or index of that step."""
    resource, *steps, last = path.split("/")
    current: Any = source["Resources"][resource]["Properties"]
    for step in steps:
        holder, key = _step(current, step)
        current = holder[key]
    return _step(current, last)


def _step(current: Any, step: str) -> tuple[Any, Any]:  # noqa: ANN401 - a template is JSON
    if isinstance(current, dict):
        return current, step
    if step.isdecimal():
        return current, int(step)
    (found,) = ((holder, key) for name, holder, key in _named(current) if name == step)
    return found


def _named(items: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name the members of a list of statements or policies, those inside an Fn::If too."""
    for index, item in enumerate(items):
        if "Fn::If" in item:
            yield item["Fn::If"][1].get("Sid", ""), item["Fn::If"], 1
        else:
            yield item.get("Sid") or item.get("PolicyName", ""), items, index
