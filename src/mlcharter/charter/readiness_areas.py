"""The areas in which a charter is scored, and what belongs to each, as template/areas.yml says."""

from functools import cache
from pathlib import Path

import msgspec

from mlcharter.formats import yamlblock
from mlcharter.formats.models import Part
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec

FILE = "template/areas.yml"


class Area(Part, frozen=True, kw_only=True):
    """`points` are what it weighs; it applies where `track` is chosen, or always without one."""

    id: str
    title: str
    points: int
    track: str | None = None
    documents: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@cache
def areas(root: Path) -> tuple[Area, ...]:
    """The areas of the template at `root`, in the order in which they are shown.

    A template that has none, such as an older one, is scored by those that this program carries.
    """
    file = root / FILE
    if not file.is_file():
        file = embedded_root() / FILE
    tree = yamlblock.parse(file.read_text(encoding="utf-8"))
    assert tree.problem is None, tree.problem
    return msgspec.convert(tree.value, tuple[Area, ...], strict=True)


def area_of(
    found: tuple[Area, ...], document: DocumentSpec, section: SectionSpec, item: str = ""
) -> Area | None:
    """Where an item, or without one a section, belongs: by its own name, its section's, its file's.

    None for what an organisation asks for in a document of its own.
    """
    for names, name in (("items", item), ("sections", section.id), ("documents", document.path)):
        for area in found:
            if name in getattr(area, names):
                return area
    return None
