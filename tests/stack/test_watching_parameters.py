"""What watching is told of the gate, and what may be chosen of it."""

import pytest

from localaws.parameters import accepted
from tests.stack.stacks import EXAMPLE, FURTHER, HERE, create, source
from tests.watching.stories import CHOSEN, QUEUE, TOPICS, committed, gate, given


def test_the_gate_is_watched_as_it_is() -> None:
    parent = gate()
    nested = given(parent)
    assert nested["Gate"] == parent.function["FunctionName"]
    assert nested["Gate"] == parent.only("AWS::ApiGateway::RestApi")["Name"]
    assert nested["Stage"] == parent.only("AWS::ApiGateway::Stage")["StageName"]
    setting = parent.only("AWS::ApiGateway::Stage")["AccessLogSetting"]
    assert setting["DestinationArn"] == parent.arn("logs", f"log-group:{nested['AccessLogGroup']}")
    assert nested["LogGroup"] == parent.function["LoggingConfig"]["LogGroup"]
    assert nested["MintingRoleArn"] == parent.function["Environment"]["Variables"]["MINTING_ROLE_ARN"]
    # Without it API Gateway counts nothing for the stage.
    assert all(one["MetricsEnabled"] is True for one in parent.only("AWS::ApiGateway::Stage")["MethodSettings"])
    assert nested.keys() == committed()["Parameters"].keys()
    assert {name: nested[name] for name in CHOSEN} == CHOSEN


def test_what_both_templates_take_is_the_same() -> None:
    here, there = source()["Parameters"], committed()["Parameters"]
    both = here.keys() & there.keys() - {"LogRetentionDays"}
    assert len(both) == len(there) - 6
    assert {name: here[name] for name in both} == {name: there[name] for name in both}


@pytest.mark.parametrize(("chosen", "there"), [("on", True), ("off", False)])
def test_it_is_there_unless_it_is_turned_off(chosen: str, there: bool) -> None:  # noqa: FBT001 - a column
    assert ("WatchingStack" in create(source(), EXAMPLE | FURTHER | {"Watching": chosen}).resources) is there
    assert source()["Parameters"]["Watching"]["Default"] == "on"


REFUSED = {
    "a topic by its name": ("AlarmTopicArns", "on-call"),
    "a topic and something else": ("AlarmTopicArns", f"{TOPICS},*"),
    "launches to a function, which nobody gave a policy for": (
        "LaunchEventsTo",
        f"arn:aws:lambda:{HERE.region}:{HERE.id}:function:x",
    ),
    "launches to two places": ("LaunchEventsTo", f"{QUEUE},{QUEUE}"),
    "break glass by everything": ("BreakGlassPolicies", ""),
    "a pattern that ends the text": ("BreakGlassPolicies", 'x" || $.a = "'),
    "a destination that ends the text": ("DestinationsElsewhere", 'x" && $.a = "'),
    "a runbook with a blank": ("Runbooks", "docs/my runbooks"),
    "silence of more than a day": ("SilentHours", "25"),
    "an hour that is none": ("OfficeHoursFrom", "24"),
    "half on": ("Watching", "perhaps"),
}


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_an_unsound_value_is_refused(name: str, value: str) -> None:
    assert not accepted(source()["Parameters"][name], value)


@pytest.mark.parametrize("name", CHOSEN)
def test_a_sound_value_is_accepted(name: str) -> None:
    assert accepted(committed()["Parameters"][name], CHOSEN[name])
