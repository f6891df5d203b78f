"""Whether an answer of the function is the one that was promised."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from localaws.expectations import Expectation
from localaws.studio import Mint
from studio_gate.config import Config

_ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_URL = re.compile(r"https?://", re.IGNORECASE)


def differences(
    expected: Expectation, event: Mapping[str, Any], answer: Mapping[str, Any], minted: Sequence[Mint], config: Config
) -> list[str]:
    """Say in what the answer to an event differs from what is expected of it; no text holds a presigned URL.

    `minted` is all that the stand-in minted for it.
    """
    found = [] if answer.get("statusCode") == expected.status else [f"status {answer.get('statusCode')}"]
    if len(minted) != expected.mints:
        found.append(f"{len(minted)} URLs minted")
    headers = {name: values[0] for name, values in (answer.get("multiValueHeaders") or {}).items()}
    found += [f"{name}: {headers.get(name)}" for name, value in _ALWAYS.items() if headers.get(name) != value]
    body = str(answer.get("body", ""))
    if expected.mints and minted:
        found += _url_differences(expected, headers, body, minted[0], _host(event, config))
    elif _URL.search(_less_issuers(json.dumps(answer), config)):
        found.append("a URL in the answer")
    return found + (_problem_differences(expected, headers, body) if expected.problem else [])


def _less_issuers(text: str, config: Config) -> str:
    """Take out who vouches for a caller, which is a URL, too: the whole value, as it stands in a body inside JSON."""
    for one in (*config.issuers, *config.proxies):
        text = text.replace(json.dumps(json.dumps(one.issuer))[1:-1], "")
    return text


def _host(event: Mapping[str, Any], config: Config) -> str:
    name = (event["pathParameters"] or {}).get("destination", config.default_destination)
    destination = config.destination(name)
    return destination.studio_host if destination else ""


def _url_differences(
    expected: Expectation, headers: Mapping[str, str], body: str, minted: Mint, host: str
) -> list[str]:
    redirects = expected.status // 100 == 3  # noqa: PLR2004 - the class of redirections
    url = headers.get("Location", "") if redirects else _json(body).get("url", "")
    parts = urlsplit(str(url))
    found = [] if (parts.scheme, parts.netloc) == ("https", host) else [f"a URL of {parts.netloc or 'nowhere'}"]
    return found + ([] if url == minted.url.get_secret_value() else ["another URL than was minted"])


def _problem_differences(expected: Expectation, headers: Mapping[str, str], body: str) -> list[str]:
    problem = _json(body)
    kind = headers.get("Content-Type")
    found = [] if kind == "application/problem+json" else [f"Content-Type: {kind}"]
    if str(problem.get("type")).rpartition(":")[2] != expected.problem:
        found.append(f"type {problem.get('type')}")
    return found + ([] if problem.get("status") == expected.status else [f"status {problem.get('status')} in the body"])


def _json(body: str) -> dict[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
