"""What would help a gate without a number: the result that was probably meant."""

from collections.abc import Mapping, Sequence
from itertools import islice
from operator import eq

from mlcharter.formats.report import Key, describe
from mlcharter.support.nearest import nearest

_COMPARED = 200  # results; each gate without one asks, and nothing may take the square


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
