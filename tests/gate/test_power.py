"""What a gate can decide: the true value that passes with 80 % probability, and the n it needs.

Simulated runs show it: each draws cases of a system with the true value, computes the interval that
the gate uses, and compares its end with the threshold.
"""

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mlcharter.evals import intervals, metrics
from mlcharter.evals.intervals import Estimate
from mlcharter.formats.report import Interval, Result
from mlcharter.gate.power import Proportion, Spread, from_entry, of_result

SEED = 7
Generator = np.random.Generator


INTERVALS = {"wilson": intervals.wilson, "clopper-pearson": intervals.clopper_pearson}


@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize(
    ("n", "threshold", "rising"),
    [(40, 0.8, True), (150, 0.93, True), (600, 0.5, True), (100, 0.07, False), (900, 0.01, False)],
)
def test_a_system_with_the_stated_true_share_passes_in_80_percent_of_runs(
    method: str, n: int, threshold: float, rising: bool
) -> None:
    gate = Proportion(method=method, n=n, threshold=threshold, rising=rising)
    true = gate.passing
    assert true is not None

    @cache
    def passes(hits: int) -> bool:
        found = INTERVALS[method](hits, n, unit="row")
        return found.lower >= threshold if rising else found.upper <= threshold

    drawn = np.random.default_rng(SEED).binomial(n, true, 4000)
    passed = np.mean([passes(hits) for hits in drawn])

    assert passed == pytest.approx(0.8, abs=0.02)  # three standard errors


def bootstrap(values: "np.typing.NDArray[np.float64]") -> Estimate:
    return intervals.mean(values, unit="row", seed=SEED, resamples=400)


def result(found: Estimate) -> Result:
    interval = Interval(
        lower=found.lower, upper=found.upper, level=0.95, method=found.method, unit="row"
    )  # type: ignore[arg-type]
    return Result(
        metric="m",
        dataset="d",
        slice="all",
        against=None,
        value=found.value,
        n=found.n,
        interval=interval,
    )


Draw = Callable[[Generator, float], "np.typing.NDArray[np.float64]"]

SYSTEMS: dict[str, tuple[Draw, float, float, bool]] = {
    "a difference of any size": (lambda g, true: g.normal(true, 2, 120), 0.4, 0.0, False),
    "a mean of shares": (lambda g, true: g.beta(20 * true, 20 * (1 - true), 120), 0.9, 0.88, True),
    "a paired difference of hits": (
        lambda g, true: g.choice([1.0, 0.0, -1.0], 200, p=[0.1 + true / 2, 0.8, 0.1 - true / 2]),
        0.02,
        -0.05,
        False,
    ),
    "a rate": (lambda g, true: g.binomial(1, true, 250).astype(float), 0.9, 0.82, True),
}


@pytest.mark.parametrize(
    ("draw", "measured", "threshold", "bounded"), SYSTEMS.values(), ids=SYSTEMS
)
def test_a_gate_on_a_bootstrap_is_right_on_average_from_the_spread_of_a_result(
    draw: Draw,
    measured: float,
    threshold: float,
    bounded: bool,
) -> None:
    generator = np.random.default_rng(SEED)
    passed = []
    for _ in range(30):  # of one result alone, the spread may be 20 % off
        one = bootstrap(draw(generator, measured))
        gate = of_result(result(one), threshold, rising=True, is_ratio=bounded)
        assert isinstance(gate, Spread)
        true = gate.passing
        assert true is not None
        passed += [bootstrap(draw(generator, true)).lower >= threshold for _ in range(10)]

    assert 0.73 < np.mean(passed) < 0.87  # three standard errors


def auc(scores: str) -> Draw:
    """Draw an AUC's rows: 60 positives and 144 negatives, of normal or exponential scores."""

    def draw(g: Generator, true: float) -> "np.typing.NDArray[np.float64]":
        if scores == "normal":
            away = math.sqrt(2) * NormalDist().inv_cdf(true)
            return np.concatenate([g.normal(away, 1, 60), g.normal(0, 1, 144)])
        return np.concatenate([g.exponential(true / (1 - true), 60), g.exponential(1, 144)])

    return draw


def brier(g: Generator, true: float) -> "np.typing.NDArray[np.float64]":
    """Draw squared errors of calibrated probabilities, whose mean is 0.2."""
    sharp = true / (0.16 - true)
    chance = g.beta(0.2 * sharp, 0.8 * sharp, 200)
    return (chance - (g.random(200) < chance)) ** 2


def clusters(g: Generator, true: float) -> "np.typing.NDArray[np.float64]":
    """Draw 40 clusters of 10 rows, whose shares differ."""
    return g.binomial(1, np.repeat(g.beta(9 * true, 9 * (1 - true), 40), 10)).astype(float)


def delong(values: "np.typing.NDArray[np.float64]") -> Estimate:
    return metrics.delong(np.arange(204) < 60, values)


def korn_graubard(values: "np.typing.NDArray[np.float64]") -> Estimate:
    return intervals.clustered_share(values, np.repeat(np.arange(40), 10), unit="row")


Measure = Callable[["np.typing.NDArray[np.float64]"], Estimate]

# What is drawn and measured, the measured value, whether it must be high; how many runs; and by how
# much the share of runs that pass may differ from 80 %.
SIMULATED: dict[str, tuple[Draw, Measure, float, bool, int, float]] = {
    "AUC of normal scores": (auc("normal"), delong, 0.9, True, 1000, 0.08),
    "low AUC of normal scores": (auc("normal"), delong, 0.75, True, 1000, 0.08),
    "high AUC of normal scores": (auc("normal"), delong, 0.96, True, 1000, 0.08),
    "AUC of exponential scores": (auc("exponential"), delong, 0.9, True, 1000, 0.08),
    "high AUC of exponential scores": (auc("exponential"), delong, 0.96, True, 1000, 0.08),
    "share of clusters": (clusters, korn_graubard, 0.8, True, 1000, 0.06),
    "share of errors of clusters": (clusters, korn_graubard, 0.15, False, 1000, 0.06),
    "Brier score": (brier, bootstrap, 0.08, False, 200, 0.1),
    "mean of shares": (SYSTEMS["a mean of shares"][0], bootstrap, 0.9, True, 200, 0.1),
}


@pytest.mark.parametrize("away", [0, 0.9, 1.9])
@pytest.mark.parametrize(
    ("draw", "measure", "measured", "rising", "runs", "tolerance"),
    SIMULATED.values(),
    ids=SIMULATED,
)
def test_a_value_at_some_distance_from_the_result_passes_as_often_as_is_said(
    draw: Draw,
    measure: Measure,
    measured: float,
    rising: bool,
    runs: int,
    tolerance: float,
    away: float,
) -> None:
    """The value that passes is `away` reaches from the result; where no figure is given, none."""
    generator = np.random.default_rng(SEED)
    drawn = [measure(draw(generator, measured)) for _ in range(40)]
    lower, upper = (np.mean([getattr(e, end) for e in drawn]) for end in ("lower", "upper"))
    off = measured - np.mean([e.value for e in drawn])
    one = replace_ends(drawn[0], measured, float(lower + off), float(upper + off))
    reach = measured - one.lower if rising else one.upper - measured
    sign = -1 if rising else 1
    wanted = measured + sign * away * reach
    gate = find_threshold(one, wanted, rising)
    if not gate.is_known:
        assert away > gate.known
        return
    true = gate.passing
    assert true is not None

    bounds = [measure(draw(generator, true)) for _ in range(runs)]
    passed = np.mean(
        [e.lower >= gate.threshold if rising else e.upper <= gate.threshold for e in bounds]
    )

    assert passed == pytest.approx(0.8, abs=tolerance)


def replace_ends(found: Estimate, value: float, lower: float, upper: float) -> Estimate:
    return dataclasses.replace(found, value=value, lower=lower, upper=upper)


def find_threshold(one: Estimate, wanted: float, rising: bool) -> Spread:
    """Return the gate at which a wanted true value passes with 80 % probability."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        gate = of_result(result(one), middle, rising=rising, is_ratio=True)
        assert isinstance(gate, Spread)
        low, high = (low, middle) if (gate.passing or 1) > wanted else (middle, high)
    return gate


def test_with_fewer_than_three_errors_nothing_is_said() -> None:
    def spread(value: float, reach: float) -> Spread:
        return Spread(n=204, threshold=0.9, rising=True, value=value, reach=reach, bounded=True)

    assert not spread(0.998, 0.006).has_errors
    assert spread(0.998, 0.006).cases(0.998) is None
    assert spread(0.97, 0.02).has_errors


def test_with_40_cases_no_system_passes_a_gate_at_93_percent() -> None:
    gate = Proportion(method="wilson", n=40, threshold=0.93, rising=True)

    assert intervals.wilson(40, 40, unit="row").lower == pytest.approx(gate.best)
    assert gate.best == pytest.approx(0.912378, abs=1e-6)
    assert (gate.can_pass, gate.passing, gate.probability(1.0)) == (False, None, 0.0)


@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize(("threshold", "rising"), [(0.93, True), (0.6, True), (0.02, False)])
def test_the_fewest_cases_are_those_with_which_a_perfect_result_passes(
    method: str, threshold: float, rising: bool
) -> None:
    fewest = Proportion(method=method, n=1, threshold=threshold, rising=rising).fewest_cases
    assert fewest is not None

    def passes(n: int) -> bool:
        found = INTERVALS[method](n if rising else 0, n, unit="row")
        return found.lower >= threshold if rising else found.upper <= threshold

    assert passes(fewest)
    assert not passes(fewest - 1)


@pytest.mark.parametrize(("threshold", "rising"), [(1.0, True), (0.0, False)])
def test_no_number_of_cases_brings_a_bound_to_the_end_of_the_scale(
    threshold: float, rising: bool
) -> None:
    gate = Proportion(method="wilson", n=10**6, threshold=threshold, rising=rising)

    assert (gate.can_pass, gate.fewest_cases) == (False, None)


# R: power.prop.test has no one-sample form; 0.95 against 0.93 by the normal approximation is
# (1.96 sqrt(0.93 * 0.07) + 0.8416 sqrt(0.95 * 0.05))^2 / 0.02^2 = 1169.
def test_the_cases_of_a_share_are_near_those_of_the_normal_approximation() -> None:
    gate = Proportion(method="wilson", n=40, threshold=0.93, rising=True)

    assert gate.cases(0.95) == pytest.approx(1169, rel=0.03)


def test_a_quarter_of_the_room_needs_sixteen_times_the_cases() -> None:
    def cases(value: float) -> int | None:
        return Spread(n=100, threshold=0, rising=True, value=0.1, reach=0.1, bounded=False).cases(
            value
        )

    assert cases(0.4) == 13
    assert cases(0.1) == 205  # 100 * (1 + 0.8416 / 1.96)^2, rounded up


@pytest.mark.parametrize("value", [0.9, 0.93], ids=["misses", "is the limit"])
def test_no_number_of_cases_helps_a_value_that_does_not_pass(value: float) -> None:
    spread = Spread(n=40, threshold=0.93, rising=True, value=0.9, reach=0.05, bounded=True)

    assert spread.cases(value) is None
    assert Proportion(method="wilson", n=40, threshold=0.93, rising=True).cases(value) is None


@given(
    n=st.integers(1, 10**7),
    threshold=st.floats(0, 1),
    true=st.floats(0, 1),
    rising=st.booleans(),
    method=st.sampled_from(["wilson", "clopper-pearson"]),
)
def test_probabilities_and_shares_are_between_0_and_1_and_agree(
    n: int, threshold: float, true: float, rising: bool, method: str
) -> None:
    gate = Proportion(method=method, n=n, threshold=threshold, rising=rising)

    assert 0 <= gate.probability(true) <= 1
    if gate.passing is not None:
        assert 0 <= gate.passing <= 1
        assert gate.probability(gate.passing) >= 0.79
    else:
        assert not gate.can_pass
    assert (gate.cases(true) or 1) >= 1


def test_the_interval_of_clusters_is_not_taken_for_that_of_independent_cases() -> None:
    rows = np.tile([1.0] * 9 + [0.0], 20)
    clusters = np.repeat(np.arange(20), 10)
    found = intervals.clustered_share(rows, clusters, unit="row")
    single = intervals.clopper_pearson(180, 200, unit="row")

    assert isinstance(of_result(result(found), 0.5, rising=True, is_ratio=True), Spread)
    assert isinstance(of_result(result(single), 0.5, rising=True, is_ratio=True), Proportion)


def test_a_result_without_an_interval_or_without_variation_says_nothing() -> None:
    one = bootstrap(np.random.default_rng(1).normal(0.5, 0.1, 50))
    flat = Estimate(1.0, 0.9, 1.0, 0.95, "bootstrap", "bca-1", "row", 50)
    infinite = Estimate(0.5, -np.inf, np.inf, 0.95, "bootstrap", "bca-1", "row", 50)

    for found, is_ratio in ((flat, True), (infinite, False)):
        assert of_result(result(found), 0.8, rising=True, is_ratio=is_ratio) is None
    without = Result(
        metric="m", dataset="d", slice="all", against=None, value=one.value, n=9, interval=None
    )
    assert of_result(without, 0.8, rising=True, is_ratio=True) is None


def test_a_number_of_cases_with_hundreds_of_digits_is_no_error() -> None:
    huge = 10**400
    one = bootstrap(np.random.default_rng(1).normal(0.5, 0.1, 50))
    gate = from_entry("clopper-pearson", huge, ">=", 0.9, against=None, is_ratio=True)

    assert gate is not None
    assert gate.can_pass
    assert of_result(replace(result(one), n=huge), 0.4, rising=True, is_ratio=True) is None


@pytest.mark.parametrize(
    ("method", "threshold", "against", "is_ratio"),
    [("bootstrap", 0.9, None, True), ("wilson", 0.0, "v1", True), ("wilson", 93.0, None, False)],
    ids=["depends on the spread", "a difference", "in percent"],
)
def test_an_entry_alone_says_nothing_about_other_numbers_than_shares(
    method: str, threshold: float, against: str | None, is_ratio: bool
) -> None:
    assert from_entry(method, 40, ">=", threshold, against=against, is_ratio=is_ratio) is None
