"""Read the areas in which a charter is scored, and their content, from template/areas.yml."""

from functools import cache
from pathlib import Path

import msgspec

from mlcharter.formats import yamlblock
from mlcharter.formats.models import Part
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec

FILE = "template/areas.yml"


class Area(Part, frozen=True, kw_only=True):
    """An area that weighs `points`; it applies if `track` is chosen, or always without one."""

    id: str
    title: str
    points: int
    track: str | None = None
    documents: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@cache
def areas(root: Path) -> tuple[Area, ...]:
    """Return the areas of the template at `root`, in the order in which they are shown.

    A template without areas, such as an older one, is scored by those of this program.
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
    """Return the area of an item, or of a section if there is none.

    The item, the section and the document are looked up in this order. None for a document that
    only an organisation requires.
    """
    for names, name in (("items", item), ("sections", section.id), ("documents", document.path)):
        for area in found:
            if name in getattr(area, names):
                return area
    return None
