"""Fail when a module that decides something has less branch coverage than promised: `make test`.

Reads coverage's JSON report. The floors are in percent of lines and branches together, as coverage counts them.
"""

import json
import sys
from pathlib import Path

FLOORS = {
    "identity/__init__.py": 95,
    "identity/iam.py": 95,
    "destinations.py": 95,
    "authorise.py": 95,
    "mint.py": 95,
    "sessions.py": 95,
    "upstream.py": 95,
    "config.py": 95,
    "handler.py": 95,
    "answer.py": 95,
    "audit.py": 95,
    "errors.py": 95,
}


def main(report: Path) -> int:
    """Print each module's coverage; return 1 if one is below its floor or not in the report."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    low = 0
    for name, floor in FLOORS.items():
        found = [one["summary"] for path, one in files.items() if path.endswith(f"studio_gate/{name}")]
        percent = found[0]["percent_covered"] if found else 0.0
        branches = f"{found[0]['covered_branches']}/{found[0]['num_branches']}" if found else "none"
        low += percent < floor
        print(f"{'LOW' if percent < floor else 'ok ':<4}{name:<24}{percent:6.1f} %  branches {branches}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
