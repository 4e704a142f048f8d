"""The entries of config blocks: gates, SLOs, budgets, tools and all other kinds."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlcharter.charter import config_entries
from mlcharter.charter.config_entries import Entry
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import Change
from mlcharter.markdown.document import Document


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = _read(pair.before()), _read(pair.after())
    for kind in sorted(old.keys() | new.keys()):
        before, after = old.get(kind, []), new.get(kind, [])
        weaker = config_entries.weaker(kind)
        values = [[entry.value for entry in entries] for entries in (before, after)]
        for change in directions.compare_entries(weaker, values[0], values[1]):
            yield _difference(pair, kind, change, before, after)


def _read(documents: Iterator[Document]) -> dict[str, list[Entry]]:
    """Return the valid entries of documents by kind."""
    found: dict[str, list[Entry]] = {}
    for read in documents:
        for config in read.configs:
            found.setdefault(config.kind, []).extend(config_entries.read(config).entries)
    return found


def _difference(
    pair: Pair, kind: str, change: Change, before: Sequence[Entry], after: Sequence[Entry]
) -> Difference:
    old = before[int(change.old_place[0])] if change.old_place else None
    new = after[int(change.place[0])] if change.place else None
    entry, place = (new, change.place) if new else (old, change.old_place)
    assert entry is not None
    line = entry.config.key(*entry.path, *place[1:]).line
    effect = change.kind
    if effect == "weakens" and old is not None and _decides_nothing(pair, kind, old, new):
        effect = "needs a person"
    subject = " ".join(f"{kind} {_field(config_entries.is_list(kind), change.field)}".split())
    path = entry.document.path
    values = (_shown(change.before), _shown(change.after))
    base_path = old.document.path if old else ""
    return difference(effect, subject, values, path, line, at_base=new is None, base_path=base_path)


def _decides_nothing(pair: Pair, kind: str, old: Entry, new: Entry | None) -> bool:
    """Return whether an entry at the base was the starter's, or a gate that is not decided."""
    if kind == "gates" and old.value.decided_on is None:
        return True
    return bool(old.value.starter) and (
        new is None or kind in _OF_EVALS or (pair.updated and bool(new.value.starter))
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
