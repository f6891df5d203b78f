"""Another's simulator of IAM, asked about all cases at once in a process of its own: tests/policy/simulator."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.policy.world import Case

FOLDER = Path(__file__).parent / "simulator"
_SECONDS = 300


def missing() -> str | None:
    """Say what the simulator lacks on this machine, or nothing."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (FOLDER / "node_modules").is_dir():
        return f"run npm ci in {FOLDER.relative_to(Path.cwd(), walk_up=True)}"
    return None


def simulate(cases: Iterable[Case]) -> list[bool | str]:
    """Return whether the simulator allows each case, or what it says is wrong with the question."""
    node = shutil.which("node")
    assert node is not None
    questions = json.dumps([_question(case) for case in cases])
    done = subprocess.run(  # noqa: S603 - our own script
        [node, FOLDER / "simulate.mjs"], input=questions, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return [one["error"] if "error" in one else one["allowed"] for one in answers]


def _question(case: Case) -> dict[str, Any]:
    ask, policies = case.ask, case.policies
    return {
        "principal": ask.principal,
        "action": ask.action,
        "resource": ask.resource,
        "resource_account": case.resource_account,
        "context": dict(ask.context),
        "identity": policies.identity,
        "session": policies.session,
        "resource_policy": policies.resource,
        "endpoint": policies.endpoint,
    }
