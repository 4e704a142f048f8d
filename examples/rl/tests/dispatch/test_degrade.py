"""Each degrade mode, forced: what the tug does, and how the shift lead sees that it is less."""

from pathlib import Path

import pytest

from quay_dispatch import dispatcher
from quay_dispatch.rl.limits import rollout_limits

from tests.dispatch import UP, always, fix, running


def test_without_a_policy_the_route_program_drives_and_says_so() -> None:
    move = dispatcher.Dispatcher(None, always(UP), "none").next(fix(), 0.5)
    assert (move.move, move.driver, move.why) == ("up", "route-program", "no policy")


def test_a_tripped_switch_gives_the_tug_to_the_route_program_for_good() -> None:
    system = running()
    for _ in range(10):
        system.switch.record(violated=True)
    for _ in range(500):
        system.switch.record(violated=False)
    move = system.next(fix(), 0.5)
    assert (move.move, move.driver, move.why) == ("up", "route-program", "kill-switch")


def test_the_limits_of_the_dispatcher_are_those_of_the_runbook() -> None:
    limits = rollout_limits(Path(__file__).parents[2])
    agreed = (limits.violation_ceiling, limits.alpha, limits.exploration_max)
    assert agreed == (dispatcher.CEILING, dispatcher.ALPHA, dispatcher.EXPLORATION)


def test_a_policy_that_explores_too_much_is_held_back() -> None:
    system = running((0.35, 0.65, 0.0, 0.0))
    for n in range(100):
        system.next(fix(), n / 100)
    assert system.exploring / system.moves > dispatcher.EXPLORATION
    assert system.next(fix(), 0.5).why == "exploration"


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"age": 0.6}, "old fix"), ({"wind": 9.5}, "wind"), ({"map": "quay-3-map-6"}, "unknown map")],
)
def test_on_a_fix_that_cannot_be_trusted_the_tug_stands(
    changed: dict[str, object], why: str
) -> None:
    move = running().next(fix(**changed), 0.5)
    assert (move.move, move.driver, move.why) == ("stop", "stop", why)


def test_every_move_carries_its_chance_and_its_release() -> None:
    move = running((0.25, 0.75, 0.0, 0.0)).next(fix(), 0.1)
    assert (move.move, move.chance, move.release) == ("up", 0.25, "release-2026-11")
