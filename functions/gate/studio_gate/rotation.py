"""The second function: it rotates the gate's sealing keys in Secrets Manager, and signs nobody out.

A new key is the last of the lines, known and not used; the next rotation puts it first. So nothing is sealed with a key
that some environment of the gate, however late it reads, does not know (docs/decisions, 0026).
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config as ClientConfig

from studio_gate.identity.seals import MOST_KEYS, read_sealing_keys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A key that was first is kept for six more rotations. Sessions last a day at most (sign_in_config.py), and the last one
# is sealed with it by whoever has not read for an hour (secret_store.py): six of these are longer than both.
SHORTEST_INTERVAL = timedelta(hours=5)
_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_SETTINGS = ClientConfig(connect_timeout=2, read_timeout=6, retries={"total_max_attempts": 1, "mode": "standard"})


class RotationError(Exception):
    """Why this rotation cannot go on now; Secrets Manager tries again. It holds nothing of a key."""


def rotated(text: str, today: str) -> str:
    """Return the lines after one rotation: the last comes first, a new one comes last, 8 at most.

    Where they are no sealing keys, as at first, there are two new ones.
    """
    *kept, upcoming = _lines(text) or [_fresh(today)]
    return "\n".join([*[upcoming, *kept][: MOST_KEYS - 1], _fresh(today)])


def _fresh(today: str) -> str:
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"{today}-{secrets.token_hex(4)}:{key}"


def _lines(text: str) -> list[str]:
    """Return the lines of sealing keys, none for a text that is no such."""
    try:
        read_sealing_keys(text)
    except ValueError:
        return []
    return [line.strip().removesuffix("=") for line in text.strip().splitlines()]


def check_follows(before: str, after: str) -> None:
    """Pass when what seals next is known already and what seals now opens; `RotationError` or `ValueError` if not."""
    read_sealing_keys(after)
    old, new = _lines(before), _lines(after)
    if old and not (new[0] in old and old[0] in new):
        raise RotationError("the next keys do not follow the current ones: cancel the rotation, and begin another")


def handler(event: Mapping[str, str], _: object) -> None:
    """Take one step of Secrets Manager's rotation, as often as asked; whatever fails raises and changes nothing.

    Source: Secrets Manager user guide, "Lambda rotation functions".
    """
    secret, token, step = (event[name] for name in ("SecretId", "ClientRequestToken", "Step"))
    described = manager().describe_secret(SecretId=secret)
    stages = described.get("VersionIdsToStages", {})
    labels = stages.get(token, ())
    if not described.get("RotationEnabled") or not {"AWSPENDING", "AWSCURRENT"}.intersection(labels):
        raise RotationError("the secret is not being rotated to this version")
    if step not in _STEPS:
        raise RotationError("there is no such step")
    # setSecret has nothing to do: nobody else has to be told of a key.
    if "AWSCURRENT" in labels or step == "setSecret":
        return
    if step == "createSecret":
        _create(secret, token, described.get("LastRotatedDate"))
        return
    check_follows(_read(secret), _read(secret, token))
    if step == "finishSecret":
        (current,) = (version for version, those in stages.items() if "AWSCURRENT" in those)
        manager().update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )


def _create(secret: str, token: str, last: datetime | None) -> None:
    """Put the next keys under the token, once."""
    try:
        _read(secret, token)
    except manager().exceptions.ResourceNotFoundException:
        current = manager().get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
        text, put, now = current.get("SecretString", ""), current["CreatedDate"], datetime.now(UTC)
        # Also after keys that somebody put by hand.
        if _lines(text) and now - max(last or put, put) < SHORTEST_INTERVAL:
            raise RotationError(f"the last rotation is less than {SHORTEST_INTERVAL} ago") from None
        manager().put_secret_value(
            SecretId=secret,
            ClientRequestToken=token,
            SecretString=rotated(text, now.strftime("%Y-%m-%d")),
            VersionStages=["AWSPENDING"],
        )


def _read(secret: str, token: str | None = None) -> str:
    """Return the current text, or the one that a token's version holds."""
    if token is None:
        return manager().get_secret_value(SecretId=secret, VersionStage="AWSCURRENT").get("SecretString", "")
    return manager().get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")["SecretString"]


@cache
def manager() -> "SecretsManagerClient":
    """Return the one client, which tries each call once, for 8 s at most."""
    return boto3.client("secretsmanager", config=_SETTINGS)
