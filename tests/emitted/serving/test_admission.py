"""Who gets a place, who waits, and who is told to go."""

import asyncio

import pytest
from mlcharter.evals.testing import simulate

from system.serving.admission import (
    Admission,
    QueueFullError,
    TooLateError,
)


def admission(places: int, waiting: int, least: float = 0.0) -> Admission:
    return Admission(places, waiting, clock=lambda: asyncio.get_running_loop().time(), least=least)


def test_places_are_given_first_and_the_line_after_them() -> None:
    async def work() -> list[str]:
        door, order = admission(1, 2), []

        async def one(name: str) -> None:
            await door.enter(deadline=10.0)
            order.append(name)
            await asyncio.sleep(1.0)
            door.leave()

        await asyncio.gather(*(one(name) for name in "abc"))
        return order

    assert simulate(work()) == ["a", "b", "c"]


def test_a_full_line_refuses_at_once() -> None:
    async def work() -> float:
        door = admission(1, 0)
        await door.enter(deadline=10.0)
        with pytest.raises(QueueFullError):
            await door.enter(deadline=10.0)
        return asyncio.get_running_loop().time()

    assert simulate(work()) == 0.0


def test_who_cannot_be_answered_in_time_is_refused_before_it_is_worked_on() -> None:
    async def work() -> tuple[float, int]:
        door = admission(1, 1, least=0.5)
        await door.enter(deadline=10.0)
        with pytest.raises(TooLateError):
            await door.enter(deadline=2.0)
        return asyncio.get_running_loop().time(), door.queued

    assert simulate(work()) == (1.5, 0)


def test_a_place_given_to_someone_who_left_goes_to_the_next() -> None:
    async def work() -> tuple[bool, int]:
        door = admission(1, 2)
        await door.enter(deadline=10.0)
        gone = asyncio.ensure_future(door.enter(deadline=10.0))
        next_one = asyncio.ensure_future(door.enter(deadline=10.0))
        await asyncio.sleep(0)
        door.leave()
        gone.cancel()
        await asyncio.wait([gone, next_one], timeout=5.0)
        return next_one.done() and next_one.exception() is None, door.busy

    assert simulate(work()) == (True, 1)


def test_everyone_leaves_and_every_place_is_free() -> None:
    async def work() -> tuple[int, int]:
        door = admission(3, 50)

        async def one(number: int) -> None:
            try:
                await door.enter(asyncio.get_running_loop().time() + 0.3 * (number % 5))
            except (QueueFullError, TooLateError):
                return
            try:
                await asyncio.sleep(0.1 * (number % 4))
            finally:
                door.leave()

        tasks = [asyncio.ensure_future(one(number)) for number in range(60)]
        await asyncio.sleep(0.05)
        for task in tasks[::7]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return door.queued, door.busy

    assert simulate(work()) == (0, 0)


@pytest.mark.parametrize(("places", "waiting"), [(0, 1), (1, -1)])
def test_no_place_at_all_is_a_mistake(places: int, waiting: int) -> None:
    with pytest.raises(ValueError, match="at least one place"):
        admission(places, waiting)
