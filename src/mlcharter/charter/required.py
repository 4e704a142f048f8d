"""What an organisation asks for beside the template: further documents, sections and items."""

from collections.abc import Iterable

from msgspec.structs import replace

from mlcharter.charter.settings import RequiredDocument, RequiredSection
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec, Specification


def extended(spec: Specification, required: Iterable[RequiredDocument]) -> Specification:
    """The demands with those of a settings file: further documents, sections and items."""
    documents = {demand.path: demand for demand in spec.documents}
    for more in required:
        known = documents.get(more.path) or DocumentSpec(more.path, True, False)
        sections = {section.id: section for section in known.sections}
        for section in more.sections:
            before = sections.get(section.id) or _wanted(section)
            added = tuple(
                ItemSpec(item.id, section.id, item.tier, item.text or "")
                for item in section.items
                if item.id not in {known.id for known in before.items}
            )
            sections[section.id] = replace(before, items=(*before.items, *added))
        documents[more.path] = replace(known, standard=True, sections=tuple(sections.values()))
    return replace(spec, documents=tuple(documents.values()))


def _wanted(section: RequiredSection) -> SectionSpec:
    heading = section.heading or section.id.replace("-", " ").capitalize()
    return SectionSpec(section.id, heading, 2, True)
