"""Stub for now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Any
from studio_gate.errors import GateError, Problem


class KeySource[K](Protocol):
    def find(self, kid: str) -> K: ...


@dataclass(frozen=True)
class Pinned[K]:
    keys: Mapping[str, K]

    def find(self, kid: str) -> K:
        if kid not in self.keys:
            raise GateError(Problem.NOT_PROVED, "unknown-key")
        return self.keys[kid]


class Keyring[K]:
    def __init__(self, keys: Any, issuer: str, read: Any) -> None: ...
    def find(self, kid: str) -> K:
        raise NotImplementedError


class Mirror[K]:
    def __init__(self, keys: Any, read: Any) -> None: ...
    def find(self, kid: str) -> K:
        raise NotImplementedError
