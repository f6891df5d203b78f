"""What docs/live-configuration.md tells operators to run is run, or held against AWS's own models."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from localaws import example
from studio_gate.audit import Record
from studio_gate.live import _COOLDOWN, _INTERVAL
from tests.watching.stories import committed, watched

PAGE = (example.ROOT / "docs" / "live-configuration.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"^ {3}", "", one, flags=re.MULTILINE) for one in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)]
OWN = [one for one in BLOCKS if one.lstrip().startswith("studio-gate")]
AWS = [line for one in BLOCKS for line in one.replace("\\\n", " ").splitlines() if line.lstrip().startswith("aws ")]


def test_the_client_s_commands_run_one_after_the_other(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "studio-gate"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m studio_gate_cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "functions").symlink_to(example.ROOT / "functions")
    path = os.pathsep.join(str(example.ROOT / name) for name in ("functions/gate", "cli"))
    own = {"PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    script = "\n".join(OWN)
    done = subprocess.run(["bash", "-ec", script], env=own, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603, S607 - the page's own commands
    first, second, *explained = done.stdout.splitlines()
    assert first.startswith("functions/gate/config: good; version ")
    assert second.startswith("document.toml: good; version ")
    assert explained[1:3] == ["=> permitted", "sandbox/launcher: permitted, for 20 s, with a session of 3600 s"]


@pytest.mark.parametrize("line", AWS)
def test_aws_has_the_commands_that_are_told(line: str) -> None:
    _, service, command, *words = shlex.split(line)
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(operations[command]).input_shape
    options = {f"--{xform_name(name, '-')}" for name in shape.members}
    given = {word for word in words if word.startswith("--")}
    assert given <= options
    assert {f"--{xform_name(name, '-')}" for name in shape.required_members} <= given


def test_the_alarm_is_one_of_the_stack_s() -> None:
    (line,) = (one for one in AWS if "describe-alarms" in one)
    words = shlex.split(line)
    alarms = {one["AlarmName"]: one for one in watched().every("AWS::CloudWatch::Alarm").values()}
    assert alarms[words[words.index("--alarm-names") + 1]]["MetricName"] == "Stale"
    assert "StaleConfigurationAlarmArn" in committed()["Outputs"]


def test_the_page_says_what_the_code_does() -> None:
    assert f"every {_INTERVAL} seconds" in PAGE
    assert f"asked again after {_COOLDOWN} s" in PAGE
    for name in ("config_version", "config_stale", "config_error"):
        assert hasattr(Record("request"), name)
        assert f"`{name}`" in PAGE
