"""What browsers need of the gateway: a name of its own over TLS, forms, cookies in both directions."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from localaws.gateway.api import API_ID
from localaws.gateway.serving import Addresses, Domain, serving
from localaws.person import Person
from localaws.studio_site.certificate import Authority
from tests.gateway.clients import CALLERS, signed
from tests.gateway.conftest import Calls, Stack

HOST, OWN = "studio.corp.example", f"{API_ID}.execute-api.eu-central-1.amazonaws.com"
STRANGER = "other.corp.example"


@dataclass(frozen=True)
class Served:
    """A browser, and where the gateway listens."""

    person: Person
    addresses: Addresses


@pytest.fixture
def served(stack: Stack, calls: Calls, aws: None) -> Iterator[Served]:
    authority = Authority()
    domain = Domain(HOST, authority.issue(HOST, OWN, STRANGER).context())
    with serving(stack, CALLERS, calls, domain=domain) as addresses:
        port = addresses.domain_port
        assert port is not None
        yield Served(Person({HOST: port, OWN: port, STRANGER: port}, authority.pem), addresses)


@pytest.mark.parametrize(("host", "stage"), [(HOST, ""), (OWN, "/gate")])
def test_the_host_is_the_domain_name(served: Served, calls: Calls, host: str, stage: str) -> None:
    calls.answers.append({"statusCode": 200})
    assert served.person.send("GET", f"https://{host}{stage}/open/research").status == 200
    event = calls.events[-1]
    context = event["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == (host, host.partition(".")[0])
    assert (context["path"], context["stage"]) == (f"{stage}/open/research", "gate")
    assert event["path"] == "/open/research"
    assert event["resource"] == context["resourcePath"] == "/open/{destination}"


WRONG = {f"{HOST}/gate/health": "MissingAuthenticationTokenException", f"{OWN}/health": "ForbiddenException"}


@pytest.mark.parametrize(("url", "error"), WRONG.items(), ids=WRONG)
def test_the_stage_is_in_the_path_under_the_api_s_own_name_alone(
    served: Served, calls: Calls, url: str, error: str
) -> None:
    reply = served.person.send("GET", f"https://{url}")
    assert (reply.status, reply.values("x-amzn-errortype"), calls.events) == (403, [error], [])


@pytest.mark.parametrize("path", ["/iam/me", "/iam/url/research?expires_in=10&session_expires_in=1800"])
def test_a_signature_for_the_domain_s_address_holds(served: Served, calls: Calls, path: str) -> None:
    calls.answers.append({"statusCode": 200})
    url = f"https://{HOST}{path}"
    for signed_for, status in ((url, 200), (f"https://{HOST}/gate{path}", 403), (f"https://{OWN}{path}", 403)):
        headers = {name: value for name, value in signed(signed_for).items() if name != "Host"}
        assert served.person.send("GET", url, headers=headers).status == status, signed_for
    assert len(calls.events) == 1


def test_a_name_that_is_not_the_api_s_is_forbidden(served: Served, calls: Calls) -> None:
    reply = served.person.send("GET", f"https://{STRANGER}/gate/health")
    assert (reply.status, reply.values("x-amzn-errortype"), calls.events) == (403, ["ForbiddenException"], [])


def test_through_the_domain_requests_come_from_the_endpoint(served: Served, calls: Calls) -> None:
    served.person.send("GET", f"https://{HOST}/health")
    assert calls.events[-1]["requestContext"]["identity"]["vpceId"] == "vpce-0a1b2c3d4e5f60718"


def test_a_form_reaches_the_function_as_text(served: Served, calls: Calls) -> None:
    calls.answers.append({"statusCode": 204, "body": ""})
    assert served.person.send("POST", f"https://{HOST}/signin/callback", "state=a%20b&id_token=x.y.z").status == 204
    (event,) = calls.events
    assert (event["resource"], event["httpMethod"]) == ("/signin/callback", "POST")
    assert (event["body"], event["isBase64Encoded"]) == ("state=a%20b&id_token=x.y.z", False)
    assert event["multiValueHeaders"]["Content-Type"] == ["application/x-www-form-urlencoded"]


def test_cookies_go_both_ways_each_with_its_own_header(served: Served, calls: Calls) -> None:
    cookies = ["__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax", "__Host-b=2; Path=/; Secure; SameSite=None"]
    headers = {"Set-Cookie": cookies, "Location": ["/"]}
    calls.answers.extend([{"statusCode": 303, "multiValueHeaders": headers, "body": ""}, {"statusCode": 200}])
    reply = served.person.send("GET", f"https://{HOST}/open")
    assert (reply.status, reply.values("set-cookie")) == (303, cookies)
    served.person.send("GET", f"https://{HOST}/open")
    assert calls.events[-1]["multiValueHeaders"]["Cookie"] == ["__Host-a=1; __Host-b=2"]


def test_who_speaks_no_tls_is_dropped_and_nothing_is_written(
    served: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    port = served.addresses.domain_port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: studio.corp.example\r\n\r\n")
        assert b"200" not in plain.recv(1000)
    # Whoever says nothing holds up nobody.
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        assert served.person.send("GET", f"https://{HOST}/health").status == 200
    assert (capfd.readouterr().err, caplog.text) == ("", "")


def test_without_a_domain_nothing_is_served_over_tls(gate: Addresses) -> None:
    assert gate.domain_port is None
