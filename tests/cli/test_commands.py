"""The shape in which modules register their commands."""

import argparse

import pytest

from studio_gate_cli.commands import Commands, Parser


@pytest.fixture
def ran() -> list[argparse.Namespace]:
    return []


@pytest.fixture
def parser(ran: list[argparse.Namespace]) -> Parser:
    """Two commands as a module registers them: one by itself, and one in a group."""
    made = Parser(prog="x")
    commands = Commands(made)
    commands.add("explain", "Explain a decision", ran.append, more="examples: none").add_argument("--as-caller")
    commands.group("config", "Work on the configuration").add("check", "Check it", ran.append).add_argument("file")
    return made


COMMANDS = {
    "a command": (["explain", "--as-caller", "alice"], {"as_caller": "alice", "verbose": False}),
    "a command of a group": (["config", "check", "gate.toml", "-v"], {"file": "gate.toml", "verbose": True}),
}


@pytest.mark.parametrize(("given", "expected"), COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_runs_what_it_was_registered_with(
    parser: Parser, ran: list[argparse.Namespace], given: list[str], expected: dict[str, object]
) -> None:
    read = parser.parse_args(given)
    read.run(read)
    assert [vars(one) | {"run": None} for one in ran] == [expected | {"run": None}]


WRONG = {
    "no command": ([], "required: COMMAND"),
    "a group alone": (["config"], "required: COMMAND"),
    "an abbreviation": (["explain", "--as", "alice"], "unrecognized arguments"),
    "an abbreviation in a group": (["config", "check", "gate.toml", "--verb"], "unrecognized arguments"),
    "a secret": (["config", "check", "gate.toml", "https://x/?token=url-canary"], "unrecognized arguments: [...]"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_not_a_command(parser: Parser, capsys: pytest.CaptureFixture[str], given: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as left:
        parser.parse_args(given)
    assert (left.value.code, said in capsys.readouterr().err) == (2, True)


def test_help_says_what_each_command_does(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    for given, said in {"": "Explain a decision", "explain": "examples: none", "config": "Check it"}.items():
        with pytest.raises(SystemExit):
            parser.parse_args([*given.split(), "--help"])
        assert said in capsys.readouterr().out
