"""What each proof loads: one launch, or the portal, in a process of its own, and the modules that are there afterwards.

The first row has no issuers, proxies and browser sign-in in its configuration, as a gate for SigV4 alone has none.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.launch import environment
from benchmarks.stub import running
from localaws import example, signed_in

_PROOFS = {"SigV4 alone": "url", "SigV4": "url", "bearer": "jwt-url", "proxy": "proxy-alb-open"}
_PROOFS["portal"] = "portal-signed-in"
# What reads tokens, and what writes pages: a gate that knows of no issuer and no sign-in has no use for it.
_OF_TOKENS = {"joserfc", "cryptography", "htpy", "markupsafe"}
# It imports nothing but what ships.
_CHILD = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from studio_gate import handler

handler.CONFIG_DIRECTORY = Path(sys.argv[1])
context = SimpleNamespace(aws_request_id="bench", get_remaining_time_in_millis=lambda: 10_000)
answer = handler.handler(json.load(sys.stdin), context)
files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
json.dump(
    {
        "status": answer["statusCode"],
        "modules": len(files),
        "packages": sorted({name.partition(".")[0] for name, file in files.items() if "site-packages" in file}),
        "own": sorted(name.removeprefix("studio_gate.") for name in files if name.startswith("studio_gate.")),
    },
    sys.stderr,
)
"""


def without_providers(target: Path) -> Path:
    """Copy the example's configuration, without its providers, their callers and what is found by their claims."""
    shutil.copytree(example.CONFIG, target, dirs_exist_ok=True)
    text = (target / "gate.toml").read_text(encoding="utf-8")
    tables = re.split(r"(?m)^(?=\[\[?[a-z])", text)
    kept = "".join(table for table in tables if not re.match(r"\[\[?(issuers|proxies|sign_in)", table))
    (target / "gate.toml").write_text(re.sub(r',\s*"(corp|alb|edge|web)(:[^"]*)?"', "", kept), encoding="utf-8")
    return target


def loaded(event: str, config: Path) -> dict[str, Any]:
    """Launch in another process; say what is loaded there."""
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [sys.executable, "-c", _CHILD, str(config)],
        input=json.dumps(example.event(event)),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stderr)
    if found["status"] not in {200, 302}:
        sys.exit(f"{event} failed: {done.stdout}")
    return found


def main() -> int:
    """Print what each proof loads; 1 if a gate for SigV4 alone loads what reads tokens or writes pages."""
    rows = {}
    with running(signed_in.SEALING_KEYS) as url, tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(url))
        alone = without_providers(Path(folder))
        for proof, event in _PROOFS.items():
            rows[proof] = loaded(event, alone if proof == "SigV4 alone" else example.CONFIG)
    before: set[object] = set()
    print("\nWhat each proof loads, and what it adds to the row before:")
    for proof, row in rows.items():
        names = {*row["packages"], *row["own"]}
        print(f"{proof:<12}{row['modules']:>5} modules  {' '.join(sorted(names - before))}")
        before |= names
    if wrong := _OF_TOKENS.intersection(rows["SigV4 alone"]["packages"]):
        print(f"a gate for SigV4 alone loads {', '.join(sorted(wrong))}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
