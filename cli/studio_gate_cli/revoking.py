"""The command of an operator that revokes callers, with the operator's own AWS credentials.

What is revoked is the minting roles' to say: their policies hold for new launches and for every request of a session.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_gate_cli import revocations
from studio_gate_cli.commands import Commands, aws_options, must, say
from studio_gate_cli.failures import Exit, Failure, readable
from studio_gate_cli.revocations import Revocation
from studio_gate_cli.tables import table

if TYPE_CHECKING:
    from datetime import datetime

    from studio_gate_cli.roles import Role, Roles

_HEAD = ("ROLE", "NAME", "WHOM", "SINCE")
_MORE = """\
A caller's ID is `caller` or `source_identity` of an audit record. Somebody who
comes by several proofs is several callers.

examples:
  studio-gate revoke --stack studio-gate --caller corp:alice --dry-run
  studio-gate revoke --stack studio-gate --sessions
  studio-gate revoke --stack studio-gate --list
  studio-gate revoke --stack studio-gate --lift corp:alice
"""
_EXPECT = """\
IAM applies this within seconds, at most a minute or so. Launches by whom it
concerns fail from then on. After --sessions the gate's kept sessions fail
too: a launch may fail once, and the next one goes on. That open sessions of
Studio end only a live account can show: docs/prove-live.md has the command."""


def register(commands: Commands) -> None:
    """Add `revoke`."""
    command = commands.add("revoke", "Revoke callers, for operators: IAM then denies them everything", _revoke, _MORE)
    caller = must(revocations.is_caller, "a caller's id or source identity, as audit records have them")
    label = must(revocations.LABEL.fullmatch, "at most 47 letters, digits or any of _+=,.@-")
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--caller", action="append", type=caller, metavar="ID", help="revoke a caller, until lifted")
    what.add_argument("--all", action="store_true", help="revoke everybody, until lifted")
    what.add_argument("--sessions", action="store_true", help="revoke what has begun by now; new launches go on")
    what.add_argument("--list", action="store_true", help="list who is revoked since when")
    what.add_argument("--lift", action="append", metavar="NAME", help="lift what --list names, or a caller's ID")
    what.add_argument("--lift-all", action="store_true", help="lift every revocation")
    command.add_argument("--label", type=label, help="what --list calls the caller")
    command.add_argument("--stack", metavar="NAME", help="the gate's stack, whose output is its minting role")
    command.add_argument("--role", action="append", metavar="ARN", default=[], help="a minting role, of any account")
    command.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument("--json", action="store_true", help="print --list as JSON")
    aws_options(command, "the stack's AWS region (else the AWS profile's)")


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of one role; without `revocation`, `name` is lifted."""

    role: "Role"
    name: str
    revocation: Revocation | None = None

    def told(self) -> str:
        what = f"revoke {self.name}" if self.revocation else f"lift {self.name}"
        return f"{what} on {self.role.name} ({self.role.account})"


def _revoke(given: argparse.Namespace) -> None:
    if given.label and len(given.caller or ()) != 1:
        raise Failure(Exit.USAGE, "--label goes with one --caller")
    if not given.stack and not given.role:
        raise Failure(Exit.USAGE, "which minting role? Give --stack or --role")
    from studio_gate_cli.roles import Roles  # noqa: PLC0415 - help needs no botocore

    asked = Roles(given.aws_profile, given.region)
    arns = dict.fromkeys([*([asked.of_stack(given.stack)] if given.stack else []), *given.role])
    roles = [asked.read(arn) for arn in arns]
    if given.verbose:
        say(f"asked IAM for {', '.join(role.arn for role in roles)}")
    if given.list:
        _list(roles, as_json=given.json)
    elif given.lift or given.lift_all:
        _change(list(_lifts(given, roles)), given, asked)
    else:
        _change(list(_puts(_wanted(given, asked.now()), roles)), given, asked)


def _change(changes: Sequence[_Change], given: argparse.Namespace, asked: "Roles") -> None:
    """Say what is done, check that all of it can be, ask, and do it."""
    _must_fit(changes, asked.now())
    for change in changes:
        say(f"{'would' if given.dry_run else 'will'} {change.told()}")
    if not changes:
        say("there is nothing to do")
    elif given.dry_run:
        for change in changes:
            if change.revocation:
                print(change.revocation.policy(asked.now()))
    elif _agreed(given):
        _do(changes, given, asked)


def _wanted(given: argparse.Namespace, now: "datetime") -> list[Revocation]:
    if given.sessions:
        return [Revocation.of_sessions(now)]
    if given.all:
        return [revocations.EVERYBODY]
    return list({one.key: one for one in (Revocation.of_caller(each, given.label) for each in given.caller)}.values())


def _puts(wanted: Sequence[Revocation], roles: Sequence["Role"]) -> Iterator[_Change]:
    """Yield what must be put; what a role has already stays, with its label and time."""
    for role in roles:
        for one in wanted:
            had = next((found for found in role.found if revocations.key(found.name) == one.key), None)
            if had and one.is_what(had.document):
                say(f"{had.name} is revoked on {role.name} since {had.since or 'some time'}")
            else:
                yield _Change(role, had.name if had else one.name, one)


def _lifts(given: argparse.Namespace, roles: Sequence["Role"]) -> Iterator[_Change]:
    found = [(role, one.name) for role in roles for one in role.found]
    if given.lift_all:
        yield from (_Change(role, name) for role, name in found)
        return
    for asked in dict.fromkeys(given.lift):
        meant = [_Change(role, one.name) for role in roles for one in role.found if one.answers_to(asked)]
        if not meant:
            raise Failure(Exit.USAGE, f"{readable(asked)} is not revoked; --list says who is")
        yield from meant


def _must_fit(changes: Sequence[_Change], now: "datetime") -> None:
    """Raise `Failure` 2 before anything is done if IAM would take a part of it."""
    for role in {change.role.arn: change.role for change in changes if change.revocation}.values():
        sizes = {one.name: len("".join(revocations.compact(one.document).split())) for one in role.found}
        sizes |= {one.name: len(one.revocation.policy(now)) for one in changes if one.role is role and one.revocation}
        total = role.others + sum(sizes.values())
        if total > revocations.MOST_CHARACTERS:
            raise Failure(
                Exit.USAGE,
                f"the inline policies of {role.name} would have {total} characters, and IAM takes "
                f"{revocations.MOST_CHARACTERS}: take callers out of the configuration for good, then lift some of "
                f"its {len(role.found)} revocations",
            )


def _agreed(given: argparse.Namespace) -> bool:
    if given.yes:
        return True
    if not sys.stdin.isatty():
        raise Failure(Exit.USAGE, "nobody is there to be asked: give --yes, or --dry-run")
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() in {"y", "yes"}:
        return True
    say("nothing was done")
    return False


def _do(changes: Sequence[_Change], given: argparse.Namespace, asked: "Roles") -> None:
    for change in changes:
        now = asked.now()
        if change.revocation is None:
            asked.delete(change.role, change.name)
        else:
            # Up to now, and not up to when the question was asked.
            one = Revocation.of_sessions(now) if given.sessions else change.revocation
            asked.put(change.role, change.name, one.policy(now))
        say(f"done: {change.told()}")
    for line in _EXPECT.splitlines():
        say(line)


def _list(roles: Sequence["Role"], *, as_json: bool) -> None:
    found = [
        {"role": role.arn, "name": one.name, "whom": one.whom, "since": one.since}
        for role in roles
        for one in role.found
    ]
    if as_json:
        print(json.dumps(found, indent=2))
    elif found:
        rows = [[str(one["role"]).rpartition("/")[2], one["name"], one["whom"], one["since"] or "-"] for one in found]
        print(table(_HEAD, rows))
    else:
        print("Nobody is revoked.")
