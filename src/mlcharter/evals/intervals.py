"""Confidence intervals of proportions, of means and of any statistic of rows.

Rows of one cluster (a patient, an episode, a question) are never counted as independent: the
bootstrap draws whole clusters. A gate is decided on one end of an interval, never on the point.

Sources: Wilson (1927), Probable inference, the law of succession, and statistical inference;
Clopper and Pearson (1934), The use of confidence or fiducial limits; Korn and Graubard (1998),
Confidence intervals for proportions with small expected number of positive counts (clusters);
Efron (1987), Better bootstrap confidence intervals (BCa); Davison and Hinkley (1997), Bootstrap
methods and their application, section 3.8 (clusters); Shao and Tu (1995), The jackknife and
bootstrap (deleting groups).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from mlcharter.evals import digests, name_method, shares

LEVEL = 0.95
RESAMPLES = 1000
JACKKNIFED = 200  # clusters or groups of clusters that are left out, one after the other
DEFINED = 0.95  # the share of resamples in which a statistic must be finite

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Statistic = Callable[[Rows], float]
BootstrapMethod = Literal["bca", "percentile"]


@dataclass(frozen=True)
class Estimate:
    """A value with its two-sided interval.

    `method` is the name that reports use: `wilson`, `clopper-pearson`, `bootstrap` or `delong`.
    `version` names the variant and its version in METHODS: `bca-1`.
    `n` counts units, and `unit` says which: `row`, `episode`, `question`.
    """

    value: float
    lower: float
    upper: float
    level: float
    method: str
    version: str
    unit: str
    n: int


def wilson(hits: int, n: int, *, unit: str, level: float = LEVEL) -> Estimate:
    """Return the share `hits / n` with Wilson's score interval, without continuity correction.

    Units must be independent; for rows of clusters, use `mean`. Raises ValueError unless
    0 <= hits <= n and n > 0.
    """
    return _proportion(hits, n, "wilson", unit, level)


def clopper_pearson(hits: int, n: int, *, unit: str, level: float = LEVEL) -> Estimate:
    """Return the share `hits / n` with the exact binomial interval.

    It covers at least `level` for every true share, so it suits rare and costly events.
    Raises ValueError unless 0 <= hits <= n and n > 0.
    """
    return _proportion(hits, n, "clopper-pearson", unit, level)


def _proportion(hits: int, n: int, method: str, unit: str, level: float) -> Estimate:
    _check_level(level)
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"a share needs 0 <= hits <= n and n > 0, not {hits} of {n}")
    if method == "wilson":
        lower, upper = shares.wilson(hits / n, n, level)
    else:
        ends = stats.binomtest(int(hits), int(n)).proportion_ci(level, method="exact")
        # With no hits the lower end is 0 but for the last bit, and must not exceed the share.
        lower, upper = min(float(ends.low), hits / n), max(float(ends.high), hits / n)
    return Estimate(hits / n, lower, upper, level, method, name_method(method), unit, int(n))


def clustered_share(
    hits: npt.ArrayLike, clusters: npt.ArrayLike, *, unit: str, level: float = LEVEL
) -> Estimate:
    """Return the share of rows that are true, shape (n,), with an exact interval over clusters.

    The binomial interval for as many independent rows as have the variance of these clusters
    (Korn and Graubard 1998), but not for more than there are rows. If all rows are equal, which
    says nothing about that variance, each cluster counts as one row. Unlike a bootstrap, it has a
    width then. `n` counts clusters.
    """
    values = np.asarray(hits, dtype=np.float64)
    groups = Clusters(clusters)
    rows, m, share = len(values), len(groups), float(values.mean())
    effective, shrink = float(m), 1.0
    if 0 < share < 1:
        residuals = groups.sums(values) - share * groups.sizes
        variance = m / (m - 1) * float((residuals**2).sum()) / rows**2
        effective = min(float(rows), share * (1 - share) / max(variance, 1e-12))
        ends = stats.t.ppf((1 + level) / 2, [rows - 1, m - 1])
        shrink = float(ends[0] / ends[1]) ** 2
    _check_level(level)
    k, n = share * effective * shrink, effective * shrink
    tail = (1 - level) / 2
    lower = float(stats.beta.ppf(tail, k, n - k + 1)) if share > 0 else 0.0
    upper = float(stats.beta.ppf(1 - tail, k + 1, n - k)) if share < 1 else 1.0
    version = name_method("korn-graubard")
    return Estimate(share, lower, upper, level, "clopper-pearson", version, unit, m)


class Clusters:
    """Rows by cluster: shape (n,) labels of any hashable type; rows with one label belong together.

    Raises ValueError if there are fewer than two clusters, or if a label is missing.
    """

    def __init__(self, labels: npt.ArrayLike) -> None:
        codes = _codes(labels)
        self.sizes = np.bincount(codes)
        if len(self.sizes) < 2:
            raise ValueError(f"a bootstrap needs two clusters or more, not {len(self.sizes)}")
        self._order = np.argsort(codes, kind="stable")
        self._starts = np.cumsum(self.sizes) - self.sizes

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, drawn: Rows) -> Rows:
        """Return the rows of the clusters `drawn`, each as often as it is drawn."""
        sizes = self.sizes[drawn]
        ends = np.cumsum(sizes)
        first = np.repeat(self._starts[drawn] - (ends - sizes), sizes)
        return np.asarray(self._order[first + np.arange(ends[-1])], dtype=np.intp)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of `values`, shape (n,), in each cluster."""
        return np.add.reduceat(values[self._order], self._starts)


def bootstrap(
    statistic: Statistic,
    clusters: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    method: BootstrapMethod = "bca",
) -> Estimate:
    """Return `statistic` with the bootstrap interval over whole clusters.

    `clusters` has shape (n,); give `range(n)` if rows are independent. `statistic` gets row numbers
    and returns one number. It may be undefined in few resamples, for example because a class was
    not drawn: those are left out, and a ValueError says so if they are over 5 %.
    With `bca`, a ValueError also refuses a statistic that lies outside of all its resamples.
    """
    groups = Clusters(clusters)
    return _bootstrap(
        lambda drawn: statistic(groups.rows(drawn)),
        len(groups),
        unit,
        seed,
        level,
        resamples,
        method,
    )


def mean(
    values: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    *,
    unit: str,
    seed: int,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    method: BootstrapMethod = "bca",
) -> Estimate:
    """Return the mean of `values`, shape (n,), over rows, with its cluster bootstrap interval.

    The same as `bootstrap` with a mean, and faster: it resamples the sums of clusters.
    Raises ValueError if a value is missing or infinite.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if bad := int((~np.isfinite(numbers)).sum()):
        raise ValueError(f"{bad} of {len(numbers)} values are missing or infinite")
    groups = Clusters(range(len(numbers)) if clusters is None else clusters)
    sums, sizes = groups.sums(numbers), groups.sizes
    return _bootstrap(
        lambda drawn: float(sums[drawn].sum() / sizes[drawn].sum()),
        *(len(groups), unit, seed, level, resamples, method),
    )


def paired_difference(
    candidate: Statistic,
    baseline: Statistic,
    clusters: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    method: BootstrapMethod = "bca",
) -> Estimate:
    """Return `candidate - baseline` with its interval; both are computed on the same resamples.

    Arguments are those of `bootstrap`. Swapping the two swaps the ends and their signs.
    """
    return bootstrap(
        lambda rows: candidate(rows) - baseline(rows),
        clusters,
        unit=unit,
        seed=seed,
        level=level,
        resamples=resamples,
        method=method,
    )


def _bootstrap(
    statistic: Callable[[Rows], float],
    n: int,
    unit: str,
    seed: int,
    level: float,
    resamples: int,
    method: BootstrapMethod,
) -> Estimate:
    """The bootstrap of a statistic of cluster numbers below `n`."""
    _check_level(level)
    generator = np.random.default_rng(seed)
    value = float(statistic(np.arange(n)))
    if not np.isfinite(value):
        raise ValueError(f"the statistic is {value} on the whole data")
    drawn = (generator.integers(0, n, n) for _ in range(resamples))
    values = np.fromiter((statistic(rows) for rows in drawn), np.float64, resamples)
    values = values[np.isfinite(values)]
    if len(values) < DEFINED * resamples:
        raise ValueError(f"the statistic is undefined in {resamples - len(values)} resamples")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca" and np.ptp(values) > 0:
        left_out = np.array([statistic(rows) for rows in _leave_out(n, generator)])
        tails = bca_tails(value, values, left_out, level)
    lower, upper = np.quantile(values, tails)
    ends = float(lower), float(upper)
    return Estimate(value, *ends, level, "bootstrap", name_method(method), unit, n)


def bca_tails(value: float, values: Floats, left_out: Floats, level: float = LEVEL) -> Floats:
    """Return the two quantiles of resampled `values` that BCa takes as ends (Efron 1987, 2.3).

    `left_out` are jackknife values: the statistic without each cluster, or each group of them.
    Raises ValueError if `value` is below or above all resamples, where BCa is undefined.
    """
    share = ((values < value).mean() + (values <= value).mean()) / 2
    if not 0 < share < 1:
        raise ValueError(
            "the statistic is outside of all its resamples, as a biased one is; "
            "use method='percentile'"
        )
    away = left_out[np.isfinite(left_out)]
    away = away.mean() - away
    spread = float((away**2).sum()) ** 1.5
    acceleration = float((away**3).sum()) / (6 * spread) if spread > 0 else 0.0
    bias = stats.norm.ppf(share)
    shifted = bias + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return np.asarray(stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))


def _leave_out(n: int, generator: np.random.Generator) -> Iterator[Rows]:
    """Cluster numbers without each cluster; of many clusters, without each of random groups."""
    if n <= JACKKNIFED:
        groups = np.split(np.arange(n), n)
    else:
        groups = np.array_split(generator.permutation(n), JACKKNIFED)
    for group in groups:
        yield np.delete(np.arange(n), group)


def _codes(labels: npt.ArrayLike) -> Rows:
    """Number the labels from 0 in order of appearance; text and numbers stay apart."""
    if np.ndim(labels) != 1:
        raise ValueError(f"clusters have shape (n,), not {np.shape(labels)}")
    # NumPy would make text of a list of text with a gap.
    listed: list[Any] = labels.tolist() if hasattr(labels, "tolist") else list(labels)  # type: ignore[arg-type]
    known: dict[Any, int] = {}
    for row, label in enumerate(listed):
        if digests.is_missing(label):
            raise ValueError(f"row {row} has no cluster; give it one, or leave the row out")
    return np.array([known.setdefault(label, len(known)) for label in listed], dtype=np.intp)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"a level is between 0 and 1, such as 0.95, not {level}")
