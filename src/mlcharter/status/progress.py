"""Where a repository stands: how much of each document is done, how ready each area is, what next.

Only what is proven counts: an item that is ticked, and in whose lines no rule finds anything.
What is waived for now is left out of the count, and said. A score speaks of a repository.
"""

from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from mlcharter.charter import config_entries, filling, readiness_areas
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Reading
from mlcharter.charter.readiness_areas import Area
from mlcharter.charter.settings import LEVELS
from mlcharter.check import engine
from mlcharter.check.result import Judged
from mlcharter.markdown.document import ConfigBlock, Document, Item
from mlcharter.status import next_steps
from mlcharter.status.next_steps import Step
from mlcharter.support.errors import UserError
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec


class Count(Struct, frozen=True):
    """How many are done, of how many; `waived` ones are in neither."""

    done: int = 0
    of: int = 0
    waived: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.done + other.done, self.of + other.of, self.waived + other.waived)

    @property
    def share(self) -> float:
        return self.done / self.of if self.of else 0.0


class DocumentStanding(Struct, frozen=True):
    """Counts of filled sections, required items with evidence, and valid config blocks."""

    path: str
    sections: Count
    items: Count
    configs: Count

    @property
    def all(self) -> Count:
        return self.sections + self.items + self.configs


class AreaStanding(Struct, frozen=True):
    """The required items of one area; where none is required today, the area does not apply."""

    id: str
    title: str
    points: int
    items: Count

    @property
    def applies(self) -> bool:
        return self.items.of > 0

    @property
    def score(self) -> float:
        return self.points * self.items.share


class Standing(Struct, frozen=True, dict=True):
    """One repository. `left` counts what keeps it from each level; `level` is what it is held to.

    `prefix` leads from the working directory to it. `beside` are required items without an area,
    which an organisation asks for.
    """

    prefix: str
    name: str
    tier: str
    tracks: tuple[str, ...]
    level: str
    documents: tuple[DocumentStanding, ...]
    areas: tuple[AreaStanding, ...]
    beside: Count
    left: dict[str, int]
    steps: tuple[Step, ...]

    @property
    def points(self) -> int:
        """The points of the areas that apply."""
        return sum(area.points for area in self.areas if area.applies)

    @property
    def score(self) -> int | None:
        """Out of 100, rounded down, so that only all is 100; None where nothing applies."""
        if not self.points:
            return None
        reached = sum(area.score for area in self.areas if area.applies)
        return int(100 * reached / self.points + 1e-9)


def standing(charter: Charter, prefix: str = "") -> Standing:
    """Judge a charter by every rule, also those that its settings leave out.

    A repository whose answers cannot be read is a UserError: nobody knows what it was given.
    """
    problem = charter.answers.problem
    if problem is not None:
        message, _, remedy = problem.message.partition("; ")
        raise UserError(f"{prefix}{charter.answers.path}:{problem.line}: {message}", hint=remedy)
    return _Measure(charter, readiness_areas.areas(charter.template)).standing(prefix)


class _Measure:
    """The counts of one charter."""

    def __init__(self, charter: Charter, areas: tuple[Area, ...]) -> None:
        self.charter = charter
        tracks = charter.answers.values.get("tracks", ())
        self.areas = tuple(area for area in areas if area.track is None or area.track in tracks)
        result = engine.check(charter, level="release", select=["*"])
        self.judged = [judged for judged in result.judged if judged.outcome != "counted"]

    def standing(self, prefix: str) -> Standing:
        answers = self.charter.answers.values
        counts = self._areas
        fails = [judged for judged in self._chosen if judged.outcome == "fails"]
        areas = tuple(AreaStanding(a.id, a.title, a.points, counts[a.id]) for a in self.areas)
        worth = {a.id: a.points / a.items.of for a in areas if a.applies}
        return Standing(
            prefix,
            str(answers.get("project_name", "")),
            self.charter.tier,
            tuple(map(str, answers.get("tracks", ()))),
            self.charter.settings.level("", self.charter.branch),
            tuple(self._documents()),
            areas,
            counts[""],
            {level: sum(judged.level == level for judged in fails) for level in LEVELS},
            tuple(next_steps.steps(self.charter, self._chosen, self.areas, worth)),
        )

    @property
    def _chosen(self) -> list[Judged]:
        """What is open, by the rules that the settings look at."""
        selects = self.charter.settings.selects
        return [
            judged
            for judged in self.judged
            if judged.outcome in ("fails", "known") and selects(judged.finding.rule)
        ]

    # Documents

    def _documents(self) -> Iterator[DocumentStanding]:
        for demand in self.charter.spec.documents:
            document = self.charter.document(demand.path)
            asking = [section for section in demand.sections if section.open]
            filled = sum(self._filled(document, section) for section in asking)
            items = sum(self._required(demand), Count())
            configs = self._configs(demand, document)
            found = DocumentStanding(demand.path, Count(filled, len(asking)), items, configs)
            if not demand.finished and (found.all.of or found.all.waived):
                yield found

    def _filled(self, document: Document | None, wanted: SectionSpec) -> bool:
        section = document.section(wanted.id) if document else None
        return section is not None and filling.unfilled(self.charter.spec, wanted, section) is None

    def _configs(self, demand: DocumentSpec, document: Document | None) -> Count:
        wanted = sum(len(section.configs) for section in demand.sections)
        here = [(c, r) for c, r in self.charter.readings if c.document is document]
        valid = sum(_is_valid(config, read) for config, read in here)
        return Count(valid, max(wanted, len(here)))

    # Items

    def _required(self, demand: DocumentSpec) -> Iterator[Count]:
        return (count for document, _, _, count in self._items if document is demand)

    @cached_property
    def _items(self) -> list[tuple[DocumentSpec, SectionSpec, ItemSpec, Count]]:
        """Every item that the tier requires, with a count of one."""
        return [
            (document, section, item, self._count(item))
            for document in self.charter.spec.documents
            for section in document.sections
            for item in section.items
            if self.charter.requires(item.tier)
        ]

    def _count(self, wanted: ItemSpec) -> Count:
        standing = [(d, item) for d, item in self.charter.items if item.id == wanted.id]
        found = [judged for d, item in standing for judged in self._in_lines(d, item)]
        if not standing or any(judged.outcome != "allowed" for judged in found):
            return Count(0, 1)
        if found or not all(item.ticked for _, item in standing):
            return Count(waived=1)
        return Count(1, 1)

    def _in_lines(self, document: Document, item: Item) -> list[Judged]:
        """What is found in an item; one that is neither ticked nor waived is found too."""
        return [
            judged
            for judged in self._by_path.get(document.path, ())
            if item.line <= judged.finding.line <= item.end
        ]

    @cached_property
    def _by_path(self) -> dict[str, list[Judged]]:
        found: dict[str, list[Judged]] = {}
        for judged in self.judged:
            found.setdefault(judged.finding.path, []).append(judged)
        return found

    @cached_property
    def _areas(self) -> dict[str, Count]:
        """The counts by area, and under no name those of items that have none."""
        counts = {area.id: Count() for area in self.areas} | {"": Count()}
        for document, section, item, count in self._items:
            area = readiness_areas.area_of(self.areas, document, section, item.id)
            counts[area.id if area else ""] += count
        return counts


def _is_valid(config: ConfigBlock, read: Reading) -> bool:
    known = config.kind in config_entries.kinds()
    return known and config.problem is None and not read.blank and not read.problems
