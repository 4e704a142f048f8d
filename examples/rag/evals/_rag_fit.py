"""Learn from the questions whose split is `dev`: `python -m evals._rag_fit`.

Writes data/rag/learned.json. Run it when the corpus has become another one, or the features; with
fewer than about 30 answerable and 15 unanswerable questions, what ships is likely to do better.
"""

import json

from mlcharter.evals import questions

from harbour_answers.rag.chunks import Place
from harbour_answers.rag.ingest import ingest, read_files
from harbour_answers.rag.learned import Evidence, Example, fit
from harbour_answers.rag.ranking import Scorer
from harbour_answers.rag.retrieval import Index
from harbour_answers.rag.system import DATA


def main() -> None:
    files = read_files(DATA / "corpus")
    scorer = Scorer(Index(ingest(files)))
    dev = [
        question
        for question in questions.read(DATA / "questions.csv", files)
        if question.columns.get("split") == "dev"
    ]
    examples = [
        Example(
            Evidence(scorer, question.text),
            tuple(Place(span.document, span.start, span.end) for span in question.spans),
        )
        for question in dev
    ]
    numbers = fit(scorer, examples).numbers()
    (DATA / "learned.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
