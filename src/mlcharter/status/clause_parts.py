"""Read the parts of a charter that a clause names: items, sections and config blocks."""

import posixpath
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from mlcharter.charter import link_targets, required
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import TIERS, Clause
from mlcharter.check.result import Judged
from mlcharter.formats.models import Part
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import ConfigBlock, Document, slug
from mlcharter.status.judgements import Judgements
from mlcharter.template import composing, specification
from mlcharter.template.specification import (
    DocumentSpec,
    ItemSpec,
    SectionSpec,
    Specification,
)

Kind = Literal["item", "section", "config"]
PartState = Literal["done", "waived", "open", "not-asked", "not-applicable"]


class Proof(Part, frozen=True):
    """The evidence of an item: its text, and an address or a path from the root."""

    text: str
    target: str


class ClausePart(Part, frozen=True):
    """An item, a section or a config block that a clause names, with its state.

    `place` is its path from the root with the anchor of its section, null if it is not there.
    `why` explains a waiver, and why it is not asked of this repository or does not apply.
    """

    kind: Kind
    id: str
    state: PartState
    place: str | None
    why: str | None
    evidence: tuple[Proof, ...]


def describe(part: ClausePart) -> str:
    """Return the state of a part in words, with the reason if there is one."""
    done = {"item": "with evidence", "section": "written", "config": "filled in"}[part.kind]
    said = {
        "done": done,
        "waived": "waived",
        "open": "open",
        "not-asked": "not asked here",
        "not-applicable": "not applicable",
    }[part.state]
    return said if part.why is None else f"{said}, {part.why}"


class Reader:
    """Reads the parts of clauses in one charter."""

    def __init__(self, charter: Charter, judgements: Judgements) -> None:
        self.charter = charter
        self.judgements = judgements

    def read(self, clause: Clause) -> Iterator[ClausePart]:
        """Yield the parts of a clause: items, then sections, then config blocks."""
        for id in clause.items:
            yield self._item(id)
        for id in clause.sections:
            yield self._section(id)
        for kind in clause.config:
            yield self._config(kind)

    def _item(self, id: str) -> ClausePart:
        spec = self.charter.spec.items.get(id)
        if spec is None or not self.charter.requires(spec.tier):
            return self._absent("item", id)
        found = self.judgements.items.get(id, [])
        count = self.judgements.count(spec)
        state: PartState = "done" if count.done else "waived" if count.waived else "open"
        place = _place(found[0][0], found[0][1].line) if found else None
        why = self._describe_waiver(found) if state == "waived" else None
        proofs = () if state == "open" else tuple(_list_proofs(found))
        return ClausePart("item", id, state, place, why, proofs)

    def _describe_waiver(self, found: list[tuple[Document, Item]]) -> str | None:
        for document, item in found:
            if item.waiver:
                waiver = item.waiver
                return f"until {waiver.until_text} by {waiver.by}: {waiver.reason}"
            for judged in self.judgements.within(document.path, item.line, item.end):
                return judged.why
        return None

    def _section(self, id: str) -> ClausePart:
        for document_spec, section_spec in _sections(self.charter.spec):
            if section_spec.id == id:
                return self._written(document_spec.path, section_spec)
        return self._absent("section", id)

    def _written(self, path: str, spec: SectionSpec) -> ClausePart:
        document = self.charter.document(path)
        section = document.section(spec.id) if document else None
        if document is None or section is None:
            return ClausePart("section", spec.id, "open", None, None, ())
        place = _place(document, section.line)
        state: PartState = "open" if section in self.charter.unfilled_sections else "done"
        blocks = [(config.line, _end(config)) for config in section.configs]
        for judged in self.judgements.within(path, section.line, section.end):
            line = judged.finding.line
            in_block = any(first <= line <= last for first, last in blocks)
            if judged.finding.rule in _OF_SECTIONS and not in_block:
                state = "waived" if judged.outcome == "allowed" else "open"
        return ClausePart("section", spec.id, state, place, None, ())

    def _config(self, kind: str) -> ClausePart:
        blocks = self.charter.configs(kind)
        if not blocks and all(kind not in s.configs for _, s in _sections(self.charter.spec)):
            return self._absent("config", kind)
        if not blocks:
            return ClausePart("config", kind, "open", None, None, ())
        found: list[Judged] = []
        for block in blocks:
            path = block.document.path
            found += self.judgements.within(path, block.line, _end(block))
        current = self.charter.entries(kind)
        every = self.charter.every(kind)
        state: PartState = "done"
        if not self.charter.settled(kind) or any(one.outcome != "allowed" for one in found):
            state = "open"
        elif found or len(current) < len(every):
            state = "waived"
        place = _place(blocks[0].document, blocks[0].line)
        return ClausePart("config", kind, state, place, None, ())

    # Parts that this repository does not have

    def _absent(self, kind: Kind, id: str) -> ClausePart:
        why = self._why_left_out(kind, id)
        if why is not None:
            return ClausePart(kind, id, "not-applicable", None, why, ())
        return ClausePart(kind, id, "not-asked", None, self._why_not_asked(kind, id), ())

    def _why_left_out(self, kind: Kind, id: str) -> str | None:
        """Return the decision of the settings that leaves out a part or what it is in."""
        settings = self.charter.settings
        for name in _names_around(self._every_tier, kind, id):
            if (entry := settings.not_applicable.get(name)) is not None:
                return f"by {entry.by}: {entry.reason}"
            if name in settings.provided_elsewhere:
                return f"kept at {settings.provided_elsewhere[name]}"
            if name in settings.excluded:
                return "excluded by the organisation"
        return None

    def _why_not_asked(self, kind: Kind, id: str) -> str:
        if _has(Specification(self.charter.spec.kept), kind, id):
            return "its document is from before the adoption"
        answers = self.charter.answers.values
        for tier in TIERS:
            spec = self._specify(answers | {"tier": tier})
            if _has(spec, kind, id, tier):
                return f"from tier {tier} on"
        tracks = [
            track
            for track in composing.list_tracks(self.charter.template)
            if _has(self._specify({"tracks": [track], "layout": "documents"}), kind, id)
        ]
        if tracks:
            return f"only with track {' or '.join(tracks)}"
        return "not in this version of the template"

    def _specify(self, answers: dict[str, Any]) -> Specification:
        spec = specification.read(self.charter.template, answers, self.charter.cache)
        return required.extend(spec, self.charter.settings.required)

    @cached_property
    def _every_tier(self) -> Specification:
        return self._specify(self.charter.answers.values | {"tier": None})


# The rules about the text of a section; others are about its items and config blocks.
_OF_SECTIONS = ("section-unfilled", "starter-left")


def _sections(spec: Specification) -> Iterator[tuple[DocumentSpec, SectionSpec]]:
    for document_spec in spec.documents:
        for section in document_spec.sections:
            yield document_spec, section


def _has(spec: Specification, kind: Kind, id: str, tier: str | None = None) -> bool:
    """Return whether a specification has a part, and requires it at a tier if it is an item."""
    for _, section in _sections(spec):
        if kind == "section" and section.id == id:
            return True
        if kind == "config" and id in section.configs:
            return True
        if kind == "item" and any(_is_required(item, id, tier) for item in section.items):
            return True
    return False


def _is_required(item: ItemSpec, id: str, tier: str | None) -> bool:
    if item.id != id:
        return False
    return tier is None or (item.tier in TIERS and TIERS.index(item.tier) <= TIERS.index(tier))


def _names_around(spec: Specification, kind: Kind, id: str) -> Iterator[str]:
    """Yield the names of a part, its section and its document, as settings leave them out."""
    for document_spec, section in _sections(spec):
        items = [item.id for item in section.items]
        own = {"item": items, "section": [section.id], "config": section.configs}[kind]
        if id in own:
            yield from (*([id] if kind == "item" else []), section.id, document_spec.path)


def _end(config: ConfigBlock) -> int:
    """Return the last line of a config block."""
    return max(config.line, config.fence + config.text.count("\n") + 1)


def _place(document: Document, line: int) -> str:
    """Return the path of a document with the anchor of the section at a line."""
    section = document.section_at(line)
    return f"{document.path}#{slug(section.heading)}" if section else document.path


def _list_proofs(found: list[tuple[Document, Item]]) -> Iterator[Proof]:
    for document, item in found:
        for evidence in item.evidence:
            target = evidence.target
            if not link_targets.is_external(target):
                path = link_targets.resolve(document.path, target)
                if path is None:
                    continue
                _, mark, fragment = target.partition("#")
                target = posixpath.normpath(path) + mark + fragment
            yield Proof(evidence.text or evidence.target, target)
