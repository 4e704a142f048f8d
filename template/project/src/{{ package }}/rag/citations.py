"""Citations: a quotation that can be checked byte for byte."""

import hashlib
from dataclasses import dataclass

from .chunks import Place
from .ingest import Corpus


@dataclass(frozen=True)
class Citation:
    """Bytes `start` to `end` of a document, and the sha256 that they had when they were quoted."""

    document: str
    start: int
    end: int
    sha256: str

    @property
    def place(self) -> Place:
        return Place(self.document, self.start, self.end)


class BrokenCitationError(ValueError):
    """A citation whose document, range or bytes are not those of the corpus."""


def cite(corpus: Corpus, place: Place) -> Citation:
    """The citation of a place; BrokenCitationError where it cuts a character in two."""
    found = _bytes(corpus, place)
    return Citation(place.document, place.start, place.end, hashlib.sha256(found).hexdigest())


def resolve(corpus: Corpus, citation: Citation) -> str:
    """The quoted text; BrokenCitationError unless it is, byte for byte, what was cited."""
    found = _bytes(corpus, citation.place)
    if hashlib.sha256(found).hexdigest() != citation.sha256:
        raise BrokenCitationError(f"{citation.document} has other bytes at {citation.start}")
    return found.decode()


def _bytes(corpus: Corpus, place: Place) -> bytes:
    document = corpus.documents.get(place.document)
    if document is None:
        raise BrokenCitationError(f"no document {place.document}")
    if not 0 <= place.start < place.end <= len(document.data):
        raise BrokenCitationError(f"{place.document} has no bytes {place.start} to {place.end}")
    found = document.data[place.start : place.end]
    try:
        found.decode()
    except UnicodeDecodeError as error:
        raise BrokenCitationError(
            f"{place.document}: {place.start} cuts a character in two"
        ) from error
    return found
