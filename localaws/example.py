"""The example deployment on a laptop: template.yaml with what is in `example_config`, never with a user's own."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws import studio, template, tokens
from studio_gate.config import Config, read_config, read_deployment

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "localaws" / "example_config"
EVENTS = ROOT / "events"
ACCOUNT = template.Account()
# A token lasts too short to be committed, so events name those of `localaws.tokens`.
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


def parameters() -> dict[str, str]:
    """Return the stack's parameters."""
    return template.samconfig_parameters(CONFIG / "samconfig.toml")


def environment() -> dict[str, str]:
    """Return the function's environment as deployed, Lambda's region included."""
    stack = template.create(template.load(ROOT / "template.yaml"), parameters(), ACCOUNT)
    variables: dict[str, str] = stack["Function"]["Properties"]["Environment"]["Variables"]
    return variables | {"AWS_REGION": ACCOUNT.region}


def configuration(variables: Mapping[str, str]) -> Config:
    """Return the example's configuration, compiled for a function with that environment."""
    return read_config(CONFIG / "gate.toml", read_deployment(variables))


def seed(config: Config) -> None:
    """Create every domain of the configuration with its user profiles in the stand-in."""
    for destination in config.destinations:
        profiles = tuple(studio.UserProfile(profile.name) for profile in destination.profiles)
        domain = studio.Domain(destination.domain_id, user_profiles=profiles)
        studio.seed(domain, account_id=destination.account, region=destination.region)


def code(built: Path, target: Path) -> Path:
    """Copy the built function to a new folder, with the example's configuration in the place of a user's own."""
    shutil.copytree(built, target)
    for name in ("gate.toml", "policies.cedar", "schema.cedarschema"):
        shutil.copyfile(CONFIG / name, target / "config" / name)
    return target


def event(name: str) -> dict[str, Any]:
    """Read an event of `events/`, with fresh tokens; `KeyError` if it names one that is not there."""
    text = (EVENTS / f"{name}.json").read_text(encoding="utf-8")
    # The same wherever it is named.
    made = {what: tokens.made(what.removeprefix("token:")) for what in set(_PLACEHOLDER.findall(text))}
    read: dict[str, Any] = json.loads(_PLACEHOLDER.sub(lambda found: made[found[1]], text))
    return read


def write_event(name: str, folder: Path) -> Path:
    """Write an event of `events/` with fresh tokens into a folder, for a command that reads it from there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(event(name), indent=2), encoding="utf-8")
    return path
