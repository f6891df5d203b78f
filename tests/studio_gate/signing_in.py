"""Browser sign-in for tests: its entry of gate.toml, the gate's own keys, ID tokens, and a browser with its cookies."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3

from studio_gate.config import Config
from studio_gate.errors import GateError
from studio_gate.identity import sign_in
from studio_gate.identity.seals import SealingKeys, read_sealing_keys
from studio_gate.identity.sign_in import Ended
from studio_gate.identity.trust import SignInTrust, trust
from studio_gate.sign_in_config import SignIn
from tests.studio_gate.builders import signatures_alone
from tests.studio_gate.tokens_made import ABSENT, ISSUER, NOW, SUBJECT, Changes, MadeIssuer

REGION = "eu-central-1"
CLIENT_ID = "gate-web"
KEYS_NAME = "/studio-gate/sealing-keys"
REDIRECT_URI = "https://studio.corp.example/gate/signin/callback"
# Who comes back with a token, and how an answer to somebody else's question is refused.
ALICE = f"web:{SUBJECT}"
ELSEWHERE = "401 sign-in-of-another-browser"
_UNCHANGED: Changes = {}


def key_line(key_id: str) -> str:
    """A line of the gate's own keys; equal ids have equal keys."""
    return f"{key_id}:{base64.urlsafe_b64encode(key_id.encode().ljust(32, b'.')).decode().rstrip('=')}"


def key_lines(*key_ids: str) -> str:
    """Those lines, in this order."""
    return "\n".join(map(key_line, key_ids))


def ids(text: str) -> list[str]:
    """The ids of such lines."""
    return [line.partition(":")[0] for line in text.splitlines()]


def sealing_keys(*key_ids: str) -> SealingKeys:
    """The gate's own keys, newest first."""
    return read_sealing_keys(key_lines(*key_ids))


def entry(**changes: object) -> dict[str, Any]:
    """The entry of gate.toml for sign-in with tokens that the browser brings, after changes."""
    made: dict[str, object] = {
        "name": "web",
        "issuer": ISSUER.url,
        "audiences": [CLIENT_ID],
        "algorithms": ["ES256"],
        "keys": {"pinned": ISSUER.key_set("ES256")},
        "public_url": "https://studio.corp.example/gate",
        "flow": "form_post",
        "authorization_endpoint": "https://login.example.com/authorize",
        "sealing_keys": f"ssm:{KEYS_NAME}",
        "claims": {"name": "name", "email": "email", "groups": "roles"},
        "groups": {"Data-Scientists": "data-science", "Staff": "staff"},
    }
    return {name: value for name, value in (made | changes).items() if value is not ABSENT}


def by_code(url: str, **changes: object) -> dict[str, Any]:
    """The entry for sign-in with a code that is redeemed at a server."""
    return entry(**{"flow": "code", "token_endpoint": f"{url}/token"} | changes)


def as_sign_in(given: Changes) -> SignIn:
    """An entry of gate.toml as the gate reads it."""
    return SignIn.model_validate_json(json.dumps(given))


def trusted(given: Changes) -> SignInTrust:
    """What the gate makes of an entry."""
    config = Config.model_validate_json(json.dumps(signatures_alone() | {"sign_in": given}))
    made = trust(config, REGION).sign_in
    assert made is not None
    return made


def put_parameter(value: str, name: str = KEYS_NAME) -> None:
    """Keep a secret in SSM, in the place of another."""
    ssm = boto3.client("ssm", region_name=REGION)
    ssm.put_parameter(Name=name, Type="SecureString", Value=value, Overwrite=True)


def id_token(
    nonce: object, claims: Changes = _UNCHANGED, header: Changes = _UNCHANGED, made: MadeIssuer = ISSUER
) -> str:
    """An ID token for the gate, after changes."""
    return made.token({"aud": CLIENT_ID, "nonce": nonce} | dict(claims), {"typ": "JWT"} | dict(header))


@dataclass
class Browser:
    """Keeps cookies as a browser does, by their names; `asked` is what the last sign-in asked of the provider."""

    trust: SignInTrust
    jar: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def begin(self, now: float = NOW, intent: Changes = _UNCHANGED) -> dict[str, str]:
        """Begin a sign-in; return what the provider is asked."""
        begun = sign_in.begin(self.trust, intent, now)
        self.keep(begun.cookie)
        fields = parse_qs(urlsplit(begun.url).query, strict_parsing=True)
        self.asked = {name: values[0] for name, values in fields.items() if len(values) == 1}
        return self.asked

    def end(self, answer: Mapping[str, str], now: float = NOW) -> Ended:
        """Bring the provider's answer, and clear the cookie as told."""
        ended = sign_in.end(self.trust, answer, self.jar, now)
        for one in sign_in.forget(answer.get("state", ""), self.jar):
            self.keep(one)
        return ended

    def keep(self, set_cookie: str) -> None:
        """Do as a Set-Cookie says."""
        pair, *attributes = set_cookie.split("; ")
        name, _, value = pair.partition("=")
        self.jar.pop(name, None)
        if "Max-Age=0" not in attributes:
            self.jar[name] = value


def outcome(work: Callable[[], object]) -> object:
    """What comes of it: the result, or how it was refused."""
    try:
        return work()
    except GateError as error:
        return f"{error.problem.status} {error.reason}"


def answered(browser: Browser, claims: Changes = _UNCHANGED) -> dict[str, str]:
    """What the provider's form brings to the gate at the end of the browser's last sign-in."""
    return {"state": browser.asked["state"], "id_token": id_token(browser.asked["nonce"], claims)}


def ends(browser: Browser, answer: Mapping[str, str], now: float = NOW) -> object:
    """Who is signed in, or how it was refused."""
    return outcome(lambda: browser.end(answer, now).caller.id)
