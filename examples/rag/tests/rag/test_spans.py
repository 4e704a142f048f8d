"""A citation is the quoted bytes and nothing else, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_answers.rag.spans import SpanError, cite, resolve

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


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
