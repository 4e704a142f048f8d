"""What rules about contracts that must agree have in common.

They judge what is said: a contract that nobody has filled in, that is invalid or that was removed
has a finding of its own, and what others say about it can't be judged before it is mended.
"""

import difflib
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from typing import Any, get_args

from msgspec import Struct

from mlcharter.charter import Charter
from mlcharter.contracting import Entry

Place = tuple[str | int, ...]


def settled(charter: Charter, *kinds: str) -> bool:
    """Whether all that these kinds hold is known.

    A kind that the template did not give and nobody added is known to hold nothing.
    """
    demanded = {kind for part in charter.demands.sections for kind in part.contracts}
    return not any(
        charter.undecided(kind) for kind in kinds if kind in demanded or charter.contracts(kind)
    )


def title(entry: Entry) -> str:
    """How a message calls an entry: `gates` "auc-overall"."""
    kind = f"`{entry.contract.kind}`"
    names = (getattr(entry.value, key, None) for key in ("id", "name", "ref"))
    name = next((name for name in names if isinstance(name, str)), None)
    return f'{kind} "{name}"' if name else kind


def near(name: str, names: Iterable[str]) -> str:
    """What to do about a name that is not among `names`."""
    known = list(names)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{one}`" for one in known[:5]) + (", …" if len(known) > 5 else "")
    return f"there are {shown}" if known else "there is none"


def seconds(duration: str) -> int:
    """How long a duration such as `30s`, `15m` or `2w` is."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def at(value: Any, path: str) -> Iterator[tuple[Place, Any]]:
    """What stands at a dotted path such as `kill.alert`, in each entry where there are lists."""
    found: list[tuple[Place, Any]] = [((), value)]
    for key in path.split("."):
        found = [
            ((*place, key, *inner), item)
            for place, part in found
            for inner, item in _items(getattr(part, key))
        ]
    yield from ((place, item) for place, item in found if item is not None)


def _items(value: Any) -> Iterable[tuple[Place, Any]]:
    return (((n,), item) for n, item in enumerate(value)) if _is_list(value) else [((), value)]


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def typed(charter: Charter, alias: Any) -> Iterator[tuple[Entry, Place, Any]]:
    """Every value whose model says `alias`, such as Path or Owner, in the entries that hold here.

    What `na` itself says is left out.
    """
    for kind in charter.kinds:
        for entry in charter.entries(kind):
            for place, value in _typed(entry.value, alias):
                yield entry, place, value


def _typed(value: Any, alias: Any) -> Iterator[tuple[Place, Any]]:
    model: Hashable = type(value)
    wanted = _fields(model, alias)
    for name in value.__struct_fields__:
        part = getattr(value, name)
        if part is None or name == "na":
            continue
        for inner, item in _items(part):
            if isinstance(item, Struct):
                for place, found in _typed(item, alias):
                    yield (name, *inner, *place), found
            elif name in wanted:
                yield (name, *inner), item


@cache
def _fields(model: Hashable, alias: Hashable) -> frozenset[str]:
    """The fields of a model that are declared as `alias`, alone, in a list or beside null."""
    return frozenset(
        name
        for name, given in vars(model)["__annotations__"].items()
        if given == alias or alias in get_args(given) or alias in _inner(given)
    )


def _inner(given: Any) -> list[Any]:
    """The types inside those of an annotation: of `Annotated[list[Path], …]`, Path."""
    return [inner for part in get_args(given) for inner in get_args(part)]
