"""Whatever STS and SageMaker do, a launch ends in one of the gate's problems after one attempt."""

import dataclasses
import time

import pytest
from botocore.exceptions import ClientError

from studio_gate.config import Config, Deployment
from studio_gate.errors import GateError, Problem
from studio_gate.mint import mint
from studio_gate.sagemaker_api import SageMaker
from studio_gate.sessions import Sessions
from tests.studio_gate.builders import cut_off, grant, refused, within
from tests.upstream_server import Told, Upstream, assumed, minted, sagemaker_error, sts_error

# What each fault comes to: the problem, the reason, the code for the audit record, the calls of SageMaker.
SAGEMAKER = {
    "throttled": (
        sagemaker_error("ThrottlingException"),
        Problem.THROTTLED,
        "sagemaker-refused",
        "ThrottlingException",
    ),
    "throttled in other words": (
        sagemaker_error("TooManyRequestsException", 429),
        Problem.THROTTLED,
        "sagemaker-refused",
        "TooManyRequestsException",
    ),
    "expired credentials": (
        sagemaker_error("ExpiredTokenException"),
        Problem.UNAVAILABLE,
        "sagemaker-refused",
        "ExpiredTokenException",
    ),
    "not found": (sagemaker_error("ResourceNotFound"), Problem.NOT_READY, "sagemaker-refused", "ResourceNotFound"),
    "wrong mode or state": (
        sagemaker_error("ValidationException"),
        Problem.NOT_READY,
        "sagemaker-refused",
        "ValidationException",
    ),
    "broken": (sagemaker_error("InternalFailure", 500), Problem.UNAVAILABLE, "sagemaker-refused", "InternalFailure"),
    "down": (Told(503, ""), Problem.UNAVAILABLE, "sagemaker-refused", "503"),
    "hung up": (Told(0), Problem.UNAVAILABLE, "sagemaker-unreachable", "ProtocolError"),
}


@pytest.mark.parametrize(("told", "problem", "reason", "code"), SAGEMAKER.values(), ids=SAGEMAKER.keys())
def test_sagemaker_fails(  # the ids finish the sentence
    server: Upstream, config: Config, deployment: Deployment, told: Told, problem: Problem, reason: str, code: str
) -> None:
    server.sagemaker = told
    error = refused(config, deployment)
    assert (error.problem, error.reason, error.upstream) == (problem, reason, code)
    assert len(server.sagemaker_calls) == 1


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_denial_is_believed_the_second_time_from_a_new_session(
    server: Upstream, config: Config, deployment: Deployment, code: str
) -> None:
    server.sagemaker = sagemaker_error(code)
    error = refused(config, deployment)
    assert (error.problem, error.reason, error.upstream) == (Problem.REFUSED, "minting-denied", code)
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (2, 2)


STS = {
    "throttled": (sts_error("Throttling"), Problem.THROTTLED, "sts-refused", "Throttling"),
    "not allowed": (sts_error("AccessDenied", 403), Problem.UNAVAILABLE, "sts-refused", "AccessDenied"),
    "policy too large": (sts_error("PackedPolicyTooLarge"), Problem.UNAVAILABLE, "sts-refused", "PackedPolicyTooLarge"),
    "malformed": (sts_error("ValidationError"), Problem.UNAVAILABLE, "sts-refused", "ValidationError"),
    "broken": (sts_error("InternalFailure", 500), Problem.UNAVAILABLE, "sts-refused", "InternalFailure"),
    "hung up": (Told(0), Problem.UNAVAILABLE, "sts-unreachable", "ConnectionClosedError"),
    "not XML": (Told(body="{}"), Problem.UPSTREAM_NONSENSE, "sts-unreadable", "ResponseParserError"),
    "without credentials": (
        Told(body="<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"),
        Problem.UPSTREAM_NONSENSE,
        "sts-without-credentials",
        None,
    ),
}


@pytest.mark.parametrize(("told", "problem", "reason", "code"), STS.values(), ids=STS.keys())
def test_sts_fails(
    server: Upstream,
    config: Config,
    deployment: Deployment,
    told: Told,
    problem: Problem,
    reason: str,
    code: str | None,
) -> None:
    server.sts = told
    error = refused(config, deployment)
    assert (error.problem, error.reason, error.upstream) == (problem, reason, code)
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, 0)


def test_after_a_read_timeout_there_is_no_second_call(server: Upstream, config: Config, deployment: Deployment) -> None:
    server.sagemaker = dataclasses.replace(minted(), after=30)
    # Leaves SageMaker two seconds, of which one is for connecting.
    assert cut_off(config, deployment, seconds=2.9).upstream == "ReadTimeoutError"
    assert len(server.sagemaker_calls) == 1


def test_a_slow_sts_leaves_time_to_answer_and_mints_nothing(
    server: Upstream, config: Config, deployment: Deployment
) -> None:
    server.sts = dataclasses.replace(assumed(), after=30)
    began = time.monotonic()
    error = refused(config, deployment, seconds=4.6)
    assert (error.problem, error.reason) == (Problem.OUT_OF_TIME, "sts-timed-out")
    assert time.monotonic() - began < 4.6
    assert server.sagemaker_calls == []


def test_without_time_nothing_is_called(server: Upstream, config: Config, deployment: Deployment) -> None:
    error = refused(config, deployment, seconds=2)
    assert (error.problem, error.reason) == (Problem.OUT_OF_TIME, "no-time-for-a-call")
    assert (server.sts_calls, server.sagemaker_calls) == ([], [])


def test_nobody_listening_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, config: Config, deployment: Deployment
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    error = refused(config, deployment)
    assert (error.problem, error.reason) == (Problem.UNAVAILABLE, "sts-unreachable")


FORGOTTEN = {
    "a session that AWS does not accept is forgotten": (sagemaker_error("ExpiredTokenException"), 2),
    "a session that is only throttled is kept": (sagemaker_error("ThrottlingException"), 1),
    "a session whose profile is not ready is kept": (sagemaker_error("ResourceNotFound"), 1),
}


@pytest.mark.parametrize(("told", "sessions_made"), FORGOTTEN.values(), ids=FORGOTTEN.keys())
def test_sessions(server: Upstream, config: Config, deployment: Deployment, told: Told, sessions_made: int) -> None:
    sessions = Sessions(deployment)
    server.sagemaker = told
    with pytest.raises(GateError):
        mint(grant(config), sessions, within())
    server.sagemaker = minted()
    mint(grant(config), sessions, within())
    assert len(server.sts_calls) == sessions_made


def test_what_follows_a_denial_is_told_as_it_is(
    monkeypatch: pytest.MonkeyPatch, server: Upstream, config: Config, deployment: Deployment
) -> None:
    answers = iter(("AccessDeniedException", "ThrottlingException"))

    def ask(*_: object) -> None:
        raise ClientError({"Error": {"Code": next(answers)}}, "CreatePresignedDomainUrl")

    monkeypatch.setattr(SageMaker, "ask", ask)
    error = refused(config, deployment)
    assert (error.problem, error.upstream) == (Problem.THROTTLED, "ThrottlingException")
