"""A gate that says what it is told, the command in this process, and canaries that must not be written."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from studio_gate_cli.main import main
from tests.cli.scripted import Scripted, Told, scripted

GOOD_URL = "https://d-research01234.studio.eu-central-1.sagemaker.aws/auth?token=url-canary"
# Of the URL, of the credentials that sign, and of what others wrote.
CANARIES = ("url-canary", "secret-canary", "session-canary", "upstream-canary", "Traceback", "Signature=")


def minted(**changes: Any) -> Told:  # noqa: ANN401 - any JSON, that is the point
    """Answer as the gate does to /iam/url, with changes."""
    body: dict[str, object] = {
        "url": GOOD_URL,
        "expires_at": "2026-11-24T08:00:30Z",
        "session_expires_at": "2026-11-24T16:00:00Z",
    }
    body |= {"destination": "research", "profile": "alice", "space": None, "request_id": "r-1"}
    return Told(body=json.dumps(body | changes))


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's cache directory, with nothing in it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A scripted gate, and an environment in which the command finds it and credentials to sign with."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-canary")
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with scripted() as served:
        served.answer = minted()
        monkeypatch.setenv("STUDIO_GATE_URL", served.url)
        monkeypatch.setenv("STUDIO_GATE_REGION", "eu-central-1")
        yield served


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was given. Patched, since `webbrowser` reads BROWSER once in a process; see test_door.py."""
    opened: list[str] = []

    def open_url(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", open_url)
    return opened


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process, loudly; whatever happens, no canary may be on stderr."""

    def ran(*arguments: str) -> Ran:
        capfd.readouterr()
        try:
            status = main([*arguments, "--verbose"])
        except SystemExit as left:
            status = int(left.code or 0)
        written = capfd.readouterr()
        assert not [canary for canary in CANARIES if canary in written.err]
        assert not status or not written.out
        return Ran(status, written.out, written.err)

    return ran
