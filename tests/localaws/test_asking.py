"""What Schemathesis's runs come to: failures, runs that show nothing and defects that are not found are all told."""

import re
from pathlib import Path
from typing import Any

import pytest

from localaws import contract, example
from localaws.asking import __main__ as asking
from localaws.asking.runs import PLANTED, RUNS, Proof, Run, wrong
from studio_gate.config import read_config, read_deployment

ASKED = Run("programs", Proof.BY_PREFIX, ".", 1)
NOBODY = Run("nobody", Proof.NONE, ".", 1)
FINDS = Run("planted", Proof.BY_PREFIX, ".", 1, planted=PLANTED)
WELL = {"GET /iam/me 200", "GET /iam/me 403", "GET /iam/open minted", "POST /open 401"}


def report(*failures: tuple[str, str], errors: tuple[str, ...] = (), complete: bool = True) -> dict[str, Any]:
    found = [{"code": code, "operations": [operation]} for code, operation in failures]
    return {"failures": found, "errors": list(errors), "complete": complete}


ALL = report(*PLANTED.items())
CASES: dict[str, tuple[Run, int, dict[str, Any], set[str], list[str]]] = {
    "all is well": (ASKED, 0, report(), WELL, []),
    "a failure": (ASKED, 1, report(("ST103", "GET /iam/me")), WELL, ["ST103 in GET /iam/me"]),
    "an error": (ASKED, 0, report(errors=("x",)), WELL, ["it ended with 0"]),
    "cut short": (ASKED, 0, report(complete=False), WELL, ["it ended with 0"]),
    "a status without a failure": (ASKED, 2, report(), WELL, ["it ended with 2"]),
    "nothing but refusals": (ASKED, 0, report(), {"GET /iam/me 403"}, ["GET /iam/me never ended well"]),
    "a redirect to somewhere else": (ASKED, 0, report(), {"GET /open 303"}, ["GET /open never ended well"]),
    "nothing but refusals, as there must be": (NOBODY, 0, report(), {"GET /iam/me 403"}, []),
    "what only a sealed token opens": (ASKED, 0, report(), {"POST /open 401", "POST /signin/callback 401"}, []),
    "all that was planted": (FINDS, 1, ALL, set(), []),
    "nothing of what was planted": (
        FINDS,
        0,
        report(),
        set(),
        [f"{code} not found in {operation}" for code, operation in PLANTED.items()],
    ),
    "the right code in another operation": (
        FINDS,
        1,
        report(*(PLANTED | {"ST103": "GET /jwt/me"}).items()),
        set(),
        ["ST103 not found in GET /jwt/url"],
    ),
}


@pytest.mark.parametrize(("run", "status", "read", "seen", "told"), CASES.values(), ids=CASES.keys())
def test_what_a_run_comes_to(run: Run, status: int, read: dict[str, Any], seen: set[str], told: list[str]) -> None:
    assert wrong(run, status, read, seen) == told


def test_every_operation_is_asked_without_a_proof_and_with_its_own() -> None:
    paths = set(RUNS[0].document()["paths"])
    matched = {run.what: {path for path in paths if re.search(run.paths, path)} for run in RUNS}
    nobody, programs, not_signed_in, people, planted = matched.values()
    assert (nobody, not_signed_in) == (programs, people)
    assert programs | people == paths
    assert programs & people == set()
    assert planted == {one.partition(" ")[2] for one in PLANTED.values()}


def test_defects_are_planted_in_a_copy_and_nowhere_else() -> None:
    before = contract.DOCUMENT.read_text(encoding="utf-8")
    assert RUNS[-1].document() != RUNS[0].document()
    assert contract.DOCUMENT.read_text(encoding="utf-8") == before


def test_every_bound_of_the_configuration_is_as_wide_as_the_document_s(tmp_path: Path) -> None:
    folder = asking.widened(example.CONFIG, tmp_path)
    read = read_config(folder / "gate.toml", read_deployment(example.environment()))
    assert {one.expires_in.maximum for one in read.destinations} == {300}
    assert {one.session_expires_in.maximum for one in read.destinations} == {43200}


def test_a_configuration_without_bounds_is_noticed(tmp_path: Path) -> None:
    config = tmp_path / "from"
    config.mkdir()
    for name in ("gate.toml", "policies.cedar", "schema.cedarschema"):
        (config / name).write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="has no destinations"):
        asking.widened(config, tmp_path)


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("false", 0)])
def test_what_is_missing_fails_in_ci_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, status: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(asking, "_TOOL", Path("nowhere"))
    monkeypatch.setattr(asking.runtime, "missing", lambda: None)
    assert asking.main() == status
    assert capsys.readouterr().out == "Nothing is asked here: .venv-api is missing: make api\n"
