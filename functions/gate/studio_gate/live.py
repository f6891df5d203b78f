"""Which configuration is in force: the deployment's own files, or what AWS AppConfig has of it without a deployment.

A document of AppConfig is compiled as a whole, by what compiles the files, before it serves. What cannot be had or
cannot be compiled leaves the last good one in force for a bounded time; after that, and where there never was a good
one, nobody is served (docs/decisions/0015-a-live-configuration-fails-closed.md).
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import boto3

from studio_gate.audit import Record
from studio_gate.config import Deployment, compile_config, parse, read_file
from studio_gate.directory import Directory
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.identity.trust import trust
from studio_gate.policies import compile_policies
from studio_gate.sessions import Sessions
from studio_gate.story import Gate
from studio_gate.upstream import Clients, Deadline, call

if TYPE_CHECKING:
    from mypy_boto3_appconfigdata import AppConfigDataClient

# In seconds: how often AppConfig is asked at most, and how soon again while there is nothing to serve.
_INTERVAL = 45
_COOLDOWN = 5
# In seconds: as long as one call may take, and what a launch needs after it: a session, a URL and an answer.
_LONGEST_CALL = 2
_RESERVE = 4.5
_SCHEMA = "schema.cedarschema"
_DOCUMENT = "AppConfig's document"


class Source(Protocol):
    """What gives each request its gate."""

    def current(self, record: Record, deadline: Deadline) -> Gate:
        """Return the gate in force and note its version; `GateError` 503 when there is none."""


def source(deployment: Deployment, directory: Path) -> Source:
    """Return the source that a deployment names; `ConfigError` for bundled files that cannot be used."""
    if deployment.config_source is None:
        return bundled(deployment, directory)
    build = _Builder(deployment, read_file(directory / _SCHEMA))
    return Live(deployment.config_source, deployment.config_longest_age, _data(deployment.region), build)


def bundled(deployment: Deployment, directory: Path) -> "Bundled":
    """Compile the files of a folder for a deployment, `ConfigError` if they cannot be used."""
    toml, policies, schema = (read_file(directory / name) for name in ("gate.toml", "policies.cedar", _SCHEMA))
    raw, build = parse("gate.toml", toml), _Builder(deployment, schema)
    return Bundled(build("gate.toml", raw, "policies.cedar", policies, version(policies, toml)))


def version(*parts: bytes) -> str:
    """Name a configuration by its bytes: the first 12 hex digits of their SHA-256."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def read_document(document: bytes) -> tuple[dict[str, object], bytes]:
    """Take a document of AppConfig apart into what `gate.toml` and `policies.cedar` would say; else `ConfigError`."""
    raw = parse(_DOCUMENT, document)
    policies = raw.pop("policies", None)
    if not isinstance(policies, str):
        raise ConfigError(f"{_DOCUMENT}: policies must be the text of the Cedar policies")
    return raw, policies.encode()


class _Builder:
    """Makes gates of one deployment. Minting sessions outlive a configuration: nothing of it finds them again."""

    def __init__(self, deployment: Deployment, schema: bytes) -> None:
        self._deployment, self._schema, self._sessions = deployment, schema, Sessions(deployment)

    def __call__(
        self, where: str, raw: Mapping[str, object], policies_where: str, policies: bytes, version: str
    ) -> Gate:
        """Compile a configuration as a whole; `ConfigError` says what is wrong and where."""
        config = compile_config(where, raw, self._deployment)
        names = {one.name for one in config.destinations}
        compiled = compile_policies(policies_where, policies, _SCHEMA, self._schema, names)
        trusted, directory = trust(config, self._deployment.region), Directory(self._sessions)
        return Gate(self._deployment, config, compiled, self._sessions, directory, trusted, version)


@dataclass(frozen=True, slots=True)
class Bundled:
    """The configuration of the deployment's own files."""

    gate: Gate

    def current(self, record: Record, _: Deadline) -> Gate:
        """Return the one gate there is."""
        record.config_version = self.gate.version
        return self.gate


class _Latest(NamedTuple):
    """One answer: a document, or none where it has not changed since the last answer of the same session."""

    document: bytes
    token: str
    interval: int | None
    label: str | None


@dataclass(eq=False, slots=True)
class Live:
    """The configuration that AppConfig deploys, asked for at most every 45 s, by whoever comes first after that.

    `longest_age` says for how many seconds the last good one serves after AppConfig has last said that it is the
    latest.
    """

    name: str
    longest_age: int
    _data: "Clients[AppConfigDataClient]" = field(repr=False)
    _build: _Builder = field(repr=False)
    _token: str | None = field(default=None, init=False, repr=False)
    _gate: Gate | None = field(default=None, init=False, repr=False)
    _good: str | None = field(default=None, init=False)  # the digest of what serves
    _wrong: str | None = field(default=None, init=False)  # with the latest
    _problem: str | None = field(default="not asked yet", init=False)
    _confirmed: float = field(default=0.0, init=False)
    _asked: float = field(default=0.0, init=False)
    _again: float = field(default=0.0, init=False)

    def current(self, record: Record, deadline: Deadline) -> Gate:
        """Return the gate of the last good configuration, and note its version and what is wrong with the latest.

        `GateError` 503 when there never was one, or when it is too old.
        """
        # The wall clock, because the other stands still while the environment is frozen.
        now = time.time()
        if not self._asked <= now < self._again:
            self._ask(now, deadline)
        record.config_version = self._gate.version if self._gate else None
        record.config_stale, record.config_error = self._problem is not None, self._problem
        if self._gate is None or not 0 <= now - self._confirmed < self.longest_age:
            raise GateError(Problem.UNAVAILABLE, f"configuration: {self._problem}")
        return self._gate

    def _ask(self, now: float, deadline: Deadline) -> None:
        self._asked, interval = now, None
        try:
            latest = self._fetch(deadline)
            interval, self._token = latest.interval, latest.token
            self._take(latest)
            self._problem = self._wrong
        except GateError as error:
            self._problem = error.reason + (f": {error.upstream}" if error.upstream else "")
        if self._problem is None:
            self._confirmed = now
        least = _INTERVAL if self._gate else _COOLDOWN
        # Never so late that a good one would be too old before it is asked for again.
        self._again = now + min(max(least, interval or 0), self.longest_age)

    def _fetch(self, deadline: Deadline) -> _Latest:
        """Ask with the token of the last answer, else with one of a new session; a token is good once, for a day."""
        token, self._token = self._token, None
        if token is not None:
            try:
                return self._call(deadline, partial(_get, token))
            except GateError as error:
                if error.upstream != "BadRequestException":
                    raise
        # A new session is told everything, so nothing that an old one was told counts.
        token = self._call(deadline, partial(_start, self.name))
        latest = self._call(deadline, partial(_get, token))
        self._wrong = f"{_DOCUMENT}: is empty"
        return latest

    def _call[T](self, deadline: Deadline, work: "Callable[[AppConfigDataClient], T]") -> T:
        seconds = min(_LONGEST_CALL, deadline.whole_seconds(_RESERVE))
        client = self._data.within(seconds)
        return call("appconfig", seconds, partial(work, client))

    def _take(self, latest: _Latest) -> None:
        """Let a new document serve if it can; what serves already is not compiled again."""
        # What has not changed has no label either; an empty document may.
        if not latest.document and latest.label is None:
            return
        label, digest = latest.label or version(latest.document), hashlib.sha256(latest.document).hexdigest()
        try:
            known = self._gate if digest == self._good else None
            self._gate, self._good = replace(known or self._compiled(latest.document), version=label), digest
            self._wrong = None
        except ConfigError as error:
            self._wrong = f"{label}: {error}"
        except BaseException as error:  # noqa: BLE001 - whatever a document makes a parser do, the last good one serves
            self._wrong = f"{label}: {type(error).__name__}"

    def _compiled(self, document: bytes) -> Gate:
        raw, policies = read_document(document)
        return self._build(_DOCUMENT, raw, "its policies", policies, "")


def _data(region: str) -> "Clients[AppConfigDataClient]":
    session = boto3.Session(region_name=region)
    return Clients(lambda settings: session.client("appconfigdata", config=settings))


def _start(name: str, client: "AppConfigDataClient") -> str:
    """Begin a session (StartConfigurationSession) and return its first token."""
    application, environment, profile = name.removeprefix("appconfig:").split("/")
    return client.start_configuration_session(
        ApplicationIdentifier=application,
        EnvironmentIdentifier=environment,
        ConfigurationProfileIdentifier=profile,
        RequiredMinimumPollIntervalInSeconds=_INTERVAL,
    )["InitialConfigurationToken"]


def _get(token: str, client: "AppConfigDataClient") -> _Latest:
    """Read what has changed since the token was given (GetLatestConfiguration), and the next token."""
    answer = client.get_latest_configuration(ConfigurationToken=token)
    # What is missing, botocore leaves out, whatever its types say.
    given: dict[str, Any] = {**answer}
    interval, label = given.get("NextPollIntervalInSeconds"), given.get("VersionLabel")
    return _Latest(answer["Configuration"].read(), answer["NextPollConfigurationToken"], interval, label)
