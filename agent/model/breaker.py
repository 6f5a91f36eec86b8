"""A circuit breaker: an endpoint that keeps failing is left alone for a while, so that nobody waits for it each turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from agent.model.faults import LASTING, TRANSIENT

#: So many failed calls in a row open it.
FAILURES: Final = 3
#: Seconds it stays open, and how long after a fault that will not mend itself.
PAUSE: Final = 60.0
LONG_PAUSE: Final = 600.0
#: Faults that tell of the endpoint; the others tell of one answer.
_OF_THE_ENDPOINT: Final = TRANSIENT - {"malformed"}


class Breaker:
    """Closed at first. When its pause is over one call is let through, and that one decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def closed(self) -> bool:
        """May a call be made? The first that asks after a pause is let through, the others wait for how it went."""
        with self._lock:
            now = self._clock()
            if now < self._until:
                return False
            if self._until:
                self._until = now + PAUSE
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures, self._until = 0, 0.0

    def failed(self, kind: str) -> None:
        with self._lock:
            if kind in LASTING:
                self._until = self._clock() + LONG_PAUSE
            elif kind in _OF_THE_ENDPOINT:
                self._failures += 1
                if self._failures >= FAILURES:
                    self._until = self._clock() + PAUSE
            elif self._until:  # the trial call got through, whatever came of it
                self._failures, self._until = 0, 0.0
