"""Admission: so many requests in work, so many in line, and the rest is told at once.

A queue that may grow turns a short overload into minutes of answers that nobody waits for.
"""

import asyncio
from collections import deque
from collections.abc import Callable

Entry = tuple["asyncio.Future[None]", float]


class QueueFullError(Exception):
    """Every place is busy and the line is full."""


class TooLateError(Exception):
    """The request could not get a place while its answer was still wanted."""


class Admission:
    """`places` requests in work and `waiting` in line, first come, first served.

    `least` is what the work takes at the very least, in seconds: whoever has less time left when
    a place comes free is refused instead of worked on. `clock` is the event loop's.
    """

    def __init__(
        self, places: int, waiting: int, *, clock: Callable[[], float], least: float = 0.0
    ) -> None:
        if places < 1 or waiting < 0:
            raise ValueError("at least one place, and no fewer than none in line")
        self.places, self.waiting, self.least = places, waiting, least
        self.busy = 0
        self._clock = clock
        self._line: deque[Entry] = deque()

    @property
    def queued(self) -> int:
        return len(self._line)

    def full(self) -> bool:
        return len(self._line) >= self.waiting

    async def enter(self, deadline: float) -> None:
        """Take a place, which `leave` gives back; QueueFullError or TooLateError otherwise."""
        if self.busy < self.places:
            self.busy += 1
            return
        if self.full():
            raise QueueFullError
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (granted, deadline)
        self._line.append(entry)
        try:
            async with asyncio.timeout_at(deadline - self.least):
                await granted
        except BaseException as error:
            self._forget(entry)
            if isinstance(error, TimeoutError):
                raise TooLateError from error
            raise

    def leave(self) -> None:
        """Give a place back: to the first in line who can still be answered, or to nobody."""
        while self._line:
            granted, deadline = self._line.popleft()
            if granted.done():
                continue
            if deadline - self._clock() < self.least:
                granted.set_exception(TooLateError())
                continue
            granted.set_result(None)
            return
        self.busy -= 1

    def _forget(self, entry: Entry) -> None:
        """Take someone who went away out of the line; a place just granted is passed on."""
        granted, _ = entry
        if entry in self._line:
            self._line.remove(entry)
        elif granted.done() and not granted.cancelled() and granted.exception() is None:
            self.leave()
