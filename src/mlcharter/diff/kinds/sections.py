"""Documents and sections: removed, emptied or filled, and the owner and review of a document."""

from collections.abc import Iterator

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import LESS, Class
from mlcharter.markdown.checklist import parse_date
from mlcharter.markdown.document import Document, Section
from mlcharter.template.specification import FIELDS


def compare(pair: Pair) -> Iterator[Difference]:
    new_titles = {read.title: read for read in pair.after() if read.path not in _paths(pair.old)}
    for read in pair.before():
        now = pair.new.document(read.path)
        moved = new_titles.get(read.title)
        if now is not None:
            yield from _compare_fields(read, now)
        elif moved is not None:
            yield difference("neutral", "document renamed", (read.path, moved.path), moved.path)
        else:
            known = pair.new.spec.document(read.path) is not None
            effect = pair.removed_part(known, read.path, "document")
            if effect is not None:
                values = (read.title, None)
                yield difference(effect, "document", values, read.path, 1, at_base=True)
    old, new = _by_id(pair.before()), _by_id(pair.after())
    specs = {section.id: section for section in pair.new.spec.sections}
    for id, section in old.items():
        if id not in new:
            if pair.new.document(section.document.path) is None:
                continue  # the document is gone, which is a difference already
            effect = pair.removed_part(id in specs, id, "section")
            if effect is not None:
                where = (section.document.path, section.line)
                yield difference(
                    effect, f"section `{id}`", (section.heading, None), *where, at_base=True
                )
            continue
        yield from _compare_filling(pair, id, section, new[id])


def _paths(charter: Charter) -> set[str]:
    return {read.path for read in charter.documents}


def _by_id(documents: Iterator[Document]) -> dict[str, Section]:
    return {section.id: section for read in documents for section in read.sections if section.id}


def _compare_filling(pair: Pair, id: str, old: Section, new: Section) -> Iterator[Difference]:
    if old.text == new.text:
        return
    states = []
    for charter, section in ((pair.old, old), (pair.new, new)):
        spec = next((spec for spec in charter.spec.sections if spec.id == id), None)
        reason = filling.why_unfilled(charter.spec, spec, section) if spec else None
        states.append(reason or "is filled")
    filled = [state == "is filled" for state in states]
    if filled[0] != filled[1]:
        effect: Class = "tightens" if filled[1] else "weakens"
        yield difference(
            effect, f"section `{id}`", (states[0], states[1]), new.document.path, new.line
        )


def _compare_fields(old: Document, new: Document) -> Iterator[Difference]:
    for name in FIELDS:
        before, after = old.field(name), new.field(name)
        values = [field.value if field else None for field in (before, after)]
        if values[0] == values[1]:
            continue
        line = after.line if after else 1
        effect: Class = "weakens" if after is None else "needs a person"
        if name == "Reviewed" and before and after:
            dates = [parse_date(field.value.strip()) for field in (before, after)]
            if dates[0] and dates[1]:
                effect = directions.judge(LESS, dates[0], dates[1])
        elif before is None:
            effect = "neutral"
        yield difference(effect, f"field `{name}`", (values[0], values[1]), new.path, line)
