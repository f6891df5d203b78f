"""What holds of every header, every change to a token and every two subjects."""

from itertools import product
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from localaws import example
from studio_gate.fields import SUBJECT
from studio_gate.identity import Caller, Proof, claims
from studio_gate.identity.tokens import VerifiedToken
from studio_gate.providers import AlbProxy, AssertionProxy, Claims, Issuer
from studio_gate.sessions import session_name
from tests.conftest import Reply, Send
from tests.hostile import forge
from tests.hostile.forge import HEADERS, b64, token, unb64

FUZZ = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(reply: Reply) -> tuple[object, ...]:
    """Who it was and what was decided, without the time and the secret."""
    moving = {"time", "duration_ms", "url_sha256"}
    return reply.status, len(reply.mints), {name: one for name, one in reply.audit.items() if name not in moving}


def base(route: str, good: str) -> dict[str, Any]:
    """A launch by each route: with a good proof, with a bad one, with none."""
    if route == "iam":
        return example.event("url") if good == "good" else forge.event("iam", {})
    kind = {"jwt": "corp", "proxy": "edge"}[route]
    made = {"good": token(kind), "bad": token(kind, by="stranger"), "none": ""}[good]
    return forge.presenting(kind, made) if made else forge.event(route, {})


FAMOUS = st.sampled_from(
    [
        "X-Forwarded-For",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Forwarded-Host",
        "Forwarded",
        "X-Real-IP",
        "Via",
        "X-Amzn-Oidc-Identity",
        "X-Amzn-Oidc-AccessToken",
        "x-amzn-vpce-id",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "X-Goog-IAP-JWT-Assertion",
        "Cf-Access-Jwt-Assertion",
        "X-Pomerium-Jwt-Assertion",
        "X-MS-CLIENT-PRINCIPAL",
        "X-Remote-User",
        "X-Auth-Request-User",
        "X-Auth-Request-Email",
        "X-WEBAUTH-USER",
        "X-SSL-Client-S-DN",
        "Authorization",
        "x_edge_assertion",
        "authorization_",
        "Authorization-",
        "Proxy-Authorization",
        "X-Authorization",
        "Cookie",
        "User-Agent",
        "X-HTTP-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Host",
        "Origin",
        "Referer",
    ]
)
OF_BROWSERS = st.sampled_from(["Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Purpose", "Purpose", "X-Moz"])
OF_PROXIES = st.sampled_from([*HEADERS.values()])
TEXTS = st.text(max_size=30) | st.sampled_from(["alice", "bob", "10.0.0.1", "cross-site", "prefetch", "e30.e30.e30"])
# Two of what a route reads are one too many; what /proxy refuses besides is navigation's.
READ = {"iam": set[str](), "jwt": {"authorization"}, "proxy": set(HEADERS.values())}


def added(route: str, good: str, headers: dict[str, list[str]]) -> dict[str, Any]:
    """The launch with headers added in both maps, but for those that the route reads."""
    headers = {name: values for name, values in headers.items() if name.lower() not in READ[route]}
    made = base(route, good)
    made["multiValueHeaders"] |= headers
    made["headers"] |= {name: values[-1] for name, values in headers.items()}
    return made


def names(*more: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Headers of famous names, of others, and of any name at all."""
    any_name = st.one_of(FAMOUS, st.text(min_size=1, max_size=20), *more)
    return st.dictionaries(any_name, st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=4)


GOODS = st.sampled_from(["good", "bad", "none"])


@FUZZ
@given(route=st.sampled_from(["iam", "jwt"]), good=GOODS, headers=names(OF_BROWSERS, OF_PROXIES))
def test_no_header_changes_a_caller_or_a_decision(
    present: Send, route: str, good: str, headers: dict[str, list[str]]
) -> None:
    reply = present(added(route, good, headers))
    assert outcome(reply) == outcome(present(base(route, good)))
    assert len(reply.mints) == (good == "good")


@FUZZ
@given(good=GOODS, headers=names())
def test_no_other_header_changes_what_a_proxy_says(present: Send, good: str, headers: dict[str, list[str]]) -> None:
    assume(not any(name.lower().startswith(("sec-", "purpose", "x-moz", "x-purpose")) for name in headers))
    assert outcome(present(added("proxy", good, headers))) == outcome(present(base("proxy", good)))


@FUZZ
@given(good=GOODS, headers=names(OF_BROWSERS, OF_PROXIES))
def test_any_header_behind_a_proxy_refuses_or_changes_nothing(
    present: Send, good: str, headers: dict[str, list[str]]
) -> None:
    made = base("proxy", good)
    made["multiValueHeaders"] |= {name: one for name, one in headers.items() if name.lower() != HEADERS["edge"]}
    reply = present(made)
    if reply.status == 200:
        assert outcome(reply) == outcome(present(base("proxy", good)))
    else:
        assert (reply.status in {400, 401, 403}, reply.audit["caller"], reply.mints) == (True, None, ())


KEYS = st.sampled_from(["rs", "ps", "es", "ed"])
CHARACTERS = (
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0") | st.characters()
)


def refused_or_alice(send: Send, text: str) -> None:
    """A changed token proves nothing, or it is the same caller's: of ES256, (r, n - s) is a signature, too."""
    reply = send(forge.bearing(text))
    if reply.status == 200:
        assert (reply.audit["caller"], reply.audit["profile"]) == ("corp:alice", "alice")
    else:
        assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ())


@FUZZ
@given(name=KEYS, at=st.floats(0, 1, exclude_max=True), change=CHARACTERS, kind=st.sampled_from(["put", "in", "out"]))
def test_a_token_with_one_character_changed_is_none(
    present: Send, name: str, at: float, change: str, kind: str
) -> None:
    text = token(by=name)
    place = int(at * len(text))
    rest = text[place:] if kind == "in" else text[place + 1 :]
    refused_or_alice(present, text[:place] + ("" if kind == "out" else change) + rest)


@FUZZ
@given(name=KEYS, part=st.integers(0, 2), at=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_a_token_with_one_byte_changed_is_none(present: Send, name: str, part: int, at: float, value: int) -> None:
    parts = [unb64(one) for one in token(by=name).split(".")]
    changed = bytearray(parts[part])
    changed[int(at * len(changed))] ^= value
    refused_or_alice(present, ".".join(b64(one) for one in (*parts[:part], bytes(changed), *parts[part + 1 :])))


def test_parts_of_two_tokens_make_none(present: Send) -> None:
    """Of every two keys of an issuer, and of two subjects: only parts that belong together are a token."""
    tokens = [token(by=name, claims={"sub": sub}) for name in ("rs", "es", "ed") for sub in ("alice", "bob")]
    parts = [one.split(".") for one in tokens]
    whole = set(tokens)
    for header, body, signature in product(range(3), repeat=3):
        for sub, other in product(range(2), repeat=2):
            text = ".".join((parts[2 * header][0], parts[2 * body + sub][1], parts[2 * signature + other][2]))
            reply = present(forge.bearing(text))
            if text in whole:
                assert (reply.status, reply.audit["caller"]) == (200, f"corp:{('alice', 'bob')[sub]}")
            else:
                assert (reply.status, reply.mints) == (401, ())


PROVIDERS = st.from_regex(r"(?!arn\Z)[a-z0-9](-?[a-z0-9]){0,15}", fullmatch=True)
SUBJECTS = st.from_regex(SUBJECT, fullmatch=True) | st.sampled_from(
    ["a", "A", "a:b", "b", "a-b", "a@b", "a+b", "a" * 255]
)
MAILS = st.none() | st.sampled_from(["alice@corp.example", "a" * 60 + "@corp.example", "a!b@corp.example"])
MODELS = {Issuer: Proof.BEARER, AssertionProxy: Proof.PROXY, AlbProxy: Proof.PROXY}


def made(name: str, subject: str, email: str | None, model: type[Issuer | AssertionProxy | AlbProxy]) -> Caller:
    """The caller that a provider's verified token makes."""
    provider = model.model_construct(name=name, issuer="https://one.example", claims=Claims(email="email"))
    return claims.caller(provider, MODELS[model], VerifiedToken({}, {"sub": subject, "email": email}))


@given(
    one=st.tuples(PROVIDERS, SUBJECTS, MAILS, st.sampled_from(list(MODELS))),
    other=st.tuples(PROVIDERS, SUBJECTS, MAILS, st.sampled_from(list(MODELS))),
)
def test_two_subjects_share_neither_id_nor_session_name(one: Any, other: Any) -> None:  # noqa: ANN401 - tuples
    assume(one[:2] != other[:2])
    first, second = made(*one), made(*other)
    assert first.id != second.id
    assert session_name(first) != session_name(second)
    assert all(2 <= len(session_name(caller)) <= 64 for caller in (first, second))
    assert not any(caller.id.startswith("arn:") for caller in (first, second))


@FUZZ
@given(one=SUBJECTS, other=SUBJECTS)
def test_two_subjects_share_no_source_identity(present: Send, one: str, other: str) -> None:
    assume(one != other)
    first, second = (present(forge.bearing(token(claims={"sub": sub}))).audit for sub in (one, other))
    assert first["caller"] != second["caller"]
    assert first["source_identity"] != second["source_identity"]
