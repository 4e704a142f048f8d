"""Each measure, on a case small enough to work out by hand."""

import numpy as np
import pytest

from harbour_answers.rag.answers import Answer
from harbour_answers.rag.chunks import Chunk, Place
from harbour_answers.rag.citations import Citation, cite
from harbour_answers.rag.golden import Question, folds
from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.measures import (
    Outcome,
    answer_covered,
    auroc,
    claims_supported,
    mean,
    reciprocal_ranks,
    share,
)

HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"
CORPUS = ingest({"tugs.md": (HEADER + "Bjørn pulls 62 tonnes. Elg pulls 45 tonnes.").encode()})
START = len(HEADER)
BJORN = cite(CORPUS, Place("tugs.md", START, START + 23))
ELG = cite(CORPUS, Place("tugs.md", START + 24, START + 44))
NOTHING = Answer((), (), 0.0)


def question(*spans: Citation, kind: str = "answerable") -> Question:
    return Question("q", "How strong is Bjørn?", kind == "answerable", kind, spans)


def test_the_rank_is_that_of_the_first_chunk_that_overlaps_a_span() -> None:
    chunks = [
        Chunk(Place("a.md", 0, 9), "", ""),
        Chunk(ELG.place, "", ""),
        Chunk(Place("b.md", 0, 9), "", "", copies=(BJORN.place,)),
    ]
    outcomes = [
        Outcome(question(BJORN), {"bm25": order}, NOTHING) for order in ([2, 0], [0, 1, 2], [0, 1])
    ]
    assert reciprocal_ranks(outcomes, "bm25", chunks) == pytest.approx([1, 1 / 3, 0])


@pytest.mark.parametrize(
    ("sentences", "citations", "covered", "claims"),
    [
        (("Bjørn pulls 62 tonnes.",), (BJORN,), True, [True]),
        (("Bjørn pulls 62 tonnes.", "Elg pulls 45 tonnes."), (BJORN,), False, [True, False]),
        (("Bjørn pulls 62 tonnes.",), (ELG,), False, [False]),
        (("Bjørn pulls 62 tonnes.",), (), False, [False]),
        (("Bjørn pulls 62 tonnes.",), (Citation("gone.md", 0, 9, "0" * 64),), False, [False]),
        (("Bjørn pulls 62 and Elg 45 tonnes.",), (BJORN, ELG), False, [True]),
    ],
)
def test_support_needs_one_span_for_a_sentence_and_faithfulness_all_spans_for_a_claim(
    sentences: tuple[str, ...],
    citations: tuple[Citation, ...],
    covered: bool,
    claims: list[bool],
) -> None:
    answer = Answer(sentences, citations, 1.0)
    assert answer_covered(answer, CORPUS) is covered
    assert claims_supported(answer, CORPUS) == claims


def test_a_share_and_a_mean_carry_their_interval_and_unit() -> None:
    value, n, interval = share([True] * 8 + [False] * 2, "question")
    assert (value, n, interval.method, interval.unit) == (0.8, 10, "wilson", "question")
    # Wilson for 8 of 10, from the formula: centre 0.717, half-width 0.227.
    assert (interval.lower, interval.upper) == pytest.approx((0.490, 0.943), abs=0.001)
    value, n, interval = mean(np.array([0.0, 1.0] * 50), seed=7)
    assert (value, n, interval.method) == (0.5, 100, "bootstrap")
    assert interval.lower == pytest.approx(0.4, abs=0.03)


def test_auroc_counts_the_pairs_in_the_right_order() -> None:
    # Of the pairs 0.9 > 0.2, 0.9 > 0.5, 0.5 > 0.2 and 0.5 = 0.5, three and a half are right.
    scored = [(0.9, True), (0.5, True), (0.2, False), (0.5, False)] * 25
    value, n, interval = auroc(scored, seed=7)
    assert (value, n, interval.unit) == (3.5 / 4, 100, "question")
    assert interval.lower < 3.5 / 4 < interval.upper


def test_folds_deal_every_kind_out_in_turn() -> None:
    kinds = ["answerable", "answerable", "near", "answerable", "near"]
    assert folds([question(kind=kind) for kind in kinds], 2) == [0, 1, 0, 0, 1]
