"""A canary URL and a canary token through every path and every fault, then a search of everything written."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from localaws import example
from studio_gate import handler
from tests.conftest import Context
from tests.upstream_server import Told, Upstream, minted, sagemaker_error, sts_error

# What may be written nowhere: the URL's token, the session token, what AWS wrote, what the caller signed with, and how
# every bearer token and assertion begins.
CANARIES = ("canary", "upstream-canary", "not-a-real-token", "Signature=", "ASIAEXAMPLEEXAMPLE01", "eyJ")

FAULTS: dict[str, dict[str, Told]] = {
    "nothing wrong": {},
    "a URL of another host": {"sagemaker": minted("https://evil.example/?canary")},
    "a URL with a newline": {"sagemaker": minted("https://evil.example/\r\nSet-Cookie: canary")},
    "a URL too long": {"sagemaker": minted("https://x/" + "canary" * 2000)},
    "a body that is no JSON": {"sagemaker": Told(body="canary {")},
    "SageMaker refuses": {"sagemaker": sagemaker_error("AccessDeniedException")},
    "SageMaker throttles": {"sagemaker": sagemaker_error("ThrottlingException")},
    "SageMaker does not find": {"sagemaker": sagemaker_error("ResourceNotFound")},
    "SageMaker is broken": {"sagemaker": Told(500, "canary")},
    "SageMaker hangs up": {"sagemaker": Told(0)},
    "STS refuses": {"sts": sts_error("AccessDenied", 403)},
    "STS answers nonsense": {"sts": Told(body="canary <")},
    "STS hangs up": {"sts": Told(0)},
}
EVENTS = sorted(path.stem for path in example.EVENTS.glob("*.json"))


@pytest.fixture
def everything_at_debug() -> Iterator[None]:
    """The loudest that a deployment could be set to (AWS_LAMBDA_LOG_LEVEL)."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(before)


def without_answers(answer: dict[str, Any]) -> str:
    """An answer less the places where a URL or what was sealed for a browser belongs."""
    own = {"Location", "Set-Cookie"}
    headers = {name: value for name, value in answer["multiValueHeaders"].items() if name not in own}
    body = re.sub(r'<input type="hidden" [^>]*>', "", answer["body"])
    if answer["statusCode"] == 200 and not body.startswith("<"):
        decoded = json.loads(body)
        decoded.pop("url", None)
        body = json.dumps(decoded)
    return f"{headers}{body}"


@pytest.mark.usefixtures("everything_at_debug")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("name", ["url", "open", "jwt-url", "proxy-alb-open", "proxy-url"])
def test_a_launch_writes_no_secret(
    server: Upstream,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    name: str,
    fault: dict[str, Told],
) -> None:
    for service, told in fault.items():
        setattr(server, service, told)
    answer = handler.handler(example.event(name), Context())
    written = capfd.readouterr()
    sinks = written.out + written.err + caplog.text + without_answers(answer)
    assert not [canary for canary in CANARIES if canary in sinks]
    assert server.sts_calls


@pytest.mark.usefixtures("everything_at_debug")
@pytest.mark.parametrize("name", EVENTS)
def test_an_event_writes_no_secret(
    server: Upstream, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, name: str
) -> None:
    answer = handler.handler(example.event(name), Context())
    written = capfd.readouterr()
    sinks = written.out + written.err + caplog.text + without_answers(answer)
    assert not [canary for canary in CANARIES if canary in sinks]


@pytest.mark.usefixtures("everything_at_debug")
def test_a_late_answer_is_written_nowhere(
    server: Upstream, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    handler.handler(example.event("url"), Context())
    server.sagemaker = replace(minted(), after=30)
    # The session is there by now, so little time is enough: SageMaker gets one second to answer.
    answer = handler.handler(example.event("url"), Context(remaining_ms=3_900))
    assert answer["statusCode"] == 504
    written = capfd.readouterr()
    assert not [canary for canary in CANARIES if canary in written.out + written.err + caplog.text + answer["body"]]


def test_the_search_would_find_a_leak(server: Upstream, caplog: pytest.LogCaptureFixture) -> None:
    """What botocore writes when nobody keeps it from it: the reason for the test above."""
    handler.handler(example.event("url"), Context())
    client = handler.gate().gate.sessions._sts.within(7)  # noqa: SLF001 - the client the handler used
    with caplog.at_level(logging.DEBUG, logger="botocore"):
        client.assume_role(RoleArn="arn:aws:iam::111122223333:role/x", RoleSessionName="x")
    assert "canary" in caplog.text
