"""Calibration errors: known answers, the bias of ECE as it is documented, and bins."""

import numpy as np
import pytest

from mlcharter.evals import calibration

PREDICTED = np.array([0.2] * 5 + [0.8] * 5)
TARGET = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])


def test_reliability_has_bins_of_equal_count_lowest_first() -> None:
    found = calibration.reliability(TARGET, PREDICTED, bins=2)

    assert [(b.predicted, b.observed.value, b.n) for b in found] == [
        (pytest.approx(0.2), 0.2, 5),
        (pytest.approx(0.8), 1.0, 5),
    ]
    assert found[1].observed.lower == pytest.approx(0.5655, abs=1e-4)


def test_equal_predictions_share_a_bin() -> None:
    assert [b.n for b in calibration.reliability(TARGET, PREDICTED, bins=5)] == [5, 5]


def test_ece_is_the_mean_gap_over_bins() -> None:
    # 5/10 * |0.2 - 0.2| + 5/10 * |0.8 - 1|
    assert calibration.ece(TARGET, PREDICTED, bins=2) == pytest.approx(0.1)


def test_the_squared_error_is_debiased() -> None:
    # 5/10 * (0 - 0.2 * 0.8 / 4) + 5/10 * (0.04 - 0)
    assert calibration.squared_error(TARGET, PREDICTED, bins=2) == pytest.approx(0.0)


def perfect(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    predicted = generator.uniform(0.4, 0.6, n)
    return (generator.random(n) < predicted).astype(int), predicted


@pytest.mark.parametrize("n", [200, 800])
def test_ece_of_a_perfect_model_has_the_documented_bias(n: int) -> None:
    values = [calibration.ece(*perfect(n, seed)) for seed in range(60)]

    assert np.mean(values) == pytest.approx(0.8 * np.sqrt(10 * 0.25 / n), rel=0.1)
    expected, limit = calibration.ece_if_calibrated(perfect(n, 0)[1], seed=1)
    assert np.mean(values) == pytest.approx(expected, rel=0.1)
    assert np.mean(np.array(values) > limit) < 0.15


def test_the_squared_error_of_a_perfect_model_is_near_zero_at_any_size() -> None:
    for n in (100, 400):
        values = [calibration.squared_error(*perfect(n, seed)) for seed in range(200)]
        error = np.std(values) / np.sqrt(len(values))
        assert abs(np.mean(values)) < 3 * error


def test_a_model_that_is_too_sure_is_seen() -> None:
    target, predicted = perfect(800, 1)
    sure = np.clip((predicted - 0.5) * 4 + 0.5, 0, 1)

    found = calibration.estimate_squared_error(
        target, sure, unit="row", seed=1, bins=5, resamples=100
    )

    assert found.lower > 0.01
    assert calibration.ece(target, sure) > calibration.ece_if_calibrated(sure, seed=1)[1]


@pytest.mark.parametrize(
    ("target", "predicted", "why"),
    [
        ([0, 2], [0.1, 0.2], "the target is 0 or 1 in every row"),
        ([0, 1], [0.1, np.nan], "probabilities are from 0 to 1 in every row"),
        ([0], [0.1, 0.2], r"have shape \(rows,\), not \(1,\) and \(2,\)"),
    ],
)
def test_what_is_no_probability_is_refused(
    target: list[int], predicted: list[float], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        calibration.ece(target, predicted)


def test_a_bin_of_one_row_has_no_variance() -> None:
    with pytest.raises(ValueError, match="a bin has one row; use fewer bins"):
        calibration.squared_error([0, 1], [0.1, 0.9], bins=2)


def test_the_interval_of_ece_has_the_value_inside_and_a_cautious_upper_end() -> None:
    generator = np.random.default_rng(5)
    predicted = generator.random(400)
    target = (generator.random(400) < predicted).astype(int)

    found = calibration.estimate_ece(target, predicted, unit="row", seed=1, resamples=200)

    assert found.value == calibration.ece(target, predicted)
    assert found.lower <= found.value < found.upper < found.value + 0.1
    people = np.repeat(np.arange(100), 4)
    grouped = calibration.estimate_ece(
        target, predicted, clusters=people, unit="person", seed=1, resamples=200
    )
    assert (grouped.unit, grouped.n) == ("person", 100)
