"""Policies as matrices (S, A) of action probabilities, and how they are made from each other."""

import numpy as np

from .environment import COLUMNS, WATER, Bools, Floats


def uniform(allowed: Bools) -> Floats:
    """Every allowed action (S, A) with the same probability."""
    return np.asarray(allowed / allowed.sum(axis=1, keepdims=True))


def greedy(scores: Floats) -> Floats:
    """The action with the highest score in each state, the first one of a tie; (…, S, A)."""
    return np.eye(scores.shape[-1])[scores.argmax(axis=-1)]


def mixed(base: Floats, other: Floats, share: float) -> Floats:
    """`other` with probability `share` at each step, else `base`."""
    return (1 - share) * base + share * other


def operator(allowed: Bools, care: float, along: int = 1) -> Floats:
    """Who drives today: along row `along` to the right with probability `care`, else anyhow."""
    route = np.zeros(allowed.shape)
    for state in range(WATER + 1):
        row, column = divmod(state, COLUMNS)
        last = column == COLUMNS - 1
        route[state, 2 if last else 1 if row <= along else 0] = 1.0
    anyhow = uniform(allowed)
    return mixed(anyhow, np.where((route * allowed).any(axis=1)[:, None], route, anyhow), care)
