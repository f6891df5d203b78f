"""Who is calling. One reader per proof; each returns a `Caller` or raises."""

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """The kinds of proof a caller can be known by. The route decides which one counts."""

    SIGV4 = "sigv4"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who the request is from, as proved.

    `id` is unique over all issuers and proofs. `label` is for people who read logs; it identifies nobody. `groups` come
    from the configuration.
    """

    id: str
    proof: Proof
    issuer: str
    subject: str
    label: str
    groups: frozenset[str]
