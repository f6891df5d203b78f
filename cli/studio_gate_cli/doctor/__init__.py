"""The command that explains a broken set-up: it looks at a deployed gate, read-only, and says what to do.

What it looks at is in the modules below, one for each part; docs/doctor.md is written from their tables.
"""

import argparse
import tomllib
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from studio_gate_cli.commands import FILE, Commands, aws_options, say
from studio_gate_cli.failures import Exit, Failure

_MORE = """\
It reads and changes nothing, with your own AWS credentials. Run it anywhere;
where names lead and whether the endpoints answer is looked at on a host that
reaches them, and is NOT PROVEN elsewhere.

examples:
  studio-gate doctor --stack studio-gate
  studio-gate doctor --stack studio-gate --config functions/gate/config
  studio-gate doctor --stack studio-gate --from 10.0.0.0/8 --json

It ends with
  0  everything was looked at, and all is well
  1  something is broken, or there is a warning
  9  nothing was found, but not everything could be looked at
  2, 3, 4, 5, 6  it could not even begin: no such stack, no credentials, AWS
     not reached, AWS refused, AWS cannot now"""


def register(commands: Commands) -> None:
    """Add `doctor`."""
    command = commands.add("doctor", "Say what is wrong with a deployed gate, and what to do", _doctor, _MORE)
    command.add_argument("--stack", required=True, metavar="NAME", help="the gate's stack")
    command.add_argument("--config", type=Path, metavar=FILE, help="its gate.toml, or the folder with it: look at more")
    command.add_argument(
        *("--from",),
        dest="networks",
        type=_network,
        action="append",
        default=[],
        metavar="CIDR",
        help="people's network",
    )
    command.add_argument("--inside", action="store_true", help="this host is in the VPC, or joined to it")
    command.add_argument("--read-secrets", action="store_true", help="read the sealing keys that gate.toml names, too")
    command.add_argument("--hours", type=_hours, default=24, metavar="N", help="how much of the log to look at (24)")
    command.add_argument("--json", action="store_true", help="print what was found as JSON")
    aws_options(command, "the stack's AWS region (else the AWS profile's)")


def _network(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a network such as 10.0.0.0/8") from None


def _hours(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 24 * 14:
        raise argparse.ArgumentTypeError("must be a number of hours, at most 336")
    return int(text)


def _doctor(given: argparse.Namespace) -> None:
    config = _read(given.config) if given.config else None
    if given.read_secrets and config is None:
        raise Failure(Exit.USAGE, "--read-secrets goes with --config, which names the sealing keys")
    from studio_gate_cli.doctor import examining  # noqa: PLC0415 - help needs no botocore

    examining.run(given, config, say)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((path / "gate.toml" if path.is_dir() else path).read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(Exit.USAGE, f"{error.filename} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Failure(Exit.USAGE, f"{path} is no TOML; studio-gate config check says where") from error
