"""Installing, serving, and keeping one run's state from the next."""

import socket
import subprocess
import sys
import threading
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws
from moto.sagemaker import urls as sagemaker_urls
from moto.sts import urls as sts_urls
from mypy_boto3_sagemaker import SageMakerClient

from localaws import server, studio
from localaws.studio import Domain, UserProfile

ALICE = {"DomainId": "d-one", "UserProfileName": "alice"}
ONE = Domain("d-one", user_profiles=(UserProfile("alice"),))


def client(session: boto3.Session, endpoint: str | None = None) -> SageMakerClient:
    return session.client("sagemaker", region_name="us-east-1", endpoint_url=endpoint)


def test_importing_installs_nothing() -> None:
    program = (
        "from moto.sagemaker import urls; from moto.sts import urls as sts\n"
        "before = dict(urls.url_paths), dict(sts.url_paths)\n"
        "import localaws.studio, localaws.server\n"
        "assert (urls.url_paths, sts.url_paths) == before\n"
        "localaws.studio.install()\n"
        "assert urls.url_paths != before[0] and sts.url_paths != before[1]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)  # noqa: S603 - the program is above


def test_installing_twice_is_installing_once(session: boto3.Session) -> None:
    studio.install()
    once = dict(sagemaker_urls.url_paths), dict(sts_urls.url_paths)
    studio.install()
    assert (sagemaker_urls.url_paths, sts_urls.url_paths) == once
    with mock_aws():
        studio.seed(ONE)
        client(session).create_presigned_domain_url(**ALICE)
        assert len(studio.mints()) == 1


def test_a_server_after_a_mock_and_a_mock_after_a_server(session: boto3.Session) -> None:
    studio.install()
    for _ in range(2):
        with mock_aws():
            studio.seed(ONE)
            client(session).create_presigned_domain_url(**ALICE)
        with server.running() as endpoint:
            assert studio.mints() == ()
            studio.seed(ONE)
            client(session, endpoint).create_presigned_domain_url(**ALICE)
            assert len(studio.mints()) == 1
        assert studio.mints() == ()


def test_a_mock_around_the_server_shares_its_state(session: boto3.Session) -> None:
    studio.install()
    with mock_aws(), server.running() as endpoint:
        studio.seed(ONE)
        client(session, endpoint).create_presigned_domain_url(**ALICE)
        client(session).create_presigned_domain_url(**ALICE)
        assert len(studio.mints()) == 2


def test_the_server_is_on_loopback_and_its_port_is_closed_afterwards() -> None:
    with server.running() as endpoint:
        parts = urlsplit(endpoint)
        assert parts.hostname == "127.0.0.1"
        assert parts.port
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((parts.hostname, parts.port), timeout=5)


def test_state_is_reset_and_the_port_closed_when_the_body_fails() -> None:
    def seed_and_fail() -> None:
        with server.running():
            studio.seed(ONE)
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            seed_and_fail()


def test_two_servers_have_two_ports() -> None:
    with server.running() as one, server.running() as two:
        assert one != two


def test_what_was_seeded_before_the_server_started_is_served(session: boto3.Session) -> None:
    studio.seed(ONE)
    with server.running() as endpoint:
        assert client(session, endpoint).describe_domain(DomainId="d-one")["Status"] == "InService"


def test_concurrent_mints_are_all_recorded(session: boto3.Session) -> None:
    with server.running() as endpoint:
        studio.seed(ONE)
        sagemaker = client(session, endpoint)
        threads = [
            threading.Thread(target=lambda: [sagemaker.create_presigned_domain_url(**ALICE) for _ in range(5)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({mint.url for mint in studio.mints()}) == len(studio.mints()) == 40
