"""What the documentation says is run, or held against what it speaks of."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from localaws import example, studio, tokens
from tests.docs.door import door

README = (example.ROOT / "README.md").read_text(encoding="utf-8")
CREDENTIALS = Credentials("AKIDREADMEEXAMPLE001", "wJalrXUtnFEMI/K7MDENG", "session/token+with=signs")
HERS = {"research": "alice", "marketing": "alice-liddell", "lab": "alice", "workbench": None, "experiments": None}
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for command in re.split(r"\n\n", block)
    if "curl" in command
]


@pytest.fixture
def gate(aws: None) -> Iterator[str]:
    with door(CREDENTIALS) as url:
        yield url


def run(command: str, gate: str, secret: str = CREDENTIALS.secret_key) -> str:
    """Run a command of the README as its reader would."""
    if shutil.which("curl") is None and not os.environ.get("CI"):
        pytest.skip("curl is not installed")
    environment = {
        "PATH": os.environ["PATH"],
        "GATE": gate,
        "AWS_REGION": example.ACCOUNT.region,
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": str(CREDENTIALS.token),
        "TOKEN": tokens.access_token(),
    }
    done = subprocess.run(["bash", "-ec", command], env=environment, capture_output=True, text=True, check=True)  # noqa: S603, S607 - the README's own commands
    return done.stdout


def test_the_readme_has_a_command_for_each_kind_of_route() -> None:
    assert [re.findall(r"\$GATE(/[a-z/]*)", command)[0] for command in COMMANDS] == [
        "/iam/me",
        "/iam/url/research",
        "/iam/open",
        "/jwt/me",
        "/health",
    ]


def test_who_am_i(gate: str) -> None:
    answer = json.loads(run(COMMANDS[0], gate))
    assert {one["destination"]: one["profile"] for one in answer["may_open"]} == HERS


def test_a_url_for_ten_seconds(gate: str) -> None:
    answer = json.loads(run(COMMANDS[1], gate))
    (mint,) = studio.mints()
    assert answer["url"] == mint.url.get_secret_value()
    assert (mint.parameters["ExpiresInSeconds"], mint.parameters["SessionExpirationDurationInSeconds"]) == (10, 3600)


def test_the_redirect(gate: str) -> None:
    printed = run(COMMANDS[2], gate)
    (mint,) = studio.mints()
    assert printed == f"{mint.url.get_secret_value()}\n"


def test_who_am_i_with_a_token(gate: str) -> None:
    answer = json.loads(run(COMMANDS[3], gate))
    opened = {one["destination"]: one["profile"] for one in answer["may_open"]}
    assert (answer["caller"]["proof"], opened) == ("bearer", HERS)


def test_health(gate: str) -> None:
    assert json.loads(run(COMMANDS[4], gate)) == {"status": "ok"}


def test_another_secret_does_not_get_through_the_door(gate: str) -> None:
    run(COMMANDS[2], gate, secret="another")  # noqa: S106 - that is the point
    assert studio.mints() == ()


def test_every_make_command_that_is_named_exists() -> None:
    makefile = (example.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE))
    documents = [example.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    named = {
        name
        for path in documents
        for name in re.findall(r"^make ([a-z0-9-]+)|`make ([a-z0-9-]+)`", path.read_text(), re.MULTILINE)
    }
    assert {one or other for one, other in named} <= targets


def test_every_link_to_a_file_leads_to_one() -> None:
    for path in [*example.ROOT.glob("*.md"), *example.ROOT.glob("docs/**/*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_test_that_security_md_names_exists() -> None:
    text = (example.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests/\S+/)?test_\w+\.py)`", text)
    found = {path.name for path in (example.ROOT / "tests").rglob("test_*.py")}
    assert named
    assert {Path(name).name for name in named} <= found
    assert all((example.ROOT / name).exists() for name in named if "/" in name)


def test_every_decision_is_listed() -> None:
    folder = example.ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\((\d{4}-[a-z0-9.-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("0*.md")}
