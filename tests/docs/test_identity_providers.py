"""Each block of docs/identity-providers.md is loaded, and takes the tokens of its provider and no others."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey

from localaws import example
from studio_gate.config import Config, Deployment, read_config
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.identity import Caller, Proof, bearer, proxy
from tests.docs import provider_tokens as tokens
from tests.docs.provider_tokens import Part

PAGE = (example.ROOT / "docs" / "identity-providers.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
BLOCKS = {name: block for name, text in SECTIONS.items() for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)}
CALLERS = {
    name: caller for name, text in SECTIONS.items() for caller in re.findall(r"^Caller: `(.*?)`", text, re.MULTILINE)
}
SHAPES = {
    "Microsoft Entra ID": tokens.ENTRA,
    "Okta": tokens.OKTA,
    "Amazon Cognito": tokens.COGNITO,
    "Keycloak": tokens.KEYCLOAK,
    "An Application Load Balancer that signs people in": tokens.ALB,
    "Any other proxy": tokens.PROXY,
}
ATTEMPTS = {f"{name}: {what}": (name, part) for name, shape in SHAPES.items() for what, part in shape.refused.items()}
# The example without its own issuers, proxies, browser sign-in, and their callers.
GATE = re.sub(
    r"^\[\[issuers\]\]\n.*?(?=^\[\[destinations\]\])|^  \"(?:corp|alb|edge|web)[:\"].*?\n",
    "",
    (example.CONFIG / "gate.toml").read_text(encoding="utf-8"),
    flags=re.DOTALL | re.MULTILINE,
)
BOB = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataScientist_0123456789abcdef/bob@example.com"

type Load = Callable[[str, str], Config]
type Identify = Callable[..., Caller]


def test_every_provider_has_one_block_a_caller_and_tokens() -> None:
    assert PAGE.count("```toml") == len(BLOCKS)
    assert list(BLOCKS) == list(CALLERS) == list(SHAPES)


@pytest.fixture
def load(tmp_path: Path, deployment: Deployment) -> Load:
    """Compile the example with a block in it and a caller in the place of Bob."""

    def with_block(block: str, caller: str) -> Config:
        path = tmp_path / "gate.toml"
        path.write_text(f"{GATE.replace(BOB, caller)}\n{block}", encoding="utf-8")
        return read_config(path, deployment)

    return with_block


@pytest.mark.parametrize("name", SHAPES)
def test_a_block_is_loaded_as_it_stands(name: str, load: Load) -> None:
    config = load(BLOCKS[name], CALLERS[name])
    assert len((*config.issuers, *config.proxies)) == 1
    bob = config.destinations[0].profiles[1]
    assert (bob.name, bob.callers) == ("bob", (CALLERS[name],))


@pytest.fixture(scope="module")
def rsa() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=False)


@pytest.fixture(scope="module")
def elliptic() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=False)


@pytest.fixture
def identify(load: Load, rsa: RSAKey, elliptic: ECKey) -> Identify:
    """Say whom a block takes the sender of its provider's token for; the block's keys are pinned, and the test's."""

    def with_token(name: str, part: Part | None = None, block: str = "") -> Caller:
        key = rsa if SHAPES[name].header["alg"] == "RS256" else elliptic
        keys = _pem(elliptic) if SHAPES[name] is tokens.ALB else _key_set(name, key, rsa)
        config = load(pinned(block or BLOCKS[name], keys), CALLERS[name])
        token = tokens.signed(SHAPES[name], key, part, padded=SHAPES[name] is tokens.ALB)
        if config.issuers:
            return bearer.identify([f"Bearer {token}"], bearer.trusted_issuers(config.issuers), tokens.NOW)
        (one,) = config.proxies
        headers = {one.header: [token]}
        return proxy.identify(lambda header: headers.get(header, []), proxy.trusted_proxies(config.proxies), tokens.NOW)

    return with_token


def pinned(block: str, keys: str) -> str:
    replaced, count = re.subn(r"^keys = .*$", lambda _: f"keys = {{ pinned = {keys} }}", block, flags=re.MULTILINE)
    assert count == 1
    return replaced


def _pem(key: ECKey) -> str:
    return f"{{ key-1 = {json.dumps(key.as_pem(private=False).decode())} }}"


def _key_set(name: str, key: RSAKey | ECKey, other: RSAKey) -> str:
    """Return the key set as the provider writes it: Entra ID's keys do not say for which algorithm they are."""
    says = {} if name == "Microsoft Entra ID" else {"alg": SHAPES[name].header["alg"]}
    public = key.as_dict(private=False) | {"kid": "key-1", "use": "sig"} | says
    # Keycloak's second key is for encryption.
    second = other.as_dict(private=False) | {"kid": "key-2", "use": "enc", "alg": "RSA-OAEP"}
    return json.dumps(json.dumps({"keys": [public, second]}))


@pytest.mark.parametrize("name", SHAPES)
def test_the_provider_s_token_names_the_caller(name: str, identify: Identify) -> None:
    shape = SHAPES[name]
    caller = identify(name)
    assert caller.id == CALLERS[name]
    assert (caller.name, caller.email, caller.groups) == (shape.name, shape.email, shape.groups)
    assert caller.proof is (Proof.PROXY if "[[proxies]]" in BLOCKS[name] else Proof.BEARER)


@pytest.mark.parametrize(("name", "part"), ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_what_is_not_for_the_gate_is_refused(name: str, part: Part, identify: Identify) -> None:
    with pytest.raises(GateError) as refused:
        identify(name, part)
    assert refused.value.reason == part.reason


@pytest.mark.parametrize("name", [name for name, block in BLOCKS.items() if 'token = "access"' in block])
def test_where_id_tokens_count_an_access_token_is_refused(name: str, identify: Identify) -> None:
    block = re.sub(r"^audiences = .*\n", "", BLOCKS[name], flags=re.MULTILINE)
    block = block.replace('token = "access"', 'token = "id"\naudiences = ["intranet-tool"]')
    with pytest.raises(GateError) as refused:
        identify(name, block=block)
    assert refused.value.reason == "token-kind"


def test_too_many_groups_are_a_problem_of_their_own(identify: Identify) -> None:
    with pytest.raises(GateError) as refused:
        identify("Microsoft Entra ID", tokens.ENTRA.refused["too many groups"])
    assert refused.value.problem is Problem.GROUPS_UNKNOWN
    assert "`groups-unknown`" in PAGE
    assert Problem.GROUPS_UNKNOWN.type.endswith(":groups-unknown")


def test_keys_that_do_not_say_their_algorithm_want_one_alone_in_the_block(load: Load, rsa: RSAKey) -> None:
    name = "Microsoft Entra ID"
    block = pinned(BLOCKS[name], _key_set(name, rsa, rsa)).replace('["RS256"]', '["RS256", "PS256"]')
    with pytest.raises(ConfigError, match="could be for several of the algorithms"):
        bearer.trusted_issuers(load(block, CALLERS[name]).issuers)
