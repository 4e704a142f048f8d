"""What was learned from questions: a reranker, a choice of sentences, and how likely it is right.

`python -m evals._rag_fit` learns it again, from the questions whose split is `dev`; no gate is
decided on those.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .chunks import Chunk, Place
from .ranking import Linear, Passage, Scorer
from .retrieval import Floats, Hit, ranked
from .text import tokens

QUOTED = 2  # sentences in an answer


class Evidence:
    """What the retriever found for one question, before anything learned has looked at it.

    `features` has shape (candidates, 6), `quote_features` (quotes, 5), and `of` says for each quote
    which candidate it is in; `missing` counts the words of the question that even the best
    candidate lacks.
    """

    def __init__(self, scorer: Scorer, question: str, hits: Sequence[Hit]) -> None:
        self.candidates = [hit.chunk for hit in hits]
        prepared = [scorer.prepare(chunk) for chunk in self.candidates]
        passages = [passage for passage, *_ in prepared]
        rows = scorer.features(question, passages)
        self.features: Floats = np.column_stack([rows, [hit.fused for hit in hits]])
        self.best_bm25 = max(hit.bm25 for hit in hits)
        asked = frozenset(tokens(question))
        self.missing = min(len(asked - passage.around) for passage in passages)
        found = [(n, p) for n, (_, *quotable) in enumerate(prepared) for p in quotable]
        self.of = [n for n, _ in found]
        self.quotes: list[Passage] = [passage for _, passage in found]
        self.quote_features = scorer.features(question, self.quotes)


@dataclass(frozen=True)
class Example:
    """A question to learn from; `places` answer it, none if the corpus does not."""

    evidence: Evidence
    places: tuple[Place, ...]

    def answered_by(self, place: Place) -> bool:
        return any(place.overlaps(answer) for answer in self.places)


@dataclass(frozen=True)
class Learned:
    """Three linear models."""

    reranker: Linear
    chooser: Linear
    right: Linear

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Return what `numbers` gave, from JSON."""
        return cls(**{name: Linear(**model) for name, model in json.loads(data).items()})

    def numbers(self) -> dict[str, Any]:
        """Return all that was learned, to six digits: beyond that it differs between machines."""
        return {name: model.numbers() for name, model in vars(self).items()}

    def rerank(self, evidence: Evidence) -> list[Chunk]:
        """Return the candidates from best to worst."""
        return [evidence.candidates[n] for n in ranked(self.reranker.score(evidence.features))]

    def choose(self, evidence: Evidence) -> list[Passage]:
        """Return the sentences that answer best, QUOTED of them, from best to worst."""
        return _choose(self.reranker, self.chooser, evidence)

    def confidence(self, evidence: Evidence) -> float:
        """Return the probability that the chosen sentences answer the question.

        It supposes that as many questions have no answer as among those that it was learned from.
        """
        signals = _signals(self.reranker, self.chooser, evidence)
        log_odds = self.right.score(signals[np.newaxis])[0]
        return float(1 / (1 + np.exp(-log_odds)))


def fit(examples: Sequence[Example], folds: Sequence[int]) -> Learned:
    """Return what examples teach; both kinds of question are needed, and a dozen of each is few.

    Confidence is learned out of fold: from answers to questions of one fold, given by what the
    other folds taught. So no document of a question may be in another fold.
    """
    signals, right = [], []
    for fold in sorted(set(folds)):
        inside = np.array(folds) == fold
        taught = _fit_ranking([e for e, out in zip(examples, ~inside, strict=True) if out])
        for example in (e for e, within in zip(examples, inside, strict=True) if within):
            signals.append(_signals(*taught, example.evidence))
            chosen = _choose(*taught, example.evidence)
            right.append(any(example.answered_by(quote.place) for quote in chosen))
    confidence = Linear.fit(np.array(signals), np.array(right), weight=None)
    return Learned(*_fit_ranking(examples), confidence)


def _fit_ranking(examples: Sequence[Example]) -> tuple[Linear, Linear]:
    """Return the reranker and the chooser of answerable examples."""
    answerable = [example for example in examples if example.places]
    near = [e.answered_by(chunk.place) for e in answerable for chunk in e.evidence.candidates]
    reranker = Linear.fit(np.concatenate([e.evidence.features for e in answerable]), np.array(near))
    good = [e.answered_by(quote.place) for e in answerable for quote in e.evidence.quotes]
    quotes = [_quote_features(reranker, e.evidence) for e in answerable]
    return reranker, Linear.fit(np.concatenate(quotes), np.array(good))


def _choose(reranker: Linear, chooser: Linear, evidence: Evidence) -> list[Passage]:
    scores = chooser.score(_quote_features(reranker, evidence))
    return [evidence.quotes[i] for i in ranked(scores, QUOTED)]


def _quote_features(reranker: Linear, evidence: Evidence) -> Floats:
    chunk_scores = reranker.score(evidence.features)
    return np.column_stack([evidence.quote_features, chunk_scores[evidence.of]])


def _signals(reranker: Linear, chooser: Linear, evidence: Evidence) -> Floats:
    """What tells right answers from wrong ones; shape (7,)."""
    chunk_scores = np.sort(reranker.score(evidence.features))[::-1]
    others = chunk_scores[1:4] if len(chunk_scores) > 1 else np.zeros(1)
    quotes = chooser.score(_quote_features(reranker, evidence)) if evidence.quotes else [0.0]
    return np.array(
        [
            chunk_scores[0],
            chunk_scores[0] - others.mean(),
            max(quotes),
            evidence.features[:, 1].max(),
            evidence.features[:, 3].max(),
            evidence.best_bm25,
            evidence.missing,
        ]
    )
