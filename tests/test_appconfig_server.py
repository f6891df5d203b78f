"""The fake AppConfig keeps to what its API reference says of tokens and of what has not changed."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ResponseStreamingError

from tests.appconfig_server import DAY, AppConfig, appconfig
from tests.studio_gate.finding import Clock

type Client = Any  # made by boto3

ASKED = {"ApplicationIdentifier": "abc1234", "EnvironmentIdentifier": "def5678", "ConfigurationProfileIdentifier": "g"}


@pytest.fixture
def server() -> Iterator[AppConfig]:
    with appconfig() as started:
        yield started


@pytest.fixture
def client(server: AppConfig) -> Client:
    once = Config(retries={"total_max_attempts": 1})
    return boto3.client("appconfigdata", endpoint_url=server.url, config=once)


def begin(client: Client) -> str:
    token: str = client.start_configuration_session(**ASKED)["InitialConfigurationToken"]
    return token


def test_a_session_is_told_a_version_once(server: AppConfig, client: Client) -> None:
    server.deploy(b"one", "v1")
    first = client.get_latest_configuration(ConfigurationToken=begin(client))
    assert (first["Configuration"].read(), first["VersionLabel"]) == (b"one", "v1")
    assert first["NextPollIntervalInSeconds"] == 45
    second = client.get_latest_configuration(ConfigurationToken=first["NextPollConfigurationToken"])
    assert (second["Configuration"].read(), second.get("VersionLabel")) == (b"", None)
    server.deploy(b"two")
    third = client.get_latest_configuration(ConfigurationToken=second["NextPollConfigurationToken"])
    assert (third["Configuration"].read(), third.get("VersionLabel")) == (b"two", None)
    assert (server.sessions, server.polls) == ([ASKED], 3)


def test_another_session_is_told_it_again(server: AppConfig, client: Client) -> None:
    server.deploy(b"one")
    for _ in range(2):
        told = client.get_latest_configuration(ConfigurationToken=begin(client))
        assert told["Configuration"].read() == b"one"


def refused(client: Client, token: str) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        client.get_latest_configuration(ConfigurationToken=token)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_a_token_is_good_once(client: Client) -> None:
    token = begin(client)
    client.get_latest_configuration(ConfigurationToken=token)
    assert refused(client, token) == ("BadRequestException", 400)


def test_a_token_is_good_for_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(float(int(time.time())))
    monkeypatch.setattr(time, "time", lambda: clock.now)
    early, late = begin(client), begin(client)
    clock.now += DAY - 1
    client.get_latest_configuration(ConfigurationToken=early)
    clock.now += 1
    assert refused(client, late) == ("BadRequestException", 400)


def test_it_refuses(server: AppConfig, client: Client) -> None:
    token, server.error = begin(client), (403, "AccessDeniedException")
    assert refused(client, token) == ("AccessDeniedException", 403)


def test_it_hangs_up(server: AppConfig, client: Client) -> None:
    server.hangs_up = True
    with pytest.raises(ConnectionClosedError):
        begin(client)


def test_it_cuts_off(server: AppConfig, client: Client) -> None:
    token, server.cuts_off = begin(client), True
    server.deploy(b"0123456789")
    told = client.get_latest_configuration(ConfigurationToken=token)
    with pytest.raises(ResponseStreamingError):
        told["Configuration"].read()
