"""An event loop whose time passes only while everybody waits.

An hour of load runs in seconds, through the code that serves, and twice the same: nothing depends
on how busy the machine is.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Skipping(selectors.SelectSelector):
    """Waits for nothing: where the loop would sleep, `now` moves on instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits, and nothing will ever happen")
            self.now += max(timeout, 0.0)
        return ready


class Simulated(asyncio.SelectorEventLoop):
    """Its time is that of its selector, in seconds from 0."""

    def __init__(self) -> None:
        self._skipping = Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now


def simulated(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a loop of its own."""
    loop = Simulated()
    try:
        return loop.run_until_complete(work)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
