"""The door lets through what is signed as it must be, and nothing else."""

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws import example
from tests.docs.door import door

ALICE = Credentials("AKIDDOOREXAMPLE00001", "secret", "token")


@pytest.fixture
def gate(aws: None) -> Iterator[str]:
    with door(ALICE) as url:
        yield url


def signed(
    url: str, credentials: Credentials, service: str = "execute-api", region: str = "eu-central-1"
) -> AWSRequest:
    request = AWSRequest("GET", url)
    SigV4Auth(credentials, service, region).add_auth(request)
    return request


def status(request: AWSRequest, url: str | None = None) -> int:
    """Send it, perhaps elsewhere than it was signed for."""
    sent = urllib.request.Request(url or request.url, headers=dict(request.headers))  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(sent, timeout=10) as response:  # noqa: S310 - loopback
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_what_is_signed_gets_through(gate: str) -> None:
    assert status(signed(f"{gate}/iam/url/research?expires_in=10&session_expires_in=3600", ALICE)) == 200


ATTEMPTS = {
    "another secret": lambda url: signed(url, Credentials("AKIDDOOREXAMPLE00001", "guess", "token")),
    "another service": lambda url: signed(url, ALICE, service="sts"),
    "another region": lambda url: signed(url, ALICE, region="us-east-1"),
    "no signature": lambda url: AWSRequest("GET", url),
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_not_signed_as_it_must_be(gate: str, attempt) -> None:  # noqa: ANN001 - a row's function
    assert status(attempt(f"{gate}/iam/me")) == 403


def test_a_signature_holds_for_its_own_query_alone(gate: str) -> None:
    request = signed(f"{gate}/iam/url/research?expires_in=10", ALICE)
    assert status(request, f"{gate}/iam/url/research?expires_in=60") == 403


def test_health_needs_none(gate: str) -> None:
    assert status(AWSRequest("GET", f"{gate}/health")) == 200
    assert example.event("health")["resource"] == "/health"
