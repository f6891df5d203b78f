"""The reading of metric filter patterns, by the examples of AWS's page on them."""

import pytest

from tests.watching.patterns import UnknownPatternError, matches

EVENT = {
    "eventType": "UpdateTrail",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "flag": True,
    "empty": [],
}
MATCHED = {
    '{ $.eventType = "UpdateTrail" }': True,
    '{ $.eventType = "Update" }': False,
    '{ $.eventType != "Update" }': True,
    '{ $.eventType = "Update*" }': True,
    '{ $.eventType = "*Trail" }': True,
    '{ $.eventType = "*date*" }': True,
    '{ $.eventType = "*" }': True,
    '{ $.arrayKey[0] = "value" }': True,
    '{ $.arrayKey[1] = "value" }': False,
    '{ $.arrayKey[2] = "value" }': False,
    '{ $.arrayKey[*] = "another*" }': True,
    '{ $.arrayKey[*] = "other*" }': False,
    '{ $.arrayKey = "value" }': False,
    '{ $.empty[*] = "*" }': False,
    "{ $.objectList[1].id = 2 }": True,
    "{ $.objectList[*].id = 2 }": True,
    "{ $.objectList[0].id = 2 }": False,
    '{ $.objectList[1].id = 2 && $.eventType = "Update*" }': True,
    '{ $.objectList[1].id = 2 && $.eventType = "Delete*" }': False,
    '{ $.SomeObject = "*" }': False,
    '{ $.SomeObject != "x" }': False,
    '{ $.missing != "x" }': False,
    "{ $.flag = 1 }": False,
    "{ $.eventType = 1 }": False,
    "{ $.objectList[0].id >= 1 }": True,
    "{ $.objectList[0].id >= 2 }": False,
    "{ $.eventType >= 1 }": False,
    '{ $.eventType = "x" || $.objectList[0].id = 1 }': True,
    '{ $.eventType = "x" || $.objectList[0].id = 2 }': False,
}
UNKNOWN = [
    "ERROR",
    '{ $.eventType="x" }',
    '{ $.a = "x" || $.b = "y" && $.c = "z" }',
    '{ $.eventType = "x*y" }',
    '{ $.a[*].b[*] = "x" }',
    "{ $.a IS NULL }",
    "{ $.a > 1 }",
    "[a, b]",
    "",
]


@pytest.mark.parametrize(("pattern", "expected"), MATCHED.items(), ids=MATCHED)
def test_a_pattern(pattern: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert matches(pattern, EVENT) is expected


@pytest.mark.parametrize("pattern", UNKNOWN)
def test_what_is_not_known_is_refused(pattern: str) -> None:
    with pytest.raises(UnknownPatternError):
        matches(pattern, EVENT)


def test_what_is_not_known_is_refused_after_what_does_not_match() -> None:
    with pytest.raises(UnknownPatternError):
        matches('{ $.missing = "x" && $.a > 1 }', EVENT)
