"""What hostile tests of tokens and proxies share: a gate that trusts the issuers and proxies of `forge`."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import boto3
import pytest

from localaws import example, server
from studio_gate import handler
from studio_gate.config import Config
from tests.conftest import Send
from tests.hostile import forge

# A new one registers 130 handlers, which takes longer than a hundred refusals.
_one_session = cache(boto3.Session)


@pytest.fixture(scope="session")
def trusting_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return forge.configure(tmp_path_factory.mktemp("trusting"))


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, trusting_folder: Path, environment: None) -> None:
    """The gate reads that configuration."""
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", trusting_folder)
    monkeypatch.setattr(boto3, "Session", _one_session)


@pytest.fixture(scope="module")
def aws_for_all(aws_url: str, config: Config) -> Iterator[None]:
    """As `aws`, for all the tests of a file: most of them must not get that far."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", aws_url)
        server.reset()
        example.seed(config)
        yield
        server.reset()


@pytest.fixture
def present(trusting: None, aws_for_all: None, capsys: pytest.CaptureFixture[str]) -> Send:
    """As `send`, to a gate that trusts issuers and proxies."""
    return Send(capsys)
