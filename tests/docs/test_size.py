"""Small: a long file is a missing idea."""

import ast
from pathlib import Path

import pytest

from localaws import example

FILES = sorted(
    path
    for folder in ("functions", "cli", "benchmarks", "localaws", "tests", "docs", "requirements", "layers")
    for path in (example.ROOT / folder).rglob("*.py")
)
PACKAGE = example.ROOT / "functions" / "gate" / "studio_gate"


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(example.ROOT)))
def test_no_file_is_over_300_lines(path: Path) -> None:
    assert len(lines(path)) <= 300


def test_no_function_is_over_40_lines() -> None:
    long = [
        f"{path.name}:{node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 40
    ]
    assert long == []


def test_what_ships_is_under_3000_lines_that_are_not_blank() -> None:
    assert sum(bool(line.strip()) for path in PACKAGE.rglob("*.py") for line in lines(path)) < 3000
