"""Sessions of the minting role: for one caller and one profile, and never for another."""

import json
import logging
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws import studio
from studio_gate.authorise import Decision, Grant
from studio_gate.config import Config, Deployment
from studio_gate.errors import GateError, Problem
from studio_gate.sessions import Sessions, session_name, session_policy
from studio_gate.upstream import Deadline
from tests.studio_gate.builders import caller, grant, target
from tests.upstream_server import assumed, upstream


def soon() -> Deadline:
    """A deadline with time enough."""
    return Deadline(time.monotonic() + 8)


def grant_for(config: Config, name: str, **changes: object) -> Grant:
    """A grant for another caller."""
    return Grant(Decision(caller(name), target(config, **changes), allowed=True, reason="permitted"))


def test_the_session_policy_allows_one_action_on_one_profile_from_the_endpoints(
    config: Config, deployment: Deployment
) -> None:
    assert json.loads(session_policy(target(config), deployment)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sagemaker:CreatePresignedDomainUrl",
                "Resource": "arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-research01234/alice",
                "Condition": {"StringEquals": {"aws:SourceVpce": ["vpce-0b2c3d4e5f6071829", "vpce-0c3d4e5f607182930"]}},
            }
        ],
    }


@given(profile=st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True).filter(lambda name: len(name) <= 63))
def test_no_profile_name_widens_the_session_policy(config: Config, deployment: Deployment, profile: str) -> None:
    policy = session_policy(target(config, profile=profile), deployment)
    resource = json.loads(policy)["Statement"][0]["Resource"]
    assert resource.rsplit("/", 1)[1] == profile
    assert not re.search(r"[*?]|\$\{", policy)
    # STS takes at most 2,048 characters of inline session policy (quotas of IAM and STS).
    assert len(policy) <= 2048


LABELS = st.text(min_size=0, max_size=80)


@given(name=LABELS)
def test_a_session_name_is_always_one_that_sts_takes(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{2,64}", session_name(caller(name)))


@given(one=LABELS, other=LABELS)
def test_two_callers_never_share_a_session_name(one: str, other: str) -> None:
    assert (session_name(caller(one)) == session_name(caller(other))) == (one == other)


def test_a_session_name_can_be_read() -> None:
    assert session_name(caller()).startswith("alice@example.com-")


def test_the_role_is_assumed_with_everything_that_binds_the_session(
    aws: None, config: Config, deployment: Deployment
) -> None:
    session = Sessions(deployment).assume(grant(config), soon())
    (assumed_role,) = studio.assumed_roles()
    name = session_name(caller())
    assert (
        dict(session.key)
        == dict(assumed_role.parameters)
        == {
            "RoleArn": "arn:aws:iam::111122223333:role/studio-gate-minting",
            "RoleSessionName": name,
            "SourceIdentity": name,
            "DurationSeconds": 900,
            "Policy": session_policy(target(config), deployment),
        }
    )


def test_a_session_is_used_again_for_the_same_caller_and_profile(
    aws: None, config: Config, deployment: Deployment
) -> None:
    sessions = Sessions(deployment)
    first = sessions.assume(grant(config), soon())
    assert sessions.assume(grant(config, expires_in=10), soon()) is first
    assert len(studio.assumed_roles()) == 1


def test_another_caller_or_profile_gets_another_session(aws: None, config: Config, deployment: Deployment) -> None:
    sessions = Sessions(deployment)
    grants = [grant(config), grant_for(config, "bob@example.com"), grant(config, profile="bob")]
    keys = {sessions.assume(one, soon()).credentials.access_key for one in grants}
    assert len(keys) == len(studio.assumed_roles()) == 3


OTHERS = {
    "other endpoints": {"minting_endpoint_ids": ("vpce-0a",)},
    "another minting role": {"minting_role_arn": "arn:aws:iam::111122223333:role/other-minting"},
}


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS.keys())
def test_another_deployment_gets_another_session(
    aws: None, config: Config, deployment: Deployment, changes: dict[str, object]
) -> None:
    sessions = Sessions(deployment)
    first = sessions.assume(grant(config), soon())
    # Never happens in one environment; the key must hold all the same.
    sessions._deployment = deployment.model_copy(update=changes)  # noqa: SLF001
    assert sessions.assume(grant(config), soon()) is not first


def test_another_duration_gets_another_session(
    monkeypatch: pytest.MonkeyPatch, aws: None, config: Config, deployment: Deployment
) -> None:
    sessions = Sessions(deployment)
    first = sessions.assume(grant(config), soon())
    monkeypatch.setattr("studio_gate.sessions._DURATION", 1800)
    assert sessions.assume(grant(config), soon()) is not first


def test_at_most_256_sessions_are_kept_and_the_least_recently_used_goes(
    aws: None, config: Config, deployment: Deployment
) -> None:
    sessions = Sessions(deployment)
    for number in range(256):
        sessions.assume(grant_for(config, f"user-{number}"), soon())
    sessions.assume(grant_for(config, "user-0"), soon())
    sessions.assume(grant_for(config, "user-256"), soon())
    assert len(studio.assumed_roles()) == 257
    sessions.assume(grant_for(config, "user-0"), soon())
    assert len(studio.assumed_roles()) == 257
    sessions.assume(grant_for(config, "user-1"), soon())
    assert len(studio.assumed_roles()) == 258


EXPIRIES = {
    "well over what is left": (900, 30, 1),
    "over the URL's life and the clocks' difference": (95, 30, 1),
    "under the URL's life and the clocks' difference": (85, 30, 2),
    "over already": (-10, 30, 2),
    "well over a short URL, not over a long one": (95, 60, 2),
}


@pytest.mark.parametrize(("lives", "expires_in", "calls"), EXPIRIES.values(), ids=EXPIRIES.keys())
def test_a_session_is_used_only_with_enough_time_left(
    monkeypatch: pytest.MonkeyPatch, config: Config, deployment: Deployment, lives: float, expires_in: int, calls: int
) -> None:
    with upstream() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        server.sts = assumed(lives)
        sessions = Sessions(deployment)
        for _ in range(2):
            sessions.assume(grant(config, expires_in=expires_in), soon())
        assert len(server.sts_calls) == calls


def test_a_kept_session_needs_no_time_for_sts(aws: None, config: Config, deployment: Deployment) -> None:
    sessions = Sessions(deployment)
    first = sessions.assume(grant(config), soon())
    assert sessions.assume(grant(config), Deadline(time.monotonic())) is first


def test_without_time_the_role_is_not_assumed(aws: None, config: Config, deployment: Deployment) -> None:
    with pytest.raises(GateError) as caught:
        Sessions(deployment).assume(grant(config), Deadline(time.monotonic() + 4))
    assert caught.value.problem is Problem.OUT_OF_TIME
    assert studio.assumed_roles() == ()


def test_nothing_shows_the_credentials(aws: None, config: Config, deployment: Deployment) -> None:
    session = Sessions(deployment).assume(grant(config), soon())
    for secret in session.credentials:
        assert str(secret) not in f"{session} {session!r}"


def test_what_aws_s_libraries_write_at_debug_stays_off(deployment: Deployment) -> None:
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    Sessions(deployment)
    assert not any(logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in ("boto3", "botocore", "urllib3"))
