"""Tests and intervals of a rate that may be looked at after every outcome.

A limit on the observed rate alarms by chance sooner or later if one looks often enough. These do
not: they follow an e-process, which starts at 1 and, if the hypothesis is true, ever reaches
1 / alpha with a probability of at most alpha.

Sources: Ville (1939), Étude critique de la notion de collectif (the bound); Robbins (1970),
Statistical methods related to the law of the iterated logarithm (mixtures); Waudby-Smith and
Ramdas (2024), Estimating means of bounded random variables by betting.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from mlcharter.evals import name_method
from mlcharter.evals.intervals import LEVEL, Estimate

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BETS = (0.05, 0.15, 0.4)
EVERY = 50


@dataclass(frozen=True)
class RateTest:
    """A test of "the rate of violations is at most `ceiling`", whenever one looks.

    `alpha` is its false-alarm rate: the probability that it ever alarms although each violation
    had, given the past, a probability of at most `ceiling`. The evidence (e-value) is a mean of
    bets of sizes `bets`, as shares of the largest possible one and below 1. A new bet starts every
    `every` outcomes, for ever, so that a late change need not make up for the good time before it;
    start k = 0, 1, … has the weight 1 / ((k + 1) (k + 2)), and all weights add up to 1.
    """

    ceiling: float
    alpha: float
    bets: tuple[float, ...] = BETS
    every: int = EVERY

    def __post_init__(self) -> None:
        for name in ("ceiling", "alpha"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is between 0 and 1, not {getattr(self, name)}")
        if not self.bets or not all(0 < bet < 1 for bet in self.bets):
            raise ValueError(f"bets are between 0 and 1, not {self.bets}")
        if self.every < 1:
            raise ValueError(f"every is 1 or more, not {self.every}")

    def log_evidence(self, violated: npt.ArrayLike) -> Floats:
        """Return the logarithm of the e-value after each outcome, shape (…, T) as `violated`.

        All starts of one size of bet gain and lose together, so their sum is all that is kept.
        """
        seen = _outcomes(violated)
        bets = np.asarray(self.bets)
        won, lost = np.log1p(bets * (1 / self.ceiling - 1)), np.log1p(-bets)
        sums = np.full((*seen.shape[:-1], len(bets)), -np.inf)
        evidence = np.empty_like(seen)
        for t in range(seen.shape[-1]):
            k = t // self.every
            if t % self.every == 0:
                sums = np.logaddexp(sums, -np.log((k + 1) * (k + 2) * len(bets)))
            sums = sums + np.where(seen[..., t, None] == 1, won, lost)
            waiting = -np.log(k + 2)  # the weight of all later starts together
            evidence[..., t] = np.logaddexp(np.logaddexp.reduce(sums, axis=-1), waiting)
        return evidence

    def alarms(self, violated: npt.ArrayLike) -> Bools:
        """Return whether the test has alarmed by each outcome, shape (…, T); it stays alarmed."""
        over = self.log_evidence(violated) >= -np.log(self.alpha)
        return np.asarray(np.maximum.accumulate(over, axis=-1))


def rate(violated: npt.ArrayLike, *, unit: str, level: float = LEVEL) -> Estimate:
    """Return the rate of outcomes, shape (T,), with an interval that holds at every T together.

    The interval has the rates p that are not refuted at 1 - level by the mixture of likelihood
    ratios B(h + ½, T - h + ½) / B(½, ½) / (p^h * (1 - p)^(T - h)), h of T outcomes being 1.
    Outcomes must be independent and of one rate. It is wider than Wilson's, which holds at one T
    that was fixed before.
    """
    seen = _outcomes(violated)
    if seen.ndim != 1 or not len(seen):
        raise ValueError(f"outcomes have shape (T,), T > 0, not {seen.shape}")
    n, hits = len(seen), int(seen.sum())
    mixed = special.betaln(hits + 0.5, n - hits + 0.5) - special.betaln(0.5, 0.5)

    def beyond(p: float) -> float:
        """Above 0 where p is refuted."""
        likelihood = special.xlogy(hits, p) + special.xlog1py(n - hits, -p)
        return float(mixed - likelihood + np.log(1 - level))

    observed = hits / n
    lower = _root(beyond, 0.0, observed) if hits else 0.0
    upper = _root(beyond, observed, 1.0) if hits < n else 1.0
    version = name_method("beta-mixture")
    return Estimate(observed, lower, upper, level, "e-process", version, unit, n)


def _root(beyond: Callable[[float], float], low: float, high: float) -> float:
    """Where a function changes its sign between an end of 0 or 1, at which it is infinite."""
    tiny = 1e-300
    return float(optimize.brentq(beyond, max(low, tiny), min(high, 1 - 1e-16), xtol=1e-12))


def _outcomes(violated: npt.ArrayLike) -> Floats:
    seen = np.asarray(violated, dtype=np.float64)
    if not np.isin(seen, (0, 1)).all():
        raise ValueError("an outcome is 0 or 1")
    return seen
