"""A bearer token proves a caller when a configured issuer signed it for the gate, as the one kind that is accepted."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from studio_gate.errors import ConfigError, GateError, InvalidParameter, Problem
from studio_gate.identity import Caller, Proof, bearer
from studio_gate.identity.keyring import Keyring
from tests.studio_gate.tokens_made import (
    ABSENT,
    ALGORITHMS,
    AUDIENCE,
    ISSUER,
    NOW,
    STRANGER,
    SUBJECT,
    Changes,
    MadeIssuer,
    as_issuer,
)

OTHER = MadeIssuer("https://login.example.com/other")
NONE: Changes = {}


def proved(
    authorization: Sequence[str] | str, *entries: dict[str, Any], now: float = NOW, scheme: str = "Bearer"
) -> Caller:
    """The caller behind a token, or behind the values of the header, for a gate that trusts `ISSUER` or others."""
    trusted = bearer.trusted_issuers(as_issuer(one) for one in entries or (ISSUER.entry(),))
    values = [f"{scheme} {authorization}"] if isinstance(authorization, str) else authorization
    return bearer.identify(values, trusted, now)


def not_proved(authorization: Sequence[str] | str, *entries: dict[str, Any], now: float = NOW) -> str:
    """The reason why there is no caller, who gets a 401."""
    with pytest.raises(GateError) as caught:
        proved(authorization, *entries, now=now)
    assert caught.value.problem is Problem.NOT_PROVED
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_of_each_algorithm_proves_its_subject(algorithm: str) -> None:
    entry = ISSUER.entry(algorithms=list(ALGORITHMS), keys={"pinned": ISSUER.key_set()})
    caller = proved(ISSUER.token(algorithm=algorithm), entry)
    assert caller == Caller(f"corp:{SUBJECT}", Proof.BEARER, ISSUER.url, SUBJECT, SUBJECT, frozenset())


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_s_case_does_not_matter(scheme: str) -> None:
    assert proved(ISSUER.token(), scheme=scheme).subject == SUBJECT


def test_the_issuer_s_groups_get_the_names_that_policies_use() -> None:
    entry = ISSUER.entry(claims={"groups": "roles"}, groups={"6f1c": "data-science"})
    assert proved(ISSUER.token({"roles": ["6f1c", "tools"]}), entry).groups == {"data-science"}


def test_each_issuer_s_tokens_are_of_its_own_callers() -> None:
    entries = ISSUER.entry(), OTHER.entry(name="other")
    assert proved(ISSUER.token(), *entries).id == f"corp:{SUBJECT}"
    assert proved(OTHER.token(), *entries).id == f"other:{SUBJECT}"
    assert not_proved(OTHER.token({"iss": ISSUER.url}), *entries) == "token-signature"


HEADERS: dict[str, tuple[Callable[[], list[str]], str]] = {
    "no header": (list, "no-token"),
    "an empty header": (lambda: [""], "no-bearer-token"),
    "a signature of SigV4": (lambda: ["AWS4-HMAC-SHA256 Credential=A"], "no-bearer-token"),
    "another scheme": (lambda: [f"DPoP {ISSUER.token()}"], "no-bearer-token"),
    "a scheme that begins alike": (lambda: [f"Bearers {ISSUER.token()}"], "no-bearer-token"),
    "no scheme": (lambda: [ISSUER.token()], "no-bearer-token"),
    "a scheme alone": (lambda: ["Bearer "], "no-bearer-token"),
    "two blanks": (lambda: [f"Bearer  {ISSUER.token()}"], "no-bearer-token"),
    "a tabulator": (lambda: [f"Bearer\t{ISSUER.token()}"], "no-bearer-token"),
    "a blank before it": (lambda: [f" Bearer {ISSUER.token()}"], "no-bearer-token"),
    "a blank after it": (lambda: [f"Bearer {ISSUER.token()} "], "no-bearer-token"),
    "a newline after it": (lambda: [f"Bearer {ISSUER.token()}\n"], "no-bearer-token"),
    "two tokens": (lambda: [f"Bearer {ISSUER.token()}, Bearer {ISSUER.token()}"], "no-bearer-token"),
    "padding": (lambda: [f"Bearer {ISSUER.token()}="], "token-form"),
    "no token at all": (lambda: ["Bearer secret"], "token-form"),
}


@pytest.mark.parametrize(("made", "reason"), HEADERS.values(), ids=HEADERS.keys())
def test_what_is_no_bearer_token(made: Callable[[], list[str]], reason: str) -> None:
    assert not_proved(made()) == reason


def test_a_header_given_twice_is_named() -> None:
    with pytest.raises(GateError) as caught:
        proved([f"Bearer {ISSUER.token()}"] * 2)
    assert caught.value.problem is Problem.MALFORMED
    assert caught.value.parameters == (InvalidParameter("Authorization", "must be given once"),)


# Claims, header, reason.
TOKENS: dict[str, tuple[Changes, Changes, str]] = {
    "no issuer": ({"iss": ABSENT}, NONE, "token-issuer"),
    "an issuer of null": ({"iss": None}, NONE, "token-issuer"),
    "an issuer that is a list": ({"iss": [ISSUER.url]}, NONE, "token-issuer"),
    "an issuer with a slash at the end": ({"iss": ISSUER.url + "/"}, NONE, "token-issuer"),
    "an issuer in another case": ({"iss": ISSUER.url.upper()}, NONE, "token-issuer"),
    "a key that nobody knows": (NONE, {"kid": "other"}, "unknown-key"),
    "the key's id in another case": (NONE, {"kid": "es256"}, "unknown-key"),
    "no signature": (NONE, {"alg": "none"}, "token-algorithm"),
    "a token that is over": ({"exp": NOW - 30}, NONE, "token-expired"),
    "a token without an end": ({"exp": ABSENT}, NONE, "token-times"),
    "a token of tomorrow": ({"nbf": NOW + 86400}, NONE, "token-not-yet-valid"),
    "a token that is bound to a key": ({"cnf": {"jkt": "abc"}}, NONE, "token-bound"),
    "another audience": ({"aud": "api://other"}, NONE, "token-audience"),
    "no audience": ({"aud": ABSENT}, NONE, "token-audience"),
    "an empty list of audiences": ({"aud": []}, NONE, "token-audience"),
    "an audience that begins alike": ({"aud": AUDIENCE + "/"}, NONE, "token-audience"),
    "an audience that is a number": ({"aud": [AUDIENCE, 7]}, NONE, "token-audience"),
    "no subject": ({"sub": ABSENT}, NONE, "token-subject"),
    "a subject that is the caller of another": ({"sub": "alice x"}, NONE, "token-subject"),
}


@pytest.mark.parametrize(("claims", "header", "reason"), TOKENS.values(), ids=TOKENS.keys())
def test_a_token_that_proves_nothing(claims: Changes, header: Changes, reason: str) -> None:
    assert not_proved(ISSUER.token(claims, header)) == reason


def test_nothing_counts_before_the_signature() -> None:
    forged = STRANGER.token({"iss": ISSUER.url, "exp": 1, "aud": "other", "sub": ABSENT, "cnf": {}})
    assert not_proved(forged) == "token-signature"


def test_the_leeway_is_the_issuer_s() -> None:
    late = NOW + 300 + 59
    assert proved(ISSUER.token(), ISSUER.entry(leeway=60), now=late).subject == SUBJECT
    assert not_proved(ISSUER.token(), ISSUER.entry(leeway=59), now=late) == "token-expired"


def test_claims_that_an_issuer_requires_are_required() -> None:
    entry = ISSUER.entry(required={"tid": "1111"})
    assert proved(ISSUER.token({"tid": "1111"}), entry).subject == SUBJECT
    assert not_proved(ISSUER.token({"tid": "2222"}), entry) == "token-claim-required"


PLAIN = {"typ": "JWT"}
# Accepted as, claims, header.
KINDS: dict[str, tuple[str, Changes, Changes]] = {
    "RFC 9068": ("access", NONE, {"typ": "at+jwt"}),
    "RFC 9068 with its whole media type": ("access", NONE, {"typ": "application/at+jwt"}),
    "RFC 9068 in capitals": ("access", NONE, {"typ": "AT+JWT"}),
    "RFC 9068 with a nonce": ("access", {"nonce": "n"}, {"typ": "at+jwt"}),
    "Cognito's": ("access", {"token_use": "access"}, {"typ": ABSENT}),
    "Keycloak's": ("access", {"typ": "Bearer"}, PLAIN),
    "Microsoft's": ("access", {"scp": "open"}, PLAIN),
    "one with a scope": ("access", {"scope": "open"}, PLAIN),
    "Cognito's with a nonce": ("access", {"token_use": "access", "nonce": "n"}, PLAIN),
    "an ID token": ("id", NONE, PLAIN),
    "an ID token without a media type": ("id", NONE, {"typ": ABSENT}),
    "an ID token with a nonce and digests": ("id", {"nonce": "n", "at_hash": "a", "c_hash": "c"}, PLAIN),
    "an ID token of Cognito": ("id", {"token_use": "id"}, PLAIN),
    "an ID token of Keycloak": ("id", {"typ": "ID"}, PLAIN),
}


@pytest.mark.parametrize(("token", "claims", "header"), KINDS.values(), ids=KINDS.keys())
def test_a_token_of_the_kind_that_is_accepted(token: str, claims: Changes, header: Changes) -> None:
    assert proved(ISSUER.token(claims, header), ISSUER.entry(token=token)).subject == SUBJECT


SCOPED = {"scope": "open"}
OTHER_KINDS: dict[str, tuple[str, Changes, Changes]] = {
    "an access token that is marked as none": ("access", NONE, PLAIN),
    "an access token with a nonce and a scope": ("access", {"scope": "open", "nonce": "n"}, PLAIN),
    "an ID token with a digest of an access token": ("access", {"at_hash": "a"}, {"typ": "at+jwt"}),
    "an ID token with a digest of a code": ("access", {"c_hash": "c", **SCOPED}, PLAIN),
    "an ID token of Cognito": ("access", {"token_use": "id", **SCOPED}, PLAIN),
    "an ID token of Keycloak": ("access", {"typ": "ID", **SCOPED}, PLAIN),
    "a refresh token of Keycloak": ("access", {"typ": "Refresh", **SCOPED}, PLAIN),
    "a use in another case": ("access", {"token_use": "Access"}, {"typ": "at+jwt"}),
    "a use that is a list": ("access", {"token_use": ["access"]}, {"typ": "at+jwt"}),
    "a type that is a list": ("access", {"typ": ["Bearer"]}, {"typ": "at+jwt"}),
    "a logout token": ("access", SCOPED, {"typ": "logout+jwt"}),
    "a proof of possession": ("access", SCOPED, {"typ": "dpop+jwt"}),
    "a media type that is a number": ("access", SCOPED, {"typ": 7}),
    "a media type that is empty": ("access", SCOPED, {"typ": ""}),
    "a media type with a parameter": ("access", SCOPED, {"typ": "at+jwt;v=1"}),
    "a media type of another tree": ("access", SCOPED, {"typ": "text/at+jwt"}),
    "an access token by its media type": ("id", NONE, {"typ": "at+jwt"}),
    "an access token by its whole media type": ("id", NONE, {"typ": "application/AT+jwt"}),
    "an access token of Cognito": ("id", {"token_use": "access"}, PLAIN),
    "an access token of Keycloak": ("id", {"typ": "Bearer"}, PLAIN),
    "an access token by its scope": ("id", SCOPED, PLAIN),
    "an access token of Microsoft by its scope": ("id", {"scp": "open"}, PLAIN),
    "an access token by its client": ("id", {"client_id": "c"}, PLAIN),
    "an access token of Okta by its client": ("id", {"cid": "c"}, PLAIN),
    "an access token of Microsoft by how its client proved itself": ("id", {"azpacr": "1"}, PLAIN),
    "an older one of Microsoft": ("id", {"appidacr": "1"}, PLAIN),
    "a logout token for an ID token": ("id", NONE, {"typ": "logout+jwt"}),
}


@pytest.mark.parametrize(("token", "claims", "header"), OTHER_KINDS.values(), ids=OTHER_KINDS.keys())
def test_a_token_of_another_kind(token: str, claims: Changes, header: Changes) -> None:
    assert not_proved(ISSUER.token(claims, header), ISSUER.entry(token=token)) == "token-kind"


BOTH = {"audiences": [AUDIENCE, "second"]}
CLIENTS = {"clients": ["tool", "cli"]}
CLIENTS_ALONE = {"clients": ["tool"], "audiences": [], "client_claim": "client_id"}
# The issuer's entry, claims, reason or nothing.
ADDRESSED: dict[str, tuple[Changes, Changes, str | None]] = {
    "one of several audiences": (BOTH, {"aud": "second"}, None),
    "an access token for others too": (NONE, {"aud": [AUDIENCE, "other"]}, None),
    "an ID token for others too": ({"token": "id"}, {"aud": [AUDIENCE, "other"], "azp": AUDIENCE}, "token-audience"),
    "an ID token for another": ({"token": "id"}, {"aud": "other", "azp": AUDIENCE}, "token-audience"),
    "an ID token for both of ours": ({"token": "id", **BOTH}, {"aud": ["second", AUDIENCE], "azp": AUDIENCE}, None),
    "an ID token got by its audience": ({"token": "id"}, {"azp": AUDIENCE}, None),
    "an ID token got by another client": ({"token": "id"}, {"azp": "other"}, "token-client"),
    "an ID token got by a client of null": ({"token": "id"}, {"azp": None}, "token-client"),
    "an ID token got by a listed client": ({"token": "id", **CLIENTS}, {"azp": "cli"}, None),
    "an ID token got by its audience alone": ({"token": "id", **CLIENTS}, {"azp": AUDIENCE}, "token-client"),
    "an ID token got by another client, clients in another claim": (
        {"token": "id", "client_claim": "appid", **CLIENTS},
        {"azp": "other", "appid": "tool"},
        "token-client",
    ),
    "an ID token that does not say who got it": ({"token": "id", **CLIENTS}, NONE, "token-client"),
    "an access token got by anybody": (NONE, {"azp": "other"}, None),
    "an access token got by a listed client": (CLIENTS, {"azp": "tool"}, None),
    "an access token got by another client": (CLIENTS, {"azp": "other"}, "token-client"),
    "an access token that does not say who got it": (CLIENTS, NONE, "token-client"),
    "an access token got by a list of clients": (CLIENTS, {"azp": ["tool"]}, "token-client"),
    "a client by another claim": ({**CLIENTS, "client_claim": "cid"}, {"azp": "tool"}, "token-client"),
    "a client by the claim of the configuration": ({**CLIENTS, "client_claim": "cid"}, {"cid": "tool"}, None),
    "a listed client but another audience": (CLIENTS, {"azp": "tool", "aud": "other"}, "token-audience"),
    "no audience where none is configured": (CLIENTS_ALONE, {"aud": ABSENT, "client_id": "tool"}, None),
    "an audience where none is configured": (CLIENTS_ALONE, {"client_id": "tool"}, "token-audience"),
    "an empty list where none is configured": (CLIENTS_ALONE, {"aud": [], "client_id": "tool"}, "token-audience"),
    "no audience and another client": (CLIENTS_ALONE, {"aud": ABSENT, "client_id": "other"}, "token-client"),
    "no audience and no client": (CLIENTS_ALONE, {"aud": ABSENT}, "token-client"),
}


@pytest.mark.parametrize(("entry", "claims", "reason"), ADDRESSED.values(), ids=ADDRESSED.keys())
def test_a_token_is_for_the_gate_and_got_by_a_client_that_may_use_it(
    entry: Changes, claims: Changes, reason: str | None
) -> None:
    token = ISSUER.token(claims, PLAIN if entry.get("token") == "id" else NONE)
    if reason is None:
        assert proved(token, ISSUER.entry(**entry)).subject == SUBJECT
    else:
        assert not_proved(token, ISSUER.entry(**entry)) == reason


UNUSABLE: dict[str, tuple[Callable[[], object], str]] = {
    "no keys": (lambda: {"keys": []}, "no key is for ES256"),
    "no key set": (dict, "keys must be a list"),
    "keys for something else": (lambda: {"keys": [ISSUER.jwk("Ed25519")]}, "no key is for ES256"),
    "a private key": (lambda: {"keys": [ISSUER.private_jwk()]}, "a key is symmetric or private"),
}


@pytest.mark.parametrize(("made", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_pinned_keys_that_cannot_be_used_are_an_error_of_the_configuration(
    made: Callable[[], object], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: keys of 'corp': {message}"):
        bearer.trusted_issuers([as_issuer(ISSUER.entry(keys={"pinned": json.dumps(made())}))])


@pytest.mark.parametrize("where", ["url", "metadata"])
def test_keys_that_are_not_pinned_are_fetched_when_they_are_needed(where: str) -> None:
    entry = ISSUER.entry(keys={where: "https://login.example.com/keys"})
    assert isinstance(bearer.trusted_issuers([as_issuer(entry)])[ISSUER.url].keys, Keyring)
