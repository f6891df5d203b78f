"""A stand-in to talk to, in this process and through the server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from mypy_boto3_sagemaker import SageMakerClient
from mypy_boto3_sts import STSClient

from localaws import example, server, studio
from tests.localaws.clients import Aws, Refusal


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Share one session between all tests, because it keeps the parsed service models."""
    return boto3.Session()


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Share one server between all tests, because stopping one takes half a second."""
    with server.running() as url:
        yield url


@pytest.fixture(params=["in this process", "through the server"])
def aws(request: pytest.FixtureRequest, session: boto3.Session) -> Iterator[Aws]:
    studio.install()
    if request.param == "in this process":
        with mock_aws():
            yield Aws(session, None)
    else:
        yield Aws(session, request.getfixturevalue("endpoint"))
        server.reset()


@pytest.fixture
def sagemaker(aws: Aws) -> SageMakerClient:
    return aws.sagemaker()


@pytest.fixture
def lax(aws: Aws) -> SageMakerClient:
    """Send whatever is given, so that the checks that fire are the stand-in's."""
    return aws.sagemaker(validated=False)


@pytest.fixture
def sts(aws: Aws) -> STSClient:
    return aws.sts()


@pytest.fixture
def refusal() -> Refusal:
    def refused(call: Callable[..., object], **parameters: object) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            call(**parameters)
        response = caught.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return response["Error"]["Code"], response["Error"]["Message"]

    return refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example, to be changed."""
    for path in example.CONFIG.iterdir():
        shutil.copy(path, tmp_path / path.name)
    return tmp_path
