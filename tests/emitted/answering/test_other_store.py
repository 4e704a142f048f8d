"""A search engine fits behind the protocol of a store: tantivy, with permissions in its query."""

from collections.abc import Iterator
from typing import Any

import pytest

from system.rag.ingest import Corpus, ingest, read_corpus
from system.rag.retrieval import Hit, Index, ranked
from system.rag.system import DATA, System
from system.rag.text import tokens

from evals.rag import data

WHY = "tantivy is not installed; test_day_one.py does it"
tantivy: Any = pytest.importorskip("tantivy", reason=WHY)

EVERYBODY = ","  # no group has a comma in its name
FACTOR = 2.2  # by k1 + 1, tantivy's BM25 is larger than ours
FILES = {"fog.md": b"# Fog\n\nBelow 200 metres all stops.\n", "tug.md": b"# Tug\n\nIt has crew.\n"}
HIDDEN = {"pay.md": b"---\nreaders: staff\n---\n# Pay\n\nThe crew of the tug earns 900 a day.\n"}
QUESTION = "What does the crew earn a day?"


class Tantivy:
    """The lexical leg alone, with what is learned of a corpus from an index in memory."""

    def __init__(self, corpus: Corpus) -> None:
        index = Index(corpus)
        self.chunks, self.basis, self.embedder = index.chunks, index.basis, index.embedder
        self.retriever, self.digest = "tantivy", corpus.digest
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("readers", tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("chunk", fast=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema)
        writer = self.index.writer(15_000_000, num_threads=1)
        for n, chunk in enumerate(self.chunks):
            words = " ".join(tokens(f"{chunk.context}. {chunk.text}"))
            row = tantivy.Document(words=words, chunk=n)
            for group in chunk.readers or [EVERYBODY]:
                row.add_text("readers", group)
            writer.add_document(row)
        writer.commit()
        self.index.reload()

    def search(self, query: str, caller: frozenset[str]) -> list[Hit]:
        q, must, should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should
        terms = [q.term_query(self.schema, "words", word, "freq") for word in tokens(query)]
        readers = q.term_set_query(self.schema, "readers", [EVERYBODY, *caller])
        asked = q.boolean_query([(should, term) for term in terms])
        filtered = [(must, asked), (must, q.const_score_query(readers, 0.0))]
        searcher = self.index.searcher()
        found = searcher.search(q.boolean_query(filtered), limit=20).hits
        numbers = searcher.fast_field_values("chunk", [address for _, address in found])
        rows: Iterator[tuple[int, Any]] = enumerate(zip(numbers, found, strict=True), 1)
        return [
            Hit(self.chunks[n], score / FACTOR, 60 / (60 + rank)) for rank, (n, (score, _)) in rows
        ]


@pytest.fixture(scope="module")
def system() -> System:
    return System.load()


def test_another_store_finds_pages_for_those_who_may_read_them(system: System) -> None:
    corpus = ingest(FILES | HIDDEN)
    other = System(corpus, system.learned, Tantivy(corpus))
    other.threshold = 0.0
    paid = other.answer(QUESTION, frozenset(["staff"]))
    assert paid.sentences[0] == "The crew of the tug earns 900 a day."
    assert {span.document for span in other.answer(QUESTION).retrieved} == {"tug.md"}
    assert other.answer("What is a day?").retrieved == ()


def test_its_scores_are_ours_where_everybody_may_read_all() -> None:
    corpus = read_corpus(DATA / "corpus")
    index, other = Index(corpus), Tantivy(corpus)
    for question in data.questions:
        ours, found = index.bm25(question.text), other.search(question.text, frozenset())
        assert [hit.bm25 for hit in found] == pytest.approx(sorted(ours)[::-1][: len(found)])
        best = [index.chunks[i] for i in ranked(ours, 5)]
        assert [hit.chunk for hit in found[:5]] == best[: len(found)]


def test_hidden_pages_change_its_scores_and_not_ours() -> None:
    """Why it is not what ships: it counts words over all pages, as most search engines do."""
    public, whole = ingest(FILES), ingest(FILES | HIDDEN)
    [before], [after] = (Tantivy(c).search("crew", frozenset()) for c in (public, whole))
    assert (before.chunk.text, after.chunk.text) == ("It has crew.", "It has crew.")
    assert after.bm25 < before.bm25 - 0.1
    ours = [max(hit.bm25 for hit in Index(c).search("crew", frozenset())) for c in (public, whole)]
    assert ours[0] == ours[1] == pytest.approx(before.bm25)
