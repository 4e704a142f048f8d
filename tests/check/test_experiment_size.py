"""An experiment as large as `check` asks finds its effect as often as its `power` says."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from mlcharter.charter.config.design.experiment import Clusters, Experiment
from mlcharter.check.rules.design.experiment_underpowered import _compute_size

RUNS = 4000
MARKETS = Clusters(unit="market", size=20, icc=0.05)


def plan(**fields: Any) -> Experiment:
    whole = {
        "design": "ab",
        "unit": "user",
        "metric": "approved-share",
        "baseline": 0.41,
        "mde": 0.15,
        "alpha": 0.05,
        "power": 0.8,
        "test": "fixed",
        "margin": None,
        "n_per_arm": 1,
        "days": 14,
        "ramp": [10.0],
        "guardrails": ["complaints"],
    }
    return Experiment(**{**whole, **fields})


@pytest.mark.parametrize(
    ("fields", "n"),
    [
        ({}, 174),  # R: power.prop.test(p1 = .41, p2 = .56, power = .8) gives 173.4
        ({"sd": 1.0, "mde": 0.5}, 63),  # 2 (1.96 + 0.8416)² / 0.5²
        ({"sd": 1.0, "mde": 0.5, "clusters": MARKETS}, 123),  # times 1 + 19 * 0.05
        ({"sd": 1.0, "mde": 0.5, "allocation": 0.2}, 40),  # (1 + 1/4) instead of 2
        ({"sd": 1.0, "mde": 0.5, "allocation": 0.8}, 40),
        ({"test": "non-inferiority", "margin": 0.05, "baseline": 0.9}, 446),
    ],
)
def test_the_size_is_that_of_the_textbook(fields: dict[str, Any], n: int) -> None:
    it = plan(**fields)

    assert _compute_size(it, it.baseline + it.mde) == n


@pytest.mark.parametrize("allocation", [0.5, 0.2, 0.8])
def test_two_proportions_of_that_size_have_the_power(allocation: float) -> None:
    it = plan(allocation=allocation)
    treated, control = arms(it)
    generator = np.random.default_rng(1)
    a = generator.binomial(treated, it.baseline + it.mde, RUNS) / treated
    b = generator.binomial(control, it.baseline, RUNS) / control
    pooled = (a * treated + b * control) / (treated + control)
    z = (a - b) / np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))

    assert (np.abs(z) > stats.norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.03)


def test_means_of_markets_of_that_size_have_the_power() -> None:
    it = plan(baseline=31.0, mde=1.0, sd=4.0, clusters=MARKETS)
    markets = round(arms(it)[0] / MARKETS.size)
    generator = np.random.default_rng(1)
    between, within = it.sd * MARKETS.icc**0.5, it.sd * (1 - MARKETS.icc) ** 0.5
    spread = (between**2 + within**2 / MARKETS.size) ** 0.5  # of the mean of one market
    means = generator.normal(0, spread, (2, RUNS, markets))
    means[0] += it.mde
    p = stats.ttest_ind(means[0], means[1], axis=1).pvalue

    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)


def arms(it: Experiment) -> tuple[int, int]:
    """Return the sizes of the arms with and without the treatment."""
    smaller = _compute_size(it, it.baseline + it.mde)
    larger = round(
        smaller * max(it.allocation, 1 - it.allocation) / min(it.allocation, 1 - it.allocation)
    )
    return (smaller, larger) if it.allocation <= 0.5 else (larger, smaller)
