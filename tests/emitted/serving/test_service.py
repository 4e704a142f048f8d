"""What the service holds on to, and what it lets go."""

import asyncio
from threading import Event
from typing import Any

import pytest
from mlcharter.evals.testing import simulate

from system.serving.breaker import Limits, State
from system.serving.service import (
    ABSTAIN,
    FALL_BACK,
    Service,
    Settings,
)

from evals._platform_load import Dependency, called, service_of


def test_a_place_is_taken_until_the_work_has_ended() -> None:
    async def work() -> list[object]:
        dependency = Dependency()
        service = service_of(dependency)
        reply = await service.ask(dependency.name, 3.0)
        seen: list[object] = [reply.mode, service.bulkheads[dependency.name].admission.busy]
        await asyncio.sleep(3.0)
        return [*seen, service.bulkheads[dependency.name].admission.busy]

    assert simulate(work()) == [FALL_BACK, 1, 0]


def test_a_caller_who_hangs_up_says_nothing_about_the_backend() -> None:
    async def work() -> list[int]:
        dependency = Dependency()
        service = service_of(dependency)
        for _ in range(20):
            asking = asyncio.ensure_future(service.ask(dependency.name, 0.2))
            await asyncio.sleep(0.1)
            asking.cancel()
        await asyncio.sleep(1.0)
        own = service.bulkheads[dependency.name]
        return [int(own.breaker.state), own.admission.busy]

    assert simulate(work()) == [0, 0]


def test_a_caller_who_gives_up_early_opens_no_breaker() -> None:
    async def work() -> tuple[set[str | None], int]:
        dependency = Dependency()
        service = service_of(dependency)
        modes = set()
        for _ in range(20):
            modes.add((await service.ask(dependency.name, 0.1, timeout=0.05)).mode)
            await asyncio.sleep(0.1)
        return modes, int(service.bulkheads[dependency.name].breaker.state)

    assert simulate(work()) == ({FALL_BACK}, State.CLOSED)


def test_callers_who_give_up_early_do_not_hide_a_backend_that_hangs() -> None:
    async def work() -> int:
        dependency = Dependency(down=(0.0, 100.0), hangs=True)
        service = service_of(dependency)
        for _ in range(Settings().places):
            await service.ask(dependency.name, 0.01, timeout=0.05)
        await asyncio.sleep(Settings().patience)
        return int(service.bulkheads[dependency.name].breaker.state)

    assert simulate(work()) == State.OPEN


def test_nobody_waits_longer_than_the_service_allows() -> None:
    async def work() -> float:
        dependency = Dependency(down=(0.0, 100.0), hangs=True)
        service = service_of(dependency)
        began = asyncio.get_running_loop().time()
        await service.ask(dependency.name, 0.01, timeout=60.0)
        return asyncio.get_running_loop().time() - began

    assert simulate(work()) == Settings().patience


def test_the_line_is_answered_when_the_breaker_opens() -> None:
    async def work() -> set[str | None]:
        dependency = Dependency(down=(0.0, 100.0), hangs=True)
        service = service_of(dependency)
        asked = [service.ask(dependency.name, 0.01) for _ in range(10)]
        return {reply.mode for reply in await asyncio.gather(*asked)}

    assert simulate(work()) == {FALL_BACK}


def test_draining_waits_for_what_is_in_work() -> None:
    async def work() -> tuple[int, float]:
        dependency = Dependency()
        service = service_of(dependency)
        asking = asyncio.ensure_future(service.ask(dependency.name, 0.2))
        await asyncio.sleep(0.01)
        await service.drain()
        reply = await asking
        return reply.status, round(asyncio.get_running_loop().time(), 1)

    assert simulate(work()) == (200, 0.2)


def test_a_service_whose_smoke_question_fails_is_never_ready() -> None:
    async def work() -> bool:
        dependency = Dependency(down=(0.0, 1.0))
        service = Service("0" * 64, {dependency.name: dependency}, call=called)
        with pytest.raises(ConnectionError):
            await service.start({dependency.name: 0.0})
        return service.ready

    assert simulate(work()) is False


def test_a_breaker_that_a_hanging_backend_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="smaller window"):
        Service("0" * 64, {}, Settings(places=2, breaker=Limits(window=8, share=0.5)))
    with pytest.raises(ValueError, match="smaller window"):
        Service("0" * 64, {}, Settings(places=4, breaker=Limits(least=5)))


async def hang(service: Service, name: str, calls: int) -> None:
    """Lose `calls` places of a backend, one after the other, each past its limit."""
    for _ in range(calls):
        assert (await service.ask(name, 0.0)).mode == FALL_BACK
        await asyncio.sleep(Settings().stuck)


def hanging(name: str = "stand-in") -> Dependency:
    return Dependency(name, down=(0.0, 1e9), hangs=True, hangs_for=1e9)


def test_a_call_that_does_not_return_is_counted_and_its_caller_is_not_kept() -> None:
    async def work() -> list[object]:
        dependency = Dependency()
        service = service_of(dependency)
        own = service.bulkheads[dependency.name]
        reply = await service.ask(dependency.name, 2 * Settings().stuck)
        seen: list[object] = [reply.mode, own.stuck]
        await asyncio.sleep(Settings().stuck)
        seen.append(own.stuck)
        await asyncio.sleep(Settings().stuck)  # It returned after all.
        return [*seen, own.stuck, own.admission.busy]

    assert simulate(work()) == [FALL_BACK, 0, 1, 0, 0]


def test_callers_of_a_backend_without_places_get_the_plain_answer_at_once() -> None:
    async def work() -> tuple[str | None, float, bool]:
        service = service_of(hanging())
        await hang(service, "stand-in", Settings().places)
        began = asyncio.get_running_loop().time()
        mode = (await service.ask("stand-in", 0.0)).mode
        return mode, asyncio.get_running_loop().time() - began, service.lost

    assert simulate(work()) == (FALL_BACK, 0.0, True)


def test_an_instance_is_lost_with_its_last_backend() -> None:
    async def work() -> list[bool]:
        service = service_of(hanging("one"), hanging("two"))
        seen = [service.lost]
        for name in ("one", "two"):
            await hang(service, name, Settings().places)
            seen.append(service.lost)
        return seen

    assert simulate(work()) == [False, False, True]


def test_draining_does_not_wait_for_what_never_returns() -> None:
    async def work() -> float:
        service = service_of(hanging())
        await hang(service, "stand-in", 1)
        began = asyncio.get_running_loop().time()
        await service.drain()
        return asyncio.get_running_loop().time() - began

    assert simulate(work()) == 0.0


PATIENT = Settings(timeout=30.0, patience=30.0)
"""For real threads, which a busy machine may keep waiting."""


class Held:
    """Answers when it is let go."""

    def __init__(self, name: str) -> None:
        self.name, self.go = name, Event()

    def answer(self, question: Any) -> dict[str, Any]:
        self.go.wait()
        return {"twice": 2 * question}

    def fallback(self, question: Any) -> dict[str, Any] | None:
        return None


def test_threads_that_hang_leave_those_of_another_backend_alone() -> None:
    async def work() -> list[object]:
        hung, sound = Held("hung"), Held("sound")
        sound.go.set()
        service = Service("0" * 64, {"hung": hung, "sound": sound}, PATIENT)
        service.ready = True
        asked = [service.ask("hung", 1, timeout=0.05) for _ in range(PATIENT.places)]
        held = {reply.mode for reply in await asyncio.gather(*asked)}
        answer = (await service.ask("sound", 4)).result
        hung.go.set()
        return [held, answer]

    assert asyncio.run(work()) == [{ABSTAIN}, {"twice": 8}]


def test_a_service_starts_when_each_backend_has_answered() -> None:
    async def work() -> object:
        backend = Held("plain")
        backend.go.set()
        service = Service("0" * 64, {"plain": backend}, PATIENT)
        await service.start({"plain": 1})
        return (await service.ask("plain", 4)).result

    assert asyncio.run(work()) == {"twice": 8}
