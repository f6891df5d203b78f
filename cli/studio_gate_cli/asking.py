"""What every command that asks the gate does: find it, ask it, and say so when told to."""

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from studio_gate_cli import gates
from studio_gate_cli.commands import aws_options, say
from studio_gate_cli.failures import readable

if TYPE_CHECKING:
    from studio_gate_cli.client import Answer


def gate_options(command: argparse.ArgumentParser) -> None:
    """Add the options of a command that asks the gate."""
    command.add_argument("--gate", metavar="URL", help="the gate's address (else STUDIO_GATE_URL)")
    aws_options(command, "the gate's AWS region, if its host name does not tell")


def ask(given: argparse.Namespace, route: str, query: Mapping[str, str] | None = None) -> tuple["Answer", gates.Gate]:
    """Ask the gate for a route under /iam, which may end with a destination; return its answer and where it is."""
    gate = gates.find(given.gate, given.region)
    from studio_gate_cli import client  # noqa: PLC0415 - help needs no botocore, and Ctrl-C may come while it loads

    # A blank is %20 in what is signed (SigV4, "Create a canonical request"), and + would be another text.
    url = f"{gate.base}/iam/{quote(route)}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    if given.verbose:
        say(f"asking {gate.host} for /iam/{route.partition('/')[0]}, signed for {gate.region}")
    answer = client.ask(gates.Asked(gate, url, given.aws_profile))
    if given.verbose:
        say(f"answered in {answer.seconds:.2f} s; credentials by {readable(answer.signed_with)}")
    return answer, gate
