"""Who calls the gateway in these tests, how they sign, and what they get."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localaws.gateway.signatures import Caller

ALICE, ADMIN, STRANGER = "ASIAEXAMPLEEXAMPLE01", "AKIAEXAMPLEEXAMPLE02", "ASIAEXAMPLEEXAMPLE03"
ROLE = "AWSReservedSSO_DataScientist_0123456789abcdef"
CALLERS = {
    ALICE: Caller(
        secret="wJalrXUtnFEMI/K7MDENG",  # noqa: S106 - AWS's own example
        session_token="not-a-real-token",  # noqa: S106 - as it says
        account="111122223333",
        user_arn=f"arn:aws:sts::111122223333:assumed-role/{ROLE}/alice@example.com",
        principal_id="AROAEXAMPLESCIENTIST1:alice@example.com",
        org_id="o-exampleorgid",
    ),
    ADMIN: Caller(
        secret="another+secret",  # noqa: S106 - opens nothing
        session_token=None,
        account="111122223333",
        user_arn="arn:aws:iam::111122223333:user/admin",
        principal_id="AIDAEXAMPLEADMIN00001",
    ),
    STRANGER: Caller(
        secret="a/third/secret",  # noqa: S106 - opens nothing
        session_token="stranger",  # noqa: S106 - opens nothing
        account="999988887777",
        user_arn=f"arn:aws:sts::999988887777:assumed-role/{ROLE}/alice@example.com",
        principal_id="AROAEXAMPLESTRANGER01:alice@example.com",
        org_id="o-anotherorgid",
    ),
}


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def decoded(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def by_gateway(self) -> str | None:
        """The gateway's error type; None when the function answered."""
        return self.headers.get("x-amzn-errortype")


def credentials(key: str = ALICE) -> Credentials:
    return Credentials(key, CALLERS[key].secret, CALLERS[key].session_token)


def signed(
    url: str,
    who: Credentials | None = None,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    service: str = "execute-api",
    region: str = "eu-central-1",
) -> dict[str, str]:
    """Return the headers of a signed request, the host's among them."""
    given = {"Host": urlsplit(url).netloc} | dict(headers or {})
    request = AWSRequest(method, url, given)
    SigV4Auth(who or credentials(), service, region).add_auth(request)
    return dict(request.headers.items())


def send(url: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes = b"") -> Reply:
    """Send a request with exactly these headers, and Host if there is none."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    given = {"Host": parts.netloc} | dict(headers or {})
    connection.putrequest(method, url.partition(parts.netloc)[2], skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    reply = Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    connection.close()
    return reply


def get(url: str, key: str = ALICE) -> Reply:
    """Send a signed GET."""
    return send(url, signed(url, credentials(key)))
