"""What the function may return, what comes of it, and what API Gateway does not take."""

import pytest

from localaws.gateway.answers import response
from localaws.gateway.refusals import RefusedError

TAKEN: dict[str, tuple[dict[str, object], tuple[tuple[str, str], ...]]] = {
    "a status alone": ({}, ()),
    "nulls": ({"headers": None, "multiValueHeaders": None, "body": None}, ()),
    "single headers": ({"headers": {"A": "1", "B": 2, "C": True}}, (("A", "1"), ("B", "2"), ("C", "true"))),
    "multi-value headers": ({"multiValueHeaders": {"A": ["1", "2"]}}, (("A", "1"), ("A", "2"))),
    "both": ({"headers": {"A": "1", "B": "1"}, "multiValueHeaders": {"A": ["1"]}}, (("B", "1"), ("A", "1"))),
    "headers that are API Gateway's own": (
        {"headers": {"Date": "x", "Content-Length": "9", "Transfer-Encoding": "chunked", "www-authenticate": "x"}},
        (
            ("x-amzn-Remapped-Date", "x"),
            ("x-amzn-Remapped-Content-Length", "9"),
            ("x-amzn-Remapped-www-authenticate", "x"),
        ),
    ),
}


@pytest.mark.parametrize(("returned", "headers"), TAKEN.values(), ids=TAKEN.keys())
def test_what_is_taken(returned: dict[str, object], headers: tuple[tuple[str, str], ...]) -> None:
    assert response({"statusCode": 200} | returned).headers == headers


@pytest.mark.parametrize("status", [200, "302", 599])
def test_a_status_may_be_text(status: object) -> None:
    assert response({"statusCode": status, "body": "ä"}).body == "ä".encode()


MALFORMED: dict[str, object] = {
    "nothing": None,
    "text": "hello",
    "a list": [],
    "no status": {"body": ""},
    "a status that is none": {"statusCode": 99},
    "a status that is true": {"statusCode": True},
    "a status in words": {"statusCode": "OK"},
    "a status with a fraction": {"statusCode": 200.5},
    "an unknown field": {"statusCode": 200, "cookies": []},
    "a body that is a map": {"statusCode": 200, "body": {}},
    "an encoding in words": {"statusCode": 200, "isBase64Encoded": "false"},
    "headers in a list": {"statusCode": 200, "headers": []},
    "a header that is a list": {"statusCode": 200, "headers": {"A": ["1"]}},
    "a header that is null": {"statusCode": 200, "headers": {"A": None}},
    "a multi-value header that is none": {"statusCode": 200, "multiValueHeaders": {"A": "1"}},
    "a name with a space": {"statusCode": 200, "headers": {"A B": "1"}},
    "a line break in a value": {"statusCode": 200, "headers": {"A": "1\r\nSet-Cookie: x"}},
}


@pytest.mark.parametrize("returned", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_not_taken(returned: object) -> None:
    with pytest.raises(RefusedError, match="BAD_GATEWAY"):
        response(returned)


def test_no_url_is_shown() -> None:
    assert "https" not in repr(response({"statusCode": 302, "headers": {"Location": "https://x"}, "body": "https://x"}))
