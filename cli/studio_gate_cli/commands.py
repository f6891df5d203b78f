"""The shape of every command: a module registers its own, with the options that they take and what they run.

    def register(commands: Commands) -> None:
        command = commands.add("me", "Say who I am and what I may open", _me)
        command.add_argument("--json", action="store_true", help="print the gate's whole answer as JSON")

    def _me(given: argparse.Namespace) -> None: ...

`main` lists the modules. Help and completion import all of them, so what is slow is imported by what is run.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn, override

from studio_gate_cli.failures import readable

type Run = Callable[[argparse.Namespace], None]
FILE = "FILE"  # the metavar of options and arguments that name a file: completion offers files for it


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations, and says what is wrong without what somebody may have pasted."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as argparse hands them on to subparsers
        super().__init__(**options | {"allow_abbrev": False})

    @override
    def error(self, message: str) -> NoReturn:
        """Say what is wrong, without the presigned URL that somebody may have pasted."""
        super().error(readable(message))


class Commands:
    """The commands of a parser, in the order in which they are added."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser
        self._parsers = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def add(self, name: str, words: str, run: Run, more: str = "") -> argparse.ArgumentParser:
        """Add a command and return its parser, for its options; `words` say in one line what it does, without a period.

        `run` gets what was given. It prints what was asked for, or raises `Failure`; `more` is shown by its own help.
        """
        command = self._add(name, words, more)
        command.set_defaults(run=run)
        command.add_argument("-v", "--verbose", action="store_true", help="say on stderr what is done")
        return command

    def group(self, name: str, words: str) -> "Commands":
        """Add a command that has commands of its own, as in `config check`."""
        return Commands(self._add(name, words, ""))

    def _add(self, name: str, words: str, more: str) -> argparse.ArgumentParser:
        written = argparse.RawDescriptionHelpFormatter
        return self._parsers.add_parser(name, help=words, description=f"{words}.", epilog=more, formatter_class=written)


def aws_options(command: argparse.ArgumentParser, region: str) -> None:
    """Add the options of a command that uses AWS credentials; `region` says whose region is meant."""
    command.add_argument("--region", help=region)
    command.add_argument("--aws-profile", metavar="NAME", help="the AWS profile to sign with (else AWS_PROFILE)")


def must(be: Callable[[str], object], wanted: str) -> Callable[[str], str]:
    """Make the type of an option or argument for whose text `be` says yes; `wanted` says what it must be."""

    def read_one(text: str) -> str:
        if not be(text):
            raise argparse.ArgumentTypeError(f"must be {wanted}")
        return text

    return read_one


def say(line: str) -> None:
    """Tell the person at the terminal, on stderr: stdout is for what was asked for."""
    print(f"studio-gate: {line}", file=sys.stderr, flush=True)
