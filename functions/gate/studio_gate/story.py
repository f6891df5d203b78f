"""The steps that every launch takes, whoever is proved by whatever: settle the target, authorise, mint."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

from studio_gate import audit, authorise, destinations, landing
from studio_gate.config import Config, Deployment
from studio_gate.destination_config import StudioDestination
from studio_gate.directory import Directory, SpaceShown
from studio_gate.errors import GateError, Problem
from studio_gate.identity import Caller, Proof
from studio_gate.identity.trust import Trust
from studio_gate.making import make_ready
from studio_gate.mint import MintedUrl, mint
from studio_gate.policies import Policies
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline

# What a space was made for, as the query calls it.
_APP_OF = {app.app_type: name for name, app in landing.APPS.items() if app.needs_space}


# More than a card of the portal has room for.
_MOST_SPACES = 50


def _app(asked: str | None, space: destinations.Space | None) -> str:
    """Return the app that a launch means: the asked one, else the one that the space was made for."""
    made_for = _APP_OF.get(space.app_type) if space and space.app_type else None
    return landing.app_of(asked or made_for, space.name if space else None)


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that outlives a request; `version` names the configuration that it is made from."""

    deployment: Deployment
    config: Config
    policies: Policies
    sessions: Sessions
    directory: Directory
    trust: Trust
    version: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One request on its way through the gate: where it came from, its audit record, and when it must be answered."""

    gate: Gate
    source_ip: IPv4Address | IPv6Address
    endpoint_id: str
    record: audit.Record
    deadline: Deadline

    def settle(self, caller: Caller, launch: destinations.Launch) -> authorise.Grant:
        """Return the grant for what a caller asks for; `GateError` 400 and 403 as `candidates` and `grant`."""
        self.record.asked(launch)
        targets = destinations.candidates(self.gate.config, caller, launch, self._owned)
        decisions = self._decide(caller, self._beside(caller, targets, launch))
        self.record.decided(decisions)
        grant = authorise.grant(decisions)
        self._check_owner(grant.decision)
        return self._landed(grant, launch)

    def mint(self, grant: authorise.Grant) -> MintedUrl:
        """Mint the URL of a grant: the one way to a presigned URL.

        `GateError` as `mint.mint`; 409 "preparing" once while the caller's profile is being made.
        """
        try:
            minted = mint(grant, self.gate.sessions, self.deadline)
        except GateError as error:
            if error.problem is not Problem.NOT_READY:
                raise
            told = make_ready(grant, self.gate.sessions, self.gate.directory, self.deadline)
            raise (told or error) from error
        self.record.minted(minted)
        return minted

    def may_open(self, caller: Caller) -> list[destinations.Target]:
        """Return what a caller may open, with default expiries; what cannot be found out now is left out."""
        nothing, found = destinations.Launch(), []
        for target in destinations.all_own(self.gate.config, caller, self._owned):
            with suppress(GateError):
                (decision,) = self._decide(caller, self._beside(caller, [target], nothing))
                if decision.allowed:
                    self._check_owner(decision)
                    found.append(decision.target)
        return found

    def spaces_of(self, caller: Caller, target: destinations.Target) -> tuple[SpaceShown, ...]:
        """Return the spaces that a caller may open with a target's profile, at most 50; `GateError` as `Directory`."""
        shown = self.gate.directory.spaces_of(target.destination, target.profile, self.deadline)[:_MOST_SPACES]
        each = [replace(target, space=one.space, app=_app(None, one.space)) for one in shown]
        decided = zip(shown, self._decide(caller, each), strict=True)
        return tuple(one for one, decision in decided if decision.allowed)

    def _owned(self, where: StudioDestination, caller: Caller) -> tuple[str, ...]:
        """Find the profile whose tag is the caller's; `GateError` 403 when there are two."""
        claim = where.profile_tagged
        value = claim.value_of(caller) if claim is not None else None
        if claim is None or value is None:
            return ()
        found = self.gate.directory.owned(where, claim.tag, value, self.deadline)
        if len(found) > 1:
            raise GateError(Problem.REFUSED, "several-profiles-of-one-owner")
        return found

    def _beside(
        self, caller: Caller, targets: Sequence[destinations.Target], launch: destinations.Launch
    ) -> list[destinations.Target]:
        """Add what decisions need to know besides: the asked space, if it may be the profile's, the app, the address.

        `GateError` 403 for a space that is not there, is somebody else's alone, or is asked for where there are none;
        and for a URL that is to be bound to an address which nobody knows.
        """
        asked = launch.space or launch.app or launch.path
        found = []
        for target in targets:
            binds, domain, space = target.destination.bind_source_ip, target.destination.domain, None
            if asked and domain is None:
                raise GateError(Problem.REFUSED, "no-landing-there")
            if launch.space is not None and domain is not None:
                space = self.gate.directory.space(domain, launch.space, self.deadline)
                if space is None or not (space.shared or space.owner == target.profile):
                    continue
            if binds and caller.proof is Proof.PROXY:
                raise GateError(Problem.REFUSED, "no-address-to-bind-to")
            bound = str(self.source_ip) if binds else None
            app = _app(launch.app, space) if asked else None
            found.append(replace(target, space=space, app=app, source_ip=bound))
        if not found:
            raise GateError(Problem.REFUSED, "not-own-space")
        return found

    def _check_owner(self, decision: authorise.Decision) -> None:
        """Pass when the profile's tag is its owner's, where the destination wants it; `GateError` 403 otherwise."""
        target, domain = decision.target, decision.target.destination.domain
        if domain is None or domain.owner_tag is None or target.profile is None:
            return
        value = domain.owner_tag.value_of(decision.caller)
        found = self.gate.directory.owner(domain, target.profile, domain.owner_tag.tag, self.deadline)
        # Where profiles are made, one that is not there yet has no tag.
        to_be_made = found is None and domain.create_profile is not None
        if value is None or (found != value and not to_be_made):
            raise GateError(Problem.REFUSED, "owner-tag-differs")

    def _landed(self, grant: authorise.Grant, launch: destinations.Launch) -> authorise.Grant:
        """Settle where in Studio the launch lands, which is Studio's own page where the app of a space does not run."""
        target, domain = grant.decision.target, grant.decision.target.destination.domain
        if domain is None or target.app is None:
            return grant
        app_type = landing.APPS[target.app].app_type or ""
        running = launch.space is not None and self.gate.directory.runs(domain, launch.space, app_type, self.deadline)
        # A JupyterLab space by itself needs no LandingUri.
        by_itself = target.app == "jupyterlab" and launch.app is None
        app = launch.app if by_itself and launch.path is None else target.app
        there = landing.landing(app, launch.path, launch.space, running=running)
        return grant.landing(there)

    def _decide(self, caller: Caller, targets: Sequence[destinations.Target]) -> list[authorise.Decision]:
        # Behind a proxy it is the proxy's address.
        source_ip = None if caller.proof is Proof.PROXY else self.source_ip
        facts = authorise.Facts(source_ip, self.endpoint_id, datetime.now(UTC))
        return [authorise.decide(self.gate.policies, caller, target, facts) for target in targets]
