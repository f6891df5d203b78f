"""Tokens of a wrong form, header or encoding, each signed with the issuer's own key: the trick alone counts."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import pytest

from tests.conftest import Send
from tests.hostile import forge
from tests.hostile.forge import GONE, b64, compact, signed, token

LONG = "k" * 10_240


def refused(send: Send, text: str, reason: str | None = None) -> None:
    """Present a bearer token: 401, nobody is known, and nothing is minted."""
    reply = send(forge.bearing(text))
    assert (reply.status, reply.audit["caller"], reply.mints) == (401, None, ())
    assert reason in (None, reply.audit["reason"])
    assert reply.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("kid", ["rs", "ps", "es", "ed"])
def test_a_token_without_tricks_mints(present: Send, kid: str) -> None:
    reply = present(forge.bearing(token(by=kid)))
    assert (reply.status, reply.audit["caller"], len(reply.mints)) == (200, "corp:alice", 1)


JWK = {"kty": "oct", "k": b64(b"attacker")}
MEMBERS: dict[str, tuple[dict[str, object], str | None]] = {
    "alg none": ({"alg": "none"}, "token-algorithm"),
    "alg None": ({"alg": "None"}, "token-algorithm"),
    "alg nOnE": ({"alg": "nOnE"}, "token-algorithm"),
    "alg empty": ({"alg": ""}, "token-algorithm"),
    "alg missing": ({"alg": GONE}, "token-header"),
    "alg null": ({"alg": None}, "token-header"),
    "alg a list": ({"alg": ["RS256"]}, "token-header"),
    "alg a number": ({"alg": 256}, "token-header"),
    "alg in lower case": ({"alg": "rs256"}, "token-algorithm"),
    "alg with a blank": ({"alg": "RS256 "}, "token-algorithm"),
    "alg with a NUL": ({"alg": "RS256\0"}, "token-algorithm"),
    "alg in letters that look alike": ({"alg": "RS２56"}, "token-algorithm"),  # noqa: RUF001 - the point
    "alg of a longer hash": ({"alg": "RS512"}, "token-algorithm"),
    "alg of the same key's other padding": ({"alg": "PS256"}, "token-algorithm"),
    "alg symmetric": ({"alg": "HS256"}, "token-algorithm"),
    "alg of another kind of key": ({"alg": "ES256"}, "token-algorithm"),
    "alg unknown": ({"alg": "RS257"}, "token-algorithm"),
    "alg the other name of no RSA key": ({"alg": "EdDSA"}, "token-algorithm"),
    "jku": ({"jku": "https://evil.example/keys"}, "token-header"),
    "jku of the issuer itself": ({"jku": forge.CORP + "/keys"}, "token-header"),
    "jku null": ({"jku": None}, "token-header"),
    "jwk": ({"jwk": JWK}, "token-header"),
    "x5u": ({"x5u": "https://evil.example/chain"}, "token-header"),
    "x5c": ({"x5c": ["MIIB"]}, "token-header"),
    "crit empty": ({"crit": []}, "token-header"),
    "crit of nothing unknown": ({"crit": ["exp"], "exp": 1}, "token-header"),
    "crit of something unknown": ({"crit": ["bork"], "bork": True}, "token-header"),
    "crit that is text": ({"crit": "bork"}, "token-header"),
    "b64 false": ({"b64": False}, "token-header"),
    "b64 false, and critical": ({"b64": False, "crit": ["b64"]}, "token-header"),
    "b64 true": ({"b64": True}, "token-header"),
    "zip": ({"zip": "DEF"}, "token-header"),
    "kid missing": ({"kid": GONE}, "token-header"),
    "kid empty": ({"kid": ""}, "token-header"),
    "kid null": ({"kid": None}, "token-header"),
    "kid a number": ({"kid": 0}, "token-header"),
    "kid true": ({"kid": True}, "token-header"),
    "kid a list": ({"kid": ["rs"]}, "token-header"),
    "kid an object": ({"kid": {"rs": 1}}, "token-header"),
    "kid of 257 characters": ({"kid": LONG[:257]}, "token-header"),
    "kid a path upwards": ({"kid": "../../../../dev/null"}, None),
    "kid a URL": ({"kid": "https://evil.example/key"}, None),
    "kid a query": ({"kid": "rs?x=/../y#z"}, None),
    "kid SQL": ({"kid": "' UNION SELECT 'secret' -- "}, None),
    "kid a command": ({"kid": "rs;id|$(id)`id`"}, None),
    "kid in another case": ({"kid": "RS"}, None),
    "kid with a newline": ({"kid": "rs\n"}, None),
    "kid with a NUL": ({"kid": "rs\0"}, None),
    "kid of half a surrogate pair": ({"kid": "rs\ud800"}, None),
    "kid of another key of the issuer": ({"kid": "es"}, "token-algorithm"),
    "kid of another key, with that one's alg": ({"kid": "ps", "alg": "PS256"}, "token-signature"),
    "kid of another issuer's key": ({"kid": "idp"}, None),
    "typ of a logout token": ({"typ": "logout+jwt"}, "token-kind"),
    "typ of a security event": ({"typ": "application/secevent+jwt"}, "token-kind"),
    "typ of a proof of possession": ({"typ": "dpop+jwt"}, "token-kind"),
    "typ of a client's own assertion": ({"typ": "client-authentication+jwt"}, "token-kind"),
    "typ of an introspection": ({"typ": "token-introspection+jwt"}, "token-kind"),
    "typ of a refresh token": ({"typ": "Refresh"}, "token-kind"),
    "typ of JSON": ({"typ": "JOSE+JSON"}, "token-kind"),
    "typ empty": ({"typ": ""}, "token-kind"),
    "typ with a blank": ({"typ": "at+jwt "}, "token-kind"),
    "typ a number": ({"typ": 5}, "token-kind"),
    "typ a list": ({"typ": ["at+jwt"]}, "token-kind"),
    "typ an object": ({"typ": {"at+jwt": 1}}, "token-kind"),
}


@pytest.mark.parametrize(("members", "reason"), MEMBERS.values(), ids=MEMBERS.keys())
def test_a_token_with_another_header_is_refused(present: Send, members: dict[str, object], reason: str | None) -> None:
    refused(present, token(header=members), reason)


def test_a_key_id_of_10_kb_is_refused(present: Send) -> None:
    refused(present, token(header={"kid": LONG}), "token-form")


def _der(text: str) -> bytes:
    return base64.b64decode("".join(text.strip().splitlines()[1:-1]))


SECRETS: dict[str, Callable[[str], bytes]] = {
    "its PEM": lambda name: forge.pem(name).encode(),
    "its PEM without the last newline": lambda name: forge.pem(name).strip().encode(),
    "its DER": lambda name: _der(forge.pem(name)),
    "its JWK": lambda name: json.dumps(forge.public(name)).encode(),
    "its largest number": lambda name: forge.unb64(forge.public(name).get("n") or forge.public(name)["x"]),
    "its key id": str.encode,
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("alg", ["HS256", "own"])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("kid", ["rs", "es", "ed"])
def test_a_public_key_is_no_secret(present: Send, kid: str, secret: Callable[[str], bytes], alg: str) -> None:
    """The HMAC of a token with the public key, also under the algorithm that the key is for."""
    unsigned, _, _ = token(by=kid, header={"alg": "HS256"} if alg == "HS256" else {}).rpartition(".")
    mac = hmac.new(secret(kid), unsigned.encode(), hashlib.sha256).digest()
    refused(present, f"{unsigned}.{b64(mac)}", "token-algorithm" if alg == "HS256" else "token-signature")


FORMS: dict[str, tuple[Callable[[str, str, str], str], str]] = {
    "no signature": (lambda h, c, _: f"{h}.{c}", "token-form"),
    "an empty signature": (lambda h, c, _: f"{h}.{c}.", "token-form"),
    "no header": (lambda _, c, s: f".{c}.{s}", "token-form"),
    "detached claims": (lambda h, _, s: f"{h}..{s}", "token-form"),
    "the claims alone": (lambda _, c, __: c, "token-form"),
    "two dots alone": (lambda *_: "..", "token-form"),
    "one part more": (lambda h, c, s: f"{h}.{c}.{s}.{s}", "token-form"),
    "one empty part more": (lambda h, c, s: f"{h}.{c}.{s}.", "token-form"),
    "one empty part before": (lambda h, c, s: f".{h}.{c}.{s}", "token-form"),
    "five parts, as if encrypted": (lambda h, c, s: f"{h}.{s}.{c}.{c}.{s}", "token-form"),
    "encrypted by the key's owner": (lambda *_: f"{b64(b'{"alg":"dir","enc":"A128GCM"}')}..YQ.YQ.YQ", "token-form"),
    "padding after the header": (lambda h, c, s: f"{h}=.{c}.{s}", "token-form"),
    "padding after the claims": (lambda h, c, s: f"{h}.{c}==.{s}", "token-form"),
    "padding after the signature": (lambda h, c, s: f"{h}.{c}.{s}==", "token-form"),
    "padding alone": (lambda h, c, _: f"{h}.{c}.==", "token-form"),
    "a blank after it": (lambda h, c, s: f"{h}.{c}.{s} ", "no-bearer-token"),
    "a newline after it": (lambda h, c, s: f"{h}.{c}.{s}\n", "no-bearer-token"),
    "a newline within": (lambda h, c, s: f"{h}.\n{c}.{s}", "no-bearer-token"),
    "a blank within": (lambda h, c, s: f"{h}. {c}.{s}", "no-bearer-token"),
    "a tab within": (lambda h, c, s: f"{h}.{c}\t.{s}", "no-bearer-token"),
    "a NUL after it": (lambda h, c, s: f"{h}.{c}.{s}\0", "no-bearer-token"),
    "a comma and itself": (lambda h, c, s: f"{h}.{c}.{s},{h}.{c}.{s}", "no-bearer-token"),
    "quotes around it": (lambda h, c, s: f'"{h}.{c}.{s}"', "no-bearer-token"),
    "dots percent-encoded": (lambda h, c, s: f"{h}%2E{c}%2E{s}", "no-bearer-token"),
    "a character of no alphabet": (lambda h, c, s: f"{h}.{c}!.{s}", "no-bearer-token"),
    "a letter of another alphabet": (lambda h, c, s: f"{h}.{c}.{s[:-1]}А", "no-bearer-token"),  # noqa: RUF001 - the point
    "one character too many": (lambda h, c, s: f"{h}.{c}.{s}AAA", "token-base64"),
    "JSON serialization": (
        lambda h, c, s: json.dumps({"protected": h, "payload": c, "signature": s}),
        "no-bearer-token",
    ),
    "JSON serialization without blanks": (
        lambda h, c, s: json.dumps(
            {"payload": c, "signatures": [{"protected": h, "signature": s}]}, separators=(",", ":")
        ),
        "no-bearer-token",
    ),
    "JSON serialization in base64": (
        lambda h, c, s: b64(json.dumps({"protected": h, "payload": c, "signature": s}).encode()),
        "token-form",
    ),
}


@pytest.mark.parametrize(("form", "reason"), FORMS.values(), ids=FORMS.keys())
def test_a_token_of_another_form_is_refused(present: Send, form: Callable[..., str], reason: str) -> None:
    refused(present, form(*token().split(".")), reason)


def _loose_end(text: str) -> str:
    """The same bytes, written with one of the last character's unused bits set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


def _claims(tail: int) -> str:
    """Claims whose base64url has such an end, and `-` as well as `_`."""
    base = forge.claims_of("corp") | {"x": ["a???", "aa???", "aaa???", "a>>>", "aa>>>", "aaa>>>"]}
    made = next(made for pad in range(3) if len(made := b64(json.dumps(base | {"y": "y" * pad}).encode())) % 4 == tail)
    assert {"-", "_"} < set(made)
    return made


HEADER = b64(b'{"alg":"RS256","kid":"rs"}')
# As a lenient signer would write them, and sign them so.
WRITTEN: dict[str, tuple[Callable[[], str], str]] = {
    "claims with 4 unused bits set": (lambda: signed("rs", f"{HEADER}.{_loose_end(_claims(2))}"), "token-base64"),
    "claims with 2 unused bits set": (lambda: signed("rs", f"{HEADER}.{_loose_end(_claims(3))}"), "token-base64"),
    "a signature with unused bits set": (lambda: _loose_end(token()), "token-base64"),
    "claims with padding": (lambda: signed("rs", f"{HEADER}.{_claims(2)}=="), "token-form"),
    "claims with `+`": (lambda: signed("rs", f"{HEADER}.{_claims(0).replace('-', '+')}"), "no-bearer-token"),
    "claims with `/`": (lambda: signed("rs", f"{HEADER}.{_claims(0).replace('_', '/')}"), "no-bearer-token"),
    "claims that are not encoded": (lambda: signed("rs", f"{HEADER}.{{}}"), "no-bearer-token"),
    "claims encoded twice": (lambda: signed("rs", f"{HEADER}.{b64(_claims(0).encode())}"), "token-json"),
    "8,193 characters": (lambda: _of_length(8193), "token-form"),
    "80 kB": (lambda: token(claims={"pad": "p" * 60_000}), "token-form"),
}


def _of_length(wanted: int) -> str:
    """A token of exactly so many characters: not every number of them can be one part's."""
    size = (wanted - len(token(claims={"pad": ""}, header={"pad": ""}))) * 3 // 4
    tried = ((pad, more) for pad in ("", "p", "pp") for more in range(-6, 4))
    return next(
        made
        for pad, more in tried
        if len(made := token(claims={"pad": "p" * (size + more)}, header={"pad": pad})) == wanted
    )


@pytest.mark.parametrize(("written", "reason"), WRITTEN.values(), ids=WRITTEN.keys())
def test_a_token_written_otherwise_is_refused(present: Send, written: Callable[[], str], reason: str) -> None:
    refused(present, written(), reason)


def test_a_token_of_8192_characters_mints(present: Send) -> None:
    assert present(forge.bearing(_of_length(8192))).status == 200


def test_claims_with_every_character_of_base64url_mint(present: Send) -> None:
    assert present(forge.bearing(signed("rs", f"{HEADER}.{_claims(2)}"))).status == 200


def test_a_header_in_other_bytes_is_refused(present: Send) -> None:
    """The header is signed, so an equal object in other words is another header."""
    header, rest = token().split(".", 1)
    spaced = b64(json.dumps(json.loads(forge.unb64(header)), indent=1).encode())
    refused(present, f"{spaced}.{rest}", "token-signature")
    assert (
        present(forge.bearing(compact("rs", b' {"kid" : "rs", "alg":"RS256"}', forge.claims_of("corp")))).status == 200
    )
