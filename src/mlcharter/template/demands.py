"""What a charter must contain, as plain data: documents, their sections, items and contracts.

Texts are the template's own, and may hold names in braces (`{{ project_name }}`);
`Demands.text` puts the answers there.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

# The lines under a title for which the rules ask, if the template gave them.
FIELDS = ("Owner", "Reviewed")
_NAME = re.compile(r"\{\{ ([a-z_]+)( \| tojson)? \}\}")


class ItemDemand(Struct, frozen=True):
    """A line of a checklist; `tier` is from which on it is required, None for never."""

    id: str
    section: str
    tier: str | None
    sentence: str


class SectionDemand(Struct, frozen=True):
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
    items: tuple[ItemDemand, ...] = ()
    configs: tuple[str, ...] = ()


class DocumentDemand(Struct, frozen=True, dict=True):
    """One document of the charter.

    `standard` ones always stand; `finished` ones have nothing left to write, since they describe
    the skeleton that ships, and may leave together with it.
    """

    path: str
    standard: bool
    finished: bool
    fields: tuple[str, ...] = ()
    sections: tuple[SectionDemand, ...] = ()

    def section(self, id: str) -> SectionDemand | None:
        return next((section for section in self.sections if section.id == id), None)

    @cached_property
    def section_ids(self) -> frozenset[str]:
        return frozenset(section.id for section in self.sections)


class Demands(Struct, frozen=True, dict=True):
    """Everything that one repository is held to.

    `forms` are files to copy, held to nothing; `later` are the ids that a newer template added;
    `kept` are documents that were there before, which neither updates nor rules touch.
    """

    documents: tuple[DocumentDemand, ...] = ()
    forms: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    kept: tuple[DocumentDemand, ...] = ()

    def document(self, path: str) -> DocumentDemand | None:
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, DocumentDemand]:
        return {document.path: document for document in self.documents}

    @property
    def sections(self) -> Iterator[SectionDemand]:
        for document in self.documents:
            yield from document.sections

    @cached_property
    def items(self) -> dict[str, ItemDemand]:
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

    def keeping(self, paths: Collection[str]) -> "Demands":
        """These demands without the documents at some paths, which are `kept`."""
        kept = tuple(document for document in self.documents if document.path in paths)
        left = tuple(document for document in self.documents if document.path not in paths)
        return replace(self, documents=left, kept=kept) if kept else self

    def without(self, later: frozenset[str]) -> "Demands":
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
