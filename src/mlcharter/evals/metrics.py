"""Metrics by kind of target, each with its interval: binary, multi-class, regression.

The values are those of scikit-learn, which computes all but the few that a bootstrap needs faster.
Every function takes rows as arrays of shape (rows,) and, as keywords, `unit` and `seed`, and
`clusters` if rows are not independent: labels of shape (rows,), of which whole clusters are
resampled. `against`, the predictions of a baseline on the same rows, gives the paired difference
(candidate minus baseline). The result is an `Estimate` for `reports.Report.add`.

Sources: Fawcett (2006), An introduction to ROC analysis; Brier (1950), Verification of forecasts
expressed in terms of probability; Hand and Till (2001), A simple generalisation of the area under
the ROC curve for multiple class classification problems; DeLong, DeLong and Clarke-Pearson (1988),
Comparing the areas under two or more correlated receiver operating characteristic curves; Hyndman
and Koehler (2006), Another look at measures of forecast accuracy.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn import metrics as sk

from mlcharter.evals import digests, name_method
from mlcharter.evals.intervals import Estimate, Rows, bootstrap, paired_difference

Array = npt.NDArray[Any]
Kind = Literal["binary", "multi-class", "regression"]
Score = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Metric:
    """How a metric is computed: from the target and predictions, both of shape (rows, …).

    `takes` says what predictions are: `scores` of the class 1, shape (rows,), higher for 1;
    `probabilities`, of the class 1, shape (rows,), or of every class, shape (rows, classes), for
    the target coded as 0 to classes - 1; `classes`, shape (rows,); `numbers`, shape (rows,).
    """

    name: str
    direction: Literal["up", "down"]
    takes: Literal["scores", "probabilities", "classes", "numbers"]
    score: Score


def _one_class(score: Score) -> Score:
    """The score, or NaN where a resample has one class only, in which it is undefined."""

    def scored(target: Array, predicted: Array) -> float:
        return float(score(target, predicted)) if len(np.unique(target)) > 1 else float("nan")

    return scored


def _auc(target: Array, scores: Array) -> float:
    """The area under the ROC curve by ranks, ties counted half; the same as scikit-learn's."""
    ones, zeros = scores[target == 1], np.sort(scores[target == 0])
    below = np.searchsorted(zeros, ones, "left") + np.searchsorted(zeros, ones, "right")
    return float(below.mean() / (2 * len(zeros)))


def _auc_ovo(target: Array, probabilities: Array) -> float:
    """Hand and Till's M: the mean AUC over pairs of classes; NaN if a class was not drawn."""
    classes = range(probabilities.shape[1])
    if len(np.unique(target)) < len(classes):
        return float("nan")
    pairs = [(one, other) for one in classes for other in classes if one != other]
    found = []
    for one, other in pairs:
        rows = (target == one) | (target == other)
        found.append(_auc(target[rows] == one, probabilities[rows, one]))
    return float(np.mean(found))


def _log_loss(target: Array, probabilities: Array) -> float:
    classes = np.arange(probabilities.shape[1]) if probabilities.ndim == 2 else [0, 1]
    return float(sk.log_loss(target, probabilities, labels=classes))


def _brier(target: Array, probabilities: Array) -> float:
    return float(np.mean((probabilities - target) ** 2))


def _brier_multi(target: Array, probabilities: Array) -> float:
    """Brier's own score: the squared errors of all classes, from 0 to 2."""
    truth = np.eye(probabilities.shape[1])[target.astype(int)]
    return float(((probabilities - truth) ** 2).sum(axis=1).mean())


def _r2(target: Array, predicted: Array) -> float:
    return 1 - float(((target - predicted) ** 2).sum() / ((target - target.mean()) ** 2).sum())


def _balanced(target: Array, classes: Array) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a predicted class that a resample lacks
        return float(sk.balanced_accuracy_score(target, classes))


def _of_classes(score: Callable[..., float], **options: Any) -> Score:
    return lambda target, classes: float(score(target, classes, zero_division=np.nan, **options))


def _metrics(*found: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in found}


METRICS: Mapping[Kind, Mapping[str, Metric]] = {
    "binary": _metrics(
        Metric("auc", "up", "scores", _one_class(_auc)),
        Metric("average-precision", "up", "scores", _one_class(sk.average_precision_score)),
        Metric("brier", "down", "probabilities", _brier),
        Metric("log-loss", "down", "probabilities", _log_loss),
        Metric("accuracy", "up", "classes", sk.accuracy_score),
        Metric("balanced-accuracy", "up", "classes", _one_class(_balanced)),
        Metric("precision", "up", "classes", _of_classes(sk.precision_score)),
        Metric("recall", "up", "classes", _of_classes(sk.recall_score)),
        Metric("f1", "up", "classes", _of_classes(sk.f1_score)),
        Metric("mcc", "up", "classes", _one_class(sk.matthews_corrcoef)),
    ),
    "multi-class": _metrics(
        Metric("auc-ovo", "up", "probabilities", _auc_ovo),
        Metric("brier", "down", "probabilities", _brier_multi),
        Metric("log-loss", "down", "probabilities", _log_loss),
        Metric("accuracy", "up", "classes", sk.accuracy_score),
        Metric("balanced-accuracy", "up", "classes", _balanced),
        Metric("macro-f1", "up", "classes", _of_classes(sk.f1_score, average="macro")),
    ),
    "regression": _metrics(
        Metric("mae", "down", "numbers", lambda t, p: float(np.abs(t - p).mean())),
        Metric("rmse", "down", "numbers", lambda t, p: float(np.sqrt(((t - p) ** 2).mean()))),
        Metric("median-ae", "down", "numbers", lambda t, p: float(np.median(np.abs(t - p)))),
        Metric("r2", "up", "numbers", _one_class(_r2)),
    ),
}
"""The metrics by kind of target and name; names are those of the config block `metrics`."""


def cost(false_negative: float, false_positive: float) -> Metric:
    """Return the metric `cost` of a binary target: what the wrong decisions cost, a row."""

    def scored(target: Array, classes: Array) -> float:
        missed = (target == 1) & (classes == 0)
        alarms = (target == 0) & (classes == 1)
        return float((false_negative * missed + false_positive * alarms).mean())

    return Metric("cost", "down", "classes", scored)


def estimate(
    kind: Kind,
    name: str | Metric,
    target: npt.ArrayLike,
    predicted: npt.ArrayLike,
    *,
    unit: str,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    against: npt.ArrayLike | None = None,
    resamples: int = 1000,
) -> Estimate:
    """Return a metric of `METRICS`, or one of your own, with its BCa interval over whole clusters.

    `target` has shape (rows,): 0 and 1 for `binary`; 0 to classes - 1 with probabilities of
    `multi-class`, any labels with its classes; numbers for `regression`. Raises ValueError for an
    unknown name, other shapes, missing values, and a metric that is undefined on the data.
    """
    if isinstance(name, str) and name not in METRICS[kind]:
        raise ValueError(f"{kind} has no metric {name!r}; it has {', '.join(METRICS[kind])}")
    metric = METRICS[kind][name] if isinstance(name, str) else name
    truth = _checked(kind, metric, _array(target), "target", None)
    scored = _statistic(kind, metric, truth, predicted, "predictions")
    groups = np.arange(len(truth)) if clusters is None else np.asarray(clusters)
    if len(groups) != len(truth):
        raise ValueError(f"{len(groups)} labels of clusters for {len(truth)} rows")
    if against is None:
        return bootstrap(scored, groups, unit=unit, seed=seed, resamples=resamples)
    other = _statistic(kind, metric, truth, against, "the baseline")
    return paired_difference(scored, other, groups, unit=unit, seed=seed, resamples=resamples)


def delong(
    target: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    against: npt.ArrayLike | None = None,
    unit: str = "row",
    level: float = 0.95,
) -> Estimate:
    """Return `auc` with DeLong's interval, for independent rows; it needs no resamples.

    `target` is 0 or 1, shape (rows,), `scores` are higher for 1. With `against`, the scores of a
    baseline on the same rows, it is the paired difference; see `delong_test`. For rows of clusters
    use `estimate`. Raises ValueError for fewer than two rows of a class.
    """
    value, error, rows = _delong(target, scores, against)
    away = float(stats.norm.ppf((1 + level) / 2)) * error
    least = 0.0 if against is None else -1.0
    lower, upper = max(least, value - away), min(1.0, value + away)
    return Estimate(value, lower, upper, level, "delong", name_method("delong"), unit, rows)


def delong_test(target: npt.ArrayLike, scores: npt.ArrayLike, against: npt.ArrayLike) -> float:
    """Return the two-sided p-value of DeLong's paired test that both AUCs are the same.

    1 if the difference has no spread, as with two equal rankings.
    """
    value, error, _ = _delong(target, scores, against)
    return float(2 * stats.norm.sf(abs(value) / error)) if error > 0 else float(value == 0)


def _delong(
    target: npt.ArrayLike, scores: npt.ArrayLike, against: npt.ArrayLike | None
) -> tuple[float, float, int]:
    """The AUC, or its difference to a baseline; its standard error; and the number of rows."""
    metric = METRICS["binary"]["auc"]
    truth = _checked("binary", metric, _array(target), "target", None)
    ones = int(truth.sum())
    if min(ones, len(truth) - ones) < 2:
        raise ValueError("DeLong's interval needs two or more rows of each class")
    value, of_ones, of_zeros = 0.0, np.zeros(ones), np.zeros(len(truth) - ones)
    for sign, found in ((1, scores), (-1, against)):
        if found is None:
            continue
        checked = _checked("binary", metric, _array(found), "scores", len(truth))
        above, below = _placements(checked[truth == 1], checked[truth == 0])
        value += sign * float(above.mean())
        of_ones, of_zeros = of_ones + sign * above, of_zeros + sign * below
    variance = of_ones.var(ddof=1) / len(of_ones) + of_zeros.var(ddof=1) / len(of_zeros)
    return value, float(np.sqrt(variance)), len(truth)


def _placements(ones: Array, zeros: Array) -> tuple[Array, Array]:
    """The share of zeros below each one, and of ones above each zero; ties count half."""

    def shares_below(values: Array, others: Array) -> Array:
        known = np.sort(others)
        twice = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
        return np.asarray(twice / (2 * len(known)))

    return shares_below(ones, zeros), 1 - shares_below(zeros, ones)


def _statistic(
    kind: Kind, metric: Metric, truth: Array, predicted: npt.ArrayLike, what: str
) -> Callable[[Rows], float]:
    found = _checked(kind, metric, _array(predicted), what, len(truth))
    if kind == "multi-class" and metric.takes == "probabilities":
        if found.ndim != 2 or not np.isin(truth, np.arange(found.shape[1])).all():
            raise ValueError(
                f"{metric.name} needs probabilities of shape (rows, classes), and a target from 0 "
                "to classes - 1; see `numpy.searchsorted(classes, labels)`"
            )
    elif found.ndim != 1:
        raise ValueError(f"{what} of {metric.name} have shape (rows,), not {found.shape}")
    return lambda rows: float(metric.score(truth[rows], found[rows]))


def _array(values: npt.ArrayLike) -> Array:
    """The values as an array in which a gap is no text."""
    found = np.asarray(values)
    mixed = found.dtype.kind == "U" and not hasattr(values, "dtype")
    return np.array(values, dtype=object) if mixed else found


def _checked(kind: Kind, metric: Metric, values: Array, what: str, rows: int | None) -> Array:
    """The values, if the metric can take them."""
    if rows is not None and len(values) != rows:
        raise ValueError(f"{what}: {len(values)} rows, but the target has {rows}")
    missing = np.array([digests.is_missing(v) for v in values.ravel().tolist()], dtype=bool)
    if missing.any():
        row = int(np.flatnonzero(missing)[0]) // max(1, values[:1].size)
        raise ValueError(
            f"{what}: row {row} is missing; leave it out, and count what you leave out"
        )
    if values.dtype == object:  # as pandas keeps text, and numbers that could be missing
        values = np.array(values.tolist())
    if kind == "binary" and (rows is None or metric.takes == "classes"):
        if not np.isin(values, (0, 1)).all():
            raise ValueError(f"{what}: a binary target is 0 or 1; write `labels == positive`")
        return values.astype(np.int64)
    if metric.takes == "probabilities" and rows is not None and not _are_shares(values):
        raise ValueError(f"{what}: probabilities are from 0 to 1, and add up to 1 in a row")
    return values


def _are_shares(values: Array) -> bool:
    inside = bool(((values >= 0) & (values <= 1)).all())
    return inside and (values.ndim == 1 or bool(np.allclose(values.sum(axis=1), 1, atol=1e-6)))
