"""How the configuration says which user profile is whose: one by one, by a claim, or by a tag."""

from typing import Annotated, Literal

from pydantic import Field

from studio_gate.callers import Caller
from studio_gate.fields import ASSUMED_ROLE, PROVIDED, CallerId, ProfileName, RoleArn, Strict, text
from studio_gate.profile_names import Transformation

# Tagging AWS resources, "Tag naming limits and requirements", in ASCII; AWS keeps "aws:", in any case, for itself.
TagKey = Annotated[str, text(r"(?![aA][wW][sS]:)[A-Za-z0-9 _.:/=+@-]{1,128}", 128, "a tag's key")]
TagValue = Annotated[str, text(r"[A-Za-z0-9 _.:/=+@-]{0,256}", 256, "a tag's value")]
Source = Annotated[
    str,
    text(
        r"[a-z0-9](-?[a-z0-9])*|iam:[0-9]{12}/[A-Za-z0-9_+=,.@-]{1,64}",
        81,
        'the name of an issuer, a proxy or sign-in, or "iam:account/role"',
    ),
]


class Profile(Strict):
    """A user profile and all the callers it belongs to; no other caller may open it, whatever a policy says."""

    name: ProfileName = Field(description="its name in the domain")
    callers: tuple[CallerId, ...] = Field(min_length=1, description="who may open it, by their ids")


class Claim(Strict):
    """A verified value that tells callers apart.

    All the providers must mean the same person by the same value: that is the configuration's word. Of a session of an
    IAM role with `trust_session_name` it is the session name.
    """

    providers: tuple[Source, ...] = Field(min_length=1, description="whose callers have it")
    claim: Literal["email", "subject"] = Field(description="which of a caller's claims it is")

    def value_of(self, caller: Caller) -> str | None:
        """Return a caller's value; `None` for a caller of another provider, or without the claim."""
        session = ASSUMED_ROLE.fullmatch(caller.id)
        if session is not None:
            return session["session"] if f"iam:{session['account']}/{session['role']}" in self.providers else None
        known = PROVIDED.fullmatch(caller.id)
        if known is None or known["provider"] not in self.providers:
            return None
        return caller.email if self.claim == "email" else caller.subject


class ProfileFrom(Claim):
    """The claim, and how the name of a profile is made of it, so that no two callers have one by accident."""

    by: Transformation = Field(description="how the name is made")


class TaggedClaim(Claim):
    """The tag of a user profile that must be equal to a claim of the caller."""

    tag: TagKey = Field(description="the tag's key")


class CreateProfile(Strict):
    """What a user profile is made of (CreateUserProfile); `owner_tag`, where there is one, comes to its tags."""

    execution_role: RoleArn = Field(description="the role that runs what is in it")
    tags: dict[TagKey, TagValue] = Field(default={}, description="its tags besides")
