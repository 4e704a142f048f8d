"""Compute what a gate can decide: how probably a system passes, by its true value and n.

Sources: Wilson (1927) and Clopper and Pearson (1934) for the intervals; Chow, Shao and Wang (2008),
Sample size calculations in clinical research, for power; `POWER` is the usual 80 %.
"""

import math
from collections.abc import Callable
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from mlcharter.charter.config.evaluation.metrics import PROPORTIONS
from mlcharter.evals.shares import binomial_tail, quantile, wilson
from mlcharter.formats.report import Result

POWER = 0.8
TAIL = 0.025  # of a two-sided 95 % interval
MOST = 10**7  # cases; to ask for more is no advice
_SHRINKING = {"delong": 0.6}  # between those of normal and of exponential scores; else 0.5


class Proportion(Struct, frozen=True, kw_only=True, dict=True):
    """A gate on a share of n independent units, with Wilson's or Clopper and Pearson's interval.

    Probabilities are exact, from the binomial distribution.
    """

    method: str
    n: int
    threshold: float
    rising: bool

    def probability(self, true: float) -> float:
        """Return the probability that a system with this true share passes."""
        return self._probability(self._turn(true))

    @property
    def can_pass(self) -> bool:
        """Whether a result without a single miss passes."""
        return self._passes(self.n)

    @property
    def passing(self) -> float | None:
        """The true share that passes with 80 % probability; None if even a perfect one fails."""
        if not self.can_pass:
            return None
        return self._turn(_bisect(lambda share: self._probability(share) >= POWER, 0.0, 1.0))

    @property
    def best(self) -> float:
        """The bound of a result without a single miss, or without a single hit if fewer pass."""
        best = wilson(1, self.n)[0] if self.method == "wilson" else TAIL ** (1 / self.n)
        return self._turn(best)

    @property
    def fewest_cases(self) -> int | None:
        """The smallest n with which a perfect result passes; None if none is large enough."""
        return _smallest(lambda n: replace(self, n=n).can_pass)

    def cases(self, true: float) -> int | None:
        """Return about how many cases a true share needs; None if no number is enough."""
        turned = self._turn(true)
        if not turned > self._turn(self.threshold):
            return None
        return _smallest(lambda n: replace(self, n=n)._probability(turned) >= POWER)

    def _turn(self, share: float) -> float:
        """Return the share of errors for a gate with a ceiling, so that larger is better."""
        return share if self.rising else 1 - share

    def _probability(self, share: float) -> float:
        return 0.0 if self._fewest is None else binomial_tail(self._fewest, self.n, share)

    @cached_property
    def _fewest(self) -> int | None:
        """The fewest hits whose bound passes; None if even n hits are too few."""
        if not self.can_pass:
            return None
        low, high = -1, self.n
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._passes(middle) else (middle, high)
        return high

    def _passes(self, hits: int) -> bool:
        limit = round(self._turn(self.threshold), 9)
        if limit <= 0 or limit >= 1:
            return limit <= 0
        if self.method == "wilson":
            return wilson(hits / self.n, self.n)[0] >= limit
        return binomial_tail(hits, self.n, limit) <= TAIL


class Spread(Struct, frozen=True, kw_only=True):
    """A gate on a number whose spread is known from a result: `reach` from value to bound at n.

    A system at another value is taken to have the same spread. A number between 0 and 1 (`bounded`)
    varies less near the ends: its standard error is in proportion to (m(1 - m)) ** `shrinking`, and
    its logit is taken as normal. Simulated systems then pass in 80 % of runs, within the points in
    docs/gate.md, unless their value is more than `known` reaches from that of the result, or the
    result has few errors.
    """

    n: int
    threshold: float
    rising: bool
    value: float
    reach: float
    bounded: bool
    shrinking: float = 0.5
    known: float = 2

    def probability(self, true: float) -> float:
        """Return the probability that a system with this true value passes."""
        if not self.bounded:
            room = true - self.threshold if self.rising else self.threshold - true
            return _normal(room / self._error(0) - quantile(1 - TAIL))
        return self._probability(self._turn(true), self._critical)

    @property
    def passing(self) -> float | None:
        """The true value that passes with 80 % probability; None if no value does."""
        if not self.bounded:
            factor = 1 + quantile(POWER) / quantile(1 - TAIL)
            return self.threshold + (1 if self.rising else -1) * factor * self.reach
        if self._turn(self.threshold) >= 1:
            return None
        critical = self._critical
        enough = _bisect(lambda true: self._probability(true, critical) >= POWER, critical, 1.0)
        return self._turn(enough)

    @property
    def is_known(self) -> bool:
        """Whether the spread is known at the value that passes with 80 % probability."""
        passing = self.passing
        if not self.bounded or passing is None:
            return True
        return abs(passing - self.value) <= self.known * self.reach

    @property
    def has_errors(self) -> bool:
        """Whether a result between 0 and 1 is based on as much as three errors."""
        value = self._turn(self.value)
        return not self.bounded or value * (1 - value) ** 2 >= 3 * self._error(value) ** 2

    def cases(self, true: float) -> int | None:
        """Return about how many cases a true value needs; None if no number, or if unknown."""
        enough = true > self.threshold if self.rising else true < self.threshold
        if not enough or not self.has_errors:
            return None
        return _smallest(lambda n: self._with(n).probability(true) >= POWER)

    def _with(self, n: int) -> "Spread":
        return replace(self, n=n, reach=self.reach * math.sqrt(self.n / n))

    def _turn(self, value: float) -> float:
        """Return a number between 0 and 1, turned for a gate with a ceiling: larger is better."""
        return value if self.rising else 1 - value

    @property
    def _critical(self) -> float:
        """The smallest result, turned, whose bound passes; its own spread decides."""
        limit = self._turn(self.threshold)
        away = quantile(1 - TAIL)
        return _bisect(lambda value: value - away * self._error(value) >= limit, limit, 1.0)

    def _probability(self, true: float, critical: float) -> float:
        if not 0 < true < 1 or not 0 < critical < 1:
            return float(true >= critical)
        error = self._error(true) / (true * (1 - true))
        return _normal((_logit(true) - _logit(critical)) / error)

    def _error(self, turned: float) -> float:
        """Return the standard error of a system with this true value."""
        error = self.reach / quantile(1 - TAIL)
        if not self.bounded:
            return error
        inside = max(turned * (1 - turned), 0.0) / (self.value * (1 - self.value))
        return error * float(inside**self.shrinking)


def from_entry(
    method: str, n: int, op: str, threshold: float, *, against: str | None, is_ratio: bool
) -> Proportion | None:
    """Return what a gate without a result can decide; None if that depends on the spread."""
    if against is not None or method not in PROPORTIONS:
        return None
    if not (is_ratio or 0 <= threshold <= 1):
        return None  # not in the unit of a share
    rising = op in (">=", ">")
    return Proportion(method=method, n=min(n, MOST), threshold=threshold, rising=rising)


def of_result(
    result: Result, threshold: float, *, rising: bool, is_ratio: bool
) -> Proportion | Spread | None:
    """Return what a gate can decide with the n and the spread of a result.

    `is_ratio` says that the number is between 0 and 1. None without an interval of some width, with
    more than ten million cases, or if nothing varied and the interval is not that of independent
    units.
    """
    interval = result.interval
    if interval is None or not 1 <= result.n <= MOST:
        return None
    if _is_plain(result):
        return Proportion(method=interval.method, n=result.n, threshold=threshold, rising=rising)
    reach = result.value - interval.lower if rising else interval.upper - result.value
    inside = 0 < result.value < 1 and 0 <= threshold <= 1
    if not 0 < reach < math.inf or (is_ratio and result.value in (0, 1)):
        return None
    return Spread(
        n=result.n,
        threshold=threshold,
        rising=rising,
        value=result.value,
        reach=reach,
        bounded=is_ratio and inside,
        shrinking=_SHRINKING.get(interval.method, 0.5),
        known=2 if interval.method in PROPORTIONS else 1,
    )


def describe_impossible(sampling: Proportion | Spread, bound: str) -> str:
    """Return why no system passes: with so few cases, or with any number of them."""
    if not isinstance(sampling, Proportion) or sampling.fewest_cases is None:
        return describe_unreachable(bound, sampling.threshold)
    kind = "miss" if sampling.rising else "hit"
    return f"with n {sampling.n}, {bound} is {sampling.best:.4g} even without a single {kind}"


def describe_unreachable(bound: str, threshold: float) -> str:
    """Return why a bound of a ratio never reaches a threshold."""
    side = "below" if bound == "lower95" else "above"
    return f"{bound} of a ratio is always {side} {threshold:g}"


def _is_plain(result: Result) -> bool:
    """Return whether the interval is that of n independent units, and not that of clusters."""
    interval, n = result.interval, result.n
    if interval is None or interval.method not in PROPORTIONS or not 0 <= result.value <= 1:
        return False
    hits = round(result.value * n)
    if abs(hits / n - result.value) > 1e-5:
        return False
    if interval.method == "wilson":
        ends = wilson(hits / n, n)
        given = interval.lower, interval.upper
        return all(abs(a - b) < 1e-4 for a, b in zip(ends, given, strict=True))
    tails = (hits, interval.lower), (n - hits, 1 - interval.upper)
    return all(k == 0 or abs(binomial_tail(k, n, end) - TAIL) < 0.003 for k, end in tails)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


def _bisect(enough: Callable[[float], bool], low: float, high: float) -> float:
    """Return where `enough` becomes true between two numbers, to nine digits."""
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _smallest(enough: Callable[[int], bool]) -> int | None:
    """Return about the smallest n that is enough: the probability of a share is a sawtooth in n.

    None if it would take more than ten million.
    """
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if low > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
