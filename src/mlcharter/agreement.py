"""What rules about contracts that must agree have in common."""

import posixpath
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from msgspec.structs import fields

from mlcharter.charter import Charter
from mlcharter.contracting import Entry, Path


def near(name: str, names: Iterable[str]) -> str:
    """What to do about a name that is not among `names`."""
    import difflib  # only a mistake needs it

    known = list(names)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{one}`" for one in known[:5]) + (", …" if len(known) > 5 else "")
    return f"there are {shown}" if known else "there is none"


def located(charter: Charter, entry: Entry, path: str) -> str:
    """A path of a contract from the top of the repository; it may be given from its document."""
    if charter.exists(path):
        return path
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(entry.document.path), path))
    return beside if charter.exists(beside) else path


def paths(charter: Charter, *types: Any) -> Iterator[tuple[Entry, Path, str]]:
    """Each path that an entry names in a key of one of these types, with its place in the entry."""
    for kind in charter.kinds:
        for entry in charter.entries(kind):
            for key in _holding(entry.value.__class__, types):
                for inner, value in parts(getattr(entry.value, key)):
                    if value is not None:
                        yield entry, (key, *inner), value


@cache
def _holding(model: type[Any], types: tuple[Any, ...]) -> tuple[str, ...]:
    """The keys of a model that hold a value of one of these types, or a list of them."""
    found = []
    for field in fields(model):
        given = field.type
        if get_origin(given) is Annotated and given not in types:
            given = get_args(given)[0]  # a list of one or more
        if not {given, *get_args(given)}.isdisjoint(types):
            found.append(field.name)
    return tuple(found)


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
