"""The steps that every launch takes, whoever is proved by whatever: settle the target, authorise, mint."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address

from studio_gate import audit, authorise, destinations
from studio_gate.config import Config, Deployment
from studio_gate.identity import Caller, Proof
from studio_gate.identity.trust import Trust
from studio_gate.mint import MintedUrl, mint
from studio_gate.sessions import Sessions
from studio_gate.upstream import Deadline


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that outlives a request."""

    deployment: Deployment
    config: Config
    policies: authorise.Policies
    sessions: Sessions
    trust: Trust


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
        decisions = self._decide(caller, destinations.candidates(self.gate.config, caller, launch))
        self.record.decided(decisions)
        return authorise.grant(decisions)

    def mint(self, grant: authorise.Grant) -> MintedUrl:
        """Mint the URL of a grant: the one way to a presigned URL."""
        minted = mint(grant, self.gate.sessions, self.deadline)
        self.record.minted(minted)
        return minted

    def may_open(self, caller: Caller) -> list[destinations.Target]:
        """Return what a caller may open, with default expiries."""
        decisions = self._decide(caller, destinations.all_own(self.gate.config, caller))
        return [decision.target for decision in decisions if decision.allowed]

    def _decide(self, caller: Caller, targets: Sequence[destinations.Target]) -> list[authorise.Decision]:
        # Behind a proxy it is the proxy's address.
        source_ip = None if caller.proof is Proof.PROXY else self.source_ip
        facts = authorise.Facts(source_ip, self.endpoint_id, datetime.now(UTC))
        return [authorise.decide(self.gate.policies, caller, target, facts) for target in targets]
