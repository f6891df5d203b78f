"""The examination: every check in turn, what each found, and one line at the end."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio_gate_cli.doctor.asking import Asked, Json, MissingError, begin
from studio_gate_cli.doctor.checks import CHECKS
from studio_gate_cli.doctor.findings import Check, Finding, NotLookedError, NotProven, Severity
from studio_gate_cli.doctor.here import this_host
from studio_gate_cli.doctor.patient import Given, Patient
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.tables import table

_ORDER = list(Severity)
_GOOD = "well"
_NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Examined:
    """What one check found, and what it could not look at; nothing was asked of one whose option was not given."""

    check: Check
    findings: tuple[Finding, ...] = ()
    not_proven: tuple[NotProven, ...] = ()
    asked: bool = True

    @property
    def state(self) -> str:
        """The check in a word or two."""
        if not self.asked:
            return f"{_NOT_ASKED} ({self.check.only})"
        said = [f"{count} {one}" for one in Severity if (count := [f.fault.severity for f in self.findings].count(one))]
        return ", ".join([*said, *["NOT PROVEN"] * bool(self.not_proven)]) or _GOOD


def examine(patient: Patient, say: Callable[[str], None]) -> list[Examined]:
    """Make every check; one that cannot look says so, and the others go on."""
    options = {
        "--from": patient.networks,
        "--config": patient.given.config,
        "--read-secrets": patient.given.read_secrets,
    }
    found = []
    for check in CHECKS:
        if check.only and not options[check.only]:
            found.append(Examined(check, asked=False))
            continue
        say(f"looking at {check.name}")
        found.append(_examined(check, patient))
    return found


def _examined(check: Check, patient: Patient) -> Examined:
    findings: dict[Finding, None] = {}
    not_proven: dict[NotProven, None] = {}
    try:
        for one in check.look(patient):
            (findings if isinstance(one, Finding) else not_proven)[one] = None  # type: ignore[index]
    except NotLookedError as failed:
        not_proven[NotProven(check.name, failed.why)] = None
    except MissingError:
        not_proven[NotProven(check.name, "something that it needs is gone since it was read")] = None
    return Examined(check, tuple(findings), tuple(not_proven))


def run(given: argparse.Namespace, config: Json | None, say: Callable[[str], None]) -> None:
    """Print what was found; `Failure` 1 if anything is, 9 if something could not be looked at, 2 to 6 if nothing."""
    asked = Asked(given.aws_profile, given.region)
    stack = begin(asked, given.stack)
    told = Given(tuple(given.networks), given.inside, config, given.read_secrets, given.hours)
    examined = examine(Patient(asked, stack, this_host(), told), say)
    print(json.dumps(as_json(given.stack, examined), indent=2) if given.json else as_text(examined))
    bad = [one for each in examined for one in each.findings if one.fault.severity is not Severity.NOTE]
    missed = sum(len(one.not_proven) for one in examined)
    if bad:
        raise Failure(Exit.UNFORESEEN, f"{len(bad)} found wrong, {missed} not proven")
    if missed:
        raise Failure(Exit.NOT_PROVEN, f"nothing was found wrong, but {missed} could not be looked at")


def as_json(stack: str, examined: Sequence[Examined]) -> dict[str, object]:
    """Return what was found, for programs."""
    return {
        "stack": stack,
        "checks": {one.check.name: one.state for one in examined},
        "findings": [
            {
                "check": each.check.name,
                "name": one.fault.name,
                "severity": one.fault.severity,
                "about": one.about,
                "found": one.found,
                "do": one.fault.do,
            }
            for each in examined
            for one in each.findings
        ],
        "not_proven": [
            {"check": each.check.name, "about": one.about, "why": one.why}
            for each in examined
            for one in each.not_proven
        ],
    }


def as_text(examined: Sequence[Examined]) -> str:
    """Return what was found, for people: a table of the checks, then the findings, the worst first, with what to do."""
    parts = [table(("CHECK", "STATE"), [(one.check.name, one.state) for one in examined])]
    found = sorted(
        (one for each in examined for one in each.findings), key=lambda one: _ORDER.index(one.fault.severity)
    )
    for one in found:
        head = f"{one.fault.severity}: {one.fault.name}, {readable(one.about)}: {readable(one.found)}"
        parts.append(f"{head}\n  what to do: {one.fault.do}")
    for each in examined:
        parts += [f"NOT PROVEN: {readable(one.about)}: {readable(one.why)}" for one in each.not_proven]
    return "\n\n".join(parts)
