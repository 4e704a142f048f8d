"""Whether predicted probabilities are frequencies: reliability bins and calibration errors.

`target` is 0 or 1 and `probabilities` are of the class 1; both have shape (rows,).

Sources: Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using
Bayesian binning (ECE); Kumar, Liang and Ma (2019), Verified uncertainty calibration (debiasing).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcharter.evals.intervals import Estimate, bootstrap, wilson

Array = npt.NDArray[Any]
BINS = 10


@dataclass(frozen=True)
class Bin:
    """One step of a reliability diagram: `n` rows with the mean prediction `predicted`.

    `observed` is the share of ones with Wilson's interval, which holds for independent rows.
    """

    predicted: float
    observed: Estimate
    n: int


def reliability(target: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS) -> list[Bin]:
    """Return bins of equal count, lowest predictions first; equal predictions share a bin."""
    truth, predicted = _checked(target, probabilities)
    found = []
    for part in _parts(predicted, bins):
        observed = wilson(int(truth[part].sum()), len(part), unit="row")
        found.append(Bin(float(predicted[part].mean()), observed, len(part)))
    return found


def ece(target: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the expected calibration error: sum over bins of n_b / n * |predicted - observed|.

    It is biased upwards: a perfect model has about 0.8 * sqrt(bins * p * (1 - p) / n), which is
    0.1 at n = 200 for p near a half and ten bins; see `ece_if_calibrated`. Compare models on
    equal n only, and gate its upper end.
    """
    truth, predicted = _checked(target, probabilities)
    return _ece(truth, predicted, bins)


def ece_if_calibrated(
    probabilities: npt.ArrayLike, *, seed: int, bins: int = BINS, level: float = 0.95
) -> tuple[float, float]:
    """Return mean and upper `level` quantile of `ece` if the probabilities were true frequencies.

    Targets are drawn from the probabilities, as independent rows, 1,000 times. An ECE below the
    quantile is no evidence of miscalibration.
    """
    _, predicted = _checked(np.zeros(np.shape(probabilities)), probabilities)
    generator = np.random.default_rng(seed)
    drawn = (generator.random(len(predicted)) < predicted for _ in range(1000))
    values = np.array([_ece(truth.astype(float), predicted, bins) for truth in drawn])
    return float(values.mean()), float(np.quantile(values, level))


def squared_error(target: npt.ArrayLike, probabilities: npt.ArrayLike, bins: int = BINS) -> float:
    """Return the debiased squared calibration error (Kumar, Liang and Ma 2019, definition 5.2).

    Sum over bins of n_b / n * ((predicted - observed)² - observed * (1 - observed) / (n_b - 1)).
    Near 0 for a calibrated model at any n, and sometimes below. Bins of one row are a ValueError.
    """
    truth, predicted = _checked(target, probabilities)
    return _squared(truth, predicted, bins)


def estimate_squared_error(
    target: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    bins: int = BINS,
    resamples: int = 1000,
) -> Estimate:
    """Return `squared_error` with its percentile bootstrap interval over whole clusters.

    A resample repeats rows, which adds miscalibration: the interval lies too high, so its upper
    end is cautious, and its lower end is of no use. Raises ValueError if the value is not inside.
    """
    found = _bootstrap(
        _squared, target, probabilities, clusters, bins, unit=unit, seed=seed, resamples=resamples
    )
    if not found.lower <= found.value <= found.upper:
        raise ValueError("too few rows in a bin for an interval; use fewer bins")
    return found


def estimate_ece(
    target: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    bins: int = BINS,
    resamples: int = 1000,
) -> Estimate:
    """Return `ece` with its percentile bootstrap interval over whole clusters, for a gate on top.

    A resample repeats rows, which adds miscalibration: the upper end is cautious, and the lower
    one, which is the value itself where all resamples lie above, is of no use.
    """
    found = _bootstrap(
        _ece, target, probabilities, clusters, bins, unit=unit, seed=seed, resamples=resamples
    )
    lower, upper = min(found.lower, found.value), max(found.upper, found.value)
    return replace(found, lower=lower, upper=upper)


def _bootstrap(
    score: Callable[[Array, Array, int], float],
    target: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    clusters: npt.ArrayLike | None,
    bins: int,
    *,
    unit: str,
    seed: int,
    resamples: int,
) -> Estimate:
    """Return a calibration error with its percentile bootstrap interval over whole clusters."""
    truth, predicted = _checked(target, probabilities)
    return bootstrap(
        lambda rows: score(truth[rows], predicted[rows], bins),
        np.arange(len(truth)) if clusters is None else clusters,
        unit=unit,
        seed=seed,
        resamples=resamples,
        method="percentile",
    )


def _ece(truth: Array, predicted: Array, bins: int) -> float:
    gaps = [abs(float((predicted[p] - truth[p]).sum())) for p in _parts(predicted, bins)]
    return sum(gaps) / len(truth)


def _squared(truth: Array, predicted: Array, bins: int) -> float:
    total = 0.0
    for part in _parts(predicted, bins):
        n, observed = len(part), float(truth[part].mean())
        if n < 2:
            raise ValueError("a bin has one row; use fewer bins")
        gap = float(predicted[part].mean()) - observed
        total += n * (gap**2 - observed * (1 - observed) / (n - 1))
    return total / len(truth)


def _parts(predicted: Array, bins: int) -> list[Array]:
    """Row numbers by bin; cuts are moved down to where the prediction changes."""
    if bins < 1:
        raise ValueError(f"there is one bin or more, not {bins}")
    order = np.argsort(predicted, kind="stable")
    ordered = predicted[order]
    cuts = np.linspace(0, len(order), bins + 1).round().astype(int)[1:-1]
    inner = cuts[cuts < len(order)]
    moved = np.unique(np.searchsorted(ordered, ordered[inner], side="left"))
    return [part for part in np.split(order, moved) if len(part)]


def _checked(target: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[Array, Array]:
    truth, predicted = np.asarray(target, np.float64), np.asarray(probabilities, np.float64)
    if truth.ndim != 1 or truth.shape != predicted.shape or not len(truth):
        raise ValueError(
            f"target and probabilities have shape (rows,), not {truth.shape} and {predicted.shape}"
        )
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("the target is 0 or 1 in every row")
    if not ((predicted >= 0) & (predicted <= 1)).all():
        raise ValueError("probabilities are from 0 to 1 in every row")
    return truth, predicted
