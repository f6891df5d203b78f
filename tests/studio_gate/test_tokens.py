"""A token is read strictly: what two readers could read differently, and what brings its own rules, is no token."""

import json
from collections.abc import Callable

import pytest

from studio_gate.errors import GateError, Problem
from studio_gate.identity import tokens
from studio_gate.identity.keys import Key, read_key_set
from tests.studio_gate.tokens_made import ABSENT, ALGORITHMS, ISSUER, STRANGER, SUBJECT, as_json, segment

HEADER, CLAIMS, SIGNATURE = ISSUER.token().split(".")
type Made = Callable[[], str]


def key(algorithm: str = "ES256", of: str | None = None) -> Key:
    """The public key for an algorithm, as a gate reads it."""
    return read_key_set((of or ISSUER.key_set(algorithm)).encode(), [algorithm])[algorithm]  # type: ignore[list-item]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_of_each_algorithm_is_read_and_verified(algorithm: str) -> None:
    unverified = tokens.read(ISSUER.token(algorithm=algorithm))
    assert (unverified.algorithm, unverified.key_id) == (algorithm, algorithm)
    verified = tokens.verify(unverified, key(algorithm))
    assert (verified.header["kid"], verified.claims["sub"]) == (algorithm, SUBJECT)


def test_the_signature_is_over_the_segments_as_they_were_received() -> None:
    given = ISSUER.alb_assertion({"sub": "ab"})
    header, claims, _ = given.split(".")
    unverified = tokens.read(given, padded=True)
    assert header.endswith("=") or claims.endswith("=")
    assert unverified.signing_input.decode() == f"{header}.{claims}"
    assert tokens.verify(unverified, key()).claims["sub"] == "ab"


def test_padding_may_be_left_out_where_it_may_be_given() -> None:
    assert tokens.verify(tokens.read(ISSUER.token(), padded=True), key()).claims["sub"] == SUBJECT


def of_length(length: int) -> str:
    """A token of so many characters."""
    for filler in ("", "x", "xx"):
        begun = ISSUER.token({"filler": filler}).rpartition(".")[0] + "."
        if (missing := length - len(begun)) % 4 != 1:
            return begun + "A" * missing
    raise AssertionError(length)


GOOD: dict[str, Made] = {
    "the longest token": lambda: of_length(8192),
    "the longest key id": lambda: ISSUER.token(header={"kid": "k" * 256}),
    "a key id of one character": lambda: ISSUER.token(header={"kid": "k"}),
    "header members that nobody knows": lambda: ISSUER.token(header={"x5t": "abc", "cty": "JWT"}),
    "numbers with a fraction": lambda: ISSUER.token({"iat": 1.5}),
    "members of one name in different objects": lambda: ISSUER.token({"a": {"sub": "b"}}),
    "text beyond ASCII": lambda: ISSUER.signed(as_json({"alg": "ES256", "kid": "k"}), '{"name": "Zoë"}'.encode()),
}


@pytest.mark.parametrize("made", GOOD.values(), ids=GOOD.keys())
def test_read(made: Made) -> None:
    assert tokens.read(made()).algorithm == "ES256"


def with_header(raw: bytes) -> Made:
    return lambda: ISSUER.signed(raw, b"{}")


def with_claims(raw: bytes) -> Made:
    return lambda: ISSUER.signed(as_json({"alg": "ES256", "kid": "ES256"}), raw)


def with_member(name: str, value: object) -> Made:
    return lambda: ISSUER.token(header={name: value})


# With six bits of the last character of which four count, the other two must be zero.
LOOSE = segment(b'{"a":1}')[:-1] + "R"
REFUSED: dict[str, tuple[Made, str]] = {
    "nothing": (lambda: "", "token-form"),
    "one segment": (lambda: HEADER, "token-form"),
    "two segments": (lambda: f"{HEADER}.{CLAIMS}", "token-form"),
    "four segments": (lambda: f"{HEADER}.{CLAIMS}.{SIGNATURE}.{SIGNATURE}", "token-form"),
    "five segments, as of an encrypted token": (lambda: ".".join([HEADER] * 5), "token-form"),
    "no signature": (lambda: f"{HEADER}.{CLAIMS}.", "token-form"),
    "no claims": (lambda: f"{HEADER}..{SIGNATURE}", "token-form"),
    "no header": (lambda: f".{CLAIMS}.{SIGNATURE}", "token-form"),
    "a blank before it": (lambda: f" {HEADER}.{CLAIMS}.{SIGNATURE}", "token-form"),
    "a newline after it": (lambda: f"{HEADER}.{CLAIMS}.{SIGNATURE}\n", "token-form"),
    "a newline in it": (lambda: f"{HEADER}.{CLAIMS[:8]}\n{CLAIMS[8:]}.{SIGNATURE}", "token-form"),
    "the other alphabet of base64": (lambda: f"{HEADER}.{CLAIMS}.+/{SIGNATURE}", "token-form"),
    "letters beyond ASCII": (lambda: f"{HEADER}.{CLAIMS}.{SIGNATURE}\u0660", "token-form"),
    "JSON serialisation": (lambda: json.dumps({"protected": HEADER}), "token-form"),
    "padding": (lambda: ISSUER.alb_assertion({"sub": "ab"}), "token-form"),
    "one character too many": (lambda: of_length(8194)[:8193], "token-form"),
    "a header of an impossible length": (lambda: f"{HEADER[:5]}.{CLAIMS}.{SIGNATURE}", "token-base64"),
    "claims of an impossible length": (lambda: f"{HEADER}.{CLAIMS[:5]}.{SIGNATURE}", "token-base64"),
    "a signature of an impossible length": (lambda: f"{HEADER}.{CLAIMS}.{SIGNATURE[:5]}", "token-base64"),
    "a header with loose bits": (lambda: f"{LOOSE}.{CLAIMS}.{SIGNATURE}", "token-base64"),
    "claims with loose bits": (lambda: f"{HEADER}.{LOOSE}.{SIGNATURE}", "token-base64"),
    "a signature with loose bits": (lambda: f"{HEADER}.{CLAIMS}.{SIGNATURE[:-1]}_", "token-base64"),
    "a header that is no JSON": (with_header(b"alg: ES256"), "token-json"),
    "a header that is a list": (with_header(b"[]"), "token-json"),
    "a header with a member twice": (with_header(b'{"alg": "none", "kid": "k", "alg": "ES256"}'), "token-json"),
    "claims that are no JSON": (with_claims(b"<saml/>"), "token-json"),
    "claims that are a text": (with_claims(b'"alice"'), "token-json"),
    "claims that are null": (with_claims(b"null"), "token-json"),
    "claims with more behind them": (with_claims(b'{"sub": "a"} {"sub": "b"}'), "token-json"),
    "claims with a member twice": (with_claims(b'{"sub": "alice", "sub": "bob"}'), "token-json"),
    "claims with a member twice further down": (with_claims(b'{"a": [{"b": 1, "b": 2}]}'), "token-json"),
    "claims with a member twice, once escaped": (with_claims(b'{"sub": "a", "\\u0073ub": "b"}'), "token-json"),
    "claims in Latin-1": (with_claims('{"name": "Zoë"}'.encode("latin-1")), "token-json"),
    "claims in UTF-16": (with_claims('{"sub": "a"}'.encode("utf-16")), "token-json"),
    "claims with a byte-order mark": (with_claims(b'\xef\xbb\xbf{"sub": "a"}'), "token-json"),
    "claims with a number that is none": (with_claims(b'{"exp": NaN}'), "token-json"),
    "claims without end": (with_claims(b'{"exp": Infinity}'), "token-json"),
    "claims without beginning": (with_claims(b'{"nbf": -Infinity}'), "token-json"),
    "claims with a number too large for a float": (with_claims(b'{"exp": 1e999}'), "token-json"),
    "claims with a number of very many digits": (with_claims(b'{"exp": ' + b"9" * 5000 + b"}"), "token-json"),
    "the URL of a key set": (with_member("jku", "https://login.evil.example/keys"), "token-header"),
    "a key": (with_member("jwk", {"kty": "EC"}), "token-header"),
    "the URL of a certificate": (with_member("x5u", "https://login.evil.example/x5u"), "token-header"),
    "a certificate": (with_member("x5c", ["MII="]), "token-header"),
    "rules that must be understood": (with_member("crit", ["exp"]), "token-header"),
    "an empty list of rules": (with_member("crit", []), "token-header"),
    "claims that are not encoded": (with_member("b64", value=False), "token-header"),
    "compression": (with_member("zip", "DEF"), "token-header"),
    "a refused member that is null": (with_member("jwk", None), "token-header"),
    "no algorithm": (with_member("alg", ABSENT), "token-header"),
    "an algorithm that is a list": (with_member("alg", ["ES256"]), "token-header"),
    "no key id": (with_member("kid", ABSENT), "token-header"),
    "an empty key id": (with_member("kid", ""), "token-header"),
    "a key id that is a number": (with_member("kid", 1), "token-header"),
    "a key id of 257 characters": (with_member("kid", "k" * 257), "token-header"),
}


@pytest.mark.parametrize(("made", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(made: Made, reason: str) -> None:
    with pytest.raises(GateError) as caught:
        tokens.read(made())
    assert (caught.value.problem, caught.value.reason) == (Problem.NOT_PROVED, reason)


# b"a" is YQ==.
MISPADDED = {
    "too little padding": ("YQ=", "token-base64"),
    "padding where none is due": ("YWFh=", "token-base64"),
    "too much padding": ("YQ===", "token-form"),
    "padding alone": ("==", "token-form"),
    "padding in the middle": ("YQ==YQ==", "token-form"),
}


@pytest.mark.parametrize("place", [0, 1, 2], ids=["header", "claims", "signature"])
@pytest.mark.parametrize(("text", "reason"), MISPADDED.values(), ids=MISPADDED.keys())
def test_padding_is_the_right_one_or_none(text: str, reason: str, place: int) -> None:
    parts = [HEADER, CLAIMS, SIGNATURE]
    parts[place] = text
    with pytest.raises(GateError) as caught:
        tokens.read(".".join(parts), padded=True)
    assert (caught.value.problem, caught.value.reason) == (Problem.NOT_PROVED, reason)


def mixed(header: str = HEADER, claims: str = CLAIMS, signature: str = SIGNATURE) -> str:
    return f"{header}.{claims}.{signature}"


UNVERIFIED: dict[str, tuple[Made, str]] = {
    "no algorithm at all": (with_member("alg", "none"), "token-algorithm"),
    "an algorithm of shared secrets": (with_member("alg", "HS256"), "token-algorithm"),
    "another algorithm than the key's": (with_member("alg", "RS256"), "token-algorithm"),
    "the algorithm in small letters": (with_member("alg", "es256"), "token-algorithm"),
    "a signature of somebody else": (STRANGER.token, "token-signature"),
    "a signature of other claims": (
        lambda: mixed(claims=ISSUER.token({"sub": "bob"}).split(".")[1]),
        "token-signature",
    ),
    "a signature of another header": (
        lambda: mixed(header=ISSUER.token(header={"typ": "JWT"}).split(".")[0]),
        "token-signature",
    ),
    "a signature that is cut": (lambda: mixed(signature=segment(b"\1" * 63)), "token-signature"),
    "a signature that is longer": (lambda: mixed(signature=SIGNATURE[:-2] + "AAAA"), "token-signature"),
    "a signature of zeros": (lambda: mixed(signature=segment(bytes(64))), "token-signature"),
}


@pytest.mark.parametrize(("made", "reason"), UNVERIFIED.values(), ids=UNVERIFIED.keys())
def test_not_verified(made: Made, reason: str) -> None:
    unverified = tokens.read(made())
    with pytest.raises(GateError) as caught:
        tokens.verify(unverified, key())
    assert (caught.value.problem, caught.value.reason) == (Problem.NOT_PROVED, reason)


def test_what_a_token_says_is_in_no_traceback() -> None:
    unverified = tokens.read(ISSUER.token())
    shown = repr(unverified) + repr(tokens.verify(unverified, key()))
    assert SUBJECT not in shown
    assert "at+jwt" not in shown
    assert repr(unverified.signature) not in shown
    assert CLAIMS not in shown
