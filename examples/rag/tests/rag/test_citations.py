"""A citation is the quoted bytes and nothing else, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_answers.rag.chunks import Place, chunked, deduplicated
from harbour_answers.rag.citations import (
    BrokenCitationError,
    Citation,
    cite,
    resolve,
)
from harbour_answers.rag.ingest import Corpus, ingest

HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def corpus_of(*texts: str) -> Corpus:
    return ingest({f"{i}.md": (HEADER + text).encode() for i, text in enumerate(texts)})


@given(TEXTS)
def test_every_sentence_of_any_text_can_be_cited_and_resolved(text: str) -> None:
    corpus = corpus_of(text)
    for chunk in chunked(corpus):
        data = corpus.documents["0.md"].data
        assert data[chunk.place.start : chunk.place.end].decode() == chunk.text
        for place, sentence in chunk.sentences():
            assert resolve(corpus, cite(corpus, place)) == sentence


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_copy_that_was_dropped_still_says_the_same(texts: list[str]) -> None:
    corpus = corpus_of(*texts, *texts)
    chunks = deduplicated(chunked(corpus))
    assert len({chunk.text for chunk in chunks}) == len(chunks)
    for chunk in chunks:
        assert {resolve(corpus, cite(corpus, place)) for place in chunk.places} == {chunk.text}


@given(st.text("aø€😀", min_size=1, max_size=12), st.integers(0, 60), st.integers(0, 60))
def test_a_range_resolves_exactly_where_it_cuts_no_character(
    text: str, start: int, end: int
) -> None:
    corpus = corpus_of(text)
    first = len(HEADER.encode())
    data = text.encode()
    try:
        expected = data[start:end].decode() if 0 <= start < end <= len(data) else None
    except UnicodeDecodeError:
        expected = None
    place = Place("0.md", first + start, first + end)
    if expected is None:
        with pytest.raises(BrokenCitationError):
            cite(corpus, place)
    else:
        assert resolve(corpus, cite(corpus, place)) == expected


@given(TEXTS.filter(str.strip), st.data())
def test_one_changed_byte_breaks_the_citation(text: str, data: st.DataObject) -> None:
    corpus = corpus_of(text)
    start = len(HEADER.encode())
    citation = cite(corpus, Place("0.md", start, start + len(text.encode())))
    i = data.draw(st.integers(0, len(text) - 1))
    other = text[:i] + ("x" if text[i] != "x" else "y") + text[i + 1 :]
    with pytest.raises(BrokenCitationError):
        resolve(corpus_of(other), citation)


def test_an_unknown_document_is_a_broken_citation() -> None:
    with pytest.raises(BrokenCitationError, match=r"no document gone\.md"):
        resolve(corpus_of("Text."), Citation("gone.md", 0, 1, "0" * 64))
