"""The command line, parsed once into a request with every value settled."""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from typing import NoReturn, override
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from studio_gate_cli.failures import Exit, Failure, readable

_EXAMPLES = """\
examples:
  export STUDIO_GATE_URL=https://a1b2c3.execute-api.eu-west-1.amazonaws.com/gate
  studio-gate me                         who am I, and what may I open?
  studio-gate open                       open the default destination
  studio-gate open research --aws-profile work
  studio-gate url research --expires-in 10 --session-expires-in 3600

environment:
  STUDIO_GATE_URL     the gate's address, where --gate is not given
  STUDIO_GATE_REGION  the gate's region, where neither --region nor the gate's
                      host name tells it
  AWS_PROFILE, AWS_ACCESS_KEY_ID, ...
                      as for every AWS tool
  AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE
                      a file of the certificate authorities to trust instead
  BROWSER             the browser to open, if not the default one
  HTTP_PROXY and its like are not used for the gate: its answer is a secret.

exit status:
  0  done
  1  the client itself failed
  2  the command line or the gate's address is wrong
  3  no AWS credentials, or they have expired
  4  the gate cannot be reached: name, connection, TLS or time
  5  the gate refused (400 to 409)
  6  the gate cannot do it now (429 and 5xx); try again later
  7  the answer is not the gate's, or its URL is not one of Studio
  8  no browser could be opened
  130  interrupted
"""
# API Gateway developer guide, "Invoke a private API": {api} or {api}-{endpoint} before the service's name.
_API_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)*/?")
# Never only dots, which a signer would take out of the path (RFC 3986, section 5.2.4).
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECONDS = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Gate:
    """Where the gate is: `base` is its address without a trailing slash; `region` is the one that is signed for."""

    base: str
    host: str
    region: str
    on_loopback: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked on the command line. `url` is what to get from the gate; it holds no secret."""

    command: str
    gate: Gate
    url: str
    aws_profile: str | None
    as_json: bool
    verbose: bool


def is_loopback(host: str | None) -> bool:
    """Tell whether the host is this machine, by its name or address alone."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def read(arguments: Sequence[str] | None) -> Asked:
    """Parse the command line and the environment; `Failure` or exit 2 if it is wrong, exit 0 after help."""
    given = _parser().parse_args(arguments)
    address = given.gate or os.environ.get("STUDIO_GATE_URL")
    if not address:
        raise Failure(Exit.USAGE, "where is the gate? Give --gate, or set STUDIO_GATE_URL")
    gate = _gate(address, given.region)
    names = ("profile", "expires_in", "session_expires_in")
    query = {name: getattr(given, name) for name in names if getattr(given, name, None) is not None}
    path = "me" if given.command == "me" else "url"
    destination = f"/{quote(given.destination, safe='')}" if getattr(given, "destination", None) else ""
    url = f"{gate.base}/iam/{path}{destination}" + (f"?{urlencode(query)}" if query else "")
    return Asked(given.command, gate, url, given.aws_profile, getattr(given, "json", False), given.verbose)


def _gate(address: str, region: str | None) -> Gate:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, SplitResult("", "", "", "", "")
    # The address is not repeated: somebody may have pasted a presigned URL.
    if host is None or parts.username is not None or parts.query or parts.fragment:
        raise Failure(
            Exit.USAGE, "the gate's address must look like https://host/stage, without user, query or fragment"
        )
    if not _BASE_PATH.fullmatch(parts.path) or port == 0:
        raise Failure(Exit.USAGE, "the gate's address must end with the stage, as in https://host/gate")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise Failure(Exit.USAGE, "the gate's address must begin with https:// (http is for loopback alone)")
    known = _API_HOST.fullmatch(host)
    region = region or (known["region"] if known else os.environ.get("STUDIO_GATE_REGION"))
    if not region or not _REGION.fullmatch(region):
        raise Failure(
            Exit.USAGE, "which region is the gate in? Its host name does not tell: give --region, as in eu-central-1"
        )
    return Gate(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", host, region, is_loopback(host))


def _matching(pattern: re.Pattern[str], wanted: str) -> Callable[[str], str]:
    def read_one(text: str) -> str:
        if not pattern.fullmatch(text):
            raise argparse.ArgumentTypeError(f"must be {wanted}")
        return text

    return read_one


def _version() -> str:
    try:
        return version("studio-gate")
    except PackageNotFoundError:
        return "(not installed)"


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        """Say what is wrong, without the presigned URL that somebody may have pasted."""
        super().error(readable(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="studio-gate",
        description="Open SageMaker Studio through Studio Gate, with your own AWS credentials.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    destination = _matching(_NAME, "the name of a destination, as `studio-gate me` lists them")
    profile, seconds = (
        _matching(_NAME, "the name of a Studio user profile"),
        _matching(_SECONDS, "a whole number of seconds"),
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="url|open|me")
    for name, words in _COMMANDS.items():
        command = commands.add_parser(name, help=words, description=f"{words}.", allow_abbrev=False)
        if name != "me":
            command.add_argument("destination", nargs="?", type=destination, help="what to open; else the default")
            command.add_argument("--profile", type=profile, metavar="NAME", help="the Studio user profile to open")
            command.add_argument("--expires-in", type=seconds, metavar="S", help="seconds the URL can be opened")
            command.add_argument("--session-expires-in", type=seconds, metavar="S", help="seconds the session lasts")
        if name != "open":
            command.add_argument("--json", action="store_true", help="print the gate's whole answer as JSON")
        command.add_argument("--gate", metavar="URL", help="the gate's address (else STUDIO_GATE_URL)")
        command.add_argument("--region", help="the gate's AWS region, if its host name does not tell")
        command.add_argument("--aws-profile", metavar="NAME", help="the AWS profile to sign with (else AWS_PROFILE)")
        command.add_argument("-v", "--verbose", action="store_true", help="say on stderr what is done")
    return parser


_COMMANDS = {
    "url": "Print a presigned URL; it is a secret, for a tool that opens it at once",
    "open": "Open Studio in the browser, without showing the URL",
    "me": "Say who I am and what I may open",
}
