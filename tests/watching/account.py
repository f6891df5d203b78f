"""An account's CloudWatch, as far as the gate's alarms need it: lines and values go in, which alarms are on comes out.

What is not documented is not imitated: late data, and how many periods more than asked for an alarm looks at.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.stack.stacks import Json, Stack
from tests.watching.expressions import Calculator, Series
from tests.watching.patterns import matches, select

_RULE_OPERATORS = {"In", "IsPresent"}
# More than an alarm's own periods are looked at, by how many is not said.
_MORE = 3


@dataclass(slots=True)
class Account:
    """What CloudWatch holds: the lines of each log group, with when they came, and the values of each metric.

    Times are in seconds since the epoch.
    """

    stack: Stack
    lines: dict[str, list[tuple[float, Json]]] = field(default_factory=lambda: defaultdict(list))
    values: dict[tuple[str, str, frozenset[tuple[str, str]]], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def count(self, namespace: str, metric: str, dimensions: Mapping[str, str], when: float, value: float = 1) -> None:
        """Count a value for a metric, as a service does."""
        self.values[namespace, metric, frozenset(dimensions.items())].append((when, value))

    def log(self, group: str, line: Json, when: float) -> None:
        """Take a line into a log group: its embedded metrics and the metric filters count it."""
        self.lines[group].append((when, line))
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    dimensions = {name: line[name] for name in names}
                    self.count(directive["Namespace"], metric["Name"], dimensions, when, line[metric["Name"]])
        for one in self.stack.every("AWS::Logs::MetricFilter").values():
            if one["LogGroupName"] == group and matches(one["FilterPattern"], line):
                (made,) = one["MetricTransformations"]
                dimensions = {pair["Key"]: str(*select(pair["Value"], line)) for pair in made.get("Dimensions", [])}
                self.count(made["MetricNamespace"], made["MetricName"], dimensions, when, float(made["MetricValue"]))

    def on(self, now: float) -> set[str]:
        """Return the names of the alarms whose period ends now and that are on then."""
        return {
            one["AlarmName"] for one in self.stack.every("AWS::CloudWatch::Alarm").values() if self._is_on(one, now)
        }

    def _is_on(self, alarm: Json, now: float) -> bool:
        metrics = alarm.get("Metrics") or [_single(alarm)]
        (length,) = {int(period) for one in metrics if (period := _period(one))}
        if now % length:
            return False
        evaluated = int(alarm["EvaluationPeriods"])
        periods = [int(now) - length * back for back in range(1, evaluated + _MORE + 1)][::-1]
        found = self._returned(metrics, periods, length)
        missing = {"notBreaching": False, "breaching": True}[alarm["TreatMissingData"]]
        threshold = float(alarm["Threshold"])
        breaching = [
            _breaches(alarm["ComparisonOperator"], found[one], threshold) if one in found else missing
            for one in periods[-evaluated:]
        ]
        return sum(breaching) >= int(alarm.get("DatapointsToAlarm", evaluated))

    def _returned(self, metrics: list[Json], periods: list[int], length: int) -> Series:
        series = {one["Id"]: self._stat(one["MetricStat"], periods, length) for one in metrics if "MetricStat" in one}

        def rule(name: str, metric: str) -> Series:
            return self._contributors(name, metric, periods, length)

        waiting = [one for one in metrics if "Expression" in one]
        # Those that are named come after those that name them.
        for one in reversed(waiting):
            series[one["Id"]] = Calculator(periods, series, rule).series(one["Expression"])
        (returned,) = (one["Id"] for one in metrics if one.get("ReturnData", True))
        return series[returned]

    def _stat(self, stat: Json, periods: list[int], length: int) -> Series:
        metric = stat["Metric"]
        dimensions = frozenset((one["Name"], one["Value"]) for one in metric.get("Dimensions", []))
        found: dict[int, list[float]] = defaultdict(list)
        for when, value in self.values.get((metric["Namespace"], metric["MetricName"], dimensions), []):
            found[int(when // length) * length].append(value)
        return {one: _statistic(stat["Stat"], found[one]) for one in periods if one in found}

    def _contributors(self, name: str, metric: str, periods: list[int], length: int) -> Series:
        assert metric == "UniqueContributors"
        rules = self.stack.every("AWS::CloudWatch::InsightRule").values()
        (body,) = (json.loads(one["RuleBody"]) for one in rules if one["RuleName"] == name)
        found: dict[int, set[tuple[object, ...]]] = defaultdict(set)
        for group in body["LogGroupNames"]:
            for when, line in self.lines.get(group, []):
                if contributes(body["Contribution"], line):
                    keys = tuple(str(*select(key, line)) for key in body["Contribution"]["Keys"])
                    found[int(when // length) * length].add(keys)
        return {one: len(found[one]) for one in periods if one in found}


def contributes(contribution: Json, line: Json) -> bool:
    """Tell whether a Contributor Insights rule counts a line; null is taken for not present."""
    for one in contribution["Filters"]:
        (how,) = one.keys() - {"Match"}
        assert how in _RULE_OPERATORS
        values = [value for value in select(one["Match"], line) if value is not None]
        if not (values and values[0] in one["In"] if how == "In" else bool(values) is one["IsPresent"]):
            return False
    return True


def _single(alarm: Json) -> Json:
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    return {"Id": "only", "MetricStat": {"Metric": metric, "Stat": alarm["Statistic"], "Period": alarm["Period"]}}


def _period(metric: Json) -> object:
    return metric.get("Period") or metric.get("MetricStat", {}).get("Period")


def _statistic(name: str, values: Iterable[float]) -> float:
    there = sorted(values)
    if name.startswith("p"):
        return there[math.ceil(len(there) * int(name[1:]) / 100) - 1]
    return {"Sum": sum, "Maximum": max}[name](there)


def _breaches(operator: str, value: float, threshold: float) -> bool:
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
    }[operator]
