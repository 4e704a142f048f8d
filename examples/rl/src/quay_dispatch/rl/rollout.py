"""The kill-switch of a rollout: it may be looked at after every episode.

The rule "stop when the observed rate is over the ceiling" trips by chance sooner or later, since
it looks after every episode. The kill-switch is a test by betting: it starts with an evidence
(e-value) of 1 and bets against "violations are at most the ceiling". As long as each violation
has, given the past, a probability of at most the ceiling, the evidence ever reaches 1 / alpha with
a probability of at most alpha, however often one looks (Ville's inequality).

A new bet starts every EVERY episodes, for ever, so that a late change need not make up for the
good time before it. All starts gain and lose together, so only their sums are kept.
`python -m mlcharter.evals.delays` simulates how late it trips, and how often falsely.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

BETS = (0.05, 0.15, 0.4)
"""Shares of the largest bet, which would risk everything on the next episode."""
EVERY = 50


@dataclass
class KillSwitch:
    """The test of `ceiling` at the false-alarm rate `alpha`; its memory does not grow."""

    ceiling: float
    alpha: float
    episodes: int = 0
    log_wealth: float = 0.0
    tripped: bool = False
    _sums: list[float] = field(default_factory=lambda: [-math.inf] * len(BETS))

    def record(self, violated: bool) -> bool:
        """Take the outcome of an episode into account; return whether the switch has tripped.

        Start k = 0, 1, … has the weight 1 / ((k + 1) (k + 2)); all weights add up to 1.
        """
        k, since = divmod(self.episodes, EVERY)
        started = -math.log((k + 1) * (k + 2) * len(BETS))
        sums = [_log_sum(one, started) for one in self._sums] if since == 0 else self._sums
        odds = 1 / self.ceiling - 1 if violated else -1.0
        self._sums = [one + math.log1p(bet * odds) for one, bet in zip(sums, BETS, strict=True)]
        self.log_wealth = _log_sum(*self._sums, -math.log(k + 2))
        self.episodes += 1
        self.tripped = self.tripped or self.log_wealth >= -math.log(self.alpha)
        return self.tripped


def _log_sum(*logs: float) -> float:
    """The logarithm of a sum, from the logarithms of its terms."""
    most = max(logs)
    return most + math.log(sum(math.exp(one - most) for one in logs))


def canary(act: Callable[[], bool], switch: KillSwitch, episodes: int) -> int:
    """Run at most `episodes` episodes and return how many ran; none runs after the switch tripped.

    `act` runs one episode under the policy and returns whether it violated a constraint.
    """
    ran = 0
    while ran < episodes and not switch.tripped:
        switch.record(act())
        ran += 1
    return ran
