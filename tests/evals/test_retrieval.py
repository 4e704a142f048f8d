"""Metrics of ranked results have the values that were worked out by hand."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcharter.evals import retrieval, spans
from mlcharter.evals.retrieval import Matched

PAGE = b"The fee is 5. The ferry leaves at noon."
MATCHED = st.lists(st.sets(st.integers(0, 3), max_size=2), max_size=6)


def test_a_result_matches_each_relevant_span_that_it_overlaps() -> None:
    def span(start: int, end: int, document: str = "a.md") -> spans.Span:
        return spans.cite(document, PAGE, start, end)

    results = [span(14, 39), span(0, 14), span(0, 39, "b.md"), span(0, 39)]

    assert retrieval.match(results, [span(4, 12), span(14, 23)]) == [{1}, {0}, set(), {0, 1}]


@pytest.mark.parametrize(
    ("matched", "hit", "recall", "rank", "ndcg"),
    [
        # Three things are relevant, and three results are looked at.
        ([{0}, {1}, {2}], 1, 1, 1, 1),
        ([set(), {0}, set(), {1}], 1, 1 / 3, 1 / 2, (1 / math.log2(3)) / 2.1309297535714578),
        ([set(), {0}, {0, 1}], 1, 2 / 3, 1 / 2, (1 / math.log2(3) + 1 / 2) / 2.1309297535714578),
        ([set(), set(), set(), {0}], 0, 0, 0, 0),
        ([], 0, 0, 0, 0),
    ],
    ids=["all", "one, second", "one twice", "too late", "no results"],
)
def test_one_ranking_has_these_values(
    matched: Matched, hit: float, recall: float, rank: float, ndcg: float
) -> None:
    assert retrieval.hit(matched, 3) == hit
    assert retrieval.recall(matched, 3, 3) == pytest.approx(recall)
    assert retrieval.reciprocal_rank(matched, 3) == rank
    assert retrieval.ndcg(matched, 3, 3) == pytest.approx(ndcg)


@given(MATCHED, st.integers(1, 7))
def test_values_are_shares_and_deeper_never_finds_less(matched: Matched, k: int) -> None:
    for metric in (retrieval.hit, retrieval.reciprocal_rank):
        assert 0 <= metric(matched, k) <= metric(matched, k + 1) <= 1
    assert 0 <= retrieval.recall(matched, 4, k) <= retrieval.recall(matched, 4, k + 1) <= 1
    assert 0 <= retrieval.ndcg(matched, 4, k) <= 1


@given(MATCHED, st.integers(1, 7))
def test_a_result_moved_to_the_front_never_scores_less(matched: Matched, k: int) -> None:
    best = sorted(matched, key=len, reverse=True)

    assert retrieval.reciprocal_rank(best, k) >= retrieval.reciprocal_rank(matched, k)
    assert retrieval.hit(best, k) >= retrieval.hit(matched, k)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda: retrieval.hit([{0}], 0), "k is 1 or more, not 0"),
        (lambda: retrieval.recall([{0}, {1}], 1, 5), "1 things are relevant, and 2 of them"),
        (lambda: retrieval.ndcg([], 0, 5), "0 things are relevant"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        call()
