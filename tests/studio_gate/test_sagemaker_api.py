"""One signed request to SageMaker is the one that botocore's client would send."""

from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, override

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config as ClientConfig
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError
from botocore.session import get_session

from studio_gate.errors import GateError, Problem
from studio_gate.sagemaker_api import Place, SageMaker
from studio_gate.upstream import call
from tests.serving import serving
from tests.upstream_server import Told, Upstream

KEYS = ReadOnlyCredentials("ASIAEXAMPLE", "secret-canary", "token-canary")
PLACE = Place("eu-west-1")
INPUTS = {"DomainId": "d-1", "UserProfileName": "alice", "ExpiresInSeconds": 30}


class _Recorder(ThreadingHTTPServer):
    """Keeps the headers and the body of each request, and the connections it came through."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.connections: set[Any] = set()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Recorder

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.connections.add(self.client_address)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def recorder() -> Iterator[_Recorder]:
    with _Recorder() as server, serving(server, Event()):
        yield server


def of_the_gate(recorder: _Recorder, operation: str, inputs: Mapping[str, object]) -> tuple[dict[str, str], bytes]:
    """What the gate sends."""
    SageMaker({"AWS_ENDPOINT_URL": recorder.url}).ask(PLACE, operation, inputs, KEYS, 2)
    return recorder.seen[-1]


def test_it_says_what_botocore_s_client_says(recorder: _Recorder) -> None:
    client = boto3.client(
        "sagemaker",
        region_name=PLACE.region,
        endpoint_url=recorder.url,
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
        aws_session_token=KEYS.token,
        config=ClientConfig(retries={"total_max_attempts": 1}),
    )
    client.create_presigned_domain_url(**INPUTS)
    theirs, their_body = recorder.seen[-1]
    ours, our_body = of_the_gate(recorder, "CreatePresignedDomainUrl", INPUTS)
    assert our_body == their_body
    same = ("content-type", "x-amz-target", "x-amz-security-token", "host", "content-length")
    assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}
    parts = ("Credential", "SignedHeaders")
    assert [ours["authorization"].split(part)[1].split(",")[0] for part in parts] == [
        theirs["authorization"].split(part)[1].split(",")[0] for part in parts
    ]


def test_the_signature_is_of_what_is_sent(recorder: _Recorder) -> None:
    headers, body = of_the_gate(recorder, "CreatePresignedDomainUrl", INPUTS)
    signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"} <= set(signed)
    again = AWSRequest("POST", f"{recorder.url}/", {name: headers[name] for name in signed}, body)
    again.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(KEYS, "sagemaker", PLACE.region)
    expected = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
    assert headers["authorization"].endswith(f"Signature={expected}")


def test_the_protocol_is_that_of_the_service_model() -> None:
    metadata = get_session().get_service_model("sagemaker").metadata
    assert (metadata["protocol"], metadata["jsonVersion"], metadata["targetPrefix"]) == ("json", "1.1", "SageMaker")
    assert metadata["signatureVersion"] == "v4"
    assert metadata.get("signingName", metadata["endpointPrefix"]) in {"sagemaker", "api.sagemaker"}


ENDPOINTS: dict[str, tuple[dict[str, str], str | None, str]] = {
    "the region's own": ({}, None, "https://api.sagemaker.eu-west-1.amazonaws.com"),
    "the destination's": ({}, "https://vpce-1.api.example", "https://vpce-1.api.example"),
    "the environment's": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9/"}, "https://x.example", "http://127.0.0.1:9"),
    "the environment's for SageMaker": (
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_SAGEMAKER": "http://127.0.0.1:8"},
        None,
        "http://127.0.0.1:8",
    ),
}


@pytest.mark.parametrize(("environ", "given", "url"), ENDPOINTS.values(), ids=ENDPOINTS.keys())
def test_where_it_asks(environ: dict[str, str], given: str | None, url: str) -> None:
    assert SageMaker(environ)._url(Place("eu-west-1", given)) == url  # noqa: SLF001 - the real one is out of reach


def test_the_region_s_own_endpoint_is_the_one_that_botocore_knows() -> None:
    client = boto3.client("sagemaker", region_name=PLACE.region)
    assert SageMaker({})._url(PLACE) == client.meta.endpoint_url  # noqa: SLF001 - it is out of reach


def test_an_authority_that_is_not_trusted_gets_nothing() -> None:
    pool = SageMaker({})._pool("https://localhost:1")  # noqa: SLF001 - how it would be connected
    assert pool.cert_reqs == "CERT_REQUIRED"  # type: ignore[attr-defined]
    assert pool.ca_certs  # type: ignore[attr-defined]
    assert SageMaker({"AWS_CA_BUNDLE": "/x.pem"})._pool("https://localhost:1").ca_certs == "/x.pem"  # type: ignore[attr-defined]  # noqa: SLF001


def test_a_connection_serves_many_requests(recorder: _Recorder) -> None:
    api = SageMaker({"AWS_ENDPOINT_URL": recorder.url})
    for _ in range(3):
        api.ask(PLACE, "DescribeDomain", {}, KEYS, 2)
    assert (len(recorder.seen), len(recorder.connections)) == (3, 1)


REFUSALS = {
    "a code": (Told(400, '{"__type": "ValidationException"}'), "ValidationException"),
    "a code in a namespace": (Told(400, '{"__type": "com.amazonaws.x#Throttling"}'), "Throttling"),
    "a code and where to read about it": (Told(400, '{"__type": "AccessDenied:http://x/"}'), "AccessDenied"),
    "JSON without a code": (Told(400, "{}"), "400"),
    "no JSON": (Told(502, "<html>"), "502"),
    "nothing": (Told(503, ""), "503"),
    "a redirect, which is not followed": (Told(307, ""), "307"),
}


@pytest.mark.parametrize(("told", "code"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_has_a_code(server: Upstream, told: Told, code: str) -> None:
    server.sagemaker = told
    with pytest.raises(ClientError) as caught:
        SageMaker({"AWS_ENDPOINT_URL": server.url}).ask(PLACE, "DescribeDomain", {}, KEYS, 2)
    assert caught.value.response["Error"]["Code"] == code
    assert len(server.sagemaker_calls) == 1


def test_nobody_there_is_unavailable() -> None:
    api = SageMaker({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    with pytest.raises(GateError) as caught:
        call("sagemaker", 2, lambda: api.ask(PLACE, "DescribeDomain", {}, KEYS, 2))
    assert (caught.value.problem, caught.value.reason) == (Problem.UNAVAILABLE, "sagemaker-unreachable")


def test_nothing_shows_the_credentials() -> None:
    assert "canary" not in repr(SageMaker({"AWS_SECRET_ACCESS_KEY": "canary"}))
