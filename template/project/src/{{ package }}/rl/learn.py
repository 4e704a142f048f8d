"""The starter's learner; run as a module, it writes policy.json from the earlier half of the log.

Replace it with your own training, or delete it. It fits a table to the observed frequencies, and
charges every pair of cell and action for its rarity: a plain learner would take the pair that was
seen twice and went well. The policy goes a step from whoever drove towards what was learned.
"""

import json

import numpy as np
import numpy.typing as npt
import pandas as pd

from .policy import ACTIONS, FILE
from .simulator import GAMMA, HORIZON, driver

PENALTY = 0.2
STEP = 0.2
UNSEEN = -2.0


def learned(log: pd.DataFrame) -> dict[str, list[float]]:
    """The probability of each action in each cell of the log."""
    best = penalised_best(log)
    now = baseline()
    return {
        cell: ((1 - STEP) * np.array(now[cell]) + STEP * np.eye(len(ACTIONS))[action])
        .round(6)
        .tolist()
        for cell, action in best.items()
    }


def baseline() -> dict[str, list[float]]:
    """The probability of each action in each cell, by whoever drives today."""
    return {
        f"r{row}c{column}": [round(chances.get(action, 0.0), 6) for action in ACTIONS]
        for (row, column), chances in driver().items()
    }


def penalised_best(log: pd.DataFrame, penalty: float = PENALTY) -> dict[str, int]:
    """The best action in each cell by the observed frequencies, less penalty / sqrt(visits)."""
    names, cell = np.unique(log["cell"], return_inverse=True)
    action = log["action"].map(ACTIONS.index).to_numpy()
    seen, paid = np.zeros((2, len(names), len(ACTIONS)))
    np.add.at(seen, (cell, action), 1)
    np.add.at(paid, (cell, action), log["reward"])
    goes_on = np.flatnonzero(np.diff(log["episode"]) == 0)
    made = np.zeros((*seen.shape, len(names)))
    np.add.at(made, (cell[goes_on], action[goes_on], cell[goes_on + 1]), 1)
    often = np.maximum(seen, 1)
    reward = np.where(seen > 0, paid / often - penalty / np.sqrt(often), UNSEEN)
    later: npt.NDArray[np.float64] = np.zeros(len(names))
    for _ in range(HORIZON):
        values = reward + GAMMA * (made / often[:, :, None]) @ later
        later = values.max(axis=1)
    return dict(zip(names.tolist(), values.argmax(axis=1).tolist(), strict=True))


def main() -> None:
    log = pd.read_csv("data/log.csv")
    early = log[log["episode"] < log["episode"].nunique() // 2]
    content = {"actions": ACTIONS, "cells": learned(early), "baseline": baseline()}
    FILE.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
