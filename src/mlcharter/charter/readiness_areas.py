"""Read the areas in which a charter is scored, and their content, from template/areas.yml."""

from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from mlcharter.formats import yamlblock
from mlcharter.formats.models import Part
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import DocumentSpec, SectionSpec

FILE = "template/areas.yml"
# The weights, by what is at stake in an area; every page that explains the score says it like this.
WEIGHING = (
    "an item counts 3 points where a failure harms people, 2 where results are wrong or missing, "
    "and 1 where it costs time or money"
)


class Area(Part, frozen=True, kw_only=True):
    """An area whose items count `weight` points each; with `track`, only where that is chosen."""

    id: str
    title: str
    weight: Literal[1, 2, 3]
    track: str | None = None
    documents: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@cache
def areas(root: Path) -> tuple[Area, ...]:
    """Return the areas of the template at `root`, in the order in which they are shown.

    A template without areas, or with points as in older ones, is scored by those of this program.
    """
    for file in (root / FILE, embedded_root() / FILE):
        if file.is_file():
            tree = yamlblock.parse(file.read_text(encoding="utf-8"))
            assert tree.problem is None, tree.problem
            if all("weight" in area for area in tree.value):
                return msgspec.convert(tree.value, tuple[Area, ...], strict=True)
    raise AssertionError(f"{FILE} is missing")


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
