"""The reward that is trained on, what it may be shaped by, and how policies could game it.

Shaping by a potential F(s, s') = gamma * potential(s') - potential(s) leaves the best policy as it
is, if the potential of a terminal state is 0 and the potential of the state in which the horizon
cuts the episode is given back. `loops` and `changed_choices` test both halves of that sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ..digests import sha256
from .environment import COLUMNS, CRANE, WATER, Floats, Table
from .exact import optimal, value
from .policies import greedy

STEP_WORTH = 0.05
LOOP_LENGTH = 4
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Shaping:
    """A bonus (S, A, S) for each step, and what is paid (S,) where the horizon cuts."""

    bonus: Floats
    end: Floats


def digest(table: Table) -> str:
    """The digest of the reward that is trained on: what a step pays, and what a cut gives back."""
    shape = shaping(table)
    paid = (table.reward + shape.bonus).round(9).tolist()
    return sha256({"paid": paid, "end": shape.end.round(9).tolist()})


def distance() -> Floats:
    """Steps (S,) to the crane without wind; 0 in the water, where the way ends."""
    row, column = np.divmod(np.arange(WATER + 1), COLUMNS)
    steps = np.abs(row - CRANE // COLUMNS) + np.abs(column - CRANE % COLUMNS)
    return np.where(np.arange(WATER + 1) == WATER, 0.0, steps)


def potential(table: Table) -> Floats:
    """The potential (S,): the nearer the crane, the higher; 0 in terminal states."""
    return np.where(table.terminal, 0.0, -STEP_WORTH * distance())


def shaping(table: Table) -> Shaping:
    """The shaping of the shipped reward, by `potential`."""
    height = potential(table)
    steps = table.gamma * height[None, None, :] - height[:, None, None]
    return Shaping(np.broadcast_to(steps, table.reward.shape), -height)


def proxies(table: Table) -> dict[str, Floats]:
    """Rewards (S, A, S) that look reasonable and are not: the counter-examples of the spec."""
    far = distance()
    nearer = np.maximum(far[:, None, None] - far[None, None, :], 0.0)
    live = ~table.terminal[:, None, None]
    here = np.broadcast_to(live & ~table.violation[None, None, :], table.reward.shape)
    blind = np.where(table.violation[None, None, :], 0.0, table.reward)
    return {
        "progress-bonus": table.reward + 0.2 * nearer * live,
        "paid-for-being-near": table.reward + 0.1 * (far <= 1)[None, None, :] * here,
        "paid-for-staying-dry": table.reward + 0.1 * here,
        "blind-to-water": blind,
    }


def loops(table: Table, shape: Shaping) -> tuple[int, int]:
    """How many closed walks of up to LOOP_LENGTH steps there are, and how many gain or lose.

    A walk of n steps from s back to s must bring exactly (gamma ** n - 1) * potential(s).
    """
    height, found, wrong = potential(table), 0, 0
    ways = [np.argwhere(t.sum(axis=0) > 0).ravel().tolist() for t in table.transition]
    running = np.flatnonzero(~table.terminal).tolist()
    gain = shape.bonus.mean(axis=1)
    walks = [(start, start, 0.0, 0) for start in running]
    while walks:
        start, state, brought, steps = walks.pop()
        for after in ways[state]:
            total = brought + table.gamma**steps * gain[state, after]
            if after == start:
                due = (table.gamma ** (steps + 1) - 1) * height[start]
                found, wrong = found + 1, wrong + int(abs(total - due) > TOLERANCE)
            if steps + 1 < LOOP_LENGTH and not table.terminal[after]:
                walks.append((start, after, total, steps + 1))
    return found, wrong


def changed_choices(table: Table, shape: Shaping) -> tuple[int, int]:
    """How many (step, state) there are, and in how many shaping changes the set of best actions."""
    plain = optimal(table)[:, ~table.terminal]
    paid = optimal(table, table.reward + shape.bonus, shape.end)[:, ~table.terminal]
    best = [q >= q.max(axis=-1, keepdims=True) - TOLERANCE for q in (plain, paid)]
    changed = (best[0] != best[1]).any(axis=-1)
    return changed.size, int(changed.sum())


def exploit(table: Table, paid: Floats) -> Floats:
    """The policy (H, S, A) that earns most of `paid`: what a strong learner would find."""
    return greedy(optimal(table, paid))


def gamed(table: Table, paid: Floats, policy: Floats, reference: Floats) -> bool:
    """Whether `policy` earns more of `paid` than the reference does, and less of what is wanted."""
    more = value(table, policy, paid) > value(table, reference, paid) + TOLERANCE
    return more and value(table, policy) < value(table, reference) - TOLERANCE


Detector = Callable[[Table, Floats, Floats, Floats], bool]


def rank_agreement(table: Table, paid: Floats, policies: list[Floats]) -> float:
    """Spearman's rank correlation of `paid` with the objective over `policies`."""
    earned = [value(table, policy, paid) for policy in policies]
    wanted = [value(table, policy) for policy in policies]
    return float(stats.spearmanr(earned, wanted).statistic)
