"""Where the public keys of an issuer or proxy come from, when they are fetched, and for how long they serve."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Protocol

from studio_gate.fields import matches
from studio_gate.identity.fetching import AnswerError, Fetches, get, unknown
from studio_gate.identity.tokens import parse_json_object
from studio_gate.providers import HTTPS_URL, KEY_ID, AlbKeys, Keys

# In seconds. All ages are by the wall clock, because the other stands still while the environment is frozen.
_FRESH = 900
_LONGEST_URL = 512
_LONGEST_KEY_ID = 64
_MOST_MIRRORED = 16
# Amazon S3 answers 403 for a missing object to those who may not list the bucket (GetObject, S3 API reference).
_MISSING = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class KeySource[K](Protocol):
    """Where the keys of one issuer or proxy are."""

    def find(self, kid: str) -> K:
        """Return the key of that id; `GateError` 401 when there is none, 503 when one cannot tell."""


@dataclass(frozen=True, slots=True)
class Pinned[K]:
    """Keys that the configuration holds, by their ids; nothing is ever fetched."""

    keys: Mapping[str, K]

    def find(self, kid: str) -> K:
        """Return the key of that id; `GateError` 401 when there is none."""
        if kid not in self.keys:
            raise unknown()
        return self.keys[kid]


@dataclass(frozen=True, slots=True)
class _Held[K]:
    """What was read at one time, in seconds since 1970."""

    value: K
    at: float

    def fresh(self, now: float) -> bool:
        return 0 <= now - self.at < _FRESH

    def may_serve(self, now: float, max_age: int) -> bool:
        # Both ways: a clock that was set back by more than that says nothing about the age.
        return abs(now - self.at) <= max_age


@dataclass(eq=False, slots=True)
class Keyring[K]:
    """The keys of an issuer, fetched from its key set's URL or from the one in its metadata.

    `read` parses a JWK set (RFC 7517) into keys by their ids, and raises for one that must be refused. A set is fetched
    again on use after 15 minutes, and for a kid that is not in it, but at most once in 30 s; the last good one serves
    for `source.max_age` seconds.
    """

    source: Keys
    issuer: str
    read: Callable[[bytes], Mapping[str, K]] = field(repr=False)
    _held: _Held[Mapping[str, K]] | None = field(default=None, init=False, repr=False)
    _fetches: Fetches = field(default_factory=Fetches, init=False, repr=False)

    def find(self, kid: str) -> K:
        """Return the key of that id from a set that may serve.

        `GateError` 401 for a kid that is not in a good set; 503 when no set may serve, and for an unknown kid after a
        fetch that failed.
        """
        held = self._held
        if held is not None and kid in held.value and held.fresh(time.time()):
            return held.value[kid]
        with self._fetches.lock:
            return self._find_anew(kid)

    def _find_anew(self, kid: str) -> K:
        now, held = time.time(), self._held
        # No fetch may begin after one for which this call has waited.
        if self._fetches.may_begin(now):
            keys = self._fetches.run(now, self._fetch)
            held = held if keys is None else _Held(keys, now)
        if held is not None and not held.may_serve(now, self.source.max_age):
            held = None
        self._held = held
        if held is None or kid not in held.value:
            raise self._fetches.problem()
        return held.value[kid]

    def _fetch(self, ends: float) -> Mapping[str, K]:
        url: object = self.source.url
        if self.source.metadata is not None:
            # OpenID Connect Discovery 1.0, section 4.3; RFC 8414, section 3.3: it must be of this very issuer.
            metadata = parse_json_object(get(self.source.metadata, ends))
            if metadata.get("issuer") != self.issuer:
                raise AnswerError("metadata of another issuer")
            url = metadata.get("jwks_uri")
        if not isinstance(url, str) or not matches(HTTPS_URL, _LONGEST_URL, url):
            raise AnswerError("no https URL of keys")
        return self.read(get(url, ends))


@dataclass(eq=False, slots=True)
class Mirror[K]:
    """The keys of a load balancer, each fetched from below a mirror's URL when it is first needed.

    `read` parses one key in PEM, and raises for one that must be refused. The key of an id never changes, and serves
    for `source.max_age` seconds; at most 16 are kept. After a fetch that brought no key, and after one that took
    another key's room, the next is at least 30 s later, whatever the kids.
    """

    source: AlbKeys
    read: Callable[[bytes], K] = field(repr=False)
    # Replaced and never changed, so that it can be read without the lock; the least recently fetched first.
    _kept: Mapping[str, _Held[K]] = field(default_factory=dict, init=False, repr=False)
    _fetches: Fetches = field(default_factory=Fetches, init=False, repr=False)

    def find(self, kid: str) -> K:
        """Return the key of that id, kept or fetched.

        `GateError` 401 for what is no key's id and after a fetch that found none; 503 after one that failed.
        """
        if not matches(KEY_ID, _LONGEST_KEY_ID, kid):
            raise unknown()
        held = self._kept.get(kid)
        if held is not None and held.may_serve(time.time(), self.source.max_age):
            return held.value
        with self._fetches.lock:
            return self._find_anew(kid)

    def _find_anew(self, kid: str) -> K:
        now = time.time()
        kept = {one: held for one, held in self._kept.items() if held.may_serve(now, self.source.max_age)}
        # Whoever held the lock may have fetched it meanwhile.
        if kid not in kept and self._fetches.may_begin(now):
            key = self._fetches.run(now, partial(self._fetch, kid))
            if key is not None:
                self._make_room(kept)
                kept[kid] = _Held(key, now)
        self._kept = kept
        if kid not in kept:
            raise self._fetches.problem()
        return kept[kid].value

    def _make_room(self, kept: dict[str, _Held[K]]) -> None:
        """After a key was found: let the next be fetched at once if there is room, or else drop the oldest."""
        if len(kept) < _MOST_MIRRORED:
            self._fetches.began = -math.inf
            return
        # Anybody can name keys of other load balancers; without the pause, each of them would be a fetch for ever.
        del kept[next(iter(kept))]
        self._fetches.failure = "too many keys"

    def _fetch(self, kid: str, ends: float) -> K | None:
        try:
            return self.read(get(f"{str(self.source.mirror).removesuffix('/')}/{kid}", ends))
        except AnswerError as error:
            if error.status not in _MISSING:
                raise
            return None
