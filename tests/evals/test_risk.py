"""The worst episodes of a policy, what went wrong before, and the price of a constraint."""

import numpy as np
import pytest

from mlcharter.evals import risk
from mlcharter.evals.ope import Log


def bandit(rewards: list[float], behaviour: list[float], target: list[float]) -> Log:
    return Log(np.arange(len(rewards)), *map(np.array, (rewards, behaviour, target)))


RETURNS = [float(n) for n in range(100)]
EVEN = [0.5] * 100


@pytest.mark.parametrize(("share", "expected"), [(0.05, 2.0), (0.5, 24.5), (1.0, 49.5)])
def test_the_worst_share_of_equal_policies_is_the_mean_of_the_least_returns(
    share: float, expected: float
) -> None:
    found = risk.worst(bandit(RETURNS, EVEN, EVEN), share, seed=1)

    assert found.value == pytest.approx(expected)
    assert found.lower <= expected <= found.upper


def test_the_worst_episodes_are_those_of_the_target_policy() -> None:
    """The target avoids the 20 worst episodes, so that its worst are the next ones."""
    avoids = bandit(RETURNS, EVEN, [0.0] * 20 + [0.5] * 80)

    assert risk.worst(avoids, 0.05, seed=1).value == pytest.approx(np.mean([20, 21, 22, 23]))


def test_a_share_may_end_within_an_episode() -> None:
    log = bandit([0.0, 1.0, 1.0, 1.0], [0.5] * 4, [0.5] * 4)

    assert risk.worst(log, 0.5, seed=1).value == pytest.approx(0.5)


def test_returns_are_discounted_sums_of_episodes() -> None:
    one = np.array([0.5] * 4)
    log = Log(np.array([0, 0, 1, 1]), np.array([0.0, 2.0, 4.0, 0.0]), one, one)

    assert risk.worst(log, 0.5, seed=1, discount=0.5).value == pytest.approx(1.0)


def test_the_interval_of_the_worst_twentieth_covers_it() -> None:
    """Of a standard normal return, the worst 5 % have a mean of -2.063."""
    generator, hits = np.random.default_rng(5), 0
    for run in range(60):
        log = bandit(generator.normal(size=400).tolist(), [0.5] * 400, [0.5] * 400)
        found = risk.worst(log, 0.05, seed=run, resamples=200)
        hits += found.lower <= -2.063 <= found.upper

    assert hits >= 50


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_that_cannot_be_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="a share is above 0"):
        risk.worst(bandit(RETURNS, EVEN, EVEN), share, seed=1)


def test_replay_compares_the_probabilities_of_what_went_wrong() -> None:
    log = bandit([0.0] * 4, [0.5, 0.5, 0.2, 0.8], [0.1, 0.2, 1.0, 1.0])

    assert risk.replay(log, [1, 1, 0, 0], seed=1).value == pytest.approx(0.3)
    assert risk.replay(log, [0, 0, 1, 1], seed=1).value == pytest.approx(2.0)


def test_a_single_episode_that_went_wrong_cannot_be_replayed_with_an_interval() -> None:
    with pytest.raises(ValueError, match="two clusters or more"):
        risk.replay(bandit([0.0] * 3, [0.5] * 3, [0.5] * 3), [1, 0, 0], seed=1)


def violations(price: float) -> float:
    """Ten states, in each of which an action gains n / 10 and violates; it is taken if it pays."""
    return float(np.mean([n / 10 > price for n in range(10)]))


@pytest.mark.parametrize(("ceiling", "expected"), [(0.95, 0.0), (0.5, 0.4), (0.25, 0.7)])
def test_the_price_is_the_gain_of_the_last_violation_that_the_ceiling_permits_no_more(
    ceiling: float, expected: float
) -> None:
    found = risk.price(violations, ceiling)

    assert found == pytest.approx(expected, abs=1e-5)
    assert violations(found) <= ceiling


def test_a_ceiling_that_no_price_meets_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"at a price of 1000 the rate is 0\.3, above 0\.2"):
        risk.price(lambda price: 0.3, 0.2)
