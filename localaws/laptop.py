"""The whole system on loopback: gateway, the built function in Lambda's runtime, SageMaker and STS, and a Studio.

Everything is created from the resolved template, and every policy in it is in force. Development equipment: none of it
can be reached from a deployed function.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from localaws import enforcement, example, runtime, server, studio_site, template
from localaws.gateway.serving import Addresses, serving
from localaws.gateway.signatures import Caller

LOG = example.ROOT / ".cache" / "run" / "function.log"
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
    does, so what must be refused has to be refused by both.
    """

    gateway: Addresses
    site: studio_site.Site
    lenient: studio_site.Site
    enforced: enforcement.Enforcement
    clock: Clock


def source() -> dict[str, Any]:
    """Return the template as it stands."""
    return template.load(example.ROOT / "template.yaml")


@contextmanager
def running(
    changed: Mapping[str, Any], invoke: Callable[[str], Invoke] | None = None, folder: Path | None = None
) -> Iterator[Laptop]:
    """Run the system of a template, perhaps a changed one, until the block is left.

    `invoke` takes the runtime's place: given the URL of SageMaker and STS, it returns what answers events. The Studio's
    certificate authority is put into `folder`.
    """
    stack = template.create(changed, example.parameters(), example.ACCOUNT)
    paths = enforcement.Paths.of(example.parameters())
    clock = Clock()
    with ExitStack() as opened:
        opened.enter_context(_quiet())
        aws = opened.enter_context(server.running())
        enforced = opened.enter_context(enforcement.enforce(stack, example.ACCOUNT, paths, clock=clock))
        example.seed(example.configuration(example.environment()))
        site = opened.enter_context(studio_site.serving(enforced, clock=clock, folder=folder))
        lenient = opened.enter_context(studio_site.serving(enforced, clock=clock, session_policy_counts=False))
        answer = invoke(aws) if invoke else opened.enter_context(runtime.running(runtime.built(stack, aws), LOG))
        yield Laptop(opened.enter_context(serving(stack, CALLERS, answer)), site, lenient, enforced, clock)


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
