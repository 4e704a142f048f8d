"""What is earned if a learned reward is optimised: the best of n candidates, by their distance.

Of n candidates of a policy, the one with the greatest proxy (the learned reward) is taken. The
choice is at most log n - (n - 1) / n nats (KL divergence) away from the policy. Where the gold
reward (what is wanted, or a model of labels that the proxy never saw) falls as n grows, the proxy
is over-optimised.

Sources: Gao, Schulman and Hilton (2023), Scaling laws for reward model overoptimization; Beirami et
al. (2024), Theoretical guarantees on the best-of-n alignment policy (the divergence is a bound).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from mlcharter.evals import intervals
from mlcharter.evals.intervals import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """The best of `n`: `kl` in nats, means, and `gain`, the gold less that of the last point."""

    n: int
    kl: float
    proxy: Estimate
    gold: Estimate
    gain: Estimate


def divergence(n: int) -> float:
    """Return the bound on the KL divergence of the best of n, in nats; ValueError below 1."""
    if n < 1:
        raise ValueError(f"the best of {n} is not defined")
    return math.log(n) - (n - 1) / n


def values(proxy: npt.ArrayLike, value: npt.ArrayLike, n: int) -> Floats:
    """Return the mean `value` of the best of n by `proxy`, in each group of candidates.

    Both have shape (groups, candidates). It is the mean over all subsets of n candidates, without
    drawing; equal proxies share their chances. Raises ValueError for n above the candidates.
    """
    scores, worth = (np.asarray(a, dtype=np.float64) for a in (proxy, value))
    size = scores.shape[1]
    if not 1 <= n <= size:
        raise ValueError(f"the best of {n} needs {n} candidates or more, not {size}")
    rank = np.arange(1, size + 1)
    chance = special.comb(rank - 1, n - 1) / special.comb(size, n)  # 0 below rank n
    found = []
    for one, gold in zip(scores, worth, strict=True):
        kind = np.unique(one, return_inverse=True)[1]
        count = np.bincount(kind)
        ends = np.cumsum(np.r_[0.0, chance])[np.cumsum(count)]
        found.append(np.diff(ends, prepend=0.0) @ (np.bincount(kind, weights=gold) / count))
    return np.array(found)


def curve(
    proxy: npt.ArrayLike, gold: npt.ArrayLike, sizes: Iterable[int], *, seed: int
) -> list[Point]:
    """Return a point for each n in `sizes`, with intervals over groups; the first gains over n = 1.

    `proxy` and `gold` have shape (groups, candidates); candidates of a group are drawn from the
    same policy in the same situation.
    """
    points, last = [], values(proxy, gold, 1)
    for n in sizes:
        wanted = values(proxy, gold, n)
        seen = (values(proxy, proxy, n), wanted, wanted - last)
        found = [intervals.mean(each, unit="group", seed=seed) for each in seen]
        points.append(Point(n, divergence(n), *found))
        last = wanted
    return points
