"""Metric math, as far as the gate's alarms use it; anything else is refused.

CloudWatch user guide, "Using metric math".
"""

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import pairwise

# A value for each period that has one, by the second at which the period begins.
type Series = dict[int, float]
type Value = Series | float


class UnknownExpressionError(Exception):
    """The expression has something that is not known here."""


_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


class Calculator:
    """Evaluates expressions over some periods, with the series that they may name."""

    def __init__(
        self, periods: list[int], series: Mapping[str, Series], rule: Callable[[str, str], Series] | None = None
    ) -> None:
        self._periods, self._series, self._rule = periods, series, rule
        self._functions: dict[str, Callable[[list[ast.expr]], Value]] = {
            "IF": self._if,
            "FILL": self._fill,
            "DIFF": self._diff,
            # Both have a value for every period, whether the metric has or not.
            "DAY": lambda _: {one: datetime.fromtimestamp(one, UTC).isoweekday() for one in periods},
            "HOUR": lambda _: {one: datetime.fromtimestamp(one, UTC).hour for one in periods},
            "INSIGHT_RULE_METRIC": self._of_a_rule,
        }

    def series(self, expression: str) -> Series:
        """Return the series that an expression comes to; `UnknownExpressionError` for another kind of value too."""
        value = self._value(ast.parse(expression.replace(" AND ", " and "), mode="eval").body)
        if not isinstance(value, dict):
            raise UnknownExpressionError(expression)
        return value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(float() | int() as number):
                return number
            case ast.Name(name) if name in self._series:
                return self._series[name]
            case ast.BinOp(left, how, right) if type(how) in _ARITHMETIC:
                return _paired(_ARITHMETIC[type(how)], self._value(left), self._value(right))
            case ast.Compare(left, [how], [right]) if type(how) in _COMPARISONS:
                return _paired(_COMPARISONS[type(how)], self._value(left), self._value(right))
            case ast.BoolOp(ast.And(), values):
                first, *others = map(self._value, values)
                for one in others:
                    first = _paired(lambda a, b: bool(a) and bool(b), first, one)
                return first
            case ast.Call(ast.Name(name), arguments) if name in self._functions:
                return self._functions[name](arguments)
        raise UnknownExpressionError(ast.unparse(node))

    def _if(self, arguments: list[ast.expr]) -> Series:
        condition, then, otherwise = map(self._value, arguments)
        if not isinstance(condition, dict):
            raise UnknownExpressionError("IF")
        chosen = {}
        for period, holds in condition.items():
            value = then if holds else otherwise
            if not isinstance(value, dict):
                chosen[period] = value
            elif holds or period in value:
                chosen[period] = value.get(period, 0)
        return chosen

    def _fill(self, arguments: list[ast.expr]) -> Series:
        series, value = map(self._value, arguments)
        if not isinstance(series, dict) or isinstance(value, dict):
            raise UnknownExpressionError("FILL")
        return {period: series.get(period, value) for period in self._periods}

    def _diff(self, arguments: list[ast.expr]) -> Series:
        (series,) = map(self._value, arguments)
        if not isinstance(series, dict):
            raise UnknownExpressionError("DIFF")
        there = sorted(series)
        return {later: series[later] - series[before] for before, later in pairwise(there)}

    def _of_a_rule(self, arguments: list[ast.expr]) -> Series:
        match arguments:
            case [ast.Constant(str() as name), ast.Constant(str() as metric)] if self._rule:
                return self._rule(name, metric)
        raise UnknownExpressionError("INSIGHT_RULE_METRIC")


def _paired(calculate: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Calculate for each period in which either side has a value; the other counts as 0. Nothing is divided by 0."""
    if not isinstance(left, dict) and not isinstance(right, dict):
        return calculate(left, right)
    periods = {one for side in (left, right) if isinstance(side, dict) for one in side}
    found = {}
    for period in sorted(periods):
        a, b = (side.get(period, 0) if isinstance(side, dict) else side for side in (left, right))
        if calculate is not operator.truediv or b:
            found[period] = float(calculate(a, b))
    return found
