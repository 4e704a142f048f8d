"""List what a file says, statement by statement, in any layout.

Two versions of a file with equal statements differ only in what a formatter changes: line breaks,
indentation, escapes, quotes, the marks of lists, and the widths of tables. In Markdown, the order
of sections, of rows of a table, and of items of a checklist is layout too; the order of paragraphs,
steps and lines of code is not. Links, comments and code are compared as they are written.
"""

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

from mlcharter.formats import strict_json, yamlblock
from mlcharter.markdown import document
from mlcharter.markdown.document import Block, Document
from mlcharter.markdown.scanner import Leaf

LARGEST = 256 * 1024  # characters of a file that is not compared by lines
_SHOWN = 60  # characters of a statement
_start = attrgetter("start")


def read(path: str, data: bytes) -> list[str] | None:
    """Return the statements of a file; None if it is not text.

    A file that its format's parser refuses is read by lines, as are formats without one.
    """
    try:
        text = data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    parse = _FORMATS.get(path.rpartition(".")[2].lower())
    if parse is not None and len(text) <= LARGEST:
        try:
            return list(parse(text))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            pass
    return list(_read_lines(text))


def describe_change(old: list[str], new: list[str]) -> str:
    """Return the first statement that was removed and the first that was added, and the count."""
    removed, added = Counter(old) - Counter(new), Counter(new) - Counter(old)
    gone = next((statement for statement in old if statement in removed), None)
    came = next((statement for statement in new if statement in added), None)
    if gone is None and came is None:
        return "the order changed"
    start = 0
    if gone is not None and came is not None:
        pairs = enumerate(zip(gone, came, strict=False))
        start = next((at for at, (one, two) in pairs if one != two), min(len(gone), len(came)))
    shown = [
        f"{verb} {_quote(statement, start)}"
        for verb, statement in (("removed", gone), ("added", came))
        if statement is not None
    ]
    more = removed.total() + added.total() - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _quote(statement: str, difference: int) -> str:
    """Return the part of a statement around a position, in backticks."""
    start = max(difference - _SHOWN // 3, 0)
    if start:
        start = max(statement.find(" ", start, difference) + 1, start)
    shown = statement[start : start + _SHOWN]
    before, after = "… " if start else "", " …" if start + _SHOWN < len(statement) else ""
    return f"`{before}{shown.strip().replace('`', chr(39))}{after}`"


# Formats of data and code


def _read_lines(text: str) -> Iterator[str]:
    return (line.rstrip() for line in text.split("\n") if line.strip())


def _read_json(text: str) -> Iterator[str]:
    return _read_value(strict_json.loads(text))


def _read_yaml(text: str) -> Iterator[str]:
    tree = yamlblock.parse(text)
    if tree.problem is not None:
        raise ValueError(tree.problem.message)
    yield from _read_value(tree.value)
    yield from _read_comments(text)


def _read_toml(text: str) -> Iterator[str]:
    from mlcharter.formats import toml

    tables = toml.read_tables(text)
    if not tables:
        raise ValueError("not TOML")
    yield from _read_value(tables)
    yield from _read_comments(text)


def _read_python(text: str) -> Iterator[str]:
    import ast

    yield from _read_lines(ast.unparse(ast.parse(text)))
    yield from _read_comments(text)


def _read_value(value: Any) -> Iterator[str]:
    """Yield each scalar with its key; the order of keys does not matter."""
    dumped = json.dumps(value, indent=0, sort_keys=True, ensure_ascii=False, default=str)
    return (line.removesuffix(",") for line in dumped.split("\n"))


def _read_comments(text: str) -> Iterator[str]:
    return (comment.rstrip() for comment in _COMMENT.findall(text))


_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")


# Markdown


def _read_markdown(text: str) -> Iterator[str]:
    return _Markdown(document.parse(text)).read()


class _Markdown:
    """The statements of a document."""

    def __init__(self, parsed: Document) -> None:
        self.parsed = parsed
        self.leaves = parsed.structure.leaves
        self.depths = {entry.start: entry.depth for entry in parsed.structure.entries}
        self.configs = {config.fence: config for config in parsed.configs if not config.problem}

    def read(self) -> Iterator[str]:
        """Yield the statements of each section below its heading, ordered by the headings."""
        headings = {heading.line: heading for heading in self.parsed.headings}
        path: list[str] = []
        sections: list[tuple[list[str], list[str]]] = [([], [])]
        for block in self.parsed.blocks:
            heading = headings.get(block.line) if block.kind == "heading" else None
            if heading is not None:
                path = [*path[: heading.level - 1], f"{'#' * heading.level} {_words(heading.text)}"]
                sections.append((path, [path[-1]]))
            else:
                sections[-1][1].extend(self.read_block(block))
        for _, statements in sorted(sections):
            yield from statements

    def read_block(self, block: Block) -> Iterator[str]:
        start, end = block.line - 1, block.end
        match block.kind:
            case "blank":
                pass
            case "list" if block.line in self.parsed.item_ids:
                items = self.parsed.entries(block)
                read = (list(self.read_leaves(item.line - 1, item.end)) for item in items)
                yield from chain.from_iterable(sorted(read))
            case "list" | "quote":
                yield from self.read_leaves(start, end)
            case "fence" if block.line in self.configs:
                yield from _read_yaml(self.configs[block.line].text)
            case "fence" | "table":
                yield from self.read_leaf(Leaf(block.kind, start, end, 0))
            case "code" | "front-matter":
                yield from self.read_leaf(Leaf("code", start, end, 0))
            case "break":
                yield "---"
            case _:
                yield _words(block.text)

    def read_leaves(self, start: int, end: int) -> Iterator[str]:
        """Yield the statements of some lines in lists and quotes, with the marks of the lists."""
        first = bisect_left(self.leaves, start, key=_start)
        for leaf in self.leaves[first : bisect_left(self.leaves, end, first, key=_start)]:
            mark = ""
            if leaf.start in self.depths:
                before = self.parsed.lines[leaf.start].expandtabs(4)[: leaf.at]
                ordered = before.strip(" >-*+")
                mark = f"{'  ' * self.depths[leaf.start]}{'1.' if ordered else '-'} "
            for statement in self.read_leaf(leaf):
                yield mark + statement
                mark = ""

    def read_leaf(self, leaf: Leaf) -> Iterator[str]:
        """Yield the statements of a block of text or code."""
        first, *others = (line.expandtabs(4) for line in self.parsed.lines[leaf.start : leaf.end])
        outside = f"[ >]{{0,{leaf.at}}}"
        rows = [first[leaf.at :], *(re.sub(f"^{outside}", "", row, count=1) for row in others)]
        rows = [row.rstrip() for row in rows]
        if leaf.kind == "table":
            yield _join_cells(rows[0])
            yield from sorted(map(_join_cells, rows[2:]))
        elif leaf.kind in ("fence", "code"):
            if leaf.kind == "fence":
                yield f"```{rows.pop(0).lstrip('`~ ')}"
                if rows and not rows[-1].strip(" `~"):
                    rows.pop()
            yield from (f"    {row}" for row in rows if row)
        else:
            yield _words(" ".join(row.lstrip(" >") for row in rows))


def _join_cells(row: str) -> str:
    bare = row.strip().removeprefix("|")
    bare = bare if bare.endswith("\\|") else bare.removesuffix("|")
    return f"| {' | '.join(_words(cell) for cell in _BAR.split(bare))} |"


def _words(text: str) -> str:
    """Return running text with single spaces, without escapes, and with `_` for emphasis."""
    parts = _CODE.split(text)
    parts[::2] = (_EMPHASIS.sub("_", _ESCAPE.sub(r"\1", part)) for part in parts[::2])
    return " ".join("".join(parts).split())


_BAR = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(`[^`]+`)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|\\$", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")

_FORMATS: dict[str, Callable[[str], Iterator[str]]] = {
    "json": _read_json,
    "md": _read_markdown,
    "py": _read_python,
    "toml": _read_toml,
    "yaml": _read_yaml,
    "yml": _read_yaml,
}
