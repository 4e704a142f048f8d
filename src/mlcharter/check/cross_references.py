"""What rules about config blocks that must agree have in common."""

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.formats.models import find_fields
from mlcharter.support.nearest import remedy


def near(name: str, names: Iterable[str]) -> str:
    """What to do about a name that is not among `names`."""
    return remedy(name, names, most=5)


def located(charter: Charter, entry: Entry, path: str) -> str:
    """Return a config block's path from the top of the repository.

    It may be written relative to its document.
    """
    if charter.exists(path):
        return path
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(entry.document.path), path))
    return beside if charter.exists(beside) else path


def paths(charter: Charter, *types: Any) -> Iterator[tuple[Entry, Path, str]]:
    """Each path that an entry names in a key of one of these types, with its place in the entry."""
    for kind in charter.kinds:
        model: Any = type(charter.every(kind)[0].value)  # that of all its entries
        keys = find_fields(model, *types)
        for entry in charter.entries(kind) if keys else ():
            for key in keys:
                for inner, value in parts(getattr(entry.value, key)):
                    if value is not None:
                        yield entry, (key, *inner), value


def at(value: Any, path: str) -> Iterator[tuple[Path, Any]]:
    """What stands at a dotted path such as `kill.alert`, in each part where there is a list.

    What is null is left out.
    """
    found: list[tuple[Path, Any]] = [((), value)]
    for key in path.split("."):
        found = [
            ((*place, key, *inner), item)
            for place, part in found
            for inner, item in parts(getattr(part, key))
        ]
    return ((place, item) for place, item in found if item is not None)


def parts(value: Any) -> Iterable[tuple[Path, Any]]:
    """The items of a list with their places in it; anything else as it is."""
    return (((n,), item) for n, item in enumerate(value)) if type(value) is list else [((), value)]
