"""What may be typed, and what is then asked of the gate."""

import posixpath
import subprocess
import sys
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from studio_gate import landing
from studio_gate_cli import gates, main
from studio_gate_cli.launching import APPS
from tests.cli.conftest import Run
from tests.cli.scripted import Scripted

API = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/gate"
# Signed as it is sent: a blank is never a plus.
ENCODED = "lab%2Ftree%2F.a%2Fb%20c%2Bd%26e%3D%E6%97%A5.ipynb"
ASKED = {
    "the default destination": (("url",), "/gate/iam/url"),
    "open asks for a URL too": (("open",), "/gate/iam/url"),
    "me": (("me",), "/gate/iam/me"),
    "destinations are in the answer of me": (("destinations",), "/gate/iam/me"),
    "a destination": (("url", "research"), "/gate/iam/url/research"),
    "a Studio profile": (("url", "--profile", "alice"), "/gate/iam/url?profile=alice"),
    "everything": (
        ("url", "research", "--profile", "alice", "--expires-in", "10", "--session-expires-in", "3600"),
        "/gate/iam/url/research?profile=alice&expires_in=10&session_expires_in=3600",
    ),
    "a space": (("open", "--space", "team-1"), "/gate/iam/url?space=team-1"),
    "an app": (("url", "research", "--app", "canvas"), "/gate/iam/url/research?app=canvas"),
    "a path": (("open", "--path", "lab/tree/.a/b c+d&e=\u65e5.ipynb"), f"/gate/iam/url?path={ENCODED}"),
    "a directory": (("open", "--path", "lab/tree/"), "/gate/iam/url?path=lab%2Ftree%2F"),
}


@pytest.mark.parametrize(("given", "path"), ASKED.values(), ids=ASKED.keys())
def test_what_is_asked(gate: Scripted, run: Run, browser: list[str], given: tuple[str, ...], path: str) -> None:
    run(*given)
    assert gate.paths == [path]


WRONG = {
    "no command": ((), "required"),
    "another command": (("mint",), "invalid choice"),
    "a presigned URL for a command": (("https://x/auth?token=url-canary",), "invalid choice: [...]"),
    "a presigned URL too many": (("me", "https://x/auth?token=url-canary"), "unrecognized arguments: [...]"),
    "a token for an option": (("me", "--" + "x" * 70 + "url-canary"), "unrecognized arguments: [...]"),
    "an abbreviated option": (("url", "--prof", "alice"), "unrecognized arguments"),
    "me of a destination": (("me", "research"), "unrecognized arguments"),
    "a path for a destination": (("url", "../me"), "must be the name of a destination"),
    "dots for a destination": (("url", ".."), "must be the name of a destination"),
    "a presigned URL for a destination": (("open", "https://x/?url-canary"), "must be the name of a destination"),
    "a query for a profile": (("url", "--profile", "a&b"), "must be the name of a Studio user profile"),
    "a path for a space": (("url", "--space", "a/b"), "must be the name of a space"),
    "another app": (("url", "--app", "jupyter"), "argument --app: invalid choice: 'jupyter'"),
    "an app in other letters": (("open", "--app", "JupyterLab"), "argument --app: invalid choice"),
    "no number": (("url", "--expires-in", "soon"), "--expires-in: must be a whole number of seconds"),
    "a negative number": (("url", "--session-expires-in=-5"), "must be a whole number of seconds"),
    "a number of other digits": (("url", "--expires-in", "\u0661\u0662"), "must be a whole number of seconds"),
    "http": (("url", "--gate", "http://gate.example/gate"), "must begin with https://"),
    "http to a name like loopback": (("url", "--gate", "http://127.0.0.1.example/gate"), "must begin with https://"),
    "another scheme": (("url", "--gate", "ftp://127.0.0.1/gate"), "must begin with https://"),
    "no host": (("url", "--gate", "gate.example"), "must look like https://host/stage"),
    "a user": (("url", "--gate", "https://me:secret-canary@gate.example"), "must look like https://host/stage"),
    "a presigned URL for the gate": (("url", "--gate", "https://x/auth?token=url-canary"), "must look like https"),
    "a broken address": (("url", "--gate", "https://[url-canary"), "must look like https://host/stage"),
    "a broken port": (("url", "--gate", "https://x:url-canary/"), "must look like https://host/stage"),
    "a path with dots": (("url", "--gate", "https://x/gate/../etc"), "must end with the stage"),
    "a region that is none": (("url", "--region", "moon"), "which region is the gate in?"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_asked(gate: Scripted, run: Run, given: tuple[str, ...], said: str) -> None:
    ran = run(*given)
    assert (ran.status, gate.paths) == (2, [])
    assert said in ran.err


PATHS = {
    "nothing": "",
    "the root": "/",
    "from the root": "/lab",
    "another host": "//evil.example",
    "an address": "https://evil.example/?url-canary",
    "an empty segment": "lab//evil.example",
    "two slashes at the end": "lab//",
    "one dot": ".",
    "two dots": "..",
    "two dots first": "../lab",
    "two dots inside": "lab/../../evil",
    "two dots last": "lab/..",
    "more dots": "lab/.../x",
    "a backslash": "\\evil.example",
    "encoded": "lab/%2e%2e",
    "a query": "lab?next=evil",
    "a fragment": "lab#evil",
    "a scheme": "javascript:alert(1)",
    "a newline": "lab\nevil",
    "a newline last": "lab\n",
    "a tab": "lab\tevil",
    "a zero": "lab\0",
    "a delete": "lab\x7f",
    "another line end": "lab\u2028evil",
    "other directions": "lab\u202eevil",
    "too long": "a" * 1024,
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_no_such_path_is_asked_for(gate: Scripted, run: Run, path: str) -> None:
    ran = run("open", f"--path={path}")
    assert (ran.status, gate.paths) == (2, [])
    assert "--path: must be a relative path, such as lab/tree/a.ipynb" in ran.err


@given(st.text() | st.text("./\\%?#:ab \n\u3002\uff0e"))
def test_no_path_leaves_where_it_begins(path: str) -> None:
    try:
        read = main.parser().parse_args(["open", f"--path={path}"]).path
    except SystemExit:
        return
    base = "https://gate.example/a/b/"
    assert read == path
    assert urljoin(base, read).startswith(base)
    assert urlsplit(read)[:2] == ("", "")
    assert posixpath.normpath(f"/x/{read}") == f"/x/{read.removesuffix('/')}"


@given(st.from_regex(landing._PATH, fullmatch=True))  # noqa: SLF001 - the gate's own grammar
def test_every_path_that_the_gate_takes_can_be_asked_for(path: str) -> None:
    assume(landing.check_path(path) is None)
    assert main.parser().parse_args(["open", f"--path={path}"]).path == path


def test_the_apps_are_the_gate_s() -> None:
    assert set(APPS) == set(landing.APPS)


def test_where_is_the_gate(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUDIO_GATE_URL", raising=False)
    ran = run("me")
    assert (ran.status, "Give --gate, or set STUDIO_GATE_URL" in ran.err) == (2, True)


REGIONS = {
    "by the host name": (API, None, None, "eu-west-1"),
    "by the host name, before the environment": (API, None, "us-east-1", "eu-west-1"),
    "by the option, before the host name": (API, "eu-north-1", None, "eu-north-1"),
    "by the environment": ("https://gate.example/", None, "us-gov-west-1", "us-gov-west-1"),
    "by an endpoint's host name": (API.replace(".", "-vpce-0123.", 1), None, None, "eu-west-1"),
}


@pytest.mark.parametrize(("address", "option", "variable", "region"), REGIONS.values(), ids=REGIONS.keys())
def test_the_region_is_known(
    monkeypatch: pytest.MonkeyPatch, address: str, option: str | None, variable: str | None, region: str
) -> None:
    monkeypatch.delenv("STUDIO_GATE_REGION", raising=False)
    if variable:
        monkeypatch.setenv("STUDIO_GATE_REGION", variable)
    assert gates.find(address, option).region == region


def test_it_is_not_guessed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.delenv("STUDIO_GATE_REGION", raising=False)
    assert run("me", "--gate", "https://gate.example").status == 2


LOOPBACK = {"localhost": True, "127.0.0.1": True, "127.8.9.1": True, "::1": True, None: False, "gate.example": False}


@pytest.mark.parametrize(("host", "is_one"), LOOPBACK.items())
def test_loopback(host: str | None, is_one: bool) -> None:  # noqa: FBT001 - a table's column
    assert gates.is_loopback(host) is is_one


HELP = [(), ("url",), ("open",), ("me",), ("destinations",), ("revoke",), ("doctor",), ("completion",)]


@pytest.mark.parametrize("given", HELP)
def test_help_fits_a_terminal_and_needs_no_botocore(given: tuple[str, ...]) -> None:
    code = (
        "import sys; from studio_gate_cli.main import main\ntry: main()\nfinally: assert 'botocore' not in sys.modules"
    )
    environment = {"PYTHONPATH": "cli", "COLUMNS": "80"}
    command = [sys.executable, "-W", "error", "-c", code, *given, "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - fixed
    assert max(map(len, done.stdout.splitlines())) <= 80
    asks = given not in {("revoke",), ("doctor",), ("completion",)}
    assert ("STUDIO_GATE_URL" in done.stdout, "exit status" in done.stdout) == (asks, not given)


def test_version(run: Run) -> None:
    assert run("--version").out.startswith("studio-gate ")
