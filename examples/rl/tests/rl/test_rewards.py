"""Rewards: shaping that changes nothing, bonuses that do, and how they are gamed."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from quay_dispatch.rl import exact, policies, rewards, shield
from quay_dispatch.rl.environment import COLUMNS, CRANE, START, quay

TABLE = quay()
SHAPING = rewards.shaping(TABLE)
BEST = policies.greedy(exact.optimal(TABLE))


def test_no_closed_loop_gains_and_no_choice_changes() -> None:
    loops, gaining = rewards.loops(TABLE, SHAPING)
    choices, changed = rewards.changed_choices(TABLE, SHAPING)
    assert (gaining, changed) == (0, 0)
    assert loops > 500
    assert choices == TABLE.horizon * (~TABLE.terminal).sum()


def test_along_any_way_the_shaping_is_the_difference_of_its_ends() -> None:
    """gamma ** n * potential(last) - potential(first), whatever lies between."""
    height = rewards.potential(TABLE)
    way = [START, 6, 7, 8, 2, 8, 9, 9]
    brought = sum(
        TABLE.gamma**step * SHAPING.bonus[here, 0, there]
        for step, (here, there) in enumerate(pairwise(way))
    )
    assert brought == pytest.approx(TABLE.gamma**7 * height[9] - height[START])


def test_shaping_without_gamma_pays_for_going_round() -> None:
    height = rewards.potential(TABLE)
    bonus = np.broadcast_to(height[None, None, :] - height[:, None, None], TABLE.reward.shape)
    loops, gaining = rewards.loops(TABLE, replace(SHAPING, bonus=bonus))
    assert gaining == loops


def test_shaping_that_keeps_the_potential_of_a_cut_episode_changes_what_is_best() -> None:
    never_given_back = replace(SHAPING, end=np.zeros(TABLE.states))
    assert rewards.loops(TABLE, never_given_back)[1] == 0
    assert rewards.changed_choices(TABLE, never_given_back)[1] > 0


def test_shaped_and_plain_reward_have_the_same_best_value() -> None:
    shaped = rewards.exploit(TABLE, TABLE.reward)
    assert exact.value(TABLE, shaped) == pytest.approx(exact.value(TABLE, BEST))


@pytest.mark.parametrize("name", rewards.proxies(TABLE))
def test_a_strong_learner_of_a_proxy_is_flagged(name: str) -> None:
    paid = rewards.proxies(TABLE)[name]
    found = rewards.exploit(TABLE, paid)
    assert rewards.gamed(TABLE, paid, found, BEST)
    assert exact.value(TABLE, found) < exact.value(TABLE, BEST) - 0.03


def test_to_park_beside_the_crane_is_flagged_where_being_near_is_paid() -> None:
    """Written by hand: along the middle row, and then against the wall for ever."""
    permitted = shield.allowed(TABLE)
    parked = policies.operator(permitted, 1.0)
    parked[CRANE - COLUMNS] = [0.0, 1.0, 0.0, 0.0]
    driver = policies.operator(permitted, 0.6)
    paid = rewards.proxies(TABLE)["paid-for-being-near"]
    assert rewards.gamed(TABLE, paid, parked, driver)
    assert not rewards.gamed(TABLE, TABLE.reward + SHAPING.bonus, parked, driver)


def test_a_better_driver_is_not_flagged() -> None:
    permitted = shield.allowed(TABLE)
    better, driver = (policies.operator(permitted, care) for care in (0.9, 0.6))
    assert not rewards.gamed(TABLE, TABLE.reward + SHAPING.bonus, better, driver)
