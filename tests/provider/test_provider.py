"""The provider on the laptop speaks OpenID Connect as the gate needs it, and knows only the gate and three people."""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from localaws import provider, tokens
from localaws.container.processes import StartError
from localaws.person import Person, Reply
from localaws.studio_site.certificate import Authority

CALLBACK = "https://studio.corp.example/signin/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "client_id": provider.CLIENT,
    "redirect_uri": CALLBACK,
    "scope": "openid profile email",
    "state": "a-state",
    "nonce": "a-nonce-of-some-length",
}
CODE = ASKED | {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
FORM_POST = ASKED | {"response_type": "id_token", "response_mode": "form_post"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[provider.Provider, Authority]]:
    if reason := provider.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    authority = Authority()
    with provider.running(authority, (CALLBACK,), tmp_path_factory.mktemp("provider") / "log") as running:
        yield running, authority


@pytest.fixture
def person(served: tuple[provider.Provider, Authority]) -> Person:
    running, authority = served
    return Person({provider.HOST: running.port}, authority.pem)


def sign_in(person: Person, asked: dict[str, str], subject: str | None) -> Reply:
    page = person.follow(f"{provider.ISSUER}/auth?{urlencode(asked)}", within=provider.HOST)
    return person.submit(page, {"subject": subject or ""}, within=provider.HOST)


def claims(token: str) -> dict[str, object]:
    segment = token.split(".")[1]
    read: dict[str, object] = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return read


def redeem(person: Person, reply: Reply, verifier: str = VERIFIER) -> Reply:
    (code,) = parse_qs(urlsplit(reply.location).query)["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": provider.CLIENT,
        "code_verifier": verifier,
    }
    return person.send("POST", f"{provider.ISSUER}/token", urlencode(form))


@pytest.mark.parametrize("who", provider.PEOPLE, ids=lambda who: who.name)
def test_a_code_is_redeemed_for_an_id_token_of_who_was_chosen(person: Person, who: tokens.Person) -> None:
    reply = sign_in(person, CODE, who.subject)
    answered = parse_qs(urlsplit(reply.location).query)
    assert (answered["state"], answered["iss"]) == (["a-state"], [provider.ISSUER])
    told = claims(json.loads(redeem(person, reply).body)["id_token"])
    wanted = {"sub": who.subject, "name": who.name, "email": who.email, "groups": list(who.groups)}
    wanted |= {"iss": provider.ISSUER, "aud": provider.CLIENT, "nonce": ASKED["nonce"]}
    assert wanted.items() <= told.items()


def test_with_form_post_the_browser_brings_the_id_token(person: Person) -> None:
    reply = sign_in(person, FORM_POST, tokens.ALICE.subject)
    assert re.search(r'action="([^"]*)"', reply.body)[1] == CALLBACK  # type: ignore[index]
    token = re.search(r'name="id_token" value="([^"]*)"', reply.body)
    assert token is not None
    assert claims(token[1])["sub"] == tokens.ALICE.subject


def test_who_cancels_is_sent_back_with_access_denied(person: Person) -> None:
    assert parse_qs(urlsplit(sign_in(person, CODE, None).location).query)["error"] == ["access_denied"]


def test_somebody_unknown_is_nobody(person: Person) -> None:
    reply = sign_in(person, CODE, "5f1c0a7e-mallory")
    assert parse_qs(urlsplit(reply.location).query)["error"] == ["access_denied"]


def test_a_code_is_redeemed_once_and_with_its_verifier_alone(person: Person) -> None:
    reply = sign_in(person, CODE, tokens.ALICE.subject)
    assert redeem(person, reply, "w" * 43).status == 400
    reply = person.send("GET", f"{provider.ISSUER}/auth?{urlencode(CODE)}")
    assert [redeem(person, reply).status for _ in range(2)] == [200, 400]


WITHOUT = {
    "no PKCE": {**ASKED, "response_type": "code"},
    "plain PKCE": {**CODE, "code_challenge_method": "plain"},
    "another client": {**CODE, "client_id": "another"},
    "another place to go back to": {**CODE, "redirect_uri": "https://evil.example/"},
    "an access token from the browser": {**FORM_POST, "response_type": "id_token token"},
}


@pytest.mark.parametrize("asked", WITHOUT.values(), ids=WITHOUT.keys())
def test_it_refuses(person: Person, asked: dict[str, str]) -> None:
    reply = person.send("GET", f"{provider.ISSUER}/auth?{urlencode(asked)}")
    told = ("The stand-in provider refuses", 'name="error"')
    assert "error=" in reply.location or any(one in reply.body for one in told)


def test_who_has_signed_out_is_asked_again(person: Person) -> None:
    sign_in(person, CODE, tokens.ALICE.subject)
    assert "code=" in person.send("GET", f"{provider.ISSUER}/auth?{urlencode(CODE)}").location
    page = person.follow(f"{provider.ISSUER}/session/end?client_id={provider.CLIENT}", within=provider.HOST)
    assert "Sign out" in page.body
    assert "Signed out" in person.submit(page, {"logout": "yes"}, within=provider.HOST).body
    assert "Who are you?" in person.follow(f"{provider.ISSUER}/auth?{urlencode(CODE)}", within=provider.HOST).body


def test_each_of_its_pages_says_what_it_is(person: Person) -> None:
    page = person.follow(f"{provider.ISSUER}/auth?{urlencode(CODE)}", within=provider.HOST)
    for reply in (page, person.send("GET", f"{provider.ISSUER}/interaction/nothing")):
        assert "development equipment of Studio Gate" in reply.body


def test_it_does_not_start_without_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "FOLDER", tmp_path)
    with pytest.raises(StartError), provider.running(Authority(), (CALLBACK,), tmp_path / "log"):
        pass


def test_it_does_not_start_without_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider.shutil, "which", lambda name: None if name == "node" else "/bin/true")
    assert provider.missing() == "node is not installed (20 or newer)"


def test_its_last_words_are_told_when_it_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := provider.missing():
        pytest.skip(reason)
    (tmp_path / "node_modules" / "oidc-provider").mkdir(parents=True)
    monkeypatch.setattr(provider, "FOLDER", tmp_path)
    with (
        pytest.raises(StartError, match="MODULE_NOT_FOUND"),
        provider.running(Authority(), (CALLBACK,), tmp_path / "log"),
    ):
        pass
