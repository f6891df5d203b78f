"""What a launch and a start cost a company of 10,000 destinations with a policy each, over a team with one.

A launch is the same in both: the same caller, the same destination, the same proof, in turns in one process, so that a
machine whose speed drifts slows both. Init is what is read before the first request: gate.toml and policies.cedar, in
milliseconds of CPU, with the share that is the TOML parser's and Cedar's own.
"""

import os
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from unittest.mock import patch

import cedarpy

from benchmarks.launch import cpu, environment, launch
from benchmarks.stub import running
from localaws import example

TURNS = 21
MOST = 1.1
SIZES = (1, 100, 10_000)
STARTS = 3
FIRST = 500
_ROLE = "AWSReservedSSO_DataScientist_0123456789abcdef"
_CALLER = f"arn:aws:sts::111122223333:assumed-role/{_ROLE}/alice@example.com"
_HEAD = f"""version = 1
default_destination = "research"
[[iam_roles]]
account = "111122223333"
role = "{_ROLE}"
trust_session_name = true
groups = ["data-science"]
"""
_DESTINATION = """[[destinations]]
kind = "studio"
name = "{name}"
account = "111122223333"
region = "eu-central-1"
domain_id = "d-{name}01234"
[[destinations.profiles]]
name = "alice"
callers = ["{caller}"]
"""
_NETWORK = """@id("only-from-the-corporate-network")
forbid (principal, action, resource)
unless { context has source_ip && context.source_ip.isInRange(ip("10.0.0.0/8")) };
"""
_POLICY = """@id("own-profile-in-{name}")
permit (
  principal in StudioGate::Group::"data-science",
  action == StudioGate::Action::"open",
  resource in StudioGate::Destination::"{name}"
)
when {{ resource.owners.contains(principal) }};
"""


def written(folder: Path, size: int) -> Path:
    """Write the configuration of a company with so many destinations, the first of which is asked for."""
    folder.mkdir()
    names = ["research", *(f"team-{number}" for number in range(1, size))]
    destinations = "".join(_DESTINATION.format(name=name, caller=_CALLER) for name in names)
    policies = "".join(_POLICY.format(name=name) for name in names)
    (folder / "gate.toml").write_text(_HEAD + destinations, encoding="utf-8")
    (folder / "policies.cedar").write_text(_NETWORK + policies, encoding="utf-8")
    schema = (example.CONFIG / "schema.cedarschema").read_text(encoding="utf-8")
    (folder / "schema.cedarschema").write_text(schema, encoding="utf-8")
    return folder


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Return the CPU time of one call, the median of several."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        work()
        spent.append((time.process_time() - before) * 1000)
    return statistics.median(spent)


def starts(folders: dict[int, Path]) -> None:
    """Print what is read before the first request, by size."""
    from studio_gate.config import read_config, read_deployment
    from studio_gate.policies import read_policies

    deployment = read_deployment(os.environ)
    print("Init, in ms of CPU:  gate.toml  (TOML parser)  policies.cedar  (Cedar: parse, validate)")
    for size, folder in folders.items():
        toml, policies, schema = (folder / name for name in ("gate.toml", "policies.cedar", "schema.cedarschema"))
        names = {one.name for one in read_config(toml, deployment).destinations}
        text, compiled = policies.read_text(), cedarpy.Schema.from_str(schema.read_text())
        parts = (
            lambda toml=toml: read_config(toml, deployment),
            lambda toml=toml: tomllib.loads(toml.read_text()),
            lambda policies=policies, schema=schema, names=names: read_policies(policies, schema, names),
            lambda text=text: cedarpy.policies_to_pst(text),
            lambda text=text, compiled=compiled: cedarpy.validate_policies(text, compiled),
        )
        whole, parser, compiled_in, nodes, valid = (milliseconds(part, STARTS) for part in parts)
        print(f"{size:>18,}  {whole:>9.1f}  {parser:>13.1f}  {compiled_in:>14.1f}  {nodes:>13.1f} {valid:>10.1f}")


def ratios(what: str, one: Callable[[], object], other: Callable[[], object]) -> float:
    """Print the ratio of two, in turns, with its spread; return its median."""
    cpu(one)
    cpu(other)
    pairs = [(cpu(one), cpu(other)) for _ in range(TURNS)]
    found = [first / second for first, second in pairs]
    middle = statistics.median(found)
    spent = " / ".join(f"{statistics.median(side) * 1000:.3f} ms" for side in zip(*pairs, strict=True))
    print(f"{what}: {spent} = {middle:.2f} (from {min(found):.2f} to {max(found):.2f}, {TURNS} turns)")
    return middle


def launches(folders: dict[int, Path]) -> float:
    """Print what deciding and launching cost, the company's over the team's; return the ratio of launches."""
    from studio_gate import handler, live
    from studio_gate.authorise import Facts, decide
    from studio_gate.config import read_deployment
    from studio_gate.destinations import Launch, all_own, candidates
    from studio_gate.identity import Caller, Proof

    company, team = SIZES[-1], SIZES[0]
    deployment = read_deployment(os.environ)
    gates = {size: live.bundled(deployment, folders[size]) for size in (company, team)}
    caller = Caller(_CALLER, Proof.SIGV4, "issuer", "subject", "alice", frozenset({"data-science"}))
    facts = Facts(ip_address("10.1.2.3"), "vpce-0a1b2c3d4e5f60718", datetime.now(UTC))
    event = example.event("url")

    def deciding(size: int) -> Callable[[], object]:
        (target,) = candidates(gates[size].gate.config, caller, Launch(), lambda *_: ())
        return lambda: decide(gates[size].gate.policies, caller, target, facts)

    def launching(size: int) -> Callable[[], object]:
        def work() -> None:
            with patch.object(handler, "gate", lambda: gates[size]):
                launch(event)

        return work

    print(f"\n{company:,} destinations and policies / {team}:")
    ratios("decision", deciding(company), deciding(team))
    found = ratios("launch", launching(company), launching(team))
    others = iter(all_own(gates[company].gate.config, caller, lambda *_: ())[1:])
    first = milliseconds(lambda: decide(gates[company].gate.policies, caller, next(others), facts), FIRST)
    print(f"a destination's first decision: {first:.3f} ms")
    return found


def main() -> int:
    """Print the table and the ratios; 1 if a launch costs the company more than it may."""
    with running() as url, tempfile.TemporaryDirectory() as scratch:
        os.environ.update(environment(url))
        folders = {size: written(Path(scratch) / str(size), size) for size in SIZES}
        starts(folders)
        found = launches(folders)
    print(f"launch: {found:.2f}, and at most {MOST}")
    return 0 if found <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
