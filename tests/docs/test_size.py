"""Small: a long file is a missing idea."""

import ast
import tokenize
from pathlib import Path

import pytest

from benchmarks import launch, modules, stub
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


def code(path: Path) -> int:
    """Count the lines that hold code: no blank line, no comment, no docstring."""
    text = path.read_text(encoding="utf-8")
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef)
    said = [node.body[0] for node in ast.walk(ast.parse(text)) if isinstance(node, holders) and ast.get_docstring(node)]
    docstrings = {line for one in said for line in range(one.lineno, (one.end_lineno or 0) + 1)}
    ignored = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(iter(text.splitlines(keepends=True)).__next__)
    held = {line for one in tokens if one.type not in ignored for line in range(one.start[0], one.end[0] + 1)}
    return len(held - docstrings)


def test_what_a_signed_launch_loads_is_under_3000_lines_of_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `make bench` prints it: without what reads tokens, signs people in and shows them pages."""
    with stub.running() as url:
        for name, value in launch.environment(url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))
        own = modules.loaded("url", modules.without_providers(tmp_path))["own"]
    assert {"handler", "mint", "authorise"} <= set(own)
    files = [PACKAGE / f"{name.replace('.', '/')}" for name in own]
    assert (
        sum(code(one.with_suffix(".py") if one.with_suffix(".py").exists() else one / "__init__.py") for one in files)
        < 3000
    )


def test_what_ships_is_under_4500_lines_of_code() -> None:
    assert sum(code(path) for path in PACKAGE.rglob("*.py")) < 4500


def test_code_is_counted_without_what_explains_it(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""One.\n\nTwo."""\n\n# Three.\nX = (\n    1,  # four\n)\n\n\ndef f() -> None:\n    """Five."""\n')
    assert code(path) == 4
