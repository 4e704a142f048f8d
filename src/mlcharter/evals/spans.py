"""Citations that can be checked byte for byte, and the search for a quotation's place.

Places are byte offsets in UTF-8, from `start` up to and without `end`, so that they mean the same
in every programming language.
"""

import difflib
import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

_SPACES = re.compile(r"\s+")
_ENDS = re.compile(r"(?<=[.!?])\s+|\s*\n\s*\n\s*|\n(?=\s*[-*+#|>])")  # of sentences and blocks


class SpanError(ValueError):
    """A span that does not resolve, or a quotation that is not in the document exactly once."""


class Located(Protocol):
    """What has a place: a `Span` of this module, or one of the repository's own."""

    @property
    def document(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Cited(Located, Protocol):
    """A place with the SHA-256 of its bytes when they were cited."""

    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `end` of a document, with the SHA-256 that they had when they were cited."""

    document: str
    start: int
    end: int
    sha256: str


def cite(document: str, content: bytes, start: int, end: int) -> Span:
    """Return the span of bytes `start` to `end` of a document's `content`.

    Raises SpanError if they are outside of it, empty, or cut a character.
    """
    _text(document, content, start, end)
    return Span(document, start, end, hashlib.sha256(content[start:end]).hexdigest())


def resolve(span: Cited, content: bytes) -> str:
    """Return the cited text; SpanError unless `content` has, byte for byte, what was cited."""
    found = _text(span.document, content, span.start, span.end)
    if hashlib.sha256(content[span.start : span.end]).hexdigest() != span.sha256:
        raise SpanError(f"{span.document} has other text at byte {span.start} than was cited")
    return found


def locate(document: str, content: bytes, quote: str, *, near: int | None = None) -> Span:
    """Return the span of a quotation; runs of white space in it match any other run.

    Raises SpanError if it is not in the document, or there more than once; with `near`, a byte
    offset, the occurrence that starts nearest is taken.
    """
    words = quote.split()
    if not words:
        raise SpanError("the quotation is empty")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise SpanError(f"{document} is no UTF-8: {error}") from error
    pattern = r"\s+".join(re.escape(word) for word in words)
    found = [match.span() for match in re.finditer(pattern, text)]
    if not found:
        like = nearest(quote, text)
        hint = f"; the nearest is {_short(like)}" if like else ""
        raise SpanError(f"{document} does not have the text {_short(quote)}{hint}")
    if len(found) > 1 and near is None:
        raise SpanError(
            f"{document} has the text {_short(quote)} {len(found)} times; quote more of it"
        )
    places = _byte_places(text, [start for start, _ in found])
    best = min(range(len(found)), key=lambda i: abs(places[i] - (near or 0)))
    (start, end), first = found[best], places[best]
    return cite(document, content, first, first + len(text[start:end].encode()))


def nearest(quote: str, text: str) -> str | None:
    """Return the sentence or line of `text` that is most like a quotation; None if none is.

    That is one with most of its words, or else the one with the most similar letters.
    """
    pieces = [" ".join(piece.split()) for piece in _ENDS.split(text)]
    asked = _words(quote)
    shared = [len(asked & _words(piece)) for piece in pieces]
    most = max(shared)
    if most > len(asked) / 2:
        pieces = [piece for piece, n in zip(pieces, shared, strict=True) if n == most]
    cutoff = 0.0 if most > len(asked) / 2 else 0.4
    near = difflib.get_close_matches(" ".join(quote.split()), pieces, n=1, cutoff=cutoff)
    return near[0] if near else None


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _byte_places(text: str, starts: list[int]) -> list[int]:
    """The byte offsets of ascending character offsets, in time linear in the text."""
    places, at, before = [], 0, 0
    for start in starts:
        at += len(text[before:start].encode())
        places.append(at)
        before = start
    return places


def overlap(one: Located, other: Located) -> int:
    """Return how many bytes two spans share; 0 in different documents."""
    if one.document != other.document:
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _text(document: str, content: bytes, start: int, end: int) -> str:
    if not 0 <= start < end <= len(content):
        raise SpanError(f"{document} has {len(content)} bytes, none from {start} to {end}")
    try:
        return content[start:end].decode()
    except UnicodeDecodeError as error:
        raise SpanError(f"{document}: {start} to {end} cuts a character") from error


def _short(quote: str) -> str:
    one_line = _SPACES.sub(" ", quote.strip())
    return repr(one_line if len(one_line) <= 60 else one_line[:59] + "…")
