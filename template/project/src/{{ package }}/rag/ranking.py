"""A learned linear reranker: how well a passage answers a question, from five plain features."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from .retrieval import Floats, Index
from .text import tokens

FEATURES = ("coverage", "with context", "bigrams", "cosine", "number where one is asked")
ASKS_NUMBER = re.compile(
    r"\b(how (many|much|long|far|fast|deep|high|early|quickly|often|wet|small|strong|close)|when"
    r"|hours?|price|rate|cost|fare|limit|length|depth|speed|share|wind|bearing|penalty)\b",
    re.IGNORECASE,
)


class Scorer:
    """Features of (question, passage) pairs; word weights are the corpus's inverse frequencies."""

    def __init__(self, index: Index) -> None:
        self._index = index
        counts: dict[str, int] = {}
        for chunk in index.chunks:
            for token in set(tokens(f"{chunk.context} {chunk.text}")):
                counts[token] = counts.get(token, 0) + 1
        n = len(index.chunks)
        self._idf = {token: float(np.log(1 + n / c)) for token, c in counts.items()}
        self._unseen = float(np.log(1 + n / 0.5))

    def weight(self, token: str) -> float:
        return self._idf.get(token, self._unseen)

    def coverage(self, question: str, passage: str) -> float:
        """The share of the question's words, by weight, that stand in the passage; 0 to 1."""
        asked = set(tokens(question))
        total = sum(sorted(self.weight(token) for token in asked))
        found = sum(sorted(self.weight(token) for token in asked & set(tokens(passage))))
        return found / total if total else 0.0

    def features(self, question: str, passages: Sequence[tuple[str, str]]) -> Floats:
        """One row of FEATURES for each (context, text), shape (passages, 5)."""
        words = tokens(question)
        pairs = set(zip(words, words[1:], strict=False))
        texts = [f"{context}. {text}" for context, text in passages]
        cosines = self._index.embedder.embed(texts) @ self._index.embedder.embed([question])[0]
        rows = np.zeros((len(passages), len(FEATURES)))
        asks_number = bool(ASKS_NUMBER.search(question))
        for row, (_, text), whole, cosine in zip(rows, passages, texts, cosines, strict=True):
            inside = tokens(text)
            shared = pairs & set(zip(inside, inside[1:], strict=False))
            has_number = any(c.isdigit() for c in text)
            row[:] = (
                self.coverage(question, text),
                self.coverage(question, whole),
                len(shared) / max(1, len(pairs)),
                cosine,
                float(asks_number and has_number),
            )
        return rows


class LinearRanker:
    """Logistic regression on pairs, so that its score is comparable between questions."""

    def __init__(self, features: Floats, relevant: npt.NDArray[np.bool_]) -> None:
        self._model = LogisticRegression(class_weight="balanced", max_iter=500)
        self._model.fit(features, relevant)

    def score(self, features: Floats) -> Floats:
        """Log odds that each passage answers, shape (passages,)."""
        return np.asarray(self._model.decision_function(features), dtype=np.float64)
