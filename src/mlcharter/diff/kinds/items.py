"""Items of checklists: removed, ticked, waived, reworded, and their evidence."""

from collections.abc import Iterable, Iterator

from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference, is_of_template
from mlcharter.formats import directions
from mlcharter.formats.directions import MORE, Class
from mlcharter.markdown.checklist import Item, Waiver, parse_date
from mlcharter.markdown.document import Document
from mlcharter.template.specification import single_spaced


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = _by_id(pair.before()), _by_id(pair.after())
    added = {_section(*new[id]) for id in new.keys() - old.keys()}
    for id, (read, item) in old.items():
        if id in new:
            yield from _compare(pair, id, item, *new[id])
            continue
        effect = pair.removed_part(id in pair.new.spec.items, id, "item")
        renamed = pair.updated and _section(read, item) in added
        if effect == "weakens" and renamed and is_of_template("item", id):
            effect = "needs a person"  # an update may rename an item of the template
        if effect is not None:
            text = _shorten(item.sentence)
            yield difference(effect, _name(id), (text, None), read.path, item.line, at_base=True)
    for id in new.keys() - old.keys():
        read, item = new[id]
        values = (None, _shorten(item.sentence))
        yield difference("tightens", _name(id), values, read.path, item.line)
        yield from _compare_waivers(id, None, item.waiver, read, item)


def _by_id(documents: Iterable[Document]) -> dict[str, tuple[Document, Item]]:
    """Return every item by its id, or by its text if it has none."""
    found: dict[str, tuple[Document, Item]] = {}
    for read in documents:
        for item in read.items:
            found.setdefault(item.id or f" {item.sentence}", (read, item))
    return found


def _section(read: Document, item: Item) -> str | None:
    section = read.section_at(item.line)
    return section.id if section else None


def _name(id: str) -> str:
    return "item without an id" if id.startswith(" ") else f"item `{id}`"


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= 60 else f"{sentence[:59]}…"


def _compare(pair: Pair, id: str, old: Item, read: Document, new: Item) -> Iterator[Difference]:
    where = (read.path, new.line)
    if old.ticked != new.ticked:
        states = [("ticked" if item.ticked else "not ticked") for item in (old, new)]
        yield difference("needs a person", _name(id), (states[0], states[1]), *where)
    if old.sentence != new.sentence:
        spec = pair.new.spec.items.get(id)
        own = spec is None or single_spaced(pair.new.spec.fill_names(spec.sentence)) != new.sentence
        effect: Class = "needs a person" if own else "neutral"
        texts = (_shorten(old.sentence), _shorten(new.sentence))
        yield difference(effect, f"{_name(id)} text", texts, *where)
    if old.tier != new.tier:
        spec = pair.new.spec.items.get(id)
        effect = "neutral" if spec and spec.tier == new.tier else "needs a person"
        yield difference(effect, f"{_name(id)} tier", (old.tier, new.tier), *where)
    yield from _compare_waivers(id, old.waiver, new.waiver, read, new)
    yield from _compare_evidence(pair, id, old, new, read)


def _compare_waivers(
    id: str, old: Waiver | None, new: Waiver | None, read: Document, item: Item
) -> Iterator[Difference]:
    line = new.line if new else item.line
    values = (_waived(old), _waived(new))
    subject = f"{_name(id)} waiver"
    if old is None or new is None:
        if old is not new:
            effect = directions.judge_entry(MORE, old, new)
            yield difference(effect, subject, values, read.path, line)
    elif old.until != new.until:
        effect = directions.judge(MORE, old.until, new.until)
        yield difference(effect, subject, values, read.path, line)
    elif (old.by, old.reason) != (new.by, new.reason):
        yield difference("needs a person", subject, values, read.path, line)


def _waived(waiver: Waiver | None) -> str | None:
    if waiver is None:
        return None
    return f"until {waiver.until_text or 'no date'} by {waiver.by or 'nobody'}: {waiver.reason}"


def _compare_evidence(
    pair: Pair, id: str, old: Item, new: Item, read: Document
) -> Iterator[Difference]:
    before = {proof.target: proof.digest for proof in old.evidence}
    after = {proof.target: proof.digest for proof in new.evidence}
    subject = f"{_name(id)} evidence"
    lost = [target for target in before if target not in after]
    brought = [target for target in after if target not in before]
    lines = {proof.target: proof.line for proof in new.evidence}
    unreviewed = old.ticked and new.ticked and not _is_reviewed(pair, read)
    other_evidence: Class = "weakens" if unreviewed else "needs a person"
    note = "nobody reviewed it; write the date at `Reviewed`" if unreviewed else ""
    for target in lost:
        other = brought.pop(0) if brought else None
        line = lines.get(other or "", new.line)
        unstamped = other and before[target] and not after[other]
        if other and not unstamped:
            yield difference(other_evidence, subject, (target, other), read.path, line, note=note)
        else:
            effect: Class = "weakens" if new.ticked else "needs a person"
            yield difference(effect, subject, (target, other), read.path, line)
    for target in brought:
        yield difference("needs a person", subject, (None, target), read.path, lines[target])
    for target, digest in before.items():
        now = after.get(target, digest)
        if now != digest:
            stamps = (_stamp(target, digest), _stamp(target, now))
            at = (read.path, lines[target])
            if now is None:
                yield difference("weakens", f"{subject} digest", stamps, *at)
            else:
                yield difference(other_evidence, f"{subject} digest", stamps, *at, note=note)


def _is_reviewed(pair: Pair, read: Document) -> bool:
    """Return whether a change reviews a document, or the base does not say when that was."""
    old = pair.old.document(read.path)
    fields = [document.field("Reviewed") if document else None for document in (old, read)]
    before, after = (parse_date(field.value.strip()) if field else None for field in fields)
    return before is None or (after is not None and (after > before or after >= pair.new.earliest))


def _stamp(target: str, digest: str | None) -> str | None:
    return digest and f"{target} {digest[:12]}"
