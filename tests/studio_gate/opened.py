"""Destinations of every kind, as an entry of gate.toml and as the model that it is read into."""

import json
from typing import Any

from pydantic import TypeAdapter

from studio_gate.destination_config import AnyDestination, Opened

ACCOUNT, REGION = "111122223333", "eu-central-1"
SSO_SOURCE = "iam:111122223333/AWSReservedSSO_DataScientist_0123456789abcdef"
EXECUTION_ROLE = "arn:aws:iam::111122223333:role/studio-execution"
_OPENED: TypeAdapter[AnyDestination] = TypeAdapter(Opened)
# What says which it is, by kind.
NAMED = {
    "studio": {"domain_id": "d-team01234567"},
    "notebook": {"instance": "Team-nb"},
    "mlflow": {"tracking_server": "Team-runs"},
}


def entry(kind: str = "studio", name: str = "team", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of a document
    """An entry of gate.toml; a domain has one profile of Alice's unless another way is given."""
    made: dict[str, Any] = {"kind": kind, "name": name, "account": ACCOUNT, "region": REGION, **NAMED[kind]}
    if kind == "studio" and not more.keys() & {"profiles", "profile_from", "profile_tagged"}:
        made["profiles"] = [{"name": "alice", "callers": ["corp:alice"]}]
    return made | more


def opened(kind: str = "studio", name: str = "team", **more: Any) -> AnyDestination:  # noqa: ANN401 - of a document
    """The entry, read as gate.toml is; `ValidationError` if it is none."""
    return _OPENED.validate_json(json.dumps(entry(kind, name, **more)))
