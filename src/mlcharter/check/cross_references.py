"""Helpers for rules that compare config blocks with each other and with files."""

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.formats.models import find_fields
from mlcharter.support.nearest import remedy


def near(name: str, names: Iterable[str]) -> str:
    """Return a hint for a name that is not in `names`."""
    return remedy(name, names, most=5)


def located(charter: Charter, entry: Entry, path: str) -> str:
    """Return a path in a config block, relative to the repository's root.

    In the block, it may also be relative to the document.
    """
    if charter.exists(path):
        return path
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(entry.document.path), path))
    return beside if charter.exists(beside) else path


def paths(charter: Charter, *types: Any) -> Iterator[tuple[Entry, Path, str]]:
    """Yield each path in a key of one of these types: the entry, the place in it, the path."""
    for kind in charter.kinds:
        model: Any = type(charter.every(kind)[0].value)  # all entries have the same model
        keys = find_fields(model, *types)
        for entry in charter.entries(kind) if keys else ():
            for key in keys:
                for inner, value in parts(getattr(entry.value, key)):
                    if value is not None:
                        yield entry, (key, *inner), value


def at(value: Any, path: str) -> Iterator[tuple[Path, Any]]:
    """Yield the values at a dotted path such as `kill.alert`, one for each item of a list.

    Null values are left out.
    """
    values: list[tuple[Path, Any]] = [((), value)]
    for key in path.split("."):
        values = [
            ((*place, key, *inner), item)
            for place, part in values
            for inner, item in parts(getattr(part, key))
        ]
    return ((place, item) for place, item in values if item is not None)


def parts(value: Any) -> Iterable[tuple[Path, Any]]:
    """Return the items of a list with their indexes; any other value alone."""
    return (((n,), item) for n, item in enumerate(value)) if type(value) is list else [((), value)]
