"""The story of one command: read the command line, run what it names, and end with one line and one status."""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, override

from studio_gate_cli import completion, doctor, launching, listing, operator, revoking
from studio_gate_cli.commands import Commands, Parser, say
from studio_gate_cli.failures import Exit, Failure

# In the order in which help lists their commands.
_MODULES = (listing, launching, revoking, doctor, operator, completion)
_EXAMPLES = """\
examples:
  export STUDIO_GATE_URL=https://a1b2c3.execute-api.eu-west-1.amazonaws.com/gate
  studio-gate me                         who am I, and what may I open?
  studio-gate destinations               what may I open?
  studio-gate open                       open the default destination
  studio-gate open research --aws-profile work
  studio-gate open research --space team --app jupyterlab
  studio-gate url research --expires-in 10 --session-expires-in 3600

environment:
  STUDIO_GATE_URL     the gate's address, where --gate is not given
  STUDIO_GATE_REGION  the gate's region, where neither --region nor the gate's
                      host name tells it
  AWS_PROFILE, AWS_ACCESS_KEY_ID, ...
                      as for every AWS tool
  AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE
                      a file of the certificate authorities to trust instead
  XDG_CACHE_HOME      where the names that completion offers are kept
  BROWSER             the browser to open, if not the default one
  HTTP_PROXY and its like are not used for the gate: its answer is a secret.

exit status:
  0  done
  1  the client itself failed; of doctor and config check: something is wrong
  2  the command line or the gate's address is wrong
  3  no AWS credentials, or they have expired
  4  the gate (or AWS) cannot be reached: name, connection, TLS or time
  5  the gate (or AWS) refused (400 to 409)
  6  the gate (or AWS) cannot do it now (429 and 5xx); try again later
  7  the answer is not the gate's, or its URL is not one of Studio
  8  no browser could be opened
  9  doctor found nothing wrong, but could not look at everything
  130  interrupted
"""


def main(given: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; every failure is one line on stderr."""
    # Otherwise Python writes botocore's warnings to stderr, with traces (logging.lastResort).
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        read = parser().parse_args(given)
        read.run(read)
        sys.stdout.flush()
    except Failure as failure:
        return _failed(failure.line, failure.status)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Python's "Note on SIGPIPE": the interpreter flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.UNFORESEEN
    except Exception as error:  # noqa: BLE001 - a message or a trace could hold what must not be shown
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        return _failed(f"the client itself failed ({where}); please report it", Exit.UNFORESEEN)
    return Exit.DONE


def parser() -> argparse.ArgumentParser:
    """Return the parser with every command; what it reads has `run`, which takes it."""
    made = Parser(
        prog="studio-gate",
        description="Open SageMaker Studio through Studio Gate, with your own AWS credentials.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = Commands(made)
    for module in _MODULES:
        module.register(commands)
    return made


class _Version(argparse.Action):
    @override
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """Print the version; what knows it takes a while to load, and completion should not wait for it."""
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - see above

        try:
            found = version("studio-gate")
        except PackageNotFoundError:
            found = "(not installed)"
        print(parser.prog, found)
        parser.exit()


def _failed(line: str, status: Exit) -> Exit:
    say(line)
    return status
