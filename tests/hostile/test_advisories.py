"""What went wrong elsewhere with tokens, headers and proxies: a test for each advisory, named after it."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio_gate.config import Deployment, read_config
from studio_gate.errors import ConfigError
from tests.conftest import Reply, Send
from tests.hostile import forge
from tests.hostile.forge import CORP, GONE, HEADERS, asserting, bearing, event, token
from tests.studio_gate.builders import changed, identity


def refused(reply: Reply, status: int = 401) -> None:
    assert (reply.status, reply.mints) == (status, ())


def rejected(folder: Path, deployment: Deployment, line: str, other: str) -> str:
    """Why the configuration is none with another line in the place of one."""
    text = (folder / "gate.toml").read_text(encoding="utf-8")
    assert text.count(line) == 1
    changed_file = folder / "changed.toml"
    changed_file.write_text(text.replace(line, other), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(changed_file, deployment)
    return str(caught.value)


@pytest.mark.parametrize("name", ["x_edge_assertion", "X_Edge-Assertion", "x-edge_assertion", "HTTP_X_EDGE_ASSERTION"])
def test_cve_2025_64484_oauth2_proxy_took_underscores_for_hyphens(present: Send, name: str) -> None:
    """A client's header with underscores went past the stripping, and servers behind read it as the proxy's."""
    reply = present(event("proxy", {name: [token("edge")]}))
    refused(reply)
    assert reply.audit["reason"] == "no-assertion"
    both = present(event("proxy", {name: [token("edge", {"sub": "bob"})], HEADERS["edge"]: [token("edge")]}))
    assert both.audit["caller"] == "edge:alice"


def test_cve_2025_64484_no_proxy_s_header_has_underscores(trusting_folder: Path, deployment: Deployment) -> None:
    """Nor may a configuration ask for one."""
    line = f'"header" = "{HEADERS["edge"]}"'
    assert "without underscores" in rejected(trusting_folder, deployment, line, '"header" = "x_edge_assertion"')


PROBES = ["ELB-HealthChecker/2.0", "GoogleHC/1.0", "Amazon-Route53-Health-Check-Service", "kube-probe/1.29", "Ping/1.0"]


@pytest.mark.parametrize("agent", PROBES)
def test_cve_2026_34457_oauth2_proxy_let_health_checks_by_their_agent_pass(present: Send, agent: str) -> None:
    """Whatever said it was the health check went through without signing in."""
    for route in ("iam", "jwt", "proxy"):
        for operation in ("url", "open", "me"):
            refused(present(event(route, {"User-Agent": [agent]}, operation=operation)))


@pytest.mark.parametrize("email", ["a@evil@corp.example", "alice@corp.example@evil.example", "@@corp.example"])
def test_cve_2026_40574_oauth2_proxy_took_what_follows_the_last_at_sign(present: Send, email: str) -> None:
    """`a@evil@corp` was an address of corp's domain."""
    for kind in ("corp", "idp"):
        reply = present(bearing(token(kind, {"email": email})))
        refused(reply, 403)
        assert reply.audit["reason"] == "email-not-an-address"


def test_cve_2021_41230_pomerium_kept_claims_of_yesterday(present: Send) -> None:
    """Claims were not read again after they had changed; here each request stands on its own token."""
    first = present(bearing(token()))
    assert (first.status, first.audit["groups"]) == (200, ["data-science"])
    later = present(bearing(token(claims={"groups": []})))
    refused(later, 403)
    assert (later.audit["reason"], later.audit["groups"]) == ("no-permit", [])
    refused(present(bearing(token(claims={"groups": GONE, "hasgroups": True}))), 403)


def test_cve_2024_39315_pomerium_s_page_about_the_user_showed_tokens(present: Send) -> None:
    """The page served the ID and access tokens; `me` shows what a person may know and nothing of the token."""
    for kind in forge.SIGNERS:
        text = token(kind, {"secret-claim": "canary"})
        reply = present(forge.presenting(kind, text, "me"))
        assert (reply.status, reply.decoded["caller"]["subject"]) == (200, "alice")
        assert set(reply.decoded["caller"]) == {"proof", "issuer", "subject", "name", "email", "groups"}
        leaked = [part for part in (*text.split("."), "canary") if part in reply.body + reply.written]
        assert not leaked


def test_cve_2025_11621_vault_took_a_role_of_the_same_name_in_another_account(present: Send) -> None:
    """A role was found by its name alone."""
    arn = "arn:aws:sts::{}:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/alice@example.com"
    other = "999988887777"
    for account, in_arn in ((other, other), (other, "111122223333"), ("111122223333", other)):
        reply = present(changed("url", identity(accountId=account, userArn=arn.format(in_arn))))
        assert (reply.status in {401, 403}, reply.audit["caller"], reply.mints) == (True, None, ())


@pytest.mark.parametrize(
    "aud",
    ["studio", ["studio"], "studio-gate-2", ["studio-gate-2"], ["studio-gat", "e"], "others,studio-gate", []],
    ids=str,
)
def test_cve_2024_5798_vault_compared_audiences_loosely(present: Send, aud: object) -> None:
    """`aud` may be a text or a list; a role bound to one audience let others in."""
    for kind in ("corp", "edge"):
        refused(present(forge.presenting(kind, token(kind, {"aud": aud}))))


@pytest.mark.parametrize("sub", ["Alice", "ALICE", " alice", "alice ", "alice\u00a0", "alice,", "ａlice"], ids=ascii)  # noqa: RUF001
def test_cve_2025_6013_vault_knew_one_person_under_variants_of_a_name(present: Send, sub: str) -> None:
    """A blank or a capital made another alias of the same person, who came round the second factor."""
    for kind in forge.SIGNERS:
        reply = present(forge.presenting(kind, token(kind, {"sub": sub})))
        assert (reply.status in {401, 403}, reply.mints) == (True, ())


def test_cve_2024_8365_vault_wrote_tokens_into_the_audit_log(present: Send) -> None:
    """After a change elsewhere, tokens were no longer hashed there; here they never come near the record."""
    for kind in forge.SIGNERS:
        text = token(kind)
        for made in (forge.presenting(kind, text), forge.presenting(kind, text[:-8] + "AAAAAAAA")):
            line = json.dumps(present(made).audit)
            assert not [part for part in text.split(".") if part[:-8] in line]


DEEP = {
    "arrays": "[" * 2600,
    "arrays, closed": "[" * 1300 + "]" * 1300,
    "objects": '{"a":' * 600,
    "many members": "{" + ",".join(f'"{number}":0' for number in range(600)) + "}",
}


@pytest.mark.parametrize("addition", DEEP.values(), ids=DEEP.keys())
def test_cve_2025_6203_vault_read_json_of_any_depth(present: Send, addition: str) -> None:
    """A request of allowed size cost memory and time without bounds. Here a token has 8 kB, and no error is a 500."""
    claims = json.dumps(forge.claims_of("corp"))[:-1] + f', "x": {addition}}}'
    for header in (b'{"alg":"RS256","kid":"rs"}', b'{"alg":"RS256","kid":"rs","x":' + addition.encode() + b"}"):
        reply = present(bearing(forge.compact("rs", header, claims.encode())))
        assert reply.status in {200, 401}


def test_cve_2025_1293_hermes_took_any_load_balancer_s_word(present: Send) -> None:
    """The signer was not compared, so anybody's load balancer, with its own good key, could assert anybody."""
    evil = forge.ALB.replace("111122223333", "999988887777")
    for header in ({"signer": evil}, {"signer": GONE}):
        refused(present(asserting("alb", token("alb", header=header))))


def test_cve_2025_1293_a_load_balancer_cannot_go_without_its_arn(trusting_folder: Path, deployment: Deployment) -> None:
    """Nor may a configuration leave the signer out."""
    assert "signer" in rejected(trusting_folder, deployment, f'"signer" = "{forge.ALB}", ', "")


PYJWT: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "CVE-2022-29217 any algorithm that fits the key's text": ({"alg": "HS256"}, {}),
    "CVE-2024-53861 a part of the issuer": ({}, {"iss": CORP[:-1]}),
    "CVE-2024-53861 one letter of the issuer": ({}, {"iss": "h"}),
    "CVE-2024-53861 an empty issuer": ({}, {"iss": ""}),
    "CVE-2026-32597 an unknown critical member": ({"crit": ["x-policy"], "x-policy": "deny"}, {}),
}


@pytest.mark.parametrize(("header", "claims"), PYJWT.values(), ids=PYJWT.keys())
def test_pyjwt_s_advisories(present: Send, header: dict[str, object], claims: dict[str, object]) -> None:
    refused(present(bearing(token(claims=claims, header=header))))


@pytest.mark.parametrize("alg", ["XX999", "none", "HS1", "RS1", "", "ES256K", "Ed448", "RSA1_5"])
def test_cve_2026_28498_authlib_let_unknown_algorithms_pass(present: Send, alg: str) -> None:
    """A check that did not know the algorithm found everything in order."""
    for kind in forge.SIGNERS:
        refused(present(forge.presenting(kind, token(kind, header={"alg": alg}))))


PATHS: dict[str, dict[str, Any]] = {
    "another path than the matched one": {"path": "/health"},
    "the path of health within": {"path": "/health/../jwt/url/research"},
    "a matched route in another case": {"resource": "/JWT/url/{destination}"},
    "a matched route with a slash": {"resource": "/jwt/url/{destination}/"},
    "a matched route with two": {"resource": "//jwt/url/{destination}"},
    "a greedy route": {"resource": "/{proxy+}"},
    "a route without its prefix": {"resource": "/url/{destination}"},
    "a prefix alone": {"resource": "/jwt"},
    "a prefix of nothing known": {"resource": "/scep/url/{destination}"},
    "health with a destination": {"resource": "/health/{destination}"},
    "another method": {"httpMethod": "POST"},
    "HEAD": {"httpMethod": "HEAD"},
    "OPTIONS": {"httpMethod": "OPTIONS"},
}


@pytest.mark.parametrize("change", PATHS.values(), ids=PATHS.keys())
def test_cve_2025_44005_step_ca_had_another_way_in_without_authorisation(present: Send, change: dict[str, Any]) -> None:
    """One protocol's path reached the signing without the check that another's had."""
    for route in ("iam", "jwt", "proxy"):
        reply = present(event(route, {}) | change)
        assert (reply.status in {401, 403, 405}, reply.mints) == (True, ())
    signed = present(event("jwt", {"Authorization": [f"Bearer {token()}"]}) | change)
    assert (signed.status, len(signed.mints)) == ((200, 1) if "path" in change else (signed.status, 0))
