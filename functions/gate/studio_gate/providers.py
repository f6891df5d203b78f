"""Who else may say who is calling: issuers of bearer tokens, and proxies that assert who they let through.

What they say counts once its signature is verified with keys that the configuration names (`identity`). The issuer's
name here begins the ids of its callers, as in "entra:6f9c...".
"""

import json
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from studio_gate.fields import Group, ProviderName, Strict, text, unique

# RFC 7518, section 3.1, and RFC 9864: what counts as a signature. The key decides which of them it verifies.
Algorithm = Literal["RS256", "PS256", "ES256", "Ed25519"]
# RFC 3986's characters for https alone: no user, no fragment, and a host that cannot be read as another.
HTTPS_BASE = r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~:@!$&'()*+,;=%/-]*)?"
HTTPS_URL = re.compile(rf"{HTTPS_BASE}(?:\?[A-Za-z0-9._~:@!$&'()*+,;=%/?-]*)?")
HttpsUrl = Annotated[str, text(HTTPS_URL, 512, "an https URL")]
IssuerUrl = Annotated[str, text(HTTPS_BASE, 512, "an https URL without a query, as it stands in `iss`")]
ClaimName = Annotated[str, text(r"[!-~]{1,128}", 128, "a claim's name")]
Value = Annotated[str, text(r"[ -~]{1,512}", 512, "1 to 512 characters of ASCII")]
# No underscore, which some servers take for a hyphen (CVE-2025-64484).
HeaderName = Annotated[str, text(r"[a-z0-9]+(-[a-z0-9]+)*", 64, "a header's name in lower case, without underscores")]
AlbArn = Annotated[
    str,
    text(
        r"arn:aws(-us-gov|-cn)?:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/app/[A-Za-z0-9-]+/[0-9a-f]+",
        256,
        "the ARN of an Application Load Balancer",
    ),
]
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
KeyId = Annotated[str, text(KEY_ID, 64, "a key id")]
# AWS sends users' names and groups under names that may be reassigned; a profile is for one person for good.
_REASSIGNED = {"email", "name", "nickname", "preferred_username", "unique_name", "upn"}
# Headers that API Gateway, clients and load balancers set for reasons of their own.
_TAKEN = {"authorization", "cookie", "forwarded", "host", "x-amzn-oidc-accesstoken", "x-amzn-oidc-data"}
# With one of these a browser says that nobody has asked yet (navigation.py).
_TAKEN |= {"purpose", "x-moz", "x-purpose"}
_LONGEST_LEEWAY = 60
_HOUR, _WEEK = 3600, 604800


def _json_object(value: str) -> str:
    """Return a text that is a JSON object."""
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - pydantic reports a ValueError
    return value


class Keys(Strict):
    """Where an issuer's public keys are: pinned here, at a fixed URL, or where the issuer's metadata says. One of them.

    Fetched keys are fresh for 15 minutes; when they cannot be fetched again, the last good ones serve for a while.
    """

    pinned: Annotated[str, AfterValidator(_json_object)] | None = Field(
        default=None, description="the JWK set as the issuer publishes it (RFC 7517), for a VPC without a way out"
    )
    url: HttpsUrl | None = Field(default=None, description="where the JWK set is")
    metadata: HttpsUrl | None = Field(default=None, description="where the metadata is, whose `jwks_uri` says where")
    max_age: int = Field(default=86400, ge=_HOUR, le=_WEEK, description="seconds that the last good keys serve")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.pinned, self.url, self.metadata)) != 1:
            raise ValueError("must be one of pinned, url and metadata")
        return self


class AlbKeys(Strict):
    """Where a load balancer's public keys are: pinned here, or below the URL of a mirror. One of them.

    AWS publishes each at https://public-keys.auth.elb.{region}.amazonaws.com/{key id}, outside of every VPC.
    """

    pinned: dict[KeyId, str] = Field(default_factory=dict, description="the keys in PEM, by their ids")
    mirror: IssuerUrl | None = Field(default=None, description="a key is at this URL, a slash and its id")
    max_age: int = Field(default=86400, ge=_HOUR, le=_WEEK, description="seconds that the last good keys serve")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.pinned) == (self.mirror is not None):
            raise ValueError("must be either pinned or mirror")
        return self


class Claims(Strict):
    """Which claim says what of the caller."""

    subject: ClaimName = Field(
        default="sub", description=f"who it is, for good, and so none of {', '.join(sorted(_REASSIGNED))}"
    )
    name: ClaimName | None = Field(default=None, description="what people call the caller; identifies nobody")
    email: ClaimName | None = Field(default=None, description="one plain address, not marked as unverified")
    groups: ClaimName | None = Field(default=None, description="the caller's groups; goes with the table `groups`")

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        if self.subject in _REASSIGNED:
            raise ValueError(f"subject {self.subject!r} may be given to somebody else; use one that lasts, such as sub")
        return self


class Provider(Strict):
    """What issuers and proxies have in common."""

    name: ProviderName = Field(description="what the ids of its callers begin with")
    leeway: int = Field(default=30, ge=0, le=_LONGEST_LEEWAY, description="seconds by which clocks may differ")
    required: dict[ClaimName, str | int | bool] = Field(
        default_factory=dict, description="claims that must have exactly these values"
    )
    claims: Claims = Field(default=Claims(), description="which claim says what")
    groups: dict[Value, Group] = Field(
        default_factory=dict, description="the provider's groups, with policies' names for them; others do not count"
    )

    @model_validator(mode="after")
    def _grouped(self) -> Self:
        if bool(self.groups) != (self.claims.groups is not None):
            raise ValueError("groups and claims.groups go together")
        return self


class Issuer(Provider):
    """An issuer of bearer tokens; one kind of its tokens is accepted.

    Access tokens without `aud` (Cognito) need `clients`, and no `audiences`. Where `clients` are given, `client_claim`
    must name one of them.
    """

    issuer: IssuerUrl = Field(description="`iss`, exactly")
    token: Literal["access", "id"] = Field(description="the one kind of its tokens that is accepted")
    audiences: tuple[Value, ...] = Field(default=(), description="`aud` must have one of them, an ID token's no other")
    clients: tuple[Value, ...] = Field(default=(), description="the clients whose tokens are accepted")
    client_claim: Literal["azp", "client_id", "cid", "appid"] = Field(default="azp", description="names the client")
    algorithms: tuple[Algorithm, ...] = Field(min_length=1, description="what its keys may sign with")
    keys: Keys = Field(description="where its public keys are")

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if not self.audiences and not (self.clients and self.token == "access"):
            raise ValueError("audiences are missing; only access tokens with clients go without")
        unique("algorithms", self.algorithms)
        return self


class AlbProxy(Provider):
    """An Application Load Balancer that signs people in, with its assertion in `x-amzn-oidc-data`.

    Without `signer` anybody's load balancer would do (CVE-2025-1293).
    """

    kind: Literal["alb"] = Field(description="an Application Load Balancer")
    signer: AlbArn = Field(description="its ARN")
    client: Value = Field(description="its client id at the identity provider")
    issuer: IssuerUrl = Field(description="the identity provider's `iss`, exactly")
    keys: AlbKeys = Field(description="where its public keys are")

    @property
    def header(self) -> str:
        """The header that the load balancer sets, in lower case."""
        return "x-amzn-oidc-data"


class AssertionProxy(Provider):
    """A proxy that sends a signed JWT in a header of its own."""

    kind: Literal["jwt"] = Field(description="any proxy that signs a JWT")
    header: HeaderName = Field(description="the header; none that others set for reasons of their own")
    issuer: Value = Field(description="`iss`, exactly, whatever the text")
    audiences: tuple[Value, ...] = Field(min_length=1, description="`aud` must have one of them")
    algorithms: tuple[Algorithm, ...] = Field(min_length=1, description="what its keys may sign with")
    keys: Keys = Field(description="where its public keys are")

    @model_validator(mode="after")
    def _own(self) -> Self:
        if self.header in _TAKEN or self.header.startswith(("x-forwarded-", "sec-", "x-amz-")):
            raise ValueError(f"header {self.header!r} is somebody else's")
        unique("algorithms", self.algorithms)
        return self
