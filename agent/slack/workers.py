"""The threads that work the inbox off: one lane at a time each, in order, until they are told to stop."""

from __future__ import annotations

import threading
import time
from typing import Final

from agent.slack.front import Front
from agent.slack.logs import log

#: Seconds between looks into the inbox: when something was put there just now, and else (another worker may have put it).
_SOON: Final = 0.05
_IDLE: Final = 0.5
#: Deliveries of one lane before others get their turn.
_AT_MOST: Final = 20


class Workers:
    """Takes lanes from the inbox. `stop` lets each finish the turn in hand."""

    def __init__(self, front: Front, count: int) -> None:
        self._front = front
        self._stopping = threading.Event()
        self._woken = 0.0
        self._threads = [
            threading.Thread(target=self._run, name=f"rung-worker-{n}", daemon=True) for n in range(count)
        ]
        self._keeper = threading.Thread(target=self._keep_house, name="rung-keeper", daemon=True)

    def start(self) -> None:
        for thread in (*self._threads, self._keeper):
            thread.start()

    def nudge(self) -> None:
        """Something was put into the inbox."""
        self._woken = time.monotonic()

    def stop(self, seconds: float = 30) -> bool:
        """Finish the turns in hand; False when one did not end in time (its delivery stays in the inbox)."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                worked = self._one_lane()
            except Exception as error:  # the database went away; it may come back
                log("inbox unreachable", 40, error=type(error).__name__)
                self._front.gauges.errors.labels("database").inc()
                self._stopping.wait(1)
                continue
            if not worked:
                recent = time.monotonic() - self._woken < 1
                self._stopping.wait(_SOON if recent else _IDLE)

    def _one_lane(self) -> bool:
        with self._front.inbox.lane() as lane:
            if lane is None:
                return False
            for _ in range(_AT_MOST):
                waiting = None if self._stopping.is_set() else self._front.inbox.next(lane)
                if waiting is None:
                    break
                self._front.work(waiting)
            return True

    def _keep_house(self) -> None:
        """Count what waits, and once an hour drop keys that Slack will not send again."""
        hour = 0
        while not self._stopping.wait(5):
            try:
                self._front.gauges.waiting.set(self._front.inbox.waiting())
                self._front.inbox.drop_held()
                hour = (hour + 1) % 720
                if hour == 1:
                    self._front.inbox.forget_old()
                    self._front.speaker.paces.forget_old()
            except Exception as error:
                log("house not kept", 30, error=type(error).__name__)
