"""The stand-in for CloudWatch: what counts a line, and when an alarm is on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.template import Account as Place
from tests.stack.stacks import Json, Stack
from tests.watching.account import Account, contributes
from tests.watching.stories import NIGHT, World, raised, watched

LINE = {
    "_aws": {
        "CloudWatchMetrics": [
            {"Namespace": "Shop", "Dimensions": [["door"], ["door", "how"]], "Metrics": [{"Name": "Opened"}]}
        ]
    },
    "door": "front",
    "how": "pushed",
    "Opened": 2,
    "who": {"name": "joe", "keys": ["small", "big"]},
}
FILTER = {
    "LogGroupName": "doors",
    "FilterPattern": '{ $.who.keys[*] = "big" }',
    "MetricTransformations": [
        {
            "MetricNamespace": "Shop",
            "MetricName": "BigKeys",
            "MetricValue": "1",
            "Dimensions": [{"Key": "door", "Value": "$.door"}],
        }
    ],
}
ALARM = {
    "AlarmName": "many",
    "Namespace": "Shop",
    "MetricName": "Opened",
    "Dimensions": [{"Name": "door", "Value": "front"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 4,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}
# How often the door was opened in each of four minutes, what the alarm has instead, and the minutes after which it is.
EVALUATED: dict[str, tuple[list[int], Json, list[int]]] = {
    "twice in both of two minutes": ([2, 2, 0, 0], {}, [2]),
    "twice in one of them": ([2, 1, 2, 0], {}, []),
    "twice in one of them, where one suffices": ([2, 1, 2, 0], {"DatapointsToAlarm": 1}, [1, 2, 3, 4]),
    "more than allowed": ([3, 3, 2, 0], {"ComparisonOperator": "GreaterThanThreshold"}, [2]),
    "less than wanted": ([2, 1, 1, 2], {"ComparisonOperator": "LessThanThreshold"}, [3]),
    "less than wanted, and nothing at all": (
        [2, 0, 0, 1],
        {"ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"},
        [3, 4],
    ),
    "the largest value": ([9, 9, 9, 9], {"Statistic": "Maximum"}, []),
    "another door": ([9, 9, 9, 9], {"Dimensions": [{"Name": "door", "Value": "back"}]}, []),
    "how it was opened": (
        [2, 2, 0, 0],
        {"Dimensions": [{"Name": "how", "Value": "pushed"}, {"Name": "door", "Value": "front"}]},
        [2],
    ),
    "half of the dimensions": ([9, 9, 9, 9], {"Dimensions": [{"Name": "how", "Value": "pushed"}]}, []),
}
FILTERS: dict[str, tuple[list[Json], bool]] = {
    "none": ([], True),
    "one of two values": ([{"Match": "$.how", "In": ["pulled", "pushed"]}], True),
    "another value": ([{"Match": "$.how", "In": ["pulled"]}], False),
    "something that is there": ([{"Match": "$.who.name", "IsPresent": True}], True),
    "something that is null": ([{"Match": "$.who.null", "IsPresent": True}], False),
    "something that is not there": ([{"Match": "$.who.age", "IsPresent": True}], False),
    "something that must not be": ([{"Match": "$.who.age", "IsPresent": False}], True),
    "both of two": ([{"Match": "$.how", "In": ["pushed"]}, {"Match": "$.who.age", "IsPresent": True}], False),
}


def account(*resources: tuple[str, Json]) -> Account:
    made = {f"R{n}": {"Type": kind, "Properties": one} for n, (kind, one) in enumerate(resources)}
    return Account(Stack({}, {}, Place(), made))


@pytest.mark.parametrize(("minutes", "changed", "expected"), EVALUATED.values(), ids=EVALUATED)
def test_an_alarm_is_on(minutes: list[int], changed: Json, expected: list[int]) -> None:
    world = account(("AWS::CloudWatch::Alarm", ALARM | changed))
    for minute, times in enumerate(minutes):
        for _ in range(times):
            world.log("doors", LINE, NIGHT + 60 * minute + 1)
    assert [minute for minute in range(1, 5) if world.on(NIGHT + 60 * minute)] == expected


def test_a_filter_counts_what_it_matches_in_its_own_log_group() -> None:
    world = account(("AWS::Logs::MetricFilter", FILTER))
    world.log("doors", LINE, NIGHT)
    world.log("doors", LINE | {"who": {"keys": ["small"]}}, NIGHT)
    world.log("windows", LINE, NIGHT)
    assert world.values["Shop", "BigKeys", frozenset({("door", "front")})] == [(NIGHT, 1.0)]


@pytest.mark.parametrize(("filters", "expected"), FILTERS.values(), ids=FILTERS)
def test_a_rule_counts_a_line(filters: list[Any], expected: bool) -> None:  # noqa: FBT001 - a column
    assert contributes({"Filters": filters}, LINE | {"who": {"name": "joe", "null": None}}) is expected


MINTED = {"gate": "studio-gate", "Minted": 1, "audit": {"destination": "research", "outcome": "minted", "policies": []}}
TIMES = st.floats(0, 7200, allow_nan=False)


@given(began=TIMES, late=st.floats(-10, 899))
def test_one_launch_is_never_without_its_record_however_far_the_two_are_apart(began: float, late: float) -> None:
    def story(world: World) -> None:
        world.after(60 + began).mints().after(late).writes("minted")

    assert raised(watched(), {"minted": MINTED}, story, NIGHT, 4) == set()


@given(audited=st.lists(TIMES, max_size=20), alone=TIMES)
def test_a_url_without_a_record_is_always_noticed(audited: list[float], alone: float) -> None:
    def story(world: World) -> None:
        for when in audited:
            world.now = NIGHT + when
            world.mints().writes("minted")
        world.now = NIGHT + alone
        world.mints()

    assert raised(watched(), {"minted": MINTED}, story, NIGHT, 4) == {"mint-without-audit"}
