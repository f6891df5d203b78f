"""Whole requests of bearer tokens and assertions: the path decides the proof, and no other one counts there."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate import handler
from tests.conftest import Reply, Send
from tests.studio_gate.builders import changed, identity, signatures_alone, toml
from tests.studio_gate.tokens_made import STRANGER, SUBJECT, MadeIssuer

type Headers = dict[str, Any]
FRONT, ALB = "X-Front-Assertion", "x-amzn-oidc-data"
NOBODY = identity(accountId=None, userArn=None, caller=None, user=None, accessKey=None)
GROUPS = {"claims": {"groups": "roles"}, "groups": {"6f1c": "data-science"}}
ROLES = {"roles": ["6f1c"]}


def issuer() -> MadeIssuer:
    """The issuer, whose tokens are good now."""
    return MadeIssuer(now=int(time.time()))


def configure(folder: Path, **changes: object) -> None:
    """Write the example with an issuer, a proxy and a load balancer, of whose callers alice's profile is."""
    document = signatures_alone()
    document["issuers"] = [issuer().entry(**GROUPS)]
    document["proxies"] = [issuer().proxy_entry(**GROUPS), issuer().alb_entry(**GROUPS)]
    alice = document["destinations"][0]["profiles"][0]
    alice["callers"] += [f"{name}:{SUBJECT}" for name in ("corp", "front", "portal")]
    (folder / "gate.toml").write_text(toml(document | changes), encoding="utf-8")
    for name in ("policies.cedar", "schema.cedarschema"):
        (folder / name).write_text((example.CONFIG / name).read_text(encoding="utf-8"), encoding="utf-8")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the configuration, which trusts an issuer, a proxy and a load balancer."""
    configure(tmp_path)
    monkeypatch.setattr(handler, "CONFIG_DIRECTORY", tmp_path)
    return tmp_path


def asked(prefix: str, headers: object, *, signed: bool = False) -> dict[str, Any]:
    """A request for a URL with these headers, with the signature of the example or without."""

    def change(event: dict[str, Any]) -> None:
        event.update(resource=f"/{prefix}/url/{{destination}}", multiValueHeaders=headers)
        if not signed:
            NOBODY(event)

    return changed("url", change)


def bearer(claims: Mapping[str, object] = ROLES) -> Headers:
    return {"Authorization": [f"Bearer {issuer().token(claims)}"]}


def front(claims: Mapping[str, object] = ROLES) -> Headers:
    return {FRONT: [issuer().assertion(claims)]}


def portal(claims: Mapping[str, object] = ROLES) -> Headers:
    return {ALB: [issuer().alb_assertion(claims)]}


PROVED = {
    "a bearer token": ("jwt", bearer, "bearer", f"corp:{SUBJECT}"),
    "a proxy's assertion": ("proxy", front, "proxy", f"front:{SUBJECT}"),
    "a load balancer's assertion": ("proxy", portal, "proxy", f"portal:{SUBJECT}"),
}


@pytest.mark.parametrize(("prefix", "headers", "proof", "caller"), PROVED.values(), ids=PROVED.keys())
def test_who_is_proved_gets_a_url(
    send: Send, prefix: str, headers: Callable[[], Headers], proof: str, caller: str
) -> None:
    given = headers()
    reply = send(asked(prefix, given))
    assert (reply.status, reply.decoded["profile"], len(reply.mints)) == (200, "alice", 1)
    who = {"proof": proof, "caller": caller, "issuer": issuer().url, "subject": SUBJECT, "groups": ["data-science"]}
    assert {name: reply.audit[name] for name in who} == who
    assert not any(value.split(".")[1] in reply.written for values in given.values() for value in values)


@pytest.mark.parametrize("name", ["me", "open", "open/{destination}", "url", "url/{destination}"])
@pytest.mark.parametrize(("prefix", "headers"), [("jwt", bearer), ("proxy", front)], ids=["jwt", "proxy"])
def test_every_route_is_behind_every_proof(send: Send, prefix: str, headers: Callable[[], Headers], name: str) -> None:
    event = asked(prefix, headers()) | {"resource": f"/{prefix}/{name}"}
    event["pathParameters"] = {"destination": "research"} if "{" in name else None
    reply = send(event)
    assert (reply.status, reply.audit["caller"][-len(SUBJECT) :]) == (302 if "open" in name else 200, SUBJECT)
    assert (send(event | {"multiValueHeaders": {}}).status, len(reply.mints)) == (401, name != "me")


def forged() -> Headers:
    return {"Authorization": [f"Bearer {STRANGER.token({'iss': issuer().url})}"]}


# Which path, which headers, whether signed as well; what the audit record says.
OTHER_PROOFS: dict[str, tuple[str, Callable[[], Headers], bool, str]] = {
    "a signature for a token": ("jwt", dict, True, "no-token"),
    "an assertion for a token": ("jwt", front, False, "no-token"),
    "a load balancer's assertion for a token": ("jwt", portal, False, "no-token"),
    "a token in another header": ("jwt", lambda: {"X-Authorization": bearer()["Authorization"]}, False, "no-token"),
    "a signature of SigV4 in the header": ("jwt", lambda: {"Authorization": ["AWS4-HMAC-SHA256 x"]}, True, "no-bearer"),
    "a bad token beside good proofs": ("jwt", lambda: forged() | front(), True, "token-signature"),
    "a signature for an assertion": ("proxy", dict, True, "no-assertion"),
    "a token for an assertion": ("proxy", bearer, False, "no-assertion"),
    "an assertion in a header that is not configured": (
        "proxy",
        lambda: {"X-Front-Assertions": front()[FRONT]},
        False,
        "no-assertion",
    ),
    "an assertion in a header with underscores": (
        "proxy",
        lambda: {"X_Front_Assertion": front()[FRONT]},
        False,
        "no-assertion",
    ),
    "a bad assertion beside good proofs": ("proxy", lambda: {FRONT: ["x.y.z"]} | bearer(), True, "token-base64"),
    "assertions of two proxies": ("proxy", lambda: front() | portal(), False, "several-assertions"),
    "a token for a signature": ("iam", bearer, False, "no-signer"),
    "an assertion for a signature": ("iam", front, False, "no-signer"),
    "a load balancer's assertion for a signature": ("iam", portal, False, "no-signer"),
}


@pytest.mark.parametrize(("prefix", "headers", "signed", "reason"), OTHER_PROOFS.values(), ids=OTHER_PROOFS.keys())
def test_no_other_proof_counts(
    send: Send, prefix: str, headers: Callable[[], Headers], reason: str, *, signed: bool
) -> None:
    reply = send(asked(prefix, headers(), signed=signed))
    assert (reply.status, len(reply.mints), reply.audit["caller"]) == (401, 0, None)
    assert reply.audit["reason"].startswith(reason)


def test_a_signature_counts_whatever_the_headers_say(send: Send) -> None:
    for headers in (forged(), {FRONT: ["nonsense"]}, {"Sec-Purpose": ["prefetch"]}, None, ["nonsense"]):
        reply = send(asked("iam", headers, signed=True))
        assert (reply.status, reply.audit["proof"], len(reply.mints)) == (200, "sigv4", 1)


INVALID = 'Bearer error="invalid_token"'
CHALLENGES: dict[str, tuple[str, Callable[[], Headers], int, str | None]] = {
    "no token": ("jwt", dict, 401, "Bearer"),
    "a bad token": ("jwt", forged, 401, INVALID),
    "another scheme": ("jwt", lambda: {"Authorization": ["Basic eDp5"]}, 401, INVALID),
    "a token that is over": ("jwt", lambda: bearer({"exp": 1}), 401, INVALID),
    "no assertion": ("proxy", dict, 401, "Assertion"),
    "a bad assertion": ("proxy", lambda: {FRONT: ["nonsense"]}, 401, "Assertion"),
    "no signature": ("iam", dict, 401, "AWS4-HMAC-SHA256"),
    "a token of somebody without a profile": ("jwt", lambda: bearer({"sub": "mallory"}), 403, None),
    "a token without its groups": ("jwt", lambda: bearer({"hasgroups": True}), 403, None),
    "a token for another route's proof": ("other", bearer, 403, None),
}


@pytest.mark.parametrize(("prefix", "headers", "status", "challenge"), CHALLENGES.values(), ids=CHALLENGES.keys())
def test_a_caller_who_is_not_proved_learns_which_proof_the_route_takes(
    send: Send, prefix: str, headers: Callable[[], Headers], status: int, challenge: str | None
) -> None:
    reply = send(asked(prefix, headers()))
    assert (reply.status, reply.headers.get("WWW-Authenticate"), len(reply.mints)) == (status, challenge, 0)


SHAPES: dict[str, object] = {
    "a list": ["Authorization"],
    "a text": "Authorization: Bearer x",
    "a value that is a text": {"Authorization": "Bearer x", FRONT: "x"},
    "a value that is null": {"Authorization": None, FRONT: None},
    "a value that is a number": {"Authorization": [1], FRONT: [1]},
    "a value of two kinds": {"Authorization": ["Bearer x", None], FRONT: ["x", None]},
}


@pytest.mark.parametrize("prefix", ["jwt", "proxy"])
@pytest.mark.parametrize("headers", SHAPES.values(), ids=SHAPES.keys())
def test_headers_of_a_wrong_shape_are_no_event_of_the_private_api(send: Send, prefix: str, headers: object) -> None:
    reply = send(asked(prefix, headers))
    assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, "not-an-event-of-the-private-api", 0)


@pytest.mark.parametrize("prefix", ["jwt", "proxy"])
def test_without_headers_there_is_no_proof(send: Send, prefix: str) -> None:
    event = asked(prefix, None)
    event["headers"] = {name: values[0] for name, values in (bearer() | front()).items()}
    missing = {name: value for name, value in event.items() if name != "multiValueHeaders"}
    for one in (event, missing, event | {"multiValueHeaders": {}}):
        reply = send(one)
        assert (reply.status, len(reply.mints)) == (401, 0)


@pytest.mark.parametrize(
    ("prefix", "headers", "given"),
    [("jwt", bearer, "Authorization"), ("proxy", front, FRONT), ("proxy", portal, ALB)],
    ids=["a token", "an assertion", "a load balancer's assertion"],
)
def test_a_header_counts_in_any_case_and_once(
    send: Send, prefix: str, headers: Callable[[], Headers], given: str
) -> None:
    (values,) = headers().values()
    for name in (given.lower(), given.upper()):
        assert send(asked(prefix, {name: values})).status == 200
    for twice in ({given: values * 2}, {given.lower(): values, given.upper(): ["another"]}):
        reply = send(asked(prefix, twice))
        assert (reply.status, len(reply.mints)) == (400, 0)
        (named,) = reply.decoded["parameters"]
        assert (named["name"].lower(), named["detail"]) == (given.lower(), "must be given once")


NOT_MEANT = {
    "a prefetch": ({"Sec-Purpose": ["prefetch"]}, "fetched-in-advance"),
    "another site": ({"Sec-Fetch-Site": ["cross-site"]}, "from-another-site"),
    "an image": ({"SEC-FETCH-DEST": ["image"]}, "not-a-navigation"),
}


@pytest.mark.parametrize(("more", "reason"), NOT_MEANT.values(), ids=NOT_MEANT.keys())
def test_what_a_browser_sends_by_itself_counts_behind_a_proxy_alone(send: Send, more: Headers, reason: str) -> None:
    for headers in (front(), {}):
        reply = send(asked("proxy", headers | more))
        assert (reply.status, reply.audit["reason"], len(reply.mints)) == (403, reason, 0)
    assert send(asked("jwt", bearer() | more)).status == 200


def elsewhere(prefix: str, headers: Headers) -> dict[str, Any]:
    """A request from an address outside of the corporate network."""
    event = asked(prefix, headers)
    event["requestContext"]["identity"]["sourceIp"] = "192.0.2.1"
    return event


def test_the_address_of_a_proxy_is_recorded_and_decides_nothing(send: Send, folder: Path) -> None:
    reply: Reply = send(elsewhere("proxy", front()))
    assert (reply.status, reply.audit["source_ip"]) == (200, "192.0.2.1")
    assert send(elsewhere("jwt", bearer())).status == 403
    policies = (folder / "policies.cedar").read_text(encoding="utf-8")
    needed = policies.replace('principal.proof == "proxy" || ', "")
    assert needed != policies
    (folder / "policies.cedar").write_text(needed, encoding="utf-8")
    handler.gate.cache_clear()
    for reply in (send(asked("proxy", front())), send(asked("proxy", portal()))):
        assert (reply.status, reply.audit["source_ip"], len(reply.mints)) == (403, "10.20.30.40", 0)
        assert reply.audit["policies"] == ["only-from-the-corporate-network"]
    assert send(asked("jwt", bearer())).status == 200


UNUSABLE: dict[str, tuple[str, Callable[[], dict[str, Any]], str]] = {
    "an issuer's": ("issuers", lambda: issuer().entry(keys={"pinned": '{"keys": []}'}), "keys of 'corp': no key is"),
    "a proxy's": ("proxies", lambda: issuer().proxy_entry(keys={"pinned": "{}"}), "keys of 'front': keys must be a"),
    "a load balancer's": (
        "proxies",
        lambda: issuer().alb_entry(keys={"pinned": {"k": "x"}}),
        "keys of 'portal': is no",
    ),
}


@pytest.mark.parametrize(("kind", "entry", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_pinned_keys_that_cannot_be_used_are_named_in_the_audit_record(
    send: Send, folder: Path, kind: str, entry: Callable[[], dict[str, Any]], message: str
) -> None:
    profiles = [{"name": "alice", "callers": [f"{entry()['name']}:{SUBJECT}"]}]
    first, *others = signatures_alone()["destinations"]
    research = first | {"profiles": profiles}
    configure(folder, **{"issuers": [], "proxies": [], "destinations": [research, *others], kind: [entry()]})
    for prefix in ("iam", "jwt", "proxy"):
        reply = send(asked(prefix, bearer() | front(), signed=True))
        assert (reply.status, len(reply.mints)) == (503, 0)
        assert reply.audit["reason"].startswith(f"configuration: gate.toml: {message}")
        assert "keys" not in reply.body
