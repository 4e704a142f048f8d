"""The retriever: BM25 and a dense leg over the same chunks, fused by rank."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import bm25s
import numpy as np
import numpy.typing as npt
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from ..digests import sha256
from .chunks import MAX_CHARS, OVERLAP, Chunk, chunked, deduplicated
from .ingest import Corpus
from .text import STOPWORDS, SUFFIXES, tokens

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Settings:
    """The numbers that decide a ranking besides the corpus."""

    max_chars: int = MAX_CHARS
    overlap: int = OVERLAP
    k1: float = 1.2
    b: float = 0.75
    dimensions: int = 128
    seed: int = 7
    fusion_k: int = 60
    candidates: int = 20


class Embedder(Protocol):
    """The dense leg: texts to unit vectors, shape (texts, dimensions).

    `name` tells it from every other: a digest stands in it where weights are not made here.
    """

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Floats: ...


class Lsa:
    """Latent semantic analysis: no weights to download, the same vectors for the same corpus."""

    name = "lsa"

    def __init__(self, texts: Sequence[str], settings: Settings) -> None:
        self._tfidf = TfidfVectorizer(analyzer=tokens, sublinear_tf=True)
        matrix = self._tfidf.fit_transform(texts)
        rank = max(1, min(settings.dimensions, min(matrix.shape) - 1))
        self._svd = TruncatedSVD(rank, random_state=settings.seed).fit(matrix)

    def embed(self, texts: Sequence[str]) -> Floats:
        vectors: Floats = self._svd.transform(self._tfidf.transform(texts))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float64)


class Index:
    """The chunks of a corpus without exact duplicates, searchable by both legs.

    Without an `embedder` the dense leg is Lsa, fitted to the corpus.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.corpus = corpus
        self.settings = settings or Settings()
        everything = chunked(corpus, self.settings.max_chars, self.settings.overlap)
        self.chunks: list[Chunk] = deduplicated(everything)
        if not self.chunks:
            raise ValueError("the corpus has no text; put Markdown pages into data/rag/corpus/")
        texts = [f"{chunk.context}. {chunk.text}" for chunk in self.chunks]
        self._given = embedder
        self._bm25 = bm25s.BM25(k1=self.settings.k1, b=self.settings.b)
        self._bm25.index([tokens(text) for text in texts], show_progress=False)
        self.embedder: Embedder = embedder or Lsa(texts, self.settings)
        self._vectors = self.embedder.embed(texts)

    def narrow(self, corpus: Corpus) -> "Index":
        """Return an index of other documents with the same settings."""
        return Index(corpus, self.settings, self._given)

    @property
    def retriever(self) -> str:
        """The digest that names the retriever: all that decides a ranking but the corpus."""
        words = [sorted(STOPWORDS), list(SUFFIXES)]
        legs = ["bm25", self.embedder.name]
        return sha256({**asdict(self.settings), "words": words, "legs": legs, "fusion": "rrf"})

    @property
    def digest(self) -> str:
        """Names the index: its chunks and how they were made, not floats of one machine."""
        places = [[asdict(chunk.place), chunk.context, chunk.text] for chunk in self.chunks]
        return sha256([self.corpus.digest, self.retriever, places])

    def bm25(self, question: str) -> Floats:
        """A score for each chunk; all zero when the corpus has none of the words."""
        known = [token for token in tokens(question) if token in self._bm25.vocab_dict]
        if not known:
            return np.zeros(len(self.chunks))
        return np.asarray(self._bm25.get_scores(known), dtype=np.float64)

    def dense(self, question: str) -> Floats:
        """The cosine between the question and each chunk."""
        return np.asarray(self._vectors @ self.embedder.embed([question])[0], dtype=np.float64)

    def fused(self, question: str) -> Floats:
        """Reciprocal rank fusion of both legs."""
        return rrf([self.bm25(question), self.dense(question)], self.settings.fusion_k)


def ranked(scores: Floats, k: int | None = None) -> list[int]:
    """Positions from best to worst; equal scores keep the order of the corpus."""
    order = np.argsort(-np.round(scores, 9), kind="stable")
    return [int(i) for i in order[:k]]


def rrf(legs: Sequence[Floats], k: int) -> Floats:
    """The sum over legs of 1 / (k + rank), with ranks from 1."""
    total = np.zeros(len(legs[0]))
    for scores in legs:
        for rank, i in enumerate(ranked(scores), start=1):
            total[i] += 1 / (k + rank)
    return total
