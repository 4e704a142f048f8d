"""Drills whose right outcome is known: outage, degrade modes, canary, tampering, restore."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from mlcharter.evals import releases
from mlcharter.evals.releases import Specimen
from mlcharter.evals.testing import simulate
from pydantic import BaseModel

from slip_reader.serving import scorer, scoring
from slip_reader.serving.app import create
from slip_reader.serving.breaker import State
from slip_reader.serving.canary import (
    PAIRS,
    Comparison,
    Rollout,
)
from slip_reader.serving.opening import opened
from slip_reader.serving.release import RefusedError, Trust
from slip_reader.serving.service import (
    ABSTAIN,
    DRAINING,
    FALL_BACK,
    QUEUE_FULL,
    TOO_LATE,
    Reply,
    Service,
)

from ._platform_load import (
    CAPACITY,
    SETTINGS,
    Dependency,
    Seen,
    Spoil,
    Trace,
    nothing,
    offered,
    service_of,
)

# Outage

DOWN = (2.0, 9.0)
"""Seconds from the start, during which the dependency fails."""
OUTAGE_LOAD = 0.5


class Watched:
    """What an outage came to."""

    def __init__(self, dependency: Dependency, seen: list[Seen], closed_at: float | None) -> None:
        self.seen = seen
        during = [s for s in seen if DOWN[0] <= s.at < DOWN[1]]
        self.asked = len(during)
        self.reached = dependency.calls_down
        self.helped = sum(s.reply.status == 200 for s in during)
        self.recovery = (closed_at if closed_at is not None else max(s.at for s in seen)) - DOWN[1]


def outage(trace: Trace, spoil: Spoil = nothing, *, hangs: bool) -> Watched:
    """Half the capacity is asked for while the dependency fails, at once or by never answering."""

    async def work() -> Watched:
        dependency = Dependency(down=DOWN, hangs=hangs)
        service = service_of(dependency, spoil=spoil)
        closed: list[float] = []

        async def watch() -> None:
            while not closed:
                await asyncio.sleep(0.05)
                now = asyncio.get_running_loop().time()
                state = service.bulkheads[dependency.name].breaker.state
                if now > DOWN[1] and state is State.CLOSED:
                    closed.append(now)

        watching = asyncio.ensure_future(watch())
        # The trace is walked twice, so that there is traffic well after the outage.
        seen = await offered(service, dependency, trace * 2, OUTAGE_LOAD * CAPACITY)
        watching.cancel()
        return Watched(dependency, seen, closed[0] if closed else None)

    return simulate(work())


def beside(trace: Trace, spoil: Spoil = nothing) -> float:
    """The share of callers of one backend who are answered in full while another hangs."""

    async def work() -> float:
        hung, sound = Dependency("hung", down=(0.0, 1e9), hangs=True), Dependency("sound")
        service, rate = service_of(hung, sound, spoil=spoil), OUTAGE_LOAD * CAPACITY
        _, seen = await asyncio.gather(*(offered(service, it, trace, rate) for it in (hung, sound)))
        return sum(s.reply.mode is None for s in seen) / len(seen)

    return simulate(work())


# Degrade modes, over HTTP


class Work(BaseModel):
    """Seconds of work for the stand-in."""

    work: float


Asked = Callable[..., Awaitable[Response]]
Spoken = Callable[[Reply], Reply]


async def _asked(client: AsyncClient, work: float, timeout_ms: int = 1000) -> Response:
    headers = {"request-timeout-ms": str(timeout_ms)}
    return await client.post("/v1/stand-in", json={"work": work}, headers=headers)


async def _fails(service: Service, dependency: Dependency, ask: Asked) -> Response:
    dependency.down = (0.0, 1e9)
    return await ask(0.01)


async def _fails_without_plain(service: Service, dependency: Dependency, ask: Asked) -> Response:
    dependency.plain = False
    return await _fails(service, dependency, ask)


async def _fills(service: Service, dependency: Dependency, ask: Asked) -> Response:
    held = [asyncio.ensure_future(ask(0.5)) for _ in range(SETTINGS.places + SETTINGS.waiting)]
    await asyncio.sleep(0.1)
    answer = await ask(0.01)
    await asyncio.gather(*held)
    return answer


async def _hurries(service: Service, dependency: Dependency, ask: Asked) -> Response:
    held = [asyncio.ensure_future(ask(0.5)) for _ in range(SETTINGS.places)]
    await asyncio.sleep(0.1)
    answer = await ask(0.01, 50)
    await asyncio.gather(*held)
    return answer


async def _drains(service: Service, dependency: Dependency, ask: Asked) -> Response:
    await service.drain()
    return await ask(0.01)


FORCED: dict[str, tuple[Callable[[Service, Dependency, Asked], Awaitable[Response]], int]] = {
    FALL_BACK: (_fails, 200),
    ABSTAIN: (_fails_without_plain, 200),
    QUEUE_FULL: (_fills, 429),
    TOO_LATE: (_hurries, 503),
    DRAINING: (_drains, 503),
}
"""How each mode is forced, and the status that its caller sees."""


def forced(mode: str, spoken: Spoken) -> bool:
    """Whether the caller got the mode's status and flag, the right answer, and when to return."""
    force, status = FORCED[mode]

    async def work() -> bool:
        dependency = Dependency()
        service = service_of(dependency)
        rollout = _Speaking(service, spoken)
        app = create(rollout, {dependency.name: Work})
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            answer = await force(service, dependency, partial(_asked, client))
        body = answer.json()
        wanted = {"plain": True} if mode == FALL_BACK else None
        told = "retry-after" in answer.headers
        seen = (answer.status_code, body["degraded"], body["result"], told)
        return bool(seen == (status, mode, wanted, status != 200))

    return simulate(work())


class _Speaking(Rollout):
    """A rollout whose replies pass through `spoken` on their way out."""

    def __init__(self, live: Service, spoken: Spoken) -> None:
        super().__init__(live)
        self._spoken = spoken

    async def ask(self, name: str, question: Any, timeout: float | None) -> tuple[Service, Reply]:
        service, reply = await super().ask(name, question.work, timeout)
        return service, self._spoken(reply)


# Canary

SHARE = 0.25
GOOD, BAD = 0.01, 0.12
"""Share of requests that end badly: of a sound release, and of one that must be rolled back."""


async def _ramped(candidate: float, seed: int, compare: type[Comparison]) -> Rollout:
    """A candidate on SHARE of the traffic until it is rolled back or has its pairs."""
    drawn = random.Random(f"answers {seed}")  # noqa: S311 -- apart from the rollout's own

    def failing(rate: float) -> Service:
        dependency = Dependency(name="stand-in")

        async def call(_: Any, work: Any) -> dict[str, Any]:
            if drawn.random() < rate:
                raise ConnectionError("a bad answer")
            return {"plain": False}

        service = Service("0" * 64, {dependency.name: dependency}, SETTINGS, call=call)
        service.ready = True
        return service

    rollout = Rollout(failing(GOOD), failing(candidate), SHARE, seed)
    rollout.comparison = compare()
    now = asyncio.get_running_loop().time
    while rollout.candidate is not None and rollout.comparison.pairs < PAIRS:
        began = now()
        service, reply = await rollout.ask("stand-in", 0.0, None)
        rollout.saw(service, reply, now() - began)
    return rollout


def ramped(candidate: float, seed: int, compare: type[Comparison]) -> Rollout:
    return simulate(_ramped(candidate, seed, compare))


def promoted(rollout: Rollout) -> bool:
    """Promote a candidate that may be; whether it is what is live now."""
    candidate = rollout.candidate
    try:
        rollout.promote()
    except ValueError:
        return False
    return rollout.live is candidate


def falsely_aborted(streams: int, rate: float, seed: int, compare: type[Comparison]) -> int:
    """How many of `streams` candidates that are exactly as good as what is live are rolled back."""
    drawn = random.Random(seed)  # noqa: S311 -- a simulation
    aborted = 0
    for _ in range(streams):
        comparison = compare()
        while comparison.pairs < PAIRS and not comparison.aborted:
            comparison.add(candidate=False, harm=drawn.random() < rate)
            comparison.add(candidate=True, harm=drawn.random() < rate)
        aborted += comparison.aborted
    return aborted


# Releases that must not start, and those that must

Opened = Callable[[Specimen], object]

exported = cache(scorer.exported)
dataset_digest = cache(scorer.dataset_digest)


def specimen(folder: Path, *, sequence: int = 1) -> Specimen:
    """A sound release of the shipped scorer, signed with a key of its own."""
    return releases.build(folder, {f"model/{scorer.NAME}": exported()}, sequence=sequence)


def open_specimen(it: Specimen) -> Service:
    """The service of a specimen, whose key it trusts, at the time of the specimen."""
    return opened(it.folder, it.name, Trust.model_validate(it.trust), [scoring], now=it.now)


def refused(scratch: Path, opened: Opened) -> list[str]:
    """The names of the spoilt releases that were refused."""
    return [
        name
        for number, (name, spoil) in enumerate(releases.TAMPERED)
        if not starts(spoil(specimen(scratch / str(number))), opened)
    ]


def starts(it: Specimen, opened: Opened) -> bool:
    """Whether a release is taken."""
    try:
        opened(it)
    except RefusedError:
        return False
    return True
