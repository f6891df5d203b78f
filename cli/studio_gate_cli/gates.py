"""Where the gate is, and what is asked of it."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from studio_gate_cli.failures import Exit, Failure

# API Gateway developer guide, "Invoke a private API": {api} or {api}-{endpoint} before the service's name.
_API_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_BASE_PATH = re.compile(r"(?:/[A-Za-z0-9_-]+)*/?")


@dataclass(frozen=True, slots=True)
class Gate:
    """Where the gate is: `base` is its address without a trailing slash; `region` is the one that is signed for."""

    base: str
    host: str
    region: str
    on_loopback: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a gate, and with which AWS profile. `url` is what to get from it; it holds no secret."""

    gate: Gate
    url: str
    aws_profile: str | None


def is_loopback(host: str | None) -> bool:
    """Tell whether the host is this machine, by its name or address alone."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def find(address: str | None, region: str | None) -> Gate:
    """Return the gate at that address, else at STUDIO_GATE_URL; `Failure` 2 if it is not fit to be signed for."""
    address = address or os.environ.get("STUDIO_GATE_URL")
    if not address:
        raise Failure(Exit.USAGE, "where is the gate? Give --gate, or set STUDIO_GATE_URL")
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
    if not region or not REGION.fullmatch(region):
        raise Failure(
            Exit.USAGE, "which region is the gate in? Its host name does not tell: give --region, as in eu-central-1"
        )
    return Gate(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", host, region, is_loopback(host))
