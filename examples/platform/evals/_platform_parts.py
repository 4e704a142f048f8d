"""What the evaluation of the service looks at, in pieces; each defect replaces one of them."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from mlcharter.evals.releases import Specimen
from prometheus_client import Gauge

from slip_reader.serving.admission import Admission
from slip_reader.serving.breaker import Breaker, State
from slip_reader.serving.canary import Comparison
from slip_reader.serving.release import RefusedError
from slip_reader.serving.service import Reply, Service
from slip_reader.serving.signals import Signals

from ._platform_drills import Opened, Spoken, open_specimen
from ._platform_load import Spoil, nothing

Pixels = list[float]


@dataclass(frozen=True)
class Parts:
    """The sound service, in pieces."""

    arrives: Callable[[Pixels], Pixels] = lambda pixels: pixels
    loaded: Spoil = nothing
    broken_off: Spoil = nothing
    spoken: Spoken = lambda reply: reply
    compare: type[Comparison] = Comparison
    opened: Opened = open_specimen
    signals: Callable[[], Signals] = Signals


SOUND = Parts()


def turned(pixels: Pixels) -> Pixels:
    """A caller sends the picture column by column."""
    return [pixels[8 * column + row] for row in range(8) for column in range(8)]


def places_held(service: Service) -> None:
    """A batch job shares the pool, and holds all places but one."""
    for own in service.bulkheads.values():
        own.admission.places = 1


def line_without_end(service: Service) -> None:
    """The line has no cap."""
    for own in service.bulkheads.values():
        own.admission.waiting = 1_000_000


class PollsForAPlace(Admission):
    """When all is full, it tries again until the caller has given up."""

    async def enter(self, deadline: float) -> None:
        while self.full() and self._clock() < deadline:
            await asyncio.sleep(0.01)
        await super().enter(deadline)


class HoldsPlaces(Admission):
    """Each place is kept until a log line has reached another machine."""

    def leave(self) -> None:
        asyncio.get_running_loop().call_later(0.02, super().leave)


class CountsLate(Admission):
    """The line is counted by a gauge that is read once in a while."""

    def full(self) -> bool:
        return len(self._line) >= self.waiting and len(self._line) % 50 == 0


def admitted_by(kind: type[Admission]) -> Spoil:
    def spoil(service: Service) -> None:
        for own in service.bulkheads.values():
            old = own.admission
            own.admission = kind(old.places, old.waiting, clock=old._clock, least=old.least)

    return spoil


def places_shared(service: Service) -> None:
    """All backends take their places from one pool."""
    first, *others = service.bulkheads.values()
    for own in others:
        own.admission = first.admission


class NeverOpens(Breaker):
    """The fallback's answer is reported as a good call."""

    def report(self, epoch: int, *, ok: bool | None, now: float) -> None:
        super().report(epoch, ok=True, now=now)


class NeverProbes(Breaker):
    """Once open, it stays open until someone restarts the service."""

    def refuses(self, now: float) -> bool:
        return self.state is State.OPEN


class HelpsNobody(Breaker):
    """Counts over so many calls that a short outage never fills the window."""

    def report(self, epoch: int, *, ok: bool | None, now: float) -> None:
        self._failed = deque(self._failed, maxlen=5000)
        self._failed.extend([False] * 100)
        super().report(epoch, ok=ok, now=now)


def broken_by(kind: type[Breaker]) -> Spoil:
    def spoil(service: Service) -> None:
        for own in service.bulkheads.values():
            own.breaker = kind(own.breaker.limits)

    return spoil


def unflagged(reply: Reply) -> Reply:
    """A degraded answer looks like a full one."""
    return replace(reply, mode=None)


class LooksAtTheMean(Comparison):
    """The candidate and what is live are judged together: a quarter of the traffic hides in it."""

    def add(self, *, candidate: bool, harm: bool) -> None:
        super().add(candidate=candidate, harm=harm)
        if self.aborted:
            self.log_wealth = 0.0


class MoreAfterThirty(Comparison):
    """Takes back whatever has failed more often than what is live, after 30 pairs."""

    def __init__(self) -> None:
        super().__init__()
        self._difference = 0

    def add(self, *, candidate: bool, harm: bool) -> None:
        self._difference += harm if candidate else -harm
        super().add(candidate=candidate, harm=harm)

    @property
    def aborted(self) -> bool:
        return self.pairs >= 30 and self._difference > 0


def present_only(it: Specimen) -> object:
    """Looks whether the deployed manifest is there, and believes its name."""
    path = it.folder / "blobs/sha256" / it.name.rpartition(":")[2]
    if not path.is_file():
        raise RefusedError("the manifest is missing")
    return path


def signed_by_two(it: Specimen) -> object:
    """Wants the signatures of a higher tier."""
    return open_specimen(replace(it, trust=it.trust | {"threshold": 2}))


class Renamed(Signals):
    """A refactoring gave a metric a nicer name."""

    def __init__(self) -> None:
        super().__init__()
        self.registry.unregister(self.waiting)
        self.waiting = Gauge("queue_length", "Requests in line", registry=self.registry)


BROKEN: dict[str, Parts] = {
    "scorer-accuracy": replace(SOUND, arrives=turned),
    "p99-at-70": replace(SOUND, loaded=places_held),
    "p99-at-200": replace(SOUND, loaded=line_without_end),
    "refused-at-once": replace(SOUND, loaded=admitted_by(PollsForAPlace)),
    "goodput-at-200": replace(SOUND, loaded=admitted_by(HoldsPlaces)),
    "queue-cap": replace(SOUND, loaded=admitted_by(CountsLate)),
    "breaker-opens": replace(SOUND, broken_off=broken_by(NeverOpens)),
    "breaker-closes": replace(SOUND, broken_off=broken_by(NeverProbes)),
    "outage-answered": replace(SOUND, broken_off=broken_by(HelpsNobody)),
    "backend-apart": replace(SOUND, broken_off=places_shared),
    "degrade-forced": replace(SOUND, spoken=unflagged),
    "canary-bad-aborted": replace(SOUND, compare=LooksAtTheMean),
    "canary-good-promoted": replace(SOUND, compare=MoreAfterThirty),
    "canary-false-abort": replace(SOUND, compare=MoreAfterThirty),
    "tampered-refused": replace(SOUND, opened=present_only),
    "sound-started": replace(SOUND, opened=signed_by_two),
    "metric-names": replace(SOUND, signals=Renamed),
}
"""A broken service for each gate, which must fail on it."""
