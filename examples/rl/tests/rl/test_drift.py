"""Drift monitors: quiet on the same world, loud on another."""

import numpy as np
import pytest

from quay_dispatch.rl import drift, policies, shield
from quay_dispatch.rl.environment import quay
from quay_dispatch.rl.logs import simulate

TABLE = quay()
PERMITTED = shield.allowed(TABLE)
DRIVER = policies.operator(PERMITTED, 0.7)
REFERENCE = simulate(TABLE, DRIVER, 1000, seed=1)


def test_the_same_world_and_driver_raise_no_alarm() -> None:
    windows = [simulate(TABLE, DRIVER, 300, seed=seed) for seed in range(2, 32)]
    assert [drift.drifted(REFERENCE, window, TABLE) for window in windows] == [[]] * 30


def test_another_way_moves_states_and_more_wind_moves_rewards() -> None:
    along_the_far_row = policies.operator(PERMITTED, 0.7, along=0)
    assert "state" in drift.drifted(
        REFERENCE, simulate(TABLE, along_the_far_row, 300, seed=2), TABLE
    )
    storm = simulate(quay(wind=0.15), DRIVER, 300, seed=2)
    assert "reward" in drift.drifted(REFERENCE, storm, TABLE)


def test_always_the_same_action_moves_actions() -> None:
    stubborn = simulate(TABLE, np.tile([1.0, 0, 0, 0], (TABLE.states, 1)), 300, seed=2)
    assert "action" in drift.drifted(REFERENCE, stubborn, TABLE)


def test_psi_by_hand_and_without_infinity() -> None:
    left, right = np.array([0] * 99), np.array([0] * 49 + [1] * 50)
    a, b = 99.5 / 100, 49.5 / 100
    expected = (b - a) * np.log(b / a) + (a - b) * np.log((1 - b) / (1 - a))
    assert drift.psi(left, right, 2) == pytest.approx(expected)


def test_ks_by_hand() -> None:
    distance, limit = drift.ks(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6]))
    assert distance == 0.5
    assert limit == pytest.approx(np.sqrt(-np.log(0.0005) / 2 * 0.5))
