"""Intervals: known answers, laws, and how often they cover the truth."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlcharter.evals import intervals, shares
from mlcharter.evals.intervals import Estimate, bootstrap, clopper_pearson, mean, wilson


def rounded(estimate: Estimate, digits: int = 4) -> tuple[float, float, float]:
    return tuple(round(v, digits) for v in (estimate.value, estimate.lower, estimate.upper))


@pytest.mark.parametrize(
    ("hits", "n", "ends"),
    [  # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_gives_the_published_ends(hits: int, n: int, ends: tuple[float, float]) -> None:
    assert rounded(wilson(hits, n, unit="row"))[1:] == ends


@pytest.mark.parametrize(
    ("hits", "n", "ends"),
    [  # the same table, "Exact, Clopper-Pearson"
        (81, 263, (0.2527, 0.3676)),
        (15, 148, (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1684)),
        (1, 29, (0.0009, 0.1776)),
    ],
)
def test_clopper_pearson_gives_the_published_ends(
    hits: int, n: int, ends: tuple[float, float]
) -> None:
    assert rounded(clopper_pearson(hits, n, unit="row"))[1:] == ends


def test_an_estimate_says_how_it_was_made() -> None:
    assert wilson(1, 2, unit="question") == Estimate(
        value=0.5,
        lower=pytest.approx(0.0945, abs=1e-4),
        upper=pytest.approx(0.9055, abs=1e-4),
        level=0.95,
        method="wilson",
        version="wilson-1",
        unit="question",
        n=2,
    )


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_a_share_that_cannot_be_is_refused(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"0 <= hits <= n and n > 0, not {hits} of {n}"):
        wilson(hits, n, unit="row")


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_of_shares_are_ordered_nested_and_shrink_with_n(case: tuple[int, int]) -> None:
    hits, n = case
    for interval in (wilson, clopper_pearson):
        found, larger = interval(hits, n, unit="row"), interval(4 * hits, 4 * n, unit="row")
        wider = interval(hits, n, unit="row", level=0.99)
        assert 0 <= found.lower <= found.value <= found.upper <= 1
        assert larger.upper - larger.lower < found.upper - found.lower
        assert wider.lower <= found.lower and found.upper <= wider.upper


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_of_misses_has_the_mirrored_interval(case: tuple[int, int]) -> None:
    hits, n = case
    for interval in (wilson, clopper_pearson):
        one, other = interval(hits, n, unit="row"), interval(n - hits, n, unit="row")
        assert one.lower == pytest.approx(1 - other.upper, abs=1e-9)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize(("n", "share"), [(20, 0.1), (50, 0.5), (100, 0.02)])
def test_coverage_of_shares_is_exact_arithmetic(interval: object, n: int, share: float) -> None:
    """The coverage is a sum over all outcomes; Wilson's is near the level, the exact one above."""
    covered = 0.0
    for hits in range(n + 1):
        found = interval(hits, n, unit="row")  # type: ignore[operator]
        covered += (found.lower <= share <= found.upper) * stats.binom.pmf(hits, n, share)

    assert covered >= (0.92 if interval is wilson else 0.95)


SKEWED = np.random.default_rng(3).exponential(size=40)


@pytest.mark.parametrize("n", [1, 2, 40, 5000, 99_999, 300_000])
@pytest.mark.parametrize("share", [1e-6, 0.001, 0.03, 0.5, 0.93, 0.9999])
def test_the_binomial_tail_is_that_of_scipy(n: int, share: float) -> None:
    exact = n <= 100_000  # above, it is the normal approximation
    for hits in {0, 1, round(n * share), round(n * share) + round(math.sqrt(n) / 2), n, n + 1}:
        if exact or n * share * (1 - share) > 100:
            expected = stats.binom.sf(hits - 1, n, share)
            found = shares.binomial_tail(hits, n, share)
            assert found == pytest.approx(expected, abs=1e-9 if exact else 1e-2)


def test_bca_takes_the_ends_that_scipy_takes_of_the_same_resamples() -> None:
    made = stats.bootstrap((SKEWED,), np.var, n_resamples=999, rng=np.random.default_rng(1))
    left_out = np.array([np.var(np.delete(SKEWED, i)) for i in range(40)])
    values = made.bootstrap_distribution

    tails = intervals.bca_tails(float(np.var(SKEWED)), values, left_out)

    assert np.quantile(values, tails) == pytest.approx(tuple(made.confidence_interval), rel=1e-6)


def test_the_mean_is_the_bootstrap_of_a_mean() -> None:
    clusters = np.repeat(np.arange(10), 4)

    fast = mean(SKEWED, clusters, unit="patient", seed=5)
    slow = bootstrap(lambda rows: SKEWED[rows].mean(), clusters, unit="patient", seed=5)

    assert fast.n == 10 and fast.version == "bca-1"
    assert rounded(fast, 9) == rounded(slow, 9)


def test_rows_of_a_cluster_that_repeat_each_other_add_no_certainty() -> None:
    once = mean(SKEWED, unit="patient", seed=5)
    tripled = mean(np.repeat(SKEWED, 3), np.repeat(np.arange(40), 3), unit="patient", seed=5)

    assert rounded(once, 9) == rounded(tripled, 9)


def test_clusters_may_be_strings_numbers_and_mixed() -> None:
    values = np.arange(6.0)

    as_text = mean(values, ["a", "a", "ü", "ü", "c", "c"], unit="patient", seed=1)
    mixed = mean(values, np.array(["a", "a", 1, 1, 2.5, 2.5], dtype=object), unit="patient", seed=1)

    assert as_text == mixed and as_text.n == 3


def test_a_row_without_a_cluster_is_refused_by_number() -> None:
    with pytest.raises(ValueError, match="row 1 has no cluster"):
        mean([1.0, 2.0], np.array(["a", None], dtype=object), unit="patient", seed=1)


def test_missing_values_are_refused_and_counted() -> None:
    with pytest.raises(ValueError, match="1 of 3 values are missing or infinite"):
        mean([1.0, float("nan"), 2.0], unit="row", seed=1)


def test_one_cluster_is_no_sample() -> None:
    with pytest.raises(ValueError, match="two clusters or more, not 1"):
        mean([1.0, 2.0], ["a", "a"], unit="patient", seed=1)


def test_a_statistic_that_is_often_undefined_is_refused() -> None:
    with pytest.raises(ValueError, match=r"undefined in \d+ resamples"):
        bootstrap(lambda rows: 1.0 if 0 in rows else math.nan, range(20), unit="row", seed=1)


def test_a_statistic_outside_of_its_resamples_needs_percentiles() -> None:
    def distinct(rows: intervals.Rows) -> float:
        return float(len(set(rows.tolist())))

    with pytest.raises(ValueError, match="use method='percentile'"):
        bootstrap(distinct, range(50), unit="row", seed=1)
    found = bootstrap(distinct, range(50), unit="row", seed=1, method="percentile")

    assert found.version == "percentile-1" and found.upper < found.value == 50


def test_a_constant_has_an_interval_without_width() -> None:
    assert rounded(mean(np.ones(20), unit="row", seed=1)) == (1.0, 1.0, 1.0)


def test_a_quarter_of_a_million_rows_need_no_quarter_of_a_million_jackknife_values() -> None:
    calls = []

    def counted(rows: intervals.Rows) -> float:
        calls.append(len(rows))
        return float(rows.mean())

    bootstrap(counted, range(250_000), unit="row", seed=1, resamples=20)

    assert len(calls) == 1 + 20 + intervals.JACKKNIFED


def test_groups_left_out_give_nearly_the_acceleration_of_single_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(0).exponential(size=2000)
    grouped = mean(values, unit="row", seed=2)
    monkeypatch.setattr(intervals, "JACKKNIFED", 2000)
    single = mean(values, unit="row", seed=2)

    assert grouped.lower == pytest.approx(single.lower, abs=0.02 * (single.upper - single.lower))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=4, max_size=30))
def test_swapping_the_sides_of_a_difference_mirrors_it(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    sides = (lambda rows: float(a[rows].mean()), lambda rows: float(b[rows].mean()))
    kept = {"unit": "row", "seed": 1, "resamples": 200, "method": "percentile"}

    one = intervals.paired_difference(*sides, range(len(a)), **kept)
    other = intervals.paired_difference(*reversed(sides), range(len(a)), **kept)

    mirrored = replace(one, value=-one.value, lower=-one.upper, upper=-one.lower)
    assert rounded(mirrored, 6) == pytest.approx(rounded(other, 6), abs=1e-6)


def test_a_bca_difference_is_mirrored_too() -> None:
    other = np.random.default_rng(8).exponential(size=40)
    sides = (lambda rows: float(SKEWED[rows].mean()), lambda rows: float(other[rows].mean()))

    one = intervals.paired_difference(*sides, range(40), unit="row", seed=1)
    two = intervals.paired_difference(*reversed(sides), range(40), unit="row", seed=1)

    assert rounded(one, 9) == (-round(two.value, 9), -round(two.upper, 9), -round(two.lower, 9))


def test_a_difference_of_paired_rows_is_narrower_than_its_sides() -> None:
    better = SKEWED + np.random.default_rng(1).normal(0.1, 0.01, 40)
    sides = (lambda rows: float(better[rows].mean()), lambda rows: float(SKEWED[rows].mean()))

    difference = intervals.paired_difference(*sides, range(40), unit="row", seed=1)
    alone = mean(SKEWED, unit="row", seed=1)

    assert difference.lower > 0
    assert difference.upper - difference.lower < 0.1 * (alone.upper - alone.lower)


def coverage(method: intervals.BootstrapMethod) -> float:
    """How often the interval of a mean of 30 skewed clusters of 1 to 5 rows covers the truth.

    The share of 200 simulations has a standard error of 0.015.
    """
    generator = np.random.default_rng(11)
    covered = 0
    for trial in range(200):
        sizes = generator.integers(1, 6, 30)
        clusters = np.repeat(np.arange(30), sizes)
        values = generator.exponential(size=30)[clusters] + generator.normal(size=len(clusters))
        found = mean(values, clusters, unit="patient", seed=trial, resamples=300, method=method)
        covered += found.lower <= 1 <= found.upper
    return covered / 200


def test_the_cluster_bootstrap_covers_the_mean_of_skewed_clusters() -> None:
    assert 0.90 <= coverage("bca") <= 0.98


def test_ignoring_the_clusters_would_not_cover() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    for trial in range(100):
        values = np.repeat(generator.normal(size=30), 5)
        found = mean(values, unit="row", seed=trial, resamples=200)
        covered += found.lower <= 0 <= found.upper

    assert covered / 100 < 0.8


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA, pd.NaT])
def test_a_missing_cluster_among_text_in_a_list_is_refused(missing: object) -> None:
    with pytest.raises(ValueError, match="row 1 has no cluster"):
        mean([1.0, 2.0, 3.0], ["a", missing, "b"], unit="patient", seed=1)


def test_clusters_of_a_series_are_those_of_its_values() -> None:
    labels = pd.Series(["a", "b", "b"], index=[7, 8, 9], dtype="category")

    assert mean([1.0, 2.0, 3.0], labels, unit="patient", seed=1).n == 2
    assert mean([1.0, 2.0, 3.0], ["1", 1, 1], unit="patient", seed=1).n == 2


def test_a_share_of_single_rows_is_nearly_the_exact_interval() -> None:
    hits = [True] * 30 + [False] * 70
    ours = intervals.clustered_share(hits, range(100), unit="question")
    exact = intervals.clopper_pearson(30, 100, unit="question")

    assert (ours.value, ours.n) == (0.3, 100)
    assert rounded(ours, 2) == rounded(exact, 2)


def test_documents_that_repeat_their_rows_count_once() -> None:
    hits, documents = np.repeat([True] * 15 + [False] * 5, 8), np.repeat(range(20), 8)
    ours = intervals.clustered_share(hits, documents, unit="document")
    exact = intervals.clopper_pearson(15, 20, unit="document")

    assert ours.n == 20
    assert (ours.lower, ours.upper) == pytest.approx((exact.lower, exact.upper), abs=0.03)


@pytest.mark.parametrize(("hit", "ends"), [(True, (0.8316, 1.0)), (False, (0.0, 0.1684))])
def test_equal_rows_have_the_exact_interval_of_as_many_clusters(
    hit: bool, ends: tuple[float, float]
) -> None:
    ours = intervals.clustered_share([hit] * 60, np.repeat(range(20), 3), unit="document")

    assert (ours.lower, ours.upper) == pytest.approx(ends, abs=1e-4)


def test_the_clustered_share_covers_the_truth() -> None:
    generator = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        rates = generator.beta(9, 1, size=40)  # the mean is 0.9, and documents differ
        sizes = generator.integers(1, 5, size=40)
        hits = generator.random(sizes.sum()) < np.repeat(rates, sizes)
        ours = intervals.clustered_share(hits, np.repeat(range(40), sizes), unit="document")
        covered += ours.lower <= 0.9 <= ours.upper
    assert 0.93 <= covered / 400 <= 1
