"""A gate whose configuration is live: documents of AppConfig, and what a launch tells of the one that served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from localaws import example
from tests.appconfig_server import AppConfig
from tests.studio_gate.finding import Clock

if TYPE_CHECKING:
    from tests.conftest import Context, Reply, Send

POLICIES = (example.CONFIG / "policies.cedar").read_text(encoding="utf-8")
TOML = (example.CONFIG / "gate.toml").read_text(encoding="utf-8")


def document(policies: str = POLICIES, toml: str = TOML) -> bytes:
    """Write a document as docs/live-configuration.md says."""
    return f"policies = '''\n{policies}'''\n{toml}".encode()


GOOD = document()
# Nobody may open anything: to see which configuration serves.
CLOSED = document('@id("nobody")\nforbid (principal, action, resource);\n')


@dataclass
class LiveGate:
    """The deployed function with a live configuration, at a time that the test sets."""

    send: "Send"
    server: AppConfig
    clock: Clock

    def __post_init__(self) -> None:
        self._began = self.clock.now

    def at(self, seconds: float, event: str = "url", context: "Context | None" = None) -> "Reply":
        """Send an event so many seconds after the beginning."""
        self.clock.now = self._began + seconds
        return self.send(example.event(event), context)


def told(reply: "Reply") -> tuple[int, str | None, str | None]:
    """Return the status, the version that served, and what is wrong with the latest; they agree with each other."""
    assert reply.audit["config_stale"] is (reply.audit["config_error"] is not None)
    assert reply.metrics["Stale"] == int(reply.audit["config_stale"])
    assert len(reply.mints) == (reply.status == 200)
    return reply.status, reply.audit["config_version"], reply.audit["config_error"]
