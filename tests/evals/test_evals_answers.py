"""Answers are measured by cases that were worked out by hand."""

from dataclasses import dataclass

import pytest

from mlcharter.evals import answers, spans
from mlcharter.evals.answers import Case
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
        ("cost", "all", None): round((5 + 1 + 5) / 6, 4),  # cats, tugs, mayor
        ("cost", "all", "silence"): round((11 - 4) / 6, 4),
    }


def test_a_citation_that_does_not_resolve_supports_nothing() -> None:
    report = Report("rag", seed=7)
    changed = {**DOCUMENTS, "b.md": DOCUMENTS["b.md"].swapcase()}

    answers.add_support(report, CASES, changed, lambda claim, quoted: claim in quoted)

    assert results(report) == {
        ("support-coverage", "answered", None): 0.5,  # both answers from a.md
        ("faithfulness-at-2", "answered", None): 0.4,  # two sentences of five
    }
    assert answers.share_resolved(CASES, changed) == (0.4, 5)


def test_retrievers_are_compared_on_the_same_questions() -> None:
    report = Report("rag", seed=7)
    asked = [case.question for case in CASES]
    retrievers = {"": lambda text: [TUGS, DOGS, FOG], "bm25": lambda text: [DOGS]}

    answers.add_retrieval(report, asked, retrievers, [("", "bm25")])

    assert results(report) == {
        ("recall-at-1", "answerable", None): 0.25,
        ("recall-at-5", "answerable", None): 0.75,
        ("mrr-at-10", "answerable", None): round((1 + 1 / 2 + 1 / 3) / 4, 4),
        ("recall-at-1-bm25", "answerable", None): 0.25,
        ("recall-at-5-bm25", "answerable", None): 0.25,
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


@pytest.mark.parametrize("cases", [CASES[:1], CASES[:2], []])
def test_what_one_document_is_about_is_left_out(cases: list[Case]) -> None:
    report = Report("rag", seed=7)

    answers.add_answers(report, cases, wrong=5, silence=1)
    answers.add_retrieval(report, [case.question for case in cases], {"": lambda text: [DOGS]})

    assert results(report) == {}
