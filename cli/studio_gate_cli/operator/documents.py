"""The two ways to write a configuration: two files in a folder, and one document of AppConfig."""

import argparse
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import studio_gate
from studio_gate.config import Deployment, parse
from studio_gate.errors import ConfigError
from studio_gate.live import read_document, version
from studio_gate_cli.failures import Exit, Failure

SCHEMA = Path(studio_gate.__file__).parent.parent / "config" / "schema.cedarschema"
_PLACE = {"account": (r"[0-9]{12}", "111122223333"), "region": (r"[a-z]{2}(-[a-z]+)+-[0-9]", "eu-central-1")}


@dataclass(frozen=True, slots=True)
class Written:
    """A configuration as it is written: the names and texts of its parts, and on which line of its file Cedar begins.

    `raw` is what its TOML says, and nothing where it is none: `error` says why then.
    """

    toml_name: str
    toml: bytes
    policies_name: str
    policies: bytes
    first_line: int
    version: str
    raw: dict[str, Any] | None
    error: ConfigError | None = None


def read(path: Path) -> Written:
    """Read a folder or a document; `Failure` 2 if it cannot be read."""
    try:
        if not path.is_dir():
            return _document(path.name, path.read_bytes())
        toml, policies = (path / "gate.toml").read_bytes(), (path / "policies.cedar").read_bytes()
    except OSError as error:
        raise Failure(Exit.USAGE, f"{error.filename} cannot be read: {error.strerror}") from error
    raw, wrong = None, None
    try:
        raw = parse("gate.toml", toml)
    except ConfigError as error:
        wrong = error
    return Written("gate.toml", toml, "policies.cedar", policies, 1, version(policies, toml), raw, wrong)


def _document(name: str, text: bytes) -> Written:
    try:
        raw, policies = read_document(text)
    except ConfigError as error:
        return Written(name, text, name, b"", 1, version(text), None, error)
    # A text of several lines begins after its quotes and, where there is one, the end of that line.
    before = text[: max(text.find(policies), 0)]
    return Written(name, text, name, policies, before.count(b"\n") + 1, version(text), raw)


def pack(folder: Path) -> bytes:
    """Return the document that says what a folder says; `Failure` 1 for policies that no literal text can hold.

    The policies come first: a document that was cut off lacks a profile or a destination, and never a forbid.
    """
    written = read(folder)
    document = b"policies = '''\n" + written.policies + b"'''\n\n" + written.toml
    try:
        if tomllib.loads(document.decode()).pop("policies").encode() == written.policies.replace(b"\r\n", b"\n"):
            return document
    except ValueError:
        pass
    raise Failure(Exit.UNFORESEEN, "it cannot be one document: run config check; the policies may hold no '''")


def deployment(raw: dict[str, Any] | None, account: str | None, region: str | None) -> Deployment:
    """Return a deployment of the given account and region, or those of the first destination that must be the stack's.

    Nobody deploys it.
    """
    listed = (raw or {}).get("destinations")
    opened = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    first = next((one for one in opened if not {"minting_role", "endpoint_ids"} & one.keys()), {})
    given, place = {"account": account, "region": region}, {}
    for name, (pattern, otherwise) in _PLACE.items():
        value = given[name] or first.get(name)
        if given[name] and not re.fullmatch(pattern, given[name] or ""):
            raise Failure(Exit.USAGE, f"--{name} must be like {otherwise}")
        place[name] = value if isinstance(value, str) and re.fullmatch(pattern, value) else otherwise
    roles = f"arn:aws:iam::{place['account']}:role"
    return Deployment(
        region=place["region"],
        execute_api_endpoint_ids=("vpce-0",),
        minting_endpoint_ids=("vpce-1", "vpce-2"),
        minting_role_arn=f"{roles}/minting",
        directory_role_arn=f"{roles}/directory",
        making_role_arn=f"{roles}/making",
    )


def run(given: argparse.Namespace) -> None:
    """Print the document of a folder."""
    print(pack(given.path).decode(), end="")
