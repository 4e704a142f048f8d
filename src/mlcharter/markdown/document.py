"""Parse a Markdown document of a charter: sections, blocks, items, config blocks, fields, links.

`parse` never fails: every text gives a document, and the texts of its blocks join to that text,
character for character. Only `read` reads a file.
Costly properties are computed on first use. All line and column numbers count from 1.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from itertools import accumulate
from operator import attrgetter
from typing import Any, Literal, TypeVar

from msgspec import Struct

from mlcharter.formats import yamlblock
from mlcharter.formats.yamlblock import Mark, Problem
from mlcharter.markdown import inline, scanner
from mlcharter.markdown.checklist import BOX, Item, has_box, read_id, read_item
from mlcharter.support.files import MAX_SIZE, Tree, Unreadable
from mlcharter.support.finding import Finding

_LINE_ENDS = "\r\n"
_line, _start = attrgetter("line"), attrgetter("start")
_RUNNING = frozenset(("heading", "paragraph", "table"))
PLACEHOLDER = "Not written yet."
GUIDANCE = "<!-- guidance -->"

Kind = scanner.Kind | Literal["marker", "placeholder", "guidance"]


class Block(Struct, frozen=True, gc=False):
    """A top-level block with its exact text; a run of blank lines is a block too.

    A `marker` is the comment that names a section or config block; a quote that ends in GUIDANCE,
    and any other comment on its own, is `guidance`. `line` and `end` are its first and last line.
    """

    kind: Kind
    line: int
    end: int
    text: str


class Link(Struct, frozen=True, gc=False):
    """A link or image; `target` is as written, without escapes. Only links with a target count."""

    text: str
    target: str
    line: int
    column: int
    image: bool = False

    @property
    def external(self) -> bool:
        """Whether the target is an address (`https:`, `mailto:`, `//host`) and not a file."""
        scheme, colon, _ = self.target.partition(":")
        return self.target.startswith("//") or bool(
            colon and len(scheme) > 1 and scheme.isascii() and _SCHEME_EXTRA.isdisjoint(scheme)
        )

    @property
    def path(self) -> str:
        """The decoded path of the target; empty for a link within the document."""
        return _unquoted(self.target.partition("#")[0].partition("?")[0])

    @property
    def fragment(self) -> str:
        """The decoded fragment after the `#`."""
        return _unquoted(self.target.partition("#")[2])


_SCHEME_EXTRA = frozenset("/?#[]@!$&'()*,;= %\\")


def _unquoted(part: str) -> str:
    if "%" not in part:
        return part
    from urllib.parse import unquote

    return unquote(part)


class Entry(Struct, frozen=True, gc=False):
    """An item of a top-level list with its content; the entries of a list join to its text."""

    line: int
    end: int
    text: str


class Heading(Struct, frozen=True, gc=False):
    """A heading outside lists and quotes; `id` is that of the section marker below it."""

    level: int
    text: str
    id: str | None
    line: int
    end: int


class Field(Struct, frozen=True, gc=False):
    """A line such as `Owner: @fraud-ml` under the title; `column` is that of the value."""

    name: str
    value: str
    line: int
    column: int


_WITHOUT_PROSE = frozenset(("blank", "heading", "marker", "guidance", "placeholder", "break"))


class Section(Struct, frozen=True, eq=False, dict=True):
    """A heading and the content below it, up to the next section.

    `end` is the last line before the next section; a subsection refers to its `parent`.
    """

    id: str | None
    heading: str
    level: int
    line: int
    end: int
    parent: "Section | None"
    document: "Document"

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the section, its heading first."""
        return _between(self.document.blocks, self.line, self.end)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items of its checklists."""
        return _between(self.document.items, self.line, self.end)

    @cached_property
    def configs(self) -> "tuple[ConfigBlock, ...]":
        """The config blocks whose markers are in it."""
        return _between(self.document.configs, self.line, self.end)

    @property
    def prose(self) -> Iterator[Block]:
        """The blocks with prose: no comments, config blocks or checklists."""
        configs = {config.fence for config in self.configs}
        for block in self.blocks:
            if block.kind in _WITHOUT_PROSE:
                continue
            if block.kind == "fence" and block.line in configs:
                continue
            if block.kind == "list" and block.line in self.document.item_ids:
                continue
            yield block

    @property
    def text(self) -> str:
        """Its exact text."""
        return "".join(self.document.lines[self.line - 1 : self.end])


class ConfigBlock(Struct, frozen=True, eq=False, dict=True):
    """A config block marker and the YAML below it. `line` is the line of the marker.

    `fence` is the line that opens the YAML, 0 if no `yaml` fence follows the marker. Then, and if
    the YAML is invalid, `problem` has the reason and `value` is None.
    """

    kind: str
    line: int
    fence: int
    section: str | None
    text: str
    broken: Problem | None
    document: "Document"

    @cached_property
    def tree(self) -> yamlblock.Tree:
        return yamlblock.parse(self.text)

    @property
    def value(self) -> Any:
        """The parsed YAML: lists, dicts with text keys, text, numbers, booleans, dates and None."""
        return None if self.broken else self.tree.value

    @property
    def problem(self) -> Problem | None:
        """Why there is no value, with its place in the file."""
        if self.broken or self.tree.problem is None:
            return self.broken
        line, column, message = self.tree.problem
        return Problem(*self._in_file(Mark(line, column)), message)

    def key(self, *path: str | int) -> Mark:
        """Return the place of a value's key in the file, or of the nearest existing parent."""
        return self._in_file(self.tree.key(*path))

    def mark(self, *path: str | int) -> Mark:
        """Return the start of a value in the file, or of the nearest existing parent."""
        return self._in_file(self.tree.mark(*path))

    def span(self, *path: str | int) -> tuple[Mark, Mark]:
        """Return the start of a value in the file, and the place after its last character."""
        start, end = self.tree.span(*path)
        return self._in_file(start), self._in_file(end)

    def __contains__(self, path: tuple[str | int, ...]) -> bool:
        return not self.broken and path in self.tree

    def finding(self, message: str, *path: str | int) -> Finding:
        """Return a finding about the value at a path."""
        line, column = self.mark(*path)
        return self.document.finding(line, message, column)

    def _in_file(self, mark: Mark) -> Mark:
        if self.broken:
            return Mark(self.broken.line, self.broken.column)
        lines = self.document.lines
        number = min(self.fence + mark.line, len(lines))
        return Mark(number, mark.column + _removed(lines[self.fence - 1], lines[number - 1]))


def _removed(opening: str, line: str) -> int:
    """Return how many spaces a fence's indentation removes from a line in it."""
    indent = len(opening) - len(opening.lstrip(" "))
    return min(indent, len(line) - len(line.lstrip(" ")))


@dataclass(frozen=True, repr=False)  # a Struct of texts alone is never freed with its sections
class Document:
    """A parsed text; `path` is how findings name it."""

    path: str
    text: str

    def __repr__(self) -> str:
        return f"<Document {self.path!r}>"

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their ends (`\\n`, `\\r\\n` or `\\r`)."""
        return StringIO(self.text, newline="").readlines()

    @cached_property
    def structure(self) -> scanner.Structure:
        """The result of the scanner, in line numbers from 0."""
        lines = self.lines
        if self.text.startswith("\ufeff"):
            lines = [lines[0][1:] or "\n", *lines[1:]]
        return scanner.scan(lines)

    # Blocks and sections

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The top-level blocks, which cover the whole document."""
        lines = self.lines
        blocks = []
        for kind, start, end in self.structure.spans:
            text = lines[start] if end - start == 1 else "".join(lines[start:end])
            refined: Kind = kind
            if kind == "html":
                refined = _comment_kind(text)
            elif kind == "paragraph" and text.strip() == PLACEHOLDER:
                refined = "placeholder"
            elif kind == "quote" and text.rstrip().endswith(GUIDANCE):
                refined = "guidance"
            blocks.append(Block(refined, start + 1, end, text))
        return tuple(blocks)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The headings outside lists and quotes."""
        return tuple(
            Heading(level, text, self._section_id(span), start + 1, end)
            for start, end, level, text, span in self.structure.headings
            if span >= 0
        )

    def _section_id(self, span: int) -> str | None:
        for kind, start, _ in self.structure.spans[span + 1 : span + 3]:
            if kind != "blank":
                return _marker(self.lines[start], "section") if kind == "html" else None
        return None

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every section from top to bottom; their blocks and the preamble's cover the document."""
        starts: list[tuple[int, int, str, str | None]] = []
        for start, _, level, text, span in self.structure.headings:
            if span >= 0:
                id = self._section_id(span)
                if id or not starts or level <= starts[-1][1]:
                    starts.append((start, level, text, id))
        sections: list[Section] = []
        around: list[Section] = []
        ends = [start for start, _, _, _ in starts[1:]]
        for (start, level, text, id), end in zip(starts, [*ends, len(self.lines)], strict=False):
            while around and around[-1].level >= level:
                around.pop()
            parent = around[-1] if around else None
            around.append(Section(id, text, level, start + 1, end, parent, self))
            sections.append(around[-1])
        return tuple(sections)

    @cached_property
    def preamble(self) -> tuple[Block, ...]:
        """The blocks before the first heading."""
        end = self.sections[0].line if self.sections else len(self.lines) + 1
        return _between(self.blocks, 1, end - 1)

    def section(self, id: str) -> Section | None:
        """Return the first section with an id."""
        return self._sections.get(id)

    @cached_property
    def _sections(self) -> dict[str, Section]:
        return {section.id: section for section in reversed(self.sections) if section.id}

    def section_at(self, line: int) -> Section | None:
        """Return the section that contains a line; None before the first heading."""
        place = bisect_right(self.sections, line, key=_line)
        return self.sections[place - 1] if place else None

    @property
    def title(self) -> str | None:
        """The text of the first heading."""
        return self.headings[0].text if self.headings else None

    # Config blocks

    @cached_property
    def configs(self) -> tuple[ConfigBlock, ...]:
        """Every config block marker with the block below it."""
        found = []
        for place, (kind, start, _) in enumerate(self.structure.spans):
            if kind == "html" and "config:" in self.lines[start]:
                name = _marker(self.lines[start], "config")
                if name is not None:
                    found.append(self._config(name, place))
        return tuple(found)

    def configs_of(self, kind: str) -> tuple[ConfigBlock, ...]:
        """Return the config blocks of one kind, in the order of the document."""
        return tuple(config for config in self.configs if config.kind == kind)

    def _config(self, kind: str, place: int) -> ConfigBlock:
        line = self.structure.spans[place][1] + 1
        section = self.section_at(line)
        fence = self._fence_below(place)
        broken = None
        text = ""
        if fence is None or fence.info.lower().split()[:1] not in (["yaml"], ["yml"]):
            message = f"no `yaml` block follows the config block `{kind}`; put one right below"
            broken = Problem(line, 1, message)
            fence = None
        elif not fence.closed or self._lacks_end(fence):
            message = f"the block of the config block `{kind}` has no end; close it"
            broken = Problem(fence.start + 1, 1, message)
        else:
            opening = self.lines[fence.start]
            rows = self.lines[fence.start + 1 : fence.end - 1]
            if fence.indent:
                rows = [row[_removed(opening, row) :] for row in rows]
            text = "".join(rows)
        return ConfigBlock(
            kind,
            line,
            fence.start + 1 if fence else 0,
            section.id if section else None,
            text,
            broken,
            self,
        )

    def _lacks_end(self, fence: scanner.Fence) -> bool:
        """Return whether a fence contains the start of another block: its end is missing."""
        rows = self.lines[fence.start + 1 : fence.end - 1]
        return any(row.startswith(("<!--", "```", "~~~")) for row in rows)

    def _fence_below(self, place: int) -> scanner.Fence | None:
        spans = self.structure.spans[place + 1 : place + 3]
        if spans and spans[0][0] == "blank":
            del spans[0]
        if not spans or spans[0][0] != "fence":
            return None
        fences = self.structure.fences
        return fences[bisect_left(fences, spans[0][1], key=_start)]

    # Checklists

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every list item with a box, at any depth of any list."""
        return tuple(
            read_item(self._prose(leaves), depth) for leaves, depth in self._items_with_box
        )

    @cached_property
    def item_ids(self) -> dict[int, str | None]:
        """The id of each item by its line; cheaper than `items`."""
        found = {}
        for (leaf, *_), _ in self._items_with_box:
            line = self.lines[leaf.start]
            if "\t" in line:
                line = line.expandtabs(4)
            found[leaf.start + 1] = read_id(line, leaf.at + BOX)
        return found

    @cached_property
    def _items_with_box(self) -> list[tuple[tuple[scanner.Leaf, ...], int]]:
        """The places of the text of each list item with a box, and the depth of the item."""
        entries = self.structure.entries
        texts = [leaf for leaf in self.structure.leaves if leaf.kind == "paragraph"]
        starts = [leaf.start for leaf in texts]
        blocks = [start for _, start, _ in self.structure.spans]
        found = []
        for place, entry in enumerate(entries):
            first = bisect_left(starts, entry.start)
            if first == len(texts) or starts[first] != entry.start:
                continue
            line = self.lines[entry.start]
            if "\t" in line:
                line = line.expandtabs(4)
            at = texts[first].at
            if not has_box(line[at : at + 4]) or at < entry.at:
                continue
            block = self.structure.spans[bisect_right(blocks, entry.start) - 1]
            last = bisect_left(starts, block[2])  # a quote below the list has leaves too
            if place + 1 < len(entries):
                last = min(last, bisect_left(starts, entries[place + 1].start))
            if last > first:
                found.append((tuple(texts[first:last]), entry.depth))
        return found

    def item(self, id: str) -> Item | None:
        """Return the first item with an id."""
        return next((item for item in self.items if item.id == id), None)

    def entries(self, block: Block) -> tuple[Entry, ...]:
        """Return the top-level items of a `list` block; their texts join to the block's."""
        entries = self.structure.entries
        first = bisect_left(entries, block.line - 1, key=_start)
        last = bisect_left(entries, block.end, first, key=_start)
        starts = [entry.start for entry in entries[first:last] if entry.depth == 0]
        ends = [*starts[1:], block.end]
        return tuple(
            Entry(start + 1, end, "".join(self.lines[start:end]))
            for start, end in zip(starts, ends, strict=True)
        )

    # Fields, links, anchors

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The `Name: value` lines between the title and the next heading."""
        starts = [start for start, _, _, _, span in self.structure.headings if span >= 0]
        first = starts[0] + 1 if starts else 0
        stop = starts[1] if len(starts) > 1 else len(self.lines)
        found = []
        for kind, start, end in self.structure.spans:
            if start >= stop:
                break
            if start >= first and kind in ("paragraph", "list"):
                fields = (_field(self.lines[k], k + 1) for k in range(start, end))
                found += [item for item in fields if item is not None]
        return tuple(found)

    def field(self, name: str) -> Field | None:
        """Return the first field with a name."""
        return next((item for item in self.fields if item.name == name), None)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link and image that a reader sees, inline or by reference, at any depth."""
        found: list[Link] = []
        known = self.definitions
        for leaf in self._texts:
            text = self._joined(leaf.start, leaf.end)
            if "](" in text or (known and "]" in text) or ("<" in text and ":" in text):
                prose = self._prose((leaf,))
                for start, inner, _, target, image in prose.links:
                    shown = prose.text[start + 1 + image : inner]
                    found.append(Link(shown, target, *prose.place(start), image))
        return tuple(found)

    @cached_property
    def html_links(self) -> tuple[Link, ...]:
        """The targets of `<a href>` and `<img src>`."""
        found = []
        for line, column, tag in self._tags:
            if match := _TARGET.match(tag):
                target = inline.replace_entities(match[1] or match[2] or match[3] or "")
                if target:
                    found.append(Link("", target, line, column))
        return tuple(sorted(found, key=lambda link: (link.line, link.column)))

    @cached_property
    def _tags(self) -> list[tuple[int, int, str]]:
        """The HTML tags that can have attributes, each with its line and column."""
        found = []
        for line, text in self._tagged:
            if "=" not in text or "<" not in text:
                continue
            lengths = (len(row) + 1 for row in text.split("\n"))
            starts = list(accumulate(lengths, initial=0))
            for start, end in inline.find_inlines(text, {}).hidden:
                if text[start] == "<" and text[start + 1] not in "!?/":
                    row = bisect_right(starts, start) - 1
                    found.append((line + row, start - starts[row] + 1, text[start:end]))
        return found

    @property
    def _tagged(self) -> Iterator[tuple[int, str]]:
        """The texts that may hold HTML tags, each with the number of its first line."""
        for leaf in self._texts:
            yield leaf.start + 1, self._joined(leaf.start, leaf.end)
        for kind, start, end in self.structure.spans:
            if kind == "html":
                yield start + 1, self._joined(start, end)

    @cached_property
    def _texts(self) -> list[scanner.Leaf]:
        """The places of all running text, from top to bottom."""
        texts = [leaf for leaf in self.structure.leaves if leaf.kind in _RUNNING]
        for kind, start, end in self.structure.spans:
            if kind == "paragraph" or kind == "heading" or kind == "table":
                texts.append(scanner.Leaf(kind, start, end, 0))
        texts.sort(key=_start)
        return texts

    @cached_property
    def _proses(self) -> dict[tuple[int, int], inline.Prose]:
        return {}

    def _prose(self, leaves: tuple[scanner.Leaf, ...]) -> inline.Prose:
        """Return the parsed text of one leaf, or of the several leaves of an item; cached."""
        lines = leaves[0].start, leaves[-1].end
        known = self._proses.get(lines)
        if known is not None:
            return known
        rows = [(k + 1, self.lines[k]) for leaf in leaves for k in range(leaf.start, leaf.end)]
        at = leaves[0].at
        if at and "\t" in rows[0][1]:
            rows[0] = (rows[0][0], rows[0][1].expandtabs(4))
        begin = at
        if has_box(rows[0][1][at : at + 4]):
            begin += BOX
        elif self.definitions:
            begin = _definitions(rows, at)[1]
        prose = self._proses[lines] = inline.Prose(rows, begin, self.definitions)
        return prose

    def _joined(self, start: int, end: int) -> str:
        return self.lines[start] if end - start == 1 else "".join(self.lines[start:end])

    @cached_property
    def definitions(self) -> dict[str, str]:
        """The targets of link references by normalised label; the first of a label counts."""
        found: dict[str, str] = {}
        if "]:" not in self.text:
            return found
        for leaf in self._texts:
            if "]:" in self._joined(leaf.start, leaf.end):
                rows = [(k + 1, self.lines[k]) for k in range(leaf.start, leaf.end)]
                for label, target in _definitions(rows, leaf.at)[0].items():
                    found.setdefault(label, target)
        return found

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The valid fragments: GitHub's slugs of the headings, and ids and names in HTML tags."""
        found: set[str] = set()
        seen: dict[str, int] = {}
        for heading in self.structure.headings:
            name = slug(heading[3], self.definitions)
            count = seen.get(name, 0)
            seen[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
        for _, _, tag in self._tags:
            found.update(match[1] for match in _ANCHOR.finditer(tag))
        return frozenset(found)

    def finding(self, line: int, message: str, column: int = 1, rule: str = "") -> Finding:
        """Return a finding in this document; the engine fills in the name of the rule."""
        return Finding(self.path, line, column, rule, message)


def parse(text: str, path: str = "") -> Document:
    """Parse a text; the work is done when the properties are used."""
    return Document(path, text)


def decode(data: bytes, path: str = "") -> Document | Unreadable:
    """Return the document in a file's bytes; Unreadable if they are not UTF-8 or too many."""
    if len(data) > MAX_SIZE:
        return Unreadable(path, 1, f"larger than {MAX_SIZE} bytes; split it")
    try:
        return Document(path, data.decode())
    except UnicodeDecodeError as error:
        line = len(data[: error.start + 1].splitlines())
        message = f"byte {data[error.start]:#04x} is not UTF-8; save the file as UTF-8"
        return Unreadable(path, line, message)


def read(path: str, tree: Tree) -> Document | Unreadable:
    """Return the document at a path of a repository."""
    data = tree.read(path)
    return decode(data, path) if isinstance(data, bytes) else data


def slug(heading: str, definitions: Mapping[str, str] | None = None) -> str:
    """Return GitHub's anchor of a heading; `definitions` resolve the reference links in it."""
    text = _rendered(heading, definitions or {}).strip().lower()
    if _PLAIN.fullmatch(text):
        return text.replace(" ", "-")
    kept = [c for c in text if c in "-_ " or c.isalnum() or (not c.isascii() and _is_mark(c))]
    return "".join(kept).replace(" ", "-")


def _is_mark(character: str) -> bool:
    from unicodedata import category

    return category(character)[0] == "M"


_EMPHASIS = re.compile(r"(?<![\w\\])(_+)([^\s_](?:[^_]*[^\s_\\])?)\1(?!\w)")
_MARKED = re.compile(r"[`\[<&_\\]")
_PLAIN = re.compile("[a-z0-9 -]*")
_TARGET = re.compile(
    r"""<(?:a\b[^>]*?\shref|img\b[^>]*?\ssrc)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_ANCHOR = re.compile(r"""\s(?:id|name)\s*=\s*["']?([^\s"'>]+)""", re.IGNORECASE)


def _rendered(text: str, definitions: Mapping[str, str]) -> str:
    """Return the text of a heading as it is rendered, except for the asterisks of emphasis."""
    if not _MARKED.search(text):
        return text
    found = inline.find_inlines(text, definitions)
    gone = [(link.start, link.inner if link.image else link.start + 1) for link in found.links]
    gone += [(link.inner, link.end) for link in found.links]
    gone += [span for span in found.hidden if text[span[0]] == "<"]
    out = []
    last = 0
    code = {span for span in found.hidden if text[span[0]] == "`"}
    for start, end in sorted({*gone, *code}):
        if start < last:
            continue
        out.append(_EMPHASIS.sub(r"\2", text[last:start]))
        if (start, end) in code:
            out.append(text[start:end].strip("`"))
        last = end
    out.append(_EMPHASIS.sub(r"\2", text[last:]))
    return inline.unescape("".join(out))


def _definitions(rows: list[tuple[int, str]], at: int) -> tuple[dict[str, str], int]:
    """Return the link reference definitions at the start of a paragraph, and where they end.

    `at` is the column at which its first line begins, 0 outside lists and quotes.
    """
    texts = [row for _, row in rows]
    first = texts[0].expandtabs(4)[at:]
    if not first.lstrip(" ").startswith("["):
        return {}, at
    bare = [first, *(row.lstrip(" >\t") if at else row for row in texts[1:])]
    text = "".join(f"{row.rstrip(_LINE_ENDS)}\n" for row in bare)
    found, end = inline.definitions(text)
    count = text.count("\n", 0, end)
    return found, sum(map(len, texts[:count])) if count else at


def read_guidance(text: str) -> str:
    """Return the words of a guidance block with single spaces: without `>`, `<!--` and marker."""
    rows = (row.lstrip(" >") for row in text.strip().removesuffix(GUIDANCE).splitlines())
    return " ".join(" ".join(rows).removeprefix("<!--").removesuffix("-->").split())


def _comment_kind(text: str) -> Kind:
    bare = text.strip()
    if not bare.startswith("<!--") or bare.find("-->") != len(bare) - 3:
        return "html"
    return "marker" if _marker(text, "section") or _marker(text, "config") else "guidance"


def _marker(line: str, name: str) -> str | None:
    """Return the value of a line that is only `<!-- name: value -->`; None for any other line."""
    words = line.split(None, 4)
    if len(words) == 4 and words[0] == "<!--" and words[3] == "-->" and words[1] == f"{name}:":
        return words[2]
    return None


_P = TypeVar("_P")


def _between(things: tuple[_P, ...], first: int, last: int) -> tuple[_P, ...]:
    """Return the things that begin in a range of lines; they are sorted by line."""
    start = bisect_left(things, first, key=_line)
    return things[start : bisect_right(things, last, start, key=_line)]


def _field(line: str, number: int) -> Field | None:
    """Parse `Name: value`, which may be emphasised, be a list item, or end in a backslash."""
    name, colon, rest = line.strip().removeprefix("- ").removeprefix("* ").partition(":")
    value = rest.removeprefix("**").removesuffix("\\").strip()
    name = name.strip("* ")
    if not colon or not name[:1].isupper() or not name.replace(" ", "").replace("-", "").isalpha():
        return None
    if value and rest.removeprefix("**")[:1] not in " \t":
        return None
    if "<!--" in value:
        value = inline.Prose([(number, value)], 0, {}).masked("<").strip()
    column = line.find(value, line.index(":")) if value else len(line.rstrip())
    return Field(name, value, number, column + 1)
