"""The stand-in's tokens are what they say: read here by a library of its own, and by nothing of the gate's."""

import base64
import json
import time
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, OKPKey

from localaws import event, example, signed_in, tokens
from localaws.tokens import ALB, BOB, CORP, EDGE, WEB, Key
from studio_gate.identity.seals import Purpose, read_sealing_keys, unseal
from studio_gate.identity.session import COOKIE

ALGORITHMS = ["ES256", "Ed25519"]


def library_key(key: Key) -> ECKey | OKPKey:
    return ECKey.import_key(key.pem) if key.algorithm == "ES256" else OKPKey.import_key(key.pem)


def read(token: str, key: Key) -> jwt.Token:
    return jwt.decode(token, library_key(key), algorithms=ALGORITHMS)


def segments(token: str) -> list[dict[str, Any]]:
    return [json.loads(base64.urlsafe_b64decode(f"{part}==")) for part in token.split(".")[:2]]


def test_an_access_token_is_one() -> None:
    read_back = read(tokens.access_token(), CORP)
    assert read_back.header == {"alg": "ES256", "typ": "at+jwt", "kid": "corp-2026"}
    expected = {"iss": tokens.ISSUER, "sub": "5f1c0a7e-alice", "aud": "studio-gate", "azp": "intranet-tool"}
    assert expected.items() <= read_back.claims.items()
    assert read_back.claims["groups"] == ["/data-science", "/staff"]
    assert "nonce" not in read_back.claims


def test_claims_can_be_changed_and_left_out() -> None:
    claims = read(tokens.access_token(BOB, {"aud": ["a", "b"], "scope": None}), CORP).claims
    assert (claims["sub"], claims["aud"], "scope" in claims) == ("77d0b2c4-bob", ["a", "b"], False)


LASTS = {"an hour": timedelta(hours=1), "eight hours": timedelta(hours=8), "it has expired": timedelta(hours=-1)}


@pytest.mark.parametrize("lasts", LASTS.values(), ids=LASTS.keys())
def test_a_token_lasts_as_long_as_it_is_told_to(lasts: timedelta) -> None:
    claims = read(tokens.access_token(lasts=lasts), CORP).claims
    assert claims["exp"] == pytest.approx(time.time() + lasts.total_seconds(), abs=5)
    assert claims["iat"] < min(claims["exp"], time.time() + 1)


def test_an_id_token_differs_in_kind_alone() -> None:
    of_id, of_access = read(tokens.made("jwt-id"), CORP), read(tokens.made("jwt"), CORP)
    assert (of_id.header["typ"], "scope" in of_id.claims, "nonce" in of_id.claims) == ("JWT", False, True)
    for name in ("iss", "sub", "aud", "azp"):
        assert of_id.claims[name] == of_access.claims[name]


def test_a_load_balancers_assertion_is_padded_and_signed_with_its_padding() -> None:
    token = tokens.alb_assertion()
    header, claims = segments(token)
    assert header.keys() == {"alg", "kid", "signer", "iss", "client", "exp", "typ"}
    assert claims.keys() == {"sub", "name", "email", "email_verified", "groups", "exp", "iss"}
    assert (header["signer"], header["client"]) == (tokens.LOAD_BALANCER, "alb-client")
    assert all(len(part) % 4 == 0 for part in token.split("."))
    signed, _, signature = token.rpartition(".")
    assert "=" in signed
    verify = jws.JWSRegistry.algorithms["ES256"].verify
    assert verify(signed.encode(), base64.urlsafe_b64decode(signature), library_key(ALB))
    assert not verify(signed.replace("=", "").encode(), base64.urlsafe_b64decode(signature), library_key(ALB))


def test_the_general_proxys_assertion_is_one() -> None:
    read_back = read(tokens.edge_assertion(), EDGE)
    assert read_back.header == {"alg": "Ed25519", "typ": "JWT", "kid": "edge-2026"}
    assert (read_back.claims["iss"], read_back.claims["aud"]) == ("https://edge.example.com", "studio-gate")


FORGED = {"jwt-other-key": CORP, "edge-forged": EDGE}


@pytest.mark.parametrize(("name", "key"), FORGED.items(), ids=FORGED.keys())
def test_what_is_forged_names_the_right_key_and_is_not_signed_with_it(name: str, key: Key) -> None:
    token = tokens.made(name)
    assert segments(token)[0]["kid"] == key.id
    with pytest.raises(BadSignatureError):
        read(token, key)


def test_a_forged_load_balancers_assertion_differs_in_its_signature_alone() -> None:
    forged, right = segments(tokens.made("alb-forged")), segments(tokens.made("alb"))
    assert [part | {"exp": 0} for part in forged] == [part | {"exp": 0} for part in right]
    signed, _, signature = tokens.made("alb-forged").rpartition(".")
    verify = jws.JWSRegistry.algorithms["ES256"].verify
    assert not verify(signed.encode(), base64.urlsafe_b64decode(signature), library_key(ALB))


def test_the_example_pins_the_public_halves_and_no_others() -> None:
    gate = tomllib.loads((example.CONFIG / "gate.toml").read_text(encoding="utf-8"))
    (corp,), (alb, edge) = gate["issuers"], gate["proxies"]
    assert json.loads(gate["sign_in"]["keys"]["pinned"]) == {"keys": [WEB.jwk]}
    assert json.loads(corp["keys"]["pinned"]) == {"keys": [CORP.jwk]}
    assert json.loads(edge["keys"]["pinned"]) == {"keys": [EDGE.jwk]}
    assert {key_id: pem.strip() for key_id, pem in alb["keys"]["pinned"].items()} == {ALB.id: ALB.pem.strip()}


def test_no_two_keys_are_the_same() -> None:
    assert len({key.pem for key in tokens.KEYS}) == len(tokens.KEYS)


def test_the_private_half_is_not_shown() -> None:
    assert repr(CORP) == "Key(id='corp-2026')"


def test_what_looks_for_tokens_finds_each() -> None:
    for name in tokens.NAMES:
        assert tokens.FORM.search(f'{{"x": "{tokens.made(name)}"}}'), name


def test_an_event_has_one_fresh_token_wherever_it_names_it() -> None:
    filled = example.event("jwt-url")
    token = filled["headers"]["Authorization"]
    assert filled["multiValueHeaders"]["Authorization"] == [token]
    assert read(token.removeprefix("Bearer "), CORP).claims["exp"] > time.time()
    assert example.event("jwt-url")["headers"]["Authorization"] != token


def test_an_event_has_the_session_of_whoever_it_names() -> None:
    keys = read_sealing_keys(signed_in.SEALING_KEYS)
    name, _, value = example.event("open-signed-in")["headers"]["Cookie"].partition("=")
    opened = unseal(Purpose.SESSION, value, keys)
    assert name == COOKIE
    assert opened is not None
    assert (opened["sub"], opened["groups"]) == ("5f1c0a7e-alice", ["data-science"])
    assert tokens.FORM.search(value)


def test_nobody_unknown_is_signed_in() -> None:
    with pytest.raises(KeyError):
        signed_in.session("mallory", example.CONFIG / "gate.toml")


def test_no_event_holds_a_token_or_is_left_unfilled() -> None:
    for path in example.EVENTS.glob("*.json"):
        assert not tokens.FORM.search(path.read_text(encoding="utf-8")), path.name
        assert "${" not in json.dumps(example.event(path.stem)), path.name


UNKNOWN = {
    "a token that nobody makes": "${token:jwt-nobody}",
    "something else than a token": "${secret}",
    "nobody's session": "${session:mallory}",
}


@pytest.mark.parametrize("placeholder", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_event_that_names_what_is_not_there_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, placeholder: str
) -> None:
    monkeypatch.setattr(example, "EVENTS", tmp_path)
    (tmp_path / "x.json").write_text(json.dumps({"headers": {"Authorization": placeholder}}))
    with pytest.raises(KeyError):
        example.event("x")


def test_make_event_writes_an_event_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert event.main(["proxy-url"]) == 0
    path = example.ROOT / capsys.readouterr().out.strip()
    written = json.loads(path.read_text(encoding="utf-8"))
    assert read(written["headers"]["x-edge-assertion"], EDGE).claims["sub"] == "5f1c0a7e-alice"


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["../events/url"], ["url", "open"]])
def test_make_event_names_the_events_when_it_is_given_none(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert event.main(arguments) == 2
    written = capsys.readouterr()
    assert (written.out, "jwt-url" in written.err) == ("", True)
