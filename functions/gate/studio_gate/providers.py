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
_HTTPS = r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~:@!$&'()*+,;=%/-]*)?"
HTTPS_URL = re.compile(rf"{_HTTPS}(?:\?[A-Za-z0-9._~:@!$&'()*+,;=%/?-]*)?")
HttpsUrl = Annotated[str, text(HTTPS_URL, 512, "an https URL")]
IssuerUrl = Annotated[str, text(_HTTPS, 512, "an https URL without a query, as it stands in `iss`")]
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
_LONGEST_LEEWAY = 60
_HOUR, _WEEK = 3600, 604800


def _json_object(value: str) -> str:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - pydantic reports a ValueError
    return value


class Keys(Strict):
    """Where an issuer's public keys are: pinned here, at a fixed URL, or where the issuer's metadata says.

    `pinned` is a JWK set in JSON, as the issuer publishes it (RFC 7517), for a VPC without a way out. Fetched keys are
    fresh for 15 minutes; when they cannot be fetched again, the last good ones serve for `max_age` seconds.
    """

    pinned: Annotated[str, AfterValidator(_json_object)] | None = None
    url: HttpsUrl | None = None
    metadata: HttpsUrl | None = None
    max_age: int = Field(default=86400, ge=_HOUR, le=_WEEK)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.pinned, self.url, self.metadata)) != 1:
            raise ValueError("must be one of pinned, url and metadata")
        return self


class AlbKeys(Strict):
    """Where a load balancer's public keys are: pinned here as PEM by key id, or below the URL of a mirror.

    AWS publishes each at https://public-keys.auth.elb.{region}.amazonaws.com/{key id}, outside of every VPC.
    """

    pinned: dict[KeyId, str] = Field(default_factory=dict)
    mirror: IssuerUrl | None = None
    max_age: int = Field(default=86400, ge=_HOUR, le=_WEEK)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.pinned) == (self.mirror is not None):
            raise ValueError("must be either pinned or mirror")
        return self


class Claims(Strict):
    """Which claim says what of the caller. The subject must be one that is never given to somebody else.

    `name` is for people to read. `email` must be one plain address, and not marked as unverified.
    """

    subject: ClaimName = "sub"
    name: ClaimName | None = None
    email: ClaimName | None = None
    groups: ClaimName | None = None

    @model_validator(mode="after")
    def _lasting(self) -> Self:
        if self.subject in _REASSIGNED:
            raise ValueError(f"subject {self.subject!r} may be given to somebody else; use one that lasts, such as sub")
        return self


class Provider(Strict):
    """What issuers and proxies have in common.

    `required` are claims that must have exactly these values. `groups` gives the provider's groups the names that
    policies use; all others count for nothing. `leeway` in seconds is for clocks that differ.
    """

    name: ProviderName
    leeway: int = Field(default=30, ge=0, le=_LONGEST_LEEWAY)
    required: dict[ClaimName, str | int | bool] = Field(default_factory=dict)
    claims: Claims = Claims()
    groups: dict[Value, Group] = Field(default_factory=dict)

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

    issuer: IssuerUrl
    token: Literal["access", "id"]
    audiences: tuple[Value, ...] = ()
    clients: tuple[Value, ...] = ()
    client_claim: Literal["azp", "client_id", "cid", "appid"] = "azp"
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    keys: Keys

    @model_validator(mode="after")
    def _addressed(self) -> Self:
        if not self.audiences and not (self.clients and self.token == "access"):
            raise ValueError("audiences are missing; only access tokens with clients go without")
        unique("algorithms", self.algorithms)
        return self


class AlbProxy(Provider):
    """An Application Load Balancer that signs people in, with its assertion in `x-amzn-oidc-data`.

    `signer` is its ARN, without which anybody's load balancer would do (CVE-2025-1293); `client` its client id at the
    provider, `issuer` the provider.
    """

    kind: Literal["alb"]
    signer: AlbArn
    client: Value
    issuer: IssuerUrl
    keys: AlbKeys

    @property
    def header(self) -> str:
        """The header that the load balancer sets, in lower case."""
        return "x-amzn-oidc-data"


class AssertionProxy(Provider):
    """A proxy that sends a signed JWT in a header of its own. `issuer` is its `iss`, whatever the text."""

    kind: Literal["jwt"]
    header: HeaderName
    issuer: Value
    audiences: tuple[Value, ...] = Field(min_length=1)
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    keys: Keys

    @model_validator(mode="after")
    def _own(self) -> Self:
        if self.header in _TAKEN or self.header.startswith(("x-forwarded-", "sec-", "x-amz-")):
            raise ValueError(f"header {self.header!r} is somebody else's")
        unique("algorithms", self.algorithms)
        return self
