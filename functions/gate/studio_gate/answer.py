"""The answers: redirect, JSON and problems, with headers that keep a URL out of caches, logs and referrers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio_gate.authorise import rfc3339
from studio_gate.bodies import Details, Health, Launched, Limits, Me, Openable, Who
from studio_gate.destination_config import Bounds
from studio_gate.destinations import Target
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller
from studio_gate.mint import MintedUrl

ALWAYS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


# Written by docs/generate.py.
_DOCUMENT = Path(__file__).with_name("openapi.json")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. It may hold a presigned URL, so its `repr` shows the status alone."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)


def _json(text: str) -> Answer:
    return Answer(200, ALWAYS | {"Content-Type": "application/json"}, text)


def health() -> Answer:
    """Answer 200 and nothing else."""
    return _json(json.dumps(Health(status="ok")))


def document() -> Answer:
    """Answer 200 with the API's own description (OpenAPI 3.1), as it ships."""
    return _json(_DOCUMENT.read_text(encoding="utf-8"))


def see(location: str) -> Answer:
    """Answer 303 to a URL, which a browser then gets whatever it sent, with an empty body."""
    return Answer(303, ALWAYS | {"Location": location}, "")


def redirect(minted: MintedUrl) -> Answer:
    """Answer 302 to the presigned URL, with an empty body."""
    return Answer(302, ALWAYS | {"Location": minted.url.get_secret_value()}, "")


def url(minted: MintedUrl, request_id: str) -> Answer:
    """Answer 200 with the presigned URL and what it opens."""
    target = minted.grant.decision.target
    body = Launched(
        url=minted.url.get_secret_value(),
        expires_at=rfc3339(minted.expires_at),
        session_expires_at=rfc3339(minted.session_expires_at),
        destination=target.destination.name,
        profile=target.profile,
        space=target.space.name if target.space else None,
        request_id=request_id,
    )
    return _json(json.dumps(body))


def me(caller: Caller, targets: Sequence[Target]) -> Answer:
    """Answer 200 with who is calling and, for each profile they may open, its destination and bounds in seconds."""
    who = Who(
        proof=caller.proof.value,
        issuer=caller.issuer,
        subject=caller.subject,
        name=caller.name,
        email=caller.email,
        groups=sorted(caller.groups),
    )
    return _json(json.dumps(Me(caller=who, may_open=[_openable(one) for one in targets])))


def _openable(target: Target) -> Openable:
    where = target.destination
    return Openable(
        destination=where.name,
        profile=target.profile,
        kind=where.kind,
        title=where.shown,
        description=where.description,
        expires_in=_limits(target.bounds.expires_in),
        session_expires_in=_limits(target.bounds.session_expires_in),
    )


def _limits(bounds: Bounds) -> Limits:
    return Limits(default=bounds.default, maximum=bounds.maximum)


def retry_after(kind: Problem) -> dict[str, str]:
    """Return the header that says when trying again may help."""
    return {} if kind.retry_after is None else {"Retry-After": str(kind.retry_after)}


def problem(error: GateError, request_id: str, besides: Mapping[str, str] | None = None) -> Answer:
    """Answer with RFC 9457 problem details: the table's own words, the named parameters, the request id.

    `besides` are the headers that this failure needs on this route.
    """
    kind = error.problem
    body = Details(type=kind.type, title=kind.title, status=kind.status, detail=kind.detail, request_id=request_id)
    if error.parameters:
        body["parameters"] = [{"name": one.name, "detail": one.detail} for one in error.parameters]
    headers = ALWAYS | {"Content-Type": "application/problem+json"} | dict(besides or {}) | retry_after(kind)
    return Answer(kind.status, headers, json.dumps(body))
