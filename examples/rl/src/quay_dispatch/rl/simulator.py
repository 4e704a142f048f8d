"""The simulator that made the starter's log; run as a module, it writes data/log.csv again.

Bring your own log, and delete this file, learn.py and tests/rl/test_starter.py: nothing else
needs them.

A cart starts at the left end of a quay and has to reach the crane at the right end. The edge row is
the shortest way, but the wind sometimes blows the cart one row towards the water. Falling in is the
violation, and ends the episode. Whoever drives keeps to the middle row, and sometimes does
anything that is allowed.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROWS, COLUMNS = 3, 4
START, CRANE, WATER = (2, 0), (2, 3), (3, 0)
MOVES = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
CELLS = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]
HORIZON = 16
GAMMA = 0.98
WIND = 0.01
STEP_REWARD, CRANE_REWARD, WATER_REWARD = -0.02, 1.0, -2.0
CARE = 0.6
EPISODES = 600
SEED = 7

Cell = tuple[int, int]
Driver = dict[Cell, dict[str, float]]


def moved(cell: Cell, move: str) -> Cell:
    """Where a move leads without wind: walls hold the cart, the edge does not."""
    row, column = cell[0] + MOVES[move][0], cell[1] + MOVES[move][1]
    if row == ROWS:
        return CRANE if cell == CRANE else WATER
    return max(row, 0), min(max(column, 0), COLUMNS - 1)


def outcomes(cell: Cell, move: str, wind: float = WIND) -> list[tuple[float, Cell, float]]:
    """What a move leads to: probability, next cell, reward."""
    ways = [(1 - wind, moved(cell, move)), (wind, moved(cell, "down"))]
    paid = {CRANE: CRANE_REWARD, WATER: WATER_REWARD}
    return [(chance, after, paid.get(after, STEP_REWARD)) for chance, after in ways]


def allowed(cell: Cell) -> list[str]:
    """The moves that do not lead straight into the water."""
    return [move for move in MOVES if moved(cell, move) != WATER]


def driver(care: float = CARE, along: int = 1) -> Driver:
    """Who drives today: along row `along` with probability `care`, else any allowed move."""
    policy = {}
    for cell in CELLS:
        moves = allowed(cell)
        wanted = "down" if cell[1] == COLUMNS - 1 else "right" if cell[0] <= along else "up"
        policy[cell] = {move: (1 - care) / len(moves) + care * (move == wanted) for move in moves}
    return policy


def value(policy: Driver, gamma: float = GAMMA) -> float:
    """The exact expected discounted return of `policy` over the horizon."""
    later = dict.fromkeys([*CELLS, WATER], 0.0)
    for _ in range(HORIZON):
        now = dict.fromkeys(later, 0.0)
        for cell in set(CELLS) - {CRANE}:
            now[cell] = sum(
                probability * chance * (reward + gamma * later[after])
                for move, probability in policy[cell].items()
                for chance, after, reward in outcomes(cell, move)
            )
        later = now
    return later[START]


def rows(policy: Driver, episodes: int, seed: int) -> Iterator[dict[str, Any]]:
    """The log of `policy`, one row a step."""
    generator = np.random.default_rng(seed)
    for episode in range(episodes):
        cell = START
        for step in range(HORIZON):
            moves = list(policy[cell])
            chances = list(policy[cell].values())
            move = moves[_drawn(chances, generator)]
            ways = outcomes(cell, move)
            _, after, reward = ways[_drawn([way[0] for way in ways], generator)]
            ended = after in (CRANE, WATER)
            yield {
                "episode": episode,
                "step": step,
                "cell": f"r{cell[0]}c{cell[1]}",
                "allowed": " ".join(moves),
                "action": move,
                "propensity": round(policy[cell][move], 6),
                "reward": reward,
                "violation": int(after == WATER),
                "terminated": int(ended),
                "policy_version": "driver-1",
            }
            if ended:
                break
            cell = after


def _drawn(chances: list[float], generator: np.random.Generator) -> int:
    ends = np.cumsum(chances)
    return int(np.searchsorted(ends, generator.random() * ends[-1], side="right"))


def write(path: Path) -> None:
    """Write the log of today's driver."""
    log = list(rows(driver(), EPISODES, SEED))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(log[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)


if __name__ == "__main__":
    write(Path("data/log.csv"))
