"""From a verified claim to the name of a user profile: a closed list of ways, none of which gives two values one name.

A value is the same person's as another only if they are equal; where the configuration sets `lower_case`, also if they
differ in the case of ASCII letters alone. Names are in lower case, so that none is mistaken for another by case.
"""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import Field

from studio_gate.errors import GateError, Problem
from studio_gate.fields import PROFILE_NAME, PROFILE_NAME_LENGTH, SUBJECT, Strict, matches, text

_LABEL = r"[a-z0-9](?:-*[a-z0-9])*"
# RFC 1035, section 2.3.4, for the length; it is written in lower case because its case means nothing (RFC 4343).
EmailDomain = Annotated[str, text(rf"{_LABEL}(?:\.{_LABEL})+", 253, "a domain in lower case, such as corp.example")]
_DOTTED = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
_DIGEST_PREFIX = "u-"
_DIGEST_DIGITS = 40


def _refused(reason: str) -> GateError:
    return GateError(Problem.REFUSED, f"claim-{reason}")


def _lower(value: str) -> str:
    if value != value.lower():
        raise _refused("not-lower-case")
    return value


def _named(value: str) -> str:
    if not matches(PROFILE_NAME, PROFILE_NAME_LENGTH, _lower(value)):
        raise _refused("not-a-profile-name")
    return value


class Naming(Strict):
    """What all ways have in common. `name_of` of each gives a profile name, or `GateError` 403, "claim-..."."""

    lower_case: bool = Field(
        default=False, description="whether the provider holds values that differ by case alone for one and the same"
    )

    def _folded(self, value: str) -> str:
        # Outside of ASCII, lower case makes one letter of two: the Kelvin sign becomes a k.
        if not value.isascii():
            raise _refused("not-ascii")
        return value.lower() if self.lower_case else value


class Exact(Naming):
    """The value is the name: nothing is changed, so two values have two names."""

    transform: Literal["exact"] = Field(description="the claim is the profile's name")

    def name_of(self, value: str) -> str:
        """Return the name of the value's profile; errors as `Naming`."""
        return _named(self._folded(value))


class _Address(Naming):
    domain: EmailDomain = Field(description="what stands behind the @ of every address that has a profile")

    def _local_part(self, value: str) -> str:
        # At the first @: what comes behind a second one is no part of the domain.
        local, _, domain = self._folded(value).partition("@")
        if domain.lower() != self.domain:
            raise _refused("of-another-domain")
        return _lower(local)


class EmailLocalPart(_Address):
    """The name is what stands before the @: all addresses have one domain, so two of them differ before the @."""

    transform: Literal["email-local-part"] = Field(description="the address, without its domain")

    def name_of(self, value: str) -> str:
        """Return the name of the address's profile; errors as `Naming`."""
        return _named(self._local_part(value))


class EmailDotsToHyphens(_Address):
    """The name is what stands before the @, with hyphens for dots: no other hyphen is let in, so each was a dot.

    Putting the dots back gives the address again, and so two addresses have two names.
    """

    transform: Literal["email-dots-to-hyphens"] = Field(
        description="the address, without its domain and with hyphens for dots; it has no hyphen of its own"
    )

    def name_of(self, value: str) -> str:
        """Return the name of the address's profile; errors as `Naming`."""
        local = self._local_part(value)
        if not matches(_DOTTED, PROFILE_NAME_LENGTH, local):
            raise _refused("not-words-joined-by-dots")
        return _named(local.replace(".", "-"))


class Digest(Naming):
    """The name is "u-" and the first 40 hexadecimal digits of the value's SHA-256, for values that are no names.

    Two values with one name would be a collision in 160 bits, which nobody can find: it takes some 2**80 tries. The
    digits are in lower case whatever the value's case is, so values of any case are taken.
    """

    transform: Literal["digest"] = Field(description="a digest of the claim")

    def name_of(self, value: str) -> str:
        """Return the name of the value's profile, which is a subject as `fields.SUBJECT`; errors as `Naming`."""
        folded = self._folded(value)
        if not SUBJECT.fullmatch(folded):
            raise _refused("not-a-subject")
        return _named(_DIGEST_PREFIX + hashlib.sha256(folded.encode()).hexdigest()[:_DIGEST_DIGITS])


Transformation = Annotated[Exact | EmailLocalPart | EmailDotsToHyphens | Digest, Field(discriminator="transform")]
