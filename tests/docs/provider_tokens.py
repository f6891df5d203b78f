"""Tokens as the identity providers shape them, for the blocks of docs/identity-providers.md, and a way to sign them.

The shapes are those of the providers' own reference pages, which docs/identity-providers.md names.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

NOW = 1_800_000_000
TIMES = {"iat": NOW - 60, "exp": NOW + 3600}
RS256 = {"alg": "RS256", "kid": "key-1"}
ES256 = {"alg": "ES256", "kid": "key-1"}


@dataclass(frozen=True)
class Part:
    """What differs from a good token, and why it is then refused. What is None is left out."""

    reason: str
    claims: Mapping[str, object] = field(default_factory=dict)
    header: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """A provider's good token, whether it names a group, and what must be refused."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    refused: Mapping[str, Part]
    name: str | None
    email: str | None = None
    groups: frozenset[str] = frozenset({"data-science"})


TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "99999999-2222-4333-8444-555555555555"
ENTRA = Shape(
    header=RS256 | {"typ": "JWT"},
    claims=TIMES
    | {
        "aud": "aaaaaaaa-1111-4222-8333-444444444444",
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "nbf": NOW - 60,
        "azp": "bbbbbbbb-1111-4222-8333-444444444444",
        "azpacr": "0",
        "groups": ["cccccccc-1111-4222-8333-444444444444", "cccccccc-9999-4222-8333-444444444444"],
        "name": "Dana Scully",
        "oid": "dddddddd-1111-4222-8333-444444444444",
        "preferred_username": "dana@example.com",
        "scp": "launch profile",
        "sub": "AAAAAexamplePairwiseSubject",
        "tid": TENANT,
        "uti": "example",
        "ver": "2.0",
    },
    name="Dana Scully",
    refused={
        "an ID token": Part("token-kind", {"scp": None, "azp": None, "azpacr": None, "nonce": "n-0S6"}),
        "an ID token of the code flow": Part("token-kind", {"scp": None, "azp": None, "azpacr": None}),
        "an application's own token": Part("token-kind", {"scp": None, "roles": ["Everything"], "idtyp": "app"}),
        "another tenant": Part("token-issuer", {"iss": f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"}),
        "a guest's tenant": Part("token-claim-required", {"tid": OTHER_TENANT}),
        "version 1": Part("token-issuer", {"iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0"}),
        "another API": Part("token-audience", {"aud": "00000003-0000-0000-c000-000000000000"}),
        "another client": Part("token-client", {"azp": "eeeeeeee-1111-4222-8333-444444444444"}),
        "too many groups": Part(
            "group-overage",
            {"groups": None, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}},
        ),
        "too many groups for a URL": Part("group-overage", {"groups": None, "hasgroups": True}),
    },
)
OKTA_ISSUER = "https://example.okta.com/oauth2/aus0example1server2"
OKTA = Shape(
    header=RS256,
    claims=TIMES
    | {
        "ver": 1,
        "jti": "AT.example",
        "iss": OKTA_ISSUER,
        "aud": "api://studio-gate",
        "cid": "0oa0example1client2",
        "uid": "00u0example1person2",
        "scp": ["openid", "profile"],
        "auth_time": NOW - 70,
        "sub": "dana@example.com",
        "gate_groups": ["Data Science", "Everyone"],
    },
    name="dana@example.com",
    refused={
        "an ID token": Part(
            "token-kind",
            {
                "aud": "0oa0example1client2",
                "sub": "00u0example1person2",
                "at_hash": "fPlsvVszI29LU2UhDyJ9vg",
                "amr": ["pwd"],
                "idp": "00o0example",
                "cid": None,
                "uid": None,
                "scp": None,
            },
        ),
        "another authorization server": Part("token-issuer", {"iss": "https://example.okta.com/oauth2/default"}),
        "the org's own server": Part("token-issuer", {"iss": "https://example.okta.com"}),
        "another audience": Part("token-audience", {"aud": "api://default"}),
        "another client": Part("token-client", {"cid": "0oa0another1client2"}),
        "a client's own token": Part("token-subject", {"uid": None, "sub": "0oa0example1client2"}),
    },
)
POOL = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_EXAMPLE01"
COGNITO = Shape(
    header=RS256,
    claims=TIMES
    | {
        "sub": "eeeeeeee-1111-4222-8333-444444444444",
        "cognito:groups": ["data-science", "other"],
        "iss": POOL,
        "version": 2,
        "client_id": "1example23456789client",
        "origin_jti": "example",
        "token_use": "access",
        "scope": "openid profile",
        "auth_time": NOW - 70,
        "jti": "example",
        "username": "dana",
    },
    name="dana",
    refused={
        "an ID token": Part(
            "token-kind",
            {
                "token_use": "id",
                "aud": "1example23456789client",
                "at_hash": "example",
                "cognito:username": "dana",
                "email": "dana@example.com",
                "email_verified": True,
                "client_id": None,
                "scope": None,
                "username": None,
            },
        ),
        "another pool": Part("token-issuer", {"iss": f"{POOL}2"}),
        "another client": Part("token-client", {"client_id": "another23456789client"}),
        "no client": Part("token-client", {"client_id": None}),
        "bound to a resource": Part("token-audience", {"aud": "https://another.example.com"}),
    },
)
REALM = "https://login.example.com/realms/intranet"
KEYCLOAK = Shape(
    header=RS256 | {"typ": "JWT"},
    claims=TIMES
    | {
        "jti": "onrtac:example",
        "iss": REALM,
        "aud": ["studio-gate", "account"],
        "sub": "ffffffff-1111-4222-8333-444444444444",
        "typ": "Bearer",
        "azp": "intranet-tool",
        "sid": "example",
        "acr": "1",
        "scope": "openid profile email",
        "email_verified": True,
        "name": "Dana Scully",
        "groups": ["/data-science", "/elsewhere/data-science", "data-science"],
        "preferred_username": "dana",
        "email": "dana@example.com",
    },
    name="Dana Scully",
    email="dana@example.com",
    refused={
        "an ID token": Part(
            "token-kind", {"typ": "ID", "aud": "intranet-tool", "at_hash": "example", "scope": None, "nonce": "n-0S6"}
        ),
        "a refresh token": Part("token-kind", {"typ": "Refresh", "aud": REALM}),
        "a logout token": Part("token-kind", {"typ": "Logout", "events": {}}, {"typ": "logout+jwt"}),
        "another realm": Part("token-issuer", {"iss": "https://login.example.com/realms/master"}),
        "no audience mapper": Part("token-audience", {"aud": "account"}),
        "another client": Part("token-client", {"azp": "admin-cli"}),
        "no scope basic": Part("token-subject", {"sub": None}),
        "an address not verified": Part("email-not-verified", {"email_verified": False}),
    },
)
ALB_ARN = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/intranet/0123456789abcdef"
ALB = Shape(
    header=ES256 | {"typ": "JWT", "iss": REALM, "client": "intranet-alb", "signer": ALB_ARN, "exp": NOW + 120},
    claims={
        "sub": "ffffffff-1111-4222-8333-444444444444",
        "name": "Dana Scully",
        "email": "dana@example.com",
        "email_verified": True,
        "exp": NOW + 120,
        "iss": REALM,
    },
    name="Dana Scully",
    email="dana@example.com",
    groups=frozenset(),
    refused={
        "another load balancer": Part("assertion-of-another", header={"signer": ALB_ARN.replace("1111", "9999")}),
        "another client": Part("assertion-of-another", header={"client": "another"}),
        "another provider": Part("assertion-of-another", header={"iss": "https://login.example.com/realms/master"}),
        "another provider inside": Part("token-issuer", {"iss": "https://login.example.com/realms/master"}),
        "an old one": Part("token-expired", {"exp": NOW - 60}, {"exp": NOW - 60}),
    },
)
PROXY = Shape(
    header=ES256 | {"typ": "JWT"},
    claims=TIMES
    | {
        "iss": "intranet-proxy",
        "aud": "studio-gate",
        "sub": "p-0042",
        "name": "Dana Scully",
        "email": "dana@example.com",
        "groups": ["data-science"],
    },
    name="Dana Scully",
    email="dana@example.com",
    refused={
        "another proxy": Part("token-issuer", {"iss": "another-proxy"}),
        "another audience": Part("token-audience", {"aud": "wiki"}),
        "an access token": Part("token-kind", header={"typ": "at+jwt"}),
        "two addresses": Part("email-not-an-address", {"email": "dana@example.com,root@example.com"}),
    },
)


def signed(shape: Shape, key: RSAKey | ECKey, part: Part | None = None, *, padded: bool = False) -> str:
    """Return a provider's token with what is given in place, signed; padded as a load balancer's."""
    header, claims = dict(shape.header), dict(shape.claims)
    if part is not None:
        header, claims = header | part.header, claims | part.claims
    segments = [_segment({k: v for k, v in one.items() if v is not None}, padded=padded) for one in (header, claims)]
    algorithm = JWSRegistry(algorithms=[str(header["alg"])]).get_alg(str(header["alg"]))
    signature: Any = algorithm.sign(".".join(segments).encode(), key)
    return ".".join([*segments, _base64url(signature, padded=padded)])


def _segment(members: Mapping[str, object], *, padded: bool) -> str:
    return _base64url(json.dumps(members).encode(), padded=padded)


def _base64url(raw: bytes, *, padded: bool) -> str:
    text = base64.urlsafe_b64encode(raw).decode()
    return text if padded else text.rstrip("=")
