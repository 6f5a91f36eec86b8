"""Progress on a terminal: one line that moves, and is gone when the work is done. Elsewhere nothing is printed."""

from __future__ import annotations

import time
from typing import TextIO


class Bar:
    """A progress to pass to `check`, as a context."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._shown = out, out.isatty()
        self._last, self._started = 0.0, time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def __call__(self, what: str, share: float, done: int) -> None:
        now = time.monotonic()
        if not self._shown or now - self._last < 0.1:
            return
        self._last = now
        speed = (
            f", {done / 1e6:,.0f} MB, {done / 1e6 / max(0.01, now - self._started):,.0f} MB/s" if done else ""
        )
        self._out.write(f"\r\x1b[K{what}{f': {share:.0%}' if share else ''}{speed}")
        self._out.flush()
