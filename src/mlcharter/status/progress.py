"""Measure the progress of a repository: of each document, of each area, and the next steps.

An item is done if it is ticked and no rule has a finding in its lines. Waived items are not
counted; their number is shown separately. A score is about a repository, never about a person.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Literal

from mlcharter.charter import config_entries, readiness_areas
from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Reading
from mlcharter.charter.readiness_areas import Area
from mlcharter.charter.settings import Level, Tier
from mlcharter.check.result import Judged
from mlcharter.formats.models import Part
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.status import judgements, next_steps, start_here
from mlcharter.status.judgements import Count, Judgements
from mlcharter.status.next_steps import Step
from mlcharter.status.start_here import Open, StartStep
from mlcharter.support.finding import Finding
from mlcharter.template.specification import DocumentSpec, ItemSpec, SectionSpec

_NONE = Count(0, 0, 0)


class DocumentProgress(Part, frozen=True):
    """Counts of filled sections, required items with evidence, and valid config blocks."""

    path: str
    sections: Count
    items: Count
    configs: Count

    @property
    def all(self) -> Count:
        return self.sections + self.items + self.configs


class AreaProgress(Part, frozen=True):
    """The required items of one area, each of which counts `weight` points.

    `score` is out of `points`; it is null if the area does not apply, since nothing is required.
    """

    id: str
    title: str
    weight: int
    points: int
    score: int | None
    items: Count

    @property
    def applies(self) -> bool:
        return self.items.of > 0


class Left(Part, frozen=True):
    """How many findings first fail at each level; those about the starter are only in `starter`."""

    draft: int
    complete: int
    release: int
    starter: int = 0


class Progress(Part, frozen=True, kw_only=True):
    """The progress of one repository; `root` is its path from the working directory.

    `level` is the one that is checked. `score` is out of 100, a share of the `points` of all areas;
    it is rounded down, so that 100 means all, and null if nothing is required. `beside` are
    the items without an area, which only an organisation requires. `not_applicable`,
    `provided_elsewhere` and `excluded` are the names of the parts that are left out. `starter`
    counts the places where the system that ships with the template is left. `start` are the first
    steps in a new repository, until they are done.
    """

    version: Literal[1]
    root: str
    name: str
    tier: Tier
    tracks: tuple[str, ...]
    level: Level
    score: int | None
    points: int
    left: Left
    documents: tuple[DocumentProgress, ...]
    areas: tuple[AreaProgress, ...]
    beside: Count
    not_applicable: tuple[str, ...]
    provided_elsewhere: tuple[str, ...]
    excluded: tuple[str, ...]
    starter: int
    start: tuple[StartStep, ...]
    next: tuple[Step, ...]


def measure(charter: Charter, prefix: str = "", found: Sequence[Finding] | None = None) -> Progress:
    """Measure the progress of a charter by every rule, even those that its settings ignore.

    `found` are the findings of all rules, if they are known already.
    Answers that cannot be read are a UserError, since then the required parts are unknown.
    """
    judgements.refuse_broken_answers(charter, prefix)
    areas = readiness_areas.areas(charter.template)
    return _Measurement(charter, areas, found).progress(prefix)


class _Measurement:
    """The counts of one charter."""

    def __init__(
        self, charter: Charter, areas: tuple[Area, ...], found: Sequence[Finding] | None
    ) -> None:
        self.charter = charter
        tracks = charter.answers.values.get("tracks", ())
        self.areas = tuple(area for area in areas if area.track is None or area.track in tracks)
        self.judgements = Judgements.of(charter, found)
        self.judged = self.judgements.judged

    def progress(self, prefix: str) -> Progress:
        answers = self.charter.answers.values
        areas = tuple(self._area(area) for area in self.areas)
        worth = {area.id: area.points for area in areas}
        points = sum(worth.values())
        reached = sum(area.score or 0 for area in areas)
        level: Any = self.charter.settings.level("", self.charter.branch)
        tier: Any = self.charter.tier
        failing = [judged for judged in self._chosen if judged.outcome == "fails"]
        of_starter = [judged for judged in failing if judged.finding.rule == "starter-left"]
        fails = Counter(judged.level for judged in failing if judged not in of_starter)
        starter = sum(judged.finding.rule == "starter-left" for judged in self.judged)
        documents = tuple(self._documents())
        unfilled = sum(document.sections.of - document.sections.done for document in documents)
        return Progress(
            version=1,
            root=prefix.rstrip("/") or ".",
            name=str(answers.get("project_name", "")),
            tier=tier,
            tracks=tuple(map(str, answers.get("tracks", ()))),
            level=level,
            score=100 * reached // points if points else None,
            points=points,
            left=Left(fails["draft"], fails["complete"], fails["release"], len(of_starter)),
            documents=documents,
            areas=areas,
            beside=self._areas[""],
            not_applicable=tuple(self.charter.settings.not_applicable),
            provided_elsewhere=tuple(self.charter.settings.provided_elsewhere),
            excluded=self.charter.settings.excluded,
            starter=starter,
            start=start_here.steps(self.charter, Open(starter, unfilled, fails["draft"])),
            next=tuple(next_steps.steps(self.charter, self._chosen, self.areas, worth)),
        )

    def _area(self, area: Area) -> AreaProgress:
        items = self._areas[area.id]
        score = area.weight * items.done if items.of else None
        points = area.weight * items.of
        return AreaProgress(area.id, area.title, area.weight, points, score, items)

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
            items = sum(self._required(document_spec), _NONE)
            configs = self._configs(document_spec, document)
            found = DocumentProgress(
                document_spec.path, Count(filled, len(open_sections), 0), items, configs
            )
            if not document_spec.finished and (found.all.of or found.all.waived):
                yield found

    def _filled(self, document: Document | None, section_spec: SectionSpec) -> bool:
        section = document.section(section_spec.id) if document else None
        return section is not None and section not in self.charter.unfilled_sections

    def _configs(self, document_spec: DocumentSpec, document: Document | None) -> Count:
        expected = sum(len(section.configs) for section in document_spec.sections)
        blocks = [(c, r) for c, r in self.charter.readings if c.document is document]
        valid = sum(_is_valid(config, read) for config, read in blocks)
        return Count(valid, max(expected, len(blocks)), 0)

    # Items

    def _required(self, document_spec: DocumentSpec) -> Iterator[Count]:
        return (count for document, _, _, count in self._items if document is document_spec)

    @cached_property
    def _items(self) -> list[tuple[DocumentSpec, SectionSpec, ItemSpec, Count]]:
        """Every item that the tier requires, each with its own count."""
        return [
            (document, section, item, self.judgements.count(item))
            for document in self.charter.spec.documents
            for section in document.sections
            for item in section.items
            if self.charter.requires(item.tier)
        ]

    @cached_property
    def _areas(self) -> dict[str, Count]:
        """The counts by area; those of items without an area have the key `""`."""
        counts = dict.fromkeys([*(area.id for area in self.areas), ""], _NONE)
        for document, section, item, count in self._items:
            area = readiness_areas.area_of(self.areas, document, section, item.id)
            counts[area.id if area else ""] += count
        return counts


def _is_valid(config: ConfigBlock, read: Reading) -> bool:
    known = config.kind in config_entries.kinds()
    return known and config.problem is None and not read.blank and not read.problems
