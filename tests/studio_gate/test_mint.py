"""A grant becomes a URL of its own Studio host, and nothing else is ever handed out."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from localaws import studio
from studio_gate.config import Config, Deployment
from studio_gate.errors import GateError, Problem
from studio_gate.mint import MintedUrl, mint
from studio_gate.sessions import Sessions
from tests.studio_gate.builders import grant, refused, target, within
from tests.upstream_server import GOOD_URL, Told, Upstream, minted


def test_what_is_minted_is_what_was_granted(aws: None, config: Config, deployment: Deployment) -> None:
    made = mint(grant(config, expires_in=7, session_expires_in=1900), Sessions(deployment), within())
    (seen,) = studio.mints()
    assert dict(seen.parameters) == {
        "DomainId": "d-research01234",
        "UserProfileName": "alice",
        "ExpiresInSeconds": 7,
        "SessionExpirationDurationInSeconds": 1900,
    }
    assert seen.url.get_secret_value() == made.url.get_secret_value()
    assert made.digest == sha256(made.url.get_secret_value().encode()).hexdigest()


def test_it_is_minted_with_the_session_made_for_it(aws: None, config: Config, deployment: Deployment) -> None:
    mint(grant(config), Sessions(deployment), within())
    (session,), (seen,) = studio.assumed_roles(), studio.mints()
    assert seen.access_key_id == session.access_key_id
    assert session.asked_with != session.access_key_id


def test_both_expiries_count_from_just_before_the_call(
    server: Upstream, config: Config, deployment: Deployment
) -> None:
    before = datetime.now(UTC)
    made = mint(grant(config), Sessions(deployment), within())
    after = datetime.now(UTC)
    assert before <= made.expires_at - timedelta(seconds=30) <= after
    assert made.session_expires_at - made.expires_at == timedelta(seconds=28800 - 30)


def test_nothing_shows_the_url(server: Upstream, config: Config, deployment: Deployment) -> None:
    made = mint(grant(config), Sessions(deployment), within())
    shown = f"{made} {made!r} {dataclasses.asdict(made)} {made.url}"
    assert "canary" not in shown
    assert made.url.get_secret_value() == GOOD_URL


HOST = "d-research01234.studio.eu-central-1.sagemaker.aws"
URLS = {
    "as SageMaker makes them": GOOD_URL,
    "of 9,000 characters": GOOD_URL.ljust(9000, "x"),
    "without a query": f"https://{HOST}/auth",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS.keys())
def test_handed_out(server: Upstream, config: Config, deployment: Deployment, url: str) -> None:
    server.sagemaker = minted(url)
    made: MintedUrl = mint(grant(config), Sessions(deployment), within())
    assert made.url.get_secret_value() == url


HOSTILE = {
    "plain http": f"http://{HOST}/auth",
    "another scheme": "javascript:alert(1)",
    "no scheme": f"//{HOST}/auth",
    "another host": "https://evil.example/auth",
    "another domain's host": "https://d-other.studio.eu-central-1.sagemaker.aws/auth",
    "another region's host": "https://d-research01234.studio.us-east-1.sagemaker.aws/auth",
    "the host as a prefix": f"https://{HOST}.evil.example/auth",
    "the host as a suffix": f"https://evil{HOST}/auth",
    "the host as a user": f"https://{HOST}@evil.example/auth",
    "a user before the host": f"https://user@{HOST}/auth",
    "a user and a password": f"https://user:pass@{HOST}/auth",
    "an empty user": f"https://@{HOST}/auth",
    "a port": f"https://{HOST}:8443/auth",
    "the usual port": f"https://{HOST}:443/auth",
    "an empty port": f"https://{HOST}:/auth",
    "the host in capitals": f"https://{HOST.upper()}/auth",
    "a dot after the host": f"https://{HOST}./auth",
    "a backslash": f"https://evil.example\\@{HOST}/auth",
    "a backslash after the host": f"https://{HOST}\\.evil.example/auth",
    "a newline": f"https://{HOST}/auth?token=x\r\nSet-Cookie: a=b",
    "a newline at the end": f"{GOOD_URL}\n",
    "a tab in the host": f"https://{HOST[:4]}\t{HOST[4:]}/auth",
    "a blank": f"https://{HOST}/a uth",
    "a blank before it": f" {GOOD_URL}",
    "another letter in the host": f"https://{HOST.replace('s', 'ѕ')}/auth",  # noqa: RUF001 - the point
    "a NUL": f"https://{HOST}/auth\0",
    "a quote": f'https://{HOST}/auth"',
    "an unclosed bracket": "https://[::1/auth",
    "too long": GOOD_URL.ljust(9001, "x"),
    "empty": "",
}


@pytest.mark.parametrize("url", HOSTILE.values(), ids=HOSTILE.keys())
def test_not_handed_out(server: Upstream, config: Config, deployment: Deployment, url: str) -> None:
    server.sagemaker = minted(url)
    error = refused(config, deployment)
    assert (error.problem, error.reason) == (Problem.UPSTREAM_NONSENSE, "not-a-studio-url")


BODIES = {
    "another member": json.dumps({"Url": GOOD_URL}),
    "no members": "{}",
    "null": json.dumps({"AuthorizedUrl": None}),
    "nothing": "",
    "no JSON": "<html>welcome to the guest network</html>",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_answer_without_a_url_is_nonsense(
    server: Upstream, config: Config, deployment: Deployment, body: str
) -> None:
    server.sagemaker = Told(body=body)
    assert refused(config, deployment).problem is Problem.UPSTREAM_NONSENSE
    assert len(server.sagemaker_calls) == 1


def test_no_proxy_ever_sees_the_url(
    monkeypatch: pytest.MonkeyPatch, server: Upstream, config: Config, deployment: Deployment
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert mint(grant(config), Sessions(deployment), within()).url.get_secret_value() == GOOD_URL


def test_the_profile_must_exist(aws: None, config: Config, deployment: Deployment) -> None:
    with pytest.raises(GateError) as caught:
        mint(grant(config, profile="zoe"), Sessions(deployment), within())
    assert (caught.value.problem, caught.value.upstream) == (Problem.NOT_READY, "ResourceNotFound")
    assert studio.mints() == ()


def test_a_domain_of_identity_center_is_not_ready(aws: None, config: Config, deployment: Deployment) -> None:
    domain = studio.Domain("d-sso", auth_mode="SSO", user_profiles=(studio.UserProfile("alice"),))
    studio.seed(domain, account_id="111122223333", region="eu-central-1")
    other = target(config).destination.model_copy(update={"domain_id": "d-sso"})
    with pytest.raises(GateError) as caught:
        mint(grant(config, destination=other), Sessions(deployment), within())
    assert (caught.value.problem, caught.value.upstream) == (Problem.NOT_READY, "ValidationException")
