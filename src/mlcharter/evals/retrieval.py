"""Metrics of ranked results, one number a question: hit rate, recall, reciprocal rank, nDCG.

`matched` is what each result holds of what is relevant, best result first: `[set(), {0}, {0, 1}]`.
Something relevant counts once, at the first result that holds it. Take means over questions with
`intervals.mean`, by document: questions on one document succeed and fail together.

Sources: Voorhees (1999), The TREC-8 question answering track report (reciprocal rank); Järvelin and
Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques (nDCG, here with binary gain).
"""

import math
from collections.abc import Collection, Hashable, Sequence

from mlcharter.evals import spans
from mlcharter.evals.spans import Located

Matched = Sequence[Collection[Hashable]]


def match(results: Sequence[Located], relevant: Sequence[Located]) -> list[frozenset[int]]:
    """Return, for each result, the numbers of the relevant spans that it overlaps."""
    return [
        frozenset(i for i, span in enumerate(relevant) if spans.overlap(result, span))
        for result in results
    ]


def hit(matched: Matched, k: int) -> float:
    """Return 1 if the first `k` results hold something relevant, else 0; its mean is the hit rate.

    The same as recall if any relevant span is enough.
    """
    return float(any(matched[: _depth(k)]))


def recall(matched: Matched, relevant: int, k: int) -> float:
    """Return the share of `relevant` things that the first `k` results hold, 0 to 1."""
    found = {thing for held in matched[: _depth(k)] for thing in held}
    return len(found) / _count(relevant, len(found))


def reciprocal_rank(matched: Matched, k: int) -> float:
    """Return 1 / rank of the first relevant result, and 0 if there is none among the first `k`."""
    ranks = (rank for rank, held in enumerate(matched[: _depth(k)], start=1) if held)
    return 1 / next(ranks, math.inf)


def ndcg(matched: Matched, relevant: int, k: int) -> float:
    """Return the discounted cumulative gain of the first `k` results over the best possible one.

    A result gains the number of relevant things that no earlier one holds, over log2(rank + 1). The
    best order has one of them in each result, so that a result which holds several may exceed it;
    the value is cut at 1.
    """
    seen: set[Hashable] = set()
    gain = 0.0
    for rank, held in enumerate(matched[: _depth(k)], start=1):
        gain += len(set(held) - seen) / math.log2(rank + 1)
        seen |= set(held)
    ideal = sum(
        1 / math.log2(rank + 1) for rank in range(1, min(_count(relevant, len(seen)), k) + 1)
    )
    return min(1.0, gain / ideal)


def _depth(k: int) -> int:
    if k < 1:
        raise ValueError(f"k is 1 or more, not {k}")
    return k


def _count(relevant: int, found: int) -> int:
    if relevant < max(1, found):
        raise ValueError(f"{relevant} things are relevant, and {found} of them were found")
    return relevant
