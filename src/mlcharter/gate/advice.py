"""What would help a gate: the result that was probably meant, and how many cases it needs."""

import math
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import eq

from mlcharter.evals.shares import wilson
from mlcharter.formats.report import Key, Result, describe
from mlcharter.support.nearest import nearest

_PROPORTIONS = ("wilson", "clopper-pearson")
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
    end = 0 if rising else 1
    low, high = 0, 1
    while not _passes(wilson(rate, high)[end], threshold, rising):
        low, high = high, 2 * high
        if low > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if _passes(wilson(rate, middle)[end], threshold, rising):
            high = middle
        else:
            low = middle
    return high
