"""The guide to sign-in shows a table that is read as it stands, and commands that make what it reads."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from localaws import example
from studio_gate.config import Deployment, read_config
from studio_gate.identity.seals import read_sealing_keys
from tests.studio_gate.builders import signatures_alone, toml

PAGE = (example.ROOT / "docs" / "sign-in.md").read_text(encoding="utf-8")


def test_the_tables_are_read_as_they_stand(tmp_path: Path, deployment: Deployment) -> None:
    blocks = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
    path = tmp_path / "gate.toml"
    path.write_text(toml(signatures_alone() | tomllib.loads(blocks)), encoding="utf-8")
    config = read_config(path, deployment)
    sign_in = config.sign_in
    assert sign_in is not None
    assert config.portal.contact == "mailto:ml-platform@example.com"
    assert sign_in.redirect_uri == "https://studio.corp.example/signin/callback"


def test_the_command_makes_a_key_that_the_gate_reads() -> None:
    (command,) = re.findall(r"(?m)^ *KEY=(\$\(.*\))$", PAGE)
    said = subprocess.run(["bash", "-ec", f"echo 2026-11:{command}"], capture_output=True, text=True, check=True)  # noqa: S603, S607 - the guide's own command
    assert read_sealing_keys(said.stdout).newest[0] == "2026-11"
    with pytest.raises(ValueError, match=r"32 bytes|base64url|lines"):
        read_sealing_keys(said.stdout.strip()[:-5])
