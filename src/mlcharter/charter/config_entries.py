"""Read config blocks by their models: typed entries, and findings about invalid ones.

A config block whose values are all empty is not filled in yet: it has no entries and no findings.
"""

import datetime
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from mlcharter.formats import model_errors, models
from mlcharter.formats.model_errors import Mistake
from mlcharter.formats.model_errors import Path as Path
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.support import plugins
from mlcharter.support.finding import Finding

PACKAGE = "mlcharter.charter.config"


class Entry(Struct, frozen=True):
    """One entry of a config block that is a list, or the whole of one that is a mapping.

    `value` is an instance of the kind's model; `path` is its place in the config block.
    """

    value: Any
    config: ConfigBlock
    path: Path

    @property
    def document(self) -> Document:
        return self.config.document

    @property
    def subject(self) -> str:
        """The name of the entry in findings: its kind, with its id if the block is a list."""
        named = (getattr(self.value, key, None) for key in ("id", "name", "ref"))
        name = next((name for name in named if isinstance(name, str)), None)
        return f'`{self.config.kind}` "{name}"' if name and self.path else f"`{self.config.kind}`"

    def finding(self, message: str, *path: str | int) -> Finding:
        """Return a finding about the entry, or about the value at a path in it."""
        return self.config.finding(message, *self.path, *path)

    def is_waived(self, day: datetime.date) -> bool:
        """Return whether the entry is waived on a day."""
        waived = getattr(self.value, "waived", None)
        return waived is not None and bool(waived.until >= day)


class Reading(Struct, frozen=True):
    """The valid entries of a config block, and findings about the others.

    `wrong` is about invalid values, `unfilled` about values that are still empty.
    """

    entries: tuple[Entry, ...] = ()
    wrong: tuple[Finding, ...] = ()
    unfilled: tuple[Finding, ...] = ()
    blank: bool = False

    @property
    def problems(self) -> tuple[Finding, ...]:
        """All findings about entries that are not valid."""
        return (*self.wrong, *self.unfilled)


@cache
def kinds() -> tuple[str, ...]:
    """Return every kind that has a model."""
    return tuple(name.replace("-", "_") for name in plugins.names(PACKAGE))


@cache
def model(kind: str) -> Any:
    """Return the model of a kind of config block: a class, or `list[class]`."""
    return plugins.load_one(PACKAGE, kind).MODEL


@cache
def weaker(kind: str) -> dict[str, Any]:
    """Return the direction in which each field of a kind's entries gets weaker; see `directions`.

    `*` is for the entries themselves.
    """
    own: dict[str, Any] = plugins.load_one(PACKAGE, kind).WEAKER
    return models.WEAKER_IN_EVERY_ENTRY | own


@cache
def is_list(kind: str) -> bool:
    """Return whether config blocks of a kind are lists; several blocks of a kind are joined."""
    return get_origin(model(kind)) is list


def is_blank(value: Any) -> bool:
    """Return whether every value is null; an empty list is a value."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list) and value:
            pending += value
        elif value is not None:
            return False
    return True


def read(config: ConfigBlock) -> Reading:
    """Read a config block; the result is empty if it has no YAML or an unknown kind."""
    if config.problem is not None or config.kind not in kinds():
        return Reading()
    if is_blank(config.value):
        return Reading(blank=True)
    expected = model(config.kind)
    if get_origin(expected) is not list:
        parts: Iterable[tuple[Path, Any]] = [((), config.value)]
    elif isinstance(config.value, list):
        (expected,) = get_args(expected)
        parts = (((n,), value) for n, value in enumerate(config.value))
    else:
        message = f"`{config.kind}` is a list of entries; begin each with `- `"
        return Reading(wrong=(config.finding(message),))
    return _convert_parts(config, expected, parts)


def _convert_parts(config: ConfigBlock, model: Any, parts: Iterable[tuple[Path, Any]]) -> Reading:
    entries = []
    wrong: list[Finding] = []
    unfilled: list[Finding] = []
    for path, value in parts:
        if path and is_blank(value):
            name = f"`{config.kind}` has an entry that is not filled in; fill it in or remove it"
            unfilled.append(config.finding(name, *path))
            continue
        try:
            entries.append(Entry(msgspec.convert(value, model, strict=True), config, path))
        except msgspec.ValidationError:
            subject = _subject(config.kind, value, path)
            for mistake in model_errors.find_mistakes(value, model):
                problems = unfilled if mistake.empty else wrong
                problems.append(_finding(config, subject, path, mistake))
    return Reading(tuple(entries), tuple(wrong), tuple(unfilled))


def _finding(config: ConfigBlock, subject: str, path: Path, mistake: Mistake) -> Finding:
    at = config.key if mistake.key else config.mark
    line, column = at(*path, *mistake.path)
    return config.document.finding(line, f"{subject} {mistake.message}", column)


def _subject(kind: str, value: Any, path: Path) -> str:
    if not path:
        return f"`{kind}`"
    named = [value.get(key) for key in ("id", "name", "ref")] if isinstance(value, dict) else []
    name = next((name for name in named if isinstance(name, str) and name), None)
    return f'`{kind}` "{name}"' if name else f"`{kind}`: entry {int(path[0]) + 1}"


def entry_model(kind: str) -> Any:
    """Return the model of one entry of a kind: of a list item, or of the whole mapping."""
    whole = model(kind)
    return get_args(whole)[0] if get_origin(whole) is list else whole
