"""Find the block structure of a Markdown document in one pass over its lines.

Follows CommonMark 0.31.2, GitHub's tables and YAML front matter.
The result is not a tree: the top-level blocks are consecutive spans that cover every line once,
and the content of lists and quotes is in flat records beside them.
Only `str` methods read the content, and each line is read once (trailing blanks twice),
so that the time is linear in the size of any text.
"""

from typing import Literal, TypeAlias

from msgspec import Struct, field

from mlcharter.markdown import inline
from mlcharter.markdown.inline import tag_end

Kind = Literal[
    "blank",
    "break",
    "code",
    "fence",
    "front-matter",
    "heading",
    "html",
    "list",
    "paragraph",
    "quote",
    "table",
]
_Opening = Literal[
    "break",
    "code",
    "delimiter",
    "fence",
    "heading",
    "html",
    "list",
    "quote",
    "setext",
    "text",
]
_Leaf = Literal["", "code", "fence", "heading", "html", "paragraph", "table"]


# A top-level block: its kind, its first line from 0, and the line after its last.
# A plain tuple, since creating a hundred named ones takes as long as the rest of the scan.
Span: TypeAlias = tuple[Kind, int, int]


class Leaf(Struct, frozen=True, gc=False):
    """A block of text or code within a list or a quote; its first line begins at `at`."""

    kind: _Leaf
    start: int
    end: int
    at: int


# A heading at any depth: its lines as in a span, its level, its text as written,
# and its index in the spans, which is -1 in a list or a quote.
Heading: TypeAlias = tuple[int, int, int, str, int]


class Fence(Struct, frozen=True, gc=False):
    """A fenced block at any depth; `closed` is false when the text ends before the fence does."""

    start: int
    end: int
    indent: int
    info: str
    closed: bool


class Entry(Struct, frozen=True, gc=False):
    """The start of a list item; `depth` counts the lists and quotes around it."""

    start: int
    at: int
    depth: int


class Structure(Struct):
    """The result of the pass, in the order of the lines.

    `too_deep` is the first line whose list or quote was nested too deeply, and was read as text.
    """

    spans: list[Span] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    too_deep: int | None = None


def scan(lines: list[str]) -> Structure:
    """Return the structure of a document; the lines include their line ends."""
    return _Scanner(lines).run()


# A line that begins with none of these is text, whatever precedes it.
_SPECIAL = frozenset(" \t\r\n#`~<>-+*_=|:0123456789")
_SPACE = frozenset(("", " ", "\t", "\n", "\r"))
_DIGITS = frozenset("0123456789")
_BULLET = [2]  # a single open item whose text begins in the third column
MAX_DEPTH = 100  # lists and quotes nested deeper than that are text, as in other parsers
_NEVER = 1 << 30  # an indentation that no line has


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _opening(line: str, at: int, paragraph: int) -> _Opening:
    """Return the kind of block that a line begins; its first character is at column `at`, below 4.

    `paragraph` is 0 if no paragraph is open, 1 if the line could continue one lazily,
    2 if it is directly in one.
    """
    first = line[at]
    if first not in _SPECIAL:
        return "text"
    if first == ">":
        return "quote"
    if first == "#":
        return "heading" if _level(line, at) else "text"
    if first in "`~":
        return "fence" if _fence(line, at) else "text"
    if first == "<":
        return "html" if _html(line, at, paragraph) is not None else "text"
    if paragraph == 2 and first in "=-" and not line[at:].rstrip(" \t\r\n").strip(first):
        return "setext"
    if first in "-*_" and _is_break(line, at, first):
        return "break"
    if first in "-+*" or first in _DIGITS:
        marker = _marker(line, at)
        if marker is not None and (
            paragraph < 2 or (line[marker.end :].strip(" \t\r\n") and marker.number == 1)
        ):
            return "list"
    if paragraph == 2 and first in "|:-" and not line[at:].strip(" \t\r\n|:-"):
        return "delimiter"
    return "text"


def _level(line: str, at: int) -> int:
    """Return the level of the heading that begins at `at`, or 0."""
    if line.startswith("## ", at):
        return 2
    rest = line[at:].lstrip("#")
    level = len(line) - len(rest) - at
    return level if level < 7 and rest[:1] in _SPACE else 0


def _heading_text(line: str, at: int, level: int) -> str:
    text = line[at + level :].strip(" \t\r\n")
    if not text or text[-1] != "#":
        return text
    bare = text.rstrip("#")
    if not bare or bare[-1] in " \t":
        return bare.rstrip(" \t")
    return text


def _fence(line: str, at: int) -> int:
    """Return the length of the fence that opens at `at`, or 0."""
    mark = line[at]
    if not line.startswith(mark * 3, at):
        return 0
    rest = line[at:]
    length = len(rest) - len(rest.lstrip(mark))
    return 0 if mark == "`" and "`" in rest[length:] else length


def _closes(line: str, at: int, mark: str, length: int) -> bool:
    # The length first: most lines are shorter than a long fence, which would be built for each.
    if len(line) - at < length or not line.startswith(mark * length, at):
        return False
    return not line[at:].lstrip(mark).strip(" \t\r\n")


def _is_break(line: str, at: int, mark: str) -> bool:
    if line[at:].strip(" \t\r\n" + mark):
        return False
    return line.count(mark, at) >= 3


class _Marker(Struct, frozen=True, gc=False):
    """A list marker; two items with the same `kind` belong to the same list."""

    kind: str
    number: int
    end: int


def _marker(line: str, at: int) -> _Marker | None:
    kind = line[at]
    end = at + 1
    number = 1
    if kind in _DIGITS:
        while end < at + 10 and line[end : end + 1] in _DIGITS:
            end += 1
        kind = line[end : end + 1]
        if kind not in (".", ")") or end - at > 9:
            return None
        number = int(line[at:end])
        end += 1
    return _Marker(kind, number, end) if line[end : end + 1] in _SPACE else None


_RAW_TAGS = ("script", "pre", "style", "textarea")
_RAW_ENDS = tuple(f"</{tag}>" for tag in _RAW_TAGS)
_BLOCK_TAG_NAMES = """
address article aside base basefont blockquote body caption center col colgroup dd details
dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6
head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option
p param search section summary table tbody td tfoot th thead title tr track ul
"""
_BLOCK_TAGS = frozenset(_BLOCK_TAG_NAMES.split())


def _html(line: str, at: int, paragraph: int) -> tuple[str, ...] | None:
    """Return the strings that end the HTML block at `at`; empty if a blank line ends it.

    None if no HTML block begins there.
    """
    second = line[at + 1 : at + 2]
    if second == "!":
        if line.startswith("<!--", at):
            return ("-->",)
        if line.startswith("<![CDATA[", at):
            return ("]]>",)
        third = line[at + 2 : at + 3]
        return (">",) if third.isascii() and third.isalpha() else None
    if second == "?":
        return ("?>",)
    closing = second == "/"
    start = at + 1 + closing
    end = start
    while end < len(line) and end < start + 12 and line[end].isascii() and line[end].isalnum():
        end += 1
    name = line[start:end].lower()
    after = line[end : end + 1]
    if name in _RAW_TAGS and not closing and (after in _SPACE or after == ">"):
        return _RAW_ENDS
    if name in _BLOCK_TAGS and (after in _SPACE or after == ">" or line.startswith("/>", end)):
        return ()
    if paragraph == 0:
        stop = tag_end(line, at)
        if stop > 0 and not line[stop:].strip(" \t\r\n"):
            return ()
    return None


def _ends_html(line: str, at: int, ends: tuple[str, ...]) -> bool:
    if ends is _RAW_ENDS:
        line = line.lower()
    return any(line.find(end, at) >= 0 for end in ends)


def _cells(row: str) -> int:
    row = row.strip(" \t\r\n")
    pipes = row.count("|") - row.count("\\|")
    if row.startswith("|"):
        pipes -= 1
    if len(row) > 1 and row.endswith("|") and not row.endswith("\\|"):
        pipes -= 1
    return pipes + 1


def _is_table(header: str, delimiter: str) -> bool:
    """Return whether two lines start a table: a header, and a delimiter row with as many cells."""
    if "|" not in header or _cells(header) != _cells(delimiter):
        return False
    cells = delimiter.strip(" \t\r\n").removeprefix("|").removesuffix("|").split("|")
    for cell in cells:
        dashes = cell.strip(" \t").removeprefix(":").removesuffix(":")
        if not dashes or dashes.strip("-"):
            return False
    return True


class _Scanner:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.count = len(lines)
        self.found = Structure()
        # Inside lists and quotes: the containers that are open, from the outermost.
        # A list item is the indentation that its content has within its parent; a quote is -1.
        self.stack: list[int] = []
        self.kinds: list[str] = []
        self.bare = False  # the innermost item has nothing in it yet
        # The block of text or code that is open within the innermost container.
        self.leaf: _Leaf = ""
        self.leaf_start = 0
        self.leaf_at = 0
        self.fence = ("", 0, 0)  # mark, length, indentation
        self.ends: tuple[str, ...] = ()

    def run(self) -> Structure:
        lines = self.lines
        count = self.count
        append = self.found.spans.append
        i = self.front_matter()
        while i < count:
            line = lines[i]
            start = i
            if line[0] not in _SPECIAL:
                # Text: a fast version of the loop of `paragraph`.
                i += 1
                while i < count and (line := lines[i])[0] not in _SPECIAL:
                    i += 1
                if i == count or line == "\n":
                    append(("paragraph", start, i))
                else:
                    i = self.paragraph(start, i)
            elif line == "\n":
                i += 1
                if i < count and lines[i][0] in " \t\r\n":
                    i = self.blanks(i)
                append(("blank", start, i))
            elif line[:4] == "<!--" and "-->" in line:
                i += 1
                append(("html", start, i))
            else:
                i = self.special(i, line)
        return self.found

    def special(self, i: int, line: str) -> int:
        """Scan the block of a line that begins with one of `_SPECIAL`; return the line after it."""
        at = 0
        first = line[0]
        if first == "#" and _level(line, 0):
            return self.heading(i, line, 0)
        if first == "|":
            return self.paragraph(i, i + 1)
        if first in " \t":
            line = line.expandtabs(4)
            at = _indent(line)
        if at == len(line) or line[at] in "\r\n":
            end = self.blanks(i)
            self.found.spans.append(("blank", i, end))
            return end
        if at >= 4:
            return self.code(i)
        opening = _opening(line, at, 0)
        if opening == "text":
            return self.paragraph(i, i + 1)
        return _BLOCKS[opening](self, i, line, at)

    def front_matter(self) -> int:
        if self.count and self.lines[0].rstrip() == "---":
            for i in range(1, self.count):
                if self.lines[i].rstrip() in ("---", "..."):
                    self.found.spans.append(("front-matter", 0, i + 1))
                    return i + 1
        return 0

    def blanks(self, i: int) -> int:
        """Return the first line from `i` on that is not blank."""
        while i < self.count and not self.lines[i].strip(" \t\r\n"):
            i += 1
        return i

    def code(self, start: int) -> int:
        i = end = start + 1
        while i < self.count:
            line = self.lines[i].expandtabs(4)
            at = _indent(line)
            if at == len(line) or line[at] in "\r\n":
                i += 1
            elif at >= 4:
                i = end = i + 1
            else:
                break
        self.found.spans.append(("code", start, end))
        return end

    def heading(self, i: int, line: str, at: int) -> int:
        found = self.found
        level = _level(line, at)
        text = _heading_text(line, at, level)
        found.headings.append((i, i + 1, level, text, len(found.spans)))
        found.spans.append(("heading", i, i + 1))
        return i + 1

    def rule(self, i: int, line: str, at: int) -> int:
        self.found.spans.append(("break", i, i + 1))
        return i + 1

    def fenced(self, start: int, line: str, at: int) -> int:
        lines = self.lines
        length = _fence(line, at)
        mark = line[at]
        fence = mark * length
        closed = False
        i = start + 1
        while i < self.count:
            line = lines[i]
            i += 1
            if fence in line:
                indent = _indent(line)
                if indent < 4 and _closes(line, indent, mark, length):
                    closed = True
                    break
        info = lines[start].strip(" \t\r\n").lstrip(mark).strip(" \t")
        self.found.fences.append(Fence(start, i, at, info, closed))
        self.found.spans.append(("fence", start, i))
        return i

    def html(self, start: int, line: str, at: int) -> int:
        lines = self.lines
        i = start + 1
        ends = _html(line, at, 0)
        if ends:
            if not _ends_html(line, at, ends):
                while i < self.count and not _ends_html(lines[i], 0, ends):
                    i += 1
                i = min(i + 1, self.count)
        else:
            while i < self.count and lines[i].strip(" \t\r\n"):
                i += 1
        self.found.spans.append(("html", start, i))
        return i

    def paragraph(self, start: int, i: int) -> int:
        """Scan a paragraph, or the heading or table that it becomes; lines up to `i` are known."""
        lines = self.lines
        count = self.count
        while i < count:
            line = lines[i]
            if line[0] in _SPECIAL:
                if line == "\n":
                    break
                opening = self.interrupts(line)
                if opening == "setext":
                    if self.underline(start, i):
                        return i + 1
                    if _is_break(line, 0, "-"):
                        break
                elif opening == "delimiter":
                    if _is_table(lines[i - 1], line):
                        return self.table(start, i)
                elif opening != "text":
                    break
            i += 1
        self.found.spans.append(("paragraph", start, i))
        return i

    def interrupts(self, line: str) -> _Opening:
        """Return what a line after a paragraph begins; for a blank line, `break`."""
        at = 0
        if line[0] in " \t":
            line = line.expandtabs(4)
            at = _indent(line)
        if at == len(line) or line[at] in "\r\n":
            return "break"
        return "text" if at >= 4 else _opening(line, at, 2)

    def underline(self, start: int, i: int) -> bool:
        """Turn a paragraph and the underline below it into a heading; return whether it is one."""
        found = self.found
        first = start + self.definitions(start, i, 0)
        if first == i:
            return False
        if first > start:
            found.spans.append(("paragraph", start, first))
        level = 1 if "=" in self.lines[i] else 2
        text = " ".join(row.strip(" \t\r\n") for row in self.lines[first:i])
        found.headings.append((first, i + 1, level, text, len(found.spans)))
        found.spans.append(("heading", first, i + 1))
        return True

    def definitions(self, start: int, end: int, at: int) -> int:
        """Return how many lines of a paragraph are link reference definitions."""
        if self.lines[start].expandtabs(4)[at:].lstrip(" ")[:1] != "[":
            return 0
        text = "".join(self.content(start, end, at))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        stop = inline.definitions(text)[1]
        return end - start if stop == len(text) else text.count("\n", 0, stop)

    def content(self, start: int, end: int, at: int) -> list[str]:
        """Return the lines of a paragraph without the list and quote marks before them."""
        if not at:
            return self.lines[start:end]
        rest = [line.lstrip(" >\t") for line in self.lines[start + 1 : end]]
        return [self.lines[start].expandtabs(4)[at:], *rest]

    def table(self, start: int, delimiter: int) -> int:
        spans = self.found.spans
        if delimiter - 1 > start:
            spans.append(("paragraph", start, delimiter - 1))
        i = delimiter + 1
        while i < self.count:
            line = self.lines[i]
            if line[0] == "|":
                i += 1
                continue
            at = 0
            if line[0] in " \t":
                line = line.expandtabs(4)
                at = _indent(line)
            if at >= 4 or at == len(line) or line[at] in "\r\n":
                break
            if _opening(line, at, 0) != "text":
                break
            i += 1
        spans.append(("table", delimiter - 1, i))
        return i

    # Lists and quotes: from here on, a line is first matched against the open containers.

    def container(self, start: int, line: str, at: int) -> int:
        kind: Kind = "quote" if line[at] == ">" else "list"
        end = i = start
        while i < self.count:
            line = self.lines[i]
            if (
                self.leaf == "paragraph"
                and self.stack == _BULLET
                and self.process_common_line(i, line)
            ):
                i = end = i + 1
                continue
            if "\t" in line:
                line = line.expandtabs(4)
            depth, pos, at = self.match(line)
            if at == len(line) or line[at] in "\r\n":
                if not self.blank_inside(i, depth):
                    break
                if ">" in line:
                    end = i + 1
            elif self.inside(i, line, depth, pos, at):
                end = i + 1
            else:
                break
            i += 1
        self.close(0, end)
        self.found.spans.append((kind, start, end))
        return end

    def process_common_line(self, i: int, line: str) -> bool:
        """Process a line of the form `- text`, or `  text` below it; return False for another."""
        if line[2:3] in _SPECIAL or line[1:2] != " ":
            return False
        if line[0] == " ":
            return len(line) > 2
        if line[0] != self.kinds[0] or len(line) < 3:
            return False
        self.found.leaves.append(Leaf("paragraph", self.leaf_start, i, self.leaf_at))
        self.found.entries.append(Entry(i, 1, 0))
        self.leaf_start = i
        self.leaf_at = 2
        return True

    def match(self, line: str) -> tuple[int, int, int]:
        """Return how many open containers a line continues, and where content and text start."""
        pos = 0
        at = _indent(line)
        blank = at == len(line) or line[at] in "\r\n"
        if blank:
            stack = self.stack
            return stack.index(-1) if -1 in stack else len(stack), at, at
        depth = 0
        for width in self.stack:
            if width < 0:
                if blank or at - pos > 3 or line[at] != ">":
                    break
                pos = at + 1
                at = pos + _indent(line[pos:])
                if at > pos:
                    pos += 1
                blank = at == len(line) or line[at] in "\r\n"
            elif at - pos >= width:
                pos += width
            elif blank:
                pos = at
            else:
                break
            depth += 1
        return depth, pos, at

    def blank_inside(self, i: int, depth: int) -> bool:
        """Process a blank line; return False if it ends the outermost container."""
        if depth < len(self.stack):
            self.close(depth, i)
            return depth > 0
        if self.leaf in ("paragraph", "table") or (self.leaf == "html" and not self.ends):
            self.end_leaf(i)
        if self.bare and self.stack[-1] >= 0:
            self.stack[-1] = _NEVER  # an item may begin with one blank line, but not with two
        return True

    def inside(self, i: int, line: str, depth: int, pos: int, at: int) -> bool:
        """Process a line that is not blank; return False if it ends the outermost container."""
        stack = self.stack
        self.bare = False
        if depth == len(stack) and self.leaf and self.belongs_to_leaf(i, line, pos, at):
            return True
        while True:
            paragraph = 0
            if self.leaf == "paragraph":
                paragraph = 2 if depth == len(stack) else 1
            opening: _Opening
            if at - pos < 4:
                opening = _opening(line, at, paragraph)
            else:
                opening = "text" if paragraph else "code"
            if depth >= MAX_DEPTH and opening in ("quote", "list"):
                opening = "text"
                if self.found.too_deep is None:
                    self.found.too_deep = i
            if opening in ("setext", "delimiter"):
                opening = self.resolve(i, line, at, opening)
                if opening in ("setext", "delimiter"):
                    return True
            if opening == "text" and (paragraph or (self.leaf == "table" and depth == len(stack))):
                return True
            if depth < len(stack):
                if depth == 0 and not self.is_sibling(line, at, opening):
                    return False
                self.close(depth, i)
            else:
                self.end_leaf(i)
            if opening not in ("quote", "list"):
                self.begin(i, line, pos, at, opening)
                return True
            pos, at = self.push(i, line, pos, at, opening)
            depth += 1
            if at == len(line) or line[at] in "\r\n":
                self.bare = opening == "list"
                return True

    def is_sibling(self, line: str, at: int, opening: _Opening) -> bool:
        """Return whether a line begins the next item of the outermost list."""
        if opening != "list" or self.stack[0] < 0:
            return False
        marker = _marker(line, at)
        return marker is not None and marker.kind == self.kinds[0]

    def belongs_to_leaf(self, i: int, line: str, pos: int, at: int) -> bool:
        """Return whether a line belongs to the open fence, HTML or code; close that at its end."""
        if self.leaf == "fence":
            if at - pos < 4 and _closes(line, at, self.fence[0], self.fence[1]):
                self.end_leaf(i + 1, closed=True)
            return True
        if self.leaf == "html":
            if self.ends and _ends_html(line, pos, self.ends):
                self.end_leaf(i + 1)
            return True
        return self.leaf == "code" and at - pos >= 4

    def resolve(self, i: int, line: str, at: int, opening: _Opening) -> _Opening:
        """Turn the open paragraph into a heading or table, or return what the line is instead."""
        start = self.leaf_start
        if opening == "setext":
            first = start + self.definitions(start, i, self.leaf_at)
            if first == i:
                return "break" if _is_break(line, at, "-") else "text"
            rows = self.content(start, i, self.leaf_at)[first - start :]
            text = " ".join(row.strip(" \t\r\n") for row in rows)
            level = 1 if line[at] == "=" else 2
            self.found.headings.append((first, i + 1, level, text, -1))
            self.leaf = "heading"
            self.end_leaf(i + 1)
            return opening
        if not _is_table(self.content(max(start, i - 2), i, self.leaf_at)[-1], line[at:]):
            return "text"
        self.end_leaf(i - 1)
        self.leaf, self.leaf_start = "table", i - 1
        return opening

    def begin(self, i: int, line: str, pos: int, at: int, opening: _Opening) -> None:
        """Open a block of text or code within the innermost container."""
        self.leaf_start, self.leaf_at = i, at
        if opening == "text":
            self.leaf = "paragraph"
        elif opening == "code":
            self.leaf = "code"
        elif opening == "fence":
            self.leaf = "fence"
            self.fence = (line[at], _fence(line, at), at - pos)
        elif opening == "html":
            self.leaf = "html"
            self.ends = _html(line, at, 0) or ()
            if self.ends and _ends_html(line, at, self.ends):
                self.end_leaf(i + 1)
        elif opening == "heading":
            level = _level(line, at)
            text = _heading_text(line, at, level)
            self.found.headings.append((i, i + 1, level, text, -1))
            self.leaf = "heading"
            self.end_leaf(i + 1)

    def push(self, i: int, line: str, pos: int, at: int, opening: _Opening) -> tuple[int, int]:
        """Open a container; return where its content and its text start."""
        if opening == "quote":
            self.stack.append(-1)
            self.kinds.append(">")
            start = at + 1
            at = start + _indent(line[start:])
            return (start + 1 if at > start else start), at
        marker = _marker(line, at)
        assert marker is not None
        self.found.entries.append(Entry(i, marker.end, len(self.stack)))
        text = marker.end + _indent(line[marker.end :])
        blank = text == len(line) or line[text] in "\r\n"
        start = marker.end + 1 if blank or text - marker.end > 4 else text
        self.stack.append(start - pos)
        self.kinds.append(marker.kind)
        return start, text

    def close(self, depth: int, i: int) -> None:
        self.end_leaf(i)
        self.bare = False
        del self.stack[depth:]
        del self.kinds[depth:]

    def end_leaf(self, end: int, closed: bool = False) -> None:
        leaf = self.leaf
        if leaf:
            self.leaf = ""
            start = self.leaf_start
            if end > start:
                self.found.leaves.append(Leaf(leaf, start, end, self.leaf_at))
            if leaf == "fence":
                line = self.lines[start].expandtabs(4)[self.leaf_at :]
                info = line.strip(" \t\r\n").lstrip(self.fence[0]).strip(" \t")
                self.found.fences.append(Fence(start, end, self.fence[2], info, closed))


_BLOCKS = {
    "break": _Scanner.rule,
    "fence": _Scanner.fenced,
    "heading": _Scanner.heading,
    "html": _Scanner.html,
    "list": _Scanner.container,
    "quote": _Scanner.container,
}
