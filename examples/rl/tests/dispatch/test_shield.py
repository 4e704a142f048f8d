"""The shield and the switch, as they run beside the tug."""

import math
import random

import pytest

from quay_dispatch import dispatcher
from quay_dispatch.rl.rollout import KillSwitch

from tests.dispatch import DOWN, fix, running


@pytest.mark.parametrize("cell", dispatcher.EDGE)
def test_no_policy_drives_towards_the_water(cell: int) -> None:
    system = running(DOWN)
    for n in range(100):
        assert system.next(fix(cell=cell), n / 100).move != "down"


def test_the_logged_chance_is_the_one_after_the_shield() -> None:
    move = running((0.2, 0.2, 0.6, 0.0)).next(fix(cell=9), 0.7)
    assert (move.move, move.chance) == ("right", 0.5)


def test_at_the_ceiling_the_wealth_is_expected_to_stay_as_it_is() -> None:
    def wealth(trips: list[bool]) -> float:
        switch = KillSwitch(dispatcher.CEILING, dispatcher.ALPHA)
        for crossed in trips:
            switch.record(crossed)
        return math.exp(switch.log_wealth)

    for trips in ([], [True], [False] * 40, [False, True] * 60):
        expected = 0.05 * wealth([*trips, True]) + 0.95 * wealth([*trips, False])
        assert expected == pytest.approx(wealth(trips), rel=1e-9)


def test_crossings_at_four_times_the_ceiling_trip_it_and_at_half_of_it_do_not() -> None:
    generator = random.Random(7)
    bad, good = (KillSwitch(dispatcher.CEILING, dispatcher.ALPHA) for _ in range(2))
    for _ in range(150):
        bad.record(generator.random() < 0.2)
        good.record(generator.random() < 0.025)
    assert (bad.tripped, good.tripped) == (True, False)


def test_a_trip_that_is_still_on_its_way_is_not_counted_as_a_loss() -> None:
    system = running()
    moves = {trip: system.next(fix(), 0.5) for trip in ("a", "b", "c")}
    told = dispatcher.joined(moves, {"a": True, "c": False, "unknown": True})
    assert [(trip, arrived) for trip, _, arrived in told] == [("a", True), ("c", False)]


def test_arrivals_in_time_by_hand() -> None:
    assert dispatcher.arrivals_in_time([7, 12, 13, 25]) == 0.5
