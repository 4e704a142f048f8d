"""Fitted values: exact on a small log, fitted on other episodes, and never beyond what was seen."""

import numpy as np
import pandas as pd
import pytest

from mlcharter.evals import fitted
from mlcharter.evals.logs import Log

ACTIONS = ("stay", "go")


def walk(episodes: int = 200, seed: int = 1) -> Log:
    """From `near`, going pays 1 and ends; staying pays 0 and leads to `far`, where both pay 3."""
    generator = np.random.default_rng(seed)
    rows = []
    for episode in range(episodes):
        action = ACTIONS[generator.integers(2)]
        rows.append((episode, 0, "near", action, 0.5, float(action == "go")))
        if action == "stay":
            rows.append((episode, 1, "far", ACTIONS[generator.integers(2)], 0.5, 3.0))
    columns = ["episode", "step", "place", "action", "propensity", "reward"]
    return Log(pd.DataFrame(rows, columns=columns), ACTIONS)


def test_values_are_those_of_the_remaining_episode() -> None:
    log = walk()
    target = np.tile([0.25, 0.75], (len(log), 1))

    found = fitted.cross_fitted(log, target, discount=0.5)

    near = (log.states["place"] == "near").to_numpy()
    stay = log.action == 0
    assert found["q"][near & stay].tolist() == pytest.approx(
        [0.5 * 3] * (near & stay).sum(), abs=0.01
    )
    assert found["q"][near & ~stay].tolist() == pytest.approx([1] * (near & ~stay).sum(), abs=0.01)
    assert found["v"][near].tolist() == pytest.approx([0.25 * 1.5 + 0.75] * near.sum(), abs=0.01)
    assert found["v"][~near].tolist() == pytest.approx([3] * (~near).sum(), abs=0.01)


def test_a_value_does_not_depend_on_the_reward_of_its_own_episode() -> None:
    log = walk()
    target = np.full((len(log), 2), 0.5)
    before = fitted.cross_fitted(log, target)
    changed = log.table.assign(reward=np.where(log.episode == 0, 100.0, log.reward))

    after = fitted.cross_fitted(Log(changed, ACTIONS), target)

    own, other = log.episode == 0, log.episode % 2 == 1
    assert (after["v"][own] == before["v"][own]).all()
    assert (after["v"][other] != before["v"][other]).any()


def test_values_stay_within_the_returns_that_were_seen() -> None:
    """An action that only large states took would be extrapolated beyond all rewards."""
    n = 400
    size = np.linspace(-1, 1, n)
    taken = np.where(size > 0.9, "go", "stay")
    table = pd.DataFrame({"episode": range(n), "size": size, "action": taken, "propensity": 0.5})
    log = Log(table.assign(reward=np.where(size > 0.9, size * 50 - 44, 0)), ACTIONS)

    found = fitted.cross_fitted(log, np.tile([0.0, 1.0], (n, 1)))

    assert log.reward.min() <= found["v"].min() and found["v"].max() <= log.reward.max()


def test_columns_of_any_type_and_gaps_are_features() -> None:
    table = walk(20).table
    kinds = table.assign(
        number=[None, *range(len(table) - 1)],
        day=pd.date_range("2026-01-01", periods=len(table)),
        flag=[True, False] * (len(table) // 2) + [True] * (len(table) % 2),
        empty=np.nan,
    )

    features = fitted.encode(Log(kinds, ACTIONS))

    assert np.isfinite(features).all()
    # a constant, two places, a number, a day, two flags, an empty column and the step
    assert features.shape == (len(table), 9)


def test_two_episodes_cannot_be_cross_fitted() -> None:
    log = walk(2)

    with pytest.raises(ValueError, match="cross-fitting needs more than 2 episodes"):
        fitted.cross_fitted(log, np.full((len(log), 2), 0.5))


def test_the_value_by_fitted_values_is_exact_where_the_model_is() -> None:
    log = walk()
    target = np.tile([0.25, 0.75], (len(log), 1))

    found = fitted.value(log, target, discount=0.5, seed=1)
    gain = fitted.value(log, target, discount=0.5, seed=1, against_behaviour=True)

    assert found.value == pytest.approx(0.75 * 1 + 0.25 * 0.5 * 3, abs=1e-3)
    earned = np.bincount(log.episode, weights=log.reward * 0.5**log.steps).mean()
    assert gain.value == pytest.approx(found.value - earned)
    assert (found.method, found.version, found.unit, found.n) == (
        *("bootstrap", "percentile-1", "episode", 200),
    )


def test_clusters_of_episodes_are_drawn_whole() -> None:
    log = walk()
    target = np.tile([0.25, 0.75], (len(log), 1))
    earned = np.bincount(log.episode, weights=log.reward)
    same = np.where(earned > 1, "stayed", "went")  # either group alone lacks a kind of episode

    apart, together = (
        fitted.value(log, target, seed=1, clusters=groups, against_behaviour=True)
        for groups in (None, same)
    )

    assert together.n == 2
    assert together.value == apart.value
    assert together.upper - together.lower > 1.9 * (apart.upper - apart.lower)
