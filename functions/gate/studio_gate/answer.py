"""The answers: redirect, JSON and problems, with headers that keep a URL out of caches, logs and referrers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio_gate.authorise import rfc3339
from studio_gate.destinations import Target
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller
from studio_gate.mint import MintedUrl

_ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
# RFC 9110, section 15.5.6: what it must say besides.
_BESIDES = {Problem.METHOD_NOT_ALLOWED: {"Allow": "GET"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. It may hold a presigned URL, so its `repr` shows the status alone."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)


def json_answer(body: Mapping[str, object]) -> Answer:
    """Answer 200 with a JSON object."""
    return Answer(200, _ALWAYS | {"Content-Type": "application/json"}, json.dumps(body))


def redirect(minted: MintedUrl) -> Answer:
    """Answer 302 to the presigned URL, with an empty body."""
    return Answer(302, _ALWAYS | {"Location": minted.url.get_secret_value()}, "")


def url(minted: MintedUrl, request_id: str) -> Answer:
    """Answer 200 with the presigned URL and what it opens."""
    target = minted.grant.decision.target
    return json_answer(
        {
            "url": minted.url.get_secret_value(),
            "expires_at": rfc3339(minted.expires_at),
            "session_expires_at": rfc3339(minted.session_expires_at),
            "destination": target.destination.name,
            "profile": target.profile,
            "space": None,
            "request_id": request_id,
        }
    )


def me(caller: Caller, targets: Sequence[Target]) -> Answer:
    """Answer 200 with who is calling and, for each profile they may open, its destination and bounds in seconds."""
    who = {name: getattr(caller, name) for name in ("proof", "issuer", "subject", "name", "email")}
    who["groups"] = sorted(caller.groups)
    bounds = {"kind", "expires_in", "session_expires_in"}
    may_open = [
        {"destination": one.destination.name, "profile": one.profile, **one.destination.model_dump(include=bounds)}
        for one in targets
    ]
    return json_answer({"caller": who, "may_open": may_open})


def problem(error: GateError, request_id: str, challenge: str | None = None) -> Answer:
    """Answer with RFC 9457 problem details: the table's own words, the named parameters, the request id.

    `challenge` names the proof that the route takes (RFC 9110, section 11.6.1); a 401 says it.
    """
    kind = error.problem
    body: dict[str, object] = {"type": kind.type, "title": kind.title, "status": kind.status, "detail": kind.detail}
    if error.parameters:
        body["parameters"] = [{"name": one.name, "detail": one.detail} for one in error.parameters]
    headers = _ALWAYS | {"Content-Type": "application/problem+json"} | _BESIDES.get(kind, {})
    if kind is Problem.NOT_PROVED and challenge:
        headers |= {"WWW-Authenticate": challenge}
    if kind.retry_after is not None:
        headers |= {"Retry-After": str(kind.retry_after)}
    return Answer(kind.status, headers, json.dumps(body | {"request_id": request_id}))
