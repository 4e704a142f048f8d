"""A graph of faiss fits in place of exact search: its recall is measured, and it hides pages."""

from typing import Any

import numpy as np
import pytest
from mlcharter.evals import intervals

from system.rag.ingest import Corpus, ingest, read_corpus
from system.rag.retrieval import Floats, Index, Rows, ranked
from system.rag.system import DATA

from evals.rag import data

WHY = "faiss is not installed; test_day_one.py does it"
faiss: Any = pytest.importorskip("faiss", reason=WHY)

DEPTH = 10
FLOOR = 0.95  # of the share of the exact first ten that the graph finds


class Faiss(Index):
    """The store in memory, whose dense leg asks a graph for the nearest readable chunks."""

    def __init__(self, corpus: Corpus, links: int = 32, width: int = 64) -> None:
        super().__init__(corpus)
        vectors = np.asarray(self._vectors, dtype=np.float32)
        self.width = width
        self.graph = faiss.IndexHNSWFlat(vectors.shape[1], links, faiss.METRIC_INNER_PRODUCT)
        self.graph.add(vectors)

    def dense(self, question: str, rows: Rows = ...) -> Floats:
        """The cosine of what the graph finds, and -1 for all other chunks."""
        readable = np.arange(len(self.chunks))[rows]
        chosen = faiss.IDSelectorBatch(readable)
        asked = np.asarray(self.embedder.embed([question]), dtype=np.float32)
        how = faiss.SearchParametersHNSW(sel=chosen, efSearch=self.width)
        [scores], [found] = self.graph.search(asked, DEPTH, params=how)
        all_scores = np.full(len(self.chunks), -1.0)
        all_scores[found[found >= 0]] = scores[found >= 0]
        return all_scores[readable]


def measure(graph: Faiss, exact: Index) -> intervals.Estimate:
    """Return the share of the first ten; a chunk that ties with the tenth is as good as it."""
    shares = []
    for question in data.questions:
        scores = exact.dense(question.text)
        tenth = np.sort(scores)[-DEPTH] - 1e-6
        found = ranked(graph.dense(question.text), DEPTH)
        shares.append(float(np.mean(scores[found] >= tenth)))
    clusters = [question.cluster for question in data.questions]
    return intervals.mean(shares, clusters, unit="document", seed=7)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(DATA / "corpus")


def test_the_graph_finds_what_exact_search_finds(corpus: Corpus) -> None:
    assert measure(Faiss(corpus), Index(corpus)).lower >= FLOOR


def test_a_graph_with_too_few_links_does_not_pass(corpus: Corpus) -> None:
    assert measure(Faiss(corpus, links=2, width=1), Index(corpus)).lower < FLOOR


def test_hidden_chunks_are_not_among_the_nearest() -> None:
    pages = {f"{n}.md": f"# Crane {n}\n\nCrane {n} lifts {n} tonnes.\n".encode() for n in range(40)}
    secret = b"---\nreaders: staff\n---\n# Crane\n\nThe crane of the staff lifts 900 tonnes.\n"
    graph = Faiss(ingest({**pages, "secret.md": secret}))
    public = graph.search("What does the crane of the staff lift?", frozenset())
    assert "secret.md" not in {hit.chunk.place.document for hit in public}
    staff = graph.search("What does the crane of the staff lift?", frozenset(["staff"]))
    assert staff[0].chunk.place.document == "secret.md"
