"""Documents and sections: removed, emptied or filled, and the owner and review of a document."""

from collections.abc import Iterator

from mlcharter.charter import filling
from mlcharter.diff import moves
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import LESS, Class
from mlcharter.markdown.checklist import parse_date
from mlcharter.markdown.document import Document, Section
from mlcharter.template.specification import FIELDS, SectionSpec


def compare(pair: Pair) -> Iterator[Difference]:
    moved = moves.find(pair)
    gone: dict[str, Class | None] = {}
    for read in pair.before():
        now = pair.new.document(moved.get(read.path, read.path))
        if read.path in moved:
            new_path = moved[read.path]
            yield difference("neutral", "document renamed", (read.path, new_path), new_path)
        if now is not None:
            yield from _compare_fields(pair, read, now)
            continue
        known = pair.new.spec.document(read.path) is not None
        effect = pair.removed_part(known, read.path, "document")
        if effect is not None:
            yield difference(effect, "document", (read.title, None), read.path, at_base=True)
        gone[read.path] = effect
    old, new = _by_id(pair.before()), _by_id(pair.after())
    for id, section in old.items():
        if id in new:
            yield from _compare_filling(pair, id, section, new[id])
        elif gone.get(section.document.path) != "weakens":
            yield from _removed(pair, id, section, section.document.path in gone)


def _removed(pair: Pair, id: str, section: Section, with_document: bool) -> Iterator[Difference]:
    """Yield a section that is gone; with its document, only what the document does not say."""
    known = any(spec.id == id for spec in pair.new.spec.sections)
    effect = pair.removed_part(known, id, "section")
    if effect == "weakens" or (effect and not with_document):
        where = (section.document.path, section.line)
        values = (section.heading, None)
        yield difference(effect, f"section `{id}`", values, *where, at_base=True)


def _by_id(documents: Iterator[Document]) -> dict[str, Section]:
    return {section.id: section for read in documents for section in read.sections if section.id}


def _compare_filling(pair: Pair, id: str, old: Section, new: Section) -> Iterator[Difference]:
    if old.text == new.text:
        return
    specs = [
        next((spec for spec in charter.spec.sections if spec.id == id), None)
        for charter in (pair.old, pair.new)
    ]
    if specs == [None, None]:  # a section of the team's, which must have some text
        specs = [SectionSpec(id, old.heading, old.level, open=True)] * 2
    states = [
        (filling.why_unfilled(charter.spec, spec, section) if spec else None) or "is filled"
        for charter, spec, section in zip((pair.old, pair.new), specs, (old, new), strict=True)
    ]
    filled = [state == "is filled" for state in states]
    if filled[0] != filled[1]:
        effect: Class = "tightens" if filled[1] else "weakens"
        yield difference(
            effect,
            f"section `{id}`",
            (states[0], states[1]),
            new.document.path,
            new.line,
            base_path=old.document.path,
        )


def _compare_fields(pair: Pair, old: Document, new: Document) -> Iterator[Difference]:
    for name in FIELDS:
        before, after = old.field(name), new.field(name)
        values = [field.value if field else None for field in (before, after)]
        if values[0] == values[1]:
            continue
        line = after.line if after else 1
        effect: Class = "weakens" if after is None else "needs a person"
        if name == "Reviewed" and before and after:
            dates = [parse_date(field.value.strip()) for field in (before, after)]
            if dates[0]:
                effect = directions.judge(LESS, dates[0], dates[1])
            if dates[1] and dates[1] > pair.new.latest:
                effect = "weakens"  # a review in the future is not stale for years
        elif before is None:
            effect = "neutral"
        yield difference(
            effect, f"field `{name}`", (values[0], values[1]), new.path, line, base_path=old.path
        )
