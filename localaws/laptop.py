"""The whole system on loopback: gateway, the built function in Lambda's runtime, SageMaker and STS, and a Studio.

Everything is created from the resolved template, and every policy in it is in force. Development equipment: none of it
can be reached from a deployed function.
"""

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from localaws import elsewhere, enforcement, example, people, provider, runtime, server, studio_site, template
from localaws.gateway.serving import Addresses, serving
from localaws.gateway.signatures import Caller
from localaws.studio_site.certificate import Authority

LOGS = example.ROOT / ".cache" / "run"
ALICE, MALLORY = "ASIALAPTOPALICE00001", "ASIALAPTOPMALLORY001"
_ROLE = "AWSReservedSSO_DataScientist_0123456789abcdef"
# They open nothing but this; AWS knows no such keys.
CALLERS = {
    ALICE: Caller(
        secret="laptop/alice/secret",  # noqa: S106 - see above
        session_token="laptop-alice-token",  # noqa: S106 - see above
        account=example.ACCOUNT.id,
        user_arn=f"arn:aws:sts::{example.ACCOUNT.id}:assumed-role/{_ROLE}/alice@example.com",
        principal_id="AROAEXAMPLESCIENTIST1:alice@example.com",
    ),
    MALLORY: Caller(
        secret="laptop/mallory/secret",  # noqa: S106 - see above
        session_token="laptop-mallory-token",  # noqa: S106 - see above
        account=example.ACCOUNT.id,
        user_arn=f"arn:aws:sts::{example.ACCOUNT.id}:assumed-role/Administrator/mallory@example.com",
        principal_id="AROAEXAMPLEADMINISTR1:mallory@example.com",
    ),
}

type Invoke = Callable[[dict[str, Any]], object]


@dataclass
class Clock:
    """The time, and how far ahead of it the Studio is, so that nobody has to wait for an expiry."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """Return the Studio's time."""
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True, slots=True)
class Laptop:
    """The system that runs.

    `site` applies the minting session's own policy when a URL is used and `lenient` does not: AWS does not say which it
    does, so what must be refused has to be refused by both. `people` is missing where no provider can run. What the
    function and the provider say is in `logs`.
    """

    gateway: Addresses
    site: studio_site.Site
    lenient: studio_site.Site
    enforced: enforcement.Enforcement
    clock: Clock
    people: people.People | None
    logs: Path

    @property
    def log(self) -> Path:
        """The function's log, one audit record a request."""
        return self.logs / runtime.LOG

    @property
    def names(self) -> dict[str, int]:
        """The ports to which a browser's name server leads, by host; what begins with a dot is for all below."""
        regions = (example.ACCOUNT.region, *self.enforced.paths.regions)
        hosts = (host.removeprefix("*") for region in regions for host in studio_site.hosts(region))
        opened = dict.fromkeys(hosts, self.site.inside)
        if self.people is None or self.gateway.domain_port is None:
            return opened
        gate, signs_in = self.gateway.domain_port, self.people.provider.port
        return {people.HOST: gate, provider.HOST: signs_in, **opened}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a function needs to know to run here: the URL of AWS, its configuration, the authority to trust.

    `folder` is gone when the system has ended; `logs` stay.
    """

    aws: str
    config: Path
    authority: Path
    folder: Path
    logs: Path


def source() -> dict[str, Any]:
    """Return the template as it stands."""
    return template.load(example.ROOT / "template.yaml")


@contextmanager
def running(
    changed: Mapping[str, Any],
    invoke: Callable[[Surroundings], Invoke] | None = None,
    folder: Path | None = None,
    *,
    flow: str = "code",
    logs: Path = LOGS,
) -> Iterator[Laptop]:
    """Run the system of a template, perhaps a changed one, until the block is left.

    `invoke` takes the runtime's place: given its surroundings, it returns what answers events. The certificate
    authority is put into `folder`. Where a provider can run, people sign in there, with that `flow` of gate.toml. Of
    two that run side by side, each needs `logs` of its own.
    """
    stack = template.create(changed, example.parameters(), example.ACCOUNT)
    config = example.configuration(example.environment())
    paths, others = elsewhere.paths(config), list(elsewhere.roles(config, stack))
    clock, issuer = Clock(), Authority()
    with ExitStack() as opened:
        opened.enter_context(_quiet())
        aws = opened.enter_context(server.running())
        enforcing = enforcement.enforce(stack, example.ACCOUNT, paths, others=others, clock=clock)
        enforced = opened.enter_context(enforcing)
        example.seed(config)
        site = opened.enter_context(studio_site.serving(enforced, clock=clock, folder=folder, issuer=issuer))
        lenient = opened.enter_context(studio_site.serving(enforced, clock=clock, session_policy_counts=False))
        place, signed_in = Path(opened.enter_context(tempfile.TemporaryDirectory())), None
        if provider.missing() is None:
            signed_in = opened.enter_context(people.signing_in(issuer, place, logs, flow))
        around = Surroundings(aws, signed_in.config if signed_in else example.CONFIG, site.authority, place, logs)
        answer = invoke(around) if invoke else opened.enter_context(_runtime(stack, around))
        gateway = serving(stack, CALLERS, answer, domain=signed_in.domain if signed_in else None)
        yield Laptop(opened.enter_context(gateway), site, lenient, enforced, clock, signed_in, logs)


def _runtime(stack: Mapping[str, Any], around: Surroundings) -> AbstractContextManager[Invoke]:
    function = runtime.built(stack, around.aws, around.folder, around.config, str(around.authority))
    return runtime.running(function, around.logs / runtime.LOG)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep refusals by the policies out of the terminal: they are what is being shown."""
    logger = logging.getLogger("localaws")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
