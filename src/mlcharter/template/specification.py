"""What a charter must contain: documents with their sections, items and config blocks.

It is read from the template's own sources. Nothing is rendered, and there is no second list: the
documents are composed as text and parsed like a team's. The result is cached until the template
changes. Texts are the template's own and may hold names in braces (`{{ project_name }}`);
`Specification.text` fills in the answers.
"""

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mlcharter.support import user_cache
from mlcharter.markdown import document
from mlcharter.template.composing import DECIDING, composed, sources
from mlcharter.markdown.document import Document, Section
from mlcharter.template.fingerprint import fingerprint

STANDARD = (
    "docs/design_doc.md",
    "docs/eval_pack.md",
    "ops/runbook.md",
    "safety/safety_checklist.md",
    "cost/cost_dashboard_spec.md",
    "versioning/registries.md",
)
# The lines under a title for which the rules ask, if the template gave them.
FIELDS = ("Owner", "Reviewed")
_NAME = re.compile(r"\{\{ ([a-z_]+)( \| tojson)? \}\}")


class ItemSpec(Struct, frozen=True):
    """A line of a checklist; `tier` is from which on it is required, None for never."""

    id: str
    section: str
    tier: str | None
    sentence: str


class SectionSpec(Struct, frozen=True):
    """A section that must stand in its document.

    `open` sections were emitted with a placeholder: what a team writes there is its own.
    `guidance` and `texts` are what the template wrote, whitespace made single.
    """

    id: str
    heading: str
    level: int
    open: bool
    guidance: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    items: tuple[ItemSpec, ...] = ()
    configs: tuple[str, ...] = ()


class DocumentSpec(Struct, frozen=True, dict=True):
    """One document of the charter.

    `standard` ones always stand; `finished` ones have nothing left to write, since they describe
    the skeleton that ships, and may leave together with it.
    """

    path: str
    standard: bool
    finished: bool
    fields: tuple[str, ...] = ()
    sections: tuple[SectionSpec, ...] = ()

    def section(self, id: str) -> SectionSpec | None:
        return next((section for section in self.sections if section.id == id), None)

    @cached_property
    def section_ids(self) -> frozenset[str]:
        return frozenset(section.id for section in self.sections)


class Specification(Struct, frozen=True, dict=True):
    """Everything that one repository is held to.

    `forms` are files to copy, held to nothing; `later` are the ids that a newer template added;
    `kept` are documents that were there before, which neither updates nor rules touch.
    """

    documents: tuple[DocumentSpec, ...] = ()
    forms: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    kept: tuple[DocumentSpec, ...] = ()

    def document(self, path: str) -> DocumentSpec | None:
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, DocumentSpec]:
        return {document.path: document for document in self.documents}

    @property
    def sections(self) -> Iterator[SectionSpec]:
        for document in self.documents:
            yield from document.sections

    @cached_property
    def items(self) -> dict[str, ItemSpec]:
        """Every item by id."""
        return {item.id: item for section in self.sections for item in section.items}

    @cached_property
    def ids(self) -> frozenset[str]:
        """A name for everything that is demanded: `item:…`, `config:<section>/<kind>`, …"""
        found = {f"document:{document.path}" for document in self.documents}
        for section in self.sections:
            found.add(f"section:{section.id}")
            found |= {f"item:{item.id}" for item in section.items}
            found |= {f"config:{section.id}/{kind}" for kind in section.configs}
        return frozenset(found)

    def keeping(self, paths: Collection[str]) -> "Specification":
        """These demands without the documents at some paths, which are `kept`."""
        kept = tuple(document for document in self.documents if document.path in paths)
        left = tuple(document for document in self.documents if document.path not in paths)
        return replace(self, documents=left, kept=kept) if kept else self

    def without(self, later: frozenset[str]) -> "Specification":
        """These demands without those that are named."""
        documents = []
        for document in self.documents:
            sections = tuple(
                replace(
                    section,
                    items=tuple(i for i in section.items if f"item:{i.id}" not in later),
                    configs=tuple(
                        kind
                        for kind in section.configs
                        if f"config:{section.id}/{kind}" not in later
                    ),
                )
                for section in document.sections
                if f"section:{section.id}" not in later
            )
            if f"document:{document.path}" not in later:
                documents.append(replace(document, sections=sections))
        return replace(self, documents=tuple(documents))

    def text(self, text: str) -> str:
        """A text of the template with the answers in the place of their names."""
        if "{{" not in text:
            return text
        return _NAME.sub(self._answer, text)

    def _answer(self, name: re.Match[str]) -> str:
        value = self.answers.get(name[1], "")
        if not name[2]:
            return str(value)
        import json

        return json.dumps(value)


def single_spaced(text: str) -> str:
    """A text as it is compared: every run of white space is one space."""
    return " ".join(text.split())


# Reading the template

def read(root: Path, answers: Mapping[str, Any], kept: Path | None = None) -> Specification:
    """What the template at `root` gives a repository with these answers.

    `kept` is a folder in which it is remembered until the template changes.
    """
    deciding = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in answers.items()
        if name in DECIDING
    )
    documents, forms = _remembered(root, tuple(sorted(deciding)), kept)
    return Specification(documents, forms, answers)


Parts = tuple[tuple[DocumentSpec, ...], frozenset[str]]


@lru_cache(maxsize=64)  # repositories of one fleet have much the same answers
def _remembered(root: Path, deciding: tuple[tuple[str, Any], ...], kept: Path | None) -> Parts:
    """What `_read` gives, from the folder `kept` where it is there."""
    if kept is None:
        return _read(root, deciding)
    import msgspec

    name = f"{zlib.crc32(repr(deciding).encode()):08x}-{fingerprint(root):08x}.json"
    try:
        parts: Parts = msgspec.json.decode((kept / name).read_bytes(), type=Parts)
    except (OSError, msgspec.MsgspecError):
        parts = _read(root, deciding)
        user_cache.keep(kept / name, msgspec.json.encode(parts))
    return parts


@cache
def _read(root: Path, deciding: tuple[tuple[str, Any], ...]) -> Parts:
    answers = dict(deciding)
    documents = []
    forms = set()
    for path in sources(root, answers):
        if path.endswith(".jinja"):
            name = path.removesuffix(".jinja")
            text = composed(root, path, answers)
            documents.append(demand(document.parse(text, name)))
        else:
            forms.add(path)
    documents.sort(key=_order)
    return tuple(documents), frozenset(forms)


def _order(demand: DocumentSpec) -> tuple[int, str]:
    """The standard documents first, in their own order."""
    at = STANDARD.index(demand.path) if demand.path in STANDARD else len(STANDARD)
    return at, demand.path


# Reading what was composed


def demand(read: Document) -> DocumentSpec:
    """What a repository is held to that was given this document."""
    sections = tuple(_section(section) for section in read.sections if section.id)
    return DocumentSpec(
        path=read.path,
        standard=read.path in STANDARD,
        finished=not any(section.open or section.items for section in sections),
        fields=tuple(field.name for field in read.fields if field.name in FIELDS),
        sections=sections,
    )


def _section(section: Section) -> SectionSpec:
    assert section.id
    kinds = {block.kind for block in section.blocks}
    return SectionSpec(
        id=section.id,
        heading=section.heading,
        level=section.level,
        open="placeholder" in kinds,
        guidance=tuple(single_spaced(b.text) for b in section.blocks if b.kind == "guidance"),
        texts=frozenset(single_spaced(block.text) for block in section.prose),
        items=tuple(
            ItemSpec(item.id, section.id, item.tier, item.sentence)
            for item in section.items
            if item.id
        ),
        configs=tuple(config.kind for config in section.configs),
    )
