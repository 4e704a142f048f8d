"""Risk of a policy by the log of another one: its worst episodes, and what went wrong before.

`worst` is the conditional value at risk (CVaR, expected shortfall) of the return. `price` is the
Lagrange multiplier of a constraint on a policy that is still to be learned.

Sources: Rockafellar and Uryasev (2000), Optimization of conditional value-at-risk; Huang, Leqi,
Lipton and Azizzadenesheli (2021), Off-policy risk assessment in contextual bandits; Altman (1999),
Constrained Markov decision processes.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mlcharter.evals.intervals import RESAMPLES, Estimate, Rows, bootstrap
from mlcharter.evals.ope import Log

HALVINGS = 30


def worst(
    log: Log,
    share: float,
    *,
    seed: int,
    discount: float = 1.0,
    clusters: npt.ArrayLike | None = None,
    unit: str = "episode",
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return the mean return of the worst `share` of the target policy's episodes.

    Episodes are weighted by importance, with weights that add up to 1. It is also the least mean
    return if the mix of episodes shifts so that none becomes more than 1 / share times as frequent.
    The other arguments are those of `ope.value`. Raises ValueError if all weights are 0, and for a
    share outside of (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share is above 0 and at most 1, not {share}")
    returns = log.totals(log.ordered(log.reward), discount)
    order = np.argsort(returns, kind="stable")
    returns, weights = returns[order], log.final_weight[order]
    place = np.argsort(order)

    def statistic(episodes: Rows) -> float:
        drawn = np.bincount(place[episodes], minlength=len(order)) * weights
        if not drawn.any():
            return float("nan")
        ends = np.cumsum(drawn / drawn.sum())
        inside = np.diff(np.minimum(ends, share), prepend=0.0)
        return float(inside @ returns / inside.sum())

    groups = np.arange(len(log)) if clusters is None else clusters
    return bootstrap(
        statistic, groups, unit=unit, seed=seed, resamples=resamples, method="percentile"
    )


def replay(
    log: Log, wrong: npt.ArrayLike, *, seed: int, unit: str = "episode", resamples: int = RESAMPLES
) -> Estimate:
    """Return how likely the target repeats decisions that went wrong; 1 is as likely as the log's.

    `wrong` (n,) marks rows of the log, such as violations: the ratio of the target's probability of
    what was done there to the behaviour's, each added up. Its interval resamples the episodes that
    have such a row. Raises ValueError if fewer than two have one.
    """
    rows = np.flatnonzero(np.asarray(wrong, dtype=bool))
    target, behaviour = log.target[rows], log.behaviour[rows]
    return bootstrap(
        lambda drawn: float(target[drawn].sum() / behaviour[drawn].sum()),
        log.episode[rows],
        unit=unit,
        seed=seed,
        resamples=resamples,
        method="percentile",
    )


def price(rate: Callable[[float], float], ceiling: float, *, most: float = 1e3) -> float:
    """Return the least price of a violation at which the rate of violations meets the ceiling.

    `rate` learns the policy that maximises its reward less the price of its violations, and returns
    how often that one violates; with one constraint, this multiplier solves the dual of the
    constrained problem. Returns 0 if the constraint does not bind. Raises ValueError if the ceiling
    is not met at the price `most`.
    """
    if rate(0.0) <= ceiling:
        return 0.0
    if (least := rate(most)) > ceiling:
        raise ValueError(f"at a price of {most:g} the rate is {least:.3g}, above {ceiling:g}")
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rate(middle) <= ceiling else (middle, high)
    return high
