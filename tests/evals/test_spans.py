"""Spans resolve byte for byte, and quotations are found once or refused."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.evals import spans
from mlcharter.evals.spans import Span, SpanError

PAGE = "Über die Ämter.\nThe fee is\n  5 €.\nThe fee is due.\n".encode()


def test_a_quotation_has_byte_offsets_and_its_text() -> None:
    found = spans.locate("fees.md", PAGE, "The fee is 5 €.")

    assert found == Span("fees.md", 18, 37, hashlib.sha256(PAGE[18:37]).hexdigest())
    assert spans.resolve(found, PAGE) == "The fee is\n  5 €."


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("The fee is", "fees.md has the text 'The fee is' 2 times; quote more of it"),
        ("the fee is due", "fees.md does not have the text 'the fee is due'"),
        ("  \n", "the quotation is empty"),
        ("x" * 99, f"does not have the text '{'x' * 59}…'"),
    ],
)
def test_a_quotation_that_is_not_there_once_is_refused(quote: str, why: str) -> None:
    with pytest.raises(SpanError, match=why):
        spans.locate("fees.md", PAGE, quote)


@pytest.mark.parametrize(("near", "start"), [(0, 18), (60, 38)])
def test_the_nearest_of_several_places_is_taken(near: int, start: int) -> None:
    assert spans.locate("fees.md", PAGE, "The fee is", near=near).start == start


def test_a_changed_document_does_not_resolve() -> None:
    span = spans.locate("fees.md", PAGE, "5 €")

    with pytest.raises(SpanError, match="has other text at byte"):
        spans.resolve(span, PAGE.replace(b"5", b"6"))


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (1, 4, "fees.md: 1 to 4 cuts a character"),
        (4, 4, "none from 4 to 4"),
        (-1, 4, "none from -1 to 4"),
        (0, 999, "none from 0 to 999"),
    ],
)
def test_a_place_that_is_no_text_is_refused(start: int, end: int, why: str) -> None:
    with pytest.raises(SpanError, match=why):
        spans.cite("fees.md", PAGE, start, end)


def test_a_document_that_is_no_text_is_refused() -> None:
    with pytest.raises(SpanError, match=r"scan\.pdf is no UTF-8"):
        spans.locate("scan.pdf", b"\xff\xfe", "a")


def test_overlap_counts_shared_bytes() -> None:
    one, other = spans.cite("a", PAGE, 2, 10), spans.cite("a", PAGE, 7, 12)

    assert spans.overlap(one, other) == spans.overlap(other, one) == 3
    assert spans.overlap(one, Span("b", 2, 10, one.sha256)) == 0


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aü€ \n", min_size=1, max_size=30), st.data())
def test_every_part_of_a_text_is_found_where_it_is(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))].strip()
    if not part:
        part = "a"
        text += part
    place = len(text[: text.index(part)].encode())

    found = spans.locate("d", text.encode(), part, near=place)

    assert spans.resolve(found, text.encode()).split() == part.split()
    assert found.start <= place
