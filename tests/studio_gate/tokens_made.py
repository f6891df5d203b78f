"""Tokens and assertions as issuers and proxies make them, signed with real keys that are made once in a test run.

A table's row is a change of a good token: `ISSUER.token({"aud": "another"})`, `ISSUER.token(header={"kid": ABSENT})`.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from studio_gate.providers import AlbProxy, AssertionProxy, Issuer

type Changes = Mapping[str, object]

# 24 November 2026, 08:00 UTC, as in the events of events/.
NOW = 1_795_507_200
ALGORITHMS = ("RS256", "PS256", "ES256", "Ed25519")
# In the place of a value: leave the member out.
ABSENT = object()
AUDIENCE = "api://studio-gate"
SUBJECT = "6f9c2d1e-alice"
SIGNER = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/portal/0123456789abcdef"
CLIENT = "portal-at-the-idp"
_UNCHANGED: Changes = {}


@dataclass(frozen=True)
class MadeIssuer:
    """An issuer, or a proxy, with a key for each algorithm, whose key id is the algorithm's name.

    Issuers of different URLs have different keys. Tokens are issued a minute before `now` and good for five after it,
    in seconds since 1970.
    """

    url: str = "https://login.example.com/tenant"
    now: int = NOW

    def token(self, claims: Changes = _UNCHANGED, header: Changes = _UNCHANGED, algorithm: str = "ES256") -> str:
        """An access token (RFC 9068) for `AUDIENCE`, after changes; signed after them, with that algorithm's key."""
        return self.signed(
            as_json({"alg": algorithm, "kid": algorithm, "typ": "at+jwt"}, header),
            as_json(self._claims() | {"aud": AUDIENCE, "iat": self.now - 60}, claims),
            algorithm,
        )

    def assertion(self, claims: Changes = _UNCHANGED, header: Changes = _UNCHANGED, algorithm: str = "ES256") -> str:
        """What a proxy puts into a header of its own: a JWT without a kind, after changes."""
        return self.token(claims, {"typ": "JWT"} | dict(header), algorithm)

    def alb_assertion(self, claims: Changes = _UNCHANGED, header: Changes = _UNCHANGED, *, padded: bool = True) -> str:
        """What an Application Load Balancer puts into `x-amzn-oidc-data`, with the padding that it signs too."""
        of_header: dict[str, object] = {"typ": "JWT", "kid": "ES256", "alg": "ES256", "exp": self.now + 300}
        of_header |= {"iss": self.url, "client": CLIENT, "signer": SIGNER}
        return self.signed(as_json(of_header, header), as_json(self._claims(), claims), padded=padded)

    def signed(self, header: bytes, claims: bytes, algorithm: str = "ES256", *, padded: bool = False) -> str:
        """Those bytes as a compact JWS (RFC 7515, section 3.1), whatever they are; the signature is good."""
        signing_input = f"{segment(header, padded=padded)}.{segment(claims, padded=padded)}"
        return f"{signing_input}.{segment(self.signature(signing_input, algorithm), padded=padded)}"

    def signature(self, signing_input: str, algorithm: str = "ES256") -> bytes:
        """The signature of a text with the key for that algorithm."""
        model = JWSRegistry(algorithms=[algorithm]).get_alg(algorithm)
        return model.sign(signing_input.encode(), _private_key(self.url, algorithm))

    def jwk(self, algorithm: str = "ES256", changes: Changes = _UNCHANGED) -> dict[str, Any]:
        """The public key for an algorithm, as the issuer publishes it, after changes."""
        public = _private_key(self.url, algorithm).as_dict(private=False)
        return _changed({**public, "kid": algorithm, "use": "sig", "alg": algorithm}, changes)

    def private_jwk(self, algorithm: str = "ES256") -> dict[str, Any]:
        """The private key, which nobody may publish."""
        return {**self.jwk(algorithm), **_private_key(self.url, algorithm).as_dict(private=True)}

    def key_set(self, *algorithms: str) -> str:
        """The issuer's JWK set: the keys for these algorithms, or for all."""
        return json.dumps({"keys": [self.jwk(one) for one in algorithms or ALGORITHMS]})

    def pem(self) -> str:
        """The public ES256 key in PEM, as AWS publishes those of load balancers."""
        return _private_key(self.url, "ES256").as_pem(private=False).decode()

    def entry(self, **changes: object) -> dict[str, Any]:
        """The entry of gate.toml that trusts this issuer's access tokens, after changes."""
        return _changed(
            {
                "name": "corp",
                "issuer": self.url,
                "token": "access",
                "audiences": [AUDIENCE],
                "algorithms": ["ES256"],
                "keys": {"pinned": self.key_set("ES256")},
            },
            changes,
        )

    def proxy_entry(self, **changes: object) -> dict[str, Any]:
        """The entry of gate.toml that trusts this issuer as a proxy with a header of its own."""
        own = {"kind": "jwt", "name": "front", "header": "x-front-assertion", "token": ABSENT}
        return _changed(self.entry(**own), changes)

    def alb_entry(self, **changes: object) -> dict[str, Any]:
        """The entry of gate.toml that trusts a load balancer with this issuer's ES256 key."""
        return _changed(
            {
                "kind": "alb",
                "name": "portal",
                "signer": SIGNER,
                "client": CLIENT,
                "issuer": self.url,
                "keys": {"pinned": {"ES256": self.pem()}},
            },
            changes,
        )

    def _claims(self) -> dict[str, object]:
        return {"iss": self.url, "sub": SUBJECT, "exp": self.now + 300}


ISSUER = MadeIssuer()
# Signs as well as the first, and is trusted by nobody.
STRANGER = MadeIssuer("https://login.evil.example/tenant")


def segment(raw: bytes, *, padded: bool = False) -> str:
    """Base64url, without padding unless asked for."""
    text = base64.urlsafe_b64encode(raw).decode()
    return text if padded else text.rstrip("=")


def as_json(members: Changes, changes: Changes = _UNCHANGED) -> bytes:
    """A JSON object after changes."""
    return json.dumps(_changed(members, changes)).encode()


def as_issuer(entry: Changes) -> Issuer:
    """An entry of gate.toml as the gate reads it."""
    return Issuer.model_validate_json(json.dumps(entry))


def as_proxy(entry: Changes) -> AlbProxy | AssertionProxy:
    """An entry of gate.toml as the gate reads it."""
    model = AlbProxy if entry["kind"] == "alb" else AssertionProxy
    return model.model_validate_json(json.dumps(entry))


def _changed(members: Changes, changes: Changes) -> dict[str, Any]:
    return {name: value for name, value in {**members, **changes}.items() if value is not ABSENT}


@cache
def _private_key(url: str, algorithm: str) -> RSAKey | ECKey | OKPKey:
    """Make the key of the issuer at `url` for an algorithm, once."""
    if algorithm == "ES256":
        return ECKey.generate_key("P-256")
    return OKPKey.generate_key("Ed25519") if algorithm == "Ed25519" else RSAKey.generate_key(2048)
