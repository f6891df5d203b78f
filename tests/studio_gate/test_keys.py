"""Which public keys may verify at all, and for which algorithm, is decided once, when they are read."""

import base64
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError

from studio_gate.identity.keys import Key, read_key_set, read_pem
from studio_gate.providers import Algorithm
from tests.studio_gate.tokens_made import ABSENT, ALGORITHMS, ISSUER, Changes, segment

type Made = Callable[[], dict[str, Any]]
EVERY: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "Ed25519")
TEXT = "signed"


def read(*entries: object, algorithms: Sequence[Algorithm] = EVERY) -> dict[str, Key]:
    return read_key_set(json.dumps({"keys": entries}).encode(), algorithms)


def number(value: int) -> str:
    """A base64urlUInt."""
    return segment(value.to_bytes((value.bit_length() + 7) // 8))


def rsa_key(modulus: int = 2**2047 + 1, exponent: int = 65537) -> dict[str, Any]:
    """An RSA key of that modulus; nobody knows its factors, and nobody needs them."""
    return ISSUER.jwk("RS256", {"n": number(modulus), "e": number(exponent)})


@pytest.mark.parametrize("algorithm", EVERY)
def test_a_key_verifies_what_it_signed_and_nothing_else(algorithm: Algorithm) -> None:
    keys = read(*map(ISSUER.jwk, ALGORITHMS))
    signature = ISSUER.signature(TEXT, algorithm)
    assert [name for name, key in keys.items() if key.verifies(TEXT.encode(), signature)] == [algorithm]
    assert not keys[algorithm].verifies(b"other", signature)
    assert algorithm in keys[algorithm].algorithms


def test_a_key_is_shown_by_its_algorithm_alone() -> None:
    assert repr(read(ISSUER.jwk())["ES256"]) == "Key(algorithms=frozenset({'ES256'}))"


def test_ed25519_goes_by_two_names_and_the_others_by_one() -> None:
    names = {name: key.algorithms for name, key in read(*map(ISSUER.jwk, ALGORITHMS)).items()}
    assert names.pop("Ed25519") == {"Ed25519", "EdDSA"}
    assert names == {name: {name} for name in ("RS256", "PS256", "ES256")}


JOE = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
# RFC 7515, appendix A.3, and RFC 8037, appendix A.4.
PUBLISHED = {
    "ES256": (
        {
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        JOE,
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
    "Ed25519": (
        {"crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ),
}


@pytest.mark.parametrize("algorithm", PUBLISHED)
def test_published_signatures_are_verified(algorithm: str) -> None:
    members, signing_input, signature = PUBLISHED[algorithm]
    key = read(ISSUER.jwk(algorithm, members))[algorithm]
    raw = base64.urlsafe_b64decode(signature + "==")
    assert key.verifies(signing_input.encode(), raw)
    assert not key.verifies(signing_input.encode(), bytes([raw[0] ^ 1]) + raw[1:])


def changed(algorithm: str, changes: Changes) -> Made:
    return lambda: ISSUER.jwk(algorithm, changes)


GOOD: dict[str, tuple[Made, tuple[Algorithm, ...], str]] = {
    "a curve's key without an algorithm": (changed("ES256", {"alg": ABSENT}), EVERY, "ES256"),
    "Ed25519 by its older name": (changed("Ed25519", {"alg": "EdDSA"}), EVERY, "Ed25519"),
    "an RSA key for the one algorithm that counts": (changed("RS256", {"alg": ABSENT}), ("PS256", "ES256"), "PS256"),
    "an RSA key with a curve": (changed("RS256", {"crv": "P-256"}), EVERY, "RS256"),
    "a key without a use": (changed("ES256", {"use": ABSENT}), EVERY, "ES256"),
    "a key for verifying": (changed("ES256", {"key_ops": ["verify"]}), EVERY, "ES256"),
    "a key for verifying and more": (changed("ES256", {"key_ops": ["encrypt", "verify"]}), EVERY, "ES256"),
    "a key with its certificate": (changed("ES256", {"x5c": ["MII="], "x5t": "abc"}), EVERY, "ES256"),
    "the longest key id": (changed("ES256", {"kid": "k" * 256}), EVERY, "ES256"),
    "the shortest RSA key": (lambda: rsa_key(2**2047 + 1), EVERY, "RS256"),
    "the longest RSA key": (lambda: rsa_key(2**8192 - 1), EVERY, "RS256"),
    "the greatest RSA exponent": (lambda: rsa_key(exponent=2**32 - 1), EVERY, "RS256"),
}


@pytest.mark.parametrize(("made", "algorithms", "expected"), GOOD.values(), ids=GOOD.keys())
def test_read(made: Made, algorithms: tuple[Algorithm, ...], expected: str) -> None:
    ((key_id, key),) = read(made(), algorithms=algorithms).items()
    assert (key_id, expected in key.algorithms) == (made()["kid"], True)


OTHERS: dict[str, Made] = {
    "a key of another kind": changed("ES256", {"kty": "ML-DSA"}),
    "a key without a kind": changed("ES256", {"kty": ABSENT}),
    "a key on another curve": changed("ES256", {"crv": "P-384"}),
    "a key without a curve": changed("ES256", {"crv": ABSENT}),
    "a curve of another kind": changed("ES256", {"kty": "OKP"}),
    "a key for key agreement": changed("Ed25519", {"crv": "X25519", "alg": ABSENT}),
    "a key without an id": changed("ES256", {"kid": ABSENT}),
    "an empty key id": changed("ES256", {"kid": ""}),
    "a key id that is a number": changed("ES256", {"kid": 7}),
    "a key id of 257 characters": changed("ES256", {"kid": "k" * 257}),
    "a key for encryption": changed("ES256", {"use": "enc"}),
    "a use that is null": changed("ES256", {"use": None}),
    "a key for signing alone": changed("ES256", {"key_ops": ["sign"]}),
    "operations as a text": changed("ES256", {"key_ops": "verify"}),
    "an algorithm that is not accepted": changed("RS256", {"alg": "PS256"}),
    "an algorithm that nobody accepts": changed("RS256", {"alg": "RS512"}),
    "an algorithm of another kind of key": changed("ES256", {"alg": "Ed25519"}),
    "the algorithm in small letters": changed("ES256", {"alg": "es256"}),
    "algorithms as a list": changed("ES256", {"alg": ["ES256"]}),
}


@pytest.mark.parametrize("made", OTHERS.values(), ids=OTHERS.keys())
def test_a_key_for_something_else_is_passed_over(made: Made) -> None:
    accepted: tuple[Algorithm, ...] = ("RS256", "ES256", "Ed25519")
    good = ISSUER.jwk("Ed25519", {"kid": "good"})
    assert list(read(made(), good, algorithms=accepted)) == ["good"]
    with pytest.raises(ValueError, match=r"^no key is for RS256 or ES256 or Ed25519$"):
        read(made(), algorithms=accepted)


FORBIDDEN, WEAK = "a key is symmetric or private", "a key is weak or broken"
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a private key": (ISSUER.private_jwk, FORBIDDEN),
    "a private key for something else": (lambda: ISSUER.private_jwk() | {"use": "enc"}, FORBIDDEN),
    "a symmetric key": (lambda: {"kty": "oct", "kid": "k", "k": "c2VjcmV0"}, FORBIDDEN),
    "a symmetric key without its value": (lambda: {"kty": "oct", "kid": "k"}, FORBIDDEN),
    "a secret in another key": (changed("RS256", {"k": "c2VjcmV0"}), FORBIDDEN),
    "a key that is a text": (lambda: "MII=", "a key is not an object"),
    "an id given twice": (ISSUER.jwk, "two keys have one kid"),
    "an id given twice, once for something else": (changed("RS256", {"kid": "ES256", "use": "enc"}), "two keys have"),
    "an RSA key without an algorithm": (changed("RS256", {"alg": ABSENT}), "could be for several of the algorithms"),
    "a key without a coordinate": (changed("ES256", {"kid": "k", "y": ABSENT}), WEAK),
    "a coordinate that is a number": (changed("ES256", {"kid": "k", "y": 7}), WEAK),
    "a point that is not on its curve": (changed("ES256", {"kid": "k", "y": number(5)}), WEAK),
    "a coordinate in odd base64": (changed("ES256", {"kid": "k", "x": "!"}), WEAK),
    "an Ed25519 key that is too short": (changed("Ed25519", {"x": segment(bytes(31))}), WEAK),
    "an RSA key of 2047 bits": (lambda: rsa_key(2**2046 + 1), WEAK),
    "an RSA key of 8193 bits": (lambda: rsa_key(2**8192 + 1), WEAK),
    "an even RSA modulus": (lambda: rsa_key(2**2047), WEAK),
    "an RSA exponent of 3": (lambda: rsa_key(exponent=3), WEAK),
    "an RSA exponent just too small": (lambda: rsa_key(exponent=2**16 - 1), WEAK),
    "an RSA exponent of 2 to the 16th": (lambda: rsa_key(exponent=2**16), WEAK),
    "an RSA exponent that is even": (lambda: rsa_key(exponent=2**16 + 2), WEAK),
    "an RSA exponent of 33 bits": (lambda: rsa_key(exponent=2**32 + 1), WEAK),
    "an RSA modulus that is no base64": (changed("RS256", {"n": "A"}), WEAK),
    "an RSA key without an exponent": (changed("RS256", {"e": ABSENT}), WEAK),
}


@pytest.mark.parametrize(("made", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_one_key_that_should_not_be_there_spoils_the_set(made: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read(ISSUER.jwk(), made())


NO_SETS: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"<html>", "Expecting value"),
    "a list": (b"[]", "is not an object"),
    "no keys": (b"{}", "keys must be a list"),
    "keys that are an object": (b'{"keys": {}}', "keys must be a list"),
    "an empty list": (b'{"keys": []}', "no key is for RS256 or PS256 or ES256 or Ed25519"),
    "nothing but brackets": (b'{"keys": ' + b"[" * 100_000, "is nested too deeply"),
    "keys given twice": (b'{"keys": [], "keys": []}', "given twice"),
}


@pytest.mark.parametrize(("raw", "message"), NO_SETS.values(), ids=NO_SETS.keys())
def test_what_is_no_key_set(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_key_set(raw, EVERY)


def test_a_set_has_at_most_a_hundred_keys() -> None:
    many = [ISSUER.jwk("ES256", {"kid": f"k{number}"}) for number in range(100)]
    assert len(read(*many)) == 100
    with pytest.raises(ValueError, match="at most 100"):
        read(*many, ISSUER.jwk())


def test_a_key_in_pem_verifies_for_es256() -> None:
    key = read_pem(ISSUER.pem().encode())
    assert key.algorithms == {"ES256"}
    assert key.verifies(TEXT.encode(), ISSUER.signature(TEXT))
    assert not key.verifies(b"other", ISSUER.signature(TEXT))


def pem(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey | dsa.DSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unheard_of(old: str, new: str) -> bytes:
    """The PEM after the change of an object identifier, in hex."""
    raw = base64.b64decode("".join(ISSUER.pem().splitlines()[1:-1])).replace(bytes.fromhex(old), bytes.fromhex(new))
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(raw) + b"-----END PUBLIC KEY-----\n"


NOT_PEM: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is no public key in PEM"),
    "a page": (lambda: b"<Error><Code>AccessDenied</Code></Error>", "is no public key in PEM"),
    "a key set": (lambda: ISSUER.key_set().encode(), "is no public key in PEM"),
    "a beginning alone": (lambda: b"-----BEGIN PUBLIC KEY-----\n", "is no P-256 key"),
    "a key on a curve that JOSE has": (
        lambda: pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
        "is no P-256 key",
    ),
    "a key on a curve that JOSE does not have": (
        lambda: pem(ec.generate_private_key(ec.BrainpoolP256R1()).public_key()),
        "is no P-256 key",
    ),
    "a curve that nobody knows": (lambda: unheard_of("2a8648ce3d030107", "2a8648ce3d030177"), "is no P-256 key"),
    "a kind that nobody knows": (lambda: unheard_of("2a8648ce3d0201", "2a8648ce3d0209"), "is no P-256 key"),
    "an Ed25519 key": (lambda: pem(ed25519.Ed25519PrivateKey.generate().public_key()), "is no P-256 key"),
    "an RSA key": (lambda: pem(rsa.generate_private_key(65537, 2048).public_key()), "is no P-256 key"),
}


@pytest.mark.parametrize(("made", "message"), NOT_PEM.values(), ids=NOT_PEM.keys())
def test_what_is_no_key_of_a_load_balancer(made: Callable[[], bytes], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        read_pem(made())


@pytest.mark.parametrize("failure", [JoseError, ValueError])
def test_a_library_that_fails_has_verified_nothing(failure: type[Exception]) -> None:
    def fail(*_: bytes) -> bool:
        raise failure

    assert not Key(frozenset({"ES256"}), fail).verifies(b"input", b"signature")
