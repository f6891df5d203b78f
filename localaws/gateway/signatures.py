"""SigV4 as API Gateway checks it: everything recomputed by botocore from what arrived, then compared.

Only signatures in the `Authorization` header; one in the query counts as none.
Source: IAM user guide, "Create a signed AWS API request".
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, override
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from localaws.gateway.messages import Request
from localaws.gateway.refusals import Refusal, RefusedError

# What a caller's own account has to grant beside the gate's, in IAM's terms: where the resource policy names accounts,
# their administrators decide who of them may call.
MAY_INVOKE = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "MayInvoke", "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}],
}

# The difference of clocks that AWS forgives.
_SKEW = timedelta(minutes=5)
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<key>[A-Za-z0-9]{16,128})/(?P<scope>[^,\s]+), *"
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), *Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose access key it is. `identity_policies` are the role's own, which count beside the resource policy."""

    secret: str = field(repr=False)
    session_token: str | None = field(repr=False)
    account: str
    user_arn: str
    principal_id: str
    org_id: str | None = None
    identity_policies: tuple[Mapping[str, Any], ...] = (MAY_INVOKE,)


@dataclass(frozen=True, slots=True)
class Signer:
    """A caller whose signature holds, and the access key it was made with."""

    access_key: str
    caller: Caller


class _Signature(SigV4Auth):
    """Signs what the client says it signed, also headers that botocore itself never would."""

    @override
    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers


def verify(request: Request, callers: Mapping[str, Caller], region: str, now: datetime) -> Signer:
    """Return who signed the request for execute-api in that region; `RefusedError` when nobody did, or not rightly."""
    if not request.values("authorization"):
        raise RefusedError(Refusal.MISSING_AUTHENTICATION_TOKEN)
    parts = _AUTHORIZATION.fullmatch(request.value("authorization") or "")
    caller = callers.get(parts["key"]) if parts else None
    if parts is None or caller is None:
        raise RefusedError(Refusal.INVALID_SIGNATURE)
    signed = parts["signed"].split(";")
    if not (_covers(request, signed) and _same(request.value("x-amz-security-token"), caller.session_token)):
        raise RefusedError(Refusal.INVALID_SIGNATURE)
    auth = _Signature(Credentials(parts["key"], caller.secret), "execute-api", region)
    asked = _asked(request, signed, now)
    expected = auth.signature(auth.string_to_sign(asked, auth.canonical_request(asked)), asked)
    if not (_same(parts["scope"], auth.credential_scope(asked)) and _same(parts["signature"], expected)):
        raise RefusedError(Refusal.INVALID_SIGNATURE)
    return Signer(parts["key"], caller)


def _covers(request: Request, signed: list[str]) -> bool:
    """Tell whether host and every x-amz header are signed, and nothing that is not there or named out of order."""
    present = {name.lower() for name, _ in request.headers}
    needed = {"host", "x-amz-date"} | {name for name in present if name.startswith("x-amz-")}
    return signed == sorted(set(signed)) and needed <= set(signed) <= present


def _asked(request: Request, signed: list[str], now: datetime) -> AWSRequest:
    timestamp = request.value("x-amz-date") or ""
    try:
        moment = datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise RefusedError(Refusal.INVALID_SIGNATURE) from None
    digest = sha256(request.body).hexdigest()
    # botocore takes the client's word for it.
    if abs(now - moment) > _SKEW or request.values("x-amz-content-sha256") not in ([], [digest]):
        raise RefusedError(Refusal.INVALID_SIGNATURE)
    # Decoded and encoded once more, so that each query has one form; botocore sorts it.
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in request.query)
    asked = AWSRequest(request.method, f"http://gateway{request.path}?{query}", data=request.body)
    for name, value in request.headers:
        if name.lower() in signed:
            asked.headers[name] = value
    asked.context["timestamp"] = timestamp
    return asked


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _same(given: str | None, expected: str | None) -> bool:
    if given is None or expected is None:
        return given is expected
    return hmac.compare_digest(given.encode(), expected.encode())
