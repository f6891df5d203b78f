"""Every command of the client that the documentation shows can be given."""

import re
import shlex
from pathlib import Path

import pytest

from localaws import example
from studio_gate_cli import main


def told(path: Path) -> str:
    """Return the text of a document, with what goes on on the next line on one."""
    return re.sub(r"\\\n *", "", path.read_text(encoding="utf-8"))


SHOWN = [
    (path.name, line)
    for path in [example.ROOT / "README.md", *example.ROOT.glob("docs/**/*.md")]
    for line in re.findall(r"(?:^|[`(])(studio-gate [a-z][^`|)>\n]*)", told(path), re.MULTILINE)
    if line not in {"studio-gate revoke", "studio-gate doctor"}  # where they are only spoken of
]
MEANT = {"$STACK": "studio-gate", "$CALLER": "corp:alice"}


def test_there_are_some() -> None:
    assert {"README.md", "prove-live.md"} <= {name for name, _ in SHOWN}


@pytest.mark.parametrize(("name", "line"), SHOWN)
def test_it_can_be_given(name: str, line: str) -> None:
    for variable, value in MEANT.items():
        line = line.replace(variable, value)
    words = shlex.split(line.replace("\\", ""), comments=True)[1:]
    assert "run" in main.parser().parse_args(words)


@pytest.mark.parametrize("name", ["", "url", "open", "revoke", "doctor"])
def test_the_examples_of_help_can_be_given(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.parser().parse_args([*name.split(), "--help"])
    lines = re.findall(r"^  studio-gate (.*?)(?:   .*)?$", capsys.readouterr().out, re.MULTILINE)
    assert lines
    assert all("run" in main.parser().parse_args(shlex.split(line)) for line in lines)
