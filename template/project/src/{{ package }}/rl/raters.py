"""The simulated raters of the starter; run as a module, it writes data/preferences.csv again.

Bring labels of people, and delete this file and tests/reward: nothing else needs them.

Raters compare two episodes of data/log.csv by UTILITY, which the reward that is written as code
does not know: they dislike to see the cart beside the water. They err as the Bradley-Terry model
says, and sometimes take what is shown first without a look at the second.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from .reward import features

UTILITY = {"reached": 1.5, "fell": -3.0, "steps": -0.15, "edge": -0.8}
RATERS = ("rater-1", "rater-2", "rater-3")
PAIRS = 600  # in each half of the episodes
AGAIN, OTHER = 0.15, 0.3  # shares of pairs that the same rater, and another one, labels too
CARELESS = 0.05
SEED = 7


def labels(log: pd.DataFrame) -> Iterator[dict[str, str]]:
    """Yield the labels of pairs within the earlier and within the later half of the episodes."""
    generator = np.random.default_rng(SEED)
    seen = features(log)
    utility = (seen[list(UTILITY)] @ pd.Series(UTILITY)).to_dict()
    half = len(seen) // 2
    for episodes in (seen.index[:half], seen.index[half:]):
        for _ in range(PAIRS):
            pair = [str(name) for name in generator.choice(episodes, 2, replace=False)]
            rater, other = (str(name) for name in generator.choice(RATERS, 2, replace=False))
            again, another = generator.random(2)
            for who, times in ((rater, 1 + int(again < AGAIN)), (other, int(another < OTHER))):
                likes = 1 / (1 + np.exp(utility[pair[1]] - utility[pair[0]]))
                better = pair[int(generator.random() > likes)]
                for _ in range(times):
                    generator.shuffle(pair)
                    first = better == pair[0] or generator.random() < CARELESS
                    shown = {"first": pair[0], "second": pair[1], "rater": who}
                    yield {**shown, "preferred": "first" if first else "second"}


def write(path: Path) -> None:
    """Write the labels of the episodes in data/log.csv."""
    rows = list(labels(pd.read_csv("data/log.csv")))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write(Path("data/preferences.csv"))
