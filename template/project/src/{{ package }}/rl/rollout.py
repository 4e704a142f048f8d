"""The kill-switch of a rollout: it may be looked at after every episode.

The rule "stop when the observed rate is over the ceiling" trips by chance sooner or later, since
it looks after every episode. The kill-switch is a test by betting: it starts with a wealth of 1
and bets against "violations are at most the ceiling". If that is true, the wealth ever reaches
1 / alpha with a probability of at most alpha, however often one looks (Ville's inequality).

The wealth is split over several bets and several first episodes: a late change then does not
have to win back what a long good time has cost. It is kept as a logarithm, which cannot overflow.
It must not be clipped from below, since that would add money; the bets are clipped instead.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

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
