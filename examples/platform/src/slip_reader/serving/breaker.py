"""A circuit breaker: stop calling what fails, and ask now and then whether it is back."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True)
class Limits:
    """Opens when `share` of the last `window` calls failed, once there were `least` of them.

    After `open_for` seconds one call at a time is let through; `probes` good ones close it.
    """

    window: int = 8
    least: int = 4
    share: float = 0.5
    open_for: float = 5.0
    probes: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.window:
            raise ValueError("a window that holds fewer calls than `least` never opens")


class Breaker:
    """Wraps calls to one dependency: `allow` before each, `report` after those it allowed.

    Times are in seconds of any one clock. A call that was begun before the state changed says
    nothing about the state after, so its report is dropped: `allow` hands out the number of the
    state, and `report` takes it back.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.state = State.CLOSED
        self._epoch = 0
        self._failed: deque[bool] = deque(maxlen=self.limits.window)
        self._opened_at = 0.0
        self._probing = False
        self._good = 0

    def refuses(self, now: float) -> bool:
        """Whether a call would not be let through now; changes nothing."""
        waiting = self.state is State.OPEN and now - self._opened_at < self.limits.open_for
        return waiting or (self.state is State.HALF_OPEN and self._probing)

    def allow(self, now: float) -> int | None:
        """A number to report with, or None where the call must not be made."""
        if self.refuses(now):
            return None
        if self.state is State.OPEN:
            self._turn(State.HALF_OPEN)
        self._probing = self.state is State.HALF_OPEN
        return self._epoch

    def current(self, epoch: int) -> bool:
        """Whether the state is still the one that `epoch` was handed out in."""
        return epoch == self._epoch

    def report(self, epoch: int, *, ok: bool | None, now: float) -> None:
        """How an allowed call went; too late is a failure, and None (not made) is neither."""
        if epoch != self._epoch:
            return
        if ok is None:
            self._probing = False
            return
        if self.state is State.CLOSED:
            self._failed.append(not ok)
            failures = sum(self._failed)
            enough = len(self._failed) >= self.limits.least
            if enough and failures >= self.limits.share * len(self._failed):
                self._open(now)
        else:
            self._probing = False
            self._good += ok
            if not ok:
                self._open(now)
            elif self._good >= self.limits.probes:
                self._turn(State.CLOSED)

    def _open(self, now: float) -> None:
        self._turn(State.OPEN)
        self._opened_at = now

    def _turn(self, state: State) -> None:
        self.state = state
        self._epoch += 1
        self._failed.clear()
        self._probing = False
        self._good = 0
