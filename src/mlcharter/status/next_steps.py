"""Choose the next steps in a repository: where, what to do, and why this comes first.

Findings of the lowest level come first, then requirements of the lowest tier, then documents and
sections in the order of the template. Each section gives only one step; the next run shows more.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from mlcharter.charter import config_entries, readiness_areas
from mlcharter.charter.charter import Charter
from mlcharter.charter.readiness_areas import Area
from mlcharter.charter.settings import LEVELS, TIERS, Level
from mlcharter.check.result import Judged
from mlcharter.formats import model_errors
from mlcharter.formats.models import OF_EVERY_ENTRY, Part
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec

MOST = 3


class Step(Part, frozen=True):
    """A task at a place, and why it comes before others; `level` is the first that requires it."""

    path: str
    line: int
    rule: str
    level: Level
    what: str
    why: str


def steps(
    charter: Charter, judged: Sequence[Judged], areas: tuple[Area, ...], worth: dict[str, int]
) -> Iterator[Step]:
    """Yield the first steps; `worth` is how many points each area has."""
    tasks = sorted((_Open(charter, one, areas, worth) for one in judged), key=_Open.order)
    first: dict[tuple[str, str], _Open] = {}
    for one in tasks:
        first.setdefault((one.path, one.section.id if one.section else ""), one)
    for one in islice(first.values(), MOST):
        yield Step(one.path, one.line, one.rule, one.level, one.what(), one.why())


class _Open:
    """An open finding with its section, its item if it has one, and their area."""

    def __init__(
        self, charter: Charter, judged: Judged, areas: tuple[Area, ...], worth: dict[str, int]
    ) -> None:
        self.charter = charter
        self.judged = judged
        self.path, self.line = judged.finding.path, judged.finding.line
        self.rule = judged.finding.rule
        self.level: Any = judged.level
        self.document: DocumentSpec | None = charter.spec.document(self.path)
        self.section, self.item = self._subject()
        name = self.item.id if self.item else ""
        self.area = (
            readiness_areas.area_of(areas, self.document, self.section, name)
            if self.document and self.section
            else None
        )
        self.worth = worth
        self.points = sum(worth.values())

    def _subject(self) -> tuple[SectionSpec | None, ItemSpec | None]:
        document = self.charter.document(self.path)
        if document is None or self.document is None:
            return None, None
        at = document.section_at(self.line)
        section = self.document.section(at.id) if at and at.id else None
        here = (i for i in document.items if i.line <= self.line <= i.end and i.id)
        item = next(here, None)
        return section, self.charter.spec.items.get(item.id or "") if item else None

    def order(self) -> tuple[object, ...]:
        """Return the sort key, see the docstring of the module."""
        tier = self.item.tier if self.item else None
        paths = [document_spec.path for document_spec in self.charter.spec.documents]
        return (
            self.judged.outcome == "known",
            LEVELS.index(self.level),
            TIERS.index(tier) if tier in TIERS else 0,
            paths.index(self.path) if self.path in paths else len(paths),
            self.path,
            self.section is None,  # fields can wait until the document has content
            self.judged.finding,
        )

    def what(self) -> str:
        """Return the task."""
        if self.rule == "section-unfilled" and self.section and self.section.guidance:
            guidance = " ".join(self.section.guidance)
            return f'write "{self.charter.spec.fill_names(self.section.heading)}": {guidance}'
        if self.rule == "item-without-evidence" and self.item:
            remedy = "tick it and link the evidence after `Evidence:`"
            return f"give evidence for `{self.item.id}`: {self.item.sentence} Then {remedy}"
        if self.rule == "config-unfilled" and (kind := self._kind()):
            described = model_errors.describe_keys(config_entries.entry_model(kind))
            keys = ", ".join(key for key in described if key not in OF_EVERY_ENTRY)
            return (
                f"fill in the config block `{kind}` ({keys}); `mlcharter explain {kind}` shows how"
            )
        return self.judged.finding.message

    def _kind(self) -> str | None:
        document = self.charter.document(self.path)
        configs = document.configs if document else ()
        return next((c.kind for c in configs if c.line == self.line), None)

    def why(self) -> str:
        """Return the level and tier that require the task, and what it adds to the score."""
        if self.judged.outcome == "known":
            return self.judged.why
        if self.level == "draft":
            return "fails at every level"
        reason = f"required for level {self.level}"
        if self.item and self.item.tier:
            reason += f" and from tier {self.item.tier} on"
        if self.area is None:
            return reason
        if self.item and self.points:
            gain = 100 * self.area.weight / self.points
            return f"{reason}; adds {gain:.1f} to the score, in {self.area.title}"
        points = self.worth[self.area.id]
        return f"{reason}; its area, {self.area.title}, has {points} of {self.points} points"
