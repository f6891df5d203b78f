"""The operator's command against the whole stack: whom it stops, at once, and for how long."""

import time
from collections.abc import Iterator

import pytest

from localaws.enforcement import issue, operator_role
from studio_gate_cli.main import main
from tests.site.minting import HERE, HOME
from tests.site.world import MINTING_ROLE, World, world

OPERATOR = operator_role(HERE, MINTING_ROLE)
# Whose events are "url" and "url-as-tool".
ALICE = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/alice@example.com"


@pytest.fixture
def running(aws: None) -> Iterator[World]:
    with world(others=[OPERATOR]) as opened:
        yield opened


def revoke(monkeypatch: pytest.MonkeyPatch, *given: str) -> int:
    """Run the command with the operator's own credentials, which the function does not have."""
    issued = issue(OPERATOR, HOME)
    with monkeypatch.context() as own:
        own.setenv("AWS_ACCESS_KEY_ID", issued["AccessKeyId"])
        own.setenv("AWS_SESSION_TOKEN", issued["SessionToken"])
        return main(["revoke", "--role", MINTING_ROLE, "--yes", *given])


class Launched:
    """What somebody has opened, and what it is worth now."""

    def __init__(self, running: World, event: str) -> None:
        self._running = running
        self._url = running.launch(event)["url"]
        self._cookie = running.get(self._url, running.site.inside).cookie

    def works(self) -> bool:
        """Tell whether a page of the session and the URL both open; nothing is half revoked."""
        page = self._url.partition("/auth")[0] + "/"
        inside = self._running.site.inside
        statuses = self._running.get(page, inside, self._cookie).status, self._running.get(self._url, inside).status
        assert statuses in {(200, 302), (403, 403)}
        return statuses == (200, 302)


def launches(running: World, event: str) -> bool:
    return "url" in running.launch(event)


REVOKED = {
    "one caller": (["--caller", ALICE], False, True),
    "somebody else": (["--caller", "corp:alice"], True, True),
    "everybody": (["--all"], False, False),
}


@pytest.mark.parametrize(("given", "alice", "tool"), REVOKED.values(), ids=REVOKED.keys())
def test_who_is_revoked_is_stopped_until_lifted(
    running: World,
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    alice: bool,  # noqa: FBT001 - a table's column
    tool: bool,  # noqa: FBT001 - the same
) -> None:
    opened = Launched(running, "url")
    assert (opened.works(), launches(running, "url-as-tool")) == (True, True)
    assert revoke(monkeypatch, *given) == 0
    assert (opened.works(), launches(running, "url"), launches(running, "url-as-tool")) == (alice, alice, tool)
    assert revoke(monkeypatch, "--lift-all") == 0
    assert (opened.works(), launches(running, "url"), launches(running, "url-as-tool")) == (True, True, True)
    assert running.enforced.unsupported == []


def test_sessions_end_and_new_launches_go_on(running: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Launched(running, "url")
    assert opened.works()
    assert revoke(monkeypatch, "--sessions") == 0
    assert not opened.works()
    # The gate's kept session has ended too, and it notices with the first launch.
    assert not launches(running, "url")
    # What it denies is rounded up to a second twice, and STS has no clock that a test could turn.
    time.sleep(2)
    again = Launched(running, "url")
    assert (again.works(), opened.works()) == (True, False)
