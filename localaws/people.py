"""People who sign in on the laptop: the gate's own host over TLS, a provider, and the configuration that joins them."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localaws import example, provider
from localaws.gateway import api
from localaws.gateway.serving import Domain
from localaws.studio_site.certificate import Authority

HOST = "studio.corp.example"
PUBLIC_URL = f"https://{HOST}"
CALLBACK = f"{PUBLIC_URL}/signin/callback"
# The example's own way to sign in, from its flow to its keys, which are not those of a provider that runs.
_TABLE = re.compile(r"(?<=\n)\[sign_in\]\n.*?(?=\n\[\[)", re.DOTALL)
_FLOW = re.compile(r'(?<=\n)flow = "form_post"\n')
_KEYS = re.compile(r"(?<=\n)keys\.pinned = '''.*?'''\n", re.DOTALL)
_LAUNCH_ORIGINS = 'launch_origins = ["https://portal.example"]\n'


@dataclass(frozen=True, slots=True)
class People:
    """What people meet: the provider, the configuration with it, and the gate's host with its certificate."""

    provider: provider.Provider
    config: Path
    domain: Domain
    pin: str


@contextmanager
def signing_in(authority: Authority, folder: Path, logs: Path, flow: str = "code") -> Iterator[People]:
    """Run a provider, and write the example's configuration with its endpoints and keys into a new folder below.

    What the provider says is in `logs`; `flow` is as in gate.toml. `StartError` if the provider does not start;
    `provider.missing` says why it would not.
    """
    with provider.running(authority, (CALLBACK,), logs / "provider.log") as running:
        config = folder / "config"
        config.mkdir()
        for name in ("policies.cedar", "schema.cedarschema"):
            shutil.copyfile(example.CONFIG / name, config / name)
        text = (example.CONFIG / "gate.toml").read_text(encoding="utf-8")
        (config / "gate.toml").write_text(configured(text, running, flow), encoding="utf-8")
        # The API's own name, too: the gate sends a browser from there to the one that its cookies are for.
        issued = authority.issue(HOST, f"{api.API_ID}.execute-api.{example.ACCOUNT.region}.amazonaws.com")
        yield People(running, config, Domain(HOST, issued.context()), issued.pin)


def configured(text: str, running: provider.Provider, flow: str) -> str:
    """Return the example's gate.toml for a provider that runs; `ValueError` if it is not written as it was."""
    found = _TABLE.search(text)
    if found is None:
        raise ValueError("the example's gate.toml has no table [sign_in] before others")
    # The function finds no name that is made up, so it goes by the address.
    endpoints = f'flow = "code"\ntoken_endpoint = "{running.address}/token"\n'
    endpoints += f'end_session_endpoint = "{provider.ISSUER}/session/end"\n'
    # With the other flow the function asks no token endpoint, and signing out ends at the gate's own page.
    form_post = _once(_FLOW, found[0])
    table = found[0].replace(form_post, {"code": endpoints, "form_post": form_post}[flow] + _LAUNCH_ORIGINS)
    table = table.replace(_once(_KEYS, table), f'keys.url = "{running.address}/jwks"\n')
    return text.replace(found[0], table)


def _once(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.findall(text)
    if len(found) != 1:
        raise ValueError(f"the example's table [sign_in] has {len(found)} times what is to be changed")
    return str(found[0])
