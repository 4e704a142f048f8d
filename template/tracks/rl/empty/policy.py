"""The policy: how probable each action is in a state. Write it here.

The eval reads ACTIONS, FEATURES, DISCOUNT and FILE, and judges `propensities` on the log.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

ACTIONS: tuple[str, ...] = ()
"""The names of all actions, as in the column `action` of data/log.csv."""
FEATURES: dict[str, type] = {}
"""What the policy sees of a state: columns of data/log.csv, with their types."""
DISCOUNT = 1.0
"""What a reward a step later is worth, of 1."""
FILE = Path(__file__)
"""The file whose bytes are the policy: this page, or what your training writes."""


def propensities(states: pd.DataFrame) -> Floats:
    """Return the probability of each action after the shield, shape (states, actions).

    `states` has the columns of FEATURES, and the mask `allowed` where the log has one; each row of
    the result adds up to 1.
    """
    raise NotImplementedError("write propensities() in {{ package }}/rl/policy.py")
