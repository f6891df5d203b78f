"""A signature holds for exactly what was signed, by a known caller, now, for this service and region."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import Credentials

from localaws.gateway.messages import Request
from localaws.gateway.refusals import Refusal, RefusedError
from localaws.gateway.signatures import verify
from tests.gateway.clients import ADMIN, ALICE, CALLERS, credentials, signed

PATH = "/gate/iam/url/research?expires_in=10&session_expires_in=3600"
URL = f"http://127.0.0.1:8080{PATH}"
REGION = "eu-central-1"

type Headers = dict[str, str]


def check(
    headers: Mapping[str, str], target: str = PATH, method: str = "GET", body: bytes = b"", late: float = 0
) -> str:
    """Return the access key of the signer, or the refusal's name."""
    request = Request(method, target, tuple(headers.items()), body)
    try:
        return verify(request, CALLERS, REGION, datetime.now(UTC) + timedelta(minutes=late)).access_key
    except RefusedError as error:
        return error.refusal.name


def without(name: str) -> Callable[[Headers], Headers]:
    return lambda headers: {key: value for key, value in headers.items() if key.lower() != name}


def put(name: str, value: str) -> Callable[[Headers], Headers]:
    return lambda headers: without(name)(headers) | {name: value}


def replaced(old: str, new: str) -> Callable[[Headers], Headers]:
    return lambda headers: headers | {"Authorization": headers["Authorization"].replace(old, new)}


@pytest.mark.parametrize("key", [ALICE, ADMIN], ids=["a session, with its token", "a user, who has none"])
def test_whoever_signs_rightly_is_known(key: str) -> None:
    assert check(signed(URL, credentials(key))) == key


HOLDS = {
    "the parameters sent in another order": "/gate/iam/url/research?session_expires_in=3600&expires_in=10",
    "a parameter encoded in another way": "/gate/iam/url/research?%65xpires_in=10&session_expires_in=3600",
}


@pytest.mark.parametrize("target", HOLDS.values(), ids=HOLDS.keys())
def test_the_signature_holds_whatever_the_form(target: str) -> None:
    assert check(signed(URL), target) == ALICE


QUERIES = {
    "a parameter twice": "a=2&a=1",
    "no value": "a=&b",
    "characters that are encoded": "a=%20%2F%3D%26%25%C3%A4&b=~-_.",
    "a session's name": "caller=alice%40example.com",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_a_query_is_part_of_what_is_signed(query: str) -> None:
    target = f"/gate/iam/me?{query}"
    # botocore signs a query in a URL as it is, and would leave out the equals sign that the canonical form has.
    canonical = target.replace("&b", "&b=") if target.endswith("&b") else target
    headers = signed(f"http://127.0.0.1:8080{canonical}")
    assert check(headers, target) == ALICE
    assert check(headers, f"{target}x") == "INVALID_SIGNATURE"


def test_other_headers_may_be_signed_too() -> None:
    headers = signed(URL, headers={"X-Amz-Meta": "a  b", "Accept": "*/*"})
    assert check(headers) == ALICE
    assert check(headers | {"Accept": "text/html"}) == "INVALID_SIGNATURE"


CHANGED = {
    "another path": {"target": "/gate/iam/me"},
    "another value in the query": {"target": PATH.replace("=10", "=60")},
    "a parameter more": {"target": f"{PATH}&profile=bob"},
    "no query": {"target": "/gate/iam/url/research"},
    "another method": {"method": "POST"},
    "a body that was not signed": {"body": b"x"},
    "six minutes later": {"late": 6},
    "six minutes before": {"late": -6},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
def test_a_signature_holds_for_nothing_else(change: dict[str, Any]) -> None:
    assert check(signed(URL), **change) == "INVALID_SIGNATURE"


@pytest.mark.parametrize("late", [4, -4])
def test_clocks_may_differ_by_less_than_five_minutes(late: int) -> None:
    assert check(signed(URL), late=late) == ALICE


TAMPERED: dict[str, Callable[[Headers], Headers]] = {
    "another host": put("Host", "127.0.0.1:8081"),
    "no host": without("host"),
    "no date": without("x-amz-date"),
    "a date that is none": put("X-Amz-Date", "today"),
    "the session token left out": without("x-amz-security-token"),
    "another session token": put("X-Amz-Security-Token", "stranger"),
    "an x-amz header that was not signed": put("X-Amz-Extra", "x"),
    "the digest of another body": put("X-Amz-Content-Sha256", hashlib.sha256(b"x").hexdigest()),
    "an unsigned payload": put("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    "an unknown access key": replaced(ALICE, "ASIAEXAMPLEEXAMPLE99"),
    "another caller's access key": replaced(ALICE, ADMIN),
    "the date's signature left out of the list": replaced("host;x-amz-date", "host"),
    "another day in the scope": replaced(f"{datetime.now(UTC):%Y%m%d}", "20200101"),
    "another end of the scope": replaced("aws4_request", "aws5_request"),
    "no signature": replaced("Signature=", "Sig="),
    "one character of it": lambda headers: headers | {"Authorization": headers["Authorization"][:-1] + "x"},
    "an upper-case one": lambda headers: headers | {"Authorization": headers["Authorization"].upper()},
    "another scheme": put("Authorization", "Bearer e30.e30.e30"),
    "nothing": put("Authorization", ""),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_changed_is_noticed(tamper: Callable[[Headers], Headers]) -> None:
    assert check(tamper(signed(URL))) == "INVALID_SIGNATURE"


def test_without_any_authorization_there_is_no_caller() -> None:
    assert check(without("authorization")(signed(URL))) == "MISSING_AUTHENTICATION_TOKEN"


def test_two_authorizations_are_none() -> None:
    headers = signed(URL)
    request = Request("GET", PATH, (*headers.items(), ("authorization", headers["Authorization"])))
    with pytest.raises(RefusedError) as caught:
        verify(request, CALLERS, REGION, datetime.now(UTC))
    assert caught.value.refusal is Refusal.INVALID_SIGNATURE


ELSEWHERE = {
    "another secret": signed(URL, Credentials(ALICE, "guess", "not-a-real-token")),
    "another service": signed(URL, service="sts"),
    "another region": signed(URL, region="us-east-1"),
    "a token for a user who has none": signed(URL, Credentials(ADMIN, CALLERS[ADMIN].secret, "token")),
}


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_signed_for_another_purpose(headers: Headers) -> None:
    assert check(headers) == "INVALID_SIGNATURE"


def test_a_body_is_signed_by_its_digest() -> None:
    digest = hashlib.sha256(b"body").hexdigest()
    headers = signed(URL, headers={"X-Amz-Content-Sha256": digest})
    assert check(headers, body=b"body") == ALICE
    assert check(headers, body=b"another") == "INVALID_SIGNATURE"


def test_no_secret_is_shown() -> None:
    shown = repr(CALLERS) + repr(Request("GET", PATH, tuple(signed(URL).items())))
    assert not [secret for secret in ("wJalr", "not-a-real-token", "expires_in", "Signature") if secret in shown]
