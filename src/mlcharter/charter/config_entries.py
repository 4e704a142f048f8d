"""Read config blocks by their models: typed entries, and findings about what is wrong.

A config block whose values are all empty is not filled in yet: no entries, nothing wrong.
"""

import datetime
from collections.abc import Iterable
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from mlcharter.formats import model_errors
from mlcharter.formats.model_errors import Mistake
from mlcharter.formats.model_errors import Path as Path
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.support import plugins
from mlcharter.support.finding import Finding

PACKAGE = "mlcharter.charter.config"


class Entry(Struct, frozen=True):
    """One entry of a config block that is a list, or the whole of one that is a mapping.

    `value` is an instance of the kind's model. `path` leads to it in the config block.
    """

    value: Any
    config: ConfigBlock
    path: Path

    @property
    def document(self) -> Document:
        return self.config.document

    @property
    def subject(self) -> str:
        """How findings name it: the kind with the entry's id, or the kind that stands once."""
        named = (getattr(self.value, key, None) for key in ("id", "name", "ref"))
        name = next((name for name in named if isinstance(name, str)), None)
        return f'`{self.config.kind}` "{name}"' if name and self.path else f"`{self.config.kind}`"

    def finding(self, message: str, *path: str | int) -> Finding:
        """A finding about the entry, or about the value at a path in it."""
        return self.config.finding(message, *self.path, *path)

    def excused(self, day: datetime.date) -> bool:
        """Whether `waived` says that it does not hold here, and has not expired."""
        waived = getattr(self.value, "waived", None)
        return waived is not None and bool(waived.until >= day)


class Reading(Struct, frozen=True):
    """What a config block says: its valid entries, and findings about the others.

    `wrong` is about what is written there, `unfilled` about values that nobody has written yet.
    """

    entries: tuple[Entry, ...] = ()
    wrong: tuple[Finding, ...] = ()
    unfilled: tuple[Finding, ...] = ()
    blank: bool = False

    @property
    def problems(self) -> tuple[Finding, ...]:
        """Everything that keeps an entry from being valid."""
        return (*self.wrong, *self.unfilled)


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
    """Whether config blocks of a kind are lists, which are joined where there are several."""
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


def read(config: ConfigBlock) -> Reading:
    """Return what a config block says; no entries where it has no YAML or an unknown kind."""
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
    return _converted(config, expected, parts)


def _converted(config: ConfigBlock, model: Any, parts: Iterable[tuple[Path, Any]]) -> Reading:
    entries = []
    wrong: list[Finding] = []
    unfilled: list[Finding] = []
    for path, value in parts:
        if path and is_blank(value):
            name = f"`{config.kind}` has an entry that nobody filled in; fill it in or remove it"
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
    """The model of one entry of a kind, or of the mapping that stands once."""
    whole = model(kind)
    return get_args(whole)[0] if get_origin(whole) is list else whole


def keys(kind: str, inside: str = "") -> dict[str, str]:
    """Every key of an entry of a kind, or of what stands in one of its keys, with what it takes."""
    return model_errors.describe_keys(entry_model(kind), inside)
