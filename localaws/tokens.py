"""What stands in for a company's identity provider and its proxies: tokens and assertions that the example trusts.

Development equipment, and never to be trusted by a deployed gate: the keys are made from texts that stand here, so
everybody has the private halves, and who pins a public half lets everybody in. `make check` refuses that. The public
halves are pinned in `example_config/gate.toml`.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://idp.example.com/realms/corp"
EDGE_ISSUER = "https://edge.example.com"
SIGN_IN_ISSUER = "https://signin.example.com"
AUDIENCE, CLIENT, ALB_CLIENT = "studio-gate", "intranet-tool", "alb-client"
_ALB = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app"
LOAD_BALANCER, OTHER_LOAD_BALANCER = f"{_ALB}/intranet/50dc6c495c0c9188", f"{_ALB}/elsewhere/1a2b3c4d5e6f7081"
HOUR = timedelta(hours=1)
# How any signed token begins, a header and claims, both JSON; or a sealed one, a header and no key. To look for where
# none may be.
FORM = re.compile(r"eyJ[A-Za-z0-9_-]+={0,2}\.(eyJ|\.)")
# RFC 7518, section 3.4: the bytes of each half of an ES256 signature.
_HALF = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key, by the name that it is made from; `id` is its `kid`."""

    id: str
    private: ec.EllipticCurvePrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """Its `alg` (RFC 7518, RFC 9864)."""
        return "ES256" if isinstance(self.private, ec.EllipticCurvePrivateKey) else "Ed25519"

    @property
    def pem(self) -> str:
        """The public half as AWS publishes those of load balancers."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as issuers publish theirs (RFC 7517)."""
        common = {"kid": self.id, "use": "sig", "alg": self.algorithm}
        if isinstance(self.private, Ed25519PrivateKey):
            raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(raw), **common}
        numbers = self.private.public_key().public_numbers()
        x, y = (_encoded(number.to_bytes(_HALF)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **common}

    def sign(self, data: bytes) -> bytes:
        """Sign as a JWS is signed (RFC 7515)."""
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(data)
        return b"".join(
            half.to_bytes(_HALF) for half in decode_dss_signature(self.private.sign(data, ec.ECDSA(SHA256())))
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the identity provider knows."""

    subject: str
    name: str
    email: str
    groups: tuple[str, ...] = ("/data-science", "/staff")


ALICE = Person("5f1c0a7e-alice", "Alice Liddell", "alice@example.com")
BOB = Person("77d0b2c4-bob", "Bob Dodgson", "bob@example.com", ("/data-science", "/leads", "/staff"))
CAROL = Person("c0ffee11-carol", "Carol Lewis", "carol@example.com")
# A guest, whose address is of another company.
EDITH = Person("ed17a1d0-edith", "Edith Hargreaves", "edith@partner.example", ())
DINAH = Person("d1a4b0a7-dinah", "Dinah Tenniel", "dinah@example.com", ("/data-science", "/contractors"))


def _seed(name: str) -> bytes:
    return sha256(f"Studio Gate, laptop, {name}".encode()).digest()


def _p256(name: str, key_id: str) -> Key:
    return Key(key_id, ec.derive_private_key(int.from_bytes(_seed(name)), ec.SECP256R1()))


CORP = _p256("corp", "corp-2026")
ALB = _p256("alb", "0b7ad6f6-3f2c-4c8e-9a51-6d1e2f3a4b5c")
WEB = _p256("web", "web-2026")
EDGE = Key("edge-2026", Ed25519PrivateKey.from_private_bytes(_seed("edge")))
# Somebody else's, who gives them the ids of the right ones. Nobody trusts these.
FORGED_CORP, FORGED_ALB = _p256("forged corp", CORP.id), _p256("forged alb", ALB.id)
FORGED_EDGE = Key(EDGE.id, Ed25519PrivateKey.from_private_bytes(_seed("forged edge")))
KEYS = (CORP, ALB, WEB, EDGE, FORGED_CORP, FORGED_ALB, FORGED_EDGE)


def access_token(
    who: Person = ALICE, changes: Mapping[str, object] | None = None, key: Key = CORP, lasts: timedelta = HOUR
) -> str:
    """Mint an access token of the issuer "corp" as RFC 9068 has it; a claim changed to None is left out."""
    claims = {
        **_claims(who, ISSUER, AUDIENCE, lasts),
        "azp": CLIENT,
        "client_id": CLIENT,
        "scope": "openid profile email",
        "jti": "c1c5c1d0-0000-4000-8000-000000000001",
    }
    return _compact({"alg": key.algorithm, "typ": "at+jwt", "kid": key.id}, claims | dict(changes or {}), key)


def id_token(who: Person = ALICE) -> str:
    """Mint an ID token of the same issuer: it tells a client who has signed in there, and opens nothing else."""
    claims = _claims(who, ISSUER, CLIENT, HOUR)
    own = {"azp": CLIENT, "nonce": "n-0S6_WzA2Mj", "auth_time": claims["iat"], "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"}
    # For the gate, too, so that nothing but its kind is wrong with it.
    return _compact({"alg": CORP.algorithm, "typ": "JWT", "kid": CORP.id}, claims | own | {"aud": AUDIENCE}, CORP)


def alb_assertion(who: Person = ALICE, key: Key = ALB, signer: str = LOAD_BALANCER, lasts: timedelta = HOUR) -> str:
    """Make what an Application Load Balancer sends in `x-amzn-oidc-data`.

    Source: its guide, "User claims encoding and signature verification": segments with padding, which is signed too.
    """
    claims = _claims(who, ISSUER, None, lasts)
    del claims["iat"]
    own = {"signer": signer, "iss": ISSUER, "client": ALB_CLIENT, "exp": claims["exp"]}
    return _compact({"typ": "JWT", "kid": key.id, "alg": key.algorithm, **own}, claims, key, padded=True)


def edge_assertion(
    who: Person = ALICE, changes: Mapping[str, object] | None = None, key: Key = EDGE, lasts: timedelta = HOUR
) -> str:
    """Make what the proxy "edge" sends; a claim changed to None is left out."""
    claims = _claims(who, EDGE_ISSUER, AUDIENCE, lasts) | dict(changes or {})
    return _compact({"alg": key.algorithm, "typ": "JWT", "kid": key.id}, claims, key)


_MADE: Mapping[str, tuple[str, Callable[[], str]]] = {
    "jwt": ("Authorization", access_token),
    "jwt-bob": ("Authorization", lambda: access_token(BOB)),
    "jwt-carol": ("Authorization", lambda: access_token(CAROL)),
    "jwt-dinah": ("Authorization", lambda: access_token(DINAH)),
    "jwt-expired": ("Authorization", lambda: access_token(lasts=-HOUR)),
    "jwt-id": ("Authorization", id_token),
    "jwt-other-key": ("Authorization", lambda: access_token(key=FORGED_CORP)),
    "jwt-wrong-audience": ("Authorization", lambda: access_token(changes={"aud": "another-service"})),
    "jwt-wrong-issuer": (
        "Authorization",
        lambda: access_token(changes={"iss": "https://idp.example.com/realms/other"}),
    ),
    "alb": ("x-amzn-oidc-data", alb_assertion),
    "alb-forged": ("x-amzn-oidc-data", lambda: alb_assertion(key=FORGED_ALB)),
    "alb-other-load-balancer": ("x-amzn-oidc-data", lambda: alb_assertion(signer=OTHER_LOAD_BALANCER)),
    "edge": ("x-edge-assertion", edge_assertion),
    "edge-forged": ("x-edge-assertion", lambda: edge_assertion(key=FORGED_EDGE)),
}


NAMES = tuple(_MADE)


def made(name: str) -> str:
    """Make the token of that name, as the events call it, from now on; `KeyError` for another name."""
    return _MADE[name][1]()


def header(name: str) -> dict[str, str]:
    """Make the header that brings the token of that name."""
    where = _MADE[name][0]
    return {where: f"Bearer {made(name)}" if where == "Authorization" else made(name)}


def _claims(who: Person, issuer: str, audience: str | None, lasts: timedelta) -> dict[str, object]:
    now = datetime.now(UTC)
    # One that has expired was good once.
    issued = min(now, now + lasts - HOUR)
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": who.subject,
        "iat": int(issued.timestamp()),
        "exp": int((now + lasts).timestamp()),
        "name": who.name,
        "email": who.email,
        "email_verified": True,
        "groups": list(who.groups),
    }
    return claims | ({"aud": audience} if audience else {})


def _compact(header: Mapping[str, object], claims: Mapping[str, object], key: Key, *, padded: bool = False) -> str:
    kept = {name: value for name, value in claims.items() if value is not None}
    segments = [_encoded(json.dumps(part, separators=(",", ":")).encode(), padded=padded) for part in (header, kept)]
    signed = ".".join(segments)
    return f"{signed}.{_encoded(key.sign(signed.encode()), padded=padded)}"


def _encoded(raw: bytes, *, padded: bool = False) -> str:
    text = base64.urlsafe_b64encode(raw).decode()
    return text if padded else text.rstrip("=")
