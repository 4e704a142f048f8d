"""Chunks of documents: what is indexed and retrieved, each an exact range of bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .ingest import Corpus, Document
from .text import sentences

HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
MAX_CHARS = 400
OVERLAP = 1


@dataclass(frozen=True)
class Place:
    """A range of bytes of a document."""

    document: str
    start: int
    end: int

    def overlaps(self, other: "Place") -> bool:
        return self.document == other.document and self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Chunk:
    """A piece of one section; `context` is the title and the heading above it.

    `readers` are those of its document.
    """

    place: Place
    text: str
    context: str
    readers: frozenset[str] | None = None

    def sentences(self) -> Iterator[tuple[Place, str]]:
        """Each sentence with its own place."""
        for start, end in sentences(self.text):
            first = self.place.start + len(self.text[:start].encode())
            last = first + len(self.text[start:end].encode())
            yield Place(self.place.document, first, last), self.text[start:end]


def split(
    document: Document, max_chars: int = MAX_CHARS, overlap: int = OVERLAP
) -> Iterator[Chunk]:
    """Chunks of whole sentences, at most `max_chars` long unless one sentence is longer.

    No chunk crosses a heading; neighbours in one section share `overlap` sentences.
    """
    text = document.text
    title = ""
    begin = before = 0  # a place in bytes, and the same one in characters
    for start, end, heading in _sections(text, document.body):
        title = title or heading
        spans = [(start + a, start + b) for a, b in sentences(text[start:end])]
        context = title if heading == title else f"{title}. {heading}"
        for first, last in _packed(spans, max_chars, overlap):
            begin += len(text[before:first].encode())
            before = first
            place = Place(document.name, begin, begin + len(text[first:last].encode()))
            yield Chunk(place, text[first:last], context, document.readers)


def chunked(corpus: Corpus, max_chars: int = MAX_CHARS, overlap: int = OVERLAP) -> list[Chunk]:
    """All chunks of a corpus, in the order of names and places."""
    documents = corpus.documents.values()
    return [chunk for document in documents for chunk in split(document, max_chars, overlap)]


def deduplicated(chunks: list[Chunk]) -> list[Chunk]:
    """Return the first chunk of each text, and of each kind of readers."""
    first: dict[tuple[str, frozenset[str] | None], Chunk] = {}
    for chunk in chunks:
        first.setdefault((chunk.text, chunk.readers), chunk)
    return list(first.values())


def _sections(text: str, body: int) -> Iterator[tuple[int, int, str]]:
    headings = list(HEADING.finditer(text, body))
    first = headings[0].start() if headings else len(text)
    yield body, first, ""
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=False):
        yield heading.end(), end, heading[1]


def _packed(
    spans: list[tuple[int, int]], max_chars: int, overlap: int
) -> Iterator[tuple[int, int]]:
    i = 0
    while i < len(spans):
        j = i + 1
        while j < len(spans) and spans[j][1] - spans[i][0] <= max_chars:
            j += 1
        yield spans[i][0], spans[j - 1][1]
        if j == len(spans):
            return
        i = max(i + 1, j - overlap)
