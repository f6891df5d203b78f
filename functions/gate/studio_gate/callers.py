"""Who a request is from, as proved."""

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """The kinds of proof a caller can be known by. The route decides which one counts."""

    SIGV4 = "sigv4"
    BEARER = "bearer"
    PROXY = "proxy"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the request is from, as proved.

    `id` is unique over all issuers and proofs. `label` and `name` are for people to read; they identify nobody.
    `groups` have the names that the configuration gives them. `email` is a single address, from a verified claim.
    """

    id: str
    proof: Proof
    issuer: str
    subject: str
    label: str
    groups: frozenset[str]
    name: str | None = None
    email: str | None = None
