"""What would help a gate: the result that was probably meant, and how many cases it needs."""

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import eq

from mlcharter.formats.report import Key, Result, describe
from mlcharter.support.nearest import nearest

_PROPORTIONS = ("wilson", "clopper-pearson")
_Z = 1.959964  # the 0.975 quantile of the normal distribution
_COMPARED = 200  # results; each gate without one asks, and nothing may take the square
_MOST = 10**7  # cases; to ask for more is no advice


def nearest_result(key: Key, produced: Mapping[str, Sequence[Key]]) -> str | None:
    """Return the description of the result that was probably meant instead of `key`, if any.

    `produced` has the results by metric. The answer is of the same metric, or of the one that is
    spelt most like it; among the first of its results, it is the one that differs least in dataset,
    slice and baseline.
    """
    metric = key[0] if key[0] in produced else next(iter(nearest(key[0], produced)), "")
    same = islice(produced.get(metric, ()), _COMPARED)
    likest = max(same, key=lambda other: sum(map(eq, key, other)), default=None)
    return describe(likest) if likest else None


def cases_needed(result: Result, end: float, threshold: float, *, rising: bool) -> int | None:
    """Return about how many cases would put `end`, the bound that decides, past `threshold`.

    It takes the measured value as it is. None if that value itself misses the threshold, if there
    is no interval, or if it would take more than ten million.

    Proportions: Wilson's interval at the measured rate (E. B. Wilson, "Probable Inference, the Law
    of Succession, and Statistical Inference", 1927). Others: the distance between value and bound
    shrinks with the square root of n.
    """
    interval = result.interval
    if interval is None or not _passes(result.value, threshold, rising) or result.n < 1:
        return None
    if interval.method in _PROPORTIONS and 0 <= result.value <= 1:
        return _smallest(result.value, threshold, rising)
    reach = abs(result.value - end)
    room = abs(result.value - threshold)
    if not room > reach / _MOST:  # also where the interval is infinite
        return None
    needed = result.n * (reach / room) ** 2
    return math.ceil(round(needed, 6)) if needed <= _MOST else None


def _passes(value: float, threshold: float, rising: bool) -> bool:
    return value > threshold if rising else value < threshold


def _smallest(rate: float, threshold: float, rising: bool) -> int | None:
    """Return the smallest n whose Wilson bound passes at a rate, by bisection."""
    low, high = 0, 1
    while not _passes(_wilson(rate, high, rising), threshold, rising):
        low, high = high, 2 * high
        if low > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if _passes(_wilson(rate, middle, rising), threshold, rising):
            high = middle
        else:
            low = middle
    return high


def _wilson(rate: float, n: int, lower: bool) -> float:
    """Return the lower or upper end of Wilson's 95 % interval of a rate in `n` cases."""
    square = _Z * _Z / n
    reach = _Z * math.sqrt((rate * (1 - rate) + square / 4) / n)
    centre = rate + square / 2
    return (centre - reach if lower else centre + reach) / (1 + square)
