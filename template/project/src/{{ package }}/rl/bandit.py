"""Contextual bandits that learn while they act: ε-greedy, LinUCB and LinTS.

Each action has a linear model of its reward, fitted by ridge regression. Every policy is random
enough to be evaluated from its log: no action is less probable than `floor` / actions, and the most
probable one is not below 1 - `budget`.

Sources: Li, Chu, Langford and Schapire (2010), A contextual-bandit approach to personalized news
article recommendation (LinUCB); Agrawal and Goyal (2013), Thompson sampling for contextual bandits
with linear payoffs (LinTS).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Choice = Callable[[Floats, Floats], Floats]

POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(32)
UCB_WIDTH = 1.0
TS_SCALE = 0.3


def greedy(mean: Floats, spread: Floats) -> Floats:
    """The action with the best mean; with `floor`, this is ε-greedy."""
    return np.asarray(np.eye(mean.shape[1])[mean.argmax(axis=1)])


def lin_ucb(mean: Floats, spread: Floats) -> Floats:
    """The action with the best upper confidence bound."""
    return greedy(mean + UCB_WIDTH * spread, spread)


def lin_ts(mean: Floats, spread: Floats) -> Floats:
    """How probable each action is the best one, if rewards are normal with these spreads.

    Thompson sampling acts with these probabilities; here they are integrated, not drawn.
    """
    scale = TS_SCALE * spread
    drawn = mean[:, :, None] + scale[:, :, None] * POINTS
    below = special.ndtr((drawn[:, :, None] - mean[:, None, :, None]) / scale[:, None, :, None])
    actions = np.arange(mean.shape[1])
    below[:, actions, actions] = 1.0
    chances = below.prod(axis=2) @ WEIGHTS
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


@dataclass
class Bandit:
    """A policy over `actions` for contexts (n, `features`); `choice` is one of the functions above.

    With `memory` below 1, rewards count by that factor less with each later decision that is
    learned from, so that the policy follows a world that changes.
    """

    features: int
    actions: int
    choice: Choice = lin_ts
    floor: float = 0.1
    budget: float = 1.0
    penalty: float = 1.0
    memory: float = 1.0
    _gram: Floats = field(init=False)
    _earned: Floats = field(init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.budget <= 1:
            raise ValueError("the floor is at most the budget, and both are from 0 to 1")
        size = self.features + 1
        self._gram = np.zeros((self.actions, size, size))
        self._earned = np.zeros((self.actions, size))

    def propensities(self, contexts: Floats) -> Floats:
        """Return the probability of each action, shape (n, actions)."""
        chances = self.choice(*self.predict(contexts))
        chances = (1 - self.floor) * chances + self.floor / self.actions
        explored = 1 - chances.max(axis=1, keepdims=True)
        kept = np.minimum(1.0, self.budget / np.maximum(explored, 1e-12))
        best = np.eye(self.actions)[chances.argmax(axis=1)]
        return np.asarray(kept * chances + (1 - kept) * best)

    def predict(self, contexts: Floats) -> tuple[Floats, Floats]:
        """Return mean and standard error of each action's reward, both (n, actions)."""
        x = _with_constant(contexts)
        inverse = np.linalg.inv(self._gram + self.penalty * np.eye(x.shape[1]))
        weights = np.einsum("aij,aj->ai", inverse, self._earned)
        spread = np.sqrt(np.einsum("ni,aij,nj->na", x, inverse, x, optimize=True))
        return x @ weights.T, spread

    def update(self, contexts: Floats, actions: Ints, rewards: Floats) -> None:
        """Learn from decisions whose rewards are known; one that still waits is left out."""
        x, kept = _with_constant(contexts), self.memory ** len(contexts)
        self._gram *= kept
        self._earned *= kept
        for action in np.unique(actions):
            rows = actions == action
            self._gram[action] += x[rows].T @ x[rows]
            self._earned[action] += rewards[rows] @ x[rows]


def _with_constant(contexts: Floats) -> Floats:
    return np.asarray(np.c_[np.ones(len(contexts)), contexts])
