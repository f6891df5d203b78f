"""A trusted proxy asserts whom it has let through, in its own header, signed, for this gate and through this proxy."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from studio_gate.errors import ConfigError, GateError, InvalidParameter, Problem
from studio_gate.identity import Caller, Proof, proxy
from studio_gate.identity.keyring import Mirror
from tests.studio_gate.tokens_made import (
    ABSENT,
    ALGORITHMS,
    AUDIENCE,
    CLIENT,
    ISSUER,
    NOW,
    SIGNER,
    STRANGER,
    SUBJECT,
    Changes,
    as_proxy,
)

FRONT, ALB = "x-front-assertion", "x-amzn-oidc-data"
NONE: Changes = {}
type Headers = Mapping[str, list[str]]


def proved(headers: Headers, *entries: dict[str, Any], now: float = NOW) -> Caller:
    """The caller behind these headers, for a gate that trusts both kinds of proxies, or others."""
    entries = entries or (ISSUER.proxy_entry(), ISSUER.alb_entry())
    trusted = proxy.trusted_proxies(as_proxy(one) for one in entries)
    return proxy.identify(lambda name: headers.get(name, []), trusted, now)


def not_proved(headers: Headers, *entries: dict[str, Any], now: float = NOW) -> str:
    """The reason why there is no caller, who gets a 401."""
    with pytest.raises(GateError) as caught:
        proved(headers, *entries, now=now)
    assert caught.value.problem is Problem.NOT_PROVED
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_assertion_of_each_algorithm_proves_its_subject(algorithm: str) -> None:
    entry = ISSUER.proxy_entry(algorithms=list(ALGORITHMS), keys={"pinned": ISSUER.key_set()})
    caller = proved({FRONT: [ISSUER.assertion(algorithm=algorithm)]}, entry)
    assert caller == Caller(f"front:{SUBJECT}", Proof.PROXY, ISSUER.url, SUBJECT, SUBJECT, frozenset())


@pytest.mark.parametrize("padded", [True, False])
def test_a_load_balancer_s_assertion_proves_its_subject(*, padded: bool) -> None:
    # Of three lengths, so that some end with padding.
    for subject in ("a", "ab", "abc"):
        caller = proved({ALB: [ISSUER.alb_assertion({"sub": subject}, padded=padded)]})
        assert caller == Caller(f"portal:{subject}", Proof.PROXY, ISSUER.url, subject, subject, frozenset())


of_either_kind = pytest.mark.parametrize(
    ("entry", "header", "made"),
    [(ISSUER.proxy_entry, FRONT, ISSUER.assertion), (ISSUER.alb_entry, ALB, ISSUER.alb_assertion)],
    ids=["a proxy", "a load balancer"],
)
type Entry = Callable[..., dict[str, Any]]
type Make = Callable[..., str]


@of_either_kind
def test_claims_and_groups_are_those_of_the_configuration(entry: Entry, header: str, made: Make) -> None:
    changes = {"claims": {"groups": "roles", "email": "email"}, "groups": {"6f1c": "data-science"}}
    given = {"roles": ["6f1c", "tools"], "email": "alice@example.com"}
    caller = proved({header: [made(given)]}, entry(**changes))
    assert (caller.groups, caller.label) == ({"data-science"}, "alice@example.com")


@of_either_kind
def test_claims_that_are_required_are_required(entry: Entry, header: str, made: Make) -> None:
    demanding = entry(required={"hd": "example.com"})
    assert proved({header: [made({"hd": "example.com"})]}, demanding).subject == SUBJECT
    assert not_proved({header: [made()]}, demanding) == "token-claim-required"


@of_either_kind
def test_the_leeway_is_the_proxy_s(entry: Entry, header: str, made: Make) -> None:
    late = NOW + 300 + 59
    assert proved({header: [made()]}, entry(leeway=60), now=late).subject == SUBJECT
    assert not_proved({header: [made()]}, entry(leeway=59), now=late) == "token-expired"


@of_either_kind
def test_a_header_given_twice_is_named(entry: Entry, header: str, made: Make) -> None:
    with pytest.raises(GateError) as caught:
        proved({header: [made()] * 2})
    assert caught.value.problem is Problem.MALFORMED
    assert caught.value.parameters == (InvalidParameter(header, "must be given once"),)


@of_either_kind
def test_nothing_counts_before_the_signature(entry: Entry, header: str, made: Make) -> None:
    good = made({"exp": 1, "sub": ABSENT, "cnf": {}}).split(".")
    forged = ".".join([*good[:2], made().split(".")[2]])
    assert not_proved({header: [forged]}) == "token-signature"


@of_either_kind
def test_only_a_configured_proxy_has_a_header(entry: Entry, header: str, made: Make) -> None:
    other = ISSUER.proxy_entry(header="x-other-assertion")
    assert not_proved({header: [made()]}, other) == "no-assertion"
    assert not_proved({"authorization": [f"Bearer {made()}"]}, entry()) == "no-assertion"


HEADERS: dict[str, tuple[Callable[[], Headers], str]] = {
    "no header": (dict, "no-assertion"),
    "a header without values": (lambda: {FRONT: []}, "no-assertion"),
    "an empty header": (lambda: {FRONT: [""]}, "token-form"),
    "an empty header of a load balancer": (lambda: {ALB: [""]}, "token-form"),
    "a scheme before the assertion": (lambda: {FRONT: [f"Bearer {ISSUER.assertion()}"]}, "token-form"),
    "padding that only load balancers use": (
        lambda: {FRONT: [ISSUER.alb_assertion({"sub": "a"})]},
        "token-form",
    ),
    "assertions of two proxies": (
        lambda: {FRONT: [ISSUER.assertion()], ALB: [ISSUER.alb_assertion()]},
        "several-assertions",
    ),
    "a good assertion beside a bad one": (
        lambda: {FRONT: ["nonsense"], ALB: [ISSUER.alb_assertion()]},
        "several-assertions",
    ),
    "an assertion in the header of another": (lambda: {ALB: [ISSUER.assertion()]}, "assertion-of-another"),
    "an assertion of a load balancer in another's header": (
        lambda: {FRONT: [ISSUER.alb_assertion(padded=False)]},
        "token-audience",
    ),
}


@pytest.mark.parametrize(("made", "reason"), HEADERS.values(), ids=HEADERS.keys())
def test_what_is_no_assertion(made: Callable[[], Headers], reason: str) -> None:
    assert not_proved(made()) == reason


# Claims, header, reason.
ASSERTIONS: dict[str, tuple[Changes, Changes, str]] = {
    "no issuer": ({"iss": ABSENT}, NONE, "token-issuer"),
    "another issuer": ({"iss": STRANGER.url}, NONE, "token-issuer"),
    "an issuer that is a list": ({"iss": [ISSUER.url]}, NONE, "token-issuer"),
    "another issuer and a key that nobody knows": ({"iss": STRANGER.url}, {"kid": "other"}, "token-issuer"),
    "a key that nobody knows": (NONE, {"kid": "other"}, "unknown-key"),
    "no signature": (NONE, {"alg": "none"}, "token-algorithm"),
    "another audience": ({"aud": "other"}, NONE, "token-audience"),
    "no audience": ({"aud": ABSENT}, NONE, "token-audience"),
    "an assertion that is over": ({"exp": NOW - 30}, NONE, "token-expired"),
    "an assertion of tomorrow": ({"iat": NOW + 86400}, NONE, "token-not-yet-valid"),
    "no moment of issue": ({"iat": ABSENT}, NONE, "token-times"),
    "an assertion that is bound to a key": ({"cnf": {}}, NONE, "token-bound"),
    "an access token": (NONE, {"typ": "at+jwt"}, "token-kind"),
    "a logout token": (NONE, {"typ": "logout+jwt"}, "token-kind"),
    "a kind that is a number": (NONE, {"typ": 7}, "token-kind"),
    "no subject": ({"sub": ABSENT}, NONE, "token-subject"),
}


@pytest.mark.parametrize(("claims", "header", "reason"), ASSERTIONS.values(), ids=ASSERTIONS.keys())
def test_an_assertion_that_proves_nothing(claims: Changes, header: Changes, reason: str) -> None:
    assert not_proved({FRONT: [ISSUER.assertion(claims, header)]}) == reason


@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/jwt", ABSENT], ids=["JWT", "jwt", "whole", "none"])
def test_a_plain_jwt_is_an_assertion(typ: object) -> None:
    assert proved({FRONT: [ISSUER.assertion(header={"typ": typ})]}).subject == SUBJECT
    assert proved({ALB: [ISSUER.alb_assertion(header={"typ": typ})]}).subject == SUBJECT


def test_an_assertion_may_be_for_others_too() -> None:
    assert proved({FRONT: [ISSUER.assertion({"aud": ["other", AUDIENCE]})]}).subject == SUBJECT


OTHER_SIGNER = SIGNER.replace("portal", "portals")
OF_ANOTHER = "assertion-of-another"
OF_LOAD_BALANCERS: dict[str, tuple[Changes, Changes, str]] = {
    "another load balancer": (NONE, {"signer": OTHER_SIGNER}, OF_ANOTHER),
    "another load balancer with a key that nobody knows": (NONE, {"signer": OTHER_SIGNER, "kid": "x"}, OF_ANOTHER),
    "the load balancer of another account": (NONE, {"signer": SIGNER.replace("111122223333", "9" * 12)}, OF_ANOTHER),
    "a signer that is a list": (NONE, {"signer": [SIGNER]}, OF_ANOTHER),
    "no signer": (NONE, {"signer": ABSENT}, OF_ANOTHER),
    "a signer among the claims alone": ({"signer": SIGNER}, {"signer": ABSENT}, OF_ANOTHER),
    "another client": (NONE, {"client": CLIENT.upper()}, OF_ANOTHER),
    "no client": (NONE, {"client": ABSENT}, OF_ANOTHER),
    "another provider": (NONE, {"iss": STRANGER.url}, OF_ANOTHER),
    "no provider": (NONE, {"iss": ABSENT}, OF_ANOTHER),
    "claims of another provider": ({"iss": STRANGER.url}, NONE, "token-issuer"),
    "claims of another provider and a key that nobody knows": ({"iss": STRANGER.url}, {"kid": "x"}, "token-issuer"),
    "claims of a provider of null": ({"iss": None}, NONE, "token-issuer"),
    "a key that nobody knows": (NONE, {"kid": "other"}, "unknown-key"),
    "another algorithm": (NONE, {"alg": "RS256"}, "token-algorithm"),
    "an assertion that is over": (NONE, {"exp": NOW - 30}, "token-expired"),
    "claims that are over": ({"exp": NOW - 30}, NONE, "token-expired"),
    "no end": ({"exp": ABSENT}, {"exp": ABSENT}, "token-times"),
    "an end among the claims alone": (NONE, {"exp": ABSENT}, "token-times"),
    "an end of null": (NONE, {"exp": None}, "token-times"),
    "claims with an end of null": ({"exp": None}, NONE, "token-times"),
    "an end as text": (NONE, {"exp": str(NOW + 300)}, "token-times"),
    "an assertion that is bound to a key": ({"cnf": {}}, NONE, "token-bound"),
    "another kind": (NONE, {"typ": "at+jwt"}, "token-kind"),
    "no subject": ({"sub": ABSENT}, NONE, "token-subject"),
}


@pytest.mark.parametrize(("claims", "header", "reason"), OF_LOAD_BALANCERS.values(), ids=OF_LOAD_BALANCERS.keys())
def test_an_assertion_of_a_load_balancer_that_proves_nothing(claims: Changes, header: Changes, reason: str) -> None:
    assert not_proved({ALB: [ISSUER.alb_assertion(claims, header)]}) == reason


FROM_USER_INFO = {
    "claims without an end": {"exp": ABSENT},
    "claims without an issuer": {"iss": ABSENT},
    "an audience of the provider's own": {"aud": "other"},
    "claims of a moment of issue that does not count": {"iat": NOW + 86400},
}


@pytest.mark.parametrize("claims", FROM_USER_INFO.values(), ids=FROM_USER_INFO.keys())
def test_a_load_balancer_passes_on_what_the_provider_says(claims: Changes) -> None:
    assert proved({ALB: [ISSUER.alb_assertion(claims)]}).subject == SUBJECT


def test_an_assertion_of_a_stranger_s_load_balancer_is_refused() -> None:
    forged = STRANGER.alb_assertion({"iss": ISSUER.url}, {"iss": ISSUER.url})
    assert not_proved({ALB: [forged]}) == "token-signature"


UNUSABLE: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "a key set without keys": (
        lambda: ISSUER.proxy_entry(keys={"pinned": json.dumps({"keys": []})}),
        "keys of 'front': no key is for ES256",
    ),
    "a load balancer's key that is none": (
        lambda: ISSUER.alb_entry(keys={"pinned": {"ES256": "MII="}}),
        "keys of 'portal': is no public key in PEM",
    ),
    "one good and one bad key of a load balancer": (
        lambda: ISSUER.alb_entry(keys={"pinned": {"ES256": ISSUER.pem(), "other": ISSUER.pem()[:60]}}),
        "keys of 'portal': is no P-256 key",
    ),
}


@pytest.mark.parametrize(("made", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_pinned_keys_that_cannot_be_used_are_an_error_of_the_configuration(
    made: Callable[[], dict[str, Any]], message: str
) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: {message}"):
        proxy.trusted_proxies([as_proxy(made())])


def test_a_load_balancer_s_keys_are_fetched_from_a_mirror_when_they_are_needed() -> None:
    entry = as_proxy(ISSUER.alb_entry(keys={"mirror": "https://keys.example.com/elb"}))
    (trusted,) = proxy.trusted_proxies([entry])
    assert isinstance(trusted.keys, Mirror)
