"""A stand-in that is signed to with the function's own key, as when it runs behind a listener."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from localaws import example, studio
from studio_gate.config import Config
from tests.site.world import Aws, World, world


@pytest.fixture
def in_process(config: Config) -> Iterator[None]:
    """Stand in for AWS in this process; moto's own dummy credentials would not be the function's."""
    studio.install()
    with mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": True}}):
        example.seed(config)
        yield


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    return boto3.Session()


@pytest.fixture(params=["in this process", "through the server"])
def called(request: pytest.FixtureRequest, session: boto3.Session) -> Aws:
    """Clients of the stand-in, wherever it runs."""
    if request.param == "in this process":
        request.getfixturevalue("in_process")
        return Aws(session)
    request.getfixturevalue("aws")
    return Aws(session, request.getfixturevalue("aws_url"))


@pytest.fixture
def here(in_process: None, session: boto3.Session) -> Aws:
    return Aws(session)


@pytest.fixture
def opened(aws: None) -> Iterator[World]:
    with world() as it:
        yield it
