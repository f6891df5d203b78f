"""Signed tokens whose JSON two readers could read differently, or whose reading would cost something."""

import json

import pytest

from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import GONE, b64, claims_of, compact, put, signed

HEADER = b'{"alg": "RS256", "kid": "rs"}'


def claims(addition: str = "", **changes: object) -> bytes:
    """Alice's claims in JSON with text put in before the last brace."""
    return (json.dumps(put(claims_of("corp"), changes))[:-1] + addition + "}").encode()


def twice(name: str, first: str, second: str) -> bytes:
    """Alice's claims with a member given twice."""
    return claims(f', "{name}": {first}, "{name}": {second}', **{name: GONE})


def refused(send: Send, text: str, reason: str) -> None:
    reply = send(forge.bearing(text))
    assert (reply.status, reply.audit["reason"], reply.audit["caller"], reply.mints) == (401, reason, None, ())


HEADERS = {
    "alg given twice, the bad one first": b'{"alg": "none", "alg": "RS256", "kid": "rs"}',
    "alg given twice, the bad one last": b'{"alg": "RS256", "alg": "none", "kid": "rs"}',
    "alg given twice alike": b'{"alg": "RS256", "alg": "RS256", "kid": "rs"}',
    "alg given twice, once escaped": b'{"alg": "RS256", "\\u0061lg": "none", "kid": "rs"}',
    "kid given twice": b'{"alg": "RS256", "kid": "es", "kid": "rs"}',
    "typ given twice": b'{"alg": "RS256", "kid": "rs", "typ": "JWT", "typ": "at+jwt"}',
    "a list around it": b'[{"alg": "RS256", "kid": "rs"}]',
    "a list of pairs": b'[["alg", "RS256"], ["kid", "rs"]]',
    "text": b'"RS256"',
    "nothing but blanks": b"  ",
    "an object and another": HEADER + HEADER,
    "an object and a NUL": HEADER + b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + HEADER,
    "UTF-16": HEADER.decode().encode("utf-16"),
    "NaN": b'{"alg": "RS256", "kid": "rs", "x": NaN}',
    "3,000 nested arrays": b"[" * 3000,
    "single quotes": b"{'alg': 'RS256', 'kid': 'rs'}",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_of_odd_json_is_refused(present: Send, header: bytes) -> None:
    refused(present, compact("rs", header, claims()), "token-json")


LATER = forge.now() + 600
CLAIMS = {
    "iss given twice, the good one first": twice("iss", f'"{forge.CORP}"', '"https://evil.example"'),
    "iss given twice, the good one last": twice("iss", '"https://evil.example"', f'"{forge.CORP}"'),
    "aud given twice": twice("aud", '"others"', '"studio-gate"'),
    "exp given twice": twice("exp", "1", str(LATER)),
    "exp given twice alike": twice("exp", str(LATER), str(LATER)),
    "sub given twice, Bob first": twice("sub", '"bob"', '"alice"'),
    "sub given twice, Bob last": twice("sub", '"alice"', '"bob"'),
    "sub given twice, once escaped": claims(', "s\\u0075b": "bob"'),
    "a member given twice in an object within": claims(', "x": {"y": 1, "y": 2}'),
    "a member given twice in a list within": claims(', "x": [{"y": 1, "y": 2}]'),
    "NaN": claims(', "x": NaN'),
    "exp NaN": twice("exp", "NaN", "NaN"),
    "Infinity": claims(', "x": Infinity'),
    "minus Infinity": claims(', "x": [-Infinity]'),
    "exp Infinity": claims(', "exp": Infinity', exp=GONE),
    "1e999": claims(', "x": 1e999'),
    "exp 1e999": claims(', "exp": 1e999', exp=GONE),
    "minus 1e999, within": claims(', "x": {"y": -1e999}'),
    "a number of 4,301 digits": claims(', "x": ' + "9" * 4301),
    "exp of 4,301 digits": claims(', "exp": ' + "9" * 4301, exp=GONE),
    "5,000 nested arrays": b"[" * 5000,
    "5,000 nested objects, as many as fit": b'{"a":' * 1100,
    "2,600 nested arrays, closed": b"[" * 2600 + b"]" * 2600,
    "a byte order mark": b"\xef\xbb\xbf" + claims(),
    "UTF-16 with a mark": claims().decode().encode("utf-16"),
    "UTF-16 without": claims().decode().encode("utf-16-le"),
    "UTF-32": claims().decode().encode("utf-32-be"),
    "Latin-1": claims(', "x": "é"').decode().encode("latin-1"),
    "half a surrogate pair in bytes": claims()[:-1] + b', "x": "\xed\xa0\x80"}',
    "an overlong quote": claims()[:-1] + b', "x": \xc0\xa2y\xc0\xa2}',
    "a list": b"[" + claims() + b"]",
    "text": json.dumps(claims().decode()).encode(),
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "an object and a letter": claims() + b"x",
    "an object and another": claims() + claims(),
    "a comma too many": claims(","),
    "a comment": claims("/* alice */"),
    "a newline in a text": claims(', "x": "a\nb"'),
    "a NUL in a text": claims(', "x": "a\0b"'),
    "a number in hexadecimal": claims(', "x": 0x10'),
    "a number with a leading zero": claims(', "x": 010'),
    "a number with a plus": claims(', "x": +1'),
    "a number with underscores": claims(', "x": 1_000'),
    "a number in other digits": claims(', "x": ١'),  # noqa: RUF001 - the point
    "a name without quotes": claims(", x: 1"),
    "XML": b"<sub>alice</sub>",
    "bytes at random": bytes(range(128, 256)),
}


@pytest.mark.parametrize("raw", CLAIMS.values(), ids=CLAIMS.keys())
def test_claims_of_odd_json_are_refused(present: Send, raw: bytes) -> None:
    refused(present, compact("rs", HEADER, raw), "token-json")


def test_both_parts_may_not_be_one(present: Send) -> None:
    """An object that is header and claims at once is read as what stands in each place."""
    both = b64(json.dumps({"alg": "RS256", "kid": "rs"} | claims_of("corp")).encode())
    refused(present, signed("rs", f"{both}.{both}") + ".x", "token-form")
    reply = present(forge.bearing(signed("rs", f"{both}.{both}")))
    assert (reply.status, reply.audit["caller"]) == (200, "corp:alice")


HARMLESS = {
    "blanks and newlines between": b" \n" + claims().replace(b", ", b"\t,\r\n ") + b"\n",
    "half a surrogate pair, escaped, in what nobody reads": claims(', "x": "\\ud800"'),
    "2,000 nested arrays in what nobody reads": claims(', "x": ' + "[" * 2000 + "]" * 2000),
    "a number of 4,000 digits in what nobody reads": claims(', "x": ' + "9" * 4000),
    "a member named like one of Python's own": claims(', "__class__": "x", "__proto__": {"sub": "bob"}'),
    "a member that differs by case": claims(', "Sub": "bob", "SUB": "bob"'),
    "a member that differs by a blank": claims(', "sub ": "bob", " sub": "bob"'),
    "a member of letters that look alike": claims(', "ѕub": "bob"'),  # noqa: RUF001 - the point
    "escapes in the subject": claims(', "sub": "\\u0061lice"', sub=GONE),
}


@pytest.mark.parametrize("raw", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_can_only_be_read_in_one_way_is_alice(present: Send, raw: bytes) -> None:
    reply = present(forge.bearing(compact("rs", HEADER, raw)))
    assert (reply.status, reply.audit["caller"]) == (200, "corp:alice")
    assert [mint.parameters["UserProfileName"] for mint in reply.mints] == ["alice"]
