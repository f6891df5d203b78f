"""What would be decided for a caller, and why: by the function's own code, without a request or a network."""

import argparse
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address

from studio_gate import authorise, destinations, landing
from studio_gate.authorise import Decision, Facts
from studio_gate.config import Config, compile_config
from studio_gate.destinations import Launch, Space, Target
from studio_gate.errors import ConfigError, GateError, Problem
from studio_gate.explain import explain
from studio_gate.fields import ASSUMED_ROLE, PROVIDED
from studio_gate.identity import Caller, Proof
from studio_gate.policies import Policies, compile_policies
from studio_gate_cli.failures import Exit, Failure
from studio_gate_cli.operator import documents, naming

_ASKED = ("profile", "space", "app", "expires_in", "session_expires_in")


@dataclass(frozen=True, slots=True)
class Told:
    """What one decision comes to: of which destination and profile, why, and by which policies."""

    destination: str
    profile: str | None
    allowed: bool
    reason: str
    policies: tuple[str, ...]
    errors: tuple[str, ...]
    expires_in: int
    session_expires_in: int
    # Each policy that could have counted.
    explained: tuple[str, ...]
    space: str | None = None
    app: str | None = None


def run(given: argparse.Namespace) -> None:
    """Print the decision on each profile that the launch may mean, and what it comes to."""
    config, policies = _compiled(given)
    caller, facts = _caller(given, config), _facts(given)
    query = {name: [value] for name in _ASKED if (value := getattr(given, name)) is not None}
    try:
        launch = destinations.read_launch(given.destination, query)
    except GateError as error:
        raise Failure(Exit.USAGE, _parameters(error)) from error
    decisions: list[Decision] = []
    try:
        decisions = [authorise.decide(policies, caller, one, facts) for one in _targets(given, config, caller, launch)]
        authorise.grant(decisions)
        outcome = "permitted"
    except GateError as error:
        outcome = _parameters(error) if error.problem is Problem.MALFORMED else f"refused: {error.reason}"
    told = [_told(one, policies, facts) for one in decisions]
    if given.json:
        print(json.dumps({"outcome": outcome, "caller": _about(caller), "decisions": [*map(asdict, told)]}, indent=2))
        return
    print(f"{caller.id} ({caller.proof}), groups: {', '.join(sorted(caller.groups)) or 'none'}")
    print("\n".join([f"=> {outcome}", *(line for one in told for line in _lines(one))]))


def _targets(given: argparse.Namespace, config: Config, caller: Caller, launch: Launch) -> list[Target]:
    """Return what may be meant; what only SageMaker knows of profiles and spaces is as the command line says.

    `GateError` 403 as `candidates`, and for somebody else's own space.
    """
    owned = (launch.profile,) if launch.profile else ()
    targets = destinations.candidates(config, caller, launch, lambda *_: owned)
    if launch.space is not None:
        space = Space(launch.space, given.space_of, shared=given.space_of is None)
        targets = tuple(replace(one, space=space) for one in targets if given.space_of in {None, one.profile})
    if not targets:
        raise GateError(Problem.REFUSED, "not-own-space")
    asked = launch.space or launch.app
    app = landing.app_of(launch.app, launch.space) if asked else None
    return [replace(one, app=app) for one in targets]


def _compiled(given: argparse.Namespace) -> tuple[Config, Policies]:
    written = documents.read(given.config or documents.SCHEMA.parent)
    deployment = documents.deployment(written.raw, None, None)
    try:
        if written.error is not None or written.raw is None:
            raise written.error or ConfigError(written.toml_name)
        config = compile_config(written.toml_name, written.raw, deployment)
        names = (written.policies_name, documents.SCHEMA.name)
        schema, opened = documents.SCHEMA.read_bytes(), {one.name for one in config.destinations}
        return config, compile_policies(names[0], written.policies, names[1], schema, opened)
    except ConfigError as error:
        raise Failure(
            Exit.UNFORESEEN, "the configuration does not hold: `studio-gate config check` says why"
        ) from error


def _caller(given: argparse.Namespace, config: Config) -> Caller:
    """Return the caller as a proof would name it; `Failure` 2 for whom nothing in the configuration can prove."""
    groups = {one for one in given.groups.split(",") if one}
    if (arn := ASSUMED_ROLE.fullmatch(given.caller)) is not None:
        role = config.iam_role(arn["account"], arn["role"])
        if role is None or role.trust_session_name != (arn["session"] is not None):
            raise Failure(
                Exit.USAGE, "the role is not in iam_roles, or its sessions are named otherwise than said there"
            )
        issuer, proof = f"arn:{arn['partition']}:iam::{role.account}:root", Proof.SIGV4
        subject, groups = arn["session"] or arn["role"], groups | set(role.groups)
    else:
        parts = PROVIDED.fullmatch(given.caller)
        provider = next((one for one in naming.providers(config) if parts and one.name == parts["provider"]), None)
        if parts is None or provider is None:
            raise Failure(Exit.USAGE, "the caller is of no issuer, proxy or sign_in of the configuration")
        issuer, subject = provider.issuer, parts["subject"]
        proof = Proof.BEARER if provider in config.issuers else Proof.PROXY
        proof = Proof.SESSION if provider == config.sign_in else proof
    proof = Proof(given.proof) if given.proof else proof
    return Caller(given.caller, proof, issuer, subject, subject, frozenset(groups), email=given.email)


def _facts(given: argparse.Namespace) -> Facts:
    try:
        at = datetime.fromisoformat(given.at) if given.at else datetime.now(UTC)
        if at.tzinfo is None:
            raise ValueError
        address = ip_address(given.source_ip) if given.source_ip else None
    except ValueError as error:
        raise Failure(
            Exit.USAGE, "--at is a time as 2026-11-24T08:00:00Z, --source-ip an address as 10.1.2.3"
        ) from error
    return Facts(address, given.endpoint, at)


def _parameters(error: GateError) -> str:
    return "; ".join(f"{one.name} {one.detail}" for one in error.parameters)


def _about(caller: Caller) -> dict[str, object]:
    return {"id": caller.id, "proof": caller.proof, "groups": sorted(caller.groups), "email": caller.email}


def _told(decision: Decision, policies: Policies, facts: Facts) -> Told:
    target = decision.target
    return Told(
        target.destination.name,
        target.profile,
        decision.allowed,
        decision.reason,
        decision.policies,
        decision.errors,
        target.expires_in,
        target.session_expires_in,
        _explained(decision, policies, facts),
        target.space.name if target.space else None,
        target.app,
    )


def _explained(decision: Decision, policies: Policies, facts: Facts) -> tuple[str, ...]:
    found = explain(policies, decision.caller, decision.target, facts)
    return tuple(
        f"{one.effect} {one.policy}: " + ("applies" if one.applies else f"does not apply: {'; '.join(one.unmet)}")
        for one in found
    )


def _lines(told: Told) -> list[str]:
    where = told.destination + (f"/{told.profile}" if told.profile else "")
    span = f"for {told.expires_in} s, with a session of {told.session_expires_in} s"
    relied = [f"    relied on {one}" for one in told.policies]
    wrong = [f"    could not be evaluated: {one}" for one in told.errors]
    return [
        f"{where}: {told.reason}, {span}",
        *relied,
        *wrong,
        *(f"    {one}" for one in told.explained),
    ]
