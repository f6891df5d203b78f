"""The fake upstream answers as it is told, and remembers what it was asked."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, IncompleteRead

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.upstream_server import (
    GOOD_URL,
    Told,
    Upstream,
    assumed,
    minted,
    sagemaker_error,
    sts_error,
    upstream,
)

ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=1)


@pytest.fixture
def server() -> Iterator[Upstream]:
    with upstream() as started:
        yield started


def mint(server: Upstream) -> str:
    """Ask for a URL."""
    client = boto3.client("sagemaker", endpoint_url=server.url, config=ONCE)
    return client.create_presigned_domain_url(DomainId="d-1", UserProfileName="alice")["AuthorizedUrl"]


def expiration(server: Upstream) -> datetime:
    """Ask for a session."""
    client = boto3.client("sts", endpoint_url=server.url, config=ONCE)
    role = "arn:aws:iam::111122223333:role/minting"
    return client.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]["Expiration"]


def test_unless_told_otherwise_both_services_work(server: Upstream) -> None:
    assert mint(server) == GOOD_URL
    assert timedelta(minutes=14) < expiration(server) - datetime.now(UTC) <= timedelta(minutes=15)


def test_it_remembers_what_each_service_was_asked(server: Upstream) -> None:
    mint(server)
    mint(server)
    expiration(server)
    assert (len(server.sagemaker_calls), len(server.sts_calls)) == (2, 1)
    assert '"UserProfileName": "alice"' in server.sagemaker_calls[0]
    assert "Action=AssumeRole" in server.sts_calls[0]


def test_it_mints_any_text(server: Upstream) -> None:
    server.sagemaker = minted("javascript:alert(1)\n")
    assert mint(server) == "javascript:alert(1)\n"


def test_a_session_expires_when_it_is_told(server: Upstream) -> None:
    server.sts = assumed(-10)
    assert expiration(server) < datetime.now(UTC)


def test_each_service_refuses_with_its_own_kind_of_error(server: Upstream) -> None:
    server.sagemaker, server.sts = sagemaker_error("ResourceNotFound"), sts_error("AccessDenied", 403)
    for ask, code, status in ((mint, "ResourceNotFound", 400), (expiration, "AccessDenied", 403)):
        with pytest.raises(ClientError) as caught:
            ask(server)
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_it_hangs_up(server: Upstream) -> None:
    server.sagemaker = Told(0)
    with pytest.raises(ConnectionClosedError):
        mint(server)


def test_it_drips() -> None:
    with upstream() as server:
        server.sagemaker = replace(minted("https://x"), drip=0.005)
        began = time.monotonic()
        assert mint(server) == "https://x"
        assert time.monotonic() - began >= 0.005 * len(server.sagemaker.body)


def test_it_ends_at_once_although_it_drips() -> None:
    began = time.monotonic()
    with upstream() as server:
        server.sagemaker = replace(minted(), drip=30)
        connection = HTTPConnection(server.url.removeprefix("http://"))
        connection.request("POST", "/", "{}", {"X-Amz-Target": "SageMaker.CreatePresignedDomainUrl"})
        answer = connection.getresponse()
    with pytest.raises(IncompleteRead):
        answer.read()
    connection.close()
    assert time.monotonic() - began < 15


def test_it_forgets_a_connection_after_one_answer(server: Upstream) -> None:
    server.sagemaker = replace(minted(), once=True)
    client = boto3.client("sagemaker", endpoint_url=server.url, config=ONCE)
    ask = partial(client.create_presigned_domain_url, DomainId="d-1", UserProfileName="alice")
    assert ask()["AuthorizedUrl"] == GOOD_URL
    with pytest.raises(ReadTimeoutError):
        ask()
    # After the failure botocore begins anew.
    assert ask()["AuthorizedUrl"] == GOOD_URL


def test_it_is_late_and_ends_at_once_all_the_same() -> None:
    began = time.monotonic()
    with upstream() as server:
        server.sagemaker = replace(minted(), after=30)
        with pytest.raises(ReadTimeoutError):
            mint(server)
        assert len(server.sagemaker_calls) == 1
    assert time.monotonic() - began < 15
