"""The example deployment on a laptop: what template, samconfig and gate.toml say, seeded into the stand-in."""

import json
from pathlib import Path
from typing import Any

from localaws import studio, template
from studio_gate.config import Config

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "functions" / "gate" / "config"
EVENTS = ROOT / "events"
ACCOUNT = template.Account()


def environment() -> dict[str, str]:
    """Return the function's environment as deployed with `samconfig.toml`'s defaults, Lambda's region included."""
    parameters = template.samconfig_parameters(ROOT / "samconfig.toml")
    stack = template.create(template.load(ROOT / "template.yaml"), parameters, ACCOUNT)
    variables: dict[str, str] = stack["Function"]["Properties"]["Environment"]["Variables"]
    return variables | {"AWS_REGION": ACCOUNT.region}


def seed(config: Config) -> None:
    """Create every domain of the configuration with its user profiles in the stand-in."""
    for destination in config.destinations:
        profiles = tuple(studio.UserProfile(profile.name) for profile in destination.profiles)
        domain = studio.Domain(destination.domain_id, user_profiles=profiles)
        studio.seed(domain, account_id=destination.account, region=destination.region)


def event(name: str) -> dict[str, Any]:
    """Read an event of `events/`."""
    read: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return read
