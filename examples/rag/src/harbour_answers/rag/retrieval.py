"""The retriever: BM25 and a dense leg over the same chunks, fused by rank."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from types import EllipsisType
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from ..digests import sha256
from .chunks import MAX_CHARS, OVERLAP, Chunk, chunked, deduplicated
from .ingest import Corpus
from .text import STOPWORDS, SUFFIXES, tokens

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp] | EllipsisType  # numbers of chunks, or `...` for all


@dataclass(frozen=True)
class Settings:
    """The numbers that decide a ranking besides the corpus.

    LSA and weights of words learn from pages for everybody, and from those of groups in `basis`.
    """

    max_chars: int = MAX_CHARS
    overlap: int = OVERLAP
    k1: float = 1.2
    b: float = 0.75
    dimensions: int = 128
    seed: int = 7
    fusion_k: int = 60
    candidates: int = 20
    basis: tuple[str, ...] = ()


class Embedder(Protocol):
    """The dense leg: texts to unit vectors, shape (texts, dimensions).

    `name` tells it from every other: it has the digest of weights that are not made here.
    """

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Floats: ...


class Lsa:
    """Latent semantic analysis: no weights to download, the same vectors for the same texts."""

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


@dataclass(frozen=True)
class Hit:
    """A passage that was found: its BM25 score, and its score by ranks of both legs, see `rrf`."""

    chunk: Chunk
    bm25: float
    fused: float


class Store(Protocol):
    """Searches passages: `Index` in memory, or a client of pgvector, OpenSearch or Qdrant.

    `basis` are the chunks that teach weights of words. The digests are those of `Index`.
    """

    @property
    def basis(self) -> Sequence[Chunk]: ...
    @property
    def embedder(self) -> Embedder: ...
    @property
    def retriever(self) -> str: ...
    @property
    def digest(self) -> str: ...

    def search(self, query: str, caller: frozenset[str]) -> Sequence[Hit]:
        """Return the best passages that members of these groups may read, best first.

        Filter in the query, since what is dropped from its results has taken the place of others.
        """


class Index:
    """The chunks of a corpus without exact duplicates, searchable by both legs.

    Without an `embedder` the dense leg is Lsa, fitted to the basis.
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
        self.basis = [self.chunks[i] for i in self.readable(frozenset(self.settings.basis))]
        if not self.basis:
            remedy = "put Markdown pages into data/rag/corpus/, or groups into Settings.basis"
            raise ValueError(f"the corpus has no text for everybody; {remedy}")
        texts = [f"{chunk.context}. {chunk.text}" for chunk in self.chunks]
        words = CountVectorizer(analyzer=tokens, dtype=np.float64)
        self._counts = words.fit_transform(texts).tocsc()
        self._column = words.vocabulary_
        self._lengths = np.asarray(self._counts.sum(axis=1), dtype=np.float64)
        basis = [f"{chunk.context}. {chunk.text}" for chunk in self.basis]
        self.embedder: Embedder = embedder or Lsa(basis, self.settings)
        self._vectors = self.embedder.embed(texts)

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

    def readable(self, caller: frozenset[str]) -> npt.NDArray[np.intp]:
        """Return the numbers of the chunks that members of these groups may read."""
        chunks = enumerate(self.chunks)
        rows = [i for i, c in chunks if c.readers is None or c.readers & caller]
        return np.array(rows, dtype=np.intp)

    def search(self, query: str, caller: frozenset[str]) -> list[Hit]:
        """Return the best passages; even frequencies of words are those of readable ones alone.

        So neither ranks nor confidence tell a caller what hidden pages say.
        """
        rows = self.readable(caller)
        if not len(rows):
            return []
        bm25, fused = self.bm25(query, rows), self.fused(query, rows)
        best = ranked(fused, self.settings.candidates)
        return [Hit(self.chunks[rows[i]], float(bm25[i]), float(fused[i])) for i in best]

    def bm25(self, question: str, rows: Rows = ...) -> Floats:
        """A score for each chunk; all zero when they have none of the words."""
        columns = [self._column[word] for word in tokens(question) if word in self._column]
        counts = self._counts[:, columns].toarray()[rows]
        having = (counts > 0).sum(axis=0)
        counts, having = counts[:, having > 0], having[having > 0]
        rarity = np.log1p((len(counts) - having + 0.5) / (having + 0.5))
        k1, b, lengths = self.settings.k1, self.settings.b, self._lengths[rows]
        norms = k1 * (1 - b + b * lengths / lengths.mean())
        return np.asarray((rarity * counts / (counts + norms)).sum(axis=1), dtype=np.float64)

    def dense(self, question: str, rows: Rows = ...) -> Floats:
        """The cosine between the question and each chunk."""
        found = self._vectors[rows] @ self.embedder.embed([question])[0]
        return np.asarray(found, dtype=np.float64)

    def fused(self, question: str, rows: Rows = ...) -> Floats:
        """Reciprocal rank fusion of both legs."""
        return rrf([self.bm25(question, rows), self.dense(question, rows)], self.settings.fusion_k)


def ranked(scores: Floats, k: int | None = None) -> list[int]:
    """Positions from best to worst; equal scores keep the order of the corpus."""
    order = np.argsort(-np.round(scores, 9), kind="stable")
    return [int(i) for i in order[:k]]


def rrf(legs: Sequence[Floats], k: int) -> Floats:
    """The sum over legs of k / (k + rank), with ranks from 1."""
    total = np.zeros(len(legs[0]))
    for scores in legs:
        for rank, i in enumerate(ranked(scores), start=1):
            total[i] += k / (k + rank)
    return total
