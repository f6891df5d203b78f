"""What the tests of fetched keys start from: a publisher with an authority of its own, and a clock that is set."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localaws.studio_site.certificate import context_for
from tests.keys_server import KeysServer, keys_server
from tests.studio_gate.finding import Clock


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
