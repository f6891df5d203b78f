"""Metric math, by the tables of AWS's page on it."""

import pytest

from tests.watching.expressions import Calculator, Series, UnknownExpressionError

# Hours of a Wednesday, 25 November 2026, from 09:00 UTC.
HOURS = [1795597200 + 3600 * hour for hour in range(4)]
_ = None


def series(*values: float | None) -> Series:
    return {when: value for when, value in zip(HOURS, values, strict=True) if value is not None}


GIVEN = {
    "a": series(30, 20, 0, 0),
    "b": series(20, _, 20, _),
    "chosen": series(1, 1, 0, 0),
    "then": series(30, _, 0, 0),
    "other": series(0, 0, 20, _),
    "none": {},
}
EXPECTED = {
    "a + b": series(50, 20, 20, 0),
    "a - b": series(10, 20, -20, 0),
    "none - b": series(-20, _, -20, _),
    "none - none": {},
    "b * 2": series(40, _, 40, _),
    "a / b": series(1.5, _, 0, _),
    "a < b": series(0, 0, 1, 0),
    "a >= 30": series(1, 0, 0, 0),
    "a > 15 AND b > 15": series(1, 0, 0, 0),
    "IF(chosen, then, other)": series(30, 0, 20, _),
    "IF(chosen, 5, other)": series(5, 5, 20, _),
    "IF(chosen, then, 5)": series(30, 0, 5, 5),
    "IF(b > 10, 1, 0)": series(1, _, 1, _),
    "FILL(b, 7)": series(20, 7, 20, 7),
    "FILL(none, 0)": series(0, 0, 0, 0),
    "DIFF(a)": series(_, -10, -20, 0),
    "DIFF(b)": series(_, _, 0, _),
    "DAY(none)": series(3, 3, 3, 3),
    "HOUR(none)": series(9, 10, 11, 12),
    "IF(HOUR(none) >= 10 AND HOUR(none) < 12, b, 1)": series(1, 0, 20, 1),
    'INSIGHT_RULE_METRIC("rule", "UniqueContributors") - 1': series(4, _, _, _),
}
UNKNOWN = [
    "1 + 2",
    "unknown + 1",
    "a ^ 2",
    "SUM(a)",
    "RUNNING_SUM(a)",
    "a == 1",
    "1 < a < 3",
    "(a, b)",
    "FILL(1, 0)",
    "FILL(a, b)",
    "DIFF(1)",
    "IF(1, a, b)",
    "INSIGHT_RULE_METRIC(a, b)",
    "'text'",
]


def calculator() -> Calculator:
    return Calculator(HOURS, GIVEN, lambda name, metric: series(len(name) + 1, _, _, _) if metric else {})


@pytest.mark.parametrize(("expression", "expected"), EXPECTED.items(), ids=EXPECTED)
def test_an_expression(expression: str, expected: Series) -> None:
    assert calculator().series(expression) == expected


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_is_not_known_is_refused(expression: str) -> None:
    with pytest.raises(UnknownExpressionError):
        calculator().series(expression)
