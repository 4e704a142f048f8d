"""Exact values by dynamic programming on the transition table.

They are the truth that estimators are judged against. A policy is a matrix (S, A) of action
probabilities, or (H, S, A) where it depends on the step.
"""

import numpy as np

from .environment import Bools, Floats, Table


def value(table: Table, policy: Floats, paid: Floats | None = None) -> float:
    """The expected discounted return of `policy` from the start over the horizon.

    `paid` (S, A, S) is earned instead of the table's own reward if it is given.
    """
    mean = (table.transition * (table.reward if paid is None else paid)).sum(axis=2)
    stages = np.broadcast_to(policy, (table.horizon, *mean.shape))
    later = np.zeros(table.states)
    for step in reversed(range(table.horizon)):
        later = (stages[step] * (mean + table.gamma * table.transition @ later)).sum(axis=1)
        later[table.terminal] = 0.0
    return float(later[table.start])


def solve(
    mean: Floats,
    transition: Floats,
    table: Table,
    *,
    allowed: Bools | None = None,
    end: Floats | None = None,
) -> Floats:
    """The best Q (H, S, A) for the mean rewards `mean` (S, A), over the `allowed` (S, A) actions.

    A terminal state is worth 0; a state that the horizon cuts is worth `end` (S,), or 0.
    """
    later = np.where(table.terminal, 0.0, 0.0 if end is None else end)
    stages = np.empty((table.horizon, *mean.shape))
    for step in reversed(range(table.horizon)):
        stages[step] = mean + table.gamma * transition @ later
        if allowed is not None:
            stages[step][~allowed] = -np.inf
        later = np.where(table.terminal, 0.0, stages[step].max(axis=1))
    return stages


def optimal(table: Table, paid: Floats | None = None, end: Floats | None = None) -> Floats:
    """The best Q (H, S, A) for the table's own reward, or for `paid` (S, A, S)."""
    mean = (table.transition * (table.reward if paid is None else paid)).sum(axis=2)
    return solve(mean, table.transition, table, end=end)


def occupancy(table: Table, policy: Floats) -> Floats:
    """The probability (H, S) of being in a state, still running, before each step."""
    stages = np.broadcast_to(policy, (table.horizon, table.states, table.actions))
    present = np.zeros((table.horizon, table.states))
    present[0, table.start] = 1.0
    for step in range(1, table.horizon):
        flow = np.einsum("s,sa,san->n", present[step - 1], stages[step - 1], table.transition)
        present[step] = flow * ~table.terminal
    return present


def violation_rate(table: Table, policy: Floats) -> float:
    """The share of episodes that end in a violation."""
    stages = np.broadcast_to(policy, (table.horizon, table.states, table.actions))
    into = table.transition[:, :, table.violation].sum(axis=2)
    return float(np.einsum("hs,hsa,sa->", occupancy(table, policy), stages, into))
