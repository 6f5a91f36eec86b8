"""One event loop for all calls of the process, in a thread of its own.

HTTP connections belong to the loop that opened them, so there is one. Whoever waits for a call can be interrupted: Ctrl-C
cancels the call, and that closes its connection.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model calls", daemon=True).start()
    return loop


def run(work: Callable[[Callable[[str], None]], Coroutine[Any, Any, T]], on_text: Callable[[str], None]) -> T:
    """Do `work` on the loop and give what it gives. What it says on the way reaches `on_text` in the caller's own thread.

    Raises:
        KeyboardInterrupt: the person stopped it; the request is closed.
    """
    said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    future = asyncio.run_coroutine_threadsafe(work(said.put), _loop())
    future.add_done_callback(lambda _: said.put(None))
    try:
        while (text := said.get()) is not None:
            on_text(text)
        return future.result()
    except CancelledError as error:
        raise KeyboardInterrupt from error
    finally:
        future.cancel()
