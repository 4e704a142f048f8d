"""Read what a charter must contain: documents with their sections, items and config blocks.

The template's documents are composed as text and parsed like a team's; nothing is rendered. The
result is cached until the template changes. Texts are the template's and may contain names of
answers in braces (`{{ project_name }}`); `Specification.fill_names` fills in the answers.
"""

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mlcharter.markdown import document
from mlcharter.markdown.document import Document, Section
from mlcharter.support import writing
from mlcharter.template.composing import (
    DECIDING_ANSWERS,
    fill_slots,
    limit_to_tier,
    list_documents,
)
from mlcharter.template.fingerprint import fingerprint

STANDARD = (
    "docs/design_doc.md",
    "docs/eval_pack.md",
    "ops/runbook.md",
    "safety/safety_checklist.md",
    "cost/cost_dashboard_spec.md",
    "versioning/registries.md",
)
# The fields under a title that rules require if the template has them.
FIELDS = ("Owner", "Reviewed")
_CONFIG = re.compile(r"(?m)^<!-- config: ([a-z_]+) -->")
_NAME = re.compile(r"\{\{ ([a-z_]+)( \| tojson)? \}\}")


class ItemSpec(Struct, frozen=True):
    """An item of a checklist; `tier` is the lowest that requires it, None if none does."""

    id: str
    section: str
    tier: str | None
    sentence: str


class SectionSpec(Struct, frozen=True):
    """A section that its document must have.

    An `open` section is emitted with a placeholder, which the team replaces. `guidance` and
    `texts` are the template's text, with single spaces, `guidance` without its marker.
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

    `standard` documents are always required. `finished` ones have nothing to fill in, since they
    describe the starter, and may be removed together with it.
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
    """Everything that one repository must contain.

    `forms` are files to copy, without requirements; `later` are the ids that a newer template
    added; `kept` are documents from before the adoption, which updates and rules leave alone.
    `postponed` are the kinds of config blocks that only higher tiers have. `left_out` are documents
    and sections that are not needed here; what is in them is not checked for completeness.
    """

    documents: tuple[DocumentSpec, ...] = ()
    forms: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    kept: tuple[DocumentSpec, ...] = ()
    postponed: frozenset[str] = frozenset()
    left_out: tuple[DocumentSpec, ...] = ()

    def document(self, path: str) -> DocumentSpec | None:
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, DocumentSpec]:
        return {document.path: document for document in self.documents}

    @property
    def sections(self) -> Iterator[SectionSpec]:
        for spec in self.documents:
            yield from spec.sections

    @cached_property
    def items(self) -> dict[str, ItemSpec]:
        """Return every item by id."""
        return {item.id: item for section in self.sections for item in section.items}

    @cached_property
    def ids(self) -> frozenset[str]:
        """Return an id for every requirement: `item:…`, `config:<section>/<kind>`, …"""
        ids = {f"document:{document.path}" for document in self.documents}
        for section in self.sections:
            ids.add(f"section:{section.id}")
            ids |= {f"item:{item.id}" for item in section.items}
            ids |= {f"config:{section.id}/{kind}" for kind in section.configs}
        return frozenset(ids)

    def keep_documents(self, paths: Collection[str]) -> "Specification":
        """Return the specification with the documents at some paths moved to `kept`."""
        kept = tuple(document for document in self.documents if document.path in paths)
        left = tuple(document for document in self.documents if document.path not in paths)
        return replace(self, documents=left, kept=kept) if kept else self

    def exclude_parts(self, excluded: frozenset[str]) -> "Specification":
        """Return the specification without the parts of some ids."""
        documents = []
        for spec in self.documents:
            sections = tuple(
                replace(
                    section,
                    items=tuple(i for i in section.items if f"item:{i.id}" not in excluded),
                    configs=tuple(
                        kind
                        for kind in section.configs
                        if f"config:{section.id}/{kind}" not in excluded
                    ),
                )
                for section in spec.sections
                if f"section:{section.id}" not in excluded
            )
            if f"document:{spec.path}" not in excluded:
                documents.append(replace(spec, sections=sections))
        return replace(self, documents=tuple(documents))

    def leave_out(self, names: frozenset[str]) -> "Specification":
        """Return the specification without the documents, sections and items of these names."""
        if not names:
            return self
        ids = frozenset(
            f"{kind}:{name}" for name in names for kind in ("document", "section", "item")
        )
        spec = self.exclude_parts(ids)
        left_out = self.left_out + tuple(
            document
            if document.path in names
            else replace(document, sections=tuple(s for s in document.sections if s.id in names))
            for document in self.documents
        )
        left_out += tuple(DocumentSpec(path, False, True) for path in sorted(self.forms & names))
        lost = {kind for document in left_out for s in document.sections for kind in s.configs}
        kept = {kind for section in spec.sections for kind in section.configs}
        postponed = self.postponed | (lost - kept)
        return replace(spec, forms=self.forms - names, left_out=left_out, postponed=postponed)

    def is_left_out(self, path: str, section: str | None = None) -> bool:
        """Return whether a document, or a section of it, is not needed here."""
        document = self._left_out_by_path.get(path)
        if document is None:
            return False
        return path not in self._by_path or section in document.section_ids

    @cached_property
    def _left_out_by_path(self) -> dict[str, DocumentSpec]:
        return {document.path: document for document in self.left_out}

    def fill_names(self, text: str) -> str:
        """Return a text of the template with names of answers replaced by the answers."""
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
    """Return a text with every run of white space as one space, for comparing."""
    return " ".join(text.split())


# Reading the template


def read(root: Path, answers: Mapping[str, Any], cache: Path | None = None) -> Specification:
    """Return what the template at `root` requires of a repository with these answers.

    `cache` is a folder for results, each of which is valid until the template changes.
    """
    deciding = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in answers.items()
        if name in DECIDING_ANSWERS
    )
    documents, forms, postponed = _read_cached(root, tuple(sorted(deciding)), cache)
    return Specification(documents, forms, answers, postponed=postponed)


Parts = tuple[tuple[DocumentSpec, ...], frozenset[str], frozenset[str]]


@lru_cache(maxsize=64)  # repositories of one fleet have similar answers
def _read_cached(root: Path, deciding: tuple[tuple[str, Any], ...], folder: Path | None) -> Parts:
    """Return the result of `_read`, from the cache `folder` if it is there."""
    if folder is None:
        return _read(root, deciding)
    import msgspec

    name = f"{zlib.crc32(repr(deciding).encode()):08x}-{fingerprint(root):08x}.json"
    try:
        parts: Parts = msgspec.json.decode((folder / name).read_bytes(), type=Parts)
    except (OSError, msgspec.MsgspecError):
        parts = _read(root, deciding)
        writing.keep(folder / name, msgspec.json.encode(parts))
    return parts


@cache
def _read(root: Path, deciding: tuple[tuple[str, Any], ...]) -> Parts:
    answers = dict(deciding)
    documents = []
    forms = set()
    listed = set(list_documents(root, answers))
    kinds: set[str] = set()  # of config blocks, at any tier
    for path in listed.union(list_documents(root, answers | {"tier": None})):
        filled = fill_slots(root, path, answers)
        kinds.update(_CONFIG.findall(filled))
        if path not in listed:
            continue
        if path.endswith(".jinja"):
            name = path.removesuffix(".jinja")
            text = limit_to_tier(root, path, filled, answers)
            documents.append(specify(document.parse(text, name)))
        else:
            forms.add(path)
    documents.sort(key=_order)
    present = {kind for spec in documents for section in spec.sections for kind in section.configs}
    return tuple(documents), frozenset(forms), frozenset(kinds - present)


def _order(spec: DocumentSpec) -> tuple[int, str]:
    """Return a key that sorts the standard documents first, in the order of STANDARD."""
    at = STANDARD.index(spec.path) if spec.path in STANDARD else len(STANDARD)
    return at, spec.path


# Reading a composed document


def specify(composed: Document) -> DocumentSpec:
    """Return the requirements of a document as the template emits it."""
    sections = tuple(_specify_section(section) for section in composed.sections if section.id)
    return DocumentSpec(
        path=composed.path,
        standard=composed.path in STANDARD,
        finished=not any(section.open or section.items for section in sections),
        fields=tuple(field.name for field in composed.fields if field.name in FIELDS),
        sections=sections,
    )


def _specify_section(section: Section) -> SectionSpec:
    assert section.id
    kinds = {block.kind for block in section.blocks}
    return SectionSpec(
        id=section.id,
        heading=section.heading,
        level=section.level,
        open="placeholder" in kinds,
        guidance=tuple(
            document.read_guidance(b.text) for b in section.blocks if b.kind == "guidance"
        ),
        texts=frozenset(single_spaced(block.text) for block in section.prose),
        items=tuple(
            ItemSpec(item.id, section.id, item.tier, item.sentence)
            for item in section.items
            if item.id
        ),
        configs=tuple(config.kind for config in section.configs),
    )
