"""Browser sign-in is compiled as a whole or refused with a message that says where."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from studio_gate.config import Config, Deployment, read_config
from studio_gate.errors import ConfigError
from studio_gate.identity.trust import trust
from studio_gate.sign_in_config import SignIn
from tests.studio_gate.builders import signatures_alone, toml
from tests.studio_gate.signing_in import CLIENT_ID, REGION, as_sign_in, entry
from tests.studio_gate.tokens_made import ABSENT, ISSUER, Changes

SUBJECT_OF_SIGN_IN = "web:6f9c2d1e-alice"


@pytest.fixture
def compiled(tmp_path: Path, deployment: Deployment) -> Callable[[Changes], Config]:
    """Compile the example with sign-in after a change."""

    def compile_changed(changes: Changes) -> Config:
        path = tmp_path / "gate.toml"
        path.write_text(toml(signatures_alone() | {"sign_in": entry(**changes)}), encoding="utf-8")
        return read_config(path, deployment)

    return compile_changed


def test_what_is_left_out_is_short_and_asks(compiled: Callable[[Changes], Config]) -> None:
    made = compiled({"flow": ABSENT, "token_endpoint": "https://login.example.com/token"}).sign_in
    assert made is not None
    assert (made.flow, made.token, made.client_id, made.idle, made.lifetime) == ("code", "id", CLIENT_ID, 3600, 28800)
    assert made.scopes == ("openid", "profile", "email")
    assert (made.launch_origins, made.end_session_endpoint, made.client_secret) == ((), None, None)


GOOD = {
    "an idle time that is the lifetime": {"idle": 300, "lifetime": 300},
    "the longest lifetime": {"idle": 86400, "lifetime": 86400},
    "a scope alone": {"scopes": ["openid"]},
    "origins with a port": {"launch_origins": ["https://wiki.example.com", "https://wiki.example.com:8443"]},
    "an origin with a port that begins as the one of https": {"launch_origins": ["https://wiki.example.com:4430"]},
    "a secret in Secrets Manager": {"client_secret": "secretsmanager:gate/client@1"},
    "a secret by its ARN": {
        "client_secret": "secretsmanager:arn:aws:secretsmanager:eu-central-1:111122223333:secret:a"
    },
    "a public URL with a port": {"public_url": "https://studio.corp.example:8443/gate"},
    "endpoints with a query": {
        "authorization_endpoint": "https://login.example.com/authorize?p=b2c",
        "end_session_endpoint": "https://login.example.com/logout?p=b2c",
    },
    "required claims": {"required": {"acr": "mfa"}},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD.keys())
def test_accepted(compiled: Callable[[Changes], Config], changes: Changes) -> None:
    assert compiled(changes).sign_in == as_sign_in(entry(**changes))


HTTPS, PLAIN = "is not an https URL", "public_url: is not an https URL without a query"
NAMED = 'is not the name of a secret, as "ssm:/name" or "secretsmanager:name"'
ORIGIN = "launch_origins.0: is not an https origin as browsers write it"
HOST = "public_url must have its host in lower case, and a port only if it is not 443"
CLIENT = "audiences must be the client id alone, and clients are not for sign-in"
ENDPOINT = 'token_endpoint goes with the flow "code"'
TOKEN = "https://login.example.com/token"  # noqa: S105 - an endpoint
REFUSED: dict[str, tuple[Changes, str]] = {
    "two audiences": ({"audiences": [CLIENT_ID, "another"]}, CLIENT),
    "no audience": ({"audiences": []}, "audiences are missing"),
    "clients": ({"clients": [CLIENT_ID]}, CLIENT),
    "clients in the place of an audience": ({"audiences": [], "clients": [CLIENT_ID]}, "audiences are missing"),
    "access tokens": ({"token": "access"}, "sign_in.token: Input should be 'id'"),
    "a code without an endpoint": ({"flow": "code"}, ENDPOINT),
    "a code is what goes without saying": ({"flow": ABSENT}, ENDPOINT),
    "an endpoint without a code": ({"token_endpoint": TOKEN}, ENDPOINT),
    "a flow that is none": ({"flow": "implicit"}, "sign_in.flow: Input should be 'code' or 'form_post'"),
    "scopes without openid": ({"scopes": ["profile"]}, "scopes must have openid"),
    "openid in another case": ({"scopes": ["OpenID"]}, "scopes must have openid"),
    "no scopes": ({"scopes": []}, "scopes must have openid"),
    "idle over lifetime": ({"idle": 301, "lifetime": 300}, "idle must not be over lifetime"),
    "idle over the lifetime that goes without saying": ({"idle": 28801}, "idle must not be over lifetime"),
    "an idle time that is too short": ({"idle": 299}, "sign_in.idle: "),
    "a lifetime that is too short": ({"idle": 300, "lifetime": 299}, "sign_in.lifetime: "),
    "a lifetime over a day": ({"lifetime": 86401}, "sign_in.lifetime: "),
    "an idle time over a day": ({"idle": 86401, "lifetime": 86400}, "sign_in.idle: "),
    "a lifetime as text": ({"lifetime": "300"}, "sign_in.lifetime: "),
    "no public URL": ({"public_url": ABSENT}, "sign_in.public_url: Field required"),
    "no endpoint": ({"authorization_endpoint": ABSENT}, "sign_in.authorization_endpoint: Field required"),
    "no keys of its own": ({"sealing_keys": ABSENT}, "sign_in.sealing_keys: Field required"),
    "an unknown entry": ({"redirect_uri": TOKEN}, "sign_in.redirect_uri: Extra inputs"),
    "a public URL with a query": ({"public_url": "https://studio.corp.example/gate?a=b"}, PLAIN),
    "a public URL with a fragment": ({"public_url": "https://studio.corp.example/gate#a"}, PLAIN),
    "a public URL with a user": ({"public_url": "https://a@studio.corp.example"}, PLAIN),
    "a public URL by http": ({"public_url": "http://studio.corp.example"}, PLAIN),
    "a public URL with capitals in its host": ({"public_url": "https://Studio.corp.example/gate"}, HOST),
    "a public URL with the port of https": ({"public_url": "https://studio.corp.example:443/gate"}, HOST),
    "a public URL with a port that begins with 0": ({"public_url": "https://studio.corp.example:0843"}, HOST),
    "an endpoint by http": (
        {"authorization_endpoint": "http://login.example.com/"},
        f"authorization_endpoint: {HTTPS}",
    ),
    "an endpoint with a fragment": ({"authorization_endpoint": f"{TOKEN}#a"}, f"authorization_endpoint: {HTTPS}"),
    "a token endpoint by http": (
        {"flow": "code", "token_endpoint": TOKEN.replace("https", "http")},
        f"token_endpoint: {HTTPS}",
    ),
    "an end by http": ({"end_session_endpoint": "http://login.example.com"}, f"end_session_endpoint: {HTTPS}"),
    "a key as it is": ({"sealing_keys": f"a:{'k' * 43}"}, f"sealing_keys: {NAMED}"),
    "a secret as it is": ({"client_secret": "s3cret"}, f"client_secret: {NAMED}"),
    "a parameter without a slash": ({"sealing_keys": "ssm:name"}, f"sealing_keys: {NAMED}"),
    "a parameter's version": ({"sealing_keys": "ssm:/name:1"}, f"sealing_keys: {NAMED}"),
    "a service in capitals": ({"sealing_keys": "SSM:/name"}, f"sealing_keys: {NAMED}"),
    "a secret with a blank": ({"client_secret": "secretsmanager:a b"}, f"client_secret: {NAMED}"),
    "a newline after a name": ({"sealing_keys": "ssm:/name\n"}, f"sealing_keys: {NAMED}"),
    "an origin in capitals": ({"launch_origins": ["https://Wiki.example.com"]}, ORIGIN),
    "an origin's scheme in capitals": ({"launch_origins": ["HTTPS://wiki.example.com"]}, ORIGIN),
    "an origin by http": ({"launch_origins": ["http://wiki.example.com"]}, ORIGIN),
    "an origin with a slash": ({"launch_origins": ["https://wiki.example.com/"]}, ORIGIN),
    "an origin with a path": ({"launch_origins": ["https://wiki.example.com/a"]}, ORIGIN),
    "an origin with the port of https": ({"launch_origins": ["https://wiki.example.com:443"]}, ORIGIN),
    "an origin with a port that begins with 0": ({"launch_origins": ["https://wiki.example.com:0443"]}, ORIGIN),
    "an origin with a user": ({"launch_origins": ["https://a@wiki.example.com"]}, ORIGIN),
    "an origin that is a wildcard": ({"launch_origins": ["https://*.example.com"]}, ORIGIN),
    "an origin that is null": ({"launch_origins": ["null"]}, ORIGIN),
    "an origin given twice": (
        {"launch_origins": ["https://wiki.example.com"] * 2},
        "launch_origins: given twice: https://wiki.example.com",
    ),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(compiled: Callable[[Changes], Config], changes: Changes, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^gate.toml: (?=sign_in[.:]).*{re.escape(message)}"):
        compiled(changes)


# The public URL, its base, its origin.
PLACES = {
    "with a stage": ("https://abc.execute-api.eu-central-1.amazonaws.com/live", "/live"),
    "with a stage and a slash": ("https://abc.execute-api.eu-central-1.amazonaws.com/live/", "/live"),
    "without a path": ("https://studio.corp.example", ""),
    "with a slash alone": ("https://studio.corp.example/", ""),
    "with a port": ("https://studio.corp.example:8443/gate", "/gate"),
    "with two steps": ("https://studio.corp.example/a/b", "/a/b"),
}


@pytest.mark.parametrize(("url", "path"), PLACES.values(), ids=PLACES.keys())
def test_the_public_url_says_where_the_gate_is(url: str, path: str) -> None:
    made = as_sign_in(entry(public_url=url))
    origin = url.removesuffix("/").removesuffix(path)
    assert (made.origin, made.base) == (origin, f"{origin}{path}")
    assert made.redirect_uri == f"{origin}{path}/signin/callback"


def test_people_who_sign_in_may_have_profiles_and_nobody_else_can_call(tmp_path: Path, deployment: Deployment) -> None:
    document = signatures_alone() | {"sign_in": entry()}
    del document["iam_roles"]
    document["destinations"] = [one for one in document["destinations"] if "profiles" in one]
    for destination in document["destinations"]:
        destination["profiles"] = [{"name": "alice", "callers": [SUBJECT_OF_SIGN_IN]}]
    path = tmp_path / "gate.toml"
    path.write_text(toml(document), encoding="utf-8")
    config = read_config(path, deployment)
    assert isinstance(config.sign_in, SignIn)
    made = trust(config, REGION)
    assert (made.issuers, made.proxies) == ({}, ())
    assert made.sign_in is not None
    assert made.sign_in.sign_in is config.sign_in


def test_its_name_is_no_other_issuers(tmp_path: Path, deployment: Deployment) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(toml(signatures_alone() | {"sign_in": entry(), "issuers": [ISSUER.entry(name="web")]}))
    with pytest.raises(ConfigError, match="names of issuers and proxies: given twice: web"):
        read_config(path, deployment)


def test_pinned_keys_that_cannot_be_used_are_named(tmp_path: Path, deployment: Deployment) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(toml(signatures_alone() | {"sign_in": entry(keys={"pinned": '{"keys": []}'})}))
    with pytest.raises(ConfigError, match=r"^gate.toml: keys of 'web': "):
        trust(read_config(path, deployment), REGION)


def test_without_anybody_to_trust_nothing_is_loaded(config: Config) -> None:
    made = trust(config.model_copy(update={"issuers": (), "proxies": (), "sign_in": None}), REGION)
    assert (made.issuers, made.proxies, made.sign_in) == ({}, (), None)
