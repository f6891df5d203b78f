"""What STS answers is checked member by member, and what is not usable is not kept."""

import pytest

from studio_gate.config import Config, Deployment
from studio_gate.errors import GateError, Problem
from studio_gate.mint import mint
from studio_gate.sessions import Sessions
from tests.studio_gate.builders import grant, within
from tests.upstream_server import CREDENTIALS, Told, Upstream, assumed, sts_error

GOOD = CREDENTIALS.format(expiration="2999-01-01T00:00:00Z")


def without(*members: str) -> str:
    """Credentials that lack some members."""
    body = GOOD
    for name in members:
        before, _, rest = body.partition(f"<{name}>")
        body = before + rest.partition(f"</{name}>")[2]
    return body


MISSING, UNREADABLE = "sts-without-credentials", "sts-unreadable"
BODIES = {
    "no access key": (without("AccessKeyId"), MISSING),
    "no secret key": (without("SecretAccessKey"), MISSING),
    "no session token": (without("SessionToken"), MISSING),
    "no expiration": (without("Expiration"), MISSING),
    "no credentials": (without("Credentials"), MISSING),
    "no member at all": (without("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"), MISSING),
    "no result": ("<AssumeRoleResponse></AssumeRoleResponse>", None),
    "an expiration without a zone": (CREDENTIALS.format(expiration="2999-01-01T00:00:00"), MISSING),
    "an expiration that is nonsense": (CREDENTIALS.format(expiration="nonsense"), UNREADABLE),
    "an expiration that is a huge number": (CREDENTIALS.format(expiration="9" * 400), UNREADABLE),
    "an empty expiration": (CREDENTIALS.format(expiration=""), None),
    "text": ("welcome to the guest network", UNREADABLE),
    "JSON": ("[]", UNREADABLE),
    "XML that is cut off": (GOOD[:-40], UNREADABLE),
    "deep XML": ("<a>" * 20_000 + "</a>" * 20_000, None),
}


@pytest.mark.parametrize(("body", "reason"), BODIES.values(), ids=BODIES.keys())
def test_an_answer_without_usable_credentials_is_nonsense_and_is_not_kept(
    server: Upstream, config: Config, deployment: Deployment, body: str, reason: str | None
) -> None:
    sessions = Sessions(deployment)
    server.sts = Told(body=body)
    with pytest.raises(GateError) as caught:
        mint(grant(config), sessions, within())
    assert caught.value.problem is Problem.UPSTREAM_NONSENSE
    assert reason in {None, caught.value.reason}
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (1, 0)
    server.sts = assumed()
    mint(grant(config), sessions, within())
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (2, 1)


@pytest.mark.parametrize("told", [sts_error("AccessDenied", 403), sts_error("Throttling"), Told(500), Told(0)])
def test_a_refusal_is_not_kept(server: Upstream, config: Config, deployment: Deployment, told: Told) -> None:
    sessions = Sessions(deployment)
    server.sts = told
    with pytest.raises(GateError):
        mint(grant(config), sessions, within())
    server.sts = assumed()
    mint(grant(config), sessions, within())
    assert (len(server.sts_calls), len(server.sagemaker_calls)) == (2, 1)
