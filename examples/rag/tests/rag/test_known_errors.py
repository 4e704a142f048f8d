"""The errors that were read are all that there are; a new one has to be read first."""

import csv
from collections import Counter
from pathlib import Path

from mlcharter.evals import retrieval
from mlcharter.evals.questions import read

from harbour_answers.rag.ingest import read_files
from harbour_answers.rag.system import DATA, System

READ = Path("evidence/errors-read-2026-11.csv")


def test_there_are_no_other_errors_than_were_read() -> None:
    system, wrong = System.load(), {}
    for question in read(DATA / "questions.csv", read_files(DATA / "corpus")):
        answer = system.answer(question.text)
        if answer.abstained == question.answerable:
            wrong[question.text] = "turned away" if answer.abstained else "false answer"
        elif question.answerable and not any(retrieval.match(answer.citations, question.spans)):
            wrong[question.text] = "wrong answer"
    with READ.open(encoding="utf-8") as file:
        assert wrong == {row["question"]: row["what"] for row in csv.DictReader(file)}
    assert Counter(wrong.values()) == {"wrong answer": 5, "turned away": 25, "false answer": 6}
