"""The documents of the corpus, with where they come from if they say so."""

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..digests import sha256
from .injection import looks_like_an_instruction
from .text import sentences

log = logging.getLogger(__name__)

HEADER = re.compile(r"\A\ufeff?---\r?\n(.*?)\r?\n---[ \t]*\r?\n", re.DOTALL)
READERS = re.compile(r"^[ \t]*readers[ \t]*:", re.MULTILINE | re.IGNORECASE)
REQUIRED = ("source", "revised", "licence")


@dataclass(frozen=True)
class Provenance:
    """Where a document comes from, and what it was when it was read.

    `source`, `revised` (a date) and `licence` are those of its header, empty if it has none.
    `instructions` counts the sentences that address a reader's model; answers never quote them.
    """

    document: str
    sha256: str
    bytes: int
    source: str
    revised: str
    licence: str
    instructions: int

    @property
    def complete(self) -> bool:
        return all((self.source, self.revised, self.licence))


@dataclass(frozen=True)
class Document:
    """One file of the corpus; `body` is the character at which its text begins.

    `readers` are the groups of its header whose members may read it; None means everybody.
    """

    name: str
    data: bytes
    body: int
    provenance: Provenance
    readers: frozenset[str] | None = None

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

    @property
    def groups(self) -> frozenset[str]:
        """All groups that a page names; whoever is in all of them may read everything."""
        return frozenset().union(*(d.readers or () for d in self.documents.values()))


def ingest(files: dict[str, bytes]) -> Corpus:
    """Return the corpus of these files, name to bytes.

    Those that are not UTF-8 are refused, and those that name readers outside of a header.
    """
    documents: dict[str, Document] = {}
    refused: dict[str, str] = {}
    for name, data in sorted(files.items()):
        try:
            documents[name] = _document(name, data)
        except UnicodeDecodeError as error:
            refused[name] = f"not UTF-8 at byte {error.start}"
        except ValueError as error:
            refused[name] = str(error)
    for name, reason in refused.items():
        log.warning("%s is not indexed: %s", name, reason)
    return Corpus(documents, refused)


def read_corpus(folder: Path) -> Corpus:
    """Return the corpus of every Markdown file in and below `folder`."""
    return ingest(read_files(folder))


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every Markdown file in and below `folder`, by its path from there."""
    paths = sorted(folder.rglob("*.md"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _document(name: str, data: bytes) -> Document:
    text = data.decode()
    header = HEADER.match(text)
    if not header and READERS.search(text):
        raise ValueError("it names readers, but has no header between two lines `---`")
    fields = _fields(header[1]) if header else {}
    begin = header.end() if header else 0
    body = text[begin:]
    flagged = sum(looks_like_an_instruction(body[a:b]) for a, b in sentences(body))
    if flagged:
        log.warning("%s has %d sentences that give orders to a model", name, flagged)
    known = {key: fields.get(key, "") for key in REQUIRED}
    digest = hashlib.sha256(data).hexdigest()
    provenance = Provenance(name, digest, len(data), **known, instructions=flagged)
    groups = [group.strip() for group in fields.get("readers", "").split(",")]
    readers = frozenset(filter(None, groups)) if "readers" in fields else None
    return Document(name, data, begin, provenance, readers)


def _fields(header: str) -> dict[str, str]:
    """The lines `key: value` of a header; a `revised` that is no date is left out."""
    fields = dict(line.split(":", 1) for line in header.split("\n") if ":" in line)
    stripped = {key.strip().lower(): value.strip() for key, value in fields.items()}
    try:
        date.fromisoformat(stripped.get("revised", ""))
    except ValueError:
        stripped.pop("revised", None)
    return stripped
