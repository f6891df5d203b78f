"""A good proof in another proof's place, or made by the wrong one: each counts for one issuer, kind and route alone."""

import json
from typing import Any

import pytest

from localaws import example
from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import HEADERS, SIGNERS, asserting, bearing, event, token

type Event = dict[str, Any]


def test_every_kind_of_proof_mints_in_its_own_place(present: Send) -> None:
    for kind in SIGNERS:
        reply = present(forge.presenting(kind, token(kind)))
        assert (reply.status, reply.audit["caller"], len(reply.mints)) == (200, f"{kind}:alice", 1)


@pytest.mark.parametrize("kind", HEADERS)
def test_an_assertion_is_no_bearer_token(present: Send, kind: str) -> None:
    text = token(kind)
    for one in (text, text.replace("=", "")):
        reply = present(bearing(one))
        assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ())


@pytest.mark.parametrize("kind", sorted(SIGNERS))
@pytest.mark.parametrize("place", HEADERS)
def test_an_assertion_is_its_proxy_s_alone(present: Send, place: str, kind: str) -> None:
    """Of every issuer and every proxy, in the header of each other proxy."""
    reply = present(asserting(place, token(kind)))
    expected = (200, f"{kind}:alice", 1) if kind == place else (401, None, 0)
    assert (reply.status, reply.audit["caller"], len(reply.mints)) == expected


@pytest.mark.parametrize("kind", sorted(SIGNERS))
@pytest.mark.parametrize("by", ["rs", "es", "idp", "edge", "alb", "stranger"])
def test_a_key_signs_for_its_owner_alone(present: Send, by: str, kind: str) -> None:
    """A token of each kind signed with each other's key: with that key's id, and with the owner's."""
    owners = {"rs": {"corp"}, "es": {"corp", "twin"}, "idp": {"idp", "pool"}, "edge": {"edge"}, "alb": {"alb"}}
    for header in ({}, {"kid": SIGNERS[kind]}):
        reply = present(forge.presenting(kind, token(kind, by=by, header=header)))
        good = kind in owners.get(by, ()) and header.get("kid", by) == by
        assert (reply.status, len(reply.mints)) == ((200, 1) if good else (401, 0))


@pytest.mark.parametrize("kind", ["corp", "idp", "pool"])
@pytest.mark.parametrize("iss", [forge.CORP, forge.IDP, forge.POOL])
def test_an_issuer_s_token_names_that_issuer(present: Send, iss: str, kind: str) -> None:
    """Two of the issuers share a key, as tenants of one provider do; their kinds and audiences keep them apart."""
    reply = present(bearing(token(kind, {"iss": iss})))
    expected = (200, 1) if forge.claims_of(kind)["iss"] == iss else (401, 0)
    assert (reply.status, len(reply.mints)) == expected


BEARER, SIGNED = "Authorization", example.event("url")["requestContext"]["identity"]


def _signed(made: Event) -> Event:
    made["requestContext"]["identity"] |= SIGNED
    return made


def _iam(headers: dict[str, str]) -> Event:
    return event("iam", {name: [value] for name, value in headers.items()})


ELSEWHERE: dict[str, Any] = {
    "a signer where a token belongs": lambda: _signed(event("jwt", {})),
    "a signer with his signature where a token belongs": lambda: _signed(event("jwt", {BEARER: [_SIGV4]})),
    "a signer where an assertion belongs": lambda: _signed(event("proxy", {})),
    "a signer with his signature where an assertion belongs": lambda: _signed(event("proxy", {BEARER: [_SIGV4]})),
    "a signer with a bad token where a token belongs": lambda: _signed(bearing("e30.e30.e30")),
    "a signer with a bad assertion where one belongs": lambda: _signed(asserting("edge", "e30.e30.e30")),
    "a token where a signer belongs": lambda: _iam({BEARER: f"Bearer {token()}"}),
    "an assertion where a signer belongs": lambda: _iam({HEADERS["edge"]: token("edge")}),
    "a load balancer's assertion where a signer belongs": lambda: _iam({HEADERS["alb"]: token("alb")}),
    "everything where a signer belongs": lambda: _iam({BEARER: f"Bearer {token()}", HEADERS["alb"]: token("alb")}),
    "an assertion where a token belongs": lambda: event("jwt", {HEADERS["edge"]: [token("edge")]}),
    "a load balancer's assertion where a token belongs": lambda: event("jwt", {HEADERS["alb"]: [token("alb")]}),
    "an assertion as a token": lambda: bearing(token("edge")),
    "a token where an assertion belongs": lambda: event("proxy", {BEARER: [f"Bearer {token()}"]}),
    "a token as an assertion": lambda: asserting("edge", token()),
    "a token with its scheme as an assertion": lambda: asserting("edge", f"Bearer {token('edge')}"),
    "a token in a header of its own": lambda: event("jwt", {"X-Authorization": [f"Bearer {token()}"]}),
    "a token in a cookie": lambda: event(
        "jwt", {"Cookie": [f"access_token={token()}; Authorization=Bearer {token()}"]}
    ),
    "a token for the proxy before": lambda: event("jwt", {"Proxy-Authorization": [f"Bearer {token()}"]}),
    "a load balancer's access token": lambda: event("proxy", {"x-amzn-oidc-accesstoken": [token("alb")]}),
    "a load balancer's identity": lambda: event("proxy", {"x-amzn-oidc-identity": ["alice"]}),
    "a proxy's header that is not configured": lambda: event("proxy", {"x-goog-iap-jwt-assertion": [token("edge")]}),
    "a bad assertion and another proxy's good one": lambda: _two("edge", "e30.e30.e30", "alb", token("alb")),
    "two proxies' good assertions": lambda: _two("edge", token("edge"), "alb", token("alb")),
    "a good assertion and another proxy's empty one": lambda: _two("edge", token("edge"), "twin", ""),
}
_SIGV4 = example.event("url")["headers"]["Authorization"]


def _two(one: str, first: str, other: str, second: str) -> Event:
    return event("proxy", {HEADERS[one]: [first], HEADERS[other]: [second]})


@pytest.mark.parametrize("make", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_proof_counts_on_its_own_route_alone(present: Send, make: Any) -> None:  # noqa: ANN401 - rows are made late
    reply = present(make())
    assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ())


def test_a_query_brings_no_proof(present: Send) -> None:
    for route, name in (("jwt", "access_token"), ("proxy", HEADERS["edge"])):
        made = event(route, {}) | {"multiValueQueryStringParameters": {name: [token()]}}
        reply = present(made)
        assert (reply.status, reply.audit["reason"][:3], reply.mints) == (401, "no-", ())


VALUES: dict[str, tuple[str, str]] = {
    "Basic": ("Basic {}", "no-bearer-token"),
    "Basic in base64": ("Basic YWxpY2U6cGFzc3dvcmQ=", "no-bearer-token"),
    "DPoP": ("DPoP {}", "no-bearer-token"),
    "no scheme": ("{}", "no-bearer-token"),
    "the scheme alone": ("Bearer", "no-bearer-token"),
    "the scheme and a blank": ("Bearer ", "no-bearer-token"),
    "two blanks": ("Bearer  {}", "no-bearer-token"),
    "a blank before": (" Bearer {}", "no-bearer-token"),
    "a blank after": ("Bearer {} ", "no-bearer-token"),
    "a tab": ("Bearer\t{}", "no-bearer-token"),
    "a no-break space": ("Bearer\u00a0{}", "no-bearer-token"),
    "a newline": ("Bearer\n{}", "no-bearer-token"),
    "a folded line": ("Bearer\r\n {}", "no-bearer-token"),
    "no blank": ("Bearer{}", "no-bearer-token"),
    "a colon": ("Bearer: {}", "no-bearer-token"),
    "an equals sign": ("Bearer={}", "no-bearer-token"),
    "the scheme twice": ("Bearer Bearer {}", "no-bearer-token"),
    "two proofs with a comma": ("Bearer {0}, Bearer {0}", "no-bearer-token"),
    "two tokens": ("Bearer {0} {0}", "no-bearer-token"),
    "two tokens with a comma": ("Bearer {0},{0}", "no-bearer-token"),
    "a parameter": ('Bearer {}, realm="x"', "no-bearer-token"),
    "Basic first": ("Basic YTpi, Bearer {}", "no-bearer-token"),
    "quotes": ('Bearer "{}"', "no-bearer-token"),
    "letters that look alike": ("Веаrеr {}", "no-bearer-token"),  # noqa: RUF001 - the point
    "empty": ("", "no-bearer-token"),
    "a NUL": ("Bearer {}\0", "no-bearer-token"),
    "dots alone": ("Bearer ..", "token-form"),
}


@pytest.mark.parametrize(("value", "reason"), VALUES.values(), ids=VALUES.keys())
def test_an_authorization_of_another_form_is_refused(present: Send, value: str, reason: str) -> None:
    reply = present(event("jwt", {BEARER: [value.format(token())]}))
    assert (reply.status, reply.audit["reason"], reply.mints) == (401, reason, ())


TWICE: dict[str, Any] = {
    "twice": lambda good: {BEARER: [good, good]},
    "twice, once bad": lambda good: {BEARER: ["Bearer e30.e30.e30", good]},
    "twice, once empty": lambda good: {BEARER: [good, ""]},
    "twice, once Basic": lambda good: {BEARER: ["Basic YTpi", good]},
    "in two cases": lambda good: {BEARER: [good], "authorization": [good]},
    "in two cases, once bad": lambda good: {"AUTHORIZATION": ["Bearer e30.e30.e30"], "authorization": [good]},
}


@pytest.mark.parametrize("headers", TWICE.values(), ids=TWICE.keys())
def test_a_second_authorization_is_refused(present: Send, headers: Any) -> None:  # noqa: ANN401 - rows are made late
    reply = present(event("jwt", headers(f"Bearer {token()}")))
    assert (reply.status, json.loads(reply.body)["parameters"][0]["name"], reply.mints) == (400, BEARER, ())


@pytest.mark.parametrize("kind", HEADERS)
def test_a_second_assertion_is_refused(present: Send, kind: str) -> None:
    name, text = HEADERS[kind], token(kind)
    for headers in ({name: [text, text]}, {name: [text], name.upper(): [text]}, {name: [text, ""]}):
        reply = present(event("proxy", headers))
        assert (reply.status, reply.decoded["parameters"][0]["name"], reply.mints) == (400, name, ())


@pytest.mark.parametrize("name", ["authorization", "AUTHORIZATION", "AuthoriZation"])
@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "bEaReR"])
def test_the_case_of_name_and_scheme_does_not_matter(present: Send, name: str, scheme: str) -> None:
    reply = present(event("jwt", {name: [f"{scheme} {token()}"]}))
    assert (reply.status, reply.audit["caller"], len(reply.mints)) == (200, "corp:alice", 1)


ALB_HEADERS: dict[str, dict[str, object]] = {
    "another signer": {"signer": forge.ALB.replace("front", "evil")},
    "a signer of another account": {"signer": forge.ALB.replace("111122223333", "999988887777")},
    "a signer of another region": {"signer": forge.ALB.replace("eu-central-1", "us-east-1")},
    "a signer in another case": {"signer": forge.ALB.upper()},
    "a signer with more after it": {"signer": forge.ALB + "/x"},
    "a list of signers": {"signer": [forge.ALB]},
    "no signer": {"signer": forge.GONE},
    "another client": {"client": "others"},
    "no client": {"client": forge.GONE},
    "another issuer": {"iss": forge.CORP},
    "no issuer": {"iss": forge.GONE},
}


@pytest.mark.parametrize("header", ALB_HEADERS.values(), ids=ALB_HEADERS.keys())
def test_another_load_balancer_s_assertion_is_refused(present: Send, header: dict[str, object]) -> None:
    reply = present(asserting("alb", token("alb", header=header)))
    assert (reply.status, reply.audit["reason"], reply.mints) == (401, "assertion-of-another", ())
