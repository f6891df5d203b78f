"""The whole way, as a person goes it: another process, a real signature, the real handler, and a browser."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from localaws import example, studio
from tests.docs.door import door

ALICE = Credentials("AKIDCLIENTEXAMPLE001", "wJalrXUtnFEMI/K7MDENG", "session/token+with=signs")


ROW = "research     Research     studio    alice          30 s (at most 1 min)   8 h (at most 12 h)"
OPENED = [("research", "alice"), ("marketing", "alice-liddell"), ("lab", "alice"), ("workbench", None)]
OPENED += [("experiments", None)]


@pytest.fixture
def gate(aws: None) -> Iterator[str]:
    with door(ALICE) as url:
        yield url


def command(
    gate: str, *arguments: str, browser: str = "", secret: str = ALICE.secret_key
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, where the door's audit records are not on the same stdout."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(example.ROOT / "cli"),
        "STUDIO_GATE_URL": gate,
        "STUDIO_GATE_REGION": example.ACCOUNT.region,
        "AWS_ACCESS_KEY_ID": ALICE.access_key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": str(ALICE.token),
        "BROWSER": browser,
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
    }
    line = [sys.executable, "-W", "error", "-m", "studio_gate_cli", *arguments]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own


def test_the_url_alone(gate: str) -> None:
    done = command(gate, "url", "research", "--expires-in", "10", "--session-expires-in", "3600")
    (mint,) = studio.mints()
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{mint.url.get_secret_value()}\n", "")
    assert (mint.parameters["ExpiresInSeconds"], mint.parameters["SessionExpirationDurationInSeconds"]) == (10, 3600)


def test_the_gate_s_json(gate: str) -> None:
    answer = json.loads(command(gate, "url", "--json").stdout)
    assert (answer["destination"], answer["profile"]) == ("research", "alice")
    assert answer["url"] == studio.mints()[0].url.get_secret_value()


def test_who_am_i(gate: str) -> None:
    done = command(gate, "me")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].endswith(":alice@example.com, groups: data-science")
    assert ROW in done.stdout.splitlines()


def test_what_may_be_opened(gate: str) -> None:
    done = command(gate, "destinations")
    assert (done.returncode, done.stderr) == (0, "")
    first, *others = done.stdout.splitlines()[1:]
    assert (first, len(others)) == (ROW, len(OPENED) - 1)
    told = json.loads(command(gate, "destinations", "--json").stdout)
    assert [(one["destination"], one["profile"]) for one in told] == OPENED


def test_the_browser_gets_the_url_and_nobody_else(gate: str, tmp_path: Path) -> None:
    """BROWSER, in a process of its own, is `webbrowser` as it is; this browser prints its URL, as xdg-open may."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{tmp_path}/opened\necho "$1"\necho "$1" >&2\n', encoding="utf-8")
    browser.chmod(0o700)
    done = command(gate, "open", "--verbose", browser=str(browser))
    (mint,) = studio.mints()
    url = mint.url.get_secret_value()
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "opened").read_text(encoding="utf-8") == url
    assert "opening d-research01234.studio.eu-central-1.sagemaker.aws as alice; it can be opened for " in done.stderr
    assert url.partition("?")[2] not in done.stderr


def test_refused_word_for_word_as_the_gate_says_it(gate: str) -> None:
    done = command(gate, "open", "sandbox", browser="false")
    assert (done.returncode, done.stdout, studio.mints()) == (5, "", ())
    said = (
        "studio-gate: Refused (403): You may not open this. Your platform team can look up the request id. Request id: "
    )
    assert done.stderr.startswith(said)


def test_malformed_names_the_parameter(gate: str) -> None:
    done = command(gate, "url", "--expires-in", "4")
    assert done.returncode == 5
    assert "expires_in must be a whole number of seconds from 5 to 300" in done.stderr


def test_another_secret_does_not_get_through_the_door(gate: str) -> None:
    done = command(gate, "url", secret="another")  # noqa: S106 - that is the point
    assert (done.returncode, done.stdout, studio.mints()) == (7, "", ())


def test_nobody_reads_the_answer(gate: str) -> None:
    read, write = os.pipe()
    os.close(read)
    line = [sys.executable, "-m", "studio_gate_cli", "url"]
    own = {"STUDIO_GATE_URL": gate, "STUDIO_GATE_REGION": example.ACCOUNT.region, "AWS_ACCESS_KEY_ID": ALICE.access_key}
    own |= {"AWS_SECRET_ACCESS_KEY": ALICE.secret_key, "AWS_SESSION_TOKEN": str(ALICE.token)}
    own |= {"PYTHONPATH": str(example.ROOT / "cli")}
    done = subprocess.run(line, env=own, stdout=write, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    os.close(write)
    assert (done.returncode, done.stderr) == (1, "")
