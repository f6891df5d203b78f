"""Resolve the hashed requirement files: `make lock`.

Everything is compiled for CPython 3.13, the version of the Lambda runtime. The development environment is
resolved first and constrains the layer, so what is tested is what ships.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMON = (
    *("--python-version", "3.13"),
    *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--upgrade", "--quiet"),
    *("--custom-compile-command", "make lock"),
)
LOCKS = (
    ("requirements/uv.txt", "requirements/uv.in"),
    ("requirements/sam.txt", "requirements/sam.in"),
    ("requirements/container.txt", "requirements/container.in"),
    ("requirements/checkov.txt", "requirements/checkov.in"),
    ("requirements/deploy.txt", "requirements/deploy.in"),
    ("requirements/dev.txt", "pyproject.toml", "--group", "function", "--group", "dev"),
    ("requirements/e2e.txt", "requirements/e2e.in", "--constraint", "requirements/dev.txt"),
    ("requirements/schemathesis.txt", "requirements/schemathesis.in", "--constraint", "requirements/dev.txt"),
    ("requirements/cli.txt", "pyproject.toml", "--constraint", "requirements/dev.txt"),
    (
        "layers/dependencies/requirements.txt",
        "--group",
        "pyproject.toml:function",
        "--constraint",
        "requirements/dev.txt",
    ),
)


def main() -> None:
    """Rewrite each lock file."""
    uv = Path(sys.executable).with_name("uv")
    for output, *arguments in LOCKS:
        print(f"resolving {output}", flush=True)
        command = [uv, "pip", "compile", *COMMON, *arguments, "--output-file", output]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - fixed arguments


if __name__ == "__main__":
    main()
