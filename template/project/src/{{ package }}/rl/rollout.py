"""A canary that stops itself: a risk budget, and a kill-switch that may be looked at any time.

The rule "stop when the observed rate is over the ceiling" trips by chance sooner or later, since
it looks after every episode. The kill-switch is a test by betting: it starts with a wealth of 1
and bets against "violations are at most the ceiling". If that is true, the wealth ever reaches
1 / alpha with a probability of at most alpha, however often one looks (Ville's inequality).

The wealth is split over several bets and several first episodes: a late change then does not
have to win back what a long good time has cost. It is kept as a logarithm, which cannot overflow.
It must not be clipped from below, since that would add money; the bets are clipped instead.
"""

from dataclasses import dataclass

import gymnasium
import numpy as np
import numpy.typing as npt

from .environment import Bools, Floats
from .logs import collect

BETS = (0.05, 0.15, 0.4)
"""Shares of 1 / ceiling; 1 would risk everything on the next episode, so none is over CLIP."""
CLIP = 0.5
STARTS = tuple(range(0, 600, 100))


@dataclass(frozen=True)
class KillSwitch:
    """The test of `ceiling` at level `alpha`; `bets` are shares of the highest one, 1 / ceiling."""

    ceiling: float
    alpha: float
    bets: tuple[float, ...] = BETS

    def log_wealth(self, violated: npt.ArrayLike) -> Floats:
        """The log of the wealth (…, T) after each episode of runs of violations (…, T)."""
        seen = np.asarray(violated, dtype=np.float64)
        length = seen.shape[-1]
        cash = np.array([sum(start > t for start in STARTS) for t in range(length)], dtype=float)
        with np.errstate(divide="ignore"):
            wealth = np.broadcast_to(np.log(cash / len(STARTS)), seen.shape).copy()
        for start in STARTS:
            since = seen[..., start:].cumsum(axis=-1)
            passed = np.arange(1, since.shape[-1] + 1)
            for bet in np.minimum(self.bets, CLIP):
                won, lost = np.log1p(bet * (1 / self.ceiling - 1)), np.log1p(-bet)
                part = since * won + (passed - since) * lost
                part -= np.log(len(STARTS) * len(self.bets))
                np.logaddexp(wealth[..., start:], part, out=wealth[..., start:])
        return wealth

    def trips(self, violated: npt.ArrayLike) -> Bools:
        """Whether the switch has tripped by each episode (…, T); once tripped, it stays so."""
        over = self.log_wealth(violated) >= np.log(1 / self.alpha)
        return np.asarray(np.maximum.accumulate(over, axis=-1))


def rate_rule(violated: npt.ArrayLike, ceiling: float, after: int = 30) -> Bools:
    """The naive rule, for comparison: the observed rate is over the ceiling, from `after` on."""
    seen = np.asarray(violated, dtype=np.float64)
    passed = np.arange(1, seen.shape[-1] + 1)
    over = (seen.cumsum(axis=-1) / passed > ceiling) & (passed >= after)
    return np.asarray(np.maximum.accumulate(over, axis=-1))


@dataclass(frozen=True)
class Canary:
    """How a canary went: `ended` is "finished", "killed" or "budget spent".

    Of the new policy's episodes, in order: `violated` (n,), and `exploring` (n,), the share of
    steps that did not take the likeliest action. `weights` are the steps of the ramp it reached,
    `budget` the violations that the whole ramp may cost.
    """

    ended: str
    violated: Bools
    exploring: Floats
    weights: tuple[float, ...]
    budget: float


def run_canary(
    env: gymnasium.Env[np.int64, np.int64],
    policy: Floats,
    switch: KillSwitch,
    *,
    weights: tuple[float, ...],
    episodes: int,
    seed: int,
) -> Canary:
    """Give `policy` a growing share of `episodes` at each step of the ramp, in per cent.

    The risk budget is what the ceiling allows over all planned episodes. The canary ends at the
    episode at which it is overspent or the switch trips.
    """
    planned = [round(episodes * weight / 100) for weight in weights]
    budget = switch.ceiling * sum(planned)
    violated = np.zeros(0, dtype=bool)
    exploring = np.zeros(0)
    reached: list[float] = []
    for step, (weight, share) in enumerate(zip(weights, planned, strict=True)):
        log = collect(env, policy, share, seed=seed + step)
        row = np.unique(log.episode, return_inverse=True)[1]
        other = log.behaviour.argmax(axis=1) != log.action
        exploring = np.r_[exploring, np.bincount(row, weights=other) / np.bincount(row)]
        violated = np.r_[violated, np.bincount(row, weights=log.violation) > 0]
        reached.append(weight)
        tripped, spent = switch.trips(violated), violated.cumsum() > budget
        for ended, stop in (("killed", tripped), ("budget spent", spent)):
            if stop.any():
                end = int(stop.argmax()) + 1
                return Canary(ended, violated[:end], exploring[:end], tuple(reached), budget)
    return Canary("finished", violated, exploring, tuple(reached), budget)
