"""The example deployment on a laptop: template.yaml with what is in `example_config`, never with a user's own."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ssm.models import ssm_backends

from localaws import signed_in, studio, template, tokens
from localaws.tokens import DINAH
from studio_gate.config import Config, read_config, read_deployment
from studio_gate.destination_config import AnyDestination, MlflowDestination, NotebookDestination, StudioDestination

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "localaws" / "example_config"
EVENTS = ROOT / "events"
ACCOUNT = template.Account()
# What is in the domain of research, and where an app runs.
_RESEARCH = "d-research01234"
_SPACES = (
    studio.Space("alice-lab", "alice"),
    studio.Space("alice-drafts", "alice"),
    studio.Space("bob-lab", "bob"),
    studio.Space("team-forecast", "bob", sharing="Shared"),
    studio.Space("leads", "bob", sharing="Shared"),
)
_RUNNING = ("alice-lab", "bob-lab", "team-forecast")
# A token lasts too short to be committed, so events name those of `localaws.tokens` and who is signed in.
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
    """Create what the configuration opens in the stand-in, with spaces and apps, and what seals cookies."""
    for one in config.destinations:
        studio.seed(_opened(one), account_id=one.account, region=one.region)
    if config.sign_in is not None:
        _keep(config.sign_in.sealing_keys.removeprefix("ssm:"), signed_in.SEALING_KEYS)


def _opened(one: AnyDestination) -> studio.Domain | studio.NotebookInstance | studio.TrackingServer:
    match one:
        case StudioDestination():
            return _domain(one)
        case NotebookDestination():
            # AWS puts four characters behind the names of some.
            return studio.NotebookInstance(one.instance, suffix="d8ka")
        case MlflowDestination():
            return studio.TrackingServer(one.tracking_server)


def _domain(one: StudioDestination) -> studio.Domain:
    profiles = tuple(studio.UserProfile(profile.name) for profile in one.profiles)
    if one.create_profile is not None:
        # One has been made, and the next is not ready at once.
        made = studio.UserProfile("dinah", tags={"owner": DINAH.email})
        return studio.Domain(one.domain_id, user_profiles=(made,), pends=1)
    if one.domain_id != _RESEARCH:
        return studio.Domain(one.domain_id, user_profiles=profiles)
    apps = tuple(studio.App("JupyterLab", space=name) for name in _RUNNING)
    return studio.Domain(one.domain_id, user_profiles=profiles, spaces=_SPACES, apps=apps)


def _keep(name: str, value: str) -> None:
    # In the account to which moto takes the function's own key to belong.
    ssm_backends[DEFAULT_ACCOUNT_ID][ACCOUNT.region].put_parameter(
        name=name,
        description="",
        value=value,
        parameter_type="SecureString",
        allowed_pattern="",
        keyid="alias/aws/ssm",
        overwrite=True,
        tags=[],
        data_type="text",
        tier=None,
        policies=None,
    )


def code(built: Path, target: Path, config: Path = CONFIG) -> Path:
    """Copy the built function to a new folder, with a configuration, by default the example's, in place of its own."""
    shutil.copytree(built, target)
    for name in ("gate.toml", "policies.cedar", "schema.cedarschema"):
        shutil.copyfile(config / name, target / "config" / name)
    return target


def event(name: str) -> dict[str, Any]:
    """Read an event of `events/`, with fresh tokens; `KeyError` if it names one that is not there."""
    text = (EVENTS / f"{name}.json").read_text(encoding="utf-8")
    # The same wherever it is named.
    made = {what: _made(what) for what in set(_PLACEHOLDER.findall(text))}
    read: dict[str, Any] = json.loads(_PLACEHOLDER.sub(lambda found: made[found[1]], text))
    return read


def _made(what: str) -> str:
    kind, _, name = what.partition(":")
    if kind == "session":
        return signed_in.session(name, CONFIG / "gate.toml")
    return {"token": tokens.made}[kind](name)


def write_event(name: str, folder: Path) -> Path:
    """Write an event of `events/` with fresh tokens into a folder, for a command that reads it from there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(event(name), indent=2), encoding="utf-8")
    return path
