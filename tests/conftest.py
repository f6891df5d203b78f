"""What all tests share: the example deployment, a stand-in for AWS without credentials, and a way to send events."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import settings

# Hypothesis draws its usual 100 examples in CI, and fewer where somebody waits for the answer.
settings.register_profile("quick", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile("thorough" if os.environ.get("CI") else "quick")
# It is for an environment of its own (make e2e).
collect_ignore = [] if find_spec("playwright") else ["e2e"]
# Before anything imports them: they assert for the tests of several folders.
pytest.register_assert_rewrite(
    "tests.stack.stacks", "tests.stack.mutations", "tests.studio_gate.living", "tests.watching.account"
)

from localaws import contract, example, server, studio
from studio_gate import handler
from studio_gate.config import Config, Deployment, read_config, read_deployment
from tests.appconfig_server import appconfig
from tests.studio_gate.company import Company, make
from tests.studio_gate.finding import Clock
from tests.studio_gate.living import LiveGate
from tests.studio_gate.web import Web, put_sealing_keys
from tests.upstream_server import Upstream, upstream


@dataclass(frozen=True)
class Context:
    """As much of Lambda's context as the handler reads."""

    remaining_ms: int = 10_000
    aws_request_id: str = "lambda-request-id"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(frozen=True)
class Reply:
    """What came back for one event, and what was written while it was answered."""

    status: int
    headers: Mapping[str, str]
    body: str
    audit: dict[str, Any]
    metrics: dict[str, Any]
    written: str
    mints: tuple[studio.Mint, ...]
    cookies: tuple[str, ...] = ()

    @property
    def decoded(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Let every botocore session of the tests share the parsed service models: SageMaker's alone takes 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture(scope="session")
def template_environment() -> Mapping[str, str]:
    """The function's environment, as template.yaml and samconfig.toml give it."""
    return example.environment()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, template_environment: Mapping[str, str]) -> Iterator[None]:
    """Run as the deployed function would, with credentials that open nothing; no gate is left from another test."""
    own = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in (own | dict(template_environment)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", template_environment["AWS_REGION"])
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", example.CONFIG)
    handler.gate.cache_clear()
    yield
    handler.gate.cache_clear()


@pytest.fixture(scope="session")
def deployment(template_environment: Mapping[str, str]) -> Deployment:
    return read_deployment(template_environment)


@pytest.fixture(scope="session")
def config(deployment: Deployment) -> Config:
    return read_config(example.CONFIG / "gate.toml", deployment)


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """Serve the stand-in for AWS once for all tests: stopping a server takes half a second."""
    with server.running() as url:
        yield url


@pytest.fixture
def aws(aws_url: str, monkeypatch: pytest.MonkeyPatch, config: Config) -> Iterator[None]:
    """Stand in for AWS on loopback, with the example configuration's domains and profiles."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_url)
    server.reset()
    example.seed(config)
    yield
    server.reset()


@pytest.fixture(name="server")
def upstream_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstream]:
    """Serve STS and SageMaker as a test tells them to, where the clients find them."""
    with upstream() as started:
        monkeypatch.setenv("AWS_ENDPOINT_URL", started.url)
        yield started


@pytest.fixture
def send(aws: None, capsys: pytest.CaptureFixture[str]) -> "Send":
    return Send(capsys)


@pytest.fixture
def web(send: "Send", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """Make gates that sign people in, with the wall clock at a whole second until the test sets it."""
    clock = Clock(float(int(time.time())))
    monkeypatch.setattr(time, "time", lambda: clock.now)
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", tmp_path)
    put_sealing_keys("b", "a")
    return Web(send, clock, tmp_path, handler.gate.cache_clear)


@pytest.fixture
def live_gate(send: "Send", monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveGate]:
    """Take the configuration from AppConfig, with the wall clock at a whole second until the test sets it."""
    clock = Clock(float(int(time.time())))
    monkeypatch.setattr(time, "time", lambda: clock.now)
    with appconfig() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIGDATA", server.url)
        monkeypatch.setenv("CONFIG_SOURCE", "appconfig:abc1234/def5678/ghi9012")
        yield LiveGate(send, server, clock)


@pytest.fixture
def company(send: "Send", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """Make a gate with destinations of the test's own."""
    return make(send, tmp_path, monkeypatch)


class Send:
    """Sends an event through the handler."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, event: Mapping[str, Any], context: Context | None = None) -> Reply:
        before = len(studio.mints())
        self._capsys.readouterr()
        answer = handler.handler(dict(event), context or Context())
        written = self._capsys.readouterr()
        assert contract.breaches(event, answer) == []
        line = json.loads(written.out)
        return Reply(
            status=answer["statusCode"],
            headers={name: "; ".join(values) for name, values in answer["multiValueHeaders"].items()},
            body=answer["body"],
            audit=line["audit"],
            metrics=line,
            written=written.out + written.err,
            mints=studio.mints()[before:],
            cookies=tuple(answer["multiValueHeaders"].get("Set-Cookie", ())),
        )
