"""A learned linear reranker: how well a passage answers a question, from five plain features."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from .chunks import Chunk, Place
from .injection import looks_like_an_instruction
from .retrieval import Floats, Store
from .text import tokens

FEATURES = ("coverage", "with context", "bigrams", "cosine", "number where one is asked")
ASKS_NUMBER = re.compile(
    r"\b(how (many|much|long|far|fast|deep|high|early|quickly|often|wet|small|strong|close)|when"
    r"|hours?|price|rate|cost|fare|limit|length|depth|speed|share|wind|bearing|penalty)\b",
    re.IGNORECASE,
)

KEPT = 10_000  # chunks whose passages are kept in memory

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Passage:
    """A chunk or one sentence of it, prepared for scoring; `around` adds its context's words."""

    place: Place
    text: str
    words: frozenset[str]
    around: frozenset[str]
    pairs: Pairs
    has_number: bool
    vector: Floats


class Scorer:
    """Features of (question, passage) pairs; word weights are the basis's inverse frequencies."""

    def __init__(self, store: Store) -> None:
        self.embedder = store.embedder
        self.prepare = lru_cache(KEPT)(self._prepare)
        n = len(store.basis)
        around = (set(tokens(f"{c.context}. {c.text}")) for c in store.basis)
        frequencies = Counter(word for words in around for word in words)
        self._weights = {word: float(np.log(1 + n / c)) for word, c in frequencies.items()}
        self._unseen = float(np.log(1 + 2 * n))

    def features(self, question: str, passages: Sequence[Passage]) -> Floats:
        """One row of FEATURES a passage, shape (passages, 5)."""
        asked = tokens(question)
        pairs = frozenset(pairwise(asked))
        asks_number = bool(ASKS_NUMBER.search(question))
        vector = self.embedder.embed([question])[0]
        rows = np.zeros((len(passages), len(FEATURES)))
        for row, passage in zip(rows, passages, strict=True):
            row[:] = (
                self._coverage(asked, passage.words),
                self._coverage(asked, passage.around),
                len(pairs & passage.pairs) / max(1, len(pairs)),
                passage.vector @ vector,
                float(asks_number and passage.has_number),
            )
        return rows

    def _coverage(self, asked: Sequence[str], words: frozenset[str]) -> float:
        """The share of the question's words, by weight, that a passage has; 0 to 1."""
        weights = [(self._weights.get(word, self._unseen), word in words) for word in asked]
        total = sum(weight for weight, _ in weights)
        return sum(weight for weight, found in weights if found) / total if total else 0.0

    def _prepare(self, chunk: Chunk) -> list[Passage]:
        """Return the passage of a chunk, then those of its sentences that may be quoted."""
        quotable = [one for one in chunk.sentences() if not looks_like_an_instruction(one[1])]
        passages = [(chunk.place, chunk.text), *quotable]
        vectors = self.embedder.embed([f"{chunk.context}. {text}" for _, text in passages])
        prepared = []
        for (place, text), vector in zip(passages, vectors, strict=True):
            inside = tokens(text)
            words = frozenset(inside)
            around = words | frozenset(tokens(chunk.context))
            pairs = frozenset(pairwise(inside))
            has_number = any(c.isdigit() for c in text)
            prepared.append(Passage(place, text, words, around, pairs, has_number, vector))
        return prepared


@dataclass(frozen=True)
class Linear:
    """A linear model on standardised features; its score is comparable between questions."""

    mean: list[float]
    scale: list[float]
    weights: list[float]
    bias: float

    @classmethod
    def fit(
        cls, features: Floats, positive: npt.NDArray[np.bool_], weight: str | None = "balanced"
    ) -> Self:
        """Return the logistic regression of `positive`, shape (rows,), on shape (rows, n).

        For probabilities the `weight` of classes is None, so that each is as common as it is.
        """
        if positive.all() or not positive.any():
            raise ValueError("all examples are of one kind; give answerable and unanswerable ones")
        mean, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-9)
        model = LogisticRegression(class_weight=weight, max_iter=500)
        model.fit((features - mean) / scale, positive)
        return cls(list(mean), list(scale), list(model.coef_[0]), float(model.intercept_[0]))

    def numbers(self) -> dict[str, Any]:
        """Return what was learned, to six digits."""
        learned = {"mean": self.mean, "scale": self.scale, "weights": self.weights}
        lists = {name: [round(float(v), 6) for v in values] for name, values in learned.items()}
        return {**lists, "bias": round(self.bias, 6)}

    def score(self, features: Floats) -> Floats:
        """Return log odds for each row, shape (rows,)."""
        scores = (features - self.mean) / np.array(self.scale) @ np.array(self.weights) + self.bias
        return np.asarray(scores, dtype=np.float64)
