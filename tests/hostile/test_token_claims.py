"""Signed tokens whose claims are for others, of another time, of another kind, or of nobody in particular."""

import pytest

from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import CORP, GONE, token

DEEP: object = [[[["studio-gate"]]]]


def refused(send: Send, kind: str, claims: dict[str, object], status: int, reason: str) -> None:
    reply = send(forge.presenting(kind, token(kind, claims)))
    assert (reply.status, reply.audit["reason"], reply.mints) == (status, reason, ())
    assert reply.audit["caller"] is None


ISSUERS = {
    "missing": GONE,
    "null": None,
    "a number": 5,
    "true": True,
    "a list": [CORP],
    "an object": {CORP: CORP},
    "empty": "",
    "with a trailing slash": CORP + "/",
    "with two": CORP + "//",
    "with a suffix": CORP + ".evil.example",
    "with a path more": CORP + "/oauth",
    "with a query": CORP + "?x",
    "with a fragment": CORP + "#",
    "with a user": CORP.replace("https://", "https://x@"),
    "with its port": CORP.replace(".com", ".com:443"),
    "with a prefix": "https://evil.example/" + CORP,
    "with a blank before": " " + CORP,
    "with a blank after": CORP + " ",
    "with a newline": CORP + "\n",
    "with a NUL": CORP + "\0",
    "in another case": CORP.upper(),
    "with a host in another case": CORP.replace("corp", "Corp"),
    "by http": CORP.replace("https", "http"),
    "less its last character": CORP[:-1],
    "a part of it": "corp.example.com",
    "the host alone": "https://corp.example.com",
    "with a dot after the host": CORP.replace(".com", ".com."),
    "percent-encoded": CORP.replace("/t", "/%74"),
    "with letters that look alike": CORP.replace("o", "о"),  # noqa: RUF001 - the point
    "its name in the configuration": "corp",
    "another issuer": forge.IDP,
    "a proxy's": forge.EDGE,
}


@pytest.mark.parametrize("iss", ISSUERS.values(), ids=ISSUERS.keys())
def test_an_issuer_that_is_not_exactly_one_is_refused(present: Send, iss: object) -> None:
    reply = present(forge.bearing(token(claims={"iss": iss})))
    assert (reply.status, reply.mints, reply.audit["caller"]) == (401, (), None)
    # Another issuer that is trusted has no such key.
    assert reply.audit["reason"] == "token-issuer" or iss == forge.IDP


AUDIENCE, CLIENT = "token-audience", "token-client"
KIND, BOUND = "token-kind", "token-bound"
# OpenID Connect Back-Channel Logout, section 2.4: its sender may know it by this alone.
LOGOUT = {"http://schemas.openid.net/event/backchannel-logout": {}}
ADDRESSEES: dict[str, tuple[str, dict[str, object], str]] = {
    "an access token without audience": ("corp", {"aud": GONE}, AUDIENCE),
    "for null": ("corp", {"aud": None}, AUDIENCE),
    "for an empty text": ("corp", {"aud": ""}, AUDIENCE),
    "for an empty list": ("corp", {"aud": []}, AUDIENCE),
    "for a list of null": ("corp", {"aud": [None]}, AUDIENCE),
    "for a list of lists": ("corp", {"aud": [["studio-gate"]]}, AUDIENCE),
    "for a list with a list": ("corp", {"aud": ["studio-gate", ["studio-gate"]]}, AUDIENCE),
    "for a list in a list in a list": ("corp", {"aud": DEEP}, AUDIENCE),
    "for an object": ("corp", {"aud": {"studio-gate": True}}, AUDIENCE),
    "for a number": ("corp", {"aud": 5}, AUDIENCE),
    "for true": ("corp", {"aud": True}, AUDIENCE),
    "for somebody else": ("corp", {"aud": "others"}, AUDIENCE),
    "for others": ("corp", {"aud": ["others", "and-others"]}, AUDIENCE),
    "for a part of the name": ("corp", {"aud": "studio"}, AUDIENCE),
    "for one letter of the name": ("corp", {"aud": ["s", "t"]}, AUDIENCE),
    "for a longer name": ("corp", {"aud": "studio-gate-test"}, AUDIENCE),
    "for the name and a blank": ("corp", {"aud": "studio-gate "}, AUDIENCE),
    "for two names in one text": ("corp", {"aud": "studio-gate others"}, AUDIENCE),
    "for a list as text": ("corp", {"aud": '["studio-gate"]'}, AUDIENCE),
    "for the name in another case": ("corp", {"aud": "Studio-Gate"}, AUDIENCE),
    "for everybody": ("corp", {"aud": "*"}, AUDIENCE),
    "an ID token for others besides": ("idp", {"aud": ["studio-client", "others"]}, AUDIENCE),
    "an ID token for nobody": ("idp", {"aud": []}, AUDIENCE),
    "of a pool without audiences, with one": ("pool", {"aud": "studio-gate"}, AUDIENCE),
    "of a pool without audiences, with an empty list": ("pool", {"aud": []}, AUDIENCE),
    "of a pool without audiences, with null": ("pool", {"aud": None}, AUDIENCE),
    "got by another client": ("corp", {"azp": "others"}, CLIENT),
    "got by nobody": ("corp", {"azp": GONE}, CLIENT),
    "got by a list of clients": ("corp", {"azp": ["tool"]}, CLIENT),
    "got by a part of the client": ("corp", {"azp": "too"}, CLIENT),
    "got by a client in another claim": ("corp", {"azp": GONE, "client_id": "tool", "appid": "tool"}, CLIENT),
    "an ID token got by another client": ("idp", {"azp": "others"}, CLIENT),
    "an ID token got by null": ("idp", {"azp": None}, CLIENT),
    "of a pool, got by another client": ("pool", {"client_id": "others"}, CLIENT),
    "of a pool, got by nobody": ("pool", {"client_id": GONE}, CLIENT),
    "without a required claim": ("corp", {"org": GONE}, "token-claim-required"),
    "with a required claim as text": ("corp", {"org": "7"}, "token-claim-required"),
    "with a required claim as a fraction": ("corp", {"org": 7.0}, "token-claim-required"),
    "with a required claim in a list": ("corp", {"org": [7]}, "token-claim-required"),
    "with a required claim true": ("corp", {"org": True}, "token-claim-required"),
    "a proxy's for others": ("edge", {"aud": "others"}, AUDIENCE),
    "a proxy's for nobody": ("edge", {"aud": GONE}, AUDIENCE),
    "a proxy's for a list of lists": ("edge", {"aud": [["studio-gate"]]}, AUDIENCE),
    "a proxy's for a part of the name": ("edge", {"aud": "studio-gat"}, AUDIENCE),
    "a proxy's by another issuer": ("edge", {"iss": CORP}, "token-issuer"),
    "a proxy's by no issuer": ("edge", {"iss": GONE}, "token-issuer"),
    "a proxy's by a list of issuers": ("edge", {"iss": [forge.EDGE]}, "token-issuer"),
    "a load balancer's by another issuer in the claims": ("alb", {"iss": CORP}, "token-issuer"),
    "a load balancer's by null in the claims": ("alb", {"iss": None}, "token-issuer"),
    "an ID token of the issuer of access tokens": ("corp", {"nonce": "n", "scope": GONE}, KIND),
    "an ID token with the hash of an access token": ("corp", {"at_hash": "h"}, KIND),
    "an ID token with the hash of a code": ("corp", {"c_hash": "h"}, KIND),
    "an ID token that says so": ("corp", {"token_use": "id"}, KIND),
    "an ID token that says so as Keycloak does": ("corp", {"typ": "ID"}, KIND),
    "what has neither a scope nor says what it is": ("corp", {"scope": GONE}, KIND),
    "a refresh token": ("corp", {"typ": "Refresh"}, KIND),
    "an offline token": ("corp", {"typ": "Offline"}, KIND),
    "a logout token by its own word": ("corp", {"typ": "Logout"}, KIND),
    "a kind that is a list": ("corp", {"token_use": ["access"]}, KIND),
    "a kind that is an object": ("corp", {"typ": {"Bearer": 1}}, KIND),
    "a kind that is true": ("corp", {"token_use": True}, KIND),
    "an access token of the issuer of ID tokens": ("idp", {"scope": "open"}, KIND),
    "an access token of Okta's": ("idp", {"cid": "studio-client"}, KIND),
    "an access token of Entra's": ("idp", {"azpacr": "0"}, KIND),
    "an access token of an older Entra's": ("idp", {"appidacr": "0"}, KIND),
    "an access token that says so": ("idp", {"token_use": "access"}, KIND),
    "an access token that says so as Keycloak does": ("idp", {"typ": "Bearer"}, KIND),
    "a refresh token of the issuer of ID tokens": ("idp", {"typ": "Refresh"}, KIND),
    "a logout token": ("idp", {"events": LOGOUT, "nonce": GONE, "at_hash": GONE}, KIND),
    "a logout token with a nonce": ("idp", {"events": LOGOUT}, KIND),
    "a security event with a scope": ("corp", {"events": {"urn:example": {}}}, KIND),
    "a logout token behind a proxy": ("edge", {"events": LOGOUT}, KIND),
    "an ID token of the pool of access tokens": ("pool", {"token_use": "id"}, KIND),
    "bound to a key": ("corp", {"cnf": {"jkt": "x"}}, BOUND),
    "bound to a certificate": ("corp", {"cnf": {"x5t#S256": "x"}}, BOUND),
    "bound to nothing": ("corp", {"cnf": {}}, BOUND),
    "bound to null": ("corp", {"cnf": None}, BOUND),
    "an ID token bound to a key": ("idp", {"cnf": {"jkt": "x"}}, BOUND),
    "a proxy's bound to a key": ("edge", {"cnf": {"jkt": "x"}}, BOUND),
    "a load balancer's bound to a key": ("alb", {"cnf": {"jkt": "x"}}, BOUND),
}


@pytest.mark.parametrize(("kind", "claims", "reason"), ADDRESSEES.values(), ids=ADDRESSEES.keys())
def test_a_token_for_others_or_of_another_kind_is_refused(
    present: Send, kind: str, claims: dict[str, object], reason: str
) -> None:
    refused(present, kind, claims, 401, reason)


GOOD: dict[str, tuple[str, dict[str, object]]] = {
    "for a list with us": ("corp", {"aud": ["others", "studio-gate"]}),
    "that says it is an access token": ("corp", {"typ": "Bearer", "scope": GONE}),
    "an ID token for a list of us": ("idp", {"aud": ["studio-client"]}),
    "an ID token got by us": ("idp", {"azp": "studio-client"}),
    "a load balancer's with the issuer in the claims": ("alb", {"iss": forge.IDP}),
}


@pytest.mark.parametrize(("kind", "claims"), GOOD.values(), ids=GOOD.keys())
def test_a_token_that_is_for_us_mints(present: Send, kind: str, claims: dict[str, object]) -> None:
    assert len(present(forge.presenting(kind, token(kind, claims))).mints) == 1
