"""What a model refuses: every mistake in its place, and in words that say what to do."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from mlcharter.support.nearest import nearest, remedy

Path = tuple[str | int, ...]
_MOST = 100  # of one value; nobody reads more, and nobody trusts what is checked


class Complaint(Struct, frozen=True):
    """One mistake: the path to it, and a predicate such as "has no key `bond`; …".

    `key` when the key itself is wrong, and not what stands at it; `empty` when nothing is written
    there yet.
    """

    path: Path
    message: str
    key: bool = False
    empty: bool = False


def complaints(value: Any, model: Any) -> list[Complaint]:
    """Everything that a model refuses in a value; none where it can be converted.

    A key that is missing is not named beside a misspelt one that was meant for it.
    """
    return list(islice(_refused(value, model, (), model), _MOST))


def _refused(value: Any, given: Any, path: Path, model: Any) -> Iterator[Complaint]:
    """The complaints about `value`, which stands at `path` of what `model` is the model of."""
    try:
        msgspec.convert(value, given, strict=True)
        return
    except msgspec.ValidationError:
        found = False
    for member in _members(given):
        for complaint in _inside(value, member, path, model):
            found = True
            yield complaint
    if not found:
        empty = value in (None, "")
        what = "an empty" if empty else f"`{_shown(value)}` as"
        message = f"has {what} `{_name(path)}`; give {expected(model, path)}"
        yield Complaint(path, message, empty=empty)


def _members(given: Any) -> Iterator[Any]:
    """A type without its annotations, and a union's members."""
    if get_origin(given) is Annotated:
        yield from _members(get_args(given)[0])
    elif get_origin(given) in (Union, UnionType):
        for member in get_args(given):
            yield from _members(member)
    else:
        yield given


def _inside(value: Any, given: Any, path: Path, model: Any) -> Iterator[Complaint]:
    """The complaints about the parts of a list or mapping that may stand here."""
    if isinstance(value, list) and get_origin(given) is list:
        (item,) = get_args(given)
        for n, part in enumerate(value):
            yield from _refused(part, item, (*path, n), model)
    elif isinstance(value, dict) and isinstance(given, type) and issubclass(given, Struct):
        known = {field.encode_name: field for field in msgspec.structs.fields(given)}
        missing = {n: None for n, field in known.items() if field.required and n not in value}
        for key, part in value.items():
            if key in known:
                yield from _refused(part, known[key].type, (*path, key), model)
            else:
                message = f"has no key `{_shown(key)}`; {remedy(str(key), known)}"
                yield Complaint((*path, key), message, True)
                missing.pop(next(iter(nearest(str(key), known)), ""), None)
        where = f" in `{_name(path)}`" if path else ""
        for name in missing:
            message = f"has no `{name}`{where}; give {expected(model, (*path, name))}"
            yield Complaint(path, message)


def _name(path: Path) -> str:
    """The path as a person says it: `steps[2].weight`, from the entry on."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def expected(model: Any, path: Path) -> str:
    """What a model takes at a path, in words."""
    found = [words for type_ in types(model, path) for words in _words(type_)]
    return " or ".join(dict.fromkeys(found)) or "a value"


def types(model: Any, path: Path) -> list[Any]:
    """The types that may stand at a path, unions taken apart."""
    from msgspec import inspect

    here = [_read(model)]
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


@cache
def _read(model: Any) -> Any:
    """What msgspec knows of a model; it takes longer than all that is done with it."""
    from msgspec import inspect

    return inspect.type_info(model)


def _parts(types: Iterable[Any]) -> Iterator[Any]:
    from msgspec import inspect

    for type_ in types:
        if isinstance(type_, inspect.UnionType):
            yield from _parts(type_.types)
        elif isinstance(type_, inspect.Metadata) and isinstance(type_.type, inspect.UnionType):
            yield from _parts(type_.type.types)
        else:
            yield type_


def fields(type_: Any) -> list[str]:
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
        yield f"a mapping with {', '.join(fields(type_))}"
    elif type(type_) in _PLAIN:
        yield _PLAIN[type(type_)]


_PLAIN: dict[Any, str] = {
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.DateTimeType: "a time such as 2026-11-23T08:00:00Z",
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


def keys(model: Any, inside: str = "") -> dict[str, str]:
    """Every key of a model, or of what stands in one of its keys, with what it takes."""
    path: Path = (inside,) if inside else ()
    if inside and holds_list(model, inside):
        path = (inside, 0)
    names = [name for type_ in types(model, path) for name in fields(type_)]
    names.sort(key="waived".__eq__)  # a waiver is the exception, so it comes last
    return {name: expected(model, (*path, name)) for name in names}


def holds_list(model: Any, key: str) -> bool:
    """Whether a key of a model takes a list."""
    from msgspec import inspect

    return any(isinstance(type_, inspect.ListType) for type_ in types(model, (key,)))
