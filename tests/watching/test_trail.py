"""The stand-in for EventBridge: which event a pattern takes, and what a target gets of it."""

import pytest

from tests.stack.stacks import Json
from tests.watching.trail import event, logged, sent, takes

ROLE = "arn:aws:iam::111122223333:role/gate-minting"
EVENT = event(ROLE)
PATTERNS: dict[str, tuple[Json, bool]] = {
    "one value of two": ({"source": ["aws.ec2", "aws.sagemaker"]}, True),
    "another value": ({"source": ["aws.ec2"]}, False),
    "a prefix": ({"detail": {"eventName": [{"prefix": "CreatePresigned"}]}}, True),
    "another prefix": ({"detail": {"eventName": [{"prefix": "Delete"}]}}, False),
    "a prefix or a value": ({"detail": {"eventName": ["x", {"prefix": "Create"}]}}, True),
    "a prefix of what is not there": ({"detail": {"missing": [{"prefix": ""}]}}, False),
    "what is not there": ({"detail": {"errorCode": [{"exists": False}]}}, True),
    "what is there": ({"detail": {"eventName": [{"exists": False}]}}, False),
    "what must be there": ({"detail": {"errorCode": [{"exists": True}]}}, False),
    "a member of a member": (
        {"detail": {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [ROLE]}}}}},
        True,
    ),
    "a member of what is not there": ({"detail": {"missing": {"a": {"b": ["c"]}}}}, False),
    "both of two": ({"source": ["aws.sagemaker"], "region": ["us-east-1"]}, False),
}


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS.values(), ids=PATTERNS)
def test_a_pattern(pattern: Json, expected: bool) -> None:  # noqa: FBT001 - a column
    assert takes(pattern, EVENT) is expected


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        takes({"source": [{"anything-but": "x"}]}, EVENT)


def test_a_target_gets_what_its_template_says() -> None:
    paths = {"who": "$.detail.userIdentity.accountId", "none": "$.detail.a.b", "when": "$.time"}
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": '{"a": "<who> <none>.", "b": "<when>"}'}}
    assert sent(target, EVENT) == '{"a": "111122223333 .", "b": "2026-11-25T09:00:00Z"}'


def test_a_log_group_gets_the_text_of_its_message() -> None:
    template = '{"timestamp": <time>, "message": "{\\"who\\": \\"<who>\\"}"}'
    paths = {"time": "$.time", "who": "$.source"}
    assert logged({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}, EVENT) == {
        "who": "aws.sagemaker"
    }
