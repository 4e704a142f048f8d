"""Add the documents, sections and items that an organisation requires to the specification."""

from collections.abc import Iterable

from msgspec.structs import replace

from mlcharter.charter.settings import RequiredDocument, RequiredSection
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec, Specification


def extend(spec: Specification, required: Iterable[RequiredDocument]) -> Specification:
    """Return the specification with the documents, sections and items that settings require."""
    documents = {known.path: known for known in spec.documents}
    for document in required:
        known = documents.get(document.path) or DocumentSpec(document.path, True, False)
        sections = {section.id: section for section in known.sections}
        for section in document.sections:
            before = sections.get(section.id) or _section_spec(section)
            added = tuple(
                ItemSpec(item.id, section.id, item.tier, item.text or "")
                for item in section.items
                if item.id not in {known.id for known in before.items}
            )
            sections[section.id] = replace(before, items=(*before.items, *added))
        documents[document.path] = replace(known, standard=True, sections=tuple(sections.values()))
    return replace(spec, documents=tuple(documents.values()))


def _section_spec(section: RequiredSection) -> SectionSpec:
    heading = section.heading or section.id.replace("-", " ").capitalize()
    return SectionSpec(section.id, heading, 2, True)
