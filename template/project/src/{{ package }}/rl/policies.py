"""Policies as matrices (S, A) of action probabilities, and how they are made from each other."""

from typing import Any

import numpy as np

from .environment import ACTIONS, COLUMNS, WATER, Bools, Floats


def content(policy: Floats) -> dict[str, Any]:
    """The policy as it is written down, and the values that its digest is taken of."""
    return {"actions": list(ACTIONS), "chances": policy.round(9).tolist()}


def uniform(allowed: Bools) -> Floats:
    """Every allowed action (S, A) with the same probability."""
    return np.asarray(allowed / allowed.sum(axis=1, keepdims=True), dtype=np.float64)


def greedy(scores: Floats) -> Floats:
    """The action with the highest score in each state, the first one of a tie; (…, S, A)."""
    return np.asarray(np.eye(scores.shape[-1])[scores.argmax(axis=-1)])


def mixed(base: Floats, other: Floats, share: float) -> Floats:
    """`other` with probability `share` at each step, else `base`."""
    return np.asarray((1 - share) * base + share * other)


def operator(allowed: Bools, care: float, along: int = 1) -> Floats:
    """Who drives today: along row `along` to the right with probability `care`, else anyhow."""
    route = uniform(allowed)
    for state in range(WATER + 1):
        row, column = divmod(state, COLUMNS)
        wanted = "down" if column == COLUMNS - 1 else "right" if row <= along else "up"
        if allowed[state, ACTIONS.index(wanted)]:
            route[state] = np.eye(len(ACTIONS))[ACTIONS.index(wanted)]
    return mixed(uniform(allowed), route, care)
