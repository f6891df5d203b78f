"""The stage's throttle: one bucket of tokens for each setting."""

import threading
import time
from collections.abc import Callable, Sequence

from localaws.gateway.api import Route, Throttle


class Buckets:
    """Full at first; refilled at each setting's rate, up to its burst. Safe for threads."""

    def __init__(self, throttles: Sequence[Throttle], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        now = clock()
        self._held = {throttle: (float(throttle.burst), now) for throttle in throttles}

    def take(self, route: Route, method: str) -> bool:
        """Take a token from the first setting that covers the method; false when there is none."""
        throttle = next(one for one in self._held if one.covers(route, method))
        with self._lock:
            tokens, since = self._held[throttle]
            now = self._clock()
            tokens = min(float(throttle.burst), tokens + (now - since) * throttle.rate)
            taken = tokens >= 1
            self._held[throttle] = (tokens - taken, now)
        return taken
