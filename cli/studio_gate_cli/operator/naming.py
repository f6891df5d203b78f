"""Names in policies that nothing in the configuration has; Cedar takes any name for one that may come."""

import json
from collections.abc import Iterator

import cedarpy

from studio_gate.config import Config
from studio_gate.providers import AlbProxy, AssertionProxy, Issuer


def problems(gate: Config, text: str) -> Iterator[str]:
    """Hold every name in the policies against the configuration; Cedar takes any name for one that may come."""
    known = {
        "StudioGate::Group": {group for one in gate.iam_roles for group in one.groups}
        | {group for one in providers(gate) for group in one.groups.values()},
        "StudioGate::UserProfile": {
            f"{d.name}/{p.name}" for d in gate.destinations for p in getattr(d, "profiles", ())
        },
        "StudioGate::Caller": {caller for one in gate.destinations for caller in one.checked_callers()},
    }
    named = sorted(set(_entities(json.loads(cedarpy.policies_to_json_str(text)))))
    yield from (f'{kind}::"{name}" is not in gate.toml' for kind, name in named if name not in known.get(kind, {name}))
    groups = {name for kind, name in named if kind == "StudioGate::Group"}
    for group in sorted(known["StudioGate::Group"] - groups):
        yield f'no policy names StudioGate::Group::"{group}", which gate.toml gives'


def providers(gate: Config) -> tuple[Issuer | AlbProxy | AssertionProxy, ...]:
    """Return everybody whose word the configuration takes for who somebody is, but for AWS."""
    return (*gate.issuers, *([gate.sign_in] if gate.sign_in else []), *gate.proxies)


def _entities(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        if {"type", "id"} <= node.keys():
            yield str(node["type"]), str(node["id"])
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _entities(item)
