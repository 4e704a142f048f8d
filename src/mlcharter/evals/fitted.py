"""Fitted Q evaluation: the value of a state and an action under a target policy, from a log.

`ope.dr` and its kin need it, and `value` estimates by it alone. The model is linear in the features
of the state, with weights of its own for each action: numbers are scaled, text is one column a
value, so that a state of one text column has a table. A wrong model makes `dr` less precise, not
biased, since it is fitted on other episodes; it makes `value` wrong.

Source: Le, Voloshin and Yue (2019), Batch policy learning under constraints (fitted Q evaluation).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcharter.evals.columns import is_measure, measures
from mlcharter.evals.intervals import Estimate, Rows, bootstrap
from mlcharter.evals.logs import Log

Floats = npt.NDArray[np.float64]

FOLDS = 2
RIDGE = 1e-2
VALUES = 100  # kinds of text in one column that get a column of their own, the commonest ones
SWEEPS = 100
RESAMPLES = 200  # each of them fits again


def cross_fitted(log: Log, target: npt.ArrayLike, *, discount: float = 1.0) -> dict[str, Floats]:
    """Return `q` of the logged action and `v` of the state for each row, each of shape (rows,).

    `target` are the propensities of the target policy, shape (rows, actions). Each row is valued
    by a model of the other half of the episodes. Values are those of the remaining episode.
    """
    chances, features = log.checked(target), encode(log)
    fold = log.episode % FOLDS
    if log.episode[-1] < FOLDS:
        raise ValueError(f"cross-fitting needs more than {FOLDS} episodes")
    q, v = np.zeros(len(log)), np.zeros(len(log))
    for part in range(FOLDS):
        inside = fold == part
        outside = (~inside).astype(np.float64)
        values = _fit(log, features, chances, outside, discount)(features[inside])
        q[inside] = values[np.arange(len(values)), log.action[inside]]
        v[inside] = (values * chances[inside]).sum(axis=1)
    return {"q": q, "v": v}


def value(
    log: Log,
    target: npt.ArrayLike,
    *,
    seed: int,
    discount: float = 1.0,
    against_behaviour: bool = False,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the value of the target policy by fitted values alone (fqe), with its interval.

    `target` are its propensities, shape (rows, actions); the other arguments are those of
    `ope.value`. Each resample fits again, so that the interval has the variance of the fit, but not
    the bias of a wrong model: compare it with the estimators of `ope`.
    """
    chances, features = log.checked(target), encode(log)
    earned = np.bincount(log.episode, weights=log.reward * discount**log.steps)

    def estimated(episodes: Rows) -> float:
        counts = np.bincount(episodes, minlength=len(earned)).astype(np.float64)
        values = _fit(log, features, chances, counts[log.episode], discount)
        first = (values(features[log.first]) * chances[log.first]).sum(axis=1)
        return float(np.average(first - earned if against_behaviour else first, weights=counts))

    groups = np.arange(len(earned)) if clusters is None else clusters
    how: dict[str, Any] = {"unit": unit, "seed": seed, "resamples": resamples}
    return bootstrap(estimated, groups, method="percentile", **how)


def encode(log: Log) -> Floats:
    """Return the features of each row and its step as floats, with a constant; gaps count as 0."""
    columns = [np.ones(len(log))]
    for _, column in log.states.items():
        if is_measure(column):
            columns.append(_scaled(measures(column)))
        else:
            common = column.value_counts().index[:VALUES]
            columns += [(column == value).to_numpy(dtype=np.float64) for value in common]
    if log.steps.any():
        columns.append(_scaled(log.steps.astype(np.float64)))
    return np.column_stack(columns)


def _scaled(values: Floats) -> Floats:
    spread = float(np.nanstd(values)) if np.isfinite(values).any() else 0.0
    if spread == 0:
        return np.zeros(len(values))
    return np.nan_to_num((values - np.nanmean(values)) / spread)


def _fit(
    log: Log, features: Floats, chances: Floats, weights: Floats, discount: float
) -> Callable[[Floats], Floats]:
    """Return the values (n, actions) as a function of features, fitted on rows by their weights.

    Rows of one episode have the same weight. Values stay within the returns that were seen, so that
    repeated fits cannot diverge.
    """
    rows = weights > 0
    x, reward = features[rows], log.reward[rows]
    last = np.r_[log.first[1:], True][rows]
    low, high = _bounds(reward, last, discount)
    solutions = []
    for number in range(len(log.actions)):
        taken = np.flatnonzero(log.action[rows] == number)
        weighted = (x[taken] * weights[rows][taken, None]).T
        gram = weighted @ x[taken] + RIDGE * np.eye(x.shape[1])
        solutions.append((taken, np.linalg.solve(gram, weighted)))
    found = np.zeros((x.shape[1], len(log.actions)))

    def values(at: Floats) -> Floats:
        return np.asarray((at @ found).clip(low, high))

    for _ in range(min(int(np.bincount(log.episode).max()), SWEEPS)):
        value = (values(x) * chances[rows]).sum(axis=1)
        goal = reward + discount * np.where(last, 0.0, np.r_[value[1:], 0.0])
        for number, (taken, solution) in enumerate(solutions):
            found[:, number] = solution @ goal[taken]
    return values


def _bounds(reward: Floats, last: npt.NDArray[np.bool_], discount: float) -> tuple[float, float]:
    """Return the least and the largest return from any step on."""
    returns = reward.copy()
    for row in range(len(returns) - 2, -1, -1):
        if not last[row]:
            returns[row] += discount * returns[row + 1]
    return float(returns.min()), float(returns.max())
