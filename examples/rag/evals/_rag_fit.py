"""Learn from the questions whose split is `dev`: `python -m evals._rag_fit`.

Writes data/rag/learned.json. Run it when the corpus has become another one, or the features; with
fewer than about 30 answerable and 15 unanswerable questions, what ships is likely to do better.
Confidence is the probability of being right if users ask as many unanswerable questions as `dev`
has: give it about their share.
"""

import json

from harbour_answers.rag.chunks import Place
from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.learned import Evidence, Example, fit
from harbour_answers.rag.ranking import Scorer
from harbour_answers.rag.retrieval import Index
from harbour_answers.rag.system import DATA

from .rag import SEED, data

FOLDS = 5


def main() -> None:
    try:
        dev = data.dev
    except NotImplementedError as error:
        raise SystemExit(f"nothing to learn from yet: {error}") from None
    if not dev:
        raise SystemExit(f"no question in {DATA / 'questions.csv'} has `dev` in its column `split`")
    index = Index(corpus := ingest(data.pages))
    scorer = Scorer(index)
    examples = [
        Example(
            Evidence(scorer, question.text, index.search(question.text, corpus.groups)),
            tuple(Place(span.document, span.start, span.end) for span in question.spans),
        )
        for question in dev
    ]
    numbers = fit(examples, data.folds(FOLDS, seed=SEED)).numbers()
    (DATA / "learned.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
