"""The handler for environments that start ahead of requests: its gate is made, and a bad configuration never starts.

SnapStart keeps what is made here, and gives it to many environments: nothing of it is secret, drawn by chance or read
from a clock, and nobody has been called (docs/decisions/0026-what-is-new-is-tried-first.md).
"""

from studio_gate.handler import gate, handler

__all__ = ["handler"]

gate()
