"""Who asks, and whether the principals of a policy mean them."""

import re
from dataclasses import dataclass
from enum import Enum, auto

EVERYONE = "*"

_ACCOUNT = r"arn:(?P<partition>aws(?:-us-gov|-cn)?):{service}::(?P<account>[0-9]{{12}}):"
_IAM = _ACCOUNT.format(service="iam")
# What a policy may name: an account or a role. Users and single sessions are named by none of the project's.
ARN_PRINCIPAL = re.compile(_IAM + r"(?:root|role/(?:[\x21-\x7e]+/)?(?P<role>[A-Za-z0-9_+=,.@-]{1,64}))")
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")

_USER = re.compile(_IAM + r"user/(?:[\x21-\x7e]+/)?[A-Za-z0-9_+=,.@-]{1,64}")
_SESSION = re.compile(
    _ACCOUNT.format(service="sts") + r"assumed-role/(?P<role>[A-Za-z0-9_+=,.@-]{1,64})/[A-Za-z0-9_+=,.@-]{2,64}"
)


class Match(Enum):
    """How a policy's principals mean the caller."""

    NOT = auto()
    # Through the account: what it may do, its own administrators still have to allow.
    ACCOUNT = auto()
    DIRECT = auto()


class Sort(Enum):
    """What a caller is."""

    ANONYMOUS = auto()
    SERVICE = auto()
    ROOT = auto()
    USER = auto()
    ROLE = auto()
    SESSION = auto()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. An anonymous caller and a service have no account; only roles and their sessions have a role name."""

    sort: Sort
    name: str = ""
    partition: str | None = None
    account: str | None = None
    role: str | None = None


def caller(principal: str | None) -> Caller:
    """Return who a principal is: an ARN, a service's name, or None for nobody known. `ValueError` for anything else."""
    if principal is None:
        return Caller(Sort.ANONYMOUS)
    if SERVICE.fullmatch(principal):
        return Caller(Sort.SERVICE, principal)
    if session := _SESSION.fullmatch(principal):
        return Caller(Sort.SESSION, principal, **session.groupdict())
    if user := _USER.fullmatch(principal):
        return Caller(Sort.USER, principal, **user.groupdict())
    if other := ARN_PRINCIPAL.fullmatch(principal):
        return Caller(Sort.ROLE if other["role"] else Sort.ROOT, principal, **other.groupdict())
    raise ValueError(f"not a principal: {principal!r}")


def match(principals: tuple[str, ...], who: Caller) -> Match:
    """Return the closest way in which any of a policy's principals means the caller."""
    found = {_match(one, who) for one in principals}
    return next((one for one in (Match.DIRECT, Match.ACCOUNT) if one in found), Match.NOT)


def _match(principal: str, who: Caller) -> Match:
    if principal in {EVERYONE, who.name}:
        return Match.DIRECT
    named = ARN_PRINCIPAL.fullmatch(principal)
    if named is None or (named["partition"], named["account"]) != (who.partition, who.account):
        return Match.NOT
    if named["role"] is None:
        return Match.ACCOUNT
    # A session's ARN leaves out the role's path; names are unique within an account whatever the path.
    return Match.DIRECT if who.sort is Sort.SESSION and named["role"] == who.role else Match.NOT
