"""The alarms, by what the function really writes: which story raises which, and that nothing else does."""

import copy
import json
from pathlib import Path

import pytest

from localaws import example, server
from studio_gate import audit, handler
from studio_gate.config import Deployment, read_config
from studio_gate.errors import GateError, Problem
from tests.conftest import Send
from tests.stack.stacks import Json
from tests.watching.breaks import MUTATIONS
from tests.watching.stories import GATE, STORIES, Lines, committed, nested, raised, watched

EVENTS = {
    "minted": "url",
    "of a notebook": "url-notebook",
    "of a tool": "url-as-tool",
    "in another account": "url-other-account",
    "answered": "me",
    "refused": "refused-by-policy",
    "refused another's": "refused-someone-elses-profile",
    "not proved": "not-proved",
}
OUTCOMES = {"minted", "answered", "refused", "not-proved", "throttled"}
POLICY = "data-scientists-open-their-own-profile"
ALICE = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/alice@example.com"
SECOND = (
    f'[[destinations.profiles]]\nname = "alice-admin"\ncallers = ["{ALICE}"]\n\n[[destinations.profiles]]\nname = "bob"'
)
CASES = [(story, change) for story, changes in MUTATIONS.items() for change in changes]


def _asked(name: str, **query: str) -> Json:
    event = example.event(name)
    event["multiValueQueryStringParameters"] = {key: [value] for key, value in query.items()} or None
    return event


def _config(folder: Path, policy: str) -> None:
    """Write the example's configuration, in which alice has two profiles, with an id for the policy that counts."""
    for name in ("gate.toml", "policies.cedar", "schema.cedarschema"):
        text = (example.CONFIG / name).read_text(encoding="utf-8").replace(f'"{POLICY}"', f'"{policy}"')
        text = text.replace('[[destinations.profiles]]\nname = "bob"', SECOND, 1)
        (folder / name).write_text(text, encoding="utf-8")


# Written once: asking the whole system takes a third of a second.
_WRITTEN: dict[str, Json] = {}


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> Lines:
    """Lines of the log group, each written by the function for something that was asked of it."""
    if not _WRITTEN:
        _WRITTEN.update(request.getfixturevalue("written"))
    return _WRITTEN


@pytest.fixture
def written(
    send: Send,
    tmp_path: Path,
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Lines:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", GATE)
    found = {name: send(example.event(event)).metrics for name, event in EVENTS.items()}
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", tmp_path)
    _config(tmp_path, "alarm-break-glass-for-all")
    server.reset()
    example.seed(read_config(tmp_path / "gate.toml", deployment))
    handler.gate.cache_clear()
    found["with break glass"] = send(_asked("url", profile="alice")).metrics
    _config(tmp_path, POLICY)
    handler.gate.cache_clear()
    found["with a second profile"] = send(_asked("url", profile="alice-admin")).metrics
    found["named like break glass"] = send(_asked("url", profile="alarm-break-glass")).metrics
    found |= _written_for(found["minted"]["audit"], capsys)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "another")
    return found | {
        "stale in another gate": _written(_record(found["minted"]["audit"], config_stale=True), capsys),
        "refused in another gate": send(example.event("refused-by-policy")).metrics,
    }


def _written_for(minted: Json, capsys: pytest.CaptureFixture[str]) -> dict[str, Json]:
    """Write what takes a bad day to happen, by the writer itself."""
    throttled = _record(minted, url_sha256=None)
    throttled.failed(GateError(Problem.THROTTLED, "throttled"))
    among = [*minted["policies"], "alarm-break-glass-for-all", "zeal"]
    return {
        "throttled": _written(throttled, capsys),
        "stale": _written(_record(minted, config_stale=True, config_error="v42"), capsys),
        "slow": _written(_record(minted), capsys, 3.5),
        "slow answer": _written(_record(minted, url_sha256=None, outcome="answered"), capsys, 3.5),
        "with break glass among others": _written(_record(minted, policies=among), capsys),
    }


def _record(like: Json, **changed: object) -> audit.Record:
    return audit.Record(**like | changed)


def _written(record: audit.Record, capsys: pytest.CaptureFixture[str], seconds: float = 0.1) -> Json:
    audit.write(record, record.status or 200, seconds)
    line: Json = json.loads(capsys.readouterr().out)
    return line


def test_the_lines_are_what_they_are_called(lines: Lines) -> None:
    outcomes = {name: line["outcome"] for name, line in lines.items()}
    assert set(outcomes.values()) == OUTCOMES
    for name in ("minted", "of a notebook", "of a tool", "in another account", "slow", "with a second profile"):
        assert (outcomes[name], lines[name]["Minted"]) == ("minted", 1)
    assert (outcomes["with break glass"], outcomes["with break glass among others"]) == ("minted", "minted")
    for name in ("refused", "refused another's", "named like break glass"):
        assert outcomes[name] == "refused"
    assert lines["with break glass"]["audit"]["policies"] == ["alarm-break-glass-for-all"]
    assert lines["named like break glass"]["audit"]["profile"] == "alarm-break-glass"
    assert {line["gate"] for line in lines.values()} == {GATE, "another"}


@pytest.mark.parametrize("story", STORIES)
def test_it_raises_these_alarms_and_no_other(story: str, lines: Lines) -> None:
    told, began, hours, expected = STORIES[story]
    assert raised(watched(), lines, told, began, hours) == expected


def test_every_alarm_has_a_story() -> None:
    alarms = {one["AlarmName"].removeprefix(f"{GATE}-") for one in watched().every("AWS::CloudWatch::Alarm").values()}
    assert set().union(*(expected for *_, expected in STORIES.values())) == alarms


@pytest.mark.parametrize(("story", "change"), CASES, ids=[f"{change} -> not: {story}" for story, change in CASES])
def test_a_broken_alarm_is_noticed(story: str, change: str, lines: Lines) -> None:
    broken = copy.deepcopy(committed())
    MUTATIONS[story][change](broken)
    told, began, hours, expected = STORIES[story]
    assert raised(nested(broken), lines, told, began, hours) != expected
