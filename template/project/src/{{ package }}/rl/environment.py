"""The environment: a cart on a quay, with water along one side.

The cart starts at the left end of the edge row and has to reach the crane at the right end.
The edge row is the shortest way, but the wind sometimes blows the cart one row towards the water.
Falling in is the violation: it must stay rare, and it ends the episode.

`Table` is the environment as numbers, for exact values; `Quay` is the same table for gymnasium.
Replace both with your own simulator; where no table can be had, the exact checks go with it.
"""

from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ROWS, COLUMNS = 3, 6
WATER = ROWS * COLUMNS
START = (ROWS - 1) * COLUMNS
CRANE = ROWS * COLUMNS - 1
ACTIONS = ("up", "right", "down", "left")
MOVES = ((-1, 0), (0, 1), (1, 0), (0, -1))
HORIZON = 25
GAMMA = 0.98
WIND = 0.01
STEP_REWARD, CRANE_REWARD, WATER_REWARD = -0.02, 1.0, -2.0


@dataclass(frozen=True)
class Table:
    """A finite environment. S states, A actions; an episode starts in `start`.

    `transition` (S, A, S) are probabilities, `reward` (S, A, S) is paid on the step,
    `terminal` (S,) ends the task, `violation` (S,) are the states that must stay rare.
    After `horizon` steps an episode is cut: the value meant is that of `horizon` steps.
    """

    transition: Floats
    reward: Floats
    terminal: Bools
    violation: Bools
    start: int = START
    horizon: int = HORIZON
    gamma: float = GAMMA

    @property
    def states(self) -> int:
        return int(self.transition.shape[0])

    @property
    def actions(self) -> int:
        return int(self.transition.shape[1])

    def content(self) -> dict[str, Any]:
        """The values that the digest of the environment is taken of; its reward has its own."""
        return {
            "transition": self.transition.round(9).tolist(),
            "terminal": self.terminal.tolist(),
            "violation": self.violation.tolist(),
            "start": self.start,
            "horizon": self.horizon,
            "gamma": self.gamma,
        }


def moved(state: int, action: int) -> int:
    """Where `action` leads without wind: walls hold the cart, the edge does not."""
    row, column = divmod(state, COLUMNS)
    row, column = row + MOVES[action][0], column + MOVES[action][1]
    if row == ROWS:
        return CRANE if state == CRANE else WATER
    return max(row, 0) * COLUMNS + min(max(column, 0), COLUMNS - 1)


def quay(wind: float = WIND) -> Table:
    """The quay as a table; `wind` is the probability that a step goes towards the water."""
    states, actions = WATER + 1, len(ACTIONS)
    transition = np.zeros((states, actions, states))
    for state in range(WATER):
        for action in range(actions):
            transition[state, action, moved(state, action)] += 1 - wind
            transition[state, action, moved(state, ACTIONS.index("down"))] += wind
    terminal = np.zeros(states, dtype=bool)
    terminal[[CRANE, WATER]] = True
    transition[terminal] = 0.0
    transition[terminal, :, np.flatnonzero(terminal)] = 1.0
    arrival = np.full(states, STEP_REWARD)
    arrival[CRANE], arrival[WATER] = CRANE_REWARD, WATER_REWARD
    reward = np.broadcast_to(arrival, transition.shape) * ~terminal[:, None, None]
    violation = np.arange(states) == WATER
    return Table(transition, reward, terminal, violation)


class Quay(gymnasium.Env[np.int64, np.int64]):
    """The table as a gymnasium environment; `info["violation"]` is the sensor."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.observation_space = gymnasium.spaces.Discrete(table.states)
        self.action_space = gymnasium.spaces.Discrete(table.actions)
        self._state, self._steps = table.start, 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        super().reset(seed=seed)
        self._state, self._steps = self.table.start, 0
        return np.int64(self._state), {}

    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, Any]]:
        """One step; the last step of the horizon is truncated unless the task ended on it."""
        ways = self.table.transition[self._state, action].cumsum()
        state = int(ways.searchsorted(self.np_random.random() * ways[-1], side="right"))
        reward = float(self.table.reward[self._state, action, state])
        self._state, self._steps = state, self._steps + 1
        terminated = bool(self.table.terminal[state])
        truncated = not terminated and self._steps == self.table.horizon
        violation = bool(self.table.violation[state])
        return np.int64(state), reward, terminated, truncated, {"violation": violation}
