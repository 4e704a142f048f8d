"""A bandit that learns while it acts, in a world whose rewards are all known: regret and a log.

    world = bandits.World(contexts, rewards)  # what every action would have earned
    found = bandits.run(learner, world, bandits.Feedback(delay=20), seed=7)
    found.regret(world).mean()  # lost in each decision against the best action

Labels of a supervised data set make such a world: the action is the class, and 1 is earned for the
right one; Dudík, Langford and Li (2011), Doubly robust policy evaluation and learning. Rewards
arrive late, and some never: a decision that still waits is no loss.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

BATCH = 25  # decisions between two updates of a learner


class Learner(Protocol):
    """A policy that learns from rewards."""

    def propensities(self, contexts: Floats) -> Floats:
        """Return the probability of each action for contexts (n, d), shape (n, actions)."""

    def update(self, contexts: Floats, actions: Ints, rewards: Floats) -> None:
        """Learn from decisions whose rewards have arrived; (n, d), (n,) and (n,)."""


@dataclass(frozen=True)
class Frozen:
    """A policy that acts as `policy` does and learns nothing."""

    policy: Learner

    def propensities(self, contexts: Floats) -> Floats:
        """Return those of the policy."""
        return self.policy.propensities(contexts)

    def update(self, contexts: Floats, actions: Ints, rewards: Floats) -> None:
        """Learn nothing."""


@dataclass(frozen=True)
class World:
    """Contexts (n, d), in order of time, and what each action earns there, (n, actions)."""

    contexts: Floats
    rewards: Floats

    def __post_init__(self) -> None:
        if self.contexts.ndim != 2 or self.rewards.ndim != 2:
            raise ValueError("contexts have shape (n, d) and rewards (n, actions)")
        if len(self.contexts) != len(self.rewards):
            raise ValueError(f"{len(self.contexts)} contexts have {len(self.rewards)} rewards")

    def part(self, rows: slice) -> "World":
        """Return the world of some decisions."""
        return World(self.contexts[rows], self.rewards[rows])

    def value(self, chances: Floats) -> float:
        """Return what a policy with these probabilities (n, actions) earns in a decision."""
        return float((chances * self.rewards).sum(axis=1).mean())


@dataclass(frozen=True)
class Feedback:
    """A reward arrives after `delay` decisions on average, geometrically distributed; 0 is at once.

    `missing` is the probability that the reward of each action never arrives, (actions,), or one
    for all.
    """

    delay: float = 0.0
    missing: npt.ArrayLike = 0.0

    def __post_init__(self) -> None:
        missing = np.asarray(self.missing, dtype=np.float64)
        if self.delay < 0 or not ((missing >= 0) & (missing < 1)).all():
            raise ValueError("delay is 0 or more, and missing from 0 to below 1")

    def arrival(self, actions: int) -> Floats:
        """Return the probability that a reward ever arrives, by action."""
        return np.broadcast_to(1 - np.asarray(self.missing, dtype=np.float64), actions)


@dataclass(frozen=True)
class Run:
    """The decisions of a learner, in order.

    `chances` (n, actions) are its probabilities at the time, `action` (n,) what it did, `reward`
    (n,) what that earned, and `arrived` (n,) whether it was ever told.
    """

    chances: Floats
    action: Ints
    reward: Floats
    arrived: Bools

    def regret(self, world: World) -> Floats:
        """Return what each decision lost in expectation against the best action, (n,)."""
        return np.asarray(world.rewards.max(axis=1) - (self.chances * world.rewards).sum(axis=1))

    def exploration(self) -> Floats:
        """Return the probability of any but the most probable action, for each decision."""
        return np.asarray(1 - self.chances.max(axis=1))

    def table(self, world: World, feedback: Feedback) -> pd.DataFrame:
        """Return the decisions as a log that meets the contract of `logs`, features x0, x1, …

        A reward that arrived counts 1 / the probability that it arrives, one that did not counts 0:
        estimates stay unbiased if what is missing depends on the action alone (Horvitz and
        Thompson 1952, A generalization of sampling without replacement).
        """
        arrival = feedback.arrival(self.chances.shape[1])[self.action]
        features = pd.DataFrame(world.contexts).add_prefix("x")
        return features.assign(
            episode=np.arange(len(features)),
            action=self.action.astype(str),
            propensity=self.chances[np.arange(len(features)), self.action],
            reward=np.where(self.arrived, self.reward / arrival, 0.0),
        )


def run(
    learner: Learner, world: World, feedback: Feedback, *, seed: int, batch: int = BATCH
) -> Run:
    """Let a learner act on each context in order, and tell it each reward when that arrives.

    It is updated after every `batch` decisions. Raises ValueError for probabilities that do not
    add up to 1.
    """
    generator = np.random.default_rng(seed)
    n, actions = world.rewards.shape
    chances, action = np.zeros((n, actions)), np.zeros(n, dtype=np.intp)
    arrived = generator.random((n, actions)) < feedback.arrival(actions)
    due = np.arange(n) + generator.geometric(1 / (1 + feedback.delay), n) - 1
    told = np.zeros(n, dtype=bool)
    for start in range(0, n, batch):
        rows = np.arange(start, min(start + batch, n))
        chances[rows] = _checked(learner.propensities(world.contexts[rows]), len(rows), actions)
        drawn = generator.random((len(rows), 1))
        action[rows] = (chances[rows].cumsum(axis=1) < drawn).sum(axis=1).clip(max=actions - 1)
        known = np.arange(rows[-1] + 1)
        new = known[(due[known] <= rows[-1]) & ~told[known] & arrived[known, action[known]]]
        told[new] = True
        if len(new):
            learner.update(world.contexts[new], action[new], world.rewards[new, action[new]])
    every = np.arange(n)
    return Run(chances, action, world.rewards[every, action], arrived[every, action])


def _checked(chances: Floats, rows: int, actions: int) -> Floats:
    if chances.shape != (rows, actions) or not np.allclose(chances.sum(axis=1), 1):
        raise ValueError(f"propensities have shape {rows, actions} and rows that add up to 1")
    return chances
