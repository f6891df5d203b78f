"""The names that completion offers: those of the last answer, and nothing else."""

import json
import stat
from pathlib import Path

import pytest

from studio_gate_cli import names
from tests.cli.conftest import Run
from tests.cli.scripted import Scripted, Told


def test_nothing_is_known_before_anything_is_asked() -> None:
    assert names.kept() == []


@pytest.mark.parametrize("command", ["me", "destinations"])
def test_the_names_of_the_last_answer_are_kept_and_nothing_besides(
    gate: Scripted, run: Run, cache: Path, command: str
) -> None:
    bounds = {name: {"default": 30, "maximum": 60} for name in ("expires_in", "session_expires_in")}
    names.keep(["older"])
    rows = [
        {"destination": name, "kind": "studio", "profile": "profile-canary", **bounds}
        for name in ("research", "nb", "research", "a b", "-x", "*", "https://x/?url-canary", "../x", 7)
    ]
    gate.answer = Told(body=json.dumps({"caller": {"subject": "A:alice", "groups": ["g"]}, "may_open": rows}))
    assert run(command).status == 0
    (path,) = [one for one in cache.rglob("*") if one.is_file()]
    assert path.read_text() == "research\nnb\n"
    assert names.kept() == ["research", "nb"]
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


FILES = {
    "other things": (b"../x\n$(x)\nresearch\n", ["research"]),
    "no text": (b"\xff\xfe", []),
    "nothing": (b"", []),
}


@pytest.mark.parametrize(("held", "kept"), FILES.values(), ids=FILES.keys())
def test_what_is_not_a_name_is_not_read(cache: Path, held: bytes, kept: list[str]) -> None:
    names.keep(["x"])
    (path,) = [one for one in cache.rglob("*") if one.is_file()]
    path.write_bytes(held)
    assert names.kept() == kept


def test_where_nothing_can_be_kept_all_else_goes_on(
    monkeypatch: pytest.MonkeyPatch, gate: Scripted, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    gate.answer = Told(body=json.dumps({"caller": {"subject": "A:alice", "groups": []}, "may_open": []}))
    assert run("me").status == 0
    assert names.kept() == []


def test_a_relative_cache_is_not_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    names.keep(["research"])
    assert (tmp_path / "home" / ".cache" / "studio-gate" / "destinations").is_file()
    assert not (tmp_path / "here").exists()
