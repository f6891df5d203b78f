# ruff: noqa: INP001 - a function's CodeUri, no package
"""Runs in the container in the gate's place, and says what its imports really are."""

import importlib
import platform

MODULES = ("boto3", "botocore", "cedarpy", "pydantic_core")


def handler(_event: object, _context: object) -> dict[str, object]:
    """Return the machine, the interpreter, and the file that each module was loaded from."""
    files = {name: importlib.import_module(name).__file__ for name in MODULES}
    return {"machine": platform.machine(), "python": platform.python_version(), "files": files}
