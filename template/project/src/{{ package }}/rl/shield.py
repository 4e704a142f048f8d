"""The shield: actions that no policy may take, whatever it has learned.

The list of unsafe pairs is written by people and compared with the table: `missing` names the
pairs that are riskier than MAX_RISK and not on the list.
Propensities are logged after the shield, since those are the actions that were really possible.
"""

from typing import Any

import gymnasium
import numpy as np

from .environment import ACTIONS, COLUMNS, CRANE, ROWS, Bools, Floats, Table

MAX_RISK = 0.1
DOWN = ACTIONS.index("down")
UNSAFE = tuple((state, DOWN) for state in range((ROWS - 1) * COLUMNS, CRANE))

Pairs = tuple[tuple[int, int], ...]


def allowed(table: Table, unsafe: Pairs = UNSAFE) -> Bools:
    """Which actions (S, A) are not on the list; a ValueError where a state is left with none."""
    permitted = np.ones((table.states, table.actions), dtype=bool)
    for state, action in unsafe:
        permitted[state, action] = False
    stuck = np.flatnonzero(~permitted.any(axis=1))
    if len(stuck):
        raise ValueError(f"no action is left in states {stuck.tolist()}")
    return permitted


def missing(table: Table, unsafe: Pairs = UNSAFE) -> Pairs:
    """Pairs whose next step is a violation with more than MAX_RISK and that are not listed."""
    risk = table.transition[:, :, table.violation].sum(axis=2) * ~table.terminal[:, None]
    return tuple((int(s), int(a)) for s, a in np.argwhere(risk > MAX_RISK) if (s, a) not in unsafe)


def shielded(policy: Floats, permitted: Bools) -> Floats:
    """`policy` (S, A) without what is not permitted; where nothing is left, any permitted one."""
    kept = policy * permitted
    total = kept.sum(axis=1, keepdims=True)
    anyhow = permitted / permitted.sum(axis=1, keepdims=True)
    return np.where(total > 0, kept / np.where(total > 0, total, 1), anyhow)


class Shield(gymnasium.Wrapper[np.int64, np.int64, np.int64, np.int64]):
    """Replaces an action that is not permitted by the first one that is; tells so in `info`."""

    def __init__(self, env: gymnasium.Env[np.int64, np.int64], permitted: Bools) -> None:
        super().__init__(env)
        self.permitted = permitted
        self._state = np.int64(0)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        self._state, info = super().reset(seed=seed, options=options)
        return self._state, info

    def step(self, action: np.int64) -> tuple[np.int64, Any, bool, bool, dict[str, Any]]:
        blocked = not self.permitted[self._state, action]
        if blocked:
            action = np.int64(self.permitted[self._state].argmax())
        self._state, reward, terminated, truncated, info = super().step(action)
        return self._state, reward, terminated, truncated, {**info, "blocked": blocked}
