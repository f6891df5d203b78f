"""Runs in the runtime emulator in the gate's place: says where it is, waits, dies or hangs, as the event asks."""

import importlib
import os
import sys
import time
from typing import Any

MODULES = ("boto3", "botocore", "cedarpy", "pydantic_core")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return this process, its environment, its path, and the files of the modules that the event wants imported."""
    if event.get("die"):
        os._exit(3)
    if event.get("fail"):
        raise ValueError
    time.sleep(event.get("seconds", 0))
    files = {name: importlib.import_module(name).__file__ for name in MODULES if event.get("modules")}
    return {
        "process": os.getpid(),
        "files": files,
        "path": sys.path,
        "environment": dict(os.environ),
        "until": time.monotonic(),
    }
