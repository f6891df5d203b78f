"""The reference of gate.toml, from the models that read it: whatever they gain is here, or `make check` fails."""

import inspect
import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MinLen
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

_PLAIN = {str: "text", int: "a whole number", bool: "`true`/`false`"}
# What a field's metadata may be; the last for a union's discriminator, which the models' own rows show.
_KNOWN = (AfterValidator, Ge, Le, MinLen, FieldInfo)
_BEFORE = """\
# Configuration

What `gate.toml` may hold. [gate.toml](../functions/gate/config/gate.toml) is a working example,
[gate.schema.json](gate.schema.json) says the same to editors, [identity-providers.md](identity-providers.md) has a
block for each of the usual identity providers. A key that is not here is an error; so is a value of another type, for
nothing is converted. This page is written by `docs/generate.py`.

## Ids of callers

`callers` of a profile and the policies' `StudioGate::Caller` know each caller by one id:

| Caller | Id |
|---|---|
| a session of an IAM role whose session names are trusted | `arn:aws:sts::{account}:assumed-role/{role}/{session}` |
| any session of another IAM role | `arn:aws:sts::{account}:assumed-role/{role}` |
| whom an issuer's token or a proxy's assertion names | `{name of the issuer or proxy}:{subject}` |
| who has signed in with a browser | `{name of sign_in}:{subject}` |

The role is written without its path, and the subject is the value of the claim that `claims.subject` names.
`GET /iam/me` shows a caller's own id.
"""


def configuration(top: type[BaseModel]) -> str:
    """Return the page on a model and all the models below it."""
    sections: dict[type[BaseModel], list[str]] = {}
    for model, path in _tables(top, "", listed=False):
        sections.setdefault(model, []).append(path)
    return "\n".join([_BEFORE, *(_section(model, paths) for model, paths in sections.items())])


def _tables(model: type[BaseModel], path: str, *, listed: bool) -> Iterator[tuple[type[BaseModel], str]]:
    """Name the model and each below it, with how the header of its table is written."""
    yield model, f"[[{path}]]" if listed else f"[{path}]"
    for name, info in model.model_fields.items():
        for below, many in _models(info.annotation, many=False):
            yield from _tables(below, f"{path}.{name}".removeprefix("."), listed=many)


def _models(annotation: Any, *, many: bool) -> Iterator[tuple[type[BaseModel], bool]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, many
    for one in get_args(annotation):
        yield from _models(one, many=many or get_origin(annotation) is tuple)


def _section(model: type[BaseModel], paths: list[str]) -> str:
    where = _joined((f"`{path}`" for path in dict.fromkeys(paths)), "and")
    lines = [
        f"## {model.__name__}",
        "",
        f"Written as {where}." if where != "`[]`" else "The top of the file.",
        "",
        inspect.getdoc(model) or "",
        "",
    ]
    lines += ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    lines += [_row(name, info) for name, info in model.model_fields.items()]
    return "\n".join([*lines, ""])


def _row(name: str, info: FieldInfo) -> str:
    if info.is_required():
        default = "required"
    else:
        value = info.get_default(call_default_factory=True)
        default = "" if value is None or value in ((), {}) else f"`{_toml(value)}`"
    cells = (f"`{name}`", _words(info.annotation, info.metadata), default, info.description or "")
    return f"| {' | '.join(cell.replace('|', r'\|') for cell in cells)} |"


def _toml(value: object) -> str:
    if isinstance(value, BaseModel):
        return f"{{ {', '.join(f'{name} = {_toml(one)}' for name, one in value if one is not None)} }}"
    return json.dumps(value)


def _words(annotation: Any, metadata: list[Any]) -> str:  # noqa: ANN401 - any annotation
    """Say in words what a field may be; `TypeError` for what nobody has found words for yet."""
    if any(not isinstance(one, _KNOWN) for one in metadata):
        raise TypeError(f"no words for {metadata}")
    for one in metadata:
        if isinstance(one, AfterValidator):
            return _grammar(one)
    if annotation in _PLAIN:
        bounds = [(one.ge, "from") if isinstance(one, Ge) else (one.le, "to") for one in metadata]
        return " ".join([_PLAIN[annotation], *(f"{word} {bound}" for bound, word in bounds)])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _compound(get_origin(annotation), get_args(annotation), metadata)


def _compound(origin: Any, of: tuple[Any, ...], metadata: list[Any]) -> str:  # noqa: ANN401 - any annotation
    if origin is Annotated:
        return _words(of[0], list(of[1:]))
    if origin is Literal:
        return _either(f"`{json.dumps(one)}`" for one in of)
    if origin in {UnionType, Union}:
        return _either(_words(one, []) for one in of if one is not type(None))
    if origin is tuple and of[1:] == (...,):
        least = "".join(f" of at least {one.min_length}" for one in metadata)
        return f"list{least}, each {_words(of[0], [])}"
    if origin is dict:
        return f"table from {_words(of[0], [])} to {_words(of[1], [])}"
    raise TypeError(f"no words for {origin}{of}")


def _either(words: Iterator[str]) -> str:
    return _joined(words, "or")


def _joined(words: Iterator[str], by: str) -> str:
    *most, last = words
    return f"{', '.join(most)} {by} {last}" if most else last


def _grammar(validator: AfterValidator) -> str:
    """Take the words from what `studio_gate.fields.text` has made, else from the validator's docstring."""
    made_of = inspect.getclosurevars(validator.func).nonlocals
    if "what" not in made_of:
        return (inspect.getdoc(validator.func) or "").removeprefix("Return ").removesuffix(".")
    what, longest = made_of["what"], made_of["longest"]
    return what if str(longest) in what else f"{what} (at most {longest} characters)"
