"""Answers that are quotations: retrieve, rerank, choose sentences, cite them, or abstain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .citations import Citation, cite
from .golden import Question, folds
from .ranking import Linear, Passage, Scorer
from .retrieval import Floats, ranked
from .text import tokens

QUOTED = 2
FALSE_ABSTENTION = 0.10


@dataclass(frozen=True)
class Answer:
    """Sentences of the corpus with one citation each; none of both when abstaining."""

    sentences: tuple[str, ...]
    citations: tuple[Citation, ...]
    confidence: float

    @property
    def abstained(self) -> bool:
        return not self.sentences


class Evidence:
    """What the retriever found for one question, before anything learned has looked at it.

    `candidates` are chunk numbers; `features` has shape (candidates, 6),
    `quote_features` (quotes, 5), and `of` says for each quote which candidate it stands in;
    `missing` counts the words of the question that even the best candidate lacks.
    """

    def __init__(self, scorer: Scorer, question: str) -> None:
        index = scorer.index
        fused = index.fused(question)
        self.candidates = ranked(fused, index.settings.candidates)
        rows = scorer.features(question, [scorer.passages[i] for i in self.candidates])
        rank_score = fused[self.candidates] * index.settings.fusion_k
        self.features: Floats = np.column_stack([rows, rank_score])
        self.best_bm25 = float(index.bm25(question).max())
        asked = frozenset(tokens(question))
        self.missing = min(len(asked - scorer.passages[i].around) for i in self.candidates)
        found = [(n, p) for n, i in enumerate(self.candidates) for p in scorer.quotable[i]]
        self.of = [n for n, _ in found]
        self.quotes: list[Passage] = [passage for _, passage in found]
        self.quote_features = scorer.features(question, self.quotes)


Example = tuple[Evidence, Question]


class Answerer:
    """A reranker, a chooser of sentences and an abstention rule, learned from golden questions."""

    def __init__(self, scorer: Scorer, examples: Sequence[Example], threshold: float = 0.5) -> None:
        self.index = scorer.index
        self.threshold = threshold
        answerable = [(evidence, q) for evidence, q in examples if q.answerable]
        relevant = [
            q.answered_by(self.index.chunks[i].places) for e, q in answerable for i in e.candidates
        ]
        self._reranker = Linear(
            np.concatenate([e.features for e, _ in answerable]), np.array(relevant)
        )
        good = [q.answered_by([quote.place]) for e, q in answerable for quote in e.quotes]
        self._chooser = Linear(
            np.concatenate([self._quote_features(e) for e, _ in answerable]), np.array(good)
        )
        self._answerable = Linear(
            np.array([self._signals(evidence) for evidence, _ in examples]),
            np.array([q.answerable for _, q in examples]),
        )

    def numbers(self) -> dict[str, object]:
        """What was learned from the golden questions: a release keeps it as its `model`."""
        return {
            "reranker": self._reranker.numbers(),
            "chooser": self._chooser.numbers(),
            "answerable": self._answerable.numbers(),
            "threshold": round(self.threshold, 6),
        }

    def rerank(self, evidence: Evidence) -> list[int]:
        """Chunk numbers from best to worst."""
        order = ranked(self._reranker.score(evidence.features))
        return [evidence.candidates[n] for n in order]

    def confidence(self, evidence: Evidence) -> float:
        """How likely the corpus answers the question at all, 0 to 1."""
        log_odds = self._answerable.score(self._signals(evidence)[np.newaxis])[0]
        return float(1 / (1 + np.exp(-log_odds)))

    def answer(self, evidence: Evidence) -> Answer:
        """The best sentences of all candidates, or nothing below the threshold."""
        confidence = self.confidence(evidence)
        if confidence < self.threshold or not evidence.quotes:
            return Answer((), (), confidence)
        order = ranked(self._chooser.score(self._quote_features(evidence)), QUOTED)
        chosen = [evidence.quotes[i] for i in order]
        citations = tuple(cite(self.index.corpus, quote.place) for quote in chosen)
        return Answer(tuple(quote.text for quote in chosen), citations, confidence)

    def _quote_features(self, evidence: Evidence) -> Floats:
        chunk_scores = self._reranker.score(evidence.features)
        return np.column_stack([evidence.quote_features, chunk_scores[evidence.of]])

    def _signals(self, evidence: Evidence) -> Floats:
        """What tells an answerable question from one that is not; shape (7,)."""
        chunk_scores = np.sort(self._reranker.score(evidence.features))[::-1]
        return np.array(
            [
                chunk_scores[0],
                chunk_scores[0] - chunk_scores[1:4].mean(),
                self._chooser.score(self._quote_features(evidence)).max(),
                evidence.features[:, 1].max(),
                evidence.features[:, 3].max(),
                evidence.best_bm25,
                evidence.missing,
            ]
        )


def trained(scorer: Scorer, examples: Sequence[Example], parts: int = 4) -> Answerer:
    """An Answerer whose threshold comes from questions it had not seen.

    Each part of `examples` is judged by an Answerer that learned from the others;
    the threshold turns away FALSE_ABSTENTION of the answerable ones. Then all are learned from.
    """
    part = folds([question for _, question in examples], parts)
    kept = []
    for held_out in range(parts):
        seen = [e for e, p in zip(examples, part, strict=True) if p != held_out]
        answerer = Answerer(scorer, seen)
        unseen = [e for e, p in zip(examples, part, strict=True) if p == held_out]
        kept += [answerer.confidence(evidence) for evidence, q in unseen if q.answerable]
    return Answerer(scorer, examples, float(np.quantile(kept, FALSE_ABSTENTION)))
