"""Learners from a log alone: behaviour cloning, and Q values that distrust what was rarely seen.

Where a log covers little, the plain Q learner takes the pair that was seen twice and went well.
The pessimistic one charges every (state, action) for its rarity, and falls back on what was done.
"""

import numpy as np

from .environment import Floats, Table
from .exact import solve
from .logs import Log

PENALTY = 0.2


def visits(log: Log, table: Table) -> Floats:
    """How often each (state, action) was taken (S, A)."""
    seen = np.zeros((table.states, table.actions))
    np.add.at(seen, (log.state, log.action), 1.0)
    return seen


def cloned(log: Log, table: Table) -> Floats:
    """Behaviour cloning: the observed frequencies; where nothing was seen, every action alike."""
    seen = visits(log, table)
    total = seen.sum(axis=1, keepdims=True)
    return np.where(total > 0, seen / np.maximum(total, 1), 1 / table.actions)


def logged_behaviour(log: Log, table: Table) -> Floats:
    """The policy that made the log, as it was logged; every action alike where it never was."""
    policy = np.full((table.states, table.actions), 1 / table.actions)
    policy[log.state] = log.behaviour
    return policy


def penalised_q(log: Log, table: Table, penalty: float) -> Floats:
    """The best Q (H, S, A) of the observed frequencies, less penalty / sqrt(visits) per step.

    A pair that was never seen has the value of a violation for any penalty over 0, and 0 without:
    that is what a table of zeros gives to plain Q learning.
    """
    seen = visits(log, table)
    made = np.zeros(table.transition.shape)
    np.add.at(made, (log.state, log.action, log.next_state), 1.0)
    paid = np.zeros(seen.shape)
    np.add.at(paid, (log.state, log.action), log.reward)
    known = np.maximum(seen, 1)
    worst = float(table.reward.min()) if penalty > 0 else 0.0
    reward = np.where(seen > 0, paid / known - penalty / np.sqrt(known), worst)
    return solve(reward, made / known[:, :, None], table)
