"""Secrets of the gate's own, from SSM or Secrets Manager, read again every five minutes: they can be rotated."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import boto3

from studio_gate.errors import GateError, Problem
from studio_gate.upstream import Clients, call

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

# In seconds. When they cannot be read again, the last ones serve for a while: an outage signs nobody out.
_FRESH = 300
_LONGEST_AGE = 3600
_COOLDOWN = 30
_LONGEST_READ = 2


@dataclass(eq=False, slots=True)
class Secret[T]:
    """One secret, by its name in the configuration, parsed by `parse`, which raises `ValueError` for a bad one."""

    name: str
    region: str
    parse: Callable[[str], T] = field(repr=False)
    _reader: Callable[[], str] = field(init=False, repr=False)
    _value: T | None = field(default=None, init=False, repr=False)
    _read: float = field(default=0.0, init=False, repr=False)
    _tried: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        self._reader = _reader(self.name, self.region)

    def get(self) -> T:
        """Return the secret, at most five minutes old, or an hour while it cannot be read; else `GateError` 503."""
        # The wall clock, because the other stands still while the environment is frozen.
        now = time.time()
        if not 0 <= now - self._read < _FRESH and not 0 <= now - self._tried < _COOLDOWN:
            self._tried = now
            try:
                self._value, self._read = self.parse(self._reader()), now
            except (GateError, ValueError) as error:
                if self._value is None:
                    upstream = error.upstream if isinstance(error, GateError) else "unreadable"
                    raise GateError(Problem.UNAVAILABLE, "secret-unreachable", upstream=upstream) from error
        if self._value is None or not 0 <= now - self._read < _LONGEST_AGE:
            raise GateError(Problem.UNAVAILABLE, "secret-unreachable")
        return self._value


def _reader(name: str, region: str) -> Callable[[], str]:
    """Return what reads a secret. Its client is made before a call begins, since to load the model takes long."""
    service, _, identifier = name.partition(":")
    session = boto3.Session(region_name=region)
    if service == "ssm":
        ssm: Clients[SSMClient] = Clients(lambda settings: session.client("ssm", config=settings))

        def read_parameter() -> str:
            client = ssm.within(_LONGEST_READ)
            work = partial(client.get_parameter, Name=identifier, WithDecryption=True)
            return call("ssm", _LONGEST_READ, lambda: work()["Parameter"]["Value"])

        return read_parameter
    manager: Clients[SecretsManagerClient] = Clients(lambda settings: session.client("secretsmanager", config=settings))

    def read_secret() -> str:
        client = manager.within(_LONGEST_READ)
        # Within the call, because a secret of bytes has no text.
        return call(service, _LONGEST_READ, lambda: client.get_secret_value(SecretId=identifier)["SecretString"])

    return read_secret
