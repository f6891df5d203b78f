"""Verified claims name one caller or none."""

from typing import Any

import pytest

from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, Proof, claims
from studio_gate.identity.tokens import VerifiedToken
from studio_gate.providers import Issuer
from tests.studio_gate.tokens_made import ABSENT, ISSUER, SUBJECT, as_issuer

NOT_PROVED, REFUSED, GROUPS_UNKNOWN = Problem.NOT_PROVED, Problem.REFUSED, Problem.GROUPS_UNKNOWN


@pytest.mark.parametrize("given", [{"x5t#S256": "abc"}, {"jkt": "abc"}, {}, None], ids=str)
def test_a_token_that_is_bound_to_a_key_is_nobody_s_bearer_token(given: object) -> None:
    claims.check_bearer({})
    with pytest.raises(GateError) as caught:
        claims.check_bearer({"cnf": given})
    assert (caught.value.problem, caught.value.reason) == (NOT_PROVED, "token-bound")


AMR = {"tid": "11111111-2222", "acrs": 2, "managed": True}
NOT_REQUIRED = {
    "one is missing": {"tid": ABSENT},
    "one is null": {"tid": None},
    "one has another value": {"tid": "99999999-2222"},
    "one is in another case": {"tid": "11111111-2222".upper() + " "},
    "one is a list with the value": {"tid": ["11111111-2222"]},
    "a number is a text": {"acrs": "2"},
    "a number has a fraction": {"acrs": 2.0},
    "a number is another": {"acrs": 3},
    "true is 1": {"managed": 1},
    "true is a text": {"managed": "true"},
    "true is false": {"managed": False},
}


@pytest.mark.parametrize("changes", NOT_REQUIRED.values(), ids=NOT_REQUIRED.keys())
def test_required_claims_have_exactly_their_values(changes: dict[str, Any]) -> None:
    claims.check_required(AMR | {"more": 1}, AMR)
    given = {name: value for name, value in (AMR | changes).items() if value is not ABSENT}
    with pytest.raises(GateError) as caught:
        claims.check_required(given, AMR)
    assert (caught.value.problem, caught.value.reason) == (NOT_PROVED, "token-claim-required")


def test_1_is_not_true_where_1_is_required() -> None:
    claims.check_required({"level": 1}, {"level": 1})
    with pytest.raises(GateError):
        claims.check_required({"level": True}, {"level": 1})


AUDIENCES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "none": ({}, set()),
    "one": ({"aud": "gate"}, {"gate"}),
    "a list": ({"aud": ["gate", "other"]}, {"gate", "other"}),
    "an empty list": ({"aud": []}, set()),
    "a text with a blank is one": ({"aud": "gate other"}, {"gate other"}),
}


@pytest.mark.parametrize(("given", "expected"), AUDIENCES.values(), ids=AUDIENCES.keys())
def test_audiences(given: dict[str, Any], expected: set[str]) -> None:
    assert claims.audiences(given) == expected


@pytest.mark.parametrize("given", [None, 7, {"gate": 1}, ["gate", 7], [["gate"]], [None]], ids=str)
def test_audiences_that_are_none(given: object) -> None:
    with pytest.raises(GateError) as caught:
        claims.audiences({"aud": given})
    assert (caught.value.problem, caught.value.reason) == (NOT_PROVED, "token-audience")


ALL = {"subject": "sub", "name": "name", "email": "email", "groups": "groups"}
KNOWN = {"6f1c-ds": "data-science", "Tools & more": "tools"}
PROVIDER = as_issuer(ISSUER.entry(claims=ALL, groups=KNOWN))
PLAIN = as_issuer(ISSUER.entry())


def called(provider: Issuer = PROVIDER, **given: object) -> Caller:
    """The caller of a verified token with these claims and a subject."""
    held = {name: value for name, value in {"sub": SUBJECT, **given}.items() if value is not ABSENT}
    return claims.caller(provider, Proof.BEARER, VerifiedToken({}, held))


def test_a_caller_is_a_provider_s_name_and_a_subject() -> None:
    given = {"name": "Alice Ä.", "email": "alice@example.com", "groups": ["6f1c-ds", "others", "data-science"]}
    assert called(**given) == Caller(
        id=f"corp:{SUBJECT}",
        proof=Proof.BEARER,
        issuer=ISSUER.url,
        subject=SUBJECT,
        label="alice@example.com",
        groups=frozenset({"data-science"}),
        name="Alice Ä.",
        email="alice@example.com",
    )


def test_what_is_not_configured_is_not_read() -> None:
    bare = called(PLAIN, name="Alice", email="not one", groups="admins", hasgroups=True, email_verified=False)
    assert bare == Caller(f"corp:{SUBJECT}", Proof.BEARER, ISSUER.url, SUBJECT, SUBJECT, frozenset())


def test_claims_go_by_the_configured_names() -> None:
    names = {"subject": "oid", "name": "display", "email": "mail", "groups": "roles"}
    provider = as_issuer(ISSUER.entry(claims=names, groups=KNOWN))
    caller = called(provider, oid="o-1", display="A", mail="a@b.example", roles=["Tools & more"])
    assert (caller.id, caller.name, caller.email, caller.groups) == ("corp:o-1", "A", "a@b.example", {"tools"})


SUBJECTS = {
    "none": ABSENT,
    "null": None,
    "an empty text": "",
    "a number": 7,
    "true": True,
    "a list": [SUBJECT],
    "a blank in it": "alice bob",
    "a newline after it": "alice\n",
    "letters beyond ASCII": "älice",
    "a control in it": "alice\x7f",
    "256 characters": "a" * 256,
}


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
def test_without_a_subject_there_is_no_caller(subject: object) -> None:
    with pytest.raises(GateError) as caught:
        called(sub=subject)
    assert (caught.value.problem, caught.value.reason) == (NOT_PROVED, "token-subject")


@pytest.mark.parametrize("subject", ["a" * 255, "!", "auth0|7:x~", "A@b"])
def test_subjects_are_taken_as_they_are(subject: str) -> None:
    assert called(sub=subject).id == f"corp:{subject}"


NO_NAMES = {
    "none": ABSENT,
    "null": None,
    "an empty text": "",
    "a number": 7,
    "a list": ["Alice"],
    "a newline in it": "Alice\nBob",
    "a NUL in it": "Alice\0",
    "a turn of direction in it": "Alice\u202e",
    "129 characters": "x" * 129,
}


@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES.keys())
def test_a_name_that_cannot_be_shown_is_left_out(name: object) -> None:
    assert called(name=name).name is None
    assert called(name="x" * 128).name == "x" * 128


ADDRESSES = ["a@b.c", "o'neil+x@mail.example.com", "a.b.c@x-y.example", "a" * 64 + "@b.example", "A@B.EXAMPLE"]
LONGEST = "a" * 64 + "@" + ".".join(["b" * 63] * 2 + ["c" * 61])


@pytest.mark.parametrize("address", [*ADDRESSES, LONGEST])
def test_an_address_is_taken_as_it_is(address: str) -> None:
    caller = called(email=address)
    assert (caller.email, caller.label) == (address, address)


NO_ADDRESSES = {
    "an empty text": "",
    "a number": 7,
    "a list": ["alice@example.com"],
    "no at sign": "alice",
    "nothing before the at sign": "@example.com",
    "two addresses": "alice@example.com,bob@example.com",
    "two at signs": "alice@example.com@evil.example",
    "a name around it": "Alice <alice@example.com>",
    "a quoted part": '"alice"@example.com',
    "a host without a dot": "alice@localhost",
    "a literal host": "alice@[10.0.0.1]",
    "a dot at the end": "alice@example.com.",
    "a dot before the at sign": "alice.@example.com",
    "a dot at the beginning": ".alice@example.com",
    "two dots": "a..b@example.com",
    "a host that begins with a hyphen": "alice@-example.com",
    "a host that ends with a hyphen": "alice@example-.com",
    "an underscore in the host": "alice@ex_ample.com",
    "a blank after it": "alice@example.com ",
    "a newline after it": "alice@example.com\n",
    "letters beyond ASCII": "älice@example.com",
    "a host beyond ASCII": "alice@exämple.com",
    "65 characters before the at sign": "a" * 65 + "@example.com",
    "64 characters between two dots": "a@" + "b" * 64 + ".example",
    "255 characters": LONGEST + "c",
}


@pytest.mark.parametrize("address", NO_ADDRESSES.values(), ids=NO_ADDRESSES.keys())
def test_what_is_no_single_address_is_refused(address: object) -> None:
    with pytest.raises(GateError) as caught:
        called(email=address)
    assert (caught.value.problem, caught.value.reason) == (REFUSED, "email-not-an-address")


@pytest.mark.parametrize("verified", [False, "false", "True", None, 0, 1, "", []], ids=repr)
def test_an_address_that_is_not_verified_is_refused(verified: object) -> None:
    with pytest.raises(GateError) as caught:
        called(email="alice@example.com", email_verified=verified)
    assert (caught.value.problem, caught.value.reason) == (REFUSED, "email-not-verified")
    assert called(email_verified=verified).email is None
    assert called(email=None, email_verified=verified).email is None


@pytest.mark.parametrize("verified", [True, "true", ABSENT], ids=["true", "as text", "not said"])
def test_an_address_that_is_not_marked_as_unverified_counts(verified: object) -> None:
    assert called(email="alice@example.com", email_verified=verified).email == "alice@example.com"


OVERAGE: dict[str, tuple[dict[str, Any], str]] = {
    "the groups are elsewhere": ({"_claim_names": {"groups": "src1"}}, "group-overage"),
    "some of the groups are elsewhere": ({"groups": ["6f1c-ds"], "_claim_names": {"groups": "s"}}, "group-overage"),
    "there are groups": ({"hasgroups": True}, "group-overage"),
    "there are groups, as text": ({"hasgroups": "true"}, "group-overage"),
    "what is elsewhere cannot be told": ({"_claim_names": ["groups"]}, "group-overage"),
    "what is elsewhere is null": ({"_claim_names": None}, "group-overage"),
    "groups as one text": ({"groups": "6f1c-ds"}, "groups-not-a-list"),
    "groups that are null": ({"groups": None}, "groups-not-a-list"),
    "groups as an object": ({"groups": {"6f1c-ds": 1}}, "groups-not-a-list"),
    "a group that is a number": ({"groups": ["6f1c-ds", 7]}, "groups-not-a-list"),
    "a group that is a list": ({"groups": [["6f1c-ds"]]}, "groups-not-a-list"),
}


@pytest.mark.parametrize(("given", "reason"), OVERAGE.values(), ids=OVERAGE.keys())
def test_groups_that_nobody_knows_are_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(GateError) as caught:
        called(**given)
    assert (caught.value.problem, caught.value.reason) == (GROUPS_UNKNOWN, reason)


GROUPS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "none": ({}, set()),
    "an empty list": ({"groups": []}, set()),
    "several": ({"groups": ["6f1c-ds", "Tools & more"]}, {"data-science", "tools"}),
    "by the name that policies use": ({"groups": ["data-science", "tools"]}, set()),
    "in another case": ({"groups": ["6F1C-DS"]}, set()),
    "none elsewhere": ({"groups": ["6f1c-ds"], "hasgroups": False, "_claim_names": {}}, {"data-science"}),
    "something else elsewhere": ({"groups": ["6f1c-ds"], "_claim_names": {"photo": "src1"}}, {"data-science"}),
}


@pytest.mark.parametrize(("given", "expected"), GROUPS.values(), ids=GROUPS.keys())
def test_groups_are_those_of_the_configuration(given: dict[str, Any], expected: set[str]) -> None:
    assert called(**given).groups == expected
