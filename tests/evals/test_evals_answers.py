"""Answers are measured by cases that were worked out by hand."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mlcharter.evals import answers, spans
from mlcharter.evals.answers import Case, faults
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report
from mlcharter.evals.spans import Span

DOCUMENTS = {"a.md": b"Dogs are free. Cats pay 2.", "b.md": b"Tugs cost 9. Fog stops ships."}
DOGS, CATS = (spans.locate("a.md", DOCUMENTS["a.md"], t) for t in ("Dogs are free.", "Cats pay 2."))
TUGS, FOG = (spans.locate("b.md", DOCUMENTS["b.md"], t) for t in ("Tugs cost 9.", "Fog stops"))


@dataclass(frozen=True)
class Reply:
    sentences: tuple[str, ...]
    citations: tuple[Span, ...]
    retrieved: tuple[Span, ...] = ()
    confidence: float = 0.5

    @property
    def abstained(self) -> bool:
        return not self.sentences


SILENT = Reply((), ())


def question(text: str, *places: Span, **columns: str) -> Question:
    return Question(text, places, columns)


CASES = [
    Case(question("Do dogs pay?", DOGS), Reply(("Dogs are free.",), (DOGS,))),
    Case(question("Do cats pay?", CATS), Reply(("Dogs are free.",), (DOGS,))),
    Case(question("What is a tug?", TUGS), SILENT),
    Case(question("And in fog?", FOG), Reply(("Fog stops ships.", "No."), (FOG, TUGS))),
    Case(question("Who is mayor?"), Reply(("Tugs cost 9.",), (TUGS,))),
    Case(question("How is cake made?", kind="far"), SILENT),
]


def results(report: Report) -> dict[tuple[str, str, str | None], float]:
    report.add_dataset("questions", "0" * 64, len(CASES))
    found = report.content(command="python -m evals.rag")["results"]
    return {(r["metric"], r["slice"], r["against"]): round(r["value"], 4) for r in found}


def test_a_wrong_answer_and_silence_cost_what_the_team_says() -> None:
    report = Report("rag", seed=7)

    answers.add_answers(report, CASES, wrong=5, silence=1)

    assert results(report) == {
        ("answer-hit", "answerable", None): 0.5,  # dogs and fog, of four
        ("answer-precision", "answered", None): 0.5,  # dogs and fog, of four that are shown
        ("false-abstention", "answerable", None): 0.25,
        ("abstention", "unanswerable", None): 0.5,
        ("cost", "all", "silence"): round((5 + 5 - 1 - 1) / 6, 4),  # cats, mayor; dogs, fog
    }


def test_a_citation_that_does_not_resolve_supports_nothing() -> None:
    report = Report("rag", seed=7)
    changed = {**DOCUMENTS, "b.md": DOCUMENTS["b.md"].swapcase()}

    answers.add_support(report, CASES, changed, lambda claim, quoted: claim in quoted)

    assert results(report) == {
        ("support-coverage", "answered", None): 0.5,  # both answers from a.md
        ("faithfulness-at-2", "answered", None): 0.4,  # two sentences of five
    }
    resolved = Report("rag", seed=7)
    resolved.add_dataset("corpus", "0" * 64, 2)
    answers.add_citations(resolved, CASES, changed)
    assert results(resolved) == {("citations-resolve", "chunks", None): 0.4}  # two of five


def test_texts_that_are_there_twice_and_files_without_provenance_are_counted() -> None:
    report = Report("rag", seed=7)
    report.add_dataset("corpus", "0" * 64, 3)

    answers.add_corpus(report, ["a", "b", "a", "a"], [True, False], files=3)

    assert results(report) == {
        ("duplicate-chunks", "chunks", None): 2,
        ("provenance-missing", "documents", None): 2,  # one says too little, one is not indexed
    }


def test_each_fault_takes_away_what_a_gate_asks_for() -> None:
    reply = Reply(("Dogs are free.",), (DOGS, CATS), (TUGS, FOG))
    assert faults.drop_citation(reply).citations == (CATS,)
    assert faults.embellish(reply).sentences == ("Nobody knows; Dogs are free.",)
    assert faults.cite_first(reply).citations == (TUGS,)
    assert faults.accept_half("Cats are free.", "Dogs are not free.")
    assert not faults.accept_half("Tugs cost a lot.", "Dogs are not free.")
    changed = faults.edit_cited(CASES, DOCUMENTS)
    assert answers.quoted([DOGS, TUGS], changed) == ["Tugs cost 9."]


def test_retrievers_are_compared_on_the_same_questions() -> None:
    report = Report("rag", seed=7)
    asked = [case.question for case in CASES]
    retrievers = {"": lambda text: [TUGS, DOGS, FOG], "bm25": lambda text: [DOGS]}

    answers.add_retrieval(report, asked, retrievers, [("", "bm25")])

    assert results(report) == {
        ("success-at-1", "answerable", None): 0.25,
        ("success-at-5", "answerable", None): 0.75,
        ("mrr-at-10", "answerable", None): round((1 + 1 / 2 + 1 / 3) / 4, 4),
        ("success-at-1-bm25", "answerable", None): 0.25,
        ("success-at-5-bm25", "answerable", None): 0.25,
        ("mrr-at-10-bm25", "answerable", None): 0.25,
        ("mrr-at-10", "answerable", "bm25"): round((1 + 1 / 2 + 1 / 3 - 1) / 4, 4),
    }


def test_confidence_is_judged_if_both_kinds_of_questions_are_in_nearly_all_resamples() -> None:
    sure, unsure = Reply((), (), confidence=0.9), Reply((), (), confidence=0.2)
    answerable = [Case(question(f"{i}?", Span(f"{i}.md", 0, 9, "")), sure) for i in range(6)]
    others = [
        Case(question(f"What of {i}?"), reply) for i, reply in enumerate([sure, *[unsure] * 5])
    ]
    report, few = Report("rag", seed=7), Report("rag", seed=7)

    answers.add_answers(report, answerable + others, wrong=5, silence=1)
    answers.add_answers(few, answerable + others[:1], wrong=5, silence=1)

    found = results(report)["answerability-auroc", "all", None]
    assert found == round((5 + 0.5) / 6, 4)  # a tie with the first of six, above the others
    assert ("answerability-auroc", "all", None) not in results(few)


def test_confidence_is_compared_with_the_share_that_is_right_and_drawn(tmp_path: Path) -> None:
    given = {"Do dogs pay?": 0.9, "And in fog?": 0.8, "How is cake made?": 0.1}
    cases = [
        Case(c.question, replace(c.answer, confidence=given.get(c.question.text, 0.4)))
        for c in CASES
    ]
    report = Report("rag", seed=7)

    answers.add_confidence(report, cases)
    answers.draw_confidence(tmp_path, cases, threshold=0.5)

    assert results(report) == {
        # two that are right, of 0.9 and 0.8; three of 0.4 and one of 0.1 that are not
        ("confidence-ece", "all", None): round((0.1 + 0.2 + 3 * 0.4 + 0.1) / 6, 4),
        ("aurc", "all", None): round((3 * 3 / 5 + 4 / 6) / 6, 4),
    }
    drawn = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(drawn) == {"rag-reliability.svg", "rag-risk-coverage.svg"}
    assert "share of questions answered" in drawn["rag-risk-coverage.svg"]
    assert "from 0.50 on" in drawn["rag-risk-coverage.svg"]


def test_claims_of_one_answer_are_not_counted_as_independent() -> None:
    def width(texts: tuple[str, ...], n: int) -> float:
        report = Report("rag", seed=7)
        report.add_dataset("questions", "0" * 64, n)
        cases = [
            Case(question(f"{i}?"), Reply(texts if i % 2 else ("Cows.",) * len(texts), (DOGS,)))
            for i in range(n)
        ]
        answers.add_support(report, cases, DOCUMENTS, lambda claim, quoted: claim in quoted)
        found = report.content(command="python -m evals.rag")["results"]
        [claims] = [r for r in found if r["metric"] == "faithfulness-at-2"]
        assert (claims["value"], claims["n"]) == (0.5, n)
        return float(claims["interval"]["upper"] - claims["interval"]["lower"])

    assert width(("Dogs are free.",) * 4, 40) == pytest.approx(
        width(("Dogs are free.",), 40), rel=0.05
    )
    assert width(("Dogs are free.",), 160) < 0.6 * width(("Dogs are free.",), 40)


@pytest.mark.parametrize("cases", [CASES[:1], CASES[:2], []])
def test_what_one_document_is_about_is_left_out(cases: list[Case]) -> None:
    report = Report("rag", seed=7)

    answers.add_answers(report, cases, wrong=5, silence=1)
    answers.add_retrieval(report, [case.question for case in cases], {"": lambda text: [DOGS]})
    answers.add_confidence(report, cases)

    assert results(report) == {}
