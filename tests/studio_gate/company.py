"""A gate with destinations of a test's own, the stand-in with what is in them, and requests of people to it."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localaws import example, studio
from studio_gate import handler
from tests.studio_gate.builders import SSO, both, changed, identity, toml
from tests.studio_gate.opened import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.conftest import Reply, Send

ALICE = "alice@example.com"
DIRECTORY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio-gate-directory"
MAKING_ROLE = f"arn:aws:iam::{ACCOUNT}:role/studio-gate-making"
OWN = """@id("own") permit (principal, action, resource) when { resource.owners.contains(principal) };"""
SHARED = """@id("shared") permit (principal, action, resource is StudioGate::Space) when { resource.shared };"""
ANYTHING = """@id("anything") permit (principal, action, resource);"""


@dataclass(frozen=True)
class Company:
    """Sends requests of people to a gate that is configured anew for a test."""

    send: "Send"
    folder: Path
    use: Callable[[], None]

    def configure(self, *destinations: Mapping[str, Any], policies: str = OWN) -> None:
        """Serve these destinations, the first by default, under these policies."""
        document = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
        document |= {"destinations": list(destinations), "default_destination": destinations[0]["name"]}
        (self.folder / "gate.toml").write_text(toml(document), encoding="utf-8")
        (self.folder / "policies.cedar").write_text(policies, encoding="utf-8")
        schema = (example.CONFIG / "schema.cedarschema").read_text(encoding="utf-8")
        (self.folder / "schema.cedarschema").write_text(schema, encoding="utf-8")
        self.use()

    def ask(self, destination: str = "team", who: str = ALICE, ip: str = "10.20.30.40", **query: str) -> "Reply":
        """Ask for a URL as JSON, with a signature of somebody's single sign-on."""
        return self.send(asking("url", destination, who, ip, **query))


def asking(route: str, destination: str, who: str, ip: str = "10.20.30.40", **query: str) -> dict[str, Any]:
    """The event of such a request."""

    def asked(event: dict[str, Any]) -> None:
        event["pathParameters"] = {"destination": destination}
        event["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()} or None

    signer = identity(userArn=f"{SSO}/{who}", caller=f"AROAEXAMPLESCIENTIST1:{who}", sourceIp=ip)
    return changed(route, both(asked, signer))


def seed(*seeds: studio.Seed, account: str = ACCOUNT, region: str = REGION) -> None:
    """Put what is opened into the stand-in."""
    studio.seed(*seeds, account_id=account, region=region)


def make(send: "Send", folder: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Make a company whose gate reads a folder, and has the roles that describe and make."""
    monkeypatch.setenv("DIRECTORY_ROLE_ARN", DIRECTORY_ROLE)
    monkeypatch.setenv("PROFILE_MAKING_ROLE_ARN", MAKING_ROLE)

    def use() -> None:
        monkeypatch.setattr(handler, "CONFIG_DIRECTORY", folder)
        handler.gate.cache_clear()

    return Company(send, folder, use)
