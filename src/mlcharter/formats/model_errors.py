"""Find every mistake that a model rejects in a value, with its place and what to write instead."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from mlcharter.formats.models import OF_EVERY_ENTRY
from mlcharter.support.nearest import nearest, remedy

Path = tuple[str | int, ...]
_MAX_MISTAKES = 100  # of one value, which is untrusted; nobody reads more


class Mistake(Struct, frozen=True):
    """One mistake: its path, and a predicate such as "has no key `bond`; …".

    `key` if the key itself is wrong, not its value; `empty` if there is no value yet.
    """

    path: Path
    message: str
    key: bool = False
    empty: bool = False


def find_mistakes(value: Any, model: Any) -> list[Mistake]:
    """Return the mistakes of a value; none if the model accepts it.

    A missing key is not reported if a misspelt one was probably meant for it.
    """
    return list(islice(_find_in_value(value, model, (), model), _MAX_MISTAKES))


def _find_in_value(value: Any, annotation: Any, path: Path, model: Any) -> Iterator[Mistake]:
    """Return the mistakes of `value`, which is at `path` in a value of `model`."""
    try:
        msgspec.convert(value, annotation, strict=True)
        return
    except msgspec.ValidationError:
        has_mistake = False
    for member in _split_union(annotation):
        for mistake in _find_in_parts(value, member, path, model):
            has_mistake = True
            yield mistake
    if not has_mistake:
        empty = value in (None, "")
        what = "an empty" if empty else f"`{_format_value(value)}` as"
        message = f"has {what} `{_format_path(path)}`; give {describe_expected(model, path)}"
        yield Mistake(path, message, empty=empty)


def _split_union(annotation: Any) -> Iterator[Any]:
    """Return the members of a union, or the type itself, without annotations."""
    if get_origin(annotation) is Annotated:
        yield from _split_union(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            yield from _split_union(member)
    else:
        yield annotation


def _find_in_parts(value: Any, annotation: Any, path: Path, model: Any) -> Iterator[Mistake]:
    """Return the mistakes in the parts of a list or mapping, if the type allows one."""
    if isinstance(value, list) and get_origin(annotation) is list:
        (item,) = get_args(annotation)
        for n, part in enumerate(value):
            yield from _find_in_value(part, item, (*path, n), model)
    elif isinstance(value, dict) and get_origin(annotation) is dict:
        _, item = get_args(annotation)
        for key, part in value.items():
            yield from _find_in_value(part, item, (*path, key), model)
    elif (
        isinstance(value, dict) and isinstance(annotation, type) and issubclass(annotation, Struct)
    ):
        known = {field.encode_name: field for field in msgspec.structs.fields(annotation)}
        missing = {n: None for n, field in known.items() if field.required and n not in value}
        for key, part in value.items():
            if key in known:
                yield from _find_in_value(part, known[key].type, (*path, key), model)
            else:
                message = f"has no key `{_format_value(key)}`; {remedy(str(key), known)}"
                yield Mistake((*path, key), message, True)
                missing.pop(next(iter(nearest(str(key), known)), ""), None)
        where = f" in `{_format_path(path)}`" if path else ""
        for name in missing:
            message = f"has no `{name}`{where}; give {describe_expected(model, (*path, name))}"
            yield Mistake(path, message)


def _format_path(path: Path) -> str:
    """Return a path as text, from the entry on: `steps[2].weight`."""
    name = ""
    for part in path:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


def _format_value(value: Any) -> str:
    """Return a value as a message quotes it, with at most 40 characters."""
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def describe_expected(model: Any, path: Path) -> str:
    """Return a description of what a model accepts at a path: "one of block, warn"."""
    descriptions = [text for type_ in find_types(model, path) for text in _describe_type(type_)]
    return " or ".join(dict.fromkeys(descriptions)) or "a value"


def find_types(model: Any, path: Path) -> list[Any]:
    """Return the types that a model accepts at a path, with unions split."""
    from msgspec import inspect

    current = [_inspect_model(model)]
    for part in path:
        below: list[Any] = []
        for type_ in _flatten_unions(current):
            if isinstance(type_, inspect.StructType):
                below += [f.type for f in type_.fields if f.encode_name == part]
            elif isinstance(type_, inspect.DictType):
                below.append(type_.value_type)
            elif isinstance(type_, inspect.ListType):
                below.append(type_.item_type)
        current = below
    return list(_flatten_unions(current))


@cache
def _inspect_model(model: Any) -> Any:
    """Return msgspec's description of a model, cached: it takes longer than all the rest."""
    from msgspec import inspect

    return inspect.type_info(model)


def _flatten_unions(types: Iterable[Any]) -> Iterator[Any]:
    """Return the types with each union replaced by its members."""
    from msgspec import inspect

    for type_ in types:
        if isinstance(type_, inspect.UnionType):
            yield from _flatten_unions(type_.types)
        elif isinstance(type_, inspect.Metadata) and isinstance(type_.type, inspect.UnionType):
            yield from _flatten_unions(type_.type.types)
        else:
            yield type_


def list_fields(type_: Any) -> list[str]:
    """Return the keys of a mapping type; none for other types."""
    return [field.encode_name for field in getattr(type_, "fields", ())]


def _describe_type(type_: Any) -> Iterator[str]:
    """Return the description of a type for messages."""
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
        yield f"{kind}{_describe_range(type_)}"
    elif isinstance(type_, inspect.StrType):
        yield f"text that matches {type_.pattern}" if type_.pattern else "text"
    elif isinstance(type_, inspect.ListType):
        yield "a non-empty list" if type_.min_length else "a list"
    elif isinstance(type_, inspect.StructType):
        yield f"a mapping with {', '.join(list_fields(type_))}"
    elif type(type_) in _TYPE_NAMES:
        yield _TYPE_NAMES[type(type_)]


_TYPE_NAMES: dict[Any, str] = {
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.DateTimeType: "a time such as 2026-11-23T08:00:00Z",
    msgspec.inspect.DateType: "a date such as 2026-11-23",
    msgspec.inspect.DictType: "a mapping",
    msgspec.inspect.NoneType: "null",
}


def _describe_range(type_: Any) -> str:
    limits = [
        f"{name} {limit:g}"
        for name, limit in (
            ("at least", type_.ge),
            ("above", type_.gt),
            ("at most", type_.le),
            ("below", type_.lt),
        )
        if limit is not None
    ]
    return f" {' and '.join(limits)}" if limits else ""


def describe_keys(model: Any, inside: str = "") -> dict[str, str]:
    """Return each key of a model, or of the mapping in one of its keys, with what it accepts."""
    path: Path = (inside,) if inside else ()
    if inside and takes_list(model, inside):
        path = (inside, 0)
    names = [name for type_ in find_types(model, path) for name in list_fields(type_)]
    names.sort(key=OF_EVERY_ENTRY.__contains__)  # exceptions come last
    return {name: describe_expected(model, (*path, name)) for name in names}


def takes_list(model: Any, key: str) -> bool:
    """Whether a key of a model accepts a list."""
    from msgspec import inspect

    return any(isinstance(type_, inspect.ListType) for type_ in find_types(model, (key,)))
