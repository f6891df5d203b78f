"""The listeners: TLS that verifies, sockets that close, and nothing that a strange client could break."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from localaws import studio_site
from tests.site.world import DOMAIN, World, exchange

CURL = shutil.which("curl")
HOST = f"{DOMAIN}.studio.eu-central-1.sagemaker.aws"
GET = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def test_the_three_ways_have_three_ports_on_loopback_that_close(opened: World, tmp_path: Path) -> None:
    with studio_site.serving(opened.enforced, folder=tmp_path) as site:
        assert (site.address, len(set(site.ports))) == ("127.0.0.1", 3)
        assert [exchange(site, port, HOST, GET).status for port in site.ports] == [302, 302, 302]
        assert site.authority.parent == tmp_path
    for port in site.ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((site.address, port), timeout=5)


def test_the_authority_is_gone_afterwards_unless_a_folder_was_given(opened: World, tmp_path: Path) -> None:
    with studio_site.serving(opened.enforced) as site:
        assert "PRIVATE" not in site.authority.read_text()
    assert not site.authority.exists()
    with studio_site.serving(opened.enforced, folder=tmp_path) as site:
        pass
    assert [path.name for path in tmp_path.iterdir()] == [site.authority.name]


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("example.com", id="another host"),
        pytest.param(HOST.replace("eu-central-1", "us-east-1"), id="another region"),
        pytest.param(f"x.{HOST}", id="a host below"),
    ],
)
def test_the_certificate_is_for_no_other_host(opened: World, host: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        exchange(opened.site, opened.site.inside, host, GET)


def test_two_runs_share_no_authority(opened: World, tmp_path: Path) -> None:
    with studio_site.serving(opened.enforced, folder=tmp_path) as other:
        mixed = studio_site.Site(other.address, *other.ports, opened.site.authority)
        with pytest.raises(ssl.SSLCertVerificationError):
            exchange(mixed, mixed.inside, HOST, GET)


# Not much longer than what is read of it: a server that closes on unread bytes resets the connection.
STRANGE = {
    "another method": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 501),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "a request line that is none": (b"GET /auth?token=canary x HTTP/1.1\r\n\r\n", 400),
    "a target that is no path": (b"GET http://[?canary HTTP/1.1\r\nHost: x\r\n\r\n", 302),
    "a target that is too long": (b"GET /" + b"canary" * 11_000 + b" HTTP/1.1\r\n\r\n", 414),
    "bytes that are no ASCII": (b"GET /auth?token=\xff\xfe HTTP/1.1\r\nHost: \xff\r\n\r\n", 403),
}


@pytest.mark.parametrize(("request_", "status"), STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_request_is_answered_without_an_echo(
    opened: World, capfd: pytest.CaptureFixture[str], request_: bytes, status: int
) -> None:
    reply = exchange(opened.site, opened.site.inside, HOST, request_)
    assert reply.status == status
    written = capfd.readouterr()
    assert "canary" not in f"{reply}{written}"
    assert written.err == ""


def test_a_client_without_tls_or_patience_holds_up_nobody(opened: World, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        socket.create_connection((opened.site.address, opened.site.inside), timeout=5) as silent,
        socket.create_connection((opened.site.address, opened.site.inside), timeout=5) as plain,
    ):
        plain.sendall(GET)
        assert exchange(opened.site, opened.site.inside, HOST, GET).status == 302
        assert not plain.recv(1 << 16).startswith(b"HTTP")
        silent.close()
    assert exchange(opened.site, opened.site.inside, HOST, GET).status == 302
    assert capfd.readouterr().err == ""


def test_an_error_of_our_own_is_shown(
    opened: World, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_site.Studio, "answer", lambda *_: 1 // 0)
    with pytest.raises(ConnectionError):
        exchange(opened.site, opened.site.inside, HOST, GET)
    assert "ZeroDivisionError" in capfd.readouterr().err


# A fresh machine may have none; CI may not.
@pytest.mark.skipif(not (CURL or os.environ.get("CI")), reason="curl is not installed")
def test_curl_opens_it_with_the_options_that_the_site_gives(opened: World) -> None:
    url = opened.launch()["url"]
    for port, status in zip(opened.site.ports, ("200", "403", "403"), strict=True):
        options = ["--silent", "--location", "--cookie", "", "--output", "-", "--write-out", "\n%{http_code}"]
        command = [str(CURL), *options, *opened.site.curl(port).split(), url]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)  # noqa: S603 - as above
        body, _, seen = done.stdout.rpartition("\n")
        assert seen == status
        assert bool(re.search(r"Studio \(stand-in\)", body)) == (status == "200")
