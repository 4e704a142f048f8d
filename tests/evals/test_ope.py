"""Off-policy estimates: exact on logs with exact frequencies, and honest about support."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mlcharter.evals import intervals, ope
from mlcharter.evals.ope import Log

QUICK: Any = {"seed": 1, "resamples": 100}
ALL = np.arange


def bandit(counts: dict[tuple[int, float], int], behaviour: float, target: float) -> Log:
    """Rows by (action, reward); the probabilities are those of action 1."""
    rows = [key for key, n in counts.items() for _ in range(n)]
    action, reward = np.array(rows, dtype=float).T
    chosen = [np.where(action == 1, p, 1 - p) for p in (behaviour, target)]
    return Log(ALL(len(rows)), reward, *chosen)


# Action 1 pays 1 in 3 of 4 cases, action 0 in 1 of 4; the behaviour takes 1 in a quarter of rows.
EXACT = bandit({(1, 1): 3, (1, 0): 1, (0, 1): 3, (0, 0): 9}, behaviour=0.25, target=0.5)


@pytest.mark.parametrize("estimator", ["ips", "snips"])
def test_the_value_of_a_bandit_is_exact_at_exact_frequencies(estimator: str) -> None:
    found = ope.value(EXACT, estimator, **QUICK)

    assert found.value == pytest.approx(0.5 * 0.75 + 0.5 * 0.25)
    assert found.lower < 0.5 < found.upper and (found.unit, found.n) == ("episode", 16)


def test_the_difference_to_the_behaviour_is_paired() -> None:
    found = ope.value(EXACT, "ips", against_behaviour=True, **QUICK)

    assert found.value == pytest.approx(0.5 - 6 / 16)


def two_steps() -> tuple[Log, float]:
    """Every trajectory of two steps as often as it happens, and the value of the target.

    Behaviour takes 1 with a half, the target with 0.8. Action 1 pays 1; after action 0 the episode
    ends in the first step, where 0 pays 2.
    """
    log: list[tuple[str, float, float, float]] = []
    for copy in range(2):
        log += [(f"stop-{copy}", 2.0, 0.5, 0.2)]
    log += [("on-1", 1.0, 0.5, 0.8), ("on-1", 1.0, 0.5, 0.8)]
    log += [("on-0", 1.0, 0.5, 0.8), ("on-0", 0.0, 0.5, 0.2)]
    episode, *numbers = zip(*log, strict=True)
    arrays = (np.array(column) for column in numbers)
    return Log(np.array(episode), *arrays), 0.2 * 2 + 0.8 * (1 + 0.9 * 0.8)


def test_the_value_over_two_steps_is_exact() -> None:
    log, truth = two_steps()
    everyone = ALL(len(log))

    assert ope.ips(log, 0.9)(everyone) == pytest.approx(truth)
    assert ope.snips(log, 0.9)(everyone) == pytest.approx(truth)


@pytest.mark.parametrize("estimator", ["dr", "wdr", "switch-dr"])
@pytest.mark.parametrize("model", ["right", "wrong"])
def test_doubly_robust_is_exact_with_any_model_at_exact_frequencies(
    model: str, estimator: str
) -> None:
    log, truth = two_steps()
    q = np.array([2.0, 2.0, 1 + 0.9 * 0.8, 1.0, 1 + 0.9 * 0.8, 0.0])
    v = np.array([truth, truth, truth, 0.8, truth, 0.8])
    if model == "wrong":  # v is the mean of q under the target, as it must be
        q = np.array([7.0, 7.0, 3.0, 2.0, 3.0, 5.0])
        start, second = 0.2 * 7 + 0.8 * 3, 0.8 * 2 + 0.2 * 5
        v = np.array([start, start, start, second, start, second])

    found = ope.ESTIMATORS[estimator](replace(log, q=q, v=v), 0.9)(ALL(len(log)))

    assert found == pytest.approx(truth)


def test_above_its_limit_switch_dr_takes_the_fitted_value_and_never_comes_back() -> None:
    weights = [1.0, 20.0, 0.01, 2.0]  # of the steps; the products are 1, 20, 0.2 and 0.4
    log = Log(
        np.zeros(4, int), np.ones(4), np.full(4, 0.01), np.array(weights) / 100,
        q=np.full(4, 5.0), v=np.array([3.0, 4.0, 50.0, 60.0]),
    )  # fmt: skip

    assert ope.switch_dr(log, 0.5)(ALL(1)) == pytest.approx(3 + 1 * (1 + 0.5 * 4 - 5))


def test_weights_that_add_up_keep_wdr_within_reach_where_dr_is_far_off() -> None:
    generator, far = np.random.default_rng(5), {"dr": 0.0, "wdr": 0.0}
    for _ in range(200):
        action = generator.random(40) < 0.05
        chances = np.where(action, 0.05, 0.95), np.where(action, 0.9, 0.1)
        log = Log(ALL(40), np.where(action, 6.0, 5.0), *chances, q=np.zeros(40), v=np.zeros(40))
        for name in far:
            found = ope.ESTIMATORS[name](log, 1.0)(ALL(40))
            far[name] = max(far[name], abs(found - 5.9))

    assert far["wdr"] < 1 < 10 < far["dr"]


def test_a_lower_bound_at_equal_policies_is_that_of_maurer_and_pontil() -> None:
    log = bandit({(1, 1): 450, (0, 0): 450}, behaviour=0.5, target=0.5)
    shuffled = np.random.default_rng(1).permutation(900)
    log = replace(log, reward=log.reward[shuffled])

    rest = log.reward[300:]
    doubt = np.log(2 / 0.025)
    by_hand = rest.mean() - np.sqrt(2 * rest.var(ddof=1) * doubt / 600) - 7 * doubt / (3 * 599)
    assert ope.lower_bound(log) == pytest.approx(by_hand)


def test_a_lower_bound_is_rarely_above_the_value_also_with_few_large_rewards() -> None:
    """A bootstrap of such a log is sure and wrong, since most logs have no large reward at all."""
    generator, above, sure = np.random.default_rng(3), 0, 0
    for seed in range(200):
        action = generator.random(60) < 0.5
        reward = np.where(action & (generator.random(60) < 0.02), -30.0, 1.0)
        reward[0] = -30.0  # the range is known
        log = Log(ALL(60), reward, np.full(60, 0.5), np.where(action, 0.9, 0.1))
        truth = 0.9 * (0.98 - 0.02 * 30) + 0.1
        above += ope.lower_bound(log) > truth
        sure += ope.value(log, "ips", seed=seed, resamples=100).lower > truth

    assert above <= 5 < 20 < sure


def test_a_lower_bound_comes_near_the_value_with_more_episodes() -> None:
    generator, found = np.random.default_rng(3), []
    for n in (100, 1000, 20000):
        action = generator.random(n) < 0.4
        reward = (generator.random(n) < np.where(action, 0.7, 0.3)).astype(float)
        log = Log(ALL(n), reward, np.where(action, 0.4, 0.6), np.where(action, 0.7, 0.3))
        found.append(ope.lower_bound(log))

    assert found[0] < found[1] < found[2] < 0.58
    assert found[2] > 0.55


def test_a_lower_bound_of_hardly_any_episodes_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 9 episodes or more, not 8"):
        ope.lower_bound(bandit({(1, 1): 8}, 0.5, 0.5))


def test_a_right_model_leaves_doubly_robust_less_variance() -> None:
    generator = np.random.default_rng(1)
    action = (generator.random(300) < 0.3).astype(float)
    reward = action * 2 + generator.normal(size=300) / 10
    log = Log(ALL(300), reward, np.where(action == 1, 0.3, 0.7), np.where(action == 1, 0.9, 0.1))
    modelled = replace(log, q=action * 2.0, v=np.full(300, 0.9 * 2))

    plain, robust = ope.value(log, "ips", **QUICK), ope.value(modelled, "dr", **QUICK)

    assert robust.upper - robust.lower < 0.3 * (plain.upper - plain.lower)


def test_rows_of_an_episode_may_lie_between_those_of_others() -> None:
    log, truth = two_steps()
    mixed = [2, 0, 4, 3, 1, 5]
    arrays = (log.episode, log.reward, log.behaviour, log.target)

    found = Log(*(array[mixed] for array in arrays))

    assert ope.ips(found, 0.9)(ALL(4)) == pytest.approx(truth)
    assert found.final_weight.tolist() == pytest.approx([1.6 * 1.6, 0.4, 1.6 * 0.4, 0.4])


def test_intervals_cover_the_value_of_a_bandit() -> None:
    generator, covered = np.random.default_rng(7), 0
    for seed in range(100):
        action = generator.random(120) < 0.4
        reward = (generator.random(120) < np.where(action, 0.7, 0.3)).astype(float)
        log = Log(ALL(120), reward, np.where(action, 0.4, 0.6), np.where(action, 0.7, 0.3))
        found = ope.value(log, "snips", seed=seed, resamples=200)
        covered += found.lower <= 0.7 * 0.7 + 0.3 * 0.3 <= found.upper

    assert 0.88 <= covered / 100 <= 0.99


def test_equal_policies_have_full_support() -> None:
    log = replace(EXACT, target=EXACT.behaviour)

    found = ope.support(log, **QUICK)

    assert (found.episodes, found.ess, found.ess_ratio.value) == (16, 16, 1)
    assert (found.mean_weight.value, found.largest_weight) == (1, 1)


def test_few_large_weights_leave_a_small_effective_sample() -> None:
    # weights 2 (4 times) and 2/3 (12 times): 16² / (4 * 4 + 12 * 4/9)
    found = ope.support(EXACT, **QUICK)

    assert found.ess == pytest.approx(256 / (16 + 48 / 9))
    assert found.mean_weight.value == pytest.approx(1)


def test_wrong_propensities_show_in_the_mean_weight() -> None:
    action = np.random.default_rng(2).random(400) < 0.2
    log = Log(ALL(400), np.ones(400), np.full(400, 0.5), np.where(action, 0.9, 0.1))

    assert ope.support(log, **QUICK).mean_weight.upper < 1


@pytest.mark.parametrize(
    ("mean", "error"),
    [((1.1, 0.9, 1.4), (0.1, 0.0, 0.4)), ((0.5, 0.4, 0.7), (0.5, 0.3, 0.6))],
)
def test_the_error_of_the_mean_weight_is_its_distance_from_1(
    mean: tuple[float, ...], error: tuple[float, ...]
) -> None:
    found = ope.support(EXACT, **QUICK)
    value, lower, upper = mean
    other = replace(
        found, mean_weight=replace(found.mean_weight, value=value, lower=lower, upper=upper)
    )

    shown = other.weight_error
    assert (shown.value, shown.lower, shown.upper) == pytest.approx(error)


def test_estimators_that_agree_have_a_small_disagreement_and_wrong_propensities_a_large_one() -> (
    None
):
    fitted = replace(EXACT, q=np.full(16, 0.5), v=np.full(16, 0.5))
    wrong = replace(fitted, behaviour=fitted.behaviour / 2)

    assert ope.disagreement(fitted, **QUICK).value == pytest.approx(0)
    found = ope.disagreement(wrong, **QUICK)
    assert found.value == pytest.approx(1.0 - 0.5)  # ips doubles, snips does not
    off = replace(fitted, q=np.full(16, 0.9), v=np.full(16, 0.9))
    assert ope.disagreement(off, **QUICK).value == pytest.approx(0)  # a wrong model biases none
    assert found.lower < found.value < found.upper


def test_a_rate_at_equal_policies_is_the_exact_binomial_interval() -> None:
    happened = np.arange(16) < 3
    found = ope.rate(replace(EXACT, target=EXACT.behaviour), happened)
    exact = intervals.clopper_pearson(3, 16, unit="episode")

    assert (found.value, found.n, found.version) == (3 / 16, 16, "korn-graubard-1")
    assert (found.lower, found.upper) == pytest.approx((exact.lower, exact.upper))


def test_a_rate_of_none_in_a_small_effective_sample_may_still_be_large() -> None:
    # ESS is 256 / (16 + 48 / 9) = 12: the upper end is 1 - 0.025 ** (1 / 12)
    found = ope.rate(EXACT, np.zeros(16))

    assert (found.value, found.lower) == (0, 0)
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 12))


def test_a_rate_covers_the_one_of_the_target() -> None:
    """Action 1 fails in 20 of 100, action 0 in 5; the target takes 1 in 7 of 10."""
    generator, covered = np.random.default_rng(5), 0
    for _ in range(200):
        action = generator.random(200) < 0.4
        failed = generator.random(200) < np.where(action, 0.2, 0.05)
        log = Log(ALL(200), np.zeros(200), np.where(action, 0.4, 0.6), np.where(action, 0.7, 0.3))
        found = ope.rate(log, failed)
        covered += found.lower <= 0.7 * 0.2 + 0.3 * 0.05 <= found.upper

    assert covered / 200 >= 0.93


@pytest.mark.parametrize(
    ("log", "happened", "why"),
    [
        (EXACT, np.zeros(3), r"events have shape \(episodes,\) = \(16,\), and are 0 or 1"),
        (replace(EXACT, target=np.zeros(16)), np.zeros(16), "all weights are 0"),
    ],
)
def test_a_rate_that_cannot_be_estimated_says_why(log: Log, happened: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ope.rate(log, happened)


def test_actions_without_support_are_counted_by_rows() -> None:
    assert ope.unsupported([[1.0, 0.0], [0.5, 0.5]], [[0.9, 0.1], [0.0, 1.0]]) == 1


def test_a_target_that_never_acts_like_the_log_has_no_snips() -> None:
    with pytest.raises(ValueError, match="the statistic is nan"):
        ope.value(replace(EXACT, target=np.zeros(16)), "snips", **QUICK)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"behaviour": np.zeros(16)}, "behaviour is not above 0 and up to 1 in row 0"),
        ({"target": np.full(16, 1.5)}, "target is not from 0 to 1 in row 0"),
        ({"reward": np.full(16, np.nan)}, "reward is missing or infinite in row 0"),
        ({"reward": np.ones(3)}, r"reward has shape \(n,\) = \(16,\), not \(3,\)"),
        ({"q": np.ones(16)}, "give both q and v, or neither"),
    ],
)
def test_a_log_that_cannot_be_used_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(EXACT, **changes)


@pytest.mark.parametrize(
    ("estimator", "why"),
    [
        ("dr", "dr needs fitted values q and v"),
        ("wdr", "wdr needs fitted values"),
        ("switch-dr", "switch-dr needs fitted values"),
        ("fqe", "no estimator 'fqe'; there are ips, snips"),
    ],
)
def test_an_estimator_that_cannot_run_says_why(estimator: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ope.value(EXACT, estimator, **QUICK)


@pytest.mark.parametrize(
    ("truth", "expected"), [(0.5, (0.0, 0.0, 0.2)), (0.9, (0.4, 0.2, 0.5)), (0.4, (0.1, 0.0, 0.3))]
)
def test_the_error_of_an_estimate_is_its_distance_from_the_truth(
    truth: float, expected: tuple[float, float, float]
) -> None:
    found = intervals.Estimate(0.5, 0.4, 0.7, 0.95, "bootstrap", "bca-1", "episode", 10)

    error = ope.error(found, truth)

    assert (error.value, error.lower, error.upper) == pytest.approx(expected)
