"""Drift of a feature or of a score: how far apart two samples are, and how far chance alone gets.

    seen = drift.psi(training["income"], today["income"])
    report.add_count("psi-income", "loans", seen.size, n=seen.n)

`reference` and `current` have shape (rows,), rows are independent, and gaps are left out of `ks`
and have a bin of their own in `psi`. The size of a drift decides whether it matters; `limit` says
only whether it is more than chance. Small samples reach a high PSI by chance, large ones exceed
the limit with a drift that does no harm.

Sources: Siddiqi (2006), Credit risk scorecards (PSI, and the sizes 0.1 and 0.25); Yurdakul and
Naranjo (2020), Statistical properties of the population stability index; Smirnov (1948), Table for
estimating the goodness of fit of empirical distributions.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from mlcharter.evals import digests

LEVEL = 0.95
SMALL, LARGE = 0.1, 0.25  # below SMALL a PSI is usually left alone, above LARGE acted on
_LEAST = 0.5  # rows that an empty bin counts as, so that its logarithm exists

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """The size of a drift, and the `limit` that it exceeds by chance in 5 % of samples.

    `n` is the number of rows of the smaller sample.
    """

    size: float
    limit: float
    n: int

    @property
    def beyond_chance(self) -> bool:
        """Whether the size is more than samples of one distribution would show."""
        return self.size > self.limit


def psi(reference: npt.ArrayLike, current: npt.ArrayLike, *, bins: int = 10) -> Drift:
    """Return the population stability index: sum of (q - p) ln(q / p) over bins.

    Numbers get `bins` bins with as many rows of the reference each, fewer if values repeat; other
    values are categories. Below 0.1 is usually called small, above 0.25 large. Without drift it is
    about chi-squared with (bins - 1) degrees of freedom, times 1 / n + 1 / m.
    Raises ValueError for an empty sample.
    """
    before, after = _counts(np.asarray(reference), np.asarray(current), bins)
    n, m = before.sum(), after.sum()
    p, q = np.maximum(before, _LEAST) / n, np.maximum(after, _LEAST) / m
    size = float(((q - p) * np.log(q / p)).sum())
    freedom = max(1, len(before) - 1)
    limit = float(stats.chi2.ppf(LEVEL, freedom) * (1 / n + 1 / m))
    return Drift(size, limit, int(min(n, m)))


def ks(reference: npt.ArrayLike, current: npt.ArrayLike) -> Drift:
    """Return the Kolmogorov-Smirnov distance of numbers: the largest gap of the two distributions.

    From 0 to 1. The limit is Smirnov's for large samples, and too wide for values that repeat.
    Raises ValueError for an empty sample, and for values that are no numbers.
    """
    both = [_numbers(np.asarray(values)) for values in (reference, current)]
    found = stats.ks_2samp(*both, method="asymp")
    n, m = map(len, both)
    limit = float(stats.kstwobign.ppf(LEVEL) * np.sqrt(1 / n + 1 / m))
    return Drift(float(found.statistic), limit, min(n, m))


def _numbers(values: npt.NDArray[np.generic]) -> Array:
    if values.dtype.kind not in "iuf":
        raise ValueError("the distance is of numbers; use `psi` for categories")
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if not len(known):
        raise ValueError("a sample has no values")
    return np.asarray(known, dtype=np.float64)


def _counts(
    reference: npt.NDArray[np.generic], current: npt.NDArray[np.generic], bins: int
) -> tuple[Array, Array]:
    """The rows of both samples in each bin that has any."""
    if not (len(reference) and len(current)):
        raise ValueError("a sample has no rows")
    if reference.dtype.kind in "iuf" and current.dtype.kind in "iuf":
        known = _numbers(reference)
        cuts = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
        places = [_place(values, cuts) for values in (reference, current)]
    else:
        names: dict[object, int] = {}
        listed = (
            [None if digests.is_missing(v) else v for v in s.tolist()] for s in (reference, current)
        )
        places = [np.array([names.setdefault(v, len(names)) for v in sample]) for sample in listed]
    width = 1 + max(int(sample.max()) for sample in places)
    before, after = (np.bincount(sample, minlength=width) for sample in places)
    used = (before + after) > 0
    return before[used].astype(np.float64), after[used].astype(np.float64)


def _place(values: npt.NDArray[np.generic], cuts: Array) -> npt.NDArray[np.intp]:
    """The bin of each value; a gap is in the last one."""
    numbers = np.asarray(values, dtype=np.float64)
    found = np.searchsorted(cuts, numbers, "left")
    return np.where(np.isnan(numbers), len(cuts) + 1, found)
