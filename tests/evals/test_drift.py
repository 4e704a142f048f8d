"""Drift: known sizes, and limits that samples of one distribution exceed in 5 % of draws."""

import math

import numpy as np
import pytest
from scipy import stats

from mlcharter.evals import drift


def test_psi_has_the_textbook_value_of_two_categories() -> None:
    # (0.8 - 0.5) ln(0.8 / 0.5) + (0.2 - 0.5) ln(0.2 / 0.5)
    found = drift.psi(["a"] * 50 + ["b"] * 50, ["a"] * 80 + ["b"] * 20)

    assert found.size == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))
    assert found.limit == pytest.approx(3.8415 * (1 / 100 + 1 / 100), rel=1e-4)
    assert (found.n, found.beyond_chance) == (100, True)


def test_psi_of_numbers_is_that_of_the_deciles_of_the_reference() -> None:
    reference = np.arange(1000)

    assert drift.psi(reference, reference).size == 0
    moved = drift.psi(reference, reference[:500])  # five bins twice as full, five empty
    assert moved.size == pytest.approx(
        5 * 0.1 * math.log(2) + 5 * (0.001 - 0.1) * math.log(0.001 / 0.1)
    )


def test_gaps_have_a_bin_of_their_own_in_psi_and_are_left_out_of_ks() -> None:
    whole = np.arange(100.0)
    gaps = np.where(np.arange(100) < 30, np.nan, whole[::-1])

    assert drift.psi(whole, gaps).size > drift.LARGE
    assert drift.psi(["a", None] * 50, ["a", None] * 50).size == 0
    assert drift.ks(whole, np.append(whole, [np.nan] * 50)).size == 0


def test_ks_is_the_largest_gap_of_the_distributions() -> None:
    found = drift.ks([1, 2, 3, 4], [3, 4, 5, 6])

    assert (found.size, found.n) == (0.5, 4)
    assert found.limit == pytest.approx(1.3581 * math.sqrt(1 / 4 + 1 / 4), rel=1e-4)


@pytest.mark.parametrize("rows", [(200, 200), (1000, 300)])
def test_without_drift_the_limits_are_exceeded_in_about_5_percent_of_samples(
    rows: tuple[int, int],
) -> None:
    generator = np.random.default_rng(5)
    draws = 1000
    samples = [
        (generator.normal(size=rows[0]), generator.normal(size=rows[1])) for _ in range(draws)
    ]

    for instrument in (drift.psi, drift.ks):
        alarms = sum(instrument(*sample).beyond_chance for sample in samples)
        # Smirnov's limit is for large samples, and a little wide.
        assert stats.binom.sf(alarms - 1, draws, 0.06) > 0.001, (instrument.__name__, alarms)
        assert alarms > 20, (instrument.__name__, alarms)


def test_a_drift_of_half_a_standard_deviation_is_seen() -> None:
    generator = np.random.default_rng(6)
    before, after = generator.normal(0, 1, 500), generator.normal(0.5, 1, 500)

    for instrument in (drift.psi, drift.ks):
        assert instrument(before, after).beyond_chance
    assert drift.SMALL < drift.psi(before, after).size < 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: drift.psi([], [1]), "a sample has no rows"),
        (lambda: drift.ks([float("nan")], [1.0]), "a sample has no values"),
        (lambda: drift.ks(["a"], ["b"]), "the distance is of numbers; use `psi`"),
    ],
)
def test_what_has_no_drift_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
