"""Checkov on every template, offline: what it finds is suppressed where it is, with a reason, or this fails.

It sees more in a stack that is resolved than in its template, so it looks at both, and once more without suppressions:
one that suppresses nothing any more fails, too. A planted template shows each time that it can find something.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws import template
from tests.policy.further import PARAMETERS_THERE, THERE
from tests.stack.stacks import ACCOUNT_ROLES, EXAMPLE, FURTHER, LIVE, ROOT, SECRETS, TEMPLATE, Json, create

CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
TEMPLATES = (TEMPLATE, *sorted((ROOT / "stacks").glob("*.yaml")))
PLANTED = Path(__file__).with_name("planted.yaml")
# What it must find there, at least.
FOUND_THERE = {"CKV_AWS_24", "CKV_AWS_45", "CKV_AWS_59", "CKV_AWS_63"}
# Words that a reason has at least.
_WORDS = 4
_EVERYTHING = EXAMPLE | SECRETS | LIVE | FURTHER | {"TrustedOrganizationId": "o-exampleorgid"}
# Those that can be resolved here, with as much in them as there can be.
RESOLVED: dict[Path, tuple[Mapping[str, str], template.Account | None]] = {
    TEMPLATE: (_EVERYTHING, None),
    ACCOUNT_ROLES: (PARAMETERS_THERE, THERE),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A check that failed or is suppressed, on a resource of a template."""

    template: str
    resource: str
    check: str


def suppressed(name: str, source: Json) -> dict[Finding, str]:
    """Return what a template suppresses, each with its reason, which may be empty."""
    return {
        Finding(name, resource, one["id"]): str(one.get("comment", ""))
        for resource, properties in source["Resources"].items()
        for one in properties.get("Metadata", {}).get("checkov", {}).get("skip", ())
    }


def bare(source: Json) -> Json:
    """Return a copy without any suppression."""
    made: Json = json.loads(json.dumps(source))
    for resource in made["Resources"].values():
        resource.get("Metadata", {}).pop("checkov", None)
    return made


def owner(made: str, names: Iterable[str]) -> str:
    """Return the resource of a template that one of the translated stack comes from: SAM's names begin with its own."""
    return max((name for name in names if made.startswith(name)), key=len, default=made)


def wrong(failed: Iterable[Finding], reasons: Mapping[Finding, str]) -> list[str]:
    """Say what is found and not suppressed, suppressed without a reason, or suppressed and not found."""
    found = set(failed)
    said = [f"{one.template}: {one.resource} fails {one.check}" for one in sorted(found - reasons.keys())]
    for one, reason in sorted(reasons.items()):
        if len(reason.split()) < _WORDS:
            said.append(f"{one.template}: {one.resource} suppresses {one.check} without a reason")
        if one not in found:
            said.append(f"{one.template}: {one.resource} suppresses {one.check}, which it does not fail")
    return said


def run(files: Mapping[str, Path]) -> tuple[dict[str, list[tuple[str, str]]], dict[str, int]]:
    """Return the failed checks of each file as pairs of resource and check, and how many were made in all."""
    options = ("--framework", "cloudformation", "--skip-download", "--compact", "--output", "json", "--soft-fail")
    command = (CHECKOV, *options, "--file", *files.values())
    done = subprocess.run(  # noqa: S603 - fixed arguments
        command, check=True, capture_output=True, text=True, timeout=300, env=_environment()
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    summary, results = answer["summary"], answer["results"]
    if results.get("parsing_errors"):
        raise ValueError(f"not understood: {results['parsing_errors']}")
    names = {str(path.resolve()): name for name, path in files.items()}
    failed: dict[str, list[tuple[str, str]]] = {name: [] for name in files}
    for one in results["failed_checks"]:
        name = names[str(Path(one["file_abs_path"]).resolve())]
        failed[name].append((one["resource"].rpartition(".")[2], one["check_id"]))
    return failed, summary


def _environment() -> dict[str, str]:
    """Nothing of this process's own: it could name a server to send results to."""
    return {"PATH": os.environ["PATH"], "HOME": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> int:
    """Print a line for each template and for each reason, and return 0 when nothing is wrong, else 1."""
    sources = {str(path.relative_to(ROOT)): template.load(path) for path in TEMPLATES}
    with tempfile.TemporaryDirectory() as folder:
        files = {f"{name} as it is": ROOT / name for name in sources} | {"planted": PLANTED}
        for name, source in sources.items():
            if suppressed(name, source):
                files[f"{name} bare"] = _write(Path(folder), f"bare-{name}", bare(source))
        for path, (parameters, account) in RESOLVED.items():
            name = str(path.relative_to(ROOT))
            made = create(template.load(path), parameters, *([account] if account else []))
            files[f"{name} resolved"] = _write(Path(folder), f"resolved-{name}", {"Resources": made.resources})
        failed, summary = run(files)
    said = []
    for name, source in sources.items():
        reasons = suppressed(name, source)
        pairs = failed.get(f"{name} bare", failed[f"{name} as it is"]) + failed.get(f"{name} resolved", [])
        said += wrong((Finding(name, owner(one, source["Resources"]), check) for one, check in pairs), reasons)
        unheeded = (Finding(name, one, check) for one, check in failed[f"{name} as it is"])
        said += [f"{name}: {one.resource} fails {one.check} in spite of a reason" for one in unheeded if one in reasons]
        print(f"checkov: {name}: {len(reasons)} suppressed, each with a reason")
        for one, reason in sorted(reasons.items()):
            print(f"  {one.check:10} {one.resource}: {reason}")
    if missing := FOUND_THERE - {check for _, check in failed["planted"]}:
        said.append(f"the planted template is not seen to fail {', '.join(sorted(missing))}")
    print(f"checkov: {len(failed['planted'])} found in what is planted; {summary['passed']} checks passed in all")
    print("\n".join(f"checkov: {one}" for one in said) or "checkov: nothing is wrong")
    return int(bool(said))


def _write(folder: Path, name: str, document: Json) -> Path:
    path = folder / f"{name.replace('/', '-')}.json"
    path.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09"} | document), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
