"""RSA by hand: paddings as a sloppy verifier might take them, signed with the private exponent itself."""

import hashlib
import secrets
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import RSAKey

from tests.hostile import forge

SIZE = 256


def raw(name: str, encoded: bytes | int) -> bytes:
    """RSASP1 (RFC 8017, section 5.2.1) over an encoded message, whatever it is."""
    made = forge.key(name)
    assert isinstance(made, RSAKey)
    private = made.private_key
    assert isinstance(private, RSAPrivateKey)
    numbers = private.private_numbers()
    message = encoded if isinstance(encoded, int) else int.from_bytes(encoded)
    # By the Chinese remainder theorem, which takes a quarter of the time.
    one, two = pow(message, numbers.dmp1, numbers.p), pow(message, numbers.dmq1, numbers.q)
    return (two + (one - two) * numbers.iqmp % numbers.p * numbers.q).to_bytes(SIZE)


def modulus(name: str) -> int:
    """The n of a key."""
    return int.from_bytes(forge.unb64(forge.public(name)["n"]))


# PKCS #1 v1.5 (RFC 8017, section 9.2), from the inside to the outside.
OID = bytes.fromhex("0609608648016503040201")
NULL = bytes.fromhex("0500")


def element(tag: int, content: bytes, length: bytes | None = None) -> bytes:
    """An element of DER, with another length where one is given."""
    return bytes([tag]) + (bytes([len(content)]) if length is None else length) + content


def info(algorithm: bytes, digest: bytes) -> bytes:
    """A DigestInfo of an algorithm's content and a digest."""
    return element(0x30, element(0x30, algorithm) + element(0x04, digest))


def padded(content: bytes, *, kind: int = 1, fill: bytes = b"\xff", end: bytes = b"\0", size: int = SIZE) -> bytes:
    """The content with padding before it up to the size."""
    return bytes([0, kind]) + fill * (size - 2 - len(end) - len(content)) + end + content


def sha256(message: bytes) -> bytes:
    """The digest that RS256 and PS256 sign."""
    return hashlib.sha256(message).digest()


def _infos(digest: bytes) -> dict[str, bytes]:
    inner, octets = element(0x30, OID + NULL), element(0x04, digest)
    whole = inner + octets
    return _algorithms(digest) | {
        "the outer length in the long form": element(0x30, whole, b"\x81\x31"),
        "the outer length in a longer form": element(0x30, whole, b"\x82\x00\x31"),
        "the outer length one less": element(0x30, whole, b"\x30"),
        "the outer length one more": element(0x30, whole, b"\x32"),
        "the outer length indefinite": element(0x30, whole, b"\x80") + b"\0\0",
        "the outer length of 2**32": element(0x30, whole, b"\x85\x01\x00\x00\x00\x31"),
        "the inner length in the long form": element(0x30, element(0x30, OID + NULL, b"\x81\x0d") + octets),
        "the inner length one less": element(0x30, element(0x30, OID + NULL, b"\x0c") + octets),
        "the inner length one more": element(0x30, element(0x30, OID + NULL, b"\x0e") + octets),
        "the inner length indefinite": element(0x30, element(0x30, OID + NULL + b"\0\0", b"\x80") + octets),
        "the digest's length in the long form": element(0x30, inner + element(0x04, digest, b"\x81\x20")),
        "the digest's length one less": element(0x30, inner + element(0x04, digest, b"\x1f")),
        "the digest's length one more": element(0x30, inner + element(0x04, digest, b"\x21")),
        "no algorithm": element(0x30, octets),
        "the digest alone": digest,
        "the digest in an octet string alone": octets,
        "the digest cut": info(OID + NULL, digest[:-1]),
        "the digest empty": info(OID + NULL, b""),
        "the digest and a byte": info(OID + NULL, digest + b"\0"),
        "the digest of SHA-384": info(OID + NULL, hashlib.sha384(digest).digest()),
        "an element after the digest": element(0x30, whole + NULL),
        "garbage after it": element(0x30, whole) + b"garbage",
        "zeros after it": element(0x30, whole) + b"\0\0",
        "the outer sequence a set": element(0x31, whole),
        "the digest a bit string": element(0x30, inner + element(0x03, digest)),
        "nothing at all": b"",
    }


def _algorithms(digest: bytes) -> dict[str, bytes]:
    return {
        "the NULL missing": info(OID, digest),
        "the NULL with content": info(OID + b"\x05\x01\x00", digest),
        "the NULL in the long form": info(OID + b"\x05\x81\x00", digest),
        "the NULL altered": info(OID + b"\x04\x00", digest),
        "the NULL twice": info(OID + NULL + NULL, digest),
        "an element besides the NULL": info(OID + NULL + b"\x02\x01\x05", digest),
        "garbage in the parameters": info(OID + element(0x04, b"garbage"), digest),
        "the OID's length in the long form": info(b"\x06\x81\x09" + OID[2:] + NULL, digest),
        "the OID of SHA-1": info(bytes.fromhex("06052b0e03021a") + NULL, digest),
        "the OID of SHA-384": info(OID[:-1] + b"\x02" + NULL, digest),
        "the OID altered": info(OID[:-1] + b"\x7f" + NULL, digest),
        "the OID with leading zeros": info(b"\x06\x0b\x80\x80" + OID[2:] + NULL, digest),
        "no OID": info(NULL, digest),
    }


def pkcs1(message: bytes) -> dict[str, bytes]:
    """Encoded messages that are almost the one of PKCS #1 v1.5."""
    digest = sha256(message)
    right = info(OID + NULL, digest)
    short = padded(right, size=2 + 8 + 1 + len(right))
    return {name: padded(one) for name, one in _infos(digest).items()} | {
        "garbage after eight bytes of padding": short + b"\xaa" * (SIZE - len(short)),
        "zeros after eight bytes of padding": short + bytes(SIZE - len(short)),
        "no padding, and garbage after it": b"\0\x01\0" + right + b"\xaa" * (SIZE - 3 - len(right)),
        "padding that is too short": bytes(SIZE - len(short)) + short,
        "padding of type 0": padded(right, kind=0, fill=b"\0"),
        "padding of type 2": padded(right, kind=2, fill=b"\xaa"),
        "padding of zeros": padded(right, fill=b"\0"),
        "padding with a byte altered": padded(right)[:100] + b"\xfe" + padded(right)[101:],
        "padding that does not end": padded(right, end=b"\xff"),
        "padding that ends twice": padded(right, end=b"\0\0"),
        "a first byte that is not zero": b"\x01" + padded(right)[1:],
        "no first byte": padded(right)[1:] + b"\0",
        "the encoding of PSS": pss(message),
        "all zeros": bytes(SIZE),
        "one": (1).to_bytes(SIZE),
    }


# PSS (RFC 8017, section 9.1).


def mask(seed: bytes, length: int, algorithm: str = "sha256") -> bytes:
    """MGF1."""
    blocks = (hashlib.new(algorithm, seed + counter.to_bytes(4)).digest() for counter in range(length))
    made = b""
    while len(made) < length:
        made += next(blocks)
    return made[:length]


def pss(
    message: bytes,
    *,
    salt: bytes | None = None,
    hashed: str = "sha256",
    masked: str = "sha256",
    trailer: bytes = b"\xbc",
    change: Callable[[bytes], bytes] = bytes,
    prefix: bytes = bytes(8),
    top: int = 0x7F,
) -> bytes:
    """Encode as PSS does with a modulus of 2048 bits; `change` alters the data block before it is masked."""
    salt = secrets.token_bytes(32) if salt is None else salt
    digest = hashlib.new(hashed, prefix + hashlib.new(hashed, message).digest() + salt).digest()
    block = SIZE - len(digest) - 1
    data = change(b"\0" * (block - len(salt) - 1) + b"\x01" + salt)
    hidden = bytearray(one ^ two for one, two in zip(data, mask(digest, block, masked), strict=True))
    hidden[0] &= top
    return bytes(hidden) + digest + trailer


def almost_pss(message: bytes) -> dict[str, bytes]:
    """Encoded messages that are almost the one of PS256."""
    right = pss(message)
    return {
        **{f"a salt of {length} bytes": pss(message, salt=b"s" * length) for length in (0, 1, 20, 31, 33, 48, 64, 222)},
        "SHA-1 for the message": pss(message, hashed="sha1"),
        "SHA-384 for the message": pss(message, hashed="sha384", salt=b"s" * 48),
        "SHA-512 for the message": pss(message, hashed="sha512"),
        "SHA3-256 for the message": pss(message, hashed="sha3_256"),
        "SHA-1 for the mask": pss(message, masked="sha1"),
        "SHA-512 for the mask": pss(message, masked="sha512"),
        "SHA-1 for both": pss(message, hashed="sha1", masked="sha1", salt=b"s" * 20),
        "the mask altered": right[:9] + bytes([right[9] ^ 1]) + right[10:],
        "the digest altered": right[:230] + bytes([right[230] ^ 1]) + right[231:],
        "the last byte 0": pss(message, trailer=b"\0"),
        "the last byte ff": pss(message, trailer=b"\xff"),
        "the last byte of ISO 9796": pss(message, trailer=b"\xcc"),
        "a byte before the last altered": right[:-2] + bytes([right[-2] ^ 0x80, 0xBC]),
        "a padding that is not zero": pss(message, change=lambda data: data[:5] + b"\x01" + data[6:]),
        "a padding that begins with a one": pss(message, change=lambda data: b"\x01" + data[1:]),
        "no one before the salt": pss(message, change=lambda data: data.replace(b"\x01", b"\0", 1)),
        "a two before the salt": pss(message, change=lambda data: data.replace(b"\x01", b"\x02", 1)),
        "the salt altered": pss(message, change=lambda data: data[:-1] + bytes([data[-1] ^ 1])),
        "a prefix of ones": pss(message, prefix=b"\xff" * 8),
        "no prefix": pss(message, prefix=b""),
        "the encoding of PKCS #1 v1.5": padded(info(OID + NULL, sha256(message))),
        "the digest alone": padded(sha256(message)),
        "all zeros": bytes(SIZE),
    }
