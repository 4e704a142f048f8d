"""Contracts against their models: typed entries, and what is wrong, in words and in its place.

A contract whose every value is empty has not been begun: it has no entries and nothing is wrong.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from mlcharter import plugins
from mlcharter.document import Contract, Document
from mlcharter.finding import Finding

PACKAGE = "mlcharter.contracts"
Path = tuple[str | int, ...]


class Entry(Struct, frozen=True):
    """One entry of a contract that is a list, or the whole of one that is a mapping.

    `value` is an instance of the kind's model. `path` leads to it in the contract.
    """

    value: Any
    contract: Contract
    path: Path

    @property
    def document(self) -> Document:
        return self.contract.document

    @property
    def subject(self) -> str:
        """How findings name it: the kind with the entry's id, or the kind that stands once."""
        named = (getattr(self.value, key, None) for key in ("id", "name", "ref"))
        name = next((name for name in named if isinstance(name, str)), None)
        return (
            f'`{self.contract.kind}` "{name}"' if name and self.path else f"`{self.contract.kind}`"
        )

    def finding(self, message: str, *path: str | int) -> Finding:
        """A finding about the entry, or about the value at a path in it."""
        return self.contract.finding(message, *self.path, *path)

    def excused(self, today: datetime.date) -> bool:
        """Whether `na` says that it does not hold here, and has not expired."""
        na = getattr(self.value, "na", None)
        return na is not None and bool(na.until >= today)


class Reading(Struct, frozen=True):
    """What a contract says: its valid entries, and findings about the others."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Finding, ...] = ()
    blank: bool = False


@cache
def kinds() -> tuple[str, ...]:
    """Every kind that has a model."""
    return tuple(name.replace("-", "_") for name in plugins.names(PACKAGE))


@cache
def model(kind: str) -> Any:
    """The model of a kind: a class, or a list of one."""
    return plugins.load_one(PACKAGE, kind).MODEL


@cache
def is_list(kind: str) -> bool:
    """Whether contracts of a kind are lists, which are joined where there are several."""
    return get_origin(model(kind)) is list


def is_blank(value: Any) -> bool:
    """Whether every value is null; an empty list has been decided."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list) and value:
            waiting += value
        elif value is not None:
            return False
    return True


def read(contract: Contract) -> Reading:
    """Hold a contract to its model. One that has no YAML, or an unknown kind, has no entries."""
    if contract.problem is not None or contract.kind not in kinds():
        return Reading()
    if is_blank(contract.value):
        return Reading(blank=True)
    expected = model(contract.kind)
    if get_origin(expected) is not list:
        parts: Iterable[tuple[Path, Any]] = [((), contract.value)]
    elif isinstance(contract.value, list):
        (expected,) = get_args(expected)
        parts = (((n,), value) for n, value in enumerate(contract.value))
    else:
        message = f"`{contract.kind}` is a list of entries; begin each with `- `"
        return Reading(problems=(contract.finding(message),))
    return _converted(contract, expected, parts)


def _converted(contract: Contract, model: Any, parts: Iterable[tuple[Path, Any]]) -> Reading:
    entries = []
    problems = []
    for path, value in parts:
        if path and is_blank(value):
            name = f"`{contract.kind}` has an entry that nobody filled in; fill it in or remove it"
            problems.append(contract.finding(name, *path))
            continue
        try:
            entries.append(Entry(msgspec.convert(value, model, strict=True), contract, path))
        except msgspec.ValidationError as error:
            inner, message = worded(str(error), value, model)
            subject = _subject(contract.kind, value, path)
            line, column = _placed(contract, path + inner, str(error))
            problems.append(contract.document.finding(line, f"{subject} {message}", column))
    return Reading(tuple(entries), tuple(problems))


def _placed(contract: Contract, path: Path, error: str) -> tuple[int, int]:
    unknown = error.startswith(_UNKNOWN)
    return contract.key(*path) if unknown else contract.mark(*path)


def _subject(kind: str, value: Any, path: Path) -> str:
    if not path:
        return f"`{kind}`"
    named = [value.get(key) for key in ("id", "name", "ref")] if isinstance(value, dict) else []
    name = next((name for name in named if isinstance(name, str) and name), None)
    return f'`{kind}` "{name}"' if name else f"`{kind}`: entry {int(path[0]) + 1}"


# Words for what a model refuses


def worded(error: str, value: Any, model: Any) -> tuple[Path, str]:
    """Where in `value` the model's complaint points, and what to do about it, as a predicate."""
    complaint, _, place = error.partition(" - at `")
    path = _path(place.removesuffix("`"))
    key = path[-1] if path else None
    if complaint.startswith(_UNKNOWN):
        unknown = complaint[len(_UNKNOWN) : -1]
        return (*path, unknown), f"has no key `{unknown}`; {_allowed(unknown, model, path)}"
    if complaint.startswith(_MISSING):
        missing = complaint[len(_MISSING) : -1]
        where = f" in `{key}`" if isinstance(key, str) else ""
        return path, f"has no `{missing}`{where}; give {expected(model, (*path, missing))}"
    given = _at(value, path)
    name = _name(path)
    words = expected(model, path)
    if given is None:
        return path, f"has an empty `{name}`; give {words}"
    return path, f"has `{_shown(given)}` as `{name}`; give {words}"


_UNKNOWN = "Object contains unknown field `"
_MISSING = "Object missing required field `"


def _path(place: str) -> Path:
    """`$[0].threshold` as (0, "threshold"); `[...]` is some key of a mapping of any keys."""
    parts = re.findall(r"\[(\d+)\]|\.(\w+)", place)
    return tuple(int(index) if index else key for index, key in parts)


def _name(path: Path) -> str:
    """The path as a person says it: `steps[2].weight`, from the entry on."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _at(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _allowed(key: str, model: Any, path: Path) -> str:
    names = [field for type_ in _types(model, path) for field in _fields(type_)]
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(names)}"


def expected(model: Any, path: Path) -> str:
    """What a model takes at a path, in words."""
    found = [words for type_ in _types(model, path) for words in _words(type_)]
    return " or ".join(dict.fromkeys(found)) or "a value"


def _types(model: Any, path: Path) -> list[Any]:
    """The types that may stand at a path, unions taken apart."""
    from msgspec import inspect

    here = [inspect.type_info(model)]
    for part in path:
        below: list[Any] = []
        for type_ in _parts(here):
            if isinstance(type_, inspect.StructType):
                below += [f.type for f in type_.fields if f.encode_name == part]
            elif isinstance(type_, inspect.DictType):
                below.append(type_.value_type)
            elif isinstance(type_, inspect.ListType):
                below.append(type_.item_type)
        here = below
    return list(_parts(here))


def _parts(types: Iterable[Any]) -> Iterator[Any]:
    from msgspec import inspect

    for type_ in types:
        if isinstance(type_, inspect.UnionType):
            yield from _parts(type_.types)
        elif isinstance(type_, inspect.Metadata) and isinstance(type_.type, inspect.UnionType):
            yield from _parts(type_.type.types)
        else:
            yield type_


def _fields(type_: Any) -> list[str]:
    return [field.encode_name for field in getattr(type_, "fields", ())]


def _words(type_: Any) -> Iterator[str]:
    """How a person is asked for a value of one type."""
    from msgspec import inspect

    if isinstance(type_, inspect.Metadata):
        described = (type_.extra_json_schema or {}).get("description")
        if described:
            yield described
            return
        type_ = type_.type
    if isinstance(type_, inspect.LiteralType):
        one = "" if len(type_.values) == 1 else "one of "
        yield one + ", ".join(map(str, type_.values))
    elif isinstance(type_, inspect.IntType | inspect.FloatType):
        kind = "a whole number" if isinstance(type_, inspect.IntType) else "a number"
        yield f"{kind}{_range(type_)}"
    elif isinstance(type_, inspect.StrType):
        yield f"text like {type_.pattern}" if type_.pattern else "text"
    elif isinstance(type_, inspect.ListType):
        yield "a list of one or more" if type_.min_length else "a list"
    elif isinstance(type_, inspect.StructType):
        yield f"a mapping with {', '.join(_fields(type_))}"
    elif type(type_) in _PLAIN:
        yield _PLAIN[type(type_)]


_PLAIN = {
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.DateType: "a day such as 2026-11-23",
    msgspec.inspect.DictType: "a mapping",
    msgspec.inspect.NoneType: "null",
}


def _range(type_: Any) -> str:
    limits = [
        f"{word} {limit:g}"
        for word, limit in (
            ("at least", type_.ge),
            ("above", type_.gt),
            ("at most", type_.le),
            ("below", type_.lt),
        )
        if limit is not None
    ]
    return f" {' and '.join(limits)}" if limits else ""


def keys(kind: str, inside: str = "") -> dict[str, str]:
    """Every key of an entry of a kind, or of what stands in one of its keys, with what it takes."""
    expected_model = model(kind)
    if is_list(kind):
        (expected_model,) = get_args(expected_model)
    path: Path = (inside,) if inside else ()
    if inside and holds_list(kind, inside):
        path = (inside, 0)
    names = [name for type_ in _types(expected_model, path) for name in _fields(type_)]
    names.sort(key="na".__eq__)  # a waiver is the exception, so it comes last
    return {name: expected(expected_model, (*path, name)) for name in names}


def holds_list(kind: str, key: str) -> bool:
    """Whether a key of an entry of a kind takes a list."""
    from msgspec import inspect

    expected_model = model(kind)
    if is_list(kind):
        (expected_model,) = get_args(expected_model)
    return any(isinstance(type_, inspect.ListType) for type_ in _types(expected_model, (key,)))
