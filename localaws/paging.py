"""Lists page by page, as SageMaker answers them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import ValidationError

# API_ListUserProfiles, API_ListSpaces and API_ListApps, "MaxResults": "The default value is 10".
DEFAULT = 10
# Whatever else is asked makes another question.
_OF_THE_PAGE = {"MaxResults", "NextToken"}


def page(
    word: str, found: Sequence[object], asked: Mapping[str, Any], limit: int | None, default: int = DEFAULT
) -> ActionResult:
    """Answer one page of what was found, under a word; `limit` shortens it, as AWS may do at any time."""
    start = _start(word, asked)
    end = start + min(asked.get("MaxResults", default), limit or len(found) + 1)
    token = _encoded([*_question(word, asked), end]) if end < len(found) else None
    return ActionResult({word: found[start:end], "NextToken": token})


def ordered(found: Sequence[Mapping[str, Any]], by: str, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Sort by a member, in the order that was asked for; ascending by default."""
    return sorted(found, key=lambda one: one[by], reverse=asked.get("SortOrder") == "Descending")


def _question(word: str, asked: Mapping[str, Any]) -> list[object]:
    return [word, {name: str(asked[name]) for name in sorted(asked.keys() - _OF_THE_PAGE)}]


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _start(word: str, asked: Mapping[str, Any]) -> int:
    if "NextToken" not in asked:
        return 0
    try:
        *question, start = json.loads(base64.urlsafe_b64decode(asked["NextToken"]))
    except (ValueError, TypeError):
        question, start = [], None
    # A token continues the question it was given for, no other.
    if question != _question(word, asked) or not isinstance(start, int):
        raise ValidationError(message="Invalid NextToken.")
    return start
