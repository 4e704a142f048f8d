"""What is measured of the answers; definitions stand in docs/eval_pack.md and do not move."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..intervals import Indices, Interval, bootstrap, wilson
from .answers import Answer, Answerer, Evidence, trained
from .chunks import Chunk
from .citations import BrokenCitationError, Citation, resolve
from .golden import Question, folds
from .ingest import Corpus
from .ranking import Scorer
from .retrieval import Floats, Index, ranked
from .support import supported

FOLDS = 5
DEPTH = 10
Measured = tuple[float, int, Interval]


@dataclass(frozen=True)
class Outcome:
    """What each system ranked first for one question, as chunk numbers, and the answer."""

    question: Question
    rankings: dict[str, list[int]]
    answer: Answer


def crossfitted(
    index: Index,
    golden: Sequence[Question],
    reorder: Callable[[list[int]], list[int]] = lambda order: order,
    respond: Callable[[Answerer, Evidence], Answer] = Answerer.answer,
) -> list[Outcome]:
    """Each question answered by a system that never saw it.

    Reranker, choice of sentences and threshold are learned on four folds and judged on the fifth.
    """
    scorer = Scorer(index)
    examples = [(Evidence(scorer, q.question), q) for q in golden]
    fold = folds(list(golden), FOLDS)
    outcomes: dict[int, Outcome] = {}
    for judged in range(FOLDS):
        answerer = trained(scorer, [e for e, f in zip(examples, fold, strict=True) if f != judged])
        for i, (evidence, question) in enumerate(examples):
            if fold[i] == judged:
                rankings = {
                    "bm25": ranked(index.bm25(question.question), DEPTH),
                    "dense": ranked(index.dense(question.question), DEPTH),
                    "fused": evidence.candidates[:DEPTH],
                    "reranked": reorder(answerer.rerank(evidence))[:DEPTH],
                }
                outcomes[i] = Outcome(question, rankings, respond(answerer, evidence))
    return [outcomes[i] for i in sorted(outcomes)]


def reciprocal_ranks(outcomes: Sequence[Outcome], system: str, chunks: Sequence[Chunk]) -> Floats:
    """1 / rank of the first chunk with an answer, 0 beyond ten; one number a question."""

    def rank(outcome: Outcome) -> float:
        for n, i in enumerate(outcome.rankings[system], start=1):
            if outcome.question.answered_by(chunks[i].places):
                return 1 / n
        return 0.0

    return np.array([rank(outcome) for outcome in outcomes])


def mean(values: Floats, *, seed: int) -> Measured:
    """A mean over questions with its bootstrap interval."""

    def statistic(rows: Indices) -> float:
        return float(values[rows].mean())

    interval = bootstrap(statistic, np.arange(len(values)), unit="question", seed=seed)
    return float(values.mean()), len(values), interval


def share(hits: Sequence[bool], unit: str) -> Measured:
    """A share with Wilson's interval."""
    return sum(hits) / len(hits), len(hits), wilson(sum(hits), len(hits), unit=unit)


def auroc(scored: Sequence[tuple[float, bool]], *, seed: int) -> Measured:
    """How often a positive case scores above a negative one, ties counted half; 0.5 is chance."""
    scores = np.array([score for score, _ in scored])
    positive = np.array([label for _, label in scored])

    def statistic(rows: Indices) -> float:
        chosen, labels = scores[rows], positive[rows]
        above = chosen[labels][:, np.newaxis] - chosen[~labels]
        return float((np.sign(above).mean() + 1) / 2) if above.size else float("nan")

    everyone = np.arange(len(scores))
    interval = bootstrap(statistic, everyone, unit="question", seed=seed)
    return statistic(everyone), len(scores), interval


def answer_covered(answer: Answer, corpus: Corpus) -> bool:
    """Support coverage: every sentence has a citation that resolves and supports it."""
    quotes = quoted(answer.citations, corpus)
    return all(any(supported(s, quote) for quote in quotes) for s in answer.sentences)


def claims_supported(answer: Answer, corpus: Corpus) -> list[bool]:
    """Faithfulness at k: for each claim, whether the k cited spans together support it."""
    quotes = quoted(answer.citations, corpus)
    texts = [*quotes, " ".join(quotes)]
    return [any(supported(claim, text) for text in texts) for claim in answer.sentences]


def quoted(citations: Sequence[Citation], corpus: Corpus) -> list[str]:
    """The texts of the citations that resolve; the others support nothing."""
    texts = []
    for citation in citations:
        try:
            texts.append(resolve(corpus, citation))
        except BrokenCitationError:
            continue
    return texts
