"""A signed token in compact form, read strictly: nothing of it counts before its signature is verified.

The signature is a library's work (`keys`); what a token may look like at all is ours, because libraries are lenient
where two readers of one token could come to differ: duplicate members, odd base64, header members that name keys.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from studio_gate.errors import GateError, Problem

_LONGEST = 8192
_LONGEST_KEY_ID = 256
# RFC 7515, section 7.1. With the padding that AWS's load balancers send, in their reader's case alone.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_PADDED = re.compile(r"([A-Za-z0-9_-]+={0,2})\.([A-Za-z0-9_-]+={0,2})\.([A-Za-z0-9_-]+={0,2})")
# RFC 7515, section 4.1, and RFC 7797: keys and rules of the sender's own choosing.
_REFUSED_MEMBERS = {"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}


class Verifier(Protocol):
    """A public key with the one algorithm that it is for."""

    @property
    def algorithms(self) -> frozenset[str]:
        """The names that the algorithm goes by in `alg`."""

    def verifies(self, signing_input: bytes, signature: bytes) -> bool:
        """Tell whether the signature is of that input and by this key."""


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token as its sender wrote it. What it claims may only select the configured issuer and key to check it with."""

    header: Mapping[str, object] = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)
    algorithm: str
    key_id: str
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Header and claims with a verified signature; only `verify` makes one. Who may believe them is another matter."""

    header: Mapping[str, object] = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)


def refusal(reason: str) -> GateError:
    """Make the 401 for a token that proves nothing."""
    return GateError(Problem.NOT_PROVED, reason)


def read(text: str, *, padded: bool = False) -> UnverifiedToken:
    """Parse a compact JWS of at most 8 kB; with `padded`, its segments may end with padding.

    `GateError` 401 for anything that is not exactly one: base64url in its canonical form, JSON objects without
    duplicate members or numbers that are none, `alg` and `kid`, and no header member that brings a key or a rule along.
    """
    parts = (_PADDED if padded else _COMPACT).fullmatch(text) if len(text) <= _LONGEST else None
    if parts is None:
        raise refusal("token-form")
    header_text, claims_text, signature_text = parts.groups()
    header, claims = _json_object(_decoded(header_text)), _json_object(_decoded(claims_text))
    if _REFUSED_MEMBERS & header.keys():
        raise refusal("token-header")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not (isinstance(algorithm, str) and isinstance(key_id, str) and 0 < len(key_id) <= _LONGEST_KEY_ID):
        raise refusal("token-header")
    return UnverifiedToken(
        header=header,
        claims=claims,
        algorithm=algorithm,
        key_id=key_id,
        # As received: a load balancer signs its padding too.
        signing_input=f"{header_text}.{claims_text}".encode(),
        signature=_decoded(signature_text),
    )


def verify(token: UnverifiedToken, key: Verifier) -> VerifiedToken:
    """Return the token as verified by that key, whose algorithm it must have; `GateError` 401 otherwise."""
    if token.algorithm not in key.algorithms:
        raise refusal("token-algorithm")
    if not key.verifies(token.signing_input, token.signature):
        raise refusal("token-signature")
    return VerifiedToken(token.header, token.claims)


def parse_json_object(raw: bytes) -> dict[str, object]:
    """Parse a JSON object in UTF-8; `ValueError` for anything else, a duplicate member, NaN or an infinity."""
    try:
        parsed = _JSON.decode(raw.decode("utf-8"))
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not isinstance(parsed, dict):
        raise ValueError("is not an object")  # noqa: TRY004 - one kind of failure for one kind of caller
    return parsed


def _json_object(raw: bytes) -> dict[str, object]:
    try:
        return parse_json_object(raw)
    except ValueError as error:
        raise refusal("token-json") from error


def _decoded(segment: str) -> bytes:
    bare = segment.rstrip("=")
    try:
        raw = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise refusal("token-base64") from error
    canonical = base64.urlsafe_b64encode(raw).decode()
    if segment not in {canonical, canonical.rstrip("=")}:
        raise refusal("token-base64")
    return raw


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is none")
    return number


_JSON = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_finite, parse_float=_finite)
