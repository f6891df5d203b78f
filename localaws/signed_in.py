"""Who is signed in with a browser on a laptop: the keys that seal cookies, and cookies that were sealed with them.

Development equipment: the keys are made from a text that stands here, so everybody has them.
"""

import base64
import json
import time
import tomllib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from localaws.tokens import ALICE, BOB, CAROL, DINAH, Person
from studio_gate.config import Config
from studio_gate.identity import Caller, Proof
from studio_gate.identity.seals import read_sealing_keys
from studio_gate.identity.session import Session, sealed
from studio_gate.sign_in_config import SignIn

_KEY = base64.urlsafe_b64encode(sha256(b"Studio Gate, laptop, sealing keys").digest()).decode().rstrip("=")
# As the store holds them: newest first, a line each.
SEALING_KEYS = f"laptop:{_KEY}"
PEOPLE: Mapping[str, Person] = MappingProxyType({"alice": ALICE, "bob": BOB, "carol": CAROL, "dinah": DINAH})


def session(name: str, config: Path) -> str:
    """Return the value of the cookie of somebody who signs in now; `KeyError` for somebody who is not there.

    `config` is the gate.toml that says how people sign in.
    """
    who, sign_in, now = PEOPLE[name], _sign_in(config), int(time.time())
    caller = Caller(
        id=f"{sign_in.name}:{who.subject}",
        proof=Proof.SESSION,
        issuer=sign_in.issuer,
        subject=who.subject,
        label=who.email,
        groups=frozenset(sign_in.groups[one] for one in who.groups if one in sign_in.groups),
        name=who.name,
        email=who.email,
    )
    cookie = sealed(Session(caller, now, now), sign_in, read_sealing_keys(SEALING_KEYS))
    return cookie.partition("=")[2].partition(";")[0]


@cache
def _sign_in(config: Path) -> SignIn:
    found = Config.model_validate_json(json.dumps(tomllib.loads(config.read_text(encoding="utf-8")))).sign_in
    if found is None:
        raise ValueError(f"nobody signs in by {config}")
    return found
