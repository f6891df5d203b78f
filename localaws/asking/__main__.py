"""Serve the system, run Schemathesis against it for each proof, and print a table of what it found."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from localaws import example, laptop, people, provider, runtime, signed_in, template
from localaws.asking.runs import PROOF, RUNS, SEEN, SESSION, Run, wrong
from studio_gate.kinds import EXPIRES_IN, SESSION_EXPIRES_IN

_TOOL = example.ROOT / ".venv-api" / "bin" / "st"
_SETTINGS = Path(__file__).with_name("schemathesis.toml")
_LOGS = example.ROOT / ".cache" / "api"
_LOG = _LOGS / "schemathesis.log"
# The same for everybody, so that what is found once is found again.
_SEED = 20261124
# In seconds, for one run.
_PATIENCE = 300


def _missing() -> str | None:
    return runtime.missing() or (None if _TOOL.exists() else ".venv-api is missing: make api")


def widened(config: Path, folder: Path) -> Path:
    """Copy a configuration, with the bounds of its destinations as wide as SageMaker's own.

    The document has no others. `ValueError` for one that is not written as the example's.
    """
    target = folder / "config"
    target.mkdir()
    for name in ("policies.cedar", "schema.cedarschema"):
        (target / name).write_bytes((config / name).read_bytes())
    text = (config / "gate.toml").read_text(encoding="utf-8")
    head, *destinations = re.split(r"(?m)^(?=\[\[destinations\]\])", text)
    if not destinations:
        raise ValueError("the example's gate.toml has no destinations")
    (target / "gate.toml").write_text(head + "".join(map(_widened, destinations)), encoding="utf-8")
    return target


def _widened(destination: str) -> str:
    for key, (_, highest) in (("expires_in", EXPIRES_IN), ("session_expires_in", SESSION_EXPIRES_IN)):
        destination, found = re.subn(rf"(?m)^({key} = .*maximum = )\d+", rf"\g<1>{highest}", destination)
        if not found:
            bounds = f"{key} = {{ default = {highest}, maximum = {highest} }}\n"
            destination = destination.replace("region = ", f"{bounds}region = ", 1)
    return destination


@contextmanager
def _system(folder: Path) -> Iterator[laptop.Laptop]:
    source = laptop.source()
    # It is asked as fast as it answers; what a throttle answers, the gateway's own tests see.
    for one in source["Resources"]["Api"]["Properties"]["MethodSettings"]:
        one |= {"ThrottlingRateLimit": 10_000, "ThrottlingBurstLimit": 5_000}
    with ExitStack() as opened:

        def invoke(around: laptop.Surroundings) -> laptop.Invoke:
            stack = template.create(source, example.parameters(), example.ACCOUNT)
            function = runtime.built(
                stack, around.aws, around.folder, widened(around.config, folder), str(around.authority)
            )
            return opened.enter_context(runtime.running(function, around.logs / runtime.LOG))

        yield opened.enter_context(laptop.running(source, invoke, folder, logs=_LOGS))


def _ask(run: Run, system: laptop.Laptop, folder: Path) -> tuple[str, list[str]]:
    """Run Schemathesis; return how much it has asked, and what is wrong."""
    base, session, more = system.gateway.endpoint, "", []
    if run.of_people and system.people is not None:
        # The hooks lead the name to loopback, where it has a port that nobody knows it by.
        base, more = f"https://{people.HOST}:{system.gateway.domain_port}", ["--header", f"Host: {people.HOST}"]
        session = signed_in.session("alice", system.people.config / "gate.toml")
    document, report, seen = (folder / name for name in ("openapi.json", "report.json", "seen"))
    document.write_text(json.dumps(run.document()), encoding="utf-8")
    seen.write_text("", encoding="utf-8")
    report.unlink(missing_ok=True)
    command = [
        *(str(_TOOL), "--config-file", str(_SETTINGS), "run", str(document), "--url", base, "--no-color"),
        *("--include-path-regex", run.paths, "--max-examples", str(run.examples), "--seed", str(_SEED)),
        *("--tls-verify", str(system.site.authority), "--report-json-path", str(report)),
        *more,
    ]
    told = {PROOF: run.proof.value, SESSION: session, SEEN: str(seen), "PYTHONPATH": os.pathsep.join(sys.path)}
    with _LOG.open("a", encoding="utf-8") as log:
        print(f"\n{run.what}\n", file=log, flush=True)
        status = subprocess.run(  # noqa: S603 - fixed arguments
            command, cwd=folder, env=os.environ | told, stdout=log, stderr=log, timeout=_PATIENCE, check=False
        ).returncode
    if not report.exists():
        return "", [f"it ended with {status}: {_LOG.relative_to(example.ROOT)}"]
    read = json.loads(report.read_text(encoding="utf-8"))
    asked = f"{read['operations']['tested']:>10}{read['test_cases']['generated']:>10}"
    return asked, wrong(run, status, read, set(seen.read_text(encoding="utf-8").splitlines()))


def main() -> int:
    """Make every run; return 0 if each came to what it must, or on a laptop without what it needs."""
    in_ci, began, bad = os.environ.get("CI") == "true", time.monotonic(), 0
    if reason := _missing():
        print(f"Nothing is asked here: {reason}")
        return int(in_ci)
    _LOGS.mkdir(parents=True, exist_ok=True)
    _LOG.write_text("", encoding="utf-8")
    print(f"Schemathesis, seed {_SEED}; all that it says is in {_LOG.relative_to(example.ROOT)}", flush=True)
    print(f"\n{'What is asked':<34}{'operations':>10}{'requests':>10}  what came of it\n{'-' * 90}", flush=True)
    with tempfile.TemporaryDirectory() as made, _system(Path(made)) as system:
        for run in RUNS:
            if run.of_people and system.people is None:
                bad += in_ci
                print(f"{run.what:<34}{'skipped':>10}{'':>10}  {provider.missing()}", flush=True)
                continue
            asked, told = _ask(run, system, Path(made))
            bad += bool(told)
            print(f"{run.what:<34}{asked:>20}  {'; '.join(told) or ('found' if run.planted else 'ok')}", flush=True)
    print(f"\n{bad} runs differ ({time.monotonic() - began:.0f} s)")
    return 1 if bad else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
