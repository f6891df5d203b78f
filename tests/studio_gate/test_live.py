"""A live configuration is served without a restart; where it cannot be had, the last good one is, for a while."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate import handler, live
from tests.appconfig_server import DAY, AppConfig
from tests.conftest import Context, Send
from tests.studio_gate.living import CLOSED, GOOD, TOML, LiveGate, document, told

NEVER = "configuration: appconfig-refused: ResourceNotFoundException"


def test_a_live_configuration_serves(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(0)) == (200, "v1", None)
    assert live_gate.server.sessions == [
        {
            "ApplicationIdentifier": "abc1234",
            "EnvironmentIdentifier": "def5678",
            "ConfigurationProfileIdentifier": "ghi9012",
            "RequiredMinimumPollIntervalInSeconds": 45,
        }
    ]


def test_the_bundled_files_are_not_read_then(
    live_gate: LiveGate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "schema.cedarschema").write_bytes((example.CONFIG / "schema.cedarschema").read_bytes())
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", tmp_path)
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(0)) == (200, "v1", None)


def test_a_version_without_a_label_is_named_by_its_digest(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD)
    assert told(live_gate.at(0)) == (200, live.version(GOOD), None)


def test_the_bundled_configuration_is_named_by_its_digest_and_never_stale(send: Send) -> None:
    files = [(example.CONFIG / name).read_bytes() for name in ("policies.cedar", "gate.toml")]
    assert told(send(example.event("url"))) == (200, live.version(*files), None)


def test_a_change_is_served_without_a_restart(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(0)) == (200, "v1", None)
    live_gate.server.deploy(CLOSED, "v2")
    assert told(live_gate.at(44.9)) == (200, "v1", None)
    assert told(live_gate.at(45)) == (403, "v2", None)
    live_gate.server.deploy(GOOD, "v3")
    assert told(live_gate.at(90)) == (200, "v3", None)
    assert (len(live_gate.server.sessions), live_gate.server.polls) == (1, 3)


def test_an_unchanged_version_is_compiled_once(live_gate: LiveGate, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    build = live._Builder.__call__  # noqa: SLF001 - to count what takes long
    monkeypatch.setattr(live._Builder, "__call__", lambda *given: compiled.append(given) or build(*given))  # noqa: SLF001
    live_gate.server.deploy(GOOD, "v1")
    for seconds in (0, 45, 90):
        live_gate.at(seconds)
    # The same again: by a session that is new, and under another label.
    live_gate.server.error = (500, "InternalServerException")
    live_gate.at(135)
    live_gate.server.error = None
    assert told(live_gate.at(180)) == (200, "v1", None)
    live_gate.server.deploy(GOOD, "v1-again")
    assert told(live_gate.at(225)) == (200, "v1-again", None)
    assert (len(compiled), len(live_gate.server.sessions)) == (1, 2)


@pytest.mark.parametrize(("interval", "again"), [(None, 45), (10, 45), (300, 300), (10**9, DAY)])
def test_appconfig_says_when_to_ask_again_but_not_too_soon(
    live_gate: LiveGate, interval: int | None, again: int
) -> None:
    live_gate.server.interval = interval
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(0)) == (200, "v1", None)
    live_gate.server.deploy(CLOSED, "v2")
    assert live_gate.at(again - 0.1).status == 200
    assert live_gate.at(again).status == 403


def test_a_clock_that_was_set_back_is_no_reason_not_to_ask(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    live_gate.at(0)
    live_gate.server.deploy(CLOSED, "v2")
    assert told(live_gate.at(-3600)) == (403, "v2", None)


def test_a_token_that_has_expired_begins_a_new_session(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    live_gate.at(0)
    live_gate.server.deploy(CLOSED, "v2")
    # The environment was frozen meanwhile.
    assert told(live_gate.at(2 * DAY)) == (403, "v2", None)
    assert (len(live_gate.server.sessions), live_gate.server.polls) == (2, 3)


def break_down(server: AppConfig) -> None:
    server.error = (500, "InternalServerException")


def forget(server: AppConfig) -> None:
    server.error = (404, "ResourceNotFoundException")


def forbid(server: AppConfig) -> None:
    server.error = (403, "AccessDeniedException")


def throttle(server: AppConfig) -> None:
    server.error = (429, "ThrottlingException")


def hang_up(server: AppConfig) -> None:
    server.hangs_up = True


def cut_off(server: AppConfig) -> None:
    server.deploy(CLOSED)
    server.cuts_off = True


UNREACHABLE: dict[str, tuple[Callable[[AppConfig], None], str]] = {
    "it fails": (break_down, "appconfig-refused: InternalServerException"),
    "it is not there": (forget, "appconfig-refused: ResourceNotFoundException"),
    "it may not be read": (forbid, "appconfig-refused: AccessDeniedException"),
    "it throttles": (throttle, "appconfig-refused: ThrottlingException"),
    "it hangs up": (hang_up, "appconfig-unreachable: ConnectionClosedError"),
    "its answer is cut off": (cut_off, "appconfig-unreachable: ResponseStreamingError"),
}


@pytest.mark.parametrize(("how", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_the_last_good_one_serves_for_a_day_while_appconfig_cannot_be_reached(
    live_gate: LiveGate, how: Callable[[AppConfig], None], why: str
) -> None:
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(0)) == (200, "v1", None)
    how(live_gate.server)
    assert told(live_gate.at(45)) == (200, "v1", why)
    assert told(live_gate.at(89.9)) == (200, "v1", why)
    assert told(live_gate.at(DAY - 1)) == (200, "v1", why)
    late = live_gate.at(DAY)
    assert told(late) == (503, "v1", why)
    assert late.audit["reason"] == f"configuration: {why}"
    live_gate.server.error, live_gate.server.hangs_up, live_gate.server.cuts_off = None, False, False
    live_gate.server.deploy(GOOD, "v2")
    assert told(live_gate.at(DAY + 45)) == (200, "v2", None)


def test_the_age_is_the_deployment_s_to_bound(live_gate: LiveGate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIG_LONGEST_AGE", "300")
    live_gate.server.deploy(GOOD, "v1")
    live_gate.at(0)
    live_gate.at(50)
    live_gate.server.hangs_up = True
    assert live_gate.at(349.9).status == 200
    assert live_gate.at(350).status == 503


@pytest.mark.parametrize(("how", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_without_a_good_one_nobody_is_served_whatever_is_bundled(
    live_gate: LiveGate, how: Callable[[AppConfig], None], why: str
) -> None:
    how(live_gate.server)
    reply = live_gate.at(0)
    # To begin a session takes no body worth cutting off.
    assert told(reply)[:2] == (503, None)
    assert reply.audit["reason"].startswith("configuration: appconfig-")
    assert "appconfig" not in reply.body


def test_at_a_cold_start_appconfig_is_asked_again_soon_but_not_by_everybody(live_gate: LiveGate) -> None:
    forget(live_gate.server)
    live_gate.at(0)
    live_gate.server.error = None
    live_gate.server.deploy(GOOD, "v1")
    assert told(live_gate.at(4.9)) == (503, None, NEVER.removeprefix("configuration: "))
    assert live_gate.server.sessions == []
    assert told(live_gate.at(5)) == (200, "v1", None)


def test_who_has_no_time_to_ask_is_served_all_the_same(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    live_gate.at(0)
    assert told(live_gate.at(45, context=Context(6_000))) == (200, "v1", "no-time-for-a-call")
    assert live_gate.server.polls == 1
    assert told(live_gate.at(90)) == (200, "v1", None)


def test_minting_sessions_outlive_a_change(live_gate: LiveGate) -> None:
    live_gate.server.deploy(GOOD, "v1")
    first, before = live_gate.at(0), sessions()
    live_gate.server.deploy(document(toml=f"{TOML}\n# changed\n"), "v2")
    second = live_gate.at(45)
    assert [told(first)[0], told(second)[0]] == [200, 200]
    assert sessions() == before


def sessions() -> list[int]:
    source: Any = handler.gate()
    return [id(one) for one in source._gate.sessions._kept.values()]  # noqa: SLF001 - what it keeps
