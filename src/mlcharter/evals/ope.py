"""Off-policy evaluation: what a policy would earn, from the log of another one.

A log has one row a decision, in order of time within an episode; a bandit's episodes have one row.
Intervals resample whole episodes, or whole clusters of them (users, sites).

Estimators of the expected discounted return, all per decision, with the weight w_t as the product
of target / behaviour up to step t:
- ips, Precup, Sutton and Singh (2000), Eligibility traces for off-policy policy evaluation: the
  mean over episodes of sum_t discount^t * w_t * r_t. Unbiased, of high variance.
- snips, the same with weights that add up to 1 at each step (weighted importance sampling);
  Swaminathan and Joachims (2015), The self-normalized estimator for counterfactual learning.
- dr, Jiang and Li (2016), Doubly robust off-policy value evaluation for reinforcement learning;
  Dudík et al. (2014), Doubly robust policy evaluation and optimization: the mean of
  sum_t discount^t * (w_(t-1) * v_t + w_t * (r_t - q_t)).
- wdr, Thomas and Brunskill (2016), Data-efficient off-policy policy evaluation for reinforcement
  learning: dr with weights that add up to 1 at each step.
- switch-dr, Wang, Agarwal and Dudík (2017), Optimal and adaptive off-policy evaluation in
  contextual bandits: dr up to the first weight of an episode above SWITCH, and v from there on.
  Less variance where weights are large, and biased there as far as v is wrong.

`logs` reads a log from a file; `fitted` fits the values that the last three need, and estimates
the value by these alone (fqe).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

from mlcharter.evals import name_method
from mlcharter.evals.intervals import LEVEL, RESAMPLES, Estimate, Rows, bootstrap

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Log:
    """A log as the target policy sees it; every array has shape (n,), rows of an episode in order.

    `behaviour` and `target` are the probabilities that both policies gave to the logged action.
    `q` is the fitted value of that action and `v` of the state, under the target policy; fit them
    on other episodes (cross-fitting), or the estimate by `dr` is biased. Raises ValueError with
    the row for a probability outside of 0 to 1, a behaviour of 0, and a missing value.
    """

    episode: npt.NDArray[Any]
    reward: Floats
    behaviour: Floats
    target: Floats
    q: Floats | None = None
    v: Floats | None = None

    def __post_init__(self) -> None:
        n = len(self.episode)
        for name in ("reward", "behaviour", "target", "q", "v"):
            values = getattr(self, name)
            if values is None:
                continue
            if np.shape(values) != (n,):
                raise ValueError(f"{name} has shape (n,) = ({n},), not {np.shape(values)}")
            _refuse(~np.isfinite(values), name, "missing or infinite")
        _refuse(
            (self.behaviour <= 0) | (self.behaviour > 1), "behaviour", "not above 0 and up to 1"
        )
        _refuse((self.target < 0) | (self.target > 1), "target", "not from 0 to 1")
        if (self.q is None) != (self.v is None):
            raise ValueError("give both q and v, or neither")

    def __len__(self) -> int:
        """Return the number of episodes."""
        return int(self.number[-1]) + 1

    @cached_property
    def _order(self) -> Rows:
        """Rows by episode, in order of time."""
        _, first, codes = np.unique(self.episode, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.intp)
        rank[np.argsort(first)] = np.arange(len(first))
        return np.asarray(np.argsort(rank[codes], kind="stable"), dtype=np.intp)

    @cached_property
    def number(self) -> Rows:
        """The number of the episode of each row in `_order`, by first appearance."""
        labels = self.episode[self._order]
        return np.cumsum(np.r_[False, labels[1:] != labels[:-1]])

    @cached_property
    def step(self) -> Rows:
        """The step of each row within its episode, from 0; rows are in `_order`."""
        starts = np.flatnonzero(np.r_[True, np.diff(self.number) > 0])
        return np.arange(len(self.number)) - starts[self.number]

    @cached_property
    def weight(self) -> Floats:
        """The weight of each row in `_order`: the product of target / behaviour up to it."""
        weight = (self.target / self.behaviour)[self._order]
        by_step = np.split(np.argsort(self.step, kind="stable"), np.cumsum(np.bincount(self.step)))
        for rows in by_step[1:]:
            weight[rows] *= weight[rows - 1]
        return weight

    @cached_property
    def final_weight(self) -> Floats:
        """The weight of each whole episode, shape (episodes,)."""
        return self.weight[np.r_[np.diff(self.number) > 0, True]]

    def ordered(self, values: Floats) -> Floats:
        """Return values of rows, shape (n,), by episode."""
        return np.asarray(values[self._order], dtype=np.float64)

    def totals(self, values: Floats, discount: float) -> Floats:
        """Return the discounted sum of values in `_order` for each episode, shape (episodes,)."""
        discounted = values * discount**self.step
        return np.asarray(np.bincount(self.number, weights=discounted), dtype=np.float64)


def _refuse(wrong: npt.NDArray[np.bool_], name: str, why: str) -> None:
    if wrong.any():
        raise ValueError(f"{name} is {why} in row {int(np.flatnonzero(wrong)[0])}")


Statistic = Callable[[Rows], float]


def ips(log: Log, discount: float) -> Statistic:
    """Return the estimator as a function of episode numbers."""
    return _mean_of(log.totals(log.weight * log.ordered(log.reward), discount))


def snips(log: Log, discount: float) -> Statistic:
    """Return the estimator as a function of episode numbers; NaN if all weights are 0 at a step.

    An episode that has ended keeps its last weight in the sums of later steps.
    """
    earned = _Steps(log, log.weight * log.ordered(log.reward) * discount**log.step)
    changes = _changes(log)

    def statistic(rows: Rows) -> float:
        return _ratio(earned.sums(rows), np.cumsum(changes.sums(rows)))

    return statistic


def dr(log: Log, discount: float) -> Statistic:
    """Return the estimator as a function of episode numbers; ValueError without q and v."""
    q, v = _fitted(log, "dr")
    error = log.ordered(log.reward) - q
    return _mean_of(log.totals(_before(log, 1.0) * v + log.weight * error, discount))


def wdr(log: Log, discount: float) -> Statistic:
    """Return the estimator as a function of episode numbers; NaN as for snips."""
    q, v = _fitted(log, "wdr")
    factor = discount**log.step
    errors = _Steps(log, log.weight * (log.ordered(log.reward) - q) * factor)
    values = _Steps(log, _before(log, 1.0) * v * factor)
    changes = _changes(log)

    def statistic(rows: Rows) -> float:
        total = np.cumsum(changes.sums(rows))
        before = np.r_[float(len(rows)), total[:-1]]
        return _ratio(errors.sums(rows), total) + _ratio(values.sums(rows), before)

    return statistic


def switch_dr(log: Log, discount: float) -> Statistic:
    """Return the estimator as a function of episode numbers; ValueError without q and v."""
    q, v = _fitted(log, "switch-dr")
    last = np.r_[np.diff(log.number) > 0, True]
    large = np.cumsum(log.weight > SWITCH)
    before = np.r_[0, large[:-1]][log.step == 0][log.number]
    weight = np.where(large == before, log.weight, 0.0)
    error = log.ordered(log.reward) + discount * np.where(last, 0.0, np.r_[v[1:], 0.0]) - q
    return _mean_of(log.totals(np.where(log.step == 0, v, 0.0) + weight * error, discount))


def _fitted(log: Log, estimator: str) -> tuple[Floats, Floats]:
    if log.q is None or log.v is None:
        raise ValueError(f"{estimator} needs fitted values q and v; fit them on other episodes")
    return log.ordered(log.q), log.ordered(log.v)


def _before(log: Log, start: float) -> Floats:
    """Return the weight of the step before, or `start`, for each row in order."""
    return np.where(log.step > 0, np.r_[0.0, log.weight[:-1]], start)


class _Steps:
    """Values of rows, whose sums over episodes are taken at each step."""

    def __init__(self, log: Log, values: Floats) -> None:
        shape = len(log), int(log.step.max()) + 1
        self._values = sparse.csr_array((values, (log.number, log.step)), shape=shape)

    def sums(self, rows: Rows) -> Floats:
        """Return the sum over episodes, which may repeat, for each step; shape (steps,)."""
        drawn = np.bincount(rows, minlength=self._values.shape[0]).astype(np.float64)
        return np.asarray(drawn @ self._values)


def _changes(log: Log) -> _Steps:
    """Return what each weight changes by: a running sum carries on that of an ended episode."""
    return _Steps(log, log.weight - _before(log, 0.0))


def _ratio(sums: Floats, total: Floats) -> float:
    """Return the sum of ratios, or NaN if a total is 0."""
    steps = np.divide(sums, total, out=np.zeros_like(sums), where=total > 1e-12)
    return float(steps.sum()) if (total > 1e-12).all() else float("nan")


def _mean_of(values: Floats) -> Statistic:
    return lambda rows: float(values[rows].mean())


ESTIMATORS: Mapping[str, Callable[[Log, float], Statistic]] = {
    "ips": ips,
    "snips": snips,
    "dr": dr,
    "wdr": wdr,
    "switch-dr": switch_dr,
}
SWITCH = 10.0
"""The weight above which `switch-dr` takes the fitted value."""


def value(
    log: Log,
    estimator: str,
    *,
    seed: int,
    discount: float = 1.0,
    against_behaviour: bool = False,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the value of the target policy by an estimator of `ESTIMATORS`, with its interval.

    With `against_behaviour`, the paired difference to what the same episodes earned. `clusters`,
    shape (episodes,) by first appearance in the log, groups episodes; name its `unit` then.
    """
    if estimator not in ESTIMATORS:
        raise ValueError(f"no estimator {estimator!r}; there are {', '.join(ESTIMATORS)}")
    estimated = ESTIMATORS[estimator](log, discount)
    earned = _mean_of(log.totals(log.ordered(log.reward), discount))
    groups = np.arange(len(log)) if clusters is None else clusters
    return bootstrap(
        (lambda rows: estimated(rows) - earned(rows)) if against_behaviour else estimated,
        groups,
        unit=unit,
        seed=seed,
        resamples=resamples,
    )


def disagreement(
    log: Log,
    *,
    seed: int,
    discount: float = 1.0,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the largest difference between the estimators of `ESTIMATORS`, with its interval.

    They fail in different ways, so a large difference says that one of them failed. Fitted values
    alone (`fitted.value`) are not among them: a wrong model does not bias the others. A largest
    difference is biased upwards in resamples, so the upper end is cautious.
    """
    estimators = [estimator(log, discount) for estimator in ESTIMATORS.values()]
    return bootstrap(
        lambda rows: float(np.ptp([estimator(rows) for estimator in estimators])),
        np.arange(len(log)) if clusters is None else clusters,
        unit=unit,
        seed=seed,
        resamples=resamples,
        method="percentile",
    )


def lower_bound(log: Log, *, discount: float = 1.0, level: float = LEVEL) -> float:
    """Return what the target policy earns at least, without trusting a bootstrap.

    The bound holds for any number of independent episodes whose rewards lie between the least and
    the largest of the log and that are no longer than its longest, in (1 + level) / 2 of logs, as
    the lower end of a two-sided interval. It is that of Maurer and Pontil (2009), Empirical
    Bernstein bounds and sample variance penalization, on weights that are cut off at a limit. The
    first third of the episodes chooses the limit; Thomas, Theocharous and Ghavamzadeh (2015),
    High-confidence off-policy evaluation. With long episodes it is far below the value. Raises
    ValueError for fewer than 9 episodes.
    """
    if len(log) < 9:
        raise ValueError(f"a lower bound needs 9 episodes or more, not {len(log)}")
    reward, steps = log.ordered(log.reward), discount ** np.arange(int(log.step.max()) + 1)
    least, reach = float(reward.min()), float(steps.sum())
    third = len(log) // 3
    n = len(log) - third

    def bound(limit: float, episodes: slice) -> float:
        earned = log.totals(np.minimum(log.weight, limit) * (reward - least), discount)[episodes]
        doubt = float(np.log(4 / (1 - level)))  # ln(2 / delta) with delta = (1 - level) / 2
        largest = limit * float(np.ptp(reward)) * reach
        far = np.sqrt(2 * earned.var(ddof=1) * doubt / n) + 7 * largest * doubt / (3 * (n - 1))
        return float(earned.mean() - far) + least * (reach if least < 0 else 1.0)

    limits = np.geomspace(1.0, max(1.0, float(log.weight.max())), 20)
    best = max(limits, key=lambda limit: bound(limit, slice(third)))
    return bound(float(best), slice(third, None))


def error(found: Estimate, truth: float) -> Estimate:
    """Return how far an estimate is from the true value, where that is known.

    The interval ends at the least and the largest distance of its values.
    """
    ends = sorted((abs(found.lower - truth), abs(found.upper - truth)))
    least = 0.0 if found.lower <= truth <= found.upper else ends[0]
    return replace(found, value=abs(found.value - truth), lower=least, upper=ends[1])


def rate(
    log: Log,
    happened: npt.ArrayLike,
    *,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
) -> Estimate:
    """Return the share of episodes in which something would happen under the target policy.

    `happened` and `clusters` have shape (episodes,) by first appearance in the log. The share has
    weights that add up to 1; the interval is the exact binomial one at the effective number of
    episodes, so that none in a small sample has an upper end above 0. Raises ValueError if all
    weights are 0. Source: Korn and Graubard (1998), Confidence intervals for proportions with
    small expected number of positive counts estimated from survey data.
    """
    weights, events = log.final_weight, np.asarray(happened, dtype=np.float64)
    if events.shape != weights.shape or not np.isin(events, (0, 1)).all():
        raise ValueError(f"events have shape (episodes,) = {weights.shape}, and are 0 or 1")
    if not weights.any():
        raise ValueError("the target policy never acts like the log: all weights are 0")
    groups = np.arange(len(log)) if clusters is None else np.asarray(clusters)
    number = np.unique(groups, return_inverse=True)[1]
    total = float(weights.sum())
    share = float(weights @ events) / total
    n = total**2 / float((np.bincount(number, weights=weights) ** 2).sum())
    variance = float((np.bincount(number, weights=weights * (events - share)) ** 2).sum())
    if variance > 0:
        n = min(n, share * (1 - share) * total**2 / variance)
    tail, hits = (1 - LEVEL) / 2, share * n
    lower = float(stats.beta.ppf(tail, hits, n - hits + 1)) if hits > 0 else 0.0
    upper = float(stats.beta.ppf(1 - tail, hits + 1, n - hits)) if share < 1 else 1.0
    version = name_method("korn-graubard")
    return Estimate(share, lower, upper, LEVEL, "clopper-pearson", version, unit, len(log))


@dataclass(frozen=True)
class Support:
    """Whether a log can say something about a target policy.

    `ess_ratio` is Kish's effective sample size of the final weights, (sum w)² / sum w², over the
    number of episodes. `mean_weight` is 1 in expectation, so an interval without 1 means wrong
    propensities or missing support. `largest_weight` is that of any row.
    """

    episodes: int
    ess: float
    ess_ratio: Estimate
    mean_weight: Estimate
    largest_weight: float

    @property
    def weight_error(self) -> Estimate:
        """How far the mean weight is from 1, with the least and the largest error it may have."""
        return error(self.mean_weight, 1.0)


def support(
    log: Log,
    *,
    seed: int,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
    resamples: int = RESAMPLES,
) -> Support:
    """Return the support of a log; Kish (1965), Survey sampling; Owen (2013), chapter 9.

    `clusters` are those of `value`.
    """
    weights = log.final_weight

    def ratio(rows: Rows) -> float:
        drawn = weights[rows]
        square = float((drawn**2).sum())
        return float(drawn.sum()) ** 2 / square / len(rows) if square > 0 else 0.0

    groups = np.arange(len(log)) if clusters is None else clusters
    options: dict[str, Any] = {"unit": unit, "seed": seed, "resamples": resamples}
    return Support(
        episodes=len(log),
        ess=ratio(np.arange(len(log))) * len(log),
        # A resample repeats episodes, which lowers the ratio: percentiles are cautious.
        ess_ratio=bootstrap(ratio, groups, method="percentile", **options),
        mean_weight=bootstrap(_mean_of(weights), groups, **options),
        largest_weight=float(log.weight.max()),
    )


def unsupported(behaviour: npt.ArrayLike, target: npt.ArrayLike) -> int:
    """Return in how many rows the target may take an action that the behaviour never takes.

    Both have shape (n, actions): the whole distributions, since weights cannot show this.
    """
    able, wanted = np.asarray(behaviour, np.float64), np.asarray(target, np.float64)
    if able.shape != wanted.shape or able.ndim != 2:
        raise ValueError(f"both have shape (n, actions), not {able.shape} and {wanted.shape}")
    return int(((wanted > 0) & (able == 0)).any(axis=1).sum())
