"""Signed tokens that say of nobody, of two, or of too many who is calling."""

import pytest

from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import GONE, token

LONG = "a" * 255
SUBJECTS: dict[str, object] = {
    "missing": GONE,
    "null": None,
    "empty": "",
    "a number": 5,
    "zero": 0,
    "true": True,
    "a list": ["alice"],
    "an object": {"sub": "alice"},
    "with a newline": "alice\n",
    "with a newline before": "\nalice",
    "with a line feed of another kind": "alice\u2028",
    "with a carriage return": "alice\r",
    "with a NUL": "alice\0",
    "with a NUL and more": "alice\0bob",
    "with a blank after": "alice ",
    "with a blank before": " alice",
    "with a blank within": "al ice",
    "with a no-break space": "alice\u00a0",
    "with a zero-width space": "alice\u200b",
    "written from right to left": "\u202eecila",
    "with a delete character": "alice\x7f",
    "with an escape": "\x1b[1malice",
    "with a letter that looks alike": "аlice",  # noqa: RUF001 - the point
    "in wide letters": "ａｌｉｃｅ",  # noqa: RUF001 - the point
    "with a combining accent": "alice\u0301",
    "of half a surrogate pair": "alice\udcff",
    "of 256 characters": LONG + "a",
    "of 4,000 characters": "a" * 4000,
}


@pytest.mark.parametrize("kind", ["corp", "alb"])
@pytest.mark.parametrize("sub", SUBJECTS.values(), ids=SUBJECTS.keys())
def test_a_subject_that_is_none_is_refused(present: Send, sub: object, kind: str) -> None:
    reply = present(forge.presenting(kind, token(kind, {"sub": sub})))
    assert (reply.status, reply.audit["reason"], reply.mints) == (401, "token-subject", ())
    assert (reply.audit["caller"], reply.audit["subject"]) == (None, None)


OTHERS = {
    "in upper case": "ALICE",
    "with a capital": "Alice",
    "with a tag": "alice+x",
    "with a dot": "alice.",
    "with a domain": "alice@corp.example",
    "with another issuer before": "idp:alice",
    "with its own issuer before": "corp:alice",
    "that is an ARN": "arn:aws:sts::111122223333:assumed-role/intranet-launcher",
    "percent-encoded": "%61lice",
    "as HTML": "&#97;lice",
    "with quotes": '"alice"',
    "of a path": "bob/../alice",
    "with a wildcard": "*",
    "with a policy variable": "${aws:username}",
    "with Cedar's quotes": 'alice"||true||"',
    "of 255 characters": LONG,
    "a template": "{alice}",
    "a template of Python's": "%(sub)s",
}


@pytest.mark.parametrize("sub", OTHERS.values(), ids=OTHERS.keys())
def test_a_subject_that_is_like_alice_s_is_somebody_else(present: Send, sub: str) -> None:
    reply = present(forge.bearing(token(claims={"sub": sub})))
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, "no-profile", ())
    assert reply.audit["caller"] == f"corp:{sub}"


NO_ADDRESS = "email-not-an-address"
ADDRESSES: dict[str, object] = {
    "with two at signs": "a@evil@corp.example",
    "with an at sign in quotes": '"a@evil"@corp.example',
    "with a quoted local part": '"alice"@corp.example',
    "with a display name": "Alice <alice@corp.example>",
    "in brackets": "<alice@corp.example>",
    "with a comment": "alice(x)@corp.example",
    "two with a comma": "alice@corp.example,bob@corp.example",
    "two with a semicolon": "alice@corp.example;bob@corp.example",
    "two with a blank": "alice@corp.example bob@corp.example",
    "two with a newline": "alice@corp.example\nbob@corp.example",
    "with a newline": "alice@corp.example\n",
    "with a NUL": "alice@corp.example\0.evil.example",
    "with a blank": "alice @corp.example",
    "with a letter that looks alike": "аlice@corp.example",  # noqa: RUF001 - the point
    "with a domain that looks alike": "alice@cоrp.example",  # noqa: RUF001 - the point
    "with a dot that looks alike": "alice@corp。example",
    "with an at sign that looks alike": "alice＠corp.example",  # noqa: RUF001 - the point
    "with a sign that lower case makes a letter": "ali\u212ae@corp.example",
    "with a domain in brackets": "alice@[10.0.0.1]",
    "with a domain of one word": "alice@corp",
    "with a domain that ends with a dot": "alice@corp.example.",
    "with a domain that begins with a dot": "alice@.corp.example",
    "with a domain with two dots": "alice@corp..example",
    "with a label that begins with a hyphen": "alice@-corp.example",
    "with an underscore in the domain": "alice@co_rp.example",
    "with a percent in the domain": "alice@corp.example%00",
    "with a local part with two dots": "al..ice@corp.example",
    "with a local part that begins with a dot": ".alice@corp.example",
    "with a local part of 65 characters": "a" * 65 + "@corp.example",
    "of 255 characters": "a@" + ".".join(["b" * 62] * 4) + ".c",
    "without a local part": "@corp.example",
    "without a domain": "alice@",
    "without an at sign": "alice",
    "a URL": "mailto:alice@corp.example?cc=bob",
    "a route": "@evil.example:alice@corp.example",
    "with a backslash": "alice\\@corp.example",
    "empty": "",
    "a list": ["alice@corp.example"],
    "a number": 5,
    "true": True,
    "an object": {"email": "alice@corp.example"},
}


@pytest.mark.parametrize("email", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_email_that_is_no_plain_address_is_refused(present: Send, email: object) -> None:
    reply = present(forge.bearing(token(claims={"email": email})))
    assert (reply.status, reply.audit["reason"], reply.mints) == (403, NO_ADDRESS, ())
    assert reply.audit["caller"] is None


UNVERIFIED: dict[str, object] = {
    "false": False,
    "false as text": "false",
    "in another case": "True",
    "null": None,
    "zero": 0,
    "empty": "",
    "yes": "yes",
    "a list": [True],
    "an object": {"verified": True},
}


@pytest.mark.parametrize("verified", UNVERIFIED.values(), ids=UNVERIFIED.keys())
def test_an_email_that_is_not_verified_is_refused(present: Send, verified: object) -> None:
    for kind in ("corp", "idp"):
        reply = present(forge.bearing(token(kind, {"email_verified": verified})))
        assert (reply.status, reply.audit["reason"], reply.mints) == (403, "email-not-verified", ())


LEFT_OUT, NO_LIST = "group-overage", "groups-not-a-list"
GROUPS: dict[str, tuple[dict[str, object], str]] = {
    "text": ({"groups": "ds"}, NO_LIST),
    "text with commas": ({"groups": "ds,others"}, NO_LIST),
    "a list as text": ({"groups": '["ds"]'}, NO_LIST),
    "an object": ({"groups": {"ds": True}}, NO_LIST),
    "a number": ({"groups": 5}, NO_LIST),
    "null": ({"groups": None}, NO_LIST),
    "true": ({"groups": True}, NO_LIST),
    "a list in a list": ({"groups": [["ds"]]}, NO_LIST),
    "a list with a list besides": ({"groups": ["ds", ["ds"]]}, NO_LIST),
    "a list with null besides": ({"groups": ["ds", None]}, NO_LIST),
    "a list with a number besides": ({"groups": ["ds", 5]}, NO_LIST),
    "a list of objects": ({"groups": [{"name": "ds"}]}, NO_LIST),
    "elsewhere": ({"groups": GONE, "_claim_names": {"groups": "src1"}}, LEFT_OUT),
    "here and elsewhere": ({"_claim_names": {"groups": "src1"}}, LEFT_OUT),
    "too many for an implicit flow": ({"groups": GONE, "hasgroups": True}, LEFT_OUT),
    "too many, as text": ({"hasgroups": "true"}, LEFT_OUT),
    "too many, as a number": ({"hasgroups": 1}, LEFT_OUT),
    "elsewhere in a list": ({"_claim_names": ["groups"]}, LEFT_OUT),
    "elsewhere in a text": ({"_claim_names": "groups"}, LEFT_OUT),
    "elsewhere in null": ({"_claim_names": None}, LEFT_OUT),
}


@pytest.mark.parametrize(("claims", "reason"), GROUPS.values(), ids=GROUPS.keys())
def test_groups_that_nobody_knows_are_refused(present: Send, claims: dict[str, object], reason: str) -> None:
    for kind in ("corp", "edge"):
        reply = present(forge.presenting(kind, token(kind, claims)))
        assert (reply.status, reply.audit["reason"], reply.mints) == (403, reason, ())
        assert reply.audit["outcome"] == "groups-unknown"


STRANGERS: dict[str, object] = {
    "none": [],
    "missing": GONE,
    "in another case": ["DS"],
    "with a blank": ["ds "],
    "a part of it": ["d", "s"],
    "the name that policies use": ["data-science"],
    "a name of Cedar's": ['StudioGate::Group::"data-science"'],
    "two in one text": ["ds,others", "ds others"],
    "a wildcard": ["*"],
    "of half a surrogate pair": ["ds\ud800"],
    "500 others": [f"g{number:03}" for number in range(500)],
}


@pytest.mark.parametrize("groups", STRANGERS.values(), ids=STRANGERS.keys())
def test_groups_that_are_not_named_count_for_nothing(present: Send, groups: object) -> None:
    reply = present(forge.bearing(token(claims={"groups": groups})))
    assert (reply.status, reply.audit["reason"], reply.audit["groups"], reply.mints) == (403, "no-permit", [], ())
