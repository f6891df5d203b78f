"""Sealed values: what a browser keeps for the gate and can neither read nor change.

A seal is a JWE (RFC 7516) under a key that only the gate has. Its purpose is part of what is authenticated, so that a
value sealed for one purpose opens for no other.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from studio_gate.errors import GateError, Problem
from studio_gate.identity.tokens import parse_json_object

# Direct use of a 256 bit key with AES-GCM (RFC 7518, sections 4.5 and 5.3).
_ALGORITHMS = ("dir", "A256GCM")
# What fits into a cookie (RFC 6265bis, section 5.6: 4096 bytes with its name and attributes).
_LONGEST = 3800
MOST_KEYS = 8
# 32 bytes, with or without padding.
_LINE = re.compile(r"([A-Za-z0-9._-]{1,32}):([A-Za-z0-9_-]{43})=?")


class Purpose(StrEnum):
    """What a value is sealed for."""

    SESSION = "session"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, eq=False)
class SealingKeys:
    """The keys by their ids, newest first: the first seals, each opens."""

    _keys: Mapping[str, OctKey] = field(repr=False)

    @property
    def newest(self) -> tuple[str, OctKey]:
        """The key that seals, with its id."""
        return next(iter(self._keys.items()))

    def find(self, key_id: object) -> OctKey | None:
        """Find the key of that id."""
        return self._keys.get(key_id) if isinstance(key_id, str) else None


def read_sealing_keys(text: str) -> SealingKeys:
    """Read keys, newest first, one a line as `id:key`, each key 32 random bytes in base64url.

    `ValueError` for anything else, for no key, more than 8, or two of one id; it holds nothing of the text.
    """
    lines = text.strip().splitlines()
    found = [line.groups() for line in (_LINE.fullmatch(line.strip()) for line in lines) if line]
    if not 0 < len(found) == len(lines) <= MOST_KEYS:
        raise ValueError(f"must be 1 to {MOST_KEYS} lines of id:key, each key 32 bytes in base64url")
    keys = {key_id: OctKey.import_key(base64.urlsafe_b64decode(f"{encoded}=")) for key_id, encoded in found}
    if len(keys) != len(found):
        raise ValueError("an id is given twice")
    return SealingKeys(keys)


def seal(purpose: Purpose, payload: Mapping[str, object], keys: SealingKeys) -> str:
    """Seal a JSON object with the newest key; `GateError` 403 when it comes out longer than a cookie."""
    key_id, key = keys.newest
    header = {"alg": "dir", "enc": "A256GCM", "kid": key_id, "typ": purpose.value}
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    sealed = jwe.encrypt_compact(header, text.encode(), key, algorithms=list(_ALGORITHMS))
    if len(sealed) > _LONGEST:
        raise GateError(Problem.REFUSED, "too-much-to-seal")
    return sealed


def unseal(purpose: Purpose, sealed: str, keys: SealingKeys) -> dict[str, object] | None:
    """Open what was sealed for that purpose with one of the keys; nothing for anything else, whatever it is."""
    if len(sealed) > _LONGEST or not sealed.isascii():
        return None
    try:
        header = parse_json_object(_header(sealed))
        key = keys.find(header.get("kid"))
        expected = {"alg": "dir", "enc": "A256GCM", "kid": header.get("kid"), "typ": purpose.value}
        if key is None or header != expected:
            return None
        opened = jwe.decrypt_compact(sealed, key, algorithms=list(_ALGORITHMS))
        return parse_json_object(opened.plaintext or b"")
    except (JoseError, ValueError):
        return None


def _header(sealed: str) -> bytes:
    first = sealed.partition(".")[0]
    return base64.urlsafe_b64decode(first + "=" * (-len(first) % 4))
