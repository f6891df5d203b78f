"""Issuers and proxies with real keys, the tokens they would sign, and the tokens an attacker would write."""

import base64
import copy
import json
import shutil
import time
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from localaws import example
from tests.studio_gate.builders import without_providers

CORP, IDP, POOL, EDGE = (f"https://{name}.example.com/t" for name in ("corp", "idp", "pool", "edge"))
ALB = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/front/0123456789abcdef"
# The keys by their ids, each with its one algorithm, and whose they are. An issuer's ids are its own: two have `es`.
ALGORITHMS = {"rs": "RS256", "ps": "PS256", "es": "ES256", "ed": "Ed25519", "idp": "ES256", "edge": "ES256"}
ALGORITHMS |= {"alb": "ES256", "stranger": "ES256", "stranger-rs": "RS256", "stranger-ps": "PS256"}
ALGORITHMS |= {"stranger-ed": "Ed25519"}
GONE = object()
MAIL = "alice@corp.example"
type Key = RSAKey | ECKey | OKPKey | OctKey


@cache
def key(name: str) -> Key:
    """A private key, made once."""
    algorithm = ALGORITHMS[name]
    published: Any = {"kid": name, "alg": algorithm, "use": "sig"}
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", published)
    return OKPKey.generate_key("Ed25519", published) if algorithm == "Ed25519" else RSAKey.generate_key(2048, published)


def public(name: str) -> dict[str, Any]:
    """What the owner of a key publishes."""
    return {**key(name).as_dict(private=False)}


def sign(name: str, signing_input: bytes, algorithm: str | None = None) -> bytes:
    """Sign with a key, and with another algorithm than the key's where one is named."""
    algorithm = algorithm or ALGORITHMS[name]
    return JWSRegistry(algorithms=[algorithm]).get_alg(algorithm).sign(signing_input, key(name))


def b64(raw: bytes) -> str:
    """Base64url as in a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of one part of a token."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def put(base: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Members with others in their place; those that are `GONE` are left out."""
    return {name: value for name, value in {**base, **changes}.items() if value is not GONE}


def compact(name: str, header: object, claims: object, *, algorithm: str | None = None) -> str:
    """A token signed with a key. Header and claims are objects, or bytes to be taken as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    return signed(name, ".".join(b64(part) for part in parts), algorithm=algorithm)


def signed(name: str, signing_input: str, *, algorithm: str | None = None) -> str:
    """A token with a signature over text as it is, also where nobody should have signed that."""
    return f"{signing_input}.{b64(sign(name, signing_input.encode(), algorithm))}"


def now() -> int:
    return int(time.time())


def claims_of(kind: str) -> dict[str, object]:
    """What each kind of token says of Alice when nothing is wrong."""
    base: dict[str, object] = {"sub": "alice", "groups": ["ds"], "iat": now() - 5, "exp": now() + 3600}
    own: dict[str, dict[str, object]] = {
        "corp": {"iss": CORP, "aud": "studio-gate", "azp": "tool", "scope": "open", "org": 7, "email": MAIL},
        "idp": {"iss": IDP, "aud": "studio-client", "nonce": "n", "at_hash": "h", "email": MAIL},
        "pool": {"iss": POOL, "client_id": "app", "token_use": "access", "scope": "open"},
        "edge": {"iss": EDGE, "aud": "studio-gate"},
        "twin": {"iss": CORP, "aud": "twin"},
        "alb": {"iss": IDP, "iat": GONE},
    }
    return put(base, own[kind])


SIGNERS = {"corp": "rs", "idp": "idp", "pool": "idp", "edge": "edge", "twin": "es", "alb": "alb"}


def header_of(kind: str, name: str) -> dict[str, object]:
    """The header that goes with a key, and for a load balancer what it says there."""
    header: dict[str, object] = {"alg": ALGORITHMS[name], "kid": name}
    own = {"signer": ALB, "client": "studio-client", "iss": IDP, "exp": now() + 120, "typ": "JWT"}
    return header | own if kind == "alb" else header


def token(
    kind: str = "corp",
    claims: Mapping[str, object] | None = None,
    header: Mapping[str, object] | None = None,
    *,
    by: str | None = None,
) -> str:
    """A token of some kind for Alice with changes, signed all the same, with its issuer's key or another."""
    name = by or SIGNERS[kind]
    parts = (put(header_of(kind, name), header or {}), put(claims_of(kind), claims or {}))
    if kind == "alb":
        return signed(name, ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts))
    return compact(name, *parts)


HEADERS = {"edge": "x-edge-assertion", "twin": "x-twin-assertion", "alb": "x-amzn-oidc-data"}


def event(route: str, headers: Mapping[str, Sequence[str]], *, operation: str = "url") -> dict[str, Any]:
    """A launch through a route that proves the caller in a header; nobody has signed the request."""
    made = copy.deepcopy(example.event("url"))
    resource = f"/{route}/{operation}" + ("" if operation == "me" else "/{destination}")
    made |= {"resource": resource, "path": resource.replace("{destination}", "research")}
    if operation == "me":
        made["pathParameters"] = None
    made["requestContext"]["identity"] |= dict.fromkeys(("accountId", "caller", "user", "userArn", "accessKey"))
    for kind in ("headers", "multiValueHeaders"):
        made[kind] = {name: value for name, value in made[kind].items() if name.lower() not in _OF_SIGNERS}
    made["headers"] |= {name: values[-1] for name, values in headers.items() if values}
    made["multiValueHeaders"] |= {name: list(values) for name, values in headers.items()}
    return made


_OF_SIGNERS = {"authorization", "x-amz-date", "x-amz-security-token"}


def bearing(text: str, operation: str = "url") -> dict[str, Any]:
    """A launch with a bearer token."""
    return event("jwt", {"Authorization": [f"Bearer {text}"]}, operation=operation)


def asserting(kind: str, text: str, operation: str = "url") -> dict[str, Any]:
    """A launch with a proxy's assertion."""
    return event("proxy", {HEADERS[kind]: [text]}, operation=operation)


def presenting(kind: str, text: str, operation: str = "url") -> dict[str, Any]:
    """A launch with a token of some kind where that kind belongs."""
    return asserting(kind, text, operation) if kind in HEADERS else bearing(text, operation)


def pem(name: str) -> str:
    made = key(name)
    assert isinstance(made, RSAKey | ECKey | OKPKey)
    return made.as_pem(private=False).decode()


def configure(folder: Path) -> Path:
    """Write a configuration that trusts them all beside the example's policies, with the example's IAM roles."""
    for name in ("policies.cedar", "schema.cedarschema"):
        shutil.copyfile(example.CONFIG / name, folder / name)
    raw = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
    without_providers(raw)
    for profile in (one for destination in raw["destinations"] for one in destination.get("profiles", ())):
        others = [f"{provider}:{profile['name']}" for provider in SIGNERS]
        profile["callers"] = [one for one in profile["callers"] if one.startswith("arn:")] + others
    text = "".join(f"{name} = {_toml(value)}\n" for name, value in (raw | _providers()).items())
    (folder / "gate.toml").write_text(text, encoding="utf-8")
    return folder


def _providers() -> dict[str, object]:
    es = {"algorithms": ["ES256"]}
    shared = {"keys": _pinned("idp")} | es
    corp = {"issuer": CORP, "algorithms": sorted(set(ALGORITHMS.values())), "keys": _pinned("rs", "ps", "es", "ed")}
    access = {"token": "access", "audiences": ["studio-gate"], "clients": ["tool"], "required": {"org": 7}}
    idp = {"issuer": IDP, "token": "id", "audiences": ["studio-client"]}
    pool = {"issuer": POOL, "token": "access", "clients": ["app"], "client_claim": "client_id"}
    alb = {"kind": "alb", "signer": ALB, "client": "studio-client", "issuer": IDP}
    return {
        "issuers": [
            _provider("corp", corp | access, name="name", email="email"),
            _provider("idp", shared | idp, email="email"),
            _provider("pool", shared | pool),
        ],
        "proxies": [
            _provider("edge", _proxy("edge", EDGE, "studio-gate", _pinned("edge"))),
            _provider("twin", _proxy("twin", CORP, "twin", _pinned("es"))),
            _provider("alb", alb | {"keys": {"pinned": {"alb": pem("alb")}}}),
        ],
    }


def _proxy(name: str, issuer: str, audience: str, keys: dict[str, str]) -> dict[str, object]:
    own = {"issuer": issuer, "audiences": [audience], "keys": keys, "algorithms": ["ES256"]}
    return {"kind": "jwt", "header": HEADERS[name]} | own


def _pinned(*names: str) -> dict[str, str]:
    return {"pinned": json.dumps({"keys": [public(name) for name in names]})}


def _provider(name: str, values: Mapping[str, object], /, **claims: str) -> dict[str, object]:
    own = {"claims": claims | {"groups": "groups"}, "groups": {"ds": "data-science"}}
    return {"name": name, **values, **own}


def _toml(value: object) -> str:
    """TOML of one line. JSON's texts, numbers and lists are TOML's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(name)} = {_toml(one)}" for name, one in value.items()) + " }"
    return "[" + ", ".join(map(_toml, value)) + "]" if isinstance(value, list) else json.dumps(value)
