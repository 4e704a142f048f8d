"""The whole system, on the corpus and questions that are there: it quotes, cites and abstains."""

import pytest
from mlcharter.evals import questions

from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.injection import looks_like_an_instruction
from harbour_answers.rag.retrieval import Index, Settings
from harbour_answers.rag.spans import resolve
from harbour_answers.rag.system import DATA, System

FILES = {"fog.md": b"# Fog\n\nBelow 200 metres all stops.\n", "tug.md": b"# Tug\n\nIt has crew.\n"}
HIDDEN = {  # the first has a text that another page has too
    "a.md": b"---\nreaders: staff\n---\n# Tug\n\nIt has crew.\n\nIts crew sleeps in fog.\n",
    "pay.md": b"---\nreaders: staff, board\n---\n# Pay\n\nThe crew of the tug earns 900 a day.\n",
}


@pytest.fixture(scope="module")
def system() -> System:
    return System.load()


def test_answers_are_quotations_with_citations_that_resolve(system: System) -> None:
    contents = {name: document.data for name, document in system.corpus.documents.items()}
    answerable = [q for q in questions.read(DATA / "questions.csv", contents) if q.answerable]
    answers = [system.answer(question.text) for question in answerable[:20]]
    assert not all(answer.abstained for answer in answers)
    for answer in answers:
        texts = [resolve(span, contents[span.document]) for span in answer.citations]
        assert texts == list(answer.sentences)
        assert not any(map(looks_like_an_instruction, texts))


@pytest.mark.parametrize("question", ["", "?", "xyzzy plugh"])
def test_a_question_without_a_known_word_is_not_answered(system: System, question: str) -> None:
    assert system.answer(question).abstained


def test_a_caller_learns_nothing_of_pages_that_he_may_not_read(system: System) -> None:
    whole = System(ingest(FILES | HIDDEN), system.learned)
    public = System(ingest(FILES), system.learned)
    whole.threshold = public.threshold = 0.0
    for question in ("What does the crew earn a day?", "Has it crew?", "When does fog stop it?"):
        told = whole.answer(question, frozenset(["board"]))  # first, so that nothing of it is kept
        assert "a.md" not in {span.document for span in told.retrieved}
        assert whole.answer(question) == public.answer(question)
        assert whole.answer(question, frozenset(["guests"])) == public.answer(question)
    paid = whole.answer("What does the crew earn a day?", frozenset(["staff"]))
    assert paid.sentences[0] == "The crew of the tug earns 900 a day."


def test_a_caller_who_may_read_no_page_gets_no_answer(system: System) -> None:
    corpus = ingest(HIDDEN)
    staff = System(corpus, system.learned, Index(corpus, Settings(basis=("staff",))))
    hidden = staff.answer("What does the crew earn a day?")
    assert (hidden.abstained, hidden.retrieved, hidden.confidence) == (True, (), 0.0)
