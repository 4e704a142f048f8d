"""Looking after every outcome: false alarms stay below alpha, and real violations are seen."""

import itertools

import numpy as np
import pytest

from mlcharter.evals import intervals, sequential
from mlcharter.evals.sequential import RateTest


def outcomes(rate: float, runs: int, length: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((runs, length)) < rate


def test_the_evidence_is_1_in_expectation_at_the_ceiling() -> None:
    """Over all 1,024 sequences of ten outcomes, by their probability: exactly a martingale."""
    test = RateTest(ceiling=0.1, alpha=0.05, every=3)
    sequences = np.array(list(itertools.product([0, 1], repeat=10)))
    chance = 0.1 ** sequences.sum(axis=1) * 0.9 ** (10 - sequences.sum(axis=1))

    assert chance @ np.exp(test.log_evidence(sequences)) == pytest.approx(np.ones(10))


def test_false_alarms_are_at_most_alpha_however_often_one_looks() -> None:
    test = RateTest(ceiling=0.05, alpha=0.1)

    false = test.alarms(outcomes(0.05, runs=600, length=800, seed=1))[:, -1].mean()

    assert false <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 600)


def test_the_naive_rule_would_alarm_by_chance() -> None:
    seen = outcomes(0.05, runs=600, length=800, seed=1)
    rates = seen.cumsum(axis=1) / np.arange(1, 801)

    assert (rates[:, 30:] > 0.05).any(axis=1).mean() > 0.8


@pytest.mark.parametrize("before", [0, 600, 2000, 5000])
def test_a_rate_of_four_times_the_ceiling_is_seen(before: int) -> None:
    good = outcomes(0.01, runs=200, length=before, seed=2)
    bad = outcomes(0.2, runs=200, length=200, seed=3)

    alarms = RateTest(ceiling=0.05, alpha=0.05).alarms(np.concatenate([good, bad], axis=1))

    assert alarms[:, :before].any(axis=1).mean() <= 0.05
    assert alarms[:, -1].mean() > 0.95


def test_an_alarm_stays() -> None:
    alarms = RateTest(0.05, 0.05).alarms([1] * 20 + [0] * 400)

    assert alarms[19] and alarms[-1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"ceiling": 0}, "ceiling is between 0 and 1, not 0"),
        ({"alpha": 1}, "alpha is between 0 and 1, not 1"),
        ({"bets": (1.0,)}, "bets are between 0 and 1"),
        ({"every": 0}, "every is 1 or more, not 0"),
    ],
)
def test_a_test_without_a_false_alarm_rate_is_refused(options: dict, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RateTest(**{"ceiling": 0.05, "alpha": 0.05, **options})


def test_an_outcome_is_0_or_1() -> None:
    with pytest.raises(ValueError, match="an outcome is 0 or 1"):
        RateTest(0.05, 0.05).alarms([0, 2])


def test_a_rate_has_an_interval_whose_ends_are_just_refuted() -> None:
    found = sequential.rate([1] * 5 + [0] * 95, unit="episode")

    assert (found.value, found.method, found.version) == (0.05, "e-process", "beta-mixture-1")
    for end in (found.lower, found.upper):
        x = np.linspace(0, 1, 2_000_001)[1:-1]
        mixture = np.mean(x**4.5 * (1 - x) ** 94.5) / np.pi  # B(1/2, 1/2) is pi
        assert mixture / (end**5 * (1 - end) ** 95) == pytest.approx(20, rel=1e-4)


@pytest.mark.parametrize("hits", [0, 1, 50, 99, 100])
def test_an_interval_for_every_look_is_wider_than_for_one(hits: int) -> None:
    found = sequential.rate([1] * hits + [0] * (100 - hits), unit="episode")
    once = intervals.wilson(hits, 100, unit="episode")

    assert 0 <= found.lower <= once.lower < once.upper <= found.upper <= 1


def test_the_interval_covers_at_every_look_together() -> None:
    missed = 0
    for run in outcomes(0.2, runs=150, length=300, seed=5):
        looks = [sequential.rate(run[:n], unit="episode") for n in (5, 20, 50, 100, 200, 300)]
        missed += any(not look.lower <= 0.2 <= look.upper for look in looks)

    assert missed / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
