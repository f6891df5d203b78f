"""Public keys of issuers and proxies: which are accepted, and for which algorithm.

The cryptography is joserfc's. Which keys may verify at all is decided here, once, when a key set is read: a weak,
private, symmetric or ambiguous key is no key, whatever a library would do with it.
"""

import base64
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from studio_gate.identity.tokens import parse_json_object
from studio_gate.providers import Algorithm

_MOST_KEYS = 100
_LONGEST_KEY_ID = 256
# NIST SP 800-131A and FIPS 186-5: the least modulus in bits, and the least exponent. The most of both are for speed.
_RSA_BITS = range(2048, 8193)
_RSA_EXPONENTS = range(2**16 + 1, 2**32)
# The members of a public key that count (RFC 7518, section 6; RFC 8037), and the algorithms it can be for.
_KINDS: Mapping[tuple[str, object], tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...], tuple[Algorithm, ...]]] = {
    ("RSA", None): (RSAKey, ("kty", "n", "e"), ("RS256", "PS256")),
    ("EC", "P-256"): (ECKey, ("kty", "crv", "x", "y"), ("ES256",)),
    ("OKP", "Ed25519"): (OKPKey, ("kty", "crv", "x"), ("Ed25519",)),
}
# RFC 9864 names by its curve what RFC 8037 called EdDSA; many issuers still do.
_OTHER_NAMES: Mapping[str, Algorithm] = {"EdDSA": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the one algorithm that it is for."""

    algorithms: frozenset[str]
    _verify: Callable[[bytes, bytes], bool] = field(repr=False)

    def verifies(self, signing_input: bytes, signature: bytes) -> bool:
        """Tell whether the signature is of that input and by this key."""
        try:
            return self._verify(signing_input, signature)
        except (JoseError, ValueError):
            return False


def read_key_set(raw: bytes, algorithms: Collection[Algorithm]) -> dict[str, Key]:
    """Return the keys of a JWK set (RFC 7517) by their ids: those that are for one of the algorithms.

    Keys for something else are left out. `ValueError` for a set with a symmetric, private, weak or broken key, with two
    keys of one id, with a key that could be for several of the algorithms, or with none that can be used.
    """
    entries = parse_json_object(raw).get("keys")
    if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
        raise ValueError(f"keys must be a list of at most {_MOST_KEYS}")
    members = [_members(entry) for entry in entries]
    ids = Counter(entry.get("kid") for entry in members if isinstance(entry.get("kid"), str))
    if any(count > 1 for count in ids.values()):
        raise ValueError("two keys have one kid")
    found = {str(entry["kid"]): key for entry in members if (key := _key(entry, algorithms)) is not None}
    if not found:
        raise ValueError(f"no key is for {' or '.join(algorithms)}")
    return found


def read_pem(raw: bytes) -> Key:
    """Return the ES256 key of a public key in PEM, as AWS publishes those of load balancers; else `ValueError`."""
    if b"-----BEGIN PUBLIC KEY-----" not in raw:
        raise ValueError("is no public key in PEM")
    try:
        return _made(ECKey.import_key(raw), "ES256")
    # A curve that cryptography does not know, and one that it knows and JOSE does not.
    except (JoseError, UnsupportedAlgorithm, KeyError, ValueError, TypeError) as error:
        raise ValueError("is no P-256 key") from error


def _members(entry: object) -> dict[str, object]:
    """Return a key's members; refuse a set that holds what must never be published, or nobody can have meant."""
    if not isinstance(entry, dict):
        raise ValueError("a key is not an object")  # noqa: TRY004 - as every other failure of a set
    if entry.get("kty") == "oct" or entry.keys() & {"d", "k"}:
        raise ValueError("a key is symmetric or private")
    return entry


def _key(entry: Mapping[str, object], algorithms: Collection[Algorithm]) -> Key | None:
    """Return the key of an entry, or nothing for one that is for something else."""
    identifier, kty = entry.get("kid"), entry.get("kty")
    kind = _KINDS.get((str(kty), None if kty == "RSA" else str(entry.get("crv"))))
    if kind is None or not isinstance(identifier, str) or not 0 < len(identifier) <= _LONGEST_KEY_ID:
        return None
    uses, operations = entry.get("use", "sig"), entry.get("key_ops", ["verify"])
    if uses != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    model, needed, possible = kind
    named = entry.get("alg")
    wanted = possible if named is None else [_OTHER_NAMES.get(str(named), str(named))]
    fitting = [one for one in possible if one in wanted and one in algorithms]
    if len(fitting) > 1:
        raise ValueError("a key without alg could be for several of the algorithms")
    if not fitting:
        return None
    try:
        if kty == "RSA":
            _strong(_number(entry["n"]), _number(entry["e"]))
        return _made(model.import_key({name: str(entry[name]) for name in needed}), fitting[0])
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise ValueError("a key is weak or broken") from error


def _number(value: object) -> int:
    """Read a base64urlUInt (RFC 7518, section 2)."""
    text = str(value)
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _strong(modulus: int, exponent: int) -> None:
    if modulus.bit_length() not in _RSA_BITS or modulus % 2 == 0 or exponent not in _RSA_EXPONENTS:
        raise ValueError("is a weak RSA key")


def _made(key: RSAKey | ECKey | OKPKey, algorithm: Algorithm) -> Key:
    model = JWSRegistry(algorithms=[algorithm]).get_alg(algorithm)
    # Kind and curve must be the algorithm's.
    model.check_key(key)
    names = {algorithm, *(name for name, known in _OTHER_NAMES.items() if known == algorithm)}
    return Key(frozenset(names), lambda signing_input, signature: model.verify(signing_input, signature, key))
