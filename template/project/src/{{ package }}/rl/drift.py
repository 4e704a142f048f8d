"""Drift between a reference log and a window of new episodes.

Steps of one episode depend on each other, so the limits are not p values of single steps:
PSI has a plain limit, and the two-sample KS test compares whole episodes.
"""

import numpy as np

from .environment import Floats, Ints, Table
from .logs import Log

PSI_LIMIT = 0.1
KS_ALPHA = 0.001


def psi(reference: Ints, window: Ints, kinds: int) -> float:
    """The population stability index of two samples of integers below `kinds`.

    Half a count is added to each kind, so that an unseen one does not make it infinite.
    """
    shares = []
    for sample in (reference, window):
        counted = np.bincount(sample, minlength=kinds) + 0.5
        shares.append(counted / counted.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def ks(reference: Floats, window: Floats) -> tuple[float, float]:
    """The largest distance of two empirical distributions, and its limit at KS_ALPHA.

    The limit is that of continuous values; with ties the test alarms less often, never more.
    """
    points = np.concatenate([reference, window])
    steps = [
        np.searchsorted(np.sort(s), points, side="right") / len(s) for s in (reference, window)
    ]
    size = 1 / len(reference) + 1 / len(window)
    limit = np.sqrt(-np.log(KS_ALPHA / 2) / 2 * size)
    return float(np.abs(steps[0] - steps[1]).max()), float(limit)


def returns(log: Log, table: Table) -> Floats:
    """The discounted return of each episode (n,)."""
    row = np.unique(log.episode, return_inverse=True)[1]
    earned = np.bincount(row, weights=log.reward * table.gamma**log.step)
    return earned.astype(np.float64)


def drifted(reference: Log, window: Log, table: Table, psi_limit: float = PSI_LIMIT) -> list[str]:
    """What has moved: of "state", "action" and "reward" those beyond their limits."""
    distance, limit = ks(returns(reference, table), returns(window, table))
    moved = {
        "state": psi(reference.state, window.state, table.states) > psi_limit,
        "action": psi(reference.action, window.action, table.actions) > psi_limit,
        "reward": distance > limit,
    }
    return [name for name, found in moved.items() if found]
