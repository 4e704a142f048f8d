"""Confidence intervals, each with its method and its resampling unit.

Every gate of the eval pack is decided on one end of such an interval, never on the point.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

LEVEL = 0.95

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Interval:
    """A two-sided interval; `unit` is what was resampled or counted (row, episode, question …)."""

    lower: float
    upper: float
    method: str
    unit: str
    level: float = LEVEL


def bootstrap(
    statistic: Callable[[Indices], float],
    groups: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    resamples: int = 1000,
) -> Interval:
    """The percentile bootstrap of `statistic` over whole groups.

    `groups` has shape (n,): rows with one label are drawn together, so that rows of one patient,
    episode or question are never counted as independent.
    `statistic` gets the row indices of a resample; resamples where it is not finite
    (a class that was never drawn) are left out, and a ValueError is raised where that is over 5 %.
    """
    labels, codes = np.unique(np.asarray(groups), return_inverse=True)
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    generator = np.random.default_rng(seed)
    values = np.empty(resamples)
    for i in range(resamples):
        drawn = generator.integers(0, len(labels), len(labels))
        values[i] = statistic(np.concatenate([members[d] for d in drawn]))
    finite = values[np.isfinite(values)]
    if len(finite) < 0.95 * resamples:
        raise ValueError(f"the statistic is undefined in {resamples - len(finite)} resamples")
    tail = 100 * (1 - LEVEL) / 2
    lower, upper = np.percentile(finite, [tail, 100 - tail])
    return Interval(float(lower), float(upper), "bootstrap", unit)


def wilson(successes: int, n: int, *, unit: str) -> Interval:
    """Wilson's score interval of a share; good from small n on, unlike the normal one."""
    ends = stats.binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return Interval(float(ends.low), float(ends.high), "wilson", unit)


def clopper_pearson(successes: int, n: int, *, unit: str) -> Interval:
    """The exact binomial interval: never too narrow, so the choice where a violation is costly."""
    ends = stats.binomtest(successes, n).proportion_ci(LEVEL, method="exact")
    return Interval(float(ends.low), float(ends.high), "clopper-pearson", unit)
