"""One signed request to the gate: the caller's AWS credentials, SigV4, TLS, and what the answer must look like."""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path
from urllib3 import exceptions as http

from studio_gate_cli import credentials
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.gates import Asked, Gate, is_loopback

TIMEOUT = 15.0
_LARGEST_ANSWER = 1 << 18
# RFC 3986's characters and no other: nothing that a browser could read as another host than we do.
_URL = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]{1,16384}")
# The names under sagemaker.aws are AWS's alone: Studio's {domain}.studio.{region}, a notebook instance's
# {name}.notebook.{region}, MLflow's {key}.{region}.experiments (SageMaker developer guide). Which of them is right
# for a destination, the gate has checked.
_STUDIO = re.compile(r"(?:[a-z0-9-]{1,63}\.)+sagemaker\.aws")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gate said. It may hold a presigned URL, so its `repr` shows the credentials' source and time alone."""

    body: Mapping[str, Any] = field(repr=False)
    date: str
    signed_with: str
    seconds: float


def ask(asked: Asked) -> Answer:
    """Sign and send the request; `Failure` 3 to 7 unless the gate answers 200 with a JSON object."""
    session, method, headers = _sign(asked)
    began = time.monotonic()
    response, body = _send(asked, headers, _authorities(session))
    return Answer(_read(response, body), response.headers.get("Date", ""), method, time.monotonic() - began)


def presigned(answer: Answer, gate: Gate) -> str:
    """Return the answer's URL if it leads to Studio by https, or to loopback from a gate there; else `Failure` 7."""
    url = answer.body.get("url")
    if isinstance(url, str) and _URL.fullmatch(url):
        try:
            parts = urlsplit(url)
            at_home = gate.on_loopback and "@" not in parts.netloc and is_loopback(parts.hostname)
        except ValueError:
            pass
        else:
            if (parts.scheme == "https" and _STUDIO.fullmatch(parts.netloc)) or (at_home and parts.scheme == "http"):
                return url
    raise Failure(Exit.NOT_THE_GATE, f"{gate.host} answered with a URL that is not one of SageMaker Studio")


def _sign(asked: Asked) -> tuple[botocore.session.Session, str, dict[str, str]]:
    session, found = credentials.find(asked.aws_profile)
    with credentials.asked_for(asked.aws_profile):
        frozen = found.get_frozen_credentials()
    request = AWSRequest("GET", asked.url, {"Accept": "application/json"})
    SigV4Auth(frozen, "execute-api", asked.gate.region).add_auth(request)
    return session, str(found.method), dict(request.headers.items())


def _authorities(session: botocore.session.Session) -> str:
    """Return the file of certificate authorities that boto3 would use (botocore.endpoint, EndpointCreator)."""
    bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and not Path(bundle).is_file():
        raise Failure(Exit.USAGE, "AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE names a file that does not exist")
    return str(bundle or get_cert_path(verify=True))


def _send(asked: Asked, headers: Mapping[str, str], authorities: str) -> tuple[urllib3.BaseHTTPResponse, bytes]:
    """Send, without a proxy (a `PoolManager` knows none), a redirect or a retry; every option is written out."""
    host, deadline, body = asked.gate.host, time.monotonic() + TIMEOUT, b""
    timeout = urllib3.Timeout(connect=TIMEOUT, read=TIMEOUT)
    try:
        with urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=authorities, timeout=timeout) as pool:
            response = pool.request(
                "GET", asked.url, headers=headers, redirect=False, retries=False, preload_content=False
            )
            while len(body) <= _LARGEST_ANSWER and (chunk := response.read1(_LARGEST_ANSWER)):
                body += chunk
                if time.monotonic() > deadline:
                    raise http.TimeoutError
            response.close()
    except (http.HTTPError, OSError) as error:
        raise Failure(Exit.UNREACHABLE, _unreachable(host, error)) from error
    return response, body


def _unreachable(host: str, error: Exception) -> str:
    match error:
        case http.NameResolutionError():
            return f"the name {host} does not resolve: you must be on the corporate network (or its VPN)"
        case http.SSLError():
            return f"no trusted TLS connection to {host}; if a CA of your company signs for it, set AWS_CA_BUNDLE"
        case http.TimeoutError() if not isinstance(error, http.NewConnectionError):
            return f"{host} did not answer within {TIMEOUT:g} s; are you on the corporate network?"
        case _:
            return f"the connection to {host} failed ({type(error).__name__}); are you on the corporate network?"


def _read(response: urllib3.BaseHTTPResponse, body: bytes) -> Mapping[str, Any]:
    status, kind = response.status, response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        read = json.loads(body) if len(body) <= _LARGEST_ANSWER else None
    except (ValueError, RecursionError):
        read = None
    # API Gateway developer guide, "Gateway response types": EXPIRED_TOKEN, which the gate's mapping calls refused.
    if status == HTTPStatus.FORBIDDEN and response.headers.get("x-amzn-ErrorType", "").startswith("ExpiredToken"):
        raise Failure(Exit.CREDENTIALS, credentials.EXPIRED)
    if isinstance(read, dict):
        if status == HTTPStatus.OK and kind == "application/json":
            return read
        if status >= HTTPStatus.BAD_REQUEST and kind == "application/problem+json":
            raise _problem(status, read)
    line = f"the answer ({status}) is not Studio Gate's; is its address right, with the stage if that is in its path?"
    if status in range(300, 400):
        line = f"the answer ({status}) is a redirect, which is not followed; is the gate's address right?"
    raise Failure(Exit.NOT_THE_GATE, line)


def _problem(status: int, read: Mapping[str, Any]) -> Failure:
    """Tell problem details (RFC 9457) in one line."""
    listed = read.get("parameters")
    parameters = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    named = "; ".join(f"{readable(one.get('name'))} {readable(one.get('detail'))}" for one in parameters[:10])
    line = f"{readable(read.get('title'))} ({status}): {readable(read.get('detail'))}"
    line += f" {named[:1000]}." if named else ""
    later = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Failure(Exit.LATER if later else Exit.REFUSED, f"{line} Request id: {readable(read.get('request_id'))}")
