"""Issuers and proxies are compiled as a whole or refused with a message that says where."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio_gate.config import Config, Deployment, read_config
from studio_gate.errors import ConfigError
from tests.studio_gate.builders import Change, at, both, signatures_alone, toml
from tests.studio_gate.tokens_made import ISSUER, SIGNER, STRANGER

CORP, FRONT, PORTAL = ("issuers", 0), ("proxies", 0), ("proxies", 1)
CALLERS = ("destinations", 0, "profiles", 0, "callers")
GROUPS_CLAIM = at(*CORP, "claims")({"groups": "roles"})


@pytest.fixture
def compiled(tmp_path: Path, deployment: Deployment) -> Callable[[Change], Config]:
    """Compile the example with an issuer and a proxy of each kind after a change."""

    def compile_changed(change: Change) -> Config:
        document = signatures_alone()
        document |= {"issuers": [ISSUER.entry()], "proxies": [ISSUER.proxy_entry(), ISSUER.alb_entry()]}
        change(document)
        path = tmp_path / "gate.toml"
        path.write_text(toml(document), encoding="utf-8")
        return read_config(path, deployment)

    return compile_changed


def leave_out(*path: str | int) -> Change:
    """Leave out the entry at a path."""

    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


def append(name: str, entry: dict[str, Any]) -> Change:
    """Append an issuer or a proxy."""
    return lambda document: document[name].append(entry)


def only(name: str) -> Change:
    """Leave one kind of callers."""

    def change(document: dict[str, Any]) -> None:
        for kind in {"iam_roles", "issuers", "proxies"} - {name}:
            del document[kind]
        document["destinations"] = [one for one in document["destinations"] if "profiles" in one]
        for destination in document["destinations"]:
            destination["profiles"] = [{"name": "alice", "callers": ["corp:a" if name == "issuers" else "front:a"]}]

    return change


ACCEPTED: dict[str, Change] = {
    "an issuer and proxies": lambda _: None,
    "issuers alone": only("issuers"),
    "proxies alone": only("proxies"),
    "callers of each of them": at(*CALLERS)(["corp:alice", "front:alice", "portal:alice"]),
    "a caller whose subject has colons": at(*CALLERS)(["corp:auth0|a:b:c"]),
    "a caller whose subject is an ARN": at(*CALLERS)(["corp:arn:aws:sts::111122223333:assumed-role/x"]),
    "a caller with the longest subject": at(*CALLERS)(["corp:" + "a" * 255]),
    "a name that begins like an ARN": both(at(*CORP, "name")("arn-1"), at(*CALLERS)(["arn-1:a"])),
    "a name of 32 characters": at(*CORP, "name")("a" * 32),
    "no leeway": at(*CORP, "leeway")(0),
    "the most leeway": at(*PORTAL, "leeway")(60),
    "keys that serve for an hour": at(*CORP, "keys", "max_age")(3600),
    "keys that serve for a week": at(*PORTAL, "keys", "max_age")(604800),
    "keys at a URL with a query": at(*CORP, "keys")({"url": "https://login.example.com:8443/keys?p=b2c&x=/?"}),
    "keys by metadata": at(*FRONT, "keys")({"metadata": "https://x.example"}),
    "keys of a load balancer at a mirror": at(*PORTAL, "keys")({"mirror": "https://keys.example.com/elb"}),
    "an issuer's URL of a port and a path": at(*CORP, "issuer")("https://a-b.example:8443/T%20/$&'()*+,;=@~!.x/"),
    "an access token without an audience": both(at(*CORP, "audiences")([]), at(*CORP, "clients")(["tool"])),
    "an ID token": at(*CORP, "token")("id"),
    "every algorithm": at(*CORP, "algorithms")(["RS256", "PS256", "ES256", "Ed25519"]),
    "claims of every kind that are required": at(*CORP, "required")({"tid": "x", "acrs": 1, "managed": True}),
    "groups": both(GROUPS_CLAIM, at(*CORP, "groups")({"a b:c": "tools"})),
    "a subject that lasts": at(*CORP, "claims")({"subject": "oid", "name": "name", "email": "email"}),
    "a claim's name that is a URL": at(*CORP, "claims")({"subject": "https://example.com/id"}),
    "the issuer of another proxy": at(*FRONT, "issuer")("whatever it says"),
    "a header of 64 characters": at(*FRONT, "header")("x" * 64),
    "a load balancer of another partition": at(*PORTAL, "signer")(SIGNER.replace(":aws:", ":aws-us-gov:")),
    "a load balancer's provider that is an issuer, too": at(*PORTAL, "issuer")(ISSUER.url),
}


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(compiled: Callable[[Change], Config], change: Change) -> None:
    assert compiled(change).destinations


def test_what_is_left_out(compiled: Callable[[Change], Config]) -> None:
    config = compiled(lambda _: None)
    (issuer,), (front, portal) = config.issuers, config.proxies
    for one in (issuer, front, portal):
        assert (one.leeway, one.required, one.groups, one.keys.max_age) == (30, {}, {}, 86400)
        assert one.claims.model_dump() == {"subject": "sub", "name": None, "email": None, "groups": None}
    assert (issuer.clients, issuer.client_claim) == ((), "azp")
    assert (front.header, portal.header) == ("x-front-assertion", "x-amzn-oidc-data")


def test_values_that_are_required_keep_their_kind(compiled: Callable[[Change], Config]) -> None:
    required = compiled(at(*CORP, "required")({"a": "1", "b": 1, "c": True})).issuers[0].required
    assert [type(value) for value in required.values()] == [str, int, bool]


HTTPS, CLAIM = "an https URL", "a claim's name"
IDS = "is not the STS ARN of an assumed role, or the name of an issuer or proxy, a colon and a subject"
WORDS = 'is not lower-case words joined by hyphens, and not "arn"'
HEADER = "is not a header's name in lower case, without underscores"
KEYS, ALB_KEYS = "must be one of pinned, url and metadata", "must be either pinned or mirror"
NOT_AUDIENCES = "audiences are missing; only access tokens with clients go without"
URL = "https://login.example.com/keys"
REFUSED: dict[str, tuple[Change, str]] = {
    "nobody who can call": (both(only("issuers"), leave_out("issuers")), "nobody can call"),
    "a caller of a name that is not there": (
        at(*CALLERS)(["entra:alice"]),
        "caller 'entra:alice' is of no issuer or proxy, which are corp, front, portal",
    ),
    "a caller of an issuer where there is none": (
        both(leave_out("issuers"), leave_out("proxies"), at(*CALLERS)(["corp:alice"])),
        "caller 'corp:alice' is of no issuer or proxy, which are none",
    ),
    "a caller of a role where there is none": (leave_out("iam_roles"), "of no role in iam_roles, which are none"),
    "a caller of a name in capitals": (at(*CALLERS)(["CORP:alice"]), IDS),
    "a caller without a subject": (at(*CALLERS)(["corp:"]), IDS),
    "a caller without a name": (at(*CALLERS)([":alice"]), IDS),
    "a caller without a colon": (at(*CALLERS)(["alice"]), IDS),
    "a caller with a blank": (at(*CALLERS)(["corp:alice b"]), IDS),
    "a caller with letters beyond ASCII": (at(*CALLERS)(["corp:älice"]), IDS),
    "a caller whose subject is too long": (at(*CALLERS)(["corp:" + "a" * 256]), IDS),
    "a caller that is another ARN": (at(*CALLERS)(["arn:aws:iam::111122223333:user/alice"]), IDS),
    "callers that differ in case alone": (
        at(*CALLERS)(["corp:alice", "corp:Alice"]),
        "callers of 'research' but for case: given twice: corp:alice",
    ),
    "a caller given twice": (at(*CALLERS)(["corp:a", "corp:a"]), "callers of research/alice: given twice: corp:a"),
    "two issuers of one name": (append("issuers", STRANGER.entry()), "names of issuers and proxies: given twice: corp"),
    "a proxy of an issuer's name": (at(*FRONT, "name")("corp"), "names of issuers and proxies: given twice: corp"),
    "two proxies of one name": (at(*FRONT, "name")("portal"), "names of issuers and proxies: given twice: portal"),
    "an issuer given twice": (append("issuers", ISSUER.entry(name="b")), f"issuer: given twice: {ISSUER.url}"),
    "two proxies with one header": (
        append("proxies", STRANGER.proxy_entry(name="b")),
        "headers of proxies: given twice: x-front-assertion",
    ),
    "two load balancers": (
        append("proxies", STRANGER.alb_entry(name="b")),
        "headers of proxies: given twice: x-amzn-oidc-data",
    ),
    "a name in capitals": (at(*CORP, "name")("Corp"), f"issuers.0.name: {WORDS}"),
    "a name with a colon": (at(*CORP, "name")("corp:a"), f"issuers.0.name: {WORDS}"),
    "a name that begins other ids": (at(*CORP, "name")("arn"), f"issuers.0.name: {WORDS}"),
    "a name of 33 characters": (at(*PORTAL, "name")("a" * 33), f"proxies.1.name: {WORDS}"),
    "more leeway than a minute": (at(*CORP, "leeway")(61), "issuers.0.leeway: Input should be less than or equal"),
    "less leeway than none": (at(*FRONT, "leeway")(-1), "leeway: Input should be greater than or equal to 0"),
    "a leeway with a fraction": (at(*CORP, "leeway")(0.5), "issuers.0.leeway: Input should be a valid integer"),
    "an unknown entry": (at(*CORP, "audience")("gate"), "issuers.0.audience: Extra inputs are not permitted"),
    "an unknown entry among the claims": (at(*CORP, "claims")({"mail": "mail"}), "claims.mail: Extra inputs"),
    "groups without their claim": (at(*CORP, "groups")({"a": "b"}), "groups and claims.groups go together"),
    "a claim of groups without groups": (at(*CORP, "claims")({"groups": "g"}), "groups and claims.groups go together"),
    "a group with a quote": (
        both(GROUPS_CLAIM, at(*CORP, "groups")({"a": 'b"'})),
        "issuers.0.groups.a: is not a group name",
    ),
    "a group of nothing": (
        both(GROUPS_CLAIM, at(*CORP, "groups")({"": "b"})),
        "is not 1 to 512 characters of ASCII",
    ),
    "a claim with a blank": (at(*CORP, "claims")({"name": "full name"}), f"issuers.0.claims.name: is not {CLAIM}"),
    "a claim without a name": (at(*CORP, "claims")({"email": ""}), f"issuers.0.claims.email: is not {CLAIM}"),
    "a claim's name of 129 characters": (at(*CORP, "claims")({"email": "a" * 129}), f"is not {CLAIM}"),
    "a required claim with a blank": (at(*CORP, "required")({"a b": 1}), f"is not {CLAIM}"),
    "a required claim with a fraction": (at(*CORP, "required")({"a": 1.5}), "issuers.0.required.a"),
    "a required claim that is a list": (at(*CORP, "required")({"a": ["x"]}), "issuers.0.required.a"),
    "an issuer's URL by http": (at(*CORP, "issuer")("http://login.example.com"), f"issuers.0.issuer: is not {HTTPS}"),
    "an issuer's URL with a query": (at(*CORP, "issuer")("https://a.example/?x"), f"issuers.0.issuer: is not {HTTPS}"),
    "an issuer's URL with a fragment": (at(*CORP, "issuer")("https://a.example/#x"), f"is not {HTTPS}"),
    "an issuer's URL of 513 characters": (at(*CORP, "issuer")("https://a/" + "a" * 503), f"is not {HTTPS}"),
    "no issuer": (leave_out(*CORP, "issuer"), "issuers.0.issuer: Field required"),
    "no kind of token": (leave_out(*CORP, "token"), "issuers.0.token: Field required"),
    "both kinds of tokens": (at(*CORP, "token")("any"), "issuers.0.token: Input should be 'access' or 'id'"),
    "an access token without audience and clients": (at(*CORP, "audiences")([]), f"issuers.0: {NOT_AUDIENCES}"),
    "an ID token without an audience": (
        both(at(*CORP, "audiences")([]), at(*CORP, "clients")(["a"]), at(*CORP, "token")("id")),
        f"issuers.0: {NOT_AUDIENCES}",
    ),
    "an audience that is empty": (at(*CORP, "audiences")([""]), "audiences.0: is not 1 to 512 characters of ASCII"),
    "an audience of 513 characters": (at(*CORP, "audiences")(["a" * 513]), "is not 1 to 512 characters of ASCII"),
    "an audience beyond ASCII": (at(*CORP, "audiences")(["gäte"]), "is not 1 to 512 characters of ASCII"),
    "a client's claim of another name": (at(*CORP, "client_claim")("sub"), "issuers.0.client_claim: Input should be"),
    "no algorithm": (at(*CORP, "algorithms")([]), "issuers.0.algorithms: "),
    "an algorithm that is none": (at(*CORP, "algorithms")(["none"]), "issuers.0.algorithms.0: Input should be"),
    "an algorithm of shared secrets": (at(*CORP, "algorithms")(["HS256"]), "issuers.0.algorithms.0: Input should be"),
    "an algorithm by its older name": (at(*CORP, "algorithms")(["EdDSA"]), "issuers.0.algorithms.0: Input should be"),
    "an algorithm given twice": (at(*CORP, "algorithms")(["ES256"] * 2), "issuers.0: algorithms: given twice: ES256"),
    "a proxy's algorithm given twice": (at(*FRONT, "algorithms")(["ES256"] * 2), "algorithms: given twice: ES256"),
    "a proxy without algorithms": (at(*FRONT, "algorithms")([]), "proxies.0.algorithms: "),
    "a proxy without audiences": (at(*FRONT, "audiences")([]), "proxies.0.audiences: "),
    "a proxy of no kind": (leave_out(*FRONT, "kind"), "proxies.0: Unable to extract tag"),
    "a proxy of another kind": (at(*FRONT, "kind")("saml"), "proxies.0: Input tag 'saml'"),
    "a header for a load balancer": (at(*PORTAL, "header")("x-mine"), "proxies.1.header: Extra inputs"),
    "keys of nowhere": (at(*CORP, "keys")({}), f"issuers.0.keys: {KEYS}"),
    "keys that are pinned and at a URL": (at(*CORP, "keys", "url")(URL), f"issuers.0.keys: {KEYS}"),
    "keys at a URL and by metadata": (at(*FRONT, "keys")({"url": URL, "metadata": URL}), f"keys: {KEYS}"),
    "pinned keys that are no JSON": (at(*CORP, "keys")({"pinned": "MII="}), "issuers.0.keys.pinned: is not JSON: "),
    "pinned keys that are brackets": (at(*CORP, "keys")({"pinned": "[" * 200_000}), "pinned: is not JSON: "),
    "pinned keys that are a list": (at(*CORP, "keys")({"pinned": "[]"}), "keys.pinned: is not a JSON object"),
    "pinned keys that are a table": (at(*CORP, "keys")({"pinned": {}}), "keys.pinned: Input should be a valid string"),
    "keys that serve for less than an hour": (at(*CORP, "keys", "max_age")(3599), "issuers.0.keys.max_age: Input"),
    "keys that serve for more than a week": (at(*CORP, "keys", "max_age")(604801), "issuers.0.keys.max_age: Input"),
    "a load balancer's that serve for less": (at(*PORTAL, "keys", "max_age")(3599), "proxies.1.keys.max_age: Input"),
    "a load balancer's that serve for more": (at(*PORTAL, "keys", "max_age")(604801), "proxies.1.keys.max_age: Input"),
    "a load balancer's keys of nowhere": (at(*PORTAL, "keys")({}), f"proxies.1.keys: {ALB_KEYS}"),
    "a load balancer's keys of two places": (at(*PORTAL, "keys", "mirror")(URL), f"proxies.1.keys: {ALB_KEYS}"),
    "a mirror with a query": (at(*PORTAL, "keys")({"mirror": f"{URL}?a"}), f"proxies.1.keys.mirror: is not {HTTPS}"),
    "a key id that leaves its folder": (at(*PORTAL, "keys")({"pinned": {"../x": "k"}}), "is not a key id"),
    "a key id of 65 characters": (at(*PORTAL, "keys")({"pinned": {"a" * 65: "k"}}), "is not a key id"),
    "a load balancer of the network": (at(*PORTAL, "signer")(SIGNER.replace("/app/", "/net/")), "is not the ARN of an"),
    "a load balancer that is a wildcard": (at(*PORTAL, "signer")(SIGNER.replace("portal", "*")), "is not the ARN of"),
    "no load balancer": (leave_out(*PORTAL, "signer"), "proxies.1.signer: Field required"),
    "no client of a load balancer": (leave_out(*PORTAL, "client"), "proxies.1.client: Field required"),
    "no provider of a load balancer": (leave_out(*PORTAL, "issuer"), "proxies.1.issuer: Field required"),
    "a header in capitals": (at(*FRONT, "header")("X-Front"), f"proxies.0.header: {HEADER}"),
    "a header with an underscore": (at(*FRONT, "header")("x_front"), f"proxies.0.header: {HEADER}"),
    "a header of 65 characters": (at(*FRONT, "header")("x" * 65), f"proxies.0.header: {HEADER}"),
}


@pytest.mark.parametrize(("change", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(compiled: Callable[[Change], Config], change: Change, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: .*{re.escape(message)}"):
        compiled(change)


@pytest.mark.parametrize("claim", ["email", "name", "nickname", "preferred_username", "unique_name", "upn"])
def test_a_subject_that_may_be_given_to_somebody_else(compiled: Callable[[Change], Config], claim: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: issuers.0.claims: subject '{claim}' may be given to somebody"):
        compiled(at(*CORP, "claims")({"subject": claim}))


OTHERS = ["authorization", "cookie", "forwarded", "host", "purpose", "x-moz", "x-purpose", "x-amzn-oidc-accesstoken"]
OTHERS += ["x-amzn-oidc-data", "x-forwarded-for", "x-forwarded-user", "sec-fetch-site", "sec-purpose", "x-amz-date"]


@pytest.mark.parametrize("header", OTHERS)
def test_a_header_that_others_set(compiled: Callable[[Change], Config], header: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: proxies.0: header '{header}' is somebody else's"):
        compiled(at(*FRONT, "header")(header))


NO_URLS = {
    "http": "http://login.example.com/keys",
    "capitals": "HTTPS://login.example.com/keys",
    "no scheme": "//login.example.com/keys",
    "no host": "https:///keys",
    "a user": "https://login.example.com@evil.example/keys",
    "a password": "https://login.example.com:secret@evil.example/keys",
    "a backslash": "https://login.example.com\\@evil.example/keys",
    "a fragment": "https://login.example.com/keys#x",
    "a port of six digits": "https://login.example.com:123456/keys",
    "a port of letters": "https://login.example.com:x/keys",
    "a literal address": "https://[::1]/keys",
    "a host that begins with a dot": "https://.example.com/keys",
    "a host that ends with a hyphen": "https://login.example-/keys",
    "a blank": "https://login.example.com/a b",
    "a newline": "https://login.example.com/keys\n",
    "letters beyond ASCII": "https://lögin.example.com/keys",
    "a file": "file:///etc/passwd",
    "513 characters": "https://a/" + "a" * 503,
}


@pytest.mark.parametrize("where", ["url", "metadata"])
@pytest.mark.parametrize("url", NO_URLS.values(), ids=NO_URLS.keys())
def test_keys_are_fetched_by_https_from_one_host_that_is_read_in_one_way(
    compiled: Callable[[Change], Config], where: str, url: str
) -> None:
    with pytest.raises(ConfigError, match=rf"^gate.toml: issuers.0.keys.{where}: is not an https URL"):
        compiled(at(*CORP, "keys")({where: url}))


def test_an_error_does_not_repeat_a_key(compiled: Callable[[Change], Config]) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(at(*CORP, "keys")({"pinned": json.dumps(ISSUER.private_jwk())[:-1]}))
    assert ISSUER.private_jwk()["d"] not in str(caught.value)
