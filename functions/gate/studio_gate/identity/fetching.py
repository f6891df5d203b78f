"""How public keys are fetched: over https, once in a while, in one attempt of two seconds, and never quoted.

What is fetched, and what a caller asks for who has proved nothing yet, gets into no failure and no log.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ssl import TLSVersion
from threading import Lock

from urllib3 import PoolManager, Timeout

from studio_gate.errors import GateError, Problem
from studio_gate.upstream import call

# In seconds.
_COOLDOWN = 30
_LONGEST_FETCH = 2
_LONGEST_CONNECT = 1
_MOST_BYTES = 256 * 1024


class AnswerError(Exception):
    """An answer is of no use; the message is in words of ours alone."""

    def __init__(self, why: str, status: int = HTTPStatus.OK) -> None:
        super().__init__(why)
        self.status = status


@dataclass(eq=False, slots=True)
class Fetches:
    """The fetches from one place: at most one at a time, and one in 30 s. To be used under the lock alone.

    `began` is when the last one did, in seconds since 1970; `failure` says why it failed, if it did.
    """

    lock: Lock = field(default_factory=Lock, repr=False)
    began: float = -math.inf
    failure: str | None = None

    def may_begin(self, now: float) -> bool:
        """Tell whether the last attempt, good or bad, began 30 s ago, or the clock was set back since."""
        return not 0 <= now - self.began < _COOLDOWN

    def run[T](self, now: float, work: Callable[[float], T]) -> T | None:
        """Return what `work` returns within 2 s, or nothing when it failed; `work` is given their end (monotonic)."""
        self.began, ends = now, time.monotonic() + _LONGEST_FETCH
        try:
            result = call("keys", _LONGEST_FETCH, lambda: work(ends))
        except GateError as error:
            cause = error.__cause__
            self.failure = str(cause) if isinstance(cause, AnswerError) else str(error.upstream)
            return None
        self.failure = None
        return result

    def problem(self) -> GateError:
        """Return what the lack of a key means after the last fetch: 401 if it was good, 503 if it failed."""
        if self.failure is None:
            return unknown()
        return GateError(Problem.UNAVAILABLE, "keys-unreachable", upstream=self.failure)


def unknown() -> GateError:
    """Make the 401 for a key that nobody vouches for."""
    return GateError(Problem.NOT_PROVED, "unknown-key")


def post(url: str, form: bytes, headers: Mapping[str, str], ends: float) -> bytes:
    """Return the body of the 200 that an https URL answers to a form, under the terms of `get`."""
    return _body("POST", url, headers, ends, form)


def get(url: str, ends: float) -> bytes:
    """Return the body of the 200 at an https URL, at most 256 KiB and undecoded; raises for any other answer.

    No proxy of the environment, redirect, retry or kept connection comes in. The authorities are OpenSSL's own, or
    those of SSL_CERT_FILE. It ends by itself soon after `ends` (monotonic), though everybody has left.
    """
    return _body("GET", url, {}, ends)


def _body(method: str, url: str, headers: Mapping[str, str], ends: float, form: bytes | None = None) -> bytes:
    # At lower levels they name URLs and quote headers.
    for name in ("urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with PoolManager(cert_reqs="CERT_REQUIRED", ssl_minimum_version=TLSVersion.TLSv1_2) as pool:
        response = pool.request(
            method,
            url,
            body=form,
            headers={**headers, "Accept-Encoding": "identity", "User-Agent": "studio-gate"},
            redirect=False,
            retries=False,
            timeout=Timeout(connect=_LONGEST_CONNECT, read=_LONGEST_FETCH),
            preload_content=False,
        )
        try:
            if response.status != HTTPStatus.OK:
                raise AnswerError(f"status {response.status}", response.status)
            body = b""
            # One packet at a time, because no timeout of a socket is for all of them.
            while part := response.read1(_MOST_BYTES + 1 - len(body), decode_content=False):
                body += part
                if len(body) > _MOST_BYTES or time.monotonic() > ends:
                    raise AnswerError("too large or too slow")
            return body
        finally:
            response.close()
