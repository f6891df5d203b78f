"""Signatures that are almost one: after the classes of the public vectors for invalid signatures, made anew."""

import json
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.conftest import Send
from tests.hostile import forge, paddings
from tests.hostile.forge import b64, claims_of, compact, header_of, token, unb64

BAD = "token-signature"
KINDS = ("rs", "ps", "es", "ed")
# The order of P-256 and its field (FIPS 186-4, D.1.2.3), and the order of Ed25519's group (RFC 8032, section 5.1).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
L = 2**252 + 27742317777372353535851937790883648493


def refused(send: Send, text: str, *reasons: str) -> None:
    """Present a bearer token: 401 for one of the reasons, if any are given; nobody is known, nothing is minted."""
    reply = send(forge.bearing(text))
    assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ()), text
    assert not reasons or reply.audit["reason"] in reasons


def unsigned(name: str) -> str:
    """What a key signs: header and claims of Alice's token."""
    return token(by=name).rpartition(".")[0]


def with_signature(name: str, make: Callable[[bytes], bytes]) -> str:
    """Alice's token with a signature made of what it should sign."""
    text = unsigned(name)
    return f"{text}.{b64(make(text.encode()))}"


def altered(text: str) -> Iterator[str]:
    """The token with each byte of each of its parts altered, by turns in its lowest and in its highest bit."""
    parts = [unb64(part) for part in text.split(".")]
    for place, part in enumerate(parts):
        for at in range(len(part)):
            other = part[:at] + bytes([part[at] ^ (0x80 if at % 2 else 0x01)]) + part[at + 1 :]
            yield ".".join(b64(one) for one in (*parts[:place], other, *parts[place + 1 :]))


@pytest.mark.parametrize("name", KINDS)
def test_no_byte_of_a_token_may_be_another(present: Send, name: str) -> None:
    text = token(by=name)
    assert present(forge.bearing(text)).status == 200
    for other in altered(text):
        refused(present, other)


LENGTHS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "one zero": lambda _: b"\0",
    "all zeros": lambda right: bytes(len(right)),
    "all ones": lambda right: b"\xff" * len(right),
    "without its first byte": lambda right: right[1:],
    "without its last byte": lambda right: right[:-1],
    "half of it": lambda right: right[: len(right) // 2],
    "with a zero before": lambda right: b"\0" + right,
    "with a zero after": lambda right: right + b"\0",
    "twice": lambda right: right + right,
    "turned around": lambda right: right[::-1],
    "inverted": lambda right: bytes(one ^ 0xFF for one in right),
    "as base64url": lambda right: b64(right).encode(),
    "as hexadecimal": lambda right: right.hex().encode(),
}


@pytest.mark.parametrize("change", LENGTHS.values(), ids=LENGTHS.keys())
def test_a_signature_of_another_length_is_refused(present: Send, change: Callable[[bytes], bytes]) -> None:
    for name in KINDS:
        refused(
            present, with_signature(name, lambda text, name=name: change(forge.sign(name, text))), BAD, "token-form"
        )


STRANGERS = {"rs": "stranger-rs", "ps": "stranger-ps", "es": "stranger", "ed": "stranger-ed"}


@pytest.mark.parametrize("name", KINDS)
def test_a_stranger_s_key_signs_for_nobody(present: Send, name: str) -> None:
    """With the stranger's key id, with the issuer's, and with the stranger's key brought along."""
    stranger = STRANGERS[name]
    refused(present, token(by=stranger))
    refused(present, token(by=stranger, header={"kid": name}))
    refused(present, token(by=stranger, header={"kid": name, "jwk": forge.public(stranger)}))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_an_algorithm_is_its_key_s_own(present: Send, name: str, other: str) -> None:
    """A token signed by one key of the issuer that names another of its keys or another's algorithm."""
    mixed = [{"kid": other}, {"alg": forge.ALGORITHMS[other]}, {"kid": other, "alg": forge.ALGORITHMS[other]}]
    for header in mixed:
        text = compact(name, header_of("corp", name) | header, claims_of("corp"))
        if name == other:
            assert present(forge.bearing(text)).status == 200
        else:
            refused(present, text)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
@pytest.mark.parametrize("name", ["rs", "ps"])
def test_an_rsa_key_is_for_one_padding_and_hash(present: Send, name: str, algorithm: str) -> None:
    """A good signature of another algorithm by the same key, named as it is and named as the key's own."""
    if algorithm == forge.ALGORITHMS[name]:
        return
    for named in (algorithm, forge.ALGORITHMS[name]):
        header = {"alg": named, "kid": name}
        refused(present, compact(name, header, claims_of("corp"), algorithm=algorithm))


def test_an_rsa_signature_by_hand_is_one(present: Send) -> None:
    """The control for both tables of paddings."""
    right = with_signature("rs", lambda text: paddings.raw("rs", paddings.padded(_info(text))))
    assert present(forge.bearing(right)).status == 200
    right = with_signature("ps", lambda text: paddings.raw("ps", paddings.pss(text)))
    assert present(forge.bearing(right)).status == 200


def _info(text: bytes) -> bytes:
    return paddings.info(paddings.OID + paddings.NULL, paddings.sha256(text))


@pytest.mark.parametrize("row", paddings.pkcs1(b""))
def test_a_padding_that_is_almost_that_of_rs256_is_refused(present: Send, row: str) -> None:
    refused(present, with_signature("rs", lambda text: paddings.raw("rs", paddings.pkcs1(text)[row])), BAD)


@pytest.mark.parametrize("row", paddings.almost_pss(b""))
def test_a_padding_that_is_almost_that_of_ps256_is_refused(present: Send, row: str) -> None:
    refused(present, with_signature("ps", lambda text: paddings.raw("ps", paddings.almost_pss(text)[row])), BAD)


@pytest.mark.parametrize("name", ["rs", "ps"])
def test_an_rsa_signature_is_a_number_below_the_modulus(present: Send, name: str) -> None:
    n = paddings.modulus(name)
    for number in (0, 1, 2, n - 2, n - 1, n, n + 1, 2**2048 - 1):
        refused(present, with_signature(name, lambda _, number=number: number.to_bytes(256)), BAD)
    # The same number modulo n, in as many bytes as it takes; and its negative.
    for change in (lambda s: s + n, lambda s: n - s):
        refused(present, with_signature(name, lambda text, change=change: _changed(name, text, change)), BAD)


def _changed(name: str, text: bytes, change: Callable[[int], int]) -> bytes:
    return change(int.from_bytes(forge.sign(name, text))).to_bytes(257).removeprefix(b"\0")


NUMBERS = {"0": 0, "1": 1, "2": 2, "n-1": N - 1, "n": N, "n+1": N + 1, "p": P, "2**256-1": 2**256 - 1}


@pytest.mark.parametrize("r", NUMBERS.values(), ids=[f"r = {name}" for name in NUMBERS])
def test_an_es256_signature_of_special_numbers_is_refused(present: Send, r: int) -> None:
    """Also the "psychic" one of two zeros (CVE-2022-21449)."""
    for s in NUMBERS.values():
        refused(present, with_signature("es", lambda _, s=s: r.to_bytes(32) + s.to_bytes(32)), BAD)


def _halves(change: Callable[[int, int], bytes]) -> Callable[[bytes], bytes]:
    def make(text: bytes) -> bytes:
        right = forge.sign("es", text)
        return change(int.from_bytes(right[:32]), int.from_bytes(right[32:]))

    return make


def _two(r: int, s: int, size: int = 32) -> bytes:
    return r.to_bytes(size) + s.to_bytes(size)


ES256: dict[str, Callable[[int, int], bytes]] = {
    "in DER": encode_dss_signature,
    "in DER, filled up to 64 bytes": lambda r, s: encode_dss_signature(r, s)[:64],
    "swapped": lambda r, s: _two(s, r),
    "r negative": lambda r, s: _two(N - r, s),
    "both negative": lambda r, s: _two(N - r, N - s),
    "r one more": lambda r, s: _two(r + 1, s),
    "s one more": lambda r, s: _two(r, (s + 1) % N),
    "r twice": lambda r, _: _two(r, r),
    "s twice": lambda _, s: _two(s, s),
    "r as zero": lambda _, s: _two(0, s),
    "s as zero": lambda r, _: _two(r, 0),
    "s as n": lambda r, _: _two(r, N),
    "in 33 bytes each": lambda r, s: _two(r, s, 33),
    "in 48 bytes each": lambda r, s: _two(r, s, 48),
    "in 66 bytes each": lambda r, s: _two(r, s, 66),
    "in little-endian": lambda r, s: r.to_bytes(32, "little") + s.to_bytes(32, "little"),
    "r plus n": lambda r, s: _two(r + N, s, 33),
    "s plus n": lambda r, s: _two(r, s + N, 33),
    "r alone": lambda r, _: r.to_bytes(32),
    "as JSON": lambda r, s: json.dumps({"r": r, "s": s}).encode(),
}


@pytest.mark.parametrize("change", ES256.values(), ids=ES256.keys())
def test_an_es256_signature_written_otherwise_is_refused(present: Send, change: Callable[[int, int], bytes]) -> None:
    refused(present, with_signature("es", _halves(change)), BAD)


def test_the_other_es256_signature_is_of_the_same_caller(present: Send) -> None:
    """(r, n - s) verifies wherever (r, s) does, by mathematics; nothing here takes a signature for a name."""
    reply = present(forge.bearing(with_signature("es", _halves(lambda r, s: _two(r, N - s)))))
    assert (reply.status, reply.audit["caller"]) == (200, "corp:alice")


ED25519: dict[str, Callable[[bytes, int], bytes]] = {
    **{
        f"s + {times}L": lambda r, s, times=times: r + (s + times * L).to_bytes(32, "little") for times in (1, 2, 8, 14)
    },
    "s = 0": lambda r, _: r + bytes(32),
    "s = L": lambda r, _: r + L.to_bytes(32, "little"),
    "L - s": lambda r, s: r + (L - s).to_bytes(32, "little"),
    "s in big-endian": lambda r, s: r + s.to_bytes(32),
    "R = 0": lambda _, s: bytes(32) + s.to_bytes(32, "little"),
    "R the neutral element": lambda _, s: b"\x01" + bytes(31) + s.to_bytes(32, "little"),
    "R the neutral element, and s = 0": lambda *_: b"\x01" + bytes(63),
    "R of another sign": lambda r, s: r[:31] + bytes([r[31] ^ 0x80]) + s.to_bytes(32, "little"),
    "R and s swapped": lambda r, s: s.to_bytes(32, "little") + r,
    "R alone": lambda r, _: r,
}


@pytest.mark.parametrize("change", ED25519.values(), ids=ED25519.keys())
def test_an_ed25519_signature_written_otherwise_is_refused(
    present: Send, change: Callable[[bytes, int], bytes]
) -> None:
    def make(text: bytes) -> bytes:
        right = forge.sign("ed", text)
        return change(right[:32], int.from_bytes(right[32:], "little"))

    refused(present, with_signature("ed", make), BAD)
