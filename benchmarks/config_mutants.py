"""Generate mutants of config blocks: each key, entry and value, by its type in the model.

An operator generates only what no team can mean. Left out, because nothing is wrong with them: texts
in other words, numbers that are another decision (unless a release was judged by them), words of a list that mean something else,
optional values that are left out, and entries and names that nothing else in the config blocks names.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import inspect

from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.formats import model_errors
from mlcharter.gate import engine
from mlcharter.markdown.document import ConfigBlock, Document

Where = tuple[str | int, ...]
OPPOSITE = {">=": '"<="', "<=": '">="', ">": '"<"', "<": '">"', "up": "down", "down": "up"}
OPPOSITE |= {"lower95": "upper95", "upper95": "lower95"}


@dataclass(frozen=True)
class Mutant:
    """One defect. `text` is the whole mutated document, None where it is deleted.

    `first` to `last` are the lines of the mutated document with the defect; `named` is the name
    that the defect removed, which other blocks may still use.
    """

    operator: str
    path: str
    what: str
    text: str | bytes | None
    first: int
    last: int
    named: str = ""


@dataclass(frozen=True)
class Node:
    """A value of a config block; `types` are those that its model allows there."""

    config: ConfigBlock
    path: Where
    value: Any
    types: tuple[Any, ...]
    siblings: tuple[str | int, ...]
    optional: bool
    free: bool = False  # a key that the team may choose

    @property
    def document(self) -> Document:
        return self.config.document

    @property
    def key(self) -> str | None:
        return self.path[-1] if self.path and isinstance(self.path[-1], str) else None

    @property
    def name(self) -> str:
        return f"{self.config.kind}:" + ".".join(map(str, self.path))

    def takes(self, type_: type) -> bool:
        """Return whether the model allows this type here."""
        return any(isinstance(allowed, type_) for allowed in self.types)

    @property
    def alone(self) -> bool:
        """Whether nothing else stands in the config block, so that without it nobody filled it in."""
        return len(self.path) == len(self.siblings) == 1

    @cached_property
    def span(self) -> tuple[int, int]:
        return self.offsets(self.path)

    def offsets(self, path: Where) -> tuple[int, int]:
        """Return the start and end of a value of the same config block in the document's text."""
        start, end = self.config.span(*path)
        return _offset(self.document, *start), _offset(self.document, *end)

    def start(self, path: Where) -> int:
        """Return the start of a value or its key in the document's text."""
        return _offset(self.document, *self.config.key(*path))

    def replaced(self, operator: str, new: str, named: str = "") -> Mutant:
        """Return the document with another value here."""
        start, end = self.span
        if self.document.text[start - 1] == ":":
            new = f" {new}"
        return self.cut(operator, start, end, new, named=named)

    def cut(self, operator: str, start: int, end: int, new: str, *, named: str = "") -> Mutant:
        """Return the document with another text from `start` to `end`; the defect is at `start`."""
        text = self.document.text
        mutated = text[:start] + new + text[end:]
        first = last = text.count("\n", 0, start) + 1
        last += new.rstrip("\n").count("\n")
        if self.alone:
            first = self.config.line
        return Mutant(operator, self.document.path, self.name, mutated, first, last, named)


def _offset(document: Document, line: int, column: int) -> int:
    return sum(map(len, document.lines[: line - 1])) + column - 1


# The nodes


def nodes(charter: Charter) -> list[Node]:
    """Yield every value below the top of every config block of a charter."""
    found: list[Node] = []
    for config, _ in charter.readings:
        model = config_entries.model(config.kind)
        top = Node(config, (), config.value, tuple(_parts(inspect.type_info(model))), (), False)
        waiting = [top]
        while waiting:
            node = waiting.pop()
            below = list(_below(node))
            found += below
            waiting += below
    return found


def _below(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict):
        keys = tuple(node.value)
        for key, value in node.value.items():
            types: list[Any] = []
            optional = True
            free = node.takes(inspect.DictType)
            for type_ in node.types:
                if isinstance(type_, inspect.StructType):
                    for field in type_.fields:
                        if field.encode_name == key:
                            types += _parts(field.type)
                            optional = optional and not field.required
                elif isinstance(type_, inspect.DictType):
                    types += _parts(type_.value_type)
            here = (*node.path, key)
            yield Node(node.config, here, value, tuple(types), keys, optional, free)
    elif isinstance(node.value, list):
        types = [p for t in node.types for p in _parts(getattr(t, "item_type", None))]
        for n, value in enumerate(node.value):
            siblings = tuple(range(len(node.value)))
            yield Node(node.config, (*node.path, n), value, tuple(types), siblings, True)


def _parts(type_: Any) -> list[Any]:
    """Return the members of a union type, without annotations."""
    if isinstance(type_, inspect.Metadata):
        return _parts(type_.type)
    if isinstance(type_, inspect.UnionType):
        return [part for inner in type_.types for part in _parts(inner)]
    return [] if type_ is None else [type_]


# The operators


def mutants(charter: Charter) -> Iterator[Mutant]:
    """Yield every mutant of every config block."""
    every = nodes(charter)
    used = _uses(every)
    for node in every:
        yield from _key(node)
        yield from _entry(node, used)
        yield from _any(node)
        yield from _scalar(node, used)


def _uses(every: list[Node]) -> dict[str, int]:
    """Return how often each text is a whole value in the config blocks."""
    counts: dict[str, int] = {}
    for node in every:
        if isinstance(node.value, str):
            counts[node.value] = counts.get(node.value, 0) + 1
    return counts


def _key(node: Node) -> Iterator[Mutant]:
    if node.key is None or node.free:
        return
    if not node.optional:
        yield _without(node, "config: a key deleted")
    start = node.start(node.path)
    yield node.cut("config: a key misspelt", start, start + len(node.key), f"{node.key[:-1]}q")
    inline = node.document.text[node.span[1]] in ",}"
    if node.key == node.siblings[-1] != node.siblings[0] and not inline:
        blanks = " " * (node.config.key(*node.path).column - 1)
        end = node.span[1]
        twice = f"\n{blanks}{node.siblings[0]}: again"
        yield node.cut("config: a key that stands twice", end, end, twice)


def _without(node: Node, operator: str) -> Mutant:
    """Return the document without this key or entry; the defect is anywhere in its parent."""
    place = node.siblings.index(node.path[-1])
    around = node.path[:-1]
    text = node.document.text
    if len(node.siblings) == 1:
        start, end = node.offsets(around)
        new = "[]" if isinstance(node.path[-1], int) else "{}"
        if text[start - 1] == ":":
            new = f" {new}"
    elif place + 1 < len(node.siblings):
        start, end, new = node.start(node.path), node.start((*around, node.siblings[place + 1])), ""
    else:
        start, end, new = node.offsets((*around, node.siblings[place - 1]))[1], node.span[1], ""
    mutated = text[:start] + new + text[end:]
    first, last = node.offsets(around)
    first_line = text.count("\n", 0, min(first, start)) + 1
    if node.alone:
        first_line = node.config.line
    last_line = mutated.count("\n", 0, min(last - (end - start) + len(new), len(mutated))) + 1
    path = node.document.path
    return Mutant(operator, path, node.name, mutated, first_line, last_line, _called(node))


def _entry(node: Node, used: dict[str, int]) -> Iterator[Mutant]:
    if not isinstance(node.path[-1], int):
        return
    if used.get(_called(node), 0) > 1 or len(node.siblings) == 1:
        yield _without(node, "config: an entry deleted")
    if isinstance(node.value, dict) and _called(node):
        start, end = node.span
        blanks = " " * (node.config.mark(*node.path).column - 3)
        again = f"\n{blanks}- {node.document.text[start:end]}"
        yield node.cut("config: an entry that stands twice", end, end, again)


def _called(node: Node) -> str:
    """Return the name of an entry, empty if it has none; a text is its own name."""
    if isinstance(node.value, dict):
        names = (node.value.get(key) for key in ("id", "name", "ref"))
        return next((name for name in names if isinstance(name, str)), "")
    return node.value if isinstance(node.value, str) else ""


def _any(node: Node) -> Iterator[Mutant]:
    """Yield the mutants of a value of any type."""
    if node.value is not None and not node.takes(inspect.NoneType):
        yield node.replaced("config: a value emptied", "null")
    if isinstance(node.value, list | dict):
        yield node.replaced("config: a list or mapping replaced by a word", "later")
    elif isinstance(node.value, str) and not node.takes(inspect.FloatType):
        yield node.replaced("config: a text replaced by a number", "7")
    elif node.value is not None and not node.takes(inspect.StrType):
        word = "soon" if isinstance(node.value, datetime.date) else "many"
        yield node.replaced("config: a number, day or yes-no replaced by a word", word)


def _scalar(node: Node, used: dict[str, int]) -> Iterator[Mutant]:
    value = node.value
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return
    if isinstance(value, int | float):
        yield from _number(node)
    elif isinstance(value, datetime.date):
        yield from _day(node)
    else:
        yield from _text(node, used)


def _number(node: Node) -> Iterator[Mutant]:
    if node.config.kind in engine.list_kinds():
        half = node.value // 2 if isinstance(node.value, int) else node.value / 2
        yield node.replaced("config: a limit changed after the run", f"{half or node.value + 1:g}")
    if not node.takes(inspect.StrType):
        yield node.replaced("config: a number with its unit", f"{node.value} %")
    for type_ in node.types:
        for low in (getattr(type_, "ge", None), getattr(type_, "gt", None)):
            if low is not None:
                yield node.replaced("config: a number below its range", f"{low - 1:g}")
        for high in (getattr(type_, "le", None), getattr(type_, "lt", None)):
            if high is not None:
                yield node.replaced("config: a number above its range", f"{high + 1:g}")


def _day(node: Node) -> Iterator[Mutant]:
    yield node.replaced("config: a day that no calendar has", "2026-13-40")
    yield node.replaced("config: a day as people write it", "1 March 2027")
    if node.key in ("until", "by"):
        yield node.replaced("config: an end that has passed", "2025-01-31")


def _text(node: Node, used: dict[str, int]) -> Iterator[Mutant]:
    value: str = node.value
    words = model_errors.describe_expected(config_entries.model(node.config.kind), node.path)
    if node.takes(inspect.LiteralType):
        yield node.replaced("config: a word that its list has not", "whatever")
        if value in OPPOSITE:
            yield node.replaced("config: a direction turned", OPPOSITE[value])
        if node.key == "on_fail" and value == "block":
            yield node.replaced("config: a gate that no longer blocks", "warn")
        return
    if any(getattr(type_, "pattern", None) for type_ in node.types):
        yield node.replaced("config: a text out of its form", '"? %"')
    elif any(getattr(type_, "min_length", None) for type_ in node.types):
        yield node.replaced("config: a text without a word", '""')
        yield node.replaced("config: a text that waits to be written", "TBD")
    if used[value] > 1 and words.startswith("an id"):
        new = f"{value}-gone"
        what = "a name changed that others use" if _is_name(node) else "a reference to nothing"
        yield node.replaced(f"config: {what}", new, named=value)
    if _hex(value):
        last = "0" if value[-1] != "0" else "1"
        yield node.replaced("config: a digest changed", _quoted(value[:-1] + last), named=value)
    if words.startswith(("a path", "a test")):
        yield node.replaced("config: a file that is not there", "gone/nowhere.md")
    if words.startswith("a handle"):
        yield node.replaced("config: an owner whom nobody can call", "the team")
        yield node.replaced("config: an unknown owner", '"@nowhere/nobody"')


def _is_name(node: Node) -> bool:
    """Return whether a text is the name of its own entry."""
    return node.key in ("id", "name", "ref") and len(node.path) < 3


def _hex(value: str) -> bool:
    tail = value.rpartition(":")[2]
    return len(tail) >= 16 and set(tail) <= set("0123456789abcdef")


def _quoted(value: str) -> str:
    return f'"{value}"'
