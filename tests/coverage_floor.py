"""Fail when a module of what ships has less branch coverage than promised: `make test`.

Reads coverage's JSON report, and counts branches alone; a module without branches must have its lines covered.
"""

import json
import sys
from pathlib import Path

FLOOR = 95.0
PACKAGE = Path(__file__).parent.parent / "functions" / "gate" / "studio_gate"


def main(report: Path) -> int:
    """Print each module's coverage in percent; return 1 if one is below the floor or not in the report."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    low = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        found = [one["summary"] for key, one in files.items() if key.endswith(f"studio_gate/{name}")]
        summary = found[0] if found else {"num_branches": 0, "num_statements": 1, "covered_lines": 0}
        kind, part, whole = "lines", summary["covered_lines"], summary["num_statements"]
        if summary["num_branches"]:
            kind, part, whole = "branches", summary["covered_branches"], summary["num_branches"]
        percent = 100.0 * part / whole if whole else 100.0
        low += percent < FLOOR
        print(f"{'LOW' if percent < FLOOR else 'ok':<4}{name:<24}{percent:6.1f} % of {whole} {kind}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
