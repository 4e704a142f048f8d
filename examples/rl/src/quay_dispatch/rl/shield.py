"""The shield: actions that no policy may take, whatever it has learned.

People write the rules; nothing here is learned. Log propensities after the shield, since those are
the actions that were really possible. If nothing is forbidden, let `permitted` return ones.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNSAFE = {("r2c0", "down"), ("r2c1", "down"), ("r2c2", "down")}


def permitted(states: pd.DataFrame, actions: Sequence[str]) -> Bools:
    """Return which actions are permitted in each state, shape (states, actions).

    Raises ValueError if a state is left without any.
    """
    rows = [[(cell, action) not in UNSAFE for action in actions] for cell in states["cell"]]
    found = np.array(rows, dtype=bool).reshape(len(states), len(actions))
    if not found.any(axis=1).all():
        raise ValueError("a state is left without any permitted action")
    return found


def shielded(propensities: Floats, permitted: Bools) -> Floats:
    """Return `propensities` (states, actions) without what is not permitted.

    Where nothing is left, any permitted action is equally likely.
    """
    kept = propensities * permitted
    total = kept.sum(axis=1, keepdims=True)
    instead = permitted / permitted.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, kept / np.where(total > 0, total, 1), instead))
