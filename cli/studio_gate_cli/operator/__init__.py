"""What operators ask of a configuration before it serves: whether it holds, and what it would decide.

Only the modules below know the function's package, which no install of the client has: they run from a clone. They are
imported when they run.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

from studio_gate_cli.commands import FILE, Commands
from studio_gate_cli.failures import Exit, Failure

_WHAT = "a folder with gate.toml and policies.cedar, or a document of AppConfig"


def register(commands: Commands) -> None:
    """Add `config check`, `config pack` and `explain`."""
    config = commands.group("config", "Check a configuration before it serves")
    check = config.add("check", "Say everything that is wrong with a configuration, and where", _check)
    check.add_argument("path", type=Path, metavar=FILE, help=_WHAT)
    check.add_argument("--account", help="the stack's account; else that of the first destination")
    check.add_argument("--region", help="the stack's region; else that of the first destination")
    check.add_argument("--json", action="store_true", help="print what is wrong as JSON, for a pipeline")
    pack = config.add("pack", "Print the document of AppConfig that says what a folder says", _pack)
    pack.add_argument("path", type=Path, metavar=FILE, help="a folder with gate.toml and policies.cedar")
    explain = commands.add("explain", "Say what would be decided, and why, without asking anybody", _explain)
    explain.add_argument("--config", type=Path, metavar=FILE, help=f"{_WHAT}; else that of this clone")
    explain.add_argument("--as", dest="caller", required=True, metavar="CALLER", help="the caller's id, as in callers")
    explain.add_argument("--open", dest="destination", metavar="NAME", help="the destination; else the default")
    explain.add_argument("--groups", default="", metavar="A,B", help="the caller's groups, besides those of a role")
    explain.add_argument("--proof", choices=("sigv4", "bearer", "proxy", "session"), help="else as the id tells")
    explain.add_argument("--email", help="the caller's verified address")
    explain.add_argument("--source-ip", metavar="IP", help="where from; without it, policies know none")
    explain.add_argument("--endpoint", default="vpce-0", metavar="ID", help="the execute-api endpoint")
    explain.add_argument("--at", metavar="TIME", help="when, as in 2026-11-24T08:00:00Z; else now")
    explain.add_argument("--json", action="store_true", help="print the decision as JSON")
    for name in ("profile", "space", "app"):
        explain.add_argument(f"--{name}", metavar="NAME", help=f"the {name} to open")
    explain.add_argument("--space-of", metavar="PROFILE", help="whose the space is; without it, it is shared")
    for name in ("expires-in", "session-expires-in"):
        explain.add_argument(f"--{name}", metavar="S", help="seconds, as asked of the gate")


def _needs_the_function() -> None:
    if any(find_spec(name) is None for name in ("studio_gate", "cedarpy", "pydantic")):
        line = "this needs the function's own code: run it from a clone, after `make setup`, as .venv/bin/studio-gate"
        raise Failure(Exit.USAGE, line)


def _check(given: argparse.Namespace) -> None:
    _needs_the_function()
    from studio_gate_cli.operator import checking  # noqa: PLC0415 - no install has what it needs

    checking.run(given)


def _pack(given: argparse.Namespace) -> None:
    _needs_the_function()
    from studio_gate_cli.operator import documents  # noqa: PLC0415 - no install has what it needs

    documents.run(given)


def _explain(given: argparse.Namespace) -> None:
    _needs_the_function()
    from studio_gate_cli.operator import explaining  # noqa: PLC0415 - no install has what it needs

    explaining.run(given)
