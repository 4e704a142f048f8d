"""Answers that are quotations: retrieve, rerank, choose sentences, cite them, or abstain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from .chunks import Chunk, Place
from .citations import Citation, cite
from .golden import Question
from .injection import looks_like_an_instruction
from .ranking import LinearRanker, Scorer
from .retrieval import Floats, Index, ranked

QUOTED = 2
MAX_FALSE_ABSTENTION = 0.08


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
    """What the retriever found for one question; independent of anything learned."""

    def __init__(self, scorer: Scorer, index: Index, question: str) -> None:
        self.question = question
        self._scorer = scorer
        self._index = index
        self.bm25 = index.bm25(question)
        self.fused = index.fused(question)
        self.candidates = ranked(self.fused, index.settings.candidates)

    @cached_property
    def chunks(self) -> list[Chunk]:
        return [self._index.chunks[i] for i in self.candidates]

    @cached_property
    def chunk_features(self) -> Floats:
        """Features of each candidate, and its fused score; shape (candidates, 6)."""
        passages = [(chunk.context, chunk.text) for chunk in self.chunks]
        rows = self._scorer.features(self.question, passages)
        fused = self.fused[self.candidates] * self._index.settings.fusion_k
        return np.column_stack([rows, fused])

    @cached_property
    def sentences(self) -> list[tuple[int, Place, str]]:
        """Every quotable sentence of the candidates, with the candidate it stands in."""
        return [
            (n, place, text)
            for n, chunk in enumerate(self.chunks)
            for place, text in chunk.sentences()
            if not looks_like_an_instruction(text)
        ]

    @cached_property
    def sentence_features(self) -> Floats:
        passages = [(self.chunks[n].context, text) for n, _, text in self.sentences]
        return self._scorer.features(self.question, passages)


class Answerer:
    """A reranker, a sentence ranker and an abstention rule, learned from questions with spans."""

    def __init__(self, index: Index, training: Sequence[tuple[Evidence, Question]]) -> None:
        self._index = index
        answerable = [(evidence, q) for evidence, q in training if q.answerable]
        self._reranker = LinearRanker(
            np.concatenate([evidence.chunk_features for evidence, _ in answerable]),
            np.concatenate(
                [[q.answered_by(places(c)) for c in evidence.chunks] for evidence, q in answerable]
            ),
        )
        self._chooser = LinearRanker(
            np.concatenate([self._choice(evidence) for evidence, _ in answerable]),
            np.concatenate(
                [
                    [q.answered_by([place]) for _, place, _ in evidence.sentences]
                    for evidence, q in answerable
                ]
            ),
        )
        self._answerable: Pipeline = make_pipeline(
            StandardScaler(), LogisticRegression(class_weight="balanced")
        )
        self._answerable.fit(
            np.array([self._signals(evidence) for evidence, _ in training]),
            [q.answerable for _, q in training],
        )
        self.threshold = 0.5

    def calibrate(self, held_out: Iterable[tuple[Evidence, Question]]) -> None:
        """Choose the threshold on questions that nothing was learned from.

        The highest one at which at most MAX_FALSE_ABSTENTION of the answerable are turned away.
        """
        kept = [self.confidence(evidence) for evidence, q in held_out if q.answerable]
        self.threshold = float(np.quantile(kept, MAX_FALSE_ABSTENTION, method="lower"))

    def rerank(self, evidence: Evidence) -> list[int]:
        """Positions among the candidates from best to worst."""
        return ranked(self._reranker.score(evidence.chunk_features))

    def confidence(self, evidence: Evidence) -> float:
        """How likely the corpus answers the question at all, 0 to 1."""
        return float(self._answerable.predict_proba([self._signals(evidence)])[0, 1])

    def answer(self, evidence: Evidence) -> Answer:
        """The best sentences of the best chunk, or nothing below the threshold."""
        confidence = self.confidence(evidence)
        if confidence < self.threshold:
            return Answer((), (), confidence)
        chosen = self._chosen(evidence)
        citations = tuple(cite(self._index.corpus, place) for place, _ in chosen)
        return Answer(tuple(text for _, text in chosen), citations, confidence)

    def _chosen(self, evidence: Evidence) -> list[tuple[Place, str]]:
        order = ranked(self._chooser.score(self._choice(evidence)))
        return [evidence.sentences[i][1:] for i in order[:QUOTED]]

    def _choice(self, evidence: Evidence) -> Floats:
        """Features of each sentence, with its chunk's score; shape (sentences, 6)."""
        chunk_scores = self._reranker.score(evidence.chunk_features)
        of_chunk = [chunk_scores[n] for n, _, _ in evidence.sentences]
        return np.column_stack([evidence.sentence_features, of_chunk])

    def _signals(self, evidence: Evidence) -> Floats:
        """What tells an answerable question from one that is not; shape (6,)."""
        chunk_scores = np.sort(self._reranker.score(evidence.chunk_features))[::-1]
        best_sentence = self._chooser.score(self._choice(evidence)).max()
        best_chunk = evidence.chunk_features.max(axis=0)
        return np.array(
            [
                chunk_scores[0],
                chunk_scores[0] - chunk_scores[1:4].mean(),
                best_sentence,
                best_chunk[1],
                best_chunk[3],
                evidence.bm25.max(),
            ]
        )


def places(chunk: Chunk) -> list[Place]:
    """Where the text of a chunk stands, its copies included."""
    return [chunk.place, *chunk.copies]
