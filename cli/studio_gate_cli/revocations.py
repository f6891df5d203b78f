"""What a revocation is: an inline policy of a minting role that denies everything to somebody, or to everybody.

The name of the policy says whom, and the Sid of its one statement since when, so that nothing else has to remember it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

PREFIX = "studio-gate-revoke-"
# IAM user guide, "IAM and AWS STS quotas": all inline policies of a role together, in characters without white space.
MOST_CHARACTERS = 10_240
_ROLE = r"arn:aws(?:-us-gov|-cn)?:sts::[0-9]{12}:assumed-role/[A-Za-z0-9_+=,.@-]{1,64}(?:/[A-Za-z0-9_+=,.@-]{2,64})?"
# As docs/configuration.md says how the ids of callers are written.
_CALLER = re.compile(rf"{_ROLE}|(?!arn:)[a-z0-9](?:-?[a-z0-9])*:[!-~]{{1,255}}")
_LONGEST_CALLER = 300
# STS API reference, AssumeRole: SourceIdentity; it ends with the digest of the caller's id.
_SOURCE_IDENTITY = re.compile(r"(?P<label>[A-Za-z0-9_+=,.@-]{0,47})-(?P<digest>[0-9a-f]{16})")
LABEL = re.compile(r"[A-Za-z0-9_+=,.@-]{1,47}")
_CALLERS_POLICY = re.compile(r"caller-(?P<digest>[0-9a-f]{16})(?:-(?P<label>.+))?")
_SID = re.compile(r"RevokedAt(?P<at>[0-9]{8}T[0-9]{6}Z)")


def digest(caller_id: str) -> str:
    """Return the 16 hex digits with which the gate ends a caller's SourceIdentity (its `sessions.session_name`)."""
    return hashlib.sha256(caller_id.encode()).hexdigest()[:16]


def is_caller(text: str) -> bool:
    """Tell whether a text is a caller's id or SourceIdentity; another would revoke nobody, and nobody would notice."""
    return bool(_SOURCE_IDENTITY.fullmatch(text) or (len(text) <= _LONGEST_CALLER and _CALLER.fullmatch(text)))


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whom to deny everything: `name` is its policy's without the prefix, `condition` None denies everybody."""

    name: str
    condition: Mapping[str, Mapping[str, str]] | None = None

    @classmethod
    def of_caller(cls, caller: str, label: str | None = None) -> Self:
        """Revoke the caller of an id or SourceIdentity, whatever the label of their sessions."""
        named = _SOURCE_IDENTITY.fullmatch(caller)
        ending, label = (named["digest"], label or named["label"]) if named else (digest(caller), label)
        name = f"caller-{ending}" + (f"-{label}" if label else "")
        return cls(name, {"StringLike": {"aws:SourceIdentity": f"*-{ending}"}})

    @classmethod
    def of_sessions(cls, before: datetime) -> Self:
        """Revoke every session that began before a time, which is rounded up to a second."""
        whole = before.astimezone(UTC) + timedelta(microseconds=-before.microsecond % 1_000_000)
        return cls("sessions", {"DateLessThan": {"aws:TokenIssueTime": f"{whole:%Y-%m-%dT%H:%M:%SZ}"}})

    @property
    def key(self) -> str:
        """What two revocations of the same have in common: the name without a caller's label."""
        return key(self.name)

    def policy(self, now: datetime) -> str:
        """Return the inline policy that revokes from now on."""
        statement: dict[str, object] = {"Sid": f"RevokedAt{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", **_DENY}
        if self.condition is not None:
            statement["Condition"] = self.condition
        return compact({"Version": "2012-10-17", "Statement": [statement]})

    def is_what(self, document: Mapping[str, Any]) -> bool:
        """Tell whether a policy denies exactly this, whenever it was put."""
        return _without_sid(json.loads(self.policy(datetime.now(UTC)))) == _without_sid(document)


EVERYBODY = Revocation("all")
_DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}


@dataclass(frozen=True, slots=True)
class Found:
    """A revocation that a role has: the name of its policy without the prefix, and the policy."""

    name: str
    document: Mapping[str, Any] = field(repr=False)

    @property
    def whom(self) -> str:
        """Whom it revokes, for people to read."""
        caller = _CALLERS_POLICY.fullmatch(self.name)
        if caller:
            return caller["label"] or "a caller without a label"
        return {"all": "everybody", "sessions": "every session of before"}.get(self.name, "unknown")

    @property
    def since(self) -> str | None:
        """When it was put (RFC 3339, UTC), or None if its Sid does not say."""
        match self.document:
            case {"Statement": [{"Sid": str(sid)}]} if put := _SID.fullmatch(sid):
                with suppress(ValueError):
                    return f"{datetime.fromisoformat(put['at']):%Y-%m-%dT%H:%M:%SZ}"
        return None

    def answers_to(self, name: str) -> bool:
        """Tell whether it is meant by a name: its own, its policy's, or its caller's id or SourceIdentity."""
        own = {self.name, PREFIX + self.name}
        return name in own or (is_caller(name) and key(self.name) == Revocation.of_caller(name).key)


def key(name: str) -> str:
    """Return a revocation's name without a caller's label."""
    caller = _CALLERS_POLICY.fullmatch(name)
    return f"caller-{caller['digest']}" if caller else name


def compact(document: Mapping[str, Any]) -> str:
    """Write a policy without white space, which IAM does not count."""
    return json.dumps(document, separators=(",", ":"))


def _without_sid(document: Mapping[str, Any]) -> object:
    statements = document.get("Statement")
    if not isinstance(statements, list):
        return document
    return {**document, "Statement": [{k: v for k, v in dict(one).items() if k != "Sid"} for one in statements]}
