"""Completion: what may stand where the cursor is, and the shells themselves, where they are installed."""

import argparse
import json
import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from localaws import example
from studio_gate_cli import completion, main, names
from studio_gate_cli.commands import FILE, Commands, Parser
from studio_gate_cli.launching import APPS
from tests.cli.conftest import Run

LAUNCH = ["--profile", "--space", "--app", "--path", "--expires-in", "--session-expires-in"]
GATE = ["--gate", "--region", "--aws-profile", "--json"]
OFFERED: dict[str, tuple[list[str], list[str]]] = {
    "a part of a command": (["op"], ["open"]),
    "a command's first letters, of two": (["comp"], ["completion"]),
    "a destination": (["open", ""], ["research", "nb"]),
    "a part of a destination": (["url", "re"], ["research"]),
    "a destination after options": (["open", "--app", "canvas", "--json", "n"], ["nb"]),
    "nothing after the destination but options": (["me", ""], ["--help", "--verbose", *GATE]),
    "options": (["open", "-"], ["--help", "--verbose", *LAUNCH, *GATE]),
    "a part of an option": (["open", "--s"], ["--space", "--session-expires-in"]),
    "no option twice": (["open", "--space", "team", "--s"], ["--session-expires-in"]),
    "no option twice, with its value": (["open", "--space=team", "--s"], ["--session-expires-in"]),
    "apps": (["open", "--app", ""], list(APPS)),
    "apps after an equals sign": (["open", "--app=c"], ["--app=codeeditor", "--app=canvas"]),
    "nothing for a value that nobody knows": (["open", "--profile", ""], []),
    "nothing after a command that is none": (["mint", "--a"], []),
    "nothing for words that are none": (["open", "\x1b[2J;$(x)", "`x`", "'"], []),
    "what may be given again": (["revoke", "--caller", "corp:alice", "--ca"], ["--caller"]),
    "shells": (["completion", ""], ["bash", "zsh", "fish"]),
    "no word of the scripts' own": (["completion", "--w"], []),
}


@pytest.fixture(autouse=True)
def known(cache: Path) -> None:
    names.keep(["research", "nb"])


@pytest.mark.parametrize(("words", "expected"), OFFERED.values(), ids=OFFERED.keys())
def test_what_is_offered(words: list[str], expected: list[str]) -> None:
    assert [one.text for one in completion.offers(main.parser(), words)] == expected


def test_every_command_is_offered_with_what_it_does() -> None:
    offered = dict(completion.offers(main.parser(), [""]))
    assert offered["destinations"] == "List what I may open"
    for name in offered:
        assert "--help" in dict(completion.offers(main.parser(), [name, "--"]))


def test_commands_of_a_command_files_and_what_may_be_repeated() -> None:
    parser = Parser(prog="x")
    commands = Commands(parser).group("config", "Work on the configuration")
    command = commands.add("check", "Check it", print)
    command.add_argument("file", metavar=FILE)
    command.add_argument("--role", action="append")
    command.add_argument("--hidden", help=argparse.SUPPRESS)

    def offered(*words: str) -> list[str]:
        return [one.text for one in completion.offers(parser, words)]

    assert offered("config", "") == ["check"]
    assert offered("config", "check", "") == [":files"]
    assert offered("config", "check", "gate.t") == [":files"]
    assert offered("config", "check", "--role", "x", "--") == ["--help", "--verbose", "--role"]


PRINTED = {
    "bash, whose line ends before the cursor": ("bash", ["studio-gate open re"], "research\n"),
    "bash, after a blank": ("bash", ["studio-gate open "], "research\nnb\n"),
    "bash, whose words end at colons": ("bash", ["studio-gate me --gate https://x:1/ --j"], "--json\n"),
    "bash, which replaces what follows an equals sign": ("bash", ["studio-gate url --app=ca"], "canvas\n"),
    "bash, within a quotation": ("bash", ["studio-gate open --path 'a re"], "research\n"),
    "bash, nothing": ("bash", [], "destinations\nme\nurl\nopen\n"),
    "zsh": ("zsh", ["me", "--js"], "--json:print the gate's whole answer as JSON\n"),
    "zsh, without words": ("zsh", ["open", "re"], "research\n"),
    "fish": ("fish", ["dest"], "destinations\tList what I may open\n"),
}


@pytest.mark.parametrize(("shell", "words", "printed"), PRINTED.values(), ids=PRINTED.keys())
def test_what_the_scripts_are_told(shell: str, words: list[str], printed: str) -> None:
    """Without --verbose, which would be one of the words."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-W", "error", "-m", "studio_gate_cli", "completion", shell, "--words", *words],
        env={"PYTHONPATH": "cli", "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]},
        cwd=example.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout[: len(printed)], done.stderr) == (printed, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_knows_no_command(run: Run, shell: str) -> None:
    script = run("completion", shell).out
    assert script
    assert not [word for word in (*APPS[1:], "destinations", "research", "--json") if word in script]


# ------------------------------------------------------------------------------------------------ the shells themselves


@pytest.fixture
def environment(tmp_path: Path, cache: Path) -> dict[str, str]:
    """Find a `studio-gate` that completes as ours does, and writes what else it is asked into a file."""
    command = tmp_path / "bin" / "studio-gate"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\n[ "$1" = completion ] && exec {sys.executable} -m studio_gate_cli "$@"\n'
        f'printf "%s\\n" "$@" >>{tmp_path}/asked\n',
        encoding="utf-8",
    )
    command.chmod(0o700)
    (tmp_path / "gate-canary.toml").touch()
    path = f"{command.parent}:{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(cache), "TERM": "dumb", "PS1": "$ "}
    return own | {"PYTHONPATH": str(example.ROOT / "cli"), "LC_ALL": "C.UTF-8"}


def typed(shell: list[str], dialogue: list[tuple[str, str]], environment: dict[str, str], cwd: Path) -> list[str]:
    """Type keys into a shell, each when it has answered those before, and return what studio-gate was asked."""
    own, theirs = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own
        shell, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=cwd, start_new_session=True
    )
    os.close(theirs)
    try:
        for keys, answer in [*dialogue, ("\nexit\n", "exit")]:
            os.write(own, keys.encode())
            shown = ""
            while answer not in shown:
                assert select.select([own], [], [], 30)[0], f"no {answer!r} after {keys!r}, but {shown!r}"
                shown += os.read(own, 4096).decode(errors="replace")
        process.wait(30)
    finally:
        process.kill()
        process.wait()
        os.close(own)
    return (cwd / "asked").read_text(encoding="utf-8").splitlines()


# What a shell adds to what is typed.
DIALOGUE = [("studio-gate op\t", "en "), ("re\t", "search "), ("--app=can\t", "vas"), (" --jso\t", "n ")]
ASKED = ["open", "research", "--app=canvas", "--json"]
BASH = ["bash", "--norc", "--noprofile", "-i"]
BEGIN = ('eval "$(studio-gate completion bash)"; echo rea""dy\n', "ready")


def test_a_real_bash_completes_what_is_typed(environment: dict[str, str], tmp_path: Path) -> None:
    assert typed(BASH, [BEGIN, *DIALOGUE], environment, tmp_path) == ASKED


def test_a_real_bash_offers_several(environment: dict[str, str], tmp_path: Path) -> None:
    """`insert-completions` (M-*) types all of them, in the order of the alphabet."""
    dialogue = [BEGIN, ("studio-gate url --app=c\x1b*", "editor "), ("--space x\nstudio-gate url \x1b*", "nb research")]
    asked = typed(BASH, dialogue, environment, tmp_path)
    assert asked == ["url", "--app=canvas", "codeeditor", "--space", "x", "url", "nb", "research"]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_a_real_zsh_completes_what_is_typed(environment: dict[str, str], tmp_path: Path) -> None:
    begin = 'autoload -U compinit; compinit -D -u; eval "$(studio-gate completion zsh)"; echo rea""dy\n'
    assert typed(["zsh", "-f", "-i"], [(begin, "ready"), *DIALOGUE], environment, tmp_path) == ASKED


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_a_real_fish_offers_what_there_is(environment: dict[str, str], tmp_path: Path) -> None:
    def offered(line: str) -> list[str]:
        command = f"studio-gate completion fish | source; complete --do-complete {json.dumps(line)}"
        done = subprocess.run(  # noqa: S603 - our own
            ["fish", "--no-config", "--command", command],  # noqa: S607 - as installed
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    assert offered("studio-gate dest") == ["destinations\tList what I may open"]
    assert sorted(offered("studio-gate open ")) == ["nb", "research"]
    assert sorted(offered("studio-gate open --app=c")) == ["--app=canvas", "--app=codeeditor"]
