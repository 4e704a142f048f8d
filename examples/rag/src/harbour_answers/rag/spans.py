"""Citations: bytes of a document, checked against what they were when they were cited."""

import hashlib
from dataclasses import dataclass


class SpanError(ValueError):
    """A span that does not resolve: its place, its characters or its bytes are not there."""


@dataclass(frozen=True)
class Span:
    """Bytes `start` to `end` of a document, with the SHA-256 that they had when they were cited."""

    document: str
    start: int
    end: int
    sha256: str


def cite(document: str, content: bytes, start: int, end: int) -> Span:
    """Return the span of bytes `start` to `end`; SpanError if they are outside or cut a character.

    `content` is the whole document.
    """
    _text(document, content, start, end)
    return Span(document, start, end, hashlib.sha256(content[start:end]).hexdigest())


def resolve(span: Span, content: bytes) -> str:
    """Return the cited text; SpanError unless `content` has, byte for byte, what was cited."""
    found = _text(span.document, content, span.start, span.end)
    if hashlib.sha256(content[span.start : span.end]).hexdigest() != span.sha256:
        raise SpanError(f"{span.document} has other text at byte {span.start} than was cited")
    return found


def _text(document: str, content: bytes, start: int, end: int) -> str:
    if not 0 <= start < end <= len(content):
        raise SpanError(f"{document} has {len(content)} bytes, none from {start} to {end}")
    try:
        return content[start:end].decode()
    except UnicodeDecodeError as error:
        raise SpanError(f"{document}: {start} to {end} cuts a character") from error
