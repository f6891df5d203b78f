"""What watches the gate is of this gate, tells whom it is to tell, shows what is written, and passes no URL on."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.breaks_watching import MUTATIONS
from tests.stack.stacks import HERE, ROOT, Guarantee, Json, Stack
from tests.watching import trail
from tests.watching.stories import GATE, committed, nested, watched
from tests.watching.written import OF_AWS, RECORD, TRAILED, fields, written_metrics

RUNBOOKS = ROOT / "docs" / "runbooks"
# In seconds; "CloudWatch service quotas": of an alarm, evaluation periods times period.
LONGEST = 86400
VARIANTS: dict[str, dict[str, str]] = {
    "with whatever can be chosen": {},
    "with nothing chosen": {
        "AlarmTopicArns": "",
        "LaunchEventsTo": "",
        "DestinationsElsewhere": "",
        "SilentHours": "0",
    },
    "with another way to say break glass, and other thresholds": {
        "BreakGlassPolicies": "emergency-",
        "SeveralProfiles": "4",
        "SlowLaunchMilliseconds": "900",
        "Runbooks": "docs/runbooks",
    },
}


def _alarms(stack: Stack) -> Json:
    return {one["AlarmName"].removeprefix(f"{GATE}-"): one for one in stack.every("AWS::CloudWatch::Alarm").values()}


def runbook_for_each(stack: Stack) -> None:
    for name, one in _alarms(stack).items():
        assert one["AlarmDescription"].endswith(f" Runbook: {stack.parameters['Runbooks']}/{name}.md")
        assert (RUNBOOKS / f"{name}.md").is_file()
    pages = {path.stem for path in RUNBOOKS.glob("*.md")}
    assert pages - {"silence"} <= _alarms(stack).keys() <= pages


def names_the_gate(stack: Stack) -> None:
    kinds = {
        "AWS::CloudWatch::Alarm": "AlarmName",
        "AWS::CloudWatch::Dashboard": "DashboardName",
        "AWS::CloudWatch::InsightRule": "RuleName",
        "AWS::Events::Rule": "Name",
        "AWS::Logs::QueryDefinition": "Name",
        "AWS::Logs::ResourcePolicy": "PolicyName",
    }
    for kind, name in kinds.items():
        names = [one[name] for one in stack.every(kind).values()]
        assert len(set(names)) == len(names) > 0
        assert all(re.fullmatch(rf"{GATE}([/-][a-z-]+)?", one) for one in names)


def told(stack: Stack) -> None:
    topics = stack.listed("AlarmTopicArns") or None
    for one in stack.every("AWS::CloudWatch::Alarm").values():
        assert (one.get("AlarmActions"), one.get("OKActions")) == (topics, topics)
        # Else nobody is told, whatever the actions are.
        assert one.get("ActionsEnabled", True) is True


def alarms_on_what_is_written(stack: Stack) -> None:
    known = OF_AWS | written_metrics(stack)
    for one in stack.every("AWS::CloudWatch::Alarm").values():
        metrics = [each["MetricStat"]["Metric"] for each in one.get("Metrics", []) if "MetricStat" in each]
        for metric in [one] if "MetricName" in one else metrics:
            names = frozenset(each["Name"] for each in metric.get("Dimensions", []))
            assert (metric["Namespace"], metric["MetricName"], names) in known


def within_the_limits(stack: Stack) -> None:
    for one in stack.every("AWS::CloudWatch::Alarm").values():
        metrics = one.get("Metrics", [])
        periods = {each.get("Period") or each.get("MetricStat", {}).get("Period") for each in metrics} - {None}
        assert len(periods) <= 1
        (period,) = periods or {one.get("Period")}
        assert int(period) * int(one["EvaluationPeriods"]) <= LONGEST
        assert len(metrics) <= 10
        assert "TreatMissingData" in one
        assert len(one["AlarmDescription"]) <= 1024
    for one in stack.every("AWS::CloudWatch::InsightRule").values():
        body = json.loads(one["RuleBody"])
        assert body["Schema"] == {"Name": "CloudWatchLogRule", "Version": 1}
        assert (body["LogFormat"], body["AggregateOn"], one["RuleState"]) == ("JSON", "Count", "ENABLED")
        assert len(body["Contribution"]["Keys"]) <= 4
        assert len(body["Contribution"]["Filters"]) <= 4
    for one in stack.every("AWS::Logs::MetricFilter").values():
        assert len(one["FilterPattern"]) <= 1024
        # A dimension's metric has no default value.
        assert all("DefaultValue" not in made for made in one["MetricTransformations"])


def _widgets(stack: Stack) -> list[Json]:
    widgets: list[Json] = json.loads(stack.only("AWS::CloudWatch::Dashboard")["DashboardBody"])["widgets"]
    return widgets


def _drawn(widget: Json) -> Iterator[tuple[str, str, frozenset[str]]]:
    for namespace, *rest in widget["properties"].get("metrics", []):
        if isinstance(namespace, str):
            names = [one for one in rest if isinstance(one, str)]
            assert {*names[2::2]} <= {GATE, "gate", "minted", "throttled"}
            yield namespace, names[0], frozenset(names[1::2])


def dashboard_of_everything(stack: Stack) -> None:
    widgets = _widgets(stack)
    shown = [one for widget in widgets if widget["type"] == "alarm" for one in widget["properties"]["alarms"]]
    assert sorted(shown) == sorted(stack.arn("cloudwatch", f"alarm:{GATE}-{name}") for name in _alarms(stack))
    drawn = {one for widget in widgets for one in _drawn(widget)}
    assert drawn <= OF_AWS | written_metrics(stack)
    assert {name for _, name, _ in drawn} >= {
        *("Minted", "Audited", "Trailed", "Duration", "Latency", "Throttles", "5XXError", "Stale", "BreakGlass"),
    }
    regions = {widget["properties"]["region"] for widget in widgets if widget["type"] != "alarm"}
    assert regions == {HERE.region}
    (by_outcome,) = re.findall(
        r"SEARCH\('\{(\w+),([\w,]+)\} MetricName=\"(\w+)\" gate=\"([^\"]+)\"'", json.dumps(widgets).replace('\\"', '"')
    )
    assert (by_outcome[0], by_outcome[2], frozenset(by_outcome[1].split(","))) in written_metrics(stack)
    assert by_outcome[3] == GATE


def _queries(stack: Stack) -> Iterator[tuple[list[str], str]]:
    for one in stack.every("AWS::Logs::QueryDefinition").values():
        yield one["LogGroupNames"], one["QueryString"]
    for widget in _widgets(stack):
        if widget["type"] == "log":
            found = re.fullmatch(r"SOURCE '([^']+)' \| (.*)", widget["properties"]["query"])
            assert found
            yield [found[1]], found[2]


def queries_of_what_is_written(stack: Stack) -> None:
    mints = stack.only("AWS::Logs::LogGroup")["LogGroupName"]
    found = list(_queries(stack))
    assert len(found) >= 7
    for groups, query in found:
        known = RECORD | {"audit.policies.0", "Minted"} | (TRAILED if mints in groups else set())
        assert set() < fields(query) <= known
        assert set(groups) <= {stack.parameters["LogGroup"], mints}
    # What is asked of a record is in it, and the join asks both.
    assert [stack.parameters["LogGroup"], mints] in [groups for groups, _ in found]


def _rule(stack: Stack) -> Json:
    return stack.only("AWS::Events::Rule")


def trail_line_is_what_is_asked(stack: Stack) -> None:
    target, *_ = _rule(stack)["Targets"]
    line = trail.logged(target, trail.event(stack.parameters["MintingRoleArn"]))
    assert {f"mint.{name}" for name in line["mint"]} == TRAILED
    assert line == {
        "gate": GATE,
        "mint": {
            "event": "CreatePresignedDomainUrl",
            "source_identity": "alice@example.com-8621b19fde95a363",
            "domain": "d-research01234",
            "profile": "alice",
            "space": "",
            "endpoint": "vpce-0b2c3d4e5f6071829",
            "id": "1a2b3c4d-0000-4000-8000-000000000001",
        },
    }
    assert target["InputTransformer"]["InputPathsMap"]["time"] == "$.time"
    assert target["InputTransformer"]["InputTemplate"].startswith('{"timestamp": <time>, "message": "')


def no_url_passed_on(stack: Stack) -> None:
    happened = trail.event(stack.parameters["MintingRoleArn"])
    for target in _rule(stack)["Targets"]:
        assert target.keys() == {"Id", "Arn", "InputTransformer"}
        text = trail.sent(target, happened)
        assert "token" not in text
        assert "aws.events" not in target["InputTransformer"]["InputTemplate"]


def launches_where_asked(stack: Stack) -> None:
    mints = stack.only("AWS::Logs::LogGroup")["LogGroupName"]
    targets = {one["Arn"]: one for one in _rule(stack)["Targets"]}
    asked = stack.parameters["LaunchEventsTo"]
    assert targets.keys() == {stack.arn("logs", f"log-group:{mints}"), *([asked] if asked else [])}
    assert _rule(stack)["State"] == "ENABLED"
    if asked:
        event = json.loads(trail.sent(targets[asked], trail.event(stack.parameters["MintingRoleArn"])))
        assert event["type"] == "studio-gate:launch"
        assert (event["gate"], event["time"], event["profile"]) == (GATE, "2026-11-25T09:00:00Z", "alice")
        assert event["source_identity"] == "alice@example.com-8621b19fde95a363"


def written_by_the_rule_alone(stack: Stack) -> None:
    mints = stack.only("AWS::Logs::LogGroup")["LogGroupName"]
    group = stack.arn("logs", f"log-group:{mints}:*")
    rule = stack.arn("events", f"rule/{_rule(stack)['Name']}")
    document = json.loads(stack.only("AWS::Logs::ResourcePolicy")["PolicyDocument"])
    services = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
    allow = {"Effect": "Allow", "Principal": services, "Resource": group}
    said: list[Any] = [{name: one[name] for name in one if name != "Sid"} for one in document["Statement"]]
    assert said == [
        allow | {"Action": "logs:CreateLogStream"},
        allow | {"Action": "logs:PutLogEvents", "Condition": {"ArnEquals": {"aws:SourceArn": rule}}},
    ]


def mints_outlive(stack: Stack) -> None:
    group = stack.source["Resources"]["Mints"]
    assert (group.get("DeletionPolicy"), group.get("UpdateReplacePolicy")) == ("Retain", "Retain")
    days = stack.only("AWS::Logs::LogGroup").get("RetentionInDays", 0)
    assert int(days) == int(stack.parameters["LogRetentionDays"]) > 0


def as_chosen(stack: Stack) -> None:
    alarms, chosen = _alarms(stack), stack.parameters
    assert int(alarms["several-profiles"]["Threshold"]) == int(chosen["SeveralProfiles"])
    assert int(alarms["slow-launches"]["Threshold"]) == int(chosen["SlowLaunchMilliseconds"])
    assert ("silence" in alarms) is (chosen["SilentHours"] != "0")
    if "silence" in alarms:
        assert int(alarms["silence"]["EvaluationPeriods"]) == int(chosen["SilentHours"])
        hours = re.findall(r"HOUR\(requests\) (>=|<) (\d+)", alarms["silence"]["Metrics"][0]["Expression"])
        assert hours == [(">=", chosen["OfficeHoursFrom"]), ("<", chosen["OfficeHoursTo"])]
    patterns = [one["FilterPattern"] for one in stack.every("AWS::Logs::MetricFilter").values()]
    assert f'{{ $.audit.policies[*] = "{chosen["BreakGlassPolicies"]}*" }}' in patterns


def nothing_else(stack: Stack) -> None:
    """No function, role or anything that a request would meet."""
    assert {one["Type"] for one in stack.resources.values()} == {
        *("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::CloudWatch::InsightRule", "AWS::Events::Rule"),
        *("AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition", "AWS::Logs::ResourcePolicy"),
    }


GUARANTEES: dict[str, Guarantee] = {
    "each alarm links to a runbook page, and each page is an alarm's": runbook_for_each,
    "everything is named after the gate": names_the_gate,
    "the topics hear of an alarm, and of its end": told,
    "alarms are on metrics that are written": alarms_on_what_is_written,
    "alarms, rules and filters keep AWS's limits": within_the_limits,
    "the dashboard shows every alarm, and metrics that are written": dashboard_of_everything,
    "queries ask for what is written": queries_of_what_is_written,
    "CloudTrail's record has what is asked of it": trail_line_is_what_is_asked,
    "no URL is passed on": no_url_passed_on,
    "launches are told where that was asked for": launches_where_asked,
    "the log group is written by the rule alone": written_by_the_rule_alone,
    "CloudTrail's record outlives the stack": mints_outlive,
    "what is chosen takes effect": as_chosen,
    "there is nothing that could stop a request": nothing_else,
}
CASES = [(guarantee, change) for guarantee, changes in MUTATIONS.items() for change in changes]


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("guarantee", GUARANTEES)
def test_watching(guarantee: str, name: str) -> None:
    GUARANTEES[guarantee](watched(**VARIANTS[name]))


def test_every_guarantee_is_tried() -> None:
    assert MUTATIONS.keys() == GUARANTEES.keys()


@pytest.mark.parametrize(("guarantee", "change"), CASES, ids=[f"{change} -> not: {which}" for which, change in CASES])
def test_a_broken_template_is_noticed(guarantee: str, change: str) -> None:
    broken = copy.deepcopy(committed())
    MUTATIONS[guarantee][change](broken)
    stack = nested(broken)
    with pytest.raises(AssertionError):
        GUARANTEES[guarantee](stack)
