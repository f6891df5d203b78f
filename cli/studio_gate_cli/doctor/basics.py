"""What everything else rests on: the clock of this host, and the stack itself."""

from studio_gate_cli.doctor.findings import NotProven, Told, broken, warning
from studio_gate_cli.doctor.patient import Patient

SKEWED = broken(
    "clock-skewed",
    "This host's clock differs from AWS's by more than a minute: signatures and tokens fail, at 5 minutes all of them.",
    "Set the clock, and let NTP keep it (timedatectl set-ntp true).",
)
FAILED = broken(
    "stack-failed",
    "The last change of the stack did not succeed.",
    "Look at the stack's events, mend what failed, and deploy again; until then the stack is what it was before.",
)
MOVING = warning(
    "stack-in-progress",
    "The stack is being changed at this moment.",
    "Wait until it has ended, and run this again.",
)
CLOCK_FAULTS, STACK_FAULTS = (SKEWED,), (FAILED, MOVING)
_LONGEST_SKEW = 60  # seconds
_WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")


def look_at_clock(patient: Patient) -> Told:
    """Compare the clock with the date that AWS's first answer had."""
    skew = patient.asked.skew
    if skew is None:
        yield NotProven("clock", "AWS did not say what time it is")
    elif abs(skew) > _LONGEST_SKEW:
        yield SKEWED.at("clock", f"it is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}")


def look_at_stack(patient: Patient) -> Told:
    """Look at the stack's status; a cleanup goes on after a stack has become what it must be."""
    status = str(patient.stack["StackStatus"])
    if status.startswith(_WELL):
        return
    fault = MOVING if status.endswith("_IN_PROGRESS") and "ROLLBACK" not in status else FAILED
    yield fault.at(str(patient.stack["StackName"]), f"its status is {status}")
