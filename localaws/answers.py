"""Whether an answer of the function is the one that was promised."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from localaws.expectations import Expectation
from localaws.studio import Mint
from studio_gate.config import Config
from studio_gate.errors import Problem

_ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
# Under no-referrer a page's own forms would come as from nowhere (Fetch, section 3.2).
_OF_PAGES = {"Referrer-Policy": "same-origin"}
# What is not asked for where no landing is.
_LANDINGS = ("SpaceName", "LandingUri")
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
    always = _ALWAYS | (_OF_PAGES if expected.page else {})
    found += [f"{name}: {headers.get(name)}" for name, value in always.items() if headers.get(name) != value]
    body = str(answer.get("body", ""))
    if expected.mints and minted:
        found += _url_differences(expected, headers, body, minted[0], _is_host(event, config))
        found += _mint_differences(expected, minted[0])
    else:
        found += _redirect_differences(expected, headers)
        if _URL.search(_less_known(_less_redirect(answer), config)):
            found.append("a URL in the answer")
    if expected.page:
        return found + _page_differences(expected, headers, body)
    return found + (_problem_differences(expected, headers, body) if expected.problem else [])


def _less_redirect(answer: Mapping[str, Any]) -> str:
    """Return the answer as JSON without where it leads, which is judged by itself."""
    kept = {name: value for name, value in (answer.get("multiValueHeaders") or {}).items() if name != "Location"}
    return json.dumps({**answer, "multiValueHeaders": kept})


def _less_known(text: str, config: Config) -> str:
    """Take out the URLs that open nothing.

    Who vouches for a caller: the whole value, as it stands in a body inside JSON. The gate's own for people. And where
    a page's form may lead: an origin and nothing behind it, as a Content-Security-Policy has it.
    """
    issuers = (*config.issuers, *config.proxies, *((config.sign_in,) if config.sign_in else ()))
    for one in issuers:
        text = text.replace(json.dumps(json.dumps(one.issuer))[1:-1], "")
    if config.sign_in:
        # The portal's bookmarks: whoever opens one signs in first.
        text = re.sub(rf"{re.escape(config.sign_in.base)}/open/[a-z0-9-]+(?=[?\\\"])", "", text)
    origins = "|".join(re.escape(one.origin) for one in config.destinations)
    return re.sub(rf"({origins})(?=[ ;])", "", text)


def _redirect_differences(expected: Expectation, headers: Mapping[str, str]) -> list[str]:
    location = headers.get("Location")
    if expected.leads_to is None:
        return [] if location is None else ["a URL in the answer"]
    there = urlsplit(location or "")
    return [] if (location or "").startswith(expected.leads_to) else [f"a redirect to {there.netloc or 'nowhere'}"]


def _page_differences(expected: Expectation, headers: Mapping[str, str], body: str) -> list[str]:
    """Hold a page against what every page is: HTML without scripts that no other site frames."""
    kind, policy = headers.get("Content-Type"), headers.get("Content-Security-Policy", "")
    found = [] if kind == "text/html; charset=utf-8" else [f"Content-Type: {kind}"]
    rules = {rule.strip() for rule in policy.split(";")}
    if not {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} <= rules or "script-src" in policy:
        found.append(f"Content-Security-Policy: {policy}")
    title = Problem[expected.problem.upper().replace("-", "_")].title if expected.problem else ""
    return found + ([] if f"<h1>{title}" in body else ["another page"])


def _is_host(event: Mapping[str, Any], config: Config) -> Callable[[str], bool]:
    name = (event["pathParameters"] or {}).get("destination", config.default_destination)
    destination = config.destination(name)
    return destination.is_host if destination else lambda _: False


def _url_differences(
    expected: Expectation, headers: Mapping[str, str], body: str, minted: Mint, is_host: Callable[[str], bool]
) -> list[str]:
    redirects = expected.status // 100 == 3  # noqa: PLR2004 - the class of redirections
    url = headers.get("Location", "") if redirects else _json(body).get("url", "")
    parts = urlsplit(str(url))
    found = [] if parts.scheme == "https" and is_host(parts.netloc) else [f"a URL of {parts.netloc or 'nowhere'}"]
    return found + ([] if url == minted.url.get_secret_value() else ["another URL than was minted"])


def _mint_differences(expected: Expectation, minted: Mint) -> list[str]:
    wanted = dict.fromkeys(_LANDINGS) | dict(expected.asked)
    return [f"{name} {minted.parameters.get(name)}" for name in wanted if minted.parameters.get(name) != wanted[name]]


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
