"""From a claim to a profile's name: what each way makes of a value, and what it does not take."""

import hashlib
import tomllib
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from studio_gate.errors import GateError, Problem
from studio_gate.profile_names import Digest, EmailDotsToHyphens, EmailLocalPart, Exact, Naming, Transformation

READ: TypeAdapter[Exact | EmailLocalPart | EmailDotsToHyphens | Digest] = TypeAdapter(Transformation)
EXACT = 'transform = "exact"'
LOCAL = 'transform = "email-local-part"\ndomain = "corp.example"'
DOTS = 'transform = "email-dots-to-hyphens"\ndomain = "corp.example"'
DIGEST = 'transform = "digest"'
FOLDED = "\nlower_case = true"


def name_of(toml: str, value: str) -> str:
    return READ.validate_python(tomllib.loads(toml)).name_of(value)


NAMES = {
    "the value itself": (EXACT, "alice", "alice"),
    "a value with hyphens": (EXACT, "a--b-c", "a--b-c"),
    "a value of digits": (EXACT, "00042", "00042"),
    "a value of 63 characters": (EXACT, "a" * 63, "a" * 63),
    "a value folded": (EXACT + FOLDED, "Alice", "alice"),
    "what stands before the at sign": (LOCAL, "alice@corp.example", "alice"),
    "a hyphen before the at sign": (LOCAL, "alice-smith@corp.example", "alice-smith"),
    "a domain in another case": (LOCAL, "alice@Corp.EXAMPLE", "alice"),
    "63 characters before the at sign": (LOCAL, "a" * 63 + "@corp.example", "a" * 63),
    "an address folded": (LOCAL + FOLDED, "Alice@Corp.example", "alice"),
    "dots to hyphens": (DOTS, "alice.b.smith@corp.example", "alice-b-smith"),
    "no dot at all": (DOTS, "alice@corp.example", "alice"),
    "a domain of dots in another case": (DOTS, "alice.smith@CORP.example", "alice-smith"),
    "dots folded": (DOTS + FOLDED, "Alice.Smith@corp.example", "alice-smith"),
    "a digest": (DIGEST, "auth0|64f", "u-" + hashlib.sha256(b"auth0|64f").hexdigest()[:40]),
    "a digest that is always the same": (DIGEST, "abc", "u-ba7816bf8f01cfea414140de5dae2223b00361a3"),
    "a digest of another case": (DIGEST, "ABC", "u-b5d4045c3f466fa91fe2cc6abe79232a1a57cdf1"),
    "a digest folded": (DIGEST + FOLDED, "ABC", "u-ba7816bf8f01cfea414140de5dae2223b00361a3"),
    "a digest of an address": (DIGEST, "a+b@c", "u-" + hashlib.sha256(b"a+b@c").hexdigest()[:40]),
}


@pytest.mark.parametrize(("toml", "value", "name"), NAMES.values(), ids=NAMES.keys())
def test_name(toml: str, value: str, name: str) -> None:
    assert name_of(toml, value) == name


NO_NAME, CASE, ASCII, ELSEWHERE = "not-a-profile-name", "not-lower-case", "not-ascii", "of-another-domain"
WORDS, SUBJECT = "not-words-joined-by-dots", "not-a-subject"
REFUSED = {
    "no value": (EXACT, "", NO_NAME),
    "an address": (EXACT, "alice@corp.example", NO_NAME),
    "a dot": (EXACT, "alice.smith", NO_NAME),
    "an underscore": (EXACT, "alice_smith", NO_NAME),
    "a hyphen first": (EXACT, "-alice", NO_NAME),
    "a hyphen last": (EXACT, "alice-", NO_NAME),
    "a blank": (EXACT, " alice", NO_NAME),
    "a newline last": (EXACT, "alice\n", NO_NAME),
    "a NUL": (EXACT, "alice\0", NO_NAME),
    "a value of 64 characters": (EXACT, "a" * 64, NO_NAME),
    "a value that is long by hyphens": (EXACT, "a" + "-" * 62 + "b", NO_NAME),
    "a capital": (EXACT, "Alice", CASE),
    "a letter outside of ASCII": (EXACT, "\u0430lice", ASCII),
    "a full-width letter": (EXACT, "\uff41lice", ASCII),
    "a Kelvin sign, whose lower case is a k": (EXACT + FOLDED, "\u212aim", ASCII),
    "a dotted capital I": (EXACT + FOLDED, "\u0130ris", ASCII),
    "a soft hyphen": (EXACT, "ali\xadce", ASCII),
    "an address of another domain": (LOCAL, "alice@evil.example", ELSEWHERE),
    "an address of a domain below": (LOCAL, "alice@sub.corp.example", ELSEWHERE),
    "an address of a domain that ends alike": (LOCAL, "alice@evilcorp.example", ELSEWHERE),
    "an address of a domain that begins alike": (LOCAL, "alice@corp.example.evil", ELSEWHERE),
    "a domain with a dot last": (LOCAL, "alice@corp.example.", ELSEWHERE),
    "a domain with a newline last": (LOCAL, "alice@corp.example\n", ELSEWHERE),
    "two at signs": (LOCAL, "alice@evil.example@corp.example", ELSEWHERE),
    "two at signs, the domain first": (LOCAL, "alice@corp.example@evil.example", ELSEWHERE),
    "a quoted at sign": (LOCAL, '"alice@evil.example"@corp.example', ELSEWHERE),
    "no at sign": (LOCAL, "alice", ELSEWHERE),
    "a domain alone": (LOCAL, "corp.example", ELSEWHERE),
    "nothing before the at sign": (LOCAL, "@corp.example", NO_NAME),
    "a tag": (LOCAL, "alice+test@corp.example", NO_NAME),
    "a dot before the at sign": (LOCAL, "alice.smith@corp.example", NO_NAME),
    "a name for people": (LOCAL, "Alice <alice@corp.example>", ELSEWHERE),
    "a comment": (LOCAL, "alice(x)@corp.example", NO_NAME),
    "a capital before the at sign": (LOCAL, "Alice@corp.example", CASE),
    "a domain that looks alike": (LOCAL, "alice@\u0441orp.example", ASCII),
    "a full-width at sign": (LOCAL, "alice\uff20corp.example", ASCII),
    "64 characters before the at sign": (LOCAL, "a" * 64 + "@corp.example", NO_NAME),
    "a hyphen that was no dot": (DOTS, "alice-smith@corp.example", WORDS),
    "a tag between dots": (DOTS, "alice.smith+x@corp.example", WORDS),
    "two dots": (DOTS, "alice..smith@corp.example", WORDS),
    "a dot first": (DOTS, ".alice@corp.example", WORDS),
    "a dot last": (DOTS, "alice.@corp.example", WORDS),
    "nothing for dots": (DOTS, "@corp.example", WORDS),
    "a capital between dots": (DOTS, "alice.Smith@corp.example", CASE),
    "dots in another domain": (DOTS, "alice.smith@evil.example", ELSEWHERE),
    "64 characters with dots": (DOTS, "a." * 32 + "@corp.example", WORDS),
    "no subject": (DIGEST, "", SUBJECT),
    "a subject with a blank": (DIGEST, "a b", SUBJECT),
    "a subject with a newline last": (DIGEST, "abc\n", SUBJECT),
    "a subject that is too long": (DIGEST, "a" * 256, SUBJECT),
    "a subject outside of ASCII": (DIGEST, "\u212a", ASCII),
}


@pytest.mark.parametrize(("toml", "value", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(toml: str, value: str, reason: str) -> None:
    with pytest.raises(GateError) as caught:
        name_of(toml, value)
    assert (caught.value.problem, caught.value.reason) == (Problem.REFUSED, f"claim-{reason}")


WRONG: dict[str, dict[str, Any]] = {
    "no way": {},
    "an unknown way": {"transform": "email"},
    "an address without a domain": {"transform": "email-local-part"},
    "a domain that nothing reads": {"transform": "exact", "domain": "corp.example"},
    "a domain in capitals": {"transform": "email-local-part", "domain": "Corp.example"},
    "a domain with a wildcard": {"transform": "email-local-part", "domain": "*.example"},
    "a domain with its at sign": {"transform": "email-local-part", "domain": "@corp.example"},
    "a domain of one label": {"transform": "email-local-part", "domain": "corp"},
    "no domain": {"transform": "email-dots-to-hyphens", "domain": ""},
    "a domain with a newline": {"transform": "email-dots-to-hyphens", "domain": "corp.example\n"},
    "a domain that is too long": {"transform": "email-dots-to-hyphens", "domain": "a." * 126 + "ab"},
    "a word for the case": {"transform": "exact", "lower_case": "true"},
    "something unknown": {"transform": "digest", "digits": 8},
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG.keys())
def test_not_configured(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(given)


class Source(BaseModel):
    """What the configuration says besides."""

    providers: tuple[str, ...]
    claim: str


class ExactFrom(Source, Exact):
    """A way with fields of its own."""


class LocalPartFrom(Source, EmailLocalPart):
    """Another."""


class Holder(BaseModel):
    """What one of them stands in."""

    profile_from: Annotated[ExactFrom | LocalPartFrom, Field(discriminator="transform")]


def test_a_table_of_the_configuration_may_hold_one_with_fields_of_its_own() -> None:
    table = '{"providers": ["web"], "claim": "email", "transform": "email-local-part", "domain": "corp.example"}'
    held = Holder.model_validate_json(f'{{"profile_from": {table}}}').profile_from
    assert isinstance(held, Naming)
    assert (held.providers, held.claim, held.name_of("alice@corp.example")) == (("web",), "email", "alice")
