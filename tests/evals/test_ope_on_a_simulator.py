"""Estimates on the simulator of the rl starter, where the exact value is known."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcharter.evals import fitted, logs, ope

CODE = Path(__file__).parents[2] / "template/project/src/{{ package }}/rl/simulator.py"
QUAY: dict[str, Any] = runpy.run_path(str(CODE))
ACTIONS = tuple(QUAY["MOVES"])
GAMMA = QUAY["GAMMA"]
BEHAVIOUR = QUAY["driver"](0.6)


def log_of(policy: Any, episodes: int, seed: int) -> logs.Log:
    return logs.Log(pd.DataFrame(list(QUAY["rows"](policy, episodes, seed))), ACTIONS)


def chances(policy: Any, log: logs.Log) -> np.ndarray:
    by_cell = {
        f"r{row}c{column}": [moves.get(action, 0.0) for action in ACTIONS]
        for (row, column), moves in policy.items()
    }
    return np.array([by_cell[cell] for cell in log.states["cell"]])


def seen_by(policy: Any, log: logs.Log) -> ope.Log:
    target = chances(policy, log)
    return log.as_seen_by(target, **fitted.cross_fitted(log, target, discount=GAMMA))


LARGE = log_of(BEHAVIOUR, 4000, seed=3)


@pytest.mark.parametrize("estimator", ope.ESTIMATORS)
def test_every_estimator_comes_to_the_exact_value(estimator: str) -> None:
    better = QUAY["driver"](0.7)
    seen = seen_by(better, LARGE)

    found = ope.ESTIMATORS[estimator](seen, GAMMA)(np.arange(len(seen)))

    assert found == pytest.approx(QUAY["value"](better), abs=0.03)


def test_the_fitted_value_of_the_start_is_the_exact_one() -> None:
    """A state of one text column has a table, so that the fit has no bias of its own."""
    better = QUAY["driver"](0.7)
    values = fitted.cross_fitted(LARGE, chances(better, LARGE), discount=GAMMA)

    assert values["v"][LARGE.first].mean() == pytest.approx(QUAY["value"](better), abs=0.03)


def test_the_behaviour_itself_has_no_uplift_and_full_support() -> None:
    seen = seen_by(BEHAVIOUR, LARGE)

    uplift = ope.value(seen, "dr", discount=GAMMA, seed=1, against_behaviour=True, resamples=200)

    assert uplift.lower < 0 < uplift.upper
    assert ope.support(seen, seed=1, resamples=100).ess_ratio.value == pytest.approx(1, abs=1e-4)


def coverage(policy: Any, runs: int = 40) -> tuple[dict[str, float], float]:
    """Return how often the interval of each estimator holds the exact value, and the ESS ratio."""
    truth, ratios = QUAY["value"](policy), []
    held = dict.fromkeys([*ope.ESTIMATORS, "fqe"], 0)
    for seed in range(runs):
        log = log_of(BEHAVIOUR, 150, seed)
        seen, target = seen_by(policy, log), chances(policy, log)
        weights = seen.final_weight
        ratios.append(weights.sum() ** 2 / (weights**2).sum() / len(weights))
        for name in held:
            how: dict[str, Any] = {"discount": GAMMA, "seed": 1, "resamples": 100}
            fqe = name == "fqe"
            found = fitted.value(log, target, **how) if fqe else ope.value(seen, name, **how)
            held[name] += found.lower <= truth <= found.upper
    return {name: hits / runs for name, hits in held.items()}, float(np.median(ratios))


def test_with_support_intervals_hold_the_exact_value_nearly_as_often_as_they_say() -> None:
    """Nominal are 95 %, measured at 150 episodes; 40 runs have a standard error of 4 points."""
    held, ratio = coverage(QUAY["driver"](0.65))

    assert ratio > 0.5
    assert min(held.values()) >= 0.85, held


def test_without_support_intervals_are_sure_and_wrong() -> None:
    """The edge route is hardly in the log: this is why a small ESS ratio is a no."""
    held, ratio = coverage(QUAY["driver"](0.9, 2))

    assert ratio < 0.2
    assert held["ips"] < 0.6, held


def test_a_better_policy_is_a_gain_and_a_worse_one_is_not() -> None:
    bounds = []
    for care in (0.7, 0.5):
        seen = seen_by(QUAY["driver"](care), LARGE)
        found = ope.value(seen, "dr", discount=GAMMA, seed=1, against_behaviour=True, resamples=200)
        bounds.append(found.lower)

    assert bounds[0] > 0.02 > 0 > bounds[1]


def test_the_rate_of_violations_of_another_policy_holds_the_simulated_one() -> None:
    careful = QUAY["driver"](0.75)
    found = ope.rate(seen_by(careful, LARGE), LARGE.violated())
    simulated = log_of(careful, 4000, seed=9).violated().mean()

    assert found.lower < simulated < found.upper
    assert found.upper < 0.1
