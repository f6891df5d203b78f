"""What several tests start from: a publisher with its own authority, a clock to set, a browser, and keys that seal."""

import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from localaws import example
from studio_gate.config import Config
from studio_gate.policies import Policies, read_policies
from tests.keys_server import KeysServer, context_for, keys_server
from tests.studio_gate.finding import Clock
from tests.studio_gate.signing_in import Browser, entry, key_line, put_parameter, trusted


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", lambda: made.now)
    return made


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls") / "authority.pem"


@pytest.fixture(scope="session")
def tls(authority: Path) -> ssl.SSLContext:
    return context_for("localhost", authority)


@pytest.fixture
def publisher(tls: ssl.SSLContext, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeysServer]:
    """Publish keys as a test tells it to, trusted as a private authority is in a VPC."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with keys_server(tls) as started:
        yield started


@pytest.fixture
def kept_keys() -> Iterator[None]:
    """Stand in for SSM, with the keys that seal."""
    with mock_aws():
        put_parameter(key_line("now"))
        yield


@pytest.fixture
def browser(kept_keys: None) -> Browser:
    return Browser(trusted(entry()))


SCHEMA = example.CONFIG / "schema.cedarschema"


@pytest.fixture(scope="session")
def policies(config: Config) -> Policies:
    """The example's."""
    return read_policies(example.CONFIG / "policies.cedar", SCHEMA, [one.name for one in config.destinations])


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[str], Policies]:
    """Compile other policies against the schema that ships, for the example's destinations."""

    def compile_text(text: str) -> Policies:
        path = tmp_path / "policies.cedar"
        path.write_text(text, encoding="utf-8")
        return read_policies(path, SCHEMA, ["research", "sandbox"])

    return compile_text
