"""What would be right, from the models that the configuration is read into."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from studio_gate.config import Config
from studio_gate_cli.operator.locating import Path


def said(kind: str, message: str, place: Path, found: Path) -> str:
    """Say what is wrong at a place of the configuration, `found` being as much of it as is there."""
    name = ".".join(map(str, found))
    if kind == "missing":
        return f"{_in(name)}`{place[-1]}` is missing: {_meaning(place)}"
    if kind == "extra_forbidden":
        known = sorted({key for model in _models_at(place[:-1]) for key in model.model_fields})
        near = get_close_matches(str(place[-1]), known, 1)
        right = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
        return f"`{name}` is no key here; {right}"
    meaning = _meaning(place)
    return (f"{name}: {message}" if name else message) + (f"; it is {meaning}" if meaning else "")


def _in(name: str) -> str:
    return f"{name}: " if name else ""


def _meaning(place: Path) -> str:
    """Return what a key is for, as docs/configuration.md has it; nothing for what is no key."""
    if not place or not isinstance(place[-1], str):
        return ""
    found = (model.model_fields.get(place[-1]) for model in _models_at(place[:-1]))
    return next((one.description for one in found if one is not None and one.description), "")


def _models_at(place: Path) -> AbstractSet[type[BaseModel]]:
    """Return the models that may be at a place; a validator writes the kind of one of several into it."""
    models: AbstractSet[type[BaseModel]] = {Config}
    for part in place:
        if isinstance(part, int):
            continue
        fields = [model.model_fields[part] for model in models if part in model.model_fields]
        if fields:
            models = {one for field in fields for one in _models(field.annotation)}
        else:
            models = {one for one in models if part in _kinds(one)} or models
    return models


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind else ()


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from _models(one)
