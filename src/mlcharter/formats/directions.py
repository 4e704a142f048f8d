"""Say which change of a value weakens a charter, and compare two values of a model.

A model has a table `WEAKER` beside it: for each field the direction in which it gets weaker. A
direction is one of the names below, a tuple of values from strict to weak, a table for the fields
of a part, or a function of the entry that returns one. In a table, `*` is for the list itself:
whether fewer or more entries are weaker.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

Class = Literal["weakens", "needs a person", "tightens", "neutral"]
Path: TypeAlias = "tuple[str | int, ...]"
Direction: TypeAlias = "str | tuple[Any, ...] | Mapping[str, Any] | Callable[[Any], Any]"

LESS = "less"  # a smaller number, an earlier date, or fewer entries
MORE = "more"  # a larger number, a later date, or more entries
ANY = "any"  # every change, since it then measures, allows or trusts something else
GONE = "gone"  # only its removal; a person decides on another value
FIRING = "firing"  # an alert's expression that fires less
PERSON = "person"  # a person decides whether a change is weaker
# No change: of a name by which an entry is found, and of prose that nothing compares.
NAME = "name"
TEXT = "text"

_OPPOSITE: dict[Class, Class] = {"weakens": "tightens", "tightens": "weakens"}
# Values with an order that is no number: ends of an interval, and levels of a risk.
_RANKS = {"upper95": 0, "point": 1, "lower95": 2, "low": 0, "medium": 1, "high": 2, "critical": 3}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")
_UNIQUE = ("id", "name", "ref")
_NAMES = (*_UNIQUE, "host", "sku", "rule", "path", "field", "metric", "duty")


def by_op(entry: Any) -> str:
    """Return the direction of a threshold or a bound, from the `op` that compares it."""
    return LESS if entry.op in (">=", ">") else MORE


class Change(Struct, frozen=True):
    """A changed value: its class, the value before and after, and its places in both.

    A value that is not there is None; `place` is then that of what contains it.
    """

    kind: Class
    field: str
    before: Any
    after: Any
    old_place: Path
    place: Path


def judge(direction: Direction, before: Any, after: Any) -> Class:
    """Return the class of a change of one value, None if it is missing."""
    if before == after or direction in (NAME, TEXT):
        return "neutral"
    if direction in (ANY, PERSON):
        return "weakens" if direction == ANY else "needs a person"
    if direction == MORE and (isinstance(before, list) or isinstance(after, list)):
        return _OPPOSITE.get(judge(LESS, before or [], after or []), "neutral")
    if before is None or after is None:
        return "weakens" if after is None else "tightens"
    if direction == GONE:
        return "needs a person"
    if direction == FIRING:
        return _judge_expressions(before, after)
    if isinstance(before, list):
        return _judge_lists(before, after)
    if isinstance(direction, tuple):
        ranks = [
            direction.index(value) if value in direction else None for value in (after, before)
        ]
    else:
        ranks = [_rank(before), _rank(after)]
    if ranks[0] is None or ranks[1] is None:
        return "weakens"
    lower = ranks[1] < ranks[0]
    return "weakens" if lower == (direction != MORE) else "tightens"


def _judge_expressions(before: str, after: str) -> Class:
    from mlcharter.formats.promql_changes import compare_firing  # loads the parser

    judged: dict[str, Class] = {"less": "weakens", "more": "tightens", "same": "neutral"}
    return judged.get(compare_firing(before, after), "needs a person")


def _judge_lists(before: list[Any], after: list[Any]) -> Class:
    if any(value not in after for value in before):
        return "weakens"
    return "tightens" if any(value not in before for value in after) else "neutral"


def _rank(value: Any) -> Any:
    """Return a number by which values are compared; None if there is none."""
    if isinstance(value, datetime.date):
        return value.toordinal()
    if not isinstance(value, str):
        return value
    if found := _DURATION.fullmatch(value):
        return int(found[1]) * _SECONDS[found[2]]
    if found := _VERSION.fullmatch(value):
        major, minor, patch = map(int, found.groups())
        return (major * 10**9 + minor) * 10**9 + patch
    return _RANKS.get(value)


# Whole parts


def compare(
    weaker: Mapping[str, Any], old: Struct, new: Struct, old_place: Path = (), place: Path = ()
) -> Iterator[Change]:
    """Yield every changed value of two parts with the same model."""
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        direction = weaker[name]
        if callable(direction):
            direction = direction(old)
        yield from _compare(direction, name, before, after, (*old_place, name), (*place, name))


def _compare(
    direction: Direction, name: str, before: Any, after: Any, old_place: Path, place: Path
) -> Iterator[Change]:
    if isinstance(direction, Mapping) and isinstance(before, Struct) and isinstance(after, Struct):
        for change in compare(direction, before, after, old_place, place):
            yield msgspec.structs.replace(change, field=f"{name}.{change.field}")
    elif isinstance(direction, Mapping) and isinstance(before, list | dict):
        yield from compare_entries(direction, before, after or type(before)(), old_place, place)
    elif isinstance(direction, Mapping):
        kind = judge_entry(direction["*"], before, after)
        yield Change(kind, name, before, after, old_place, place)
    else:
        yield Change(judge(direction, before, after), name, before, after, old_place, place)


def compare_entries(
    weaker: Mapping[str, Any],
    before: "Sequence[Any] | Mapping[str, Any]",
    after: "Sequence[Any] | Mapping[str, Any]",
    old_place: Path = (),
    place: Path = (),
) -> Iterator[Change]:
    """Yield the changes of two lists of parts, or of two mappings of parts by name.

    Parts are the same if they have the same name, else the same content; parts without a name also
    if they have the same position.
    """
    old, new = _by_name(before), _by_name(after)
    prefix = str(place[-1]) if place else ""
    same = match(old, new, _ways(weaker))
    pairs = [(key, same.get(key)) for key in old]
    found = set(same.values())
    for key, other in [*pairs, *((None, key) for key in new if key not in found)]:
        old_at, old_part = old[key] if key else (None, None)
        at, part = new[other] if other else (None, None)
        if old_part == part:
            continue
        label = f"{prefix} {_label(key or other)}".strip()
        places = ((*old_place, *_part(old_at)), (*place, *_part(at)))
        if key is None or other is None:
            direction = weaker["*"]
            direction = direction(old_part or part) if callable(direction) else direction
            kind = judge_entry(direction, old_part, part)
            yield Change(kind, label, old_part, part, *places)
        elif not (isinstance(part, Struct) and isinstance(old_part, Struct)):
            yield Change("weakens", label, old_part, part, *places)
        elif key[0] != other[0]:
            kind = judge(_name_direction(weaker, part), key[0], other[0])
            yield Change(kind, f"{label} renamed", key[0], other[0], *places)
        else:
            for change in compare(weaker, old_part, part, *places):
                yield msgspec.structs.replace(change, field=f"{label} {change.field}".strip())


def judge_entry(direction: str, before: Any, after: Any) -> Class:
    """Return the class of an entry that is added or removed; `before` or `after` is None."""
    if direction in (ANY, PERSON, NAME, TEXT):
        return judge(direction, before, after)
    return "weakens" if (direction == LESS) == (after is None) else "tightens"


def name(part: Any) -> str:
    """Return the name of an entry; empty if it has none."""
    key = _name_key(part)
    return getattr(part, key) if key else ""


def _name_key(part: Any) -> str | None:
    return next((key for key in _NAMES if isinstance(getattr(part, key, None), str)), None)


def _name_direction(weaker: Mapping[str, Any], part: Any) -> Direction:
    """Return the direction of the field by which an entry is named."""
    direction: Direction = weaker.get(_name_key(part) or "", NAME)
    return direction


def _part(at: "str | int | None") -> Path:
    return () if at is None else (at,)


def _label(key: "_Key | None") -> str:
    named, number = key or ("", 0)
    return f'"{named}"' if named else str(number + 1)


_Key: TypeAlias = "tuple[str, int]"  # the name of an entry, and its number among those with it


def _by_name(
    parts: "Sequence[Any] | Mapping[str, Any]",
) -> "dict[_Key, tuple[str | int, Any]]":
    """Return each part with its place, by its name."""
    if isinstance(parts, Mapping):
        return {(key, 0): (key, part) for key, part in parts.items()}
    counts: dict[str, int] = {}
    found: dict[_Key, tuple[str | int, Any]] = {}
    for at, part in enumerate(parts):
        named = name(part)
        counts[named] = counts.get(named, -1) + 1
        found[named, counts[named]] = (at, part)
    return found


K = TypeVar("K")
V = TypeVar("V")


def match(
    old: Mapping[K, V], new: Mapping[K, V], ways: Iterable[Callable[[K, V], Any]]
) -> dict[K, K]:
    """Return for each key its key in `new`, if there is one.

    Each way returns what must be equal, or None for what it does not fit; the surest comes first.
    """
    same: dict[K, K] = {}
    gone, left = dict(old), dict(new)
    for identify in ways:
        waiting: dict[Any, list[K]] = {}
        for key in reversed(left):
            waiting.setdefault(identify(key, left[key]), []).append(key)
        waiting.pop(None, None)
        for key in list(gone):
            if found := waiting.get(identify(key, gone[key])):
                same[key] = found.pop()
                del gone[key], left[same[key]]
    return same


def _is_unique(part: Any) -> bool:
    """Return whether entries of this kind must have different names."""
    return any(isinstance(getattr(part, field, None), str) for field in _UNIQUE)


def _ways(weaker: Mapping[str, Any]) -> "Sequence[Callable[[_Key, tuple[Any, Any]], Any]]":
    """Return how entries are found again.

    Some names may repeat, such as that of a field of several datasets: then what an entry is about
    decides, which are the values whose change always weakens.
    """
    about = [field for field, direction in weaker.items() if direction == ANY and field != "*"]

    def values(part: Any) -> tuple[str, ...]:
        return tuple(str(getattr(part, field, "")) for field in about)

    def may_repeat(key: _Key, part: Any) -> bool:
        return bool(key[0]) and not _is_unique(part)

    return (
        lambda key, at: (key, _content(at[1])),
        lambda key, at: (key[0], _content(at[1])) if may_repeat(key, at[1]) else None,
        lambda key, at: (key[0], values(at[1])) if may_repeat(key, at[1]) else None,
        lambda key, at: key[0] or None,
        lambda key, at: _content(at[1]),
        lambda key, at: None if key[0] else "",
    )


def _content(part: Any) -> bytes:
    """Return a key that is equal for parts that differ in their name only."""
    content = msgspec.to_builtins(part)
    if isinstance(content, dict):
        content = {key: value for key, value in content.items() if key not in ("id", "name")}
    return msgspec.json.encode(content)
