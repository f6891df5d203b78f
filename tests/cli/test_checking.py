"""`config check` says everything that is wrong, where, and what would be right."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from localaws import example
from studio_gate_cli.main import main
from tests.studio_gate.living import document


@dataclass(frozen=True)
class Checked:
    """What the command said of a configuration."""

    status: int
    lines: list[str]
    err: str


type Check = Callable[..., Checked]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    def checked(path: Path, *more: str) -> Checked:
        status = main(["config", "check", str(path), *more])
        written = capsys.readouterr()
        return Checked(status, written.out.splitlines(), written.err)

    return checked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's configuration, to be changed."""
    for name in ("gate.toml", "policies.cedar"):
        (tmp_path / name).write_bytes((example.CONFIG / name).read_bytes())
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def line(folder: Path, name: str, text: str, which: int = 0) -> int:
    """The line of a file that a text is on, of several the one counted from 0."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [number for number, one in enumerate(lines, 1) if text in one][which]


# A file, a change of it, the text whose line is named (of several, which), and what is said among others.
WRONG: dict[str, tuple[str, str, str, str, int, str]] = {
    "another version": (
        *("gate.toml", "version = 1", "version = 2", "version = 2", 0),
        "version: Input should be 1; it is the version of this format",
    ),
    "a typing error in a key": (
        *("gate.toml", "trust_session_name", "trust_sesion_name", "trust_sesion_name", 0),
        "`iam_roles.0.trust_sesion_name` is no key here; did you mean `trust_session_name`?",
    ),
    "a key that nobody knows": (
        *("gate.toml", "version = 1", "version = 1\nquux = 1", "quux", 0),
        "`quux` is no key here; known are default_destination, destinations, iam_roles, issuers, ",
    ),
    "a key that is missing": (
        *("gate.toml", 'domain_id = "d-sandbox012345"\n', "", "[[destinations]]", 1),
        "destinations.1: `domain_id` is missing: the domain's id",
    ),
    "a key that is missing of one of several kinds": (
        *("gate.toml", 'client = "alb-client"\n', "", "[[proxies]]", 0),
        "proxies.0: `client` is missing: ",
    ),
    "a value of another type": (
        *("gate.toml", "expires_in = { default = 30,", 'expires_in = { default = "30",', 'default = "30"', 0),
        "destinations.0.expires_in.default: Input should be a valid integer; it is what a caller gets who ",
    ),
    "a bound that is too high": (
        *("gate.toml", "maximum = 43200", "maximum = 43201", "[[destinations]]", 0),
        "destinations.0: session_expires_in must be 1800 <= default <= maximum <= 43200, in seconds",
    ),
    "a name that is given twice": (
        *("gate.toml", 'name = "sandbox"', 'name = "research"', 'name = "research"', 1),
        "given twice: research",
    ),
    "a default that is not there": (
        *("gate.toml", 'default_destination = "research"', 'default_destination = "nowhere"', "nowhere", 0),
        "default_destination 'nowhere' is not one of the destinations",
    ),
    "no TOML": ("gate.toml", "version = 1", "version = ", "version =", 0, "Invalid value"),
    "a policy that names nobody": (
        *("policies.cedar", 'Group::"tools"', 'Group::"toils"', "toils", 0),
        'StudioGate::Group::"toils" is not in gate.toml',
    ),
    "a policy of the same id": (
        *("policies.cedar", '@id("tools-', '@id("data-scientists-', '@id("data-scientists-open-their', 2),
        "has the @id of another policy",
    ),
    "a policy that does not validate": (
        *("policies.cedar", "context.source_ip.is", "context.address.is", "context.address", 0),
        "attribute `address` in context for ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "where", "which", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_line(
    check: Check, folder: Path, name: str, old: str, new: str, where: str, which: int, said: str
) -> None:
    change(folder, name, old, new)
    checked = check(folder)
    place = f"{name}:{line(folder, name, where, which)}: "
    assert [one for one in checked.lines if one.startswith(place) and said in one]
    assert checked.status == 1


def test_everything_is_said_at_once(check: Check, folder: Path) -> None:
    change(folder, "gate.toml", "version = 1", "version = 2")
    change(folder, "gate.toml", 'account = "111122223333"', 'account = "1"')
    change(folder, "gate.toml", 'domain_id = "d-sandbox012345"\n', "")
    change(folder, "policies.cedar", "context.source_ip.is", "context.address.is")
    checked = check(folder)
    assert [one.split(":")[0] for one in checked.lines] == ["gate.toml"] * 3 + ["policies.cedar"] * (
        len(checked.lines) - 3
    )
    assert checked.err == f"studio-gate: {len(checked.lines)} errors in {folder}\n"


def test_the_policies_of_what_is_no_toml_are_checked_too(check: Check, folder: Path) -> None:
    change(folder, "gate.toml", "version = 1", "version = ")
    change(folder, "policies.cedar", '@id("', 'id("')
    assert [one.split(":")[0] for one in check(folder).lines] == ["gate.toml", "policies.cedar"]


@pytest.mark.parametrize("shipped", ["localaws/example_config", "functions/gate/config"])
def test_nothing_is_wrong_with_what_is_committed(check: Check, shipped: str) -> None:
    checked = check(example.ROOT / shipped)
    assert (checked.status, checked.err) == (0, "")
    assert "good; version " in checked.lines[0]


def test_a_document_of_appconfig_is_checked_by_its_own_lines(check: Check, tmp_path: Path) -> None:
    path = tmp_path / "document.toml"
    path.write_bytes(document())
    assert check(path).status == 0
    change(tmp_path, path.name, 'Group::"tools"', 'Group::"toils"')
    change(tmp_path, path.name, "version = 1", "version = 1\ntypo = 1")
    assert check(path).lines[0].startswith(f"document.toml:{line(tmp_path, path.name, 'typo')}: `typo` is no key here")
    change(tmp_path, path.name, "typo = 1", "")
    assert f'document.toml:{line(tmp_path, path.name, "toils")}: StudioGate::Group::"toils" is not in gate.toml' in (
        check(path).lines
    )


def test_a_document_without_policies_is_none(check: Check) -> None:
    checked = check(example.CONFIG / "gate.toml")
    assert (checked.status, checked.lines) == (1, ["gate.toml: policies must be the text of the Cedar policies"])


def test_a_pipeline_reads_json(check: Check, folder: Path) -> None:
    change(folder, "gate.toml", "version = 1", "version = 2")
    read: dict[str, Any] = json.loads("\n".join(check(folder, "--json").lines))
    (error,) = read["errors"]
    assert (error["file"], error["line"]) == ("gate.toml", line(folder, "gate.toml", "version = 2"))


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--account", "444455556666", "its URLs would be minted by a role of account 444455556666"),
        ("--region", "us-east-1", "the stack's endpoints do not serve it"),
    ],
)
def test_a_configuration_of_another_place_is_wrong(
    check: Check, folder: Path, option: str, value: str, said: str
) -> None:
    checked = check(folder, option, value)
    # Another region's endpoints are said; whose account it is, not.
    of_the_account = ("workbench", "experiments") if option == "--account" else ()
    stacks = ("research", "sandbox", "lab", *of_the_account)
    names = [line(folder, "gate.toml", f'name = "{name}"') for name in stacks]
    assert checked.status == 1
    assert [one.split(": ")[0] for one in checked.lines] == [f"gate.toml:{number}" for number in names]
    assert all(said in one for one in checked.lines)


@pytest.mark.parametrize(("option", "value"), [("--account", "1"), ("--region", "Frankfurt")])
def test_a_place_that_is_none_is_wrong_usage(check: Check, folder: Path, option: str, value: str) -> None:
    assert check(folder, option, value).status == 2


def test_what_is_not_there_cannot_be_read(check: Check, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.toml"):
        checked = check(path)
        assert (checked.status, checked.lines, "cannot be read" in checked.err) == (2, [], True)


def test_a_folder_is_packed_into_a_document_that_holds(
    check: Check, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "pack", str(folder)]) == 0
    packed = folder / "document.toml"
    packed.write_text(capsys.readouterr().out, encoding="utf-8")
    assert check(packed).status == 0
    # What is cut off ends in the configuration, after the last policy.
    assert packed.read_text(encoding="utf-8").startswith("policies = '''\n")


def test_policies_that_no_document_can_hold_are_not_packed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, "policies.cedar", "@id", "// '''\n@id")
    assert main(["config", "pack", str(folder)]) == 1
    assert capsys.readouterr().out == ""


def test_without_the_function_one_line_says_where_to_run_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setattr("studio_gate_cli.operator.find_spec", lambda _: None)
    for command in (["config", "check", str(folder)], ["config", "pack", str(folder)], ["explain", "--as", "web:x"]):
        assert main(command) == 2
        written = capsys.readouterr()
        assert (written.out, written.err.count("\n"), "from a clone" in written.err) == ("", 1, True)
