"""Find the slices and gates that a change renames, with every reference to them.

A renamed slice has the same dataset and condition, a renamed gate compares the same. Metrics and
datasets are left out: evals compute and read what their names say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from msgspec.structs import replace

from mlcharter.charter import config_entries
from mlcharter.charter.config_entries import Entry
from mlcharter.markdown.document import Document

Renames: TypeAlias = "Mapping[str, Mapping[str, str]]"  # by kind: the new name of each old one

# What makes an entry the same under another name.
_SAME = {
    "slices": ("dataset", "where"),
    "gates": ("metric", "dataset", "slice", "against", "op"),
}
# A kind, its field that names an entry, and what is before the name.
_REFERENCES = {
    "slices": (("gates", "slice", ""), ("alerts", "subject", "slice/")),
    "gates": (("joint_release", "gates", ""), ("risks", "control", "")),
}


def read(documents: Iterable[Document]) -> dict[str, list[Entry]]:
    """Return the valid entries of documents by kind."""
    found: dict[str, list[Entry]] = {}
    for document in documents:
        for config in document.configs:
            if config.kind not in config_entries.kinds():
                continue
            found.setdefault(config.kind, []).extend(config_entries.read(config).entries)
    return found


def find(
    old: Mapping[str, list[Entry]],
    new: Mapping[str, list[Entry]],
    every: Callable[[str], Iterable[Entry]],
) -> Renames:
    """Return what is renamed between the entries of changed documents.

    `every` returns all entries of a kind after the change. A name that one of them still uses is
    not renamed.
    """
    renames: dict[str, dict[str, str]] = {}
    for kind, fields in _SAME.items():
        before = {e.value.id: apply(e.value, "gates", renames) for e in old.get(kind, ())}
        after = {e.value.id: e.value for e in new.get(kind, ())}
        waiting: dict[tuple[Any, ...], list[str]] = {}
        for name in after.keys() - before.keys():
            waiting.setdefault(_values(after[name], fields), []).append(name)
        gone = before.keys() - after.keys() if waiting else set()
        renames[kind] = {}
        for name in gone - set(_used(kind, every)) if gone else ():
            found = waiting.get(_values(before[name], fields), ())
            if len(found) == 1:  # with several, it is unknown which one it is
                renames[kind][name] = waiting.pop(_values(before[name], fields))[0]
    return renames


def _values(entry: Any, fields: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(entry, field) for field in fields)


def _used(target: str, every: Callable[[str], Iterable[Entry]]) -> Iterator[str]:
    """Yield the names of a kind that entries refer to."""
    for kind, field, prefix in _REFERENCES[target]:
        for entry in every(kind):
            value = getattr(entry.value, field)
            for name in value if isinstance(value, list) else [value]:
                yield str(name).removeprefix(prefix)


def apply(value: Any, kind: str, renames: Renames) -> Any:
    """Return an entry at the base with the names of the change."""
    if kind in renames and value.id in renames[kind]:
        value = replace(value, id=renames[kind][value.id])
    for target, new_names in renames.items():
        for referring, field, prefix in _REFERENCES[target]:
            if kind == referring and new_names:
                renamed = _rename(getattr(value, field), prefix, new_names)
                value = replace(value, **{field: renamed})
    return value


def _rename(value: Any, prefix: str, new_names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_rename(each, prefix, new_names) for each in value]
    name = str(value).removeprefix(prefix)
    known = name in new_names and value == prefix + name
    return prefix + new_names[name] if known else value
