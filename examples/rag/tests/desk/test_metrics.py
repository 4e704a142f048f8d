"""Each metric of the evaluation pack on cases that were worked out by hand, and its questions."""

from collections import defaultdict
from pathlib import Path

import pytest
from mlcharter.evals import intervals, retrieval
from mlcharter.evals.questions import read
from mlcharter.evals.retrieval import Located

from harbour_answers.rag.ingest import read_files
from harbour_answers.rag.spans import cite, resolve

FOLDER = Path(__file__).parents[2] / "data/rag"
PAGE = b"A pass costs 15. A berth costs 40. A tug costs 90."


def found(*places: tuple[int, int]) -> list[Located]:
    return [cite("fees.md", PAGE, start, end) for start, end in places]


PASS, BERTH, TUG = (0, 16), (17, 34), (35, 50)


def test_the_second_of_three_passages_has_the_answer() -> None:
    matched = retrieval.match(found(PASS, BERTH, TUG), found(BERTH))
    assert retrieval.hit(matched, 1) == 0
    assert retrieval.hit(matched, 5) == 1
    assert retrieval.reciprocal_rank(matched, 10) == 1 / 2


def test_a_share_of_questions_counts_questions_and_resamples_documents() -> None:
    found = intervals.clustered_share([True, True, False, True], list("aabb"), unit="document")
    assert (found.value, found.n) == (3 / 4, 2)


def test_a_mean_is_that_of_questions() -> None:
    found = intervals.mean([1.0, 0.5, 0.0, 1.0], list("aabb"), unit="document", seed=7)
    assert found.value == pytest.approx(2.5 / 4)


def test_a_citation_resolves_to_its_bytes() -> None:
    assert resolve(found(BERTH)[0], PAGE) == "A berth costs 40."


def test_each_quotation_is_in_its_page_and_no_page_has_questions_of_both_splits() -> None:
    pages = read_files(FOLDER / "corpus")
    splits = defaultdict(set)
    for question in read(FOLDER / "questions.csv", pages):
        for span in question.spans:
            resolve(span, pages[span.document])
            splits[span.document].add(question.columns["split"])
    assert {len(of_page) for of_page in splits.values()} == {1}
