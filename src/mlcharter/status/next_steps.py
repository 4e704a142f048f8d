"""What to do next in a repository: where, what to write, and why before anything else.

What keeps a repository from the nearest level comes first; then what the lowest tier requires;
then the documents from the first section of the design doc on, as a reader goes through them. One
thing a section, since the next run shows more.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from mlcharter.charter import config_entries, readiness_areas
from mlcharter.charter.charter import Charter
from mlcharter.charter.readiness_areas import Area
from mlcharter.charter.settings import LEVELS, TIERS
from mlcharter.check.result import Judged
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec

MOST = 3


class Step(Struct, frozen=True):
    """Something to do at a place, and why it comes before others."""

    path: str
    line: int
    rule: str
    level: str
    what: str
    why: str


def steps(
    charter: Charter, judged: Sequence[Judged], areas: tuple[Area, ...], worth: dict[str, float]
) -> Iterator[Step]:
    """The first few things; `worth` is what one required item of an area adds in its points."""
    found = sorted((_Open(charter, one, areas, worth) for one in judged), key=_Open.order)
    sections: set[tuple[str, str]] = set()
    shown = 0
    for one in found:
        place = one.path, one.section.id if one.section else ""
        if place in sections:
            continue
        sections.add(place)
        yield Step(one.path, one.line, one.rule, one.level, one.what(), one.why())
        shown += 1
        if shown == MOST:
            return


class _Open:
    """A finding with what it is about: a section and perhaps an item, and their area."""

    def __init__(
        self, charter: Charter, judged: Judged, areas: tuple[Area, ...], worth: dict[str, float]
    ) -> None:
        self.charter = charter
        self.judged = judged
        self.path, self.line = judged.finding.path, judged.finding.line
        self.rule, self.level = judged.finding.rule, judged.level
        self.document: DocumentSpec | None = charter.spec.document(self.path)
        self.section, self.item = self._subject()
        self.area = self._area(areas)
        self.worth = worth
        self.points = sum(area.points for area in areas if area.id in worth)

    def _subject(self) -> tuple[SectionSpec | None, ItemSpec | None]:
        document = self.charter.document(self.path)
        if document is None or self.document is None:
            return None, None
        at = document.section_at(self.line)
        section = self.document.section(at.id) if at and at.id else None
        here = (i for i in document.items if i.line <= self.line <= i.end and i.id)
        item = next(here, None)
        return section, self.charter.spec.items.get(item.id or "") if item else None

    def _area(self, areas: tuple[Area, ...]) -> Area | None:
        if self.document is None or self.section is None:
            return None
        return readiness_areas.area_of(
            areas, self.document, self.section, self.item.id if self.item else ""
        )

    def order(self) -> tuple[object, ...]:
        """What comes first: see the module."""
        tier = self.item.tier if self.item else None
        paths = [demand.path for demand in self.charter.spec.documents]
        return (
            self.judged.outcome == "known",
            LEVELS.index(self.level),
            TIERS.index(tier) if tier in TIERS else 0,
            paths.index(self.path) if self.path in paths else -1,
            self.path,
            self.section is None,  # a field is filled in when there is something to date
            self.judged.finding,
        )

    def what(self) -> str:
        """What to write."""
        if self.rule == "section-unfilled" and self.section and self.section.guidance:
            asked = " ".join(map(_question, self.section.guidance))
            return f'write "{self.charter.spec.fill_names(self.section.heading)}": {asked}'
        if self.rule == "item-without-evidence" and self.item:
            remedy = "tick it and link the proof after `Evidence:`"
            return f"prove `{self.item.id}`: {self.item.sentence} Then {remedy}"
        if self.rule == "config-unfilled" and (kind := self._kind()):
            keys = ", ".join(config_entries.keys(kind))
            return (
                f"fill in the config block `{kind}` ({keys}); `mlcharter explain {kind}` says how"
            )
        return self.judged.finding.message

    def _kind(self) -> str | None:
        document = self.charter.document(self.path)
        configs = document.configs if document else ()
        return next((c.kind for c in configs if c.line == self.line), None)

    def why(self) -> str:
        """What waits for it, and what it adds to the score."""
        if self.judged.outcome == "known":
            return self.judged.why
        if self.level == "draft":
            return "fails at every level"
        reason = f"{self.level} waits for it"
        if self.item and self.item.tier:
            reason += f"; required from {self.item.tier} on"
        if self.area is None:
            return reason
        if self.item and self.area.id in self.worth:
            gain = 100 * self.worth[self.area.id] / self.points
            return f"{reason}; adds {gain:.1f} to the score, in {self.area.title}"
        return (
            f"{reason}; its area, {self.area.title}, has {self.area.points} points of {self.points}"
        )


def _question(question: str) -> str:
    return " ".join(question.removeprefix("<!--").removesuffix("-->").split())
