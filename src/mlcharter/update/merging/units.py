"""Split a document into the parts that merge as one: its sections, and the units of each."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import (
    Block,
    ConfigBlock,
    Document,
    Section,
    parse,
    read_guidance,
)
from mlcharter.update.merging import tables
from mlcharter.update.merging.layout import strip_layout, strip_yaml_layout


@dataclass(eq=False)
class Unit:
    """A block, or one item of a list.

    `key` identifies it in every version, None if nothing does. `same` is its text without layout.
    """

    kind: str
    key: Hashable
    text: str
    same: str
    words: str = ""

    def __post_init__(self) -> None:
        self.words = self.words or self.same


@dataclass(eq=False)
class Part:
    """A section and its units, the first of which is the heading; or the text before all."""

    key: Hashable
    heading: str
    units: list[Unit]
    kind: str = "section"
    same: str = field(init=False, default="")

    @property
    def name(self) -> str:
        """Return its name in reports."""
        return self.id or self.heading

    @property
    def id(self) -> str | None:
        """Return the id of a section that has one, and has it first."""
        return self.key[1] if isinstance(self.key, tuple) and self.key[0] == "id" else None

    @property
    def content(self) -> list[str]:
        """Return its units without layout."""
        return [unit.same for unit in self.units]


@dataclass(eq=False)
class Parts:
    """A whole document; `gaps` has the blank lines between adjacent units, by their `id()`."""

    parts: list[Part]
    gaps: dict[tuple[int, int], str]
    first: Unit
    last: Unit


def split_document(text: str, path: str = "") -> Parts:
    """Return the parts of a document; their texts and gaps join to the document."""
    document = parse(text, path)
    seen: Counter[Hashable] = Counter()
    first, last = Unit("edge", None, "", ""), Unit("edge", None, "", "")
    parts = [Part(("preamble",), "the beginning", [])]
    flow: list[tuple[Unit, str]] = [(first, "")]
    for place, section in enumerate([None, *document.sections], -1):
        if section is not None:
            key = _section_key(section, place)
            seen[key] += 1
            parts.append(Part(key if seen[key] == 1 else (key, seen[key]), section.heading, []))
        for unit, gap in _split_units(
            document, section.blocks if section else document.preamble, seen
        ):
            if unit is None:
                flow[-1] = (flow[-1][0], flow[-1][1] + gap)
            else:
                parts[-1].units.append(unit)
                flow.append((unit, gap))
    gaps = {}
    for (unit, gap), (following, _) in zip(flow, [*flow[1:], (last, "")], strict=True):
        gaps[id(unit), id(following)] = gap
    return Parts(parts, gaps, first, last)


def _section_key(section: Section, place: int) -> Hashable:
    if section.id:
        return ("id", section.id)
    if place == 0 and section.level == 1:
        return ("title",)
    return ("heading", _join_words(section.heading).lower())


def _split_units(
    document: Document, blocks: Sequence[Block], seen: Counter[Hashable]
) -> Iterator[tuple[Unit | None, str]]:
    """Yield the units of some blocks, each with the blank lines after it."""
    items = {item.line: item for item in document.items if item.depth == 0}
    configs = {config.line: config for config in document.configs}
    names = {field.line: field.name for field in document.fields}
    at = 0
    while at < len(blocks):
        block = blocks[at]
        size = 1
        if block.kind == "blank":
            yield None, block.text
        elif block.kind == "list":
            for entry in document.entries(block):
                yield from _trim(_make_entry(items.get(entry.line), entry.text, seen))
        elif block.kind == "paragraph" and (fields := _split_fields(names, block, seen)):
            yield from ((unit, "") for unit in fields)
        else:
            config = configs.get(block.line) if block.kind == "marker" else None
            if config is not None:
                size, unit = _make_config(config, blocks, at, seen)
            else:
                size, unit = _make_block(document, blocks[at : at + 3])
            yield from _trim(unit)
        at += size


def _trim(unit: Unit) -> Iterator[tuple[Unit, str]]:
    """Yield the unit without its trailing blank lines, and those lines."""
    lines = unit.text.splitlines(keepends=True)
    end = len(lines)
    while end > 1 and not lines[end - 1].strip():
        end -= 1
    unit.text = "".join(lines[:end])
    yield unit, "".join(lines[end:])


def _make_block(document: Document, blocks: Sequence[Block]) -> tuple[int, Unit]:
    """Return how many of the blocks the next unit takes, and the unit."""
    block = blocks[0]
    if block.kind == "heading":
        count = _heading_size(blocks)
        text = "".join(b.text for b in blocks[:count])
        first = document.section_at(block.line)
        top = first is not None and first.line == block.line
        return count, Unit(
            "heading" if top else "heading below", top or None, text, strip_layout(text)
        )
    if block.kind == "placeholder":
        return 1, Unit("placeholder", None, block.text, _join_words(block.text))
    if block.kind == "table":
        header = _join_words(re.sub(r"\s*\|\s*", " | ", strip_layout(block.text.splitlines()[0])))
        return 1, Unit("table", None, block.text, tables.strip_table(block.text), header)
    if block.kind in ("fence", "code", "front-matter"):
        return 1, Unit("code", None, block.text, block.text.rstrip())
    if block.kind == "guidance":  # a comment of an older template, and the same words as a quote
        form = "comment" if block.text.lstrip().startswith("<!--") else "quote"
        words = strip_layout(read_guidance(block.text))
        return 1, Unit("guidance", None, block.text, f"{form} {words}", words)
    return 1, Unit(block.kind, None, block.text, strip_layout(block.text))


def _heading_size(blocks: Sequence[Block]) -> int:
    """Return how many blocks a heading takes: with its marker, and a blank line between them."""
    at = 2 if len(blocks) > 1 and blocks[1].kind == "blank" else 1
    marked = len(blocks) > at and blocks[at].kind == "marker"
    return at + 1 if marked and "config:" not in blocks[at].text else 1


def _make_config(
    config: ConfigBlock, blocks: Sequence[Block], at: int, seen: Counter[Hashable]
) -> tuple[int, Unit]:
    """Return the number of blocks of the config block whose marker is at `at`, and its unit."""
    count = 1
    if config.fence:
        while blocks[at + count - 1].line != config.fence:
            count += 1
    text = "".join(block.text for block in blocks[at : at + count])
    key = (config.section, config.kind)
    seen["config", key] += 1
    return count, Unit(
        "config", (config.kind, seen["config", key]), text, strip_yaml_layout(text), config.kind
    )


def _make_entry(item: Item | None, text: str, seen: Counter[Hashable]) -> Unit:
    if item is None or item.id is None:
        return Unit("entry", None, text, strip_layout(text))
    seen["item", item.id] += 1
    count = seen["item", item.id]
    return Unit("item", item.id if count == 1 else (item.id, count), text, strip_layout(text))


def _split_fields(names: dict[int, str], block: Block, seen: Counter[Hashable]) -> list[Unit]:
    """Return a unit for each line of a paragraph of fields; empty for any other paragraph.

    `names` are the names of the document's fields by line.
    """
    lines = block.text.splitlines(keepends=True)
    if sum(number in names for number in range(block.line, block.end + 1)) < len(lines):
        return []
    units = []
    for number, line in enumerate(lines, block.line):
        name = names[number]
        seen["field", name] += 1
        units.append(Unit("field", (name, seen["field", name]), line, _join_words(line)))
    return units


def _join_words(text: str) -> str:
    return " ".join(text.split())
