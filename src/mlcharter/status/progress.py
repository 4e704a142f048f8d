"""Measure the progress of a repository: of each document, of each area, and the next steps.

An item is done if it is ticked and no rule has a finding in its lines. Waived items are not
counted; their number is shown separately. A score is about a repository, never about a person.
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
    """How many things are done, of how many; waived ones are in neither number."""

    done: int = 0
    of: int = 0
    waived: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.done + other.done, self.of + other.of, self.waived + other.waived)

    @property
    def share(self) -> float:
        return self.done / self.of if self.of else 0.0


class DocumentProgress(Struct, frozen=True):
    """Counts of filled sections, required items with evidence, and valid config blocks."""

    path: str
    sections: Count
    items: Count
    configs: Count

    @property
    def all(self) -> Count:
        return self.sections + self.items + self.configs


class AreaProgress(Struct, frozen=True):
    """The required items of one area; an area without any does not apply."""

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


class Progress(Struct, frozen=True, dict=True):
    """The progress of one repository. `level` is the one that is checked.

    `left` counts the findings that fail first at each level. `prefix` is the path from the working
    directory. `beside` are items without an area, which only the organisation requires. `starter`
    counts the places where the system that ships with the template is left.
    """

    prefix: str
    name: str
    tier: str
    tracks: tuple[str, ...]
    level: str
    documents: tuple[DocumentProgress, ...]
    areas: tuple[AreaProgress, ...]
    beside: Count
    left: dict[str, int]
    steps: tuple[Step, ...]
    starter: int = 0

    @property
    def points(self) -> int:
        """The points of the areas that apply."""
        return sum(area.points for area in self.areas if area.applies)

    @property
    def score(self) -> int | None:
        """The score out of 100, rounded down, so that 100 means all; None if no area applies."""
        if not self.points:
            return None
        reached = sum(area.score for area in self.areas if area.applies)
        return int(100 * reached / self.points + 1e-9)


def measure(charter: Charter, prefix: str = "") -> Progress:
    """Measure the progress of a charter by every rule, even those that its settings ignore.

    Answers that cannot be read are a UserError, since then the required parts are unknown.
    """
    problem = charter.answers.problem
    if problem is not None:
        message, _, remedy = problem.message.partition("; ")
        raise UserError(f"{prefix}{charter.answers.path}:{problem.line}: {message}", hint=remedy)
    return _Measurement(charter, readiness_areas.areas(charter.template)).progress(prefix)


class _Measurement:
    """The counts of one charter."""

    def __init__(self, charter: Charter, areas: tuple[Area, ...]) -> None:
        self.charter = charter
        tracks = charter.answers.values.get("tracks", ())
        self.areas = tuple(area for area in areas if area.track is None or area.track in tracks)
        result = engine.check(charter, level="release", select=["*"])
        self.judged = [judged for judged in result.judged if judged.outcome != "counted"]

    def progress(self, prefix: str) -> Progress:
        answers = self.charter.answers.values
        counts = self._areas
        fails = [judged for judged in self._chosen if judged.outcome == "fails"]
        areas = tuple(AreaProgress(a.id, a.title, a.points, counts[a.id]) for a in self.areas)
        worth = {a.id: a.points / a.items.of for a in areas if a.applies}
        return Progress(
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
            sum(judged.finding.rule == "starter-left" for judged in self.judged),
        )

    @property
    def _chosen(self) -> list[Judged]:
        """The open findings of the rules that the settings select."""
        selects = self.charter.settings.selects
        return [
            judged
            for judged in self.judged
            if judged.outcome in ("fails", "known") and selects(judged.finding.rule)
        ]

    # Documents

    def _documents(self) -> Iterator[DocumentProgress]:
        for document_spec in self.charter.spec.documents:
            document = self.charter.document(document_spec.path)
            open_sections = [section for section in document_spec.sections if section.open]
            filled = sum(self._filled(document, section) for section in open_sections)
            items = sum(self._required(document_spec), Count())
            configs = self._configs(document_spec, document)
            found = DocumentProgress(
                document_spec.path, Count(filled, len(open_sections)), items, configs
            )
            if not document_spec.finished and (found.all.of or found.all.waived):
                yield found

    def _filled(self, document: Document | None, section_spec: SectionSpec) -> bool:
        section = document.section(section_spec.id) if document else None
        return (
            section is not None
            and filling.why_unfilled(self.charter.spec, section_spec, section) is None
        )

    def _configs(self, document_spec: DocumentSpec, document: Document | None) -> Count:
        expected = sum(len(section.configs) for section in document_spec.sections)
        blocks = [(c, r) for c, r in self.charter.readings if c.document is document]
        valid = sum(_is_valid(config, read) for config, read in blocks)
        return Count(valid, max(expected, len(blocks)))

    # Items

    def _required(self, document_spec: DocumentSpec) -> Iterator[Count]:
        return (count for document, _, _, count in self._items if document is document_spec)

    @cached_property
    def _items(self) -> list[tuple[DocumentSpec, SectionSpec, ItemSpec, Count]]:
        """Every item that the tier requires, each with its own count."""
        return [
            (document, section, item, self._count(item))
            for document in self.charter.spec.documents
            for section in document.sections
            for item in section.items
            if self.charter.requires(item.tier)
        ]

    def _count(self, item_spec: ItemSpec) -> Count:
        occurrences = [(d, item) for d, item in self.charter.items if item.id == item_spec.id]
        found = [judged for d, item in occurrences for judged in self._in_lines(d, item)]
        if not occurrences or any(judged.outcome != "allowed" for judged in found):
            return Count(0, 1)
        if found or not all(item.ticked for _, item in occurrences):
            return Count(waived=1)
        return Count(1, 1)

    def _in_lines(self, document: Document, item: Item) -> list[Judged]:
        """Return the findings in the lines of an item; an open item has a finding itself."""
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
        """The counts by area; those of items without an area have the key `""`."""
        counts = {area.id: Count() for area in self.areas} | {"": Count()}
        for document, section, item, count in self._items:
            area = readiness_areas.area_of(self.areas, document, section, item.id)
            counts[area.id if area else ""] += count
        return counts


def _is_valid(config: ConfigBlock, read: Reading) -> bool:
    known = config.kind in config_entries.kinds()
    return known and config.problem is None and not read.blank and not read.problems
