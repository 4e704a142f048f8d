"""Ranking and calibration of binary predictions.

`labels` are 0 or 1 and `scores` or `probabilities` belong to label 1; all have shape (rows,).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def auc(labels: Labels, scores: Floats) -> float:
    """The share of (1, 0) pairs ranked correctly, a tie counting half; NaN with one class only.

    Equal to scikit-learn's `roc_auc_score` and about twenty times faster: inside a bootstrap
    that function took four fifths of the time of the whole eval.
    """
    ones = scores[labels == 1]
    zeros = np.sort(scores[labels == 0])
    if not len(ones) or not len(zeros):
        return float("nan")
    below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
    return float(below.mean() / (2 * len(zeros)))


def brier(labels: Labels, probabilities: Floats) -> float:
    """The mean squared error of the probabilities; it sees ranking and calibration at once."""
    return float(np.mean((probabilities - labels) ** 2))


@dataclass(frozen=True)
class Bin:
    """One step of a reliability diagram."""

    predicted: float
    ones: int
    n: int


def reliability(labels: Labels, probabilities: Floats, bins: int = 10) -> list[Bin]:
    """Bins of equal count, lowest probabilities first."""
    order = np.argsort(probabilities, kind="stable")
    return [
        Bin(float(probabilities[part].mean()), int(labels[part].sum()), len(part))
        for part in np.array_split(order, bins)
        if len(part)
    ]


def calibration_error(labels: Labels, probabilities: Floats, bins: int = 10) -> float:
    """The expected calibration error over bins of equal count.

    On a finite sample it is above zero even for a perfect model, and a bootstrap of it lies higher
    still: an upper bound on it is cautious, a lower bound would be worthless.
    """
    gaps = [
        step.n * abs(step.predicted - step.ones / step.n)
        for step in reliability(labels, probabilities, bins)
    ]
    return float(sum(gaps) / len(labels))
