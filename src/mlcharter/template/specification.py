"""What a charter must contain, read from the template's own sources.

Nothing is rendered, and there is no second list of sections: the documents are composed as text
and read by the parser that reads a team's. What was read is remembered while nothing changes.
"""

import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mlcharter.support import user_cache
from mlcharter.markdown import document
from mlcharter.template.composing import DECIDING, composed, sources
from mlcharter.template.demands import FIELDS, Demands, DocumentDemand, ItemDemand, SectionDemand, single_spaced
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


def demanded(root: Path, answers: Mapping[str, Any], kept: Path | None = None) -> Demands:
    """What the template at `root` gives a repository with these answers.

    `kept` is a folder in which it is remembered until the template changes.
    """
    deciding = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in answers.items()
        if name in DECIDING
    )
    documents, forms = _remembered(root, tuple(sorted(deciding)), kept)
    return Demands(documents, forms, answers)


Parts = tuple[tuple[DocumentDemand, ...], frozenset[str]]


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


def _order(demand: DocumentDemand) -> tuple[int, str]:
    """The standard documents first, in their own order."""
    at = STANDARD.index(demand.path) if demand.path in STANDARD else len(STANDARD)
    return at, demand.path


# Reading what was composed


def demand(read: Document) -> DocumentDemand:
    """What a repository is held to that was given this document."""
    sections = tuple(_section(section) for section in read.sections if section.id)
    return DocumentDemand(
        path=read.path,
        standard=read.path in STANDARD,
        finished=not any(section.open or section.items for section in sections),
        fields=tuple(field.name for field in read.fields if field.name in FIELDS),
        sections=sections,
    )


def _section(section: Section) -> SectionDemand:
    assert section.id
    kinds = {block.kind for block in section.blocks}
    return SectionDemand(
        id=section.id,
        heading=section.heading,
        level=section.level,
        open="placeholder" in kinds,
        guidance=tuple(single_spaced(b.text) for b in section.blocks if b.kind == "guidance"),
        texts=frozenset(single_spaced(block.text) for block in section.prose),
        items=tuple(
            ItemDemand(item.id, section.id, item.tier, item.sentence)
            for item in section.items
            if item.id
        ),
        configs=tuple(config.kind for config in section.configs),
    )
