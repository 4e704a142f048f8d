"""The policy: how probable each action is in a state. Replace this page with your own.

The eval judges `propensities`, and the service draws its actions from them. `load` makes the same
from bytes, so that a release can carry what was learned, with the policy of the log as `baseline`,
which acts alone once the kill-switch has tripped.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import shield

Floats = npt.NDArray[np.float64]
Policy = Callable[[pd.DataFrame], Floats]

ACTIONS = ("up", "right", "down", "left")
FEATURES: dict[str, type] = {"cell": str}
"""What the policy sees of a state: columns of data/log.csv, with their types."""
DISCOUNT = 0.98
"""What a reward a step later is worth, of 1."""
SMOKE = {"cell": "r2c0"}
"""A state that the service asks about before it is ready."""
FILE = Path(__file__).with_name("policy.json")


def propensities(states: pd.DataFrame) -> Floats:
    """Return the probability of each action after the shield, shape (states, actions).

    `states` has the columns of FEATURES, and the mask `allowed` where the log has one; each row of
    the result adds up to 1.
    """
    return load(FILE.read_bytes())(states)


def load(data: bytes, part: str = "cells") -> Policy:
    """Return the policy in the bytes of FILE; in an unknown cell it takes any permitted action.

    With `part` "baseline", the policy that made the log, from which a new one goes on.
    """
    content = json.loads(data)
    if content["actions"] != list(ACTIONS):
        raise ValueError("the policy was made for other actions")
    cells, unknown = content[part], [1.0] * len(ACTIONS)

    def policy(states: pd.DataFrame) -> Floats:
        wanted = np.array([cells.get(cell, unknown) for cell in states["cell"]], dtype=np.float64)
        return shield.shielded(wanted, shield.permitted(states, ACTIONS))

    return policy
