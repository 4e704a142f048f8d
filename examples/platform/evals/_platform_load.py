"""Load on the service in simulated time: arrivals, work, and what became of each request."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlcharter.evals.testing import simulate

from slip_reader.serving.service import (
    Backend,
    Reply,
    Service,
    Settings,
)

RUNS, REQUESTS = 20, 800
MEAN_WORK = 0.02
"""Seconds; a request is drawn from a lognormal distribution around it, so that a few take long."""
SIGMA = 0.5
SETTINGS = Settings()
CAPACITY = SETTINGS.places / MEAN_WORK

Trace = list[tuple[float, float]]
Spoil = Callable[[Service], None]


def nothing(service: Service) -> None:
    """Leave it as it is."""


def traces(seed: int) -> list[Trace]:
    """RUNS lists of requests: the gap before it at one request a second, and its work in seconds.

    Drawn with the standard library's generator, whose numbers are the same in every version.
    """
    drawn = random.Random(seed)  # noqa: S311 -- a simulation
    shift = -SIGMA * SIGMA / 2
    return [
        [
            (
                round(drawn.expovariate(1.0), 6),
                round(MEAN_WORK * drawn.lognormvariate(shift, SIGMA), 6),
            )
            for _ in range(REQUESTS)
        ]
        for _ in range(RUNS)
    ]


@dataclass(frozen=True)
class Seen:
    """One request: when it came, how long its caller waited, and the answer."""

    at: float
    waited: float
    reply: Reply


@dataclass
class Dependency:
    """What the service calls: works as long as it is told, fails or hangs between two times."""

    name: str = "stand-in"
    down: tuple[float, float] = (0.0, 0.0)
    hangs: bool = False
    hangs_for: float = 10.0
    plain: bool = True
    calls: int = 0
    calls_down: int = 0
    queue_peak: int = 0

    def answer(self, question: Any) -> dict[str, Any]:
        raise NotImplementedError("called in simulated time only")

    def fallback(self, question: Any) -> dict[str, Any] | None:
        return {"plain": True} if self.plain else None

    async def call(self, work: Any) -> dict[str, Any]:
        now = asyncio.get_running_loop().time()
        self.calls += 1
        if self.down[0] <= now < self.down[1]:
            self.calls_down += 1
            if not self.hangs:
                raise ConnectionError("the dependency is down")
            work = self.hangs_for
        await asyncio.sleep(work)
        return {"plain": False}


async def called(backend: Backend, work: Any) -> dict[str, Any]:
    """How a service calls a stand-in."""
    assert isinstance(backend, Dependency)
    return await backend.call(work)


def service_of(*dependencies: Dependency, spoil: Spoil = nothing) -> Service:
    """A ready service over these stand-ins, spoiled as told."""
    service = Service("0" * 64, {it.name: it for it in dependencies}, SETTINGS, call=called)
    service.ready = True
    spoil(service)
    return service


async def offered(
    service: Service, dependency: Dependency, trace: Trace, rate: float
) -> list[Seen]:
    """Send the requests of a trace at `rate` a second, and wait for all answers."""
    now = asyncio.get_running_loop().time
    admission = service.bulkheads[dependency.name].admission

    async def one(work: float) -> Seen:
        came = now()
        reply = await service.ask(dependency.name, work)
        dependency.queue_peak = max(dependency.queue_peak, admission.queued)
        return Seen(came, now() - came, reply)

    tasks = []
    for gap, work in trace:
        await asyncio.sleep(gap / rate)
        tasks.append(asyncio.ensure_future(one(work)))
        await asyncio.sleep(0)
        dependency.queue_peak = max(dependency.queue_peak, admission.queued)
    return await asyncio.gather(*tasks)


@dataclass(frozen=True)
class Loaded:
    """What one run came to. Latencies are of full answers, in seconds; shares are of requests."""

    p50: float
    p90: float
    p99: float
    refusal: float
    refused: float
    goodput: float
    queue_peak: int


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def loaded(trace: Trace, load: float, spoil: Spoil = nothing) -> Loaded:
    """One run at `load` times the capacity."""

    async def work() -> Loaded:
        dependency = Dependency()
        service = service_of(dependency, spoil=spoil)
        seen = await offered(service, dependency, trace, load * CAPACITY)
        full = [s.waited for s in seen if s.reply.status == 200 and s.reply.mode is None]
        refused = [s.waited for s in seen if s.reply.status in (429, 503)]
        lasted = max(s.at + s.waited for s in seen)
        return Loaded(
            p50=percentile(full, 0.5),
            p90=percentile(full, 0.9),
            p99=percentile(full, 0.99),
            refusal=percentile(refused, 0.99),
            refused=len(refused) / len(seen),
            goodput=len(full) / (min(load, 1.0) * CAPACITY * lasted),
            queue_peak=dependency.queue_peak,
        )

    return simulate(work())
