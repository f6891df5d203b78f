"""SageMaker's API in one signed request, without a client for each session: docs/decisions/0014 says why.

Botocore signs, finds the certificate authorities and knows the endpoints; urllib3 sends.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import botocore
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError
from botocore.httpsession import get_cert_path

from studio_gate.upstream import CONNECT_SECONDS, LONGEST_IDLE

# AWS JSON 1.1, as the service model says (botocore's data of sagemaker: protocol, jsonVersion and targetPrefix).
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    # What CloudTrail shows.
    "User-Agent": f"studio-gate Botocore/{botocore.__version__}",
}
_OK = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where SageMaker is asked: a region, and the URL of its API where that is not the region's usual one."""

    region: str
    url: str | None = None


@dataclass(slots=True)
class SageMaker:
    """SageMaker's API over connections that are kept, one set for each URL. Nothing is connected before it is asked.

    The answer may hold a secret: it passes through no proxy, whatever the environment says. Of the environment it takes
    what AWS's tools do: AWS_ENDPOINT_URL_SAGEMAKER, AWS_ENDPOINT_URL and AWS_CA_BUNDLE.
    """

    environ: Mapping[str, str] = field(repr=False)
    _pools: dict[str, urllib3.HTTPConnectionPool] = field(default_factory=dict, repr=False)
    _used: float = 0.0

    def ask(
        self, place: Place, operation: str, inputs: Mapping[str, object], credentials: ReadOnlyCredentials, seconds: int
    ) -> Mapping[str, object]:
        """Return the answer to one attempt, which is a JSON object; for use within `upstream.call`.

        `ClientError` with the code of a refusal, urllib3's `HTTPError` when there is no answer, `ValueError` or
        `TypeError` when it is none of SageMaker's. Connecting and each wait for a packet end in time; the whole may
        take longer.
        """
        url, body = self._url(place), json.dumps(inputs).encode()
        request = AWSRequest("POST", f"{url}/", _HEADERS | {"X-Amz-Target": f"SageMaker.{operation}"}, body)
        SigV4Auth(credentials, "sagemaker", place.region).add_auth(request)
        answer = self._pool(url).urlopen(
            "POST",
            "/",
            body=body,
            headers=dict(request.headers.items()),
            retries=False,
            redirect=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds - CONNECT_SECONDS),
        )
        if answer.status != _OK:
            raise ClientError({"Error": {"Code": _code(answer)}}, operation)
        told = json.loads(answer.data)
        if not isinstance(told, dict):
            raise TypeError("not a JSON object")
        return told

    def _url(self, place: Place) -> str:
        given = self.environ.get("AWS_ENDPOINT_URL_SAGEMAKER") or self.environ.get("AWS_ENDPOINT_URL") or place.url
        # AWS general reference, "Amazon SageMaker AI endpoints and quotas"; the `aws` partition.
        return (given or f"https://api.sagemaker.{place.region}.amazonaws.com").rstrip("/")

    def _pool(self, url: str) -> urllib3.HTTPConnectionPool:
        # The wall clock, because the other stands still while the environment is frozen.
        if time.time() - self._used > LONGEST_IDLE:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()
        self._used = time.time()
        if url not in self._pools:
            authorities = self.environ.get("AWS_CA_BUNDLE") or get_cert_path(verify=True)
            checked = {"cert_reqs": "CERT_REQUIRED", "ca_certs": authorities} if url.startswith("https:") else {}
            self._pools[url] = urllib3.connection_from_url(url, **checked)
        return self._pools[url]


def _code(answer: urllib3.BaseHTTPResponse) -> str:
    """Return the error code of a refusal, or its status where there is none (AWS JSON 1.1, "Operation error")."""
    try:
        told = json.loads(answer.data)
    except ValueError:
        return str(answer.status)
    given = answer.headers.get("x-amzn-errortype") or told.get("__type", str(answer.status))
    # Of "namespace#Code" and "Code:where to read about it", the code.
    return given.partition(":")[0].rpartition("#")[2]
