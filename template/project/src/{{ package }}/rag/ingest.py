"""Documents with their provenance; what cannot say where it comes from is not indexed."""

import hashlib
import logging
import re
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from ..digests import sha256
from .injection import looks_like_an_instruction
from .text import sentences

log = logging.getLogger(__name__)

HEADER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
REQUIRED = ("source", "revised", "licence")


@dataclass(frozen=True)
class Provenance:
    """Where a document comes from, and what it was when it was read.

    `instructions` counts the sentences that address a reader's model; answers never quote them.
    """

    document: str
    sha256: str
    bytes: int
    source: str
    revised: str
    licence: str
    instructions: int


@dataclass(frozen=True)
class Document:
    """One file of the corpus; `body` is the character at which its text begins."""

    name: str
    data: bytes
    body: int
    provenance: Provenance

    @property
    def text(self) -> str:
        return self.data.decode()


@dataclass(frozen=True)
class Corpus:
    """The documents that were taken, by name, and why each of the others was refused."""

    documents: dict[str, Document]
    refused: dict[str, str]

    @property
    def digest(self) -> str:
        """Changes when a document is added, removed, renamed or edited by one byte."""
        return sha256({name: document.text for name, document in self.documents.items()})

    def provenance(self) -> list[dict[str, object]]:
        return [asdict(document.provenance) for document in self.documents.values()]


def ingest(files: dict[str, bytes]) -> Corpus:
    """Take the documents among `files` (name to bytes) that carry their provenance."""
    documents: dict[str, Document] = {}
    refused: dict[str, str] = {}
    for name, data in sorted(files.items()):
        try:
            documents[name] = _document(name, data)
        except ValueError as error:
            refused[name] = str(error)
            log.warning("%s is not indexed: %s", name, error)
    return Corpus(documents, refused)


def read_corpus(folder: Path) -> Corpus:
    """Take every Markdown file of `folder`."""
    return ingest({path.name: path.read_bytes() for path in folder.glob("*.md")})


def _document(name: str, data: bytes) -> Document:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from error
    header = HEADER.match(text)
    if header is None:
        raise ValueError("no provenance header")
    fields = dict(line.split(": ", 1) for line in header[1].split("\n") if ": " in line)
    missing = [key for key in REQUIRED if not fields.get(key, "").strip()]
    if missing:
        raise ValueError(f"no {', '.join(missing)}")
    date.fromisoformat(fields["revised"])
    body = text[header.end() :]
    flagged = sum(looks_like_an_instruction(body[a:b]) for a, b in sentences(body))
    if flagged:
        log.warning("%s has %d sentences that give orders to a model", name, flagged)
    digest = hashlib.sha256(data).hexdigest()
    known = {key: fields[key].strip() for key in REQUIRED}
    provenance = Provenance(name, digest, len(data), **known, instructions=flagged)
    return Document(name, data, header.end(), provenance)
