"""A canary token through every path and every fault, then a search of everything written, answered and raised."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from studio_gate import handler
from studio_gate.errors import GateError
from studio_gate.identity import Caller, bearer, claims, proxy, tokens
from tests.conftest import Context, Send
from tests.hostile import forge
from tests.hostile.forge import GONE, HEADERS, b64, compact, event, presenting, token
from tests.hostile.test_leaks import FAULTS, without_answers
from tests.upstream_server import Told, Upstream

CANARY = {"jti": "canary-claim", "at_canary": ["canary-claim"]}
PLAIN = b'{"alg": "RS256", "kid": "rs"}'


def canary(kind: str, claims: dict[str, object] | None = None, **more: Any) -> str:  # noqa: ANN401 - as token's own
    """A token of a kind that says `canary` where nobody reads it, and what else it should say."""
    return token(kind, CANARY | (claims or {}), **more)


# How a token of each kind may be wrong: every reason for a refusal at least once.
WRONG: dict[str, Callable[[str], str]] = {
    "nothing wrong": canary,
    "ended": lambda kind: canary(kind, {"exp": 1}),
    "without an end": lambda kind: canary(kind, {"exp": "canary-claim"}),
    "not yet valid": lambda kind: canary(kind, {"nbf": forge.now() + 600}),
    "of a stranger": lambda kind: canary(kind, by="stranger"),
    "of a key that nobody knows": lambda kind: canary(kind, header={"kid": "canary-claim"}),
    "of an issuer that nobody knows": lambda kind: canary(kind, {"iss": "https://canary-claim.example"}),
    "for others": lambda kind: canary(kind, {"aud": ["canary-claim"]}),
    "of a client that nobody knows": lambda kind: canary(kind, {"azp": "canary-claim"}),
    "without a subject": lambda kind: canary(kind, {"sub": GONE}),
    "with a subject that is none": lambda kind: canary(kind, {"sub": "canary-claim\n"}),
    "with a subject that is too long": lambda kind: canary(kind, {"sub": "canary-claim" * 30}),
    "with an address that is none": lambda kind: canary(kind, {"email": "canary-claim@evil@corp.example"}),
    "with a name that is none": lambda kind: canary(kind, {"name": "canary-claim\x1b[1m"}),
    "with groups that are none": lambda kind: canary(kind, {"groups": "canary-claim"}),
    "with groups that nobody knows": lambda kind: canary(kind, {"groups": ["canary-claim"]}),
    "with groups elsewhere": lambda kind: canary(kind, {"_claim_names": {"groups": "canary-claim"}}),
    "with a required claim of another value": lambda kind: canary(kind, {"org": "canary-claim"}),
    "bound to a key": lambda kind: canary(kind, {"cnf": {"jkt": "canary-claim"}}),
    "of another kind": lambda kind: canary(kind, {"token_use": "canary-claim"}, header={"typ": "canary-claim"}),
    "with an odd algorithm": lambda kind: canary(kind, header={"alg": "canary-claim"}),
    "with a key of its own": lambda kind: canary(kind, header={"jku": "https://canary-claim.example"}),
    "with its signature cut": lambda kind: canary(kind)[:-8],
    "with its signature altered": lambda kind: canary(kind)[:-8] + "AAAAAAAA",
    "with a letter that is none": lambda kind: canary(kind) + "!",
    "with a newline": lambda kind: canary(kind) + "\n",
    "with a part more": lambda kind: f"{canary(kind)}.{canary(kind)}",
    "too long": lambda kind: canary(kind, {"x": "canary-claim" * 800}),
    "no JSON": lambda _: compact("rs", PLAIN, b'{"jti": "canary-claim", '),
    "no JSON, by a control character": lambda _: compact("rs", PLAIN, b'{"jti": "canary-claim\n"}'),
    "no UTF-8": lambda _: compact("rs", PLAIN, b'{"jti": "canary-claim\xff"}'),
    "a member given twice": lambda _: compact("rs", PLAIN, b'{"canary-claim": 1, "canary-claim": 2}'),
    "a number that is none": lambda _: compact("rs", PLAIN, b'{"canary-claim": NaN}'),
    "a number too long": lambda _: compact("rs", PLAIN, b'{"canary-claim": ' + b"8" * 4400 + b"}"),
    "nested too deeply": lambda _: compact("rs", PLAIN, b'{"canary-claim": ' + b"[" * 4000),
    "text": lambda _: compact("rs", PLAIN, b'"canary-claim"'),
    "a header that is no JSON": lambda _: compact("rs", b"canary-claim", forge.claims_of("corp")),
    "no token at all": lambda _: "canary-claim",
}


def secrets(text: str) -> list[str]:
    """What of a token may be found nowhere: its parts but for the header, in pieces, and what it says."""
    pieces = [part[at : at + 24] for part in text.split(".")[1:] for at in (0, max(0, len(part) - 24))]
    return ["canary-claim", b64(b"canary-claim")[:12], *(piece for piece in pieces if len(piece) == 24)]


@pytest.fixture
def loud() -> Iterator[None]:
    """The loudest that a deployment could be set to (AWS_LAMBDA_LOG_LEVEL)."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(before)


@pytest.fixture
def sinks(
    loud: None, trusting: None, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Callable[[dict[str, Any]], str]:
    """Answer an event; return everything that was written and answered, but for the URL itself."""

    def answered(made: dict[str, Any]) -> str:
        answer = handler.handler(made, Context())
        written = capfd.readouterr()
        assert '"audit"' in written.out
        return written.out + written.err + caplog.text + without_answers(answer)

    return answered


type Sinks = Callable[[dict[str, Any]], str]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_token_is_written_nowhere(server: Upstream, sinks: Sinks, wrong: Callable[[str], str]) -> None:
    for kind in ("corp", "edge", "alb"):
        text = wrong(kind)
        for operation in ("url", "open", "me"):
            everything = sinks(presenting(kind, text, operation))
            assert not [secret for secret in secrets(text) if secret in everything]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_aws_s_writes_no_token(server: Upstream, sinks: Sinks, fault: dict[str, Told]) -> None:
    for service, told in fault.items():
        setattr(server, service, told)
    for kind in ("corp", "edge"):
        text = canary(kind)
        everything = sinks(presenting(kind, text))
        assert not [secret for secret in secrets(text) if secret in everything]
    assert server.sts_calls


PLACES: dict[str, Callable[[str], dict[str, Any]]] = {
    "in a cookie": lambda text: event("jwt", {"Cookie": [f"token={text}"]}),
    "in a header of its own": lambda text: event("jwt", {"X-Token": [text], "x-amzn-oidc-accesstoken": [text]}),
    "for the proxy before": lambda text: event("jwt", {"Proxy-Authorization": [f"Bearer {text}"]}),
    "with another scheme": lambda text: event("jwt", {"Authorization": [f"Basic {text}"]}),
    "twice": lambda text: event("jwt", {"Authorization": [f"Bearer {text}"] * 2}),
    "in two cases": lambda text: event("jwt", {"Authorization": [text], "authorization": [text]}),
    "twice for a proxy": lambda text: event("proxy", {HEADERS["edge"]: [text, text]}),
    "for two proxies": lambda text: event("proxy", {HEADERS["edge"]: [text], HEADERS["alb"]: [text]}),
    "where a signer belongs": lambda text: event("iam", {"Authorization": [f"Bearer {text}"]}),
    "where nothing belongs": lambda text: event("health", {"Authorization": [f"Bearer {text}"]}),
    "in a parameter": lambda text: presenting("corp", token()) | {"multiValueQueryStringParameters": {"token": [text]}},
    "in a parameter that is known": lambda text: (
        presenting("corp", token()) | {"multiValueQueryStringParameters": {"profile": [text]}}
    ),
    "in a body": lambda text: presenting("corp", token()) | {"body": f"access_token={text}"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_token_in_another_place_is_written_nowhere(
    server: Upstream, sinks: Sinks, place: Callable[[str], dict[str, Any]]
) -> None:
    text = canary("corp")
    everything = sinks(place(text))
    assert not [secret for secret in secrets(text) if secret in everything]


@pytest.mark.parametrize("step", ["read", "verify"])
@pytest.mark.parametrize("kind", ["corp", "edge", "alb"])
def test_an_unforeseen_failure_writes_no_token(
    server: Upstream, sinks: Sinks, monkeypatch: pytest.MonkeyPatch, kind: str, step: str
) -> None:
    text = canary(kind)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"canary-claim {text}")

    monkeypatch.setattr(tokens, step, fail)
    everything = sinks(presenting(kind, text))
    assert "RuntimeError" in everything
    assert not [secret for secret in secrets(text) if secret in everything]


def identified(kind: str, text: str) -> Caller:
    """Identify without the handler, to see what is raised."""
    headers = presenting(kind, text)["multiValueHeaders"]
    trust = handler.gate().gate.trust
    if kind in HEADERS:
        return proxy.identify(lambda name: headers.get(name, []), trust.proxies, time.time())
    return bearer.identify(headers["Authorization"], trust.issuers, time.time())


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_neither_an_error_nor_a_caller_tells_a_token(wrong: Callable[[str], str]) -> None:
    for kind in ("corp", "edge", "alb"):
        text = wrong(kind)
        try:
            told = repr(identified(kind, text))
        except GateError as error:
            told = repr(error) + str(error) + "".join(traceback.format_exception(error))
        assert not [secret for secret in secrets(text) if secret in told]


def test_what_is_read_of_a_token_does_not_show_it() -> None:
    text = canary("corp")
    unverified = tokens.read(text)
    verified = tokens.VerifiedToken(unverified.header, unverified.claims)
    told = repr(unverified) + repr(verified) + f"{unverified} {verified}"
    assert not [secret for secret in secrets(text) if secret in told]
    assert claims.audiences(verified.claims) == {"studio-gate"}


def test_the_search_would_find_a_leak() -> None:
    """A token with its claims in the open, and each part of a token."""
    text = canary("corp")
    assert [secret for secret in secrets(text) if secret in str(tokens.read(text).claims)]
    assert all(any(secret in part for secret in secrets(text)) for part in text.split(".")[1:])


@pytest.mark.parametrize("resource", ["/jwt/url/{destination}", "/proxy/open/{destination}"])
def test_a_token_in_the_path_is_not_recorded(present: Send, resource: str) -> None:
    text = token()
    sent = presenting("corp", text) | {"resource": resource, "pathParameters": {"destination": text}}
    reply = present(sent)
    assert (reply.audit["destination"], text[:33] in reply.written) == (text[:32], False)
