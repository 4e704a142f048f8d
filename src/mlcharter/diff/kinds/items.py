"""Items of checklists: removed, ticked, waived, reworded, and their evidence."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference, is_of_template
from mlcharter.formats import directions
from mlcharter.formats.directions import MORE, Class
from mlcharter.markdown.checklist import Item, Waiver, parse_date
from mlcharter.markdown.document import Document
from mlcharter.support.nearest import nearest
from mlcharter.template.specification import single_spaced

_Place: TypeAlias = "tuple[Document, Item]"
_Key: TypeAlias = "tuple[str, int]"  # the id, or the text after a space, and the number of it
_MOST_LOOKED_UP = 200  # items whose text is compared with that of others
_COMPARED = 100  # characters of a text


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = _by_id(pair.before()), _by_id(pair.after())
    same = directions.match(old, new, _WAYS)
    same |= _reworded(
        _without(old, same),
        _without(new, same.values()),
    )
    brought = _without(new, same.values())
    added: dict[str | None, list[str]] = {}
    for place in brought.values():
        added.setdefault(_section(*place), []).append(_comparable(place[1]))
    for key, (read, item) in old.items():
        if key in same:
            yield from _compare(pair, item, *new[same[key]])
            continue
        effect = pair.removed_part(key[0] in pair.new.spec.items, key[0], "item")
        texts = added.get(_section(read, item), []) if pair.updated else []
        renamed = bool(nearest(_comparable(item), texts))
        if effect == "weakens" and renamed and is_of_template("item", key[0]):
            effect = "needs a person"  # an update may rename an item of the template
        if effect is not None:
            text = _shorten(item.sentence)
            yield difference(effect, _name(item), (text, None), read.path, item.line, at_base=True)
    for read, item in brought.values():
        values = (None, _shorten(item.sentence))
        yield difference("tightens", _name(item), values, read.path, item.line)
        yield from _compare_waivers(None, item.waiver, read, item)


# An id may be used twice by mistake, or to hide a change: the one in the same document counts.
_WAYS: "Sequence[Callable[[_Key, _Place], object]]" = (
    lambda key, place: (key[0], place[0].path),
    lambda key, place: key[0],
)


def _without(items: Mapping[_Key, _Place], keys: Iterable[_Key]) -> dict[_Key, _Place]:
    left_out = set(keys)
    return {key: place for key, place in items.items() if key not in left_out}


def _by_id(documents: Iterable[Document]) -> dict[_Key, _Place]:
    """Return every item by its id, or by its text if it has none."""
    found: dict[_Key, _Place] = {}
    counts: Counter[str] = Counter()
    for read in documents:
        for item in read.items:
            name = item.id or f" {item.sentence}"
            found[name, counts[name]] = (read, item)
            counts[name] += 1
    return found


def _reworded(old: Mapping[_Key, _Place], new: Mapping[_Key, _Place]) -> dict[_Key, _Key]:
    """Return which items without an id were reworded in their section, or got an id."""
    waiting: dict[tuple[str, str | None], dict[str, _Key]] = {}
    for key, (read, item) in new.items():
        place = waiting.setdefault((read.path, _section(read, item)), {})
        place.setdefault(_comparable(item), key)
    found = {}
    gone = [key for key in old if key[0].startswith(" ")]
    for key in gone[:_MOST_LOOKED_UP]:
        read, item = old[key]
        place = waiting.get((read.path, _section(read, item)), {})
        for text in nearest(_comparable(item), place):
            found[key] = place.pop(text)
    return found


def _comparable(item: Item) -> str:
    return item.sentence[:_COMPARED].lower()


def _section(read: Document, item: Item) -> str | None:
    section = read.section_at(item.line)
    return section.id if section else None


def _name(item: Item) -> str:
    return f"item `{item.id}`" if item.id else "item without an id"


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= 60 else f"{sentence[:59]}…"


def _shorten_both(old: str, new: str) -> tuple[str, str]:
    """Return two texts from a few words before their first difference."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = old.rfind(" ", 0, max(same - 20, 0)) + 1 if max(len(old), len(new)) > 60 else 0
    before = "…" if start else ""
    return _shorten(before + old[start:]), _shorten(before + new[start:])


def _compare(pair: Pair, old: Item, read: Document, new: Item) -> Iterator[Difference]:
    where = (read.path, new.line)
    id = new.id or ""
    if old.id != new.id:
        values = (_shorten(old.sentence), f"`{id}`")
        yield difference("neutral", "item that has an id now", values, *where)
    if old.ticked != new.ticked:
        states = [("ticked" if item.ticked else "not ticked") for item in (old, new)]
        yield difference("needs a person", _name(new), (states[0], states[1]), *where)
    if old.sentence != new.sentence:
        spec = pair.new.spec.items.get(id)
        own = spec is None or single_spaced(pair.new.spec.fill_names(spec.sentence)) != new.sentence
        effect: Class = "needs a person" if own else "neutral"
        texts = _shorten_both(old.sentence, new.sentence)
        yield difference(effect, f"{_name(new)} text", texts, *where)
    if old.tier != new.tier:
        yield difference(
            _judge_tier(pair, old, new), f"{_name(new)} tier", (old.tier, new.tier), *where
        )
    yield from _compare_waivers(old.waiver, new.waiver, read, new)
    yield from _compare_evidence(pair, old, new, read)


def _judge_tier(pair: Pair, old: Item, new: Item) -> Class:
    """Return the class of another tier, by whether the item is still required in this charter."""
    spec = pair.new.spec.items.get(new.id or "")
    if spec and spec.tier == new.tier:
        return "neutral"
    required = [
        item.tier is None or charter.requires(item.tier)
        for charter, item in ((pair.old, old), (pair.new, new))
    ]
    if required[0] == required[1]:
        return "needs a person"
    return "weakens" if required[0] else "tightens"


def _compare_waivers(
    old: Waiver | None, new: Waiver | None, read: Document, item: Item
) -> Iterator[Difference]:
    if old is None or new is None:
        effect = directions.judge_entry(MORE, old, new) if old is not new else "neutral"
    elif old.until != new.until:
        # Without a date that can be read, it waives nothing.
        dates = [waiver.until or datetime.date.min for waiver in (old, new)]
        effect = directions.judge(MORE, dates[0], dates[1])
    else:
        same = (old.by, old.reason) == (new.by, new.reason)
        effect = "neutral" if same else "needs a person"
    if effect != "neutral":
        line = new.line if new else item.line
        values = (_waived(old), _waived(new))
        yield difference(effect, f"{_name(item)} waiver", values, read.path, line, waives=item)


def _waived(waiver: Waiver | None) -> str | None:
    if waiver is None:
        return None
    return f"until {waiver.until_text or 'no date'} by {waiver.by or 'nobody'}: {waiver.reason}"


def _compare_evidence(pair: Pair, old: Item, new: Item, read: Document) -> Iterator[Difference]:
    before = {proof.target: proof.digest for proof in old.evidence}
    after = {proof.target: proof.digest for proof in new.evidence}
    subject = f"{_name(new)} evidence"
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
    if before is None or after is None:
        return before is None
    return after <= pair.new.latest and (after > before or after >= pair.new.earliest)


def _stamp(target: str, digest: str | None) -> str | None:
    return digest and f"{target} {digest[:12]}"
