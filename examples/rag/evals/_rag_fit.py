"""Learn from the questions whose split is `dev`: `python -m evals._rag_fit`.

Writes data/rag/learned.json. Run it when the corpus has become another one, or the features; with
fewer than about 30 answerable and 15 unanswerable questions, what ships is likely to do better.
Confidence is the probability of being right if users ask as many unanswerable questions as `dev`
has: give it about their share.
"""

import json

import numpy as np
from mlcharter.evals import questions
from sklearn.model_selection import StratifiedGroupKFold

from harbour_answers.rag.chunks import Place
from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.learned import Evidence, Example, fit
from harbour_answers.rag.ranking import Scorer
from harbour_answers.rag.retrieval import Index
from harbour_answers.rag.system import DATA

from .rag import SEED, all_questions, documents

FOLDS = 5


def main() -> None:
    try:
        dev, _ = questions.divide(all_questions(), "dev")
    except NotImplementedError as error:
        raise SystemExit(f"nothing to learn from yet: {error}") from None
    if not dev:
        raise SystemExit(f"no question in {DATA / 'questions.csv'} has `dev` in its column `split`")
    scorer = Scorer(Index(ingest(documents())))
    examples = [
        Example(
            Evidence(scorer, question.text),
            tuple(Place(span.document, span.start, span.end) for span in question.spans),
        )
        for question in dev
    ]
    folds = np.zeros(len(dev), dtype=int)
    kinds, groups = [question.answerable for question in dev], questions.connect(dev)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for fold, (_, inside) in enumerate(splitter.split(kinds, kinds, groups)):
        folds[inside] = fold
    numbers = fit(scorer, examples, list(folds)).numbers()
    (DATA / "learned.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
