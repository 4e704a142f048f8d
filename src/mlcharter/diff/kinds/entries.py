"""The entries of config blocks: gates, SLOs, budgets, tools and all other kinds."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from mlcharter.charter import config_entries
from mlcharter.charter.config_entries import Entry
from mlcharter.diff import renaming
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import Change
from mlcharter.markdown.document import Document


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = pair.entries
    broken = _count_unreadable(pair.after()) - _count_unreadable(pair.before())
    for kind in sorted(old.keys() | new.keys()):
        before, after = old.get(kind, []), new.get(kind, [])
        weaker = config_entries.weaker(kind)
        values = (
            [renaming.apply(entry.value, kind, pair.renames) for entry in before],
            [entry.value for entry in after],
        )
        for change in directions.compare_entries(weaker, *values):
            found = _difference(pair, kind, change, before, after)
            if found.effect == "tightens" and found.at_base and broken[kind]:
                # What it allows now is unknown, while its removal would allow less.
                found = replace(found, effect="weakens", note="an entry can't be read any more")
            yield found
        yield from _renamed(kind, pair.renames.get(kind, {}), after)


def _count_unreadable(documents: Iterable[Document]) -> Counter[str]:
    """Return by kind how many mistakes keep entries of config blocks from being read."""
    found: Counter[str] = Counter()
    for read in documents:
        for config in read.configs:
            mistakes = len(config_entries.read(config).wrong) + (config.problem is not None)
            found[config.kind] += mistakes
    return found


def _renamed(
    kind: str, new_names: Mapping[str, str], after: Sequence[Entry]
) -> Iterator[Difference]:
    entries = {entry.value.id: entry for entry in after} if new_names else {}
    for old, new in new_names.items():
        entry = entries[new]
        where = (entry.document.path, entry.config.key(*entry.path).line)
        yield difference("neutral", f'{kind} "{old}" renamed', (old, new), *where)


def _difference(
    pair: Pair, kind: str, change: Change, before: Sequence[Entry], after: Sequence[Entry]
) -> Difference:
    old = before[int(change.old_place[0])] if change.old_place else None
    new = after[int(change.place[0])] if change.place else None
    entry, place = (new, change.place) if new else (old, change.old_place)
    assert entry is not None
    line = entry.config.key(*entry.path, *place[1:]).line
    effect = change.kind
    marked = change.place[1:] == ("starter",) and new is not None and new.value.starter
    if marked and not (pair.updated and _is_templates(pair, kind, old, new)[1]):
        effect = "weakens"  # after that, nothing that the entry says could be weakened
    elif old is None and new is not None and pair.ids[kind, getattr(new.value, "id", "")] > 1:
        effect = "weakens"  # which of both decides is not said
    elif _is_in_future(pair, change):
        effect = "weakens"  # nobody has done yet what it says was done
    elif effect == "weakens" and old is not None and _decides_nothing(pair, kind, old, new):
        effect = "needs a person"
    subject = " ".join(f"{kind} {_field(config_entries.is_list(kind), change.field)}".split())
    path = entry.document.path
    values = (_shown(change.before), _shown(change.after))
    more = {"at_base": new is None, "base_path": old.document.path if old else ""}
    waives = new if change.place[1:2] == ("waived",) else None
    return difference(effect, subject, values, path, line, waives=waives, **more)


def _is_in_future(pair: Pair, change: Change) -> bool:
    """Return whether a change writes the date of a decision, a review or a drill to come."""
    is_past = str(change.place[-1] if change.place else "").endswith("_on")
    return is_past and isinstance(change.after, datetime.date) and change.after > pair.new.latest


def _decides_nothing(pair: Pair, kind: str, old: Entry, new: Entry | None) -> bool:
    """Return whether an entry at the base was the starter's, or a gate that is not decided.

    A gate whose decision the template made is the template's again without the starter.
    """
    if kind == "gates" and old.value.decided_on is None:
        return True
    if pair.without_starter and all(_is_templates(pair, kind, old, new)):
        return True
    if not old.value.starter:
        return False
    if new is None or kind in _OF_EVALS:
        return True
    updated = pair.updated and bool(new.value.starter)
    return updated and any(_is_templates(pair, kind, old, new))


def _is_templates(pair: Pair, kind: str, old: Entry | None, new: Entry | None) -> tuple[bool, bool]:
    """Return whether an entry is as the template has it, before and after the change."""
    before, after = pair.template_entries
    return (
        old is not None and old.value in before.get(kind, ()),
        new is not None and new.value in after.get(kind, ()),
    )


_OF_EVALS = ("datasets", "gates", "golden", "judges", "metrics", "ope", "retrieval", "slices")


def _field(is_list: bool, field: str) -> str:
    """Return the name of a field in a message; a single mapping has no number."""
    return field if is_list or field.startswith('"') else field.partition(" ")[2]


def _shown(value: Any) -> Any:
    """Return a value, or the short form of an entry that is added or removed."""
    threshold = [getattr(value, name, None) for name in ("metric", "op", "threshold")]
    if all(part is not None for part in threshold):
        return " ".join(str(part) for part in threshold)
    return value
