"""Who is calling. One reader per proof; each returns a `Caller` or raises."""

from studio_gate.callers import Caller, Proof

__all__ = ["Caller", "Proof"]
