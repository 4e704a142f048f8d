"""A citation is the quoted bytes and nothing else, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_answers.rag.chunks import chunked, deduplicated
from harbour_answers.rag.ingest import Corpus, ingest
from harbour_answers.rag.spans import SpanError, cite, resolve

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def corpus_of(*texts: str) -> Corpus:
    return ingest({f"{i}.md": text.encode() for i, text in enumerate(texts)})


@given(TEXTS)
def test_every_sentence_of_any_text_can_be_cited_and_resolved(text: str) -> None:
    content = text.encode()
    for chunk in chunked(corpus_of(text)):
        assert content[chunk.place.start : chunk.place.end].decode() == chunk.text
        for place, sentence in chunk.sentences():
            assert resolve(cite("0.md", content, place.start, place.end), content) == sentence


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_text_is_indexed_twice(texts: list[str]) -> None:
    chunks = deduplicated(chunked(corpus_of(*texts, *texts)))
    assert len({chunk.text for chunk in chunks}) == len(chunks)


@given(st.text("aø€😀", min_size=1, max_size=12), st.integers(-1, 60), st.integers(-1, 60))
def test_a_range_can_be_cited_if_it_cuts_no_character(text: str, start: int, end: int) -> None:
    content = text.encode()
    try:
        expected = content[start:end].decode() if 0 <= start < end <= len(content) else None
    except UnicodeDecodeError:
        expected = None
    if expected is None:
        with pytest.raises(SpanError):
            cite("0.md", content, start, end)
    else:
        assert resolve(cite("0.md", content, start, end), content) == expected


@given(TEXTS.filter(bool), st.data())
def test_one_changed_character_breaks_the_citation(text: str, data: st.DataObject) -> None:
    span = cite("0.md", text.encode(), 0, len(text.encode()))
    i = data.draw(st.integers(0, len(text) - 1))
    other = text[:i] + ("x" if text[i] != "x" else "y") + text[i + 1 :]
    with pytest.raises(SpanError):
        resolve(span, other.encode())
