"""What stands within the text of a block: links, and what is hidden in code, tags and comments.

One pass from left to right, as CommonMark reads inlines; emphasis is left alone.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Reference(NamedTuple):
    """A link within a text: characters `start` to `end`, `inner` ends the text of the link."""

    start: int
    inner: int
    end: int
    target: str
    image: bool


class Inlines(NamedTuple):
    """The links of a text in the order of their starts, and where code, tags and comments are."""

    links: list[Reference]
    hidden: list[tuple[int, int]]


class Prose:
    """The running text of one block, as whole lines; `begin` is where inlines begin in it."""

    def __init__(
        self, rows: list[tuple[int, str]], begin: int, definitions: Mapping[str, str]
    ) -> None:
        self.rows = rows
        self.begin = begin
        self.text = rows[0][1] if len(rows) == 1 else "".join(row for _, row in rows)
        self.links, self.hidden = inlines(self.text, definitions, begin)

    def place(self, position: int) -> tuple[int, int]:
        """The line and column of a position in the text."""
        if len(self.rows) == 1:
            return self.rows[0][0], position + 1
        row = bisect_right(self._starts, position) - 1
        return self.rows[row][0], position - self._starts[row] + 1

    @cached_property
    def _starts(self) -> list[int]:
        lengths = (len(row) for _, row in self.rows[:-1])
        return list(accumulate(lengths, initial=0))

    @property
    def comments(self) -> list[str]:
        """The comments and tags in the text."""
        return [self.text[s:e] for s, e in self.hidden if self.text[s] == "<"]

    def masked(self, marks: str) -> str:
        """The text with blanks in place of what is hidden and begins with one of the marks."""
        text = self.text
        out: list[str] = []
        last = 0
        for start, end in self.hidden:
            if text[start] in marks:
                out += (text[last:start], " " * (end - start))
                last = end
        return "".join(out) + text[last:] if out else text


# The usual forms of code and of a link, whole; of everything else the first character.
# Each alternative begins with a plain character: only then are other characters skipped quickly.
_INTERESTING = re.compile(
    r"`([^`]+)`(?!`)|\[([^\[\]`<\\!]*)\]\(([^\s\x00-\x20\x7f<>()\\&]+)\)|\\|`|<|\[|\]|!"
)
_CODE, _LINK = 1, 3  # its last groups
_TARGET_STOP = re.compile(r"[\x00-\x20\x7f\\()]")
_TICKS = re.compile("`+")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_NAME_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:")
_NAME = _NAME_START | frozenset("0123456789.-")
_LABEL_LIMIT = 1000  # CommonMark's own limit is 999 characters
_NESTED_PARENTHESES = 8  # CommonMark asks for three; each costs time in a text full of them


def inlines(text: str, definitions: Mapping[str, str], start: int = 0) -> Inlines:
    """Read a text; `definitions` are the document's reference targets by normalised label."""
    reader = _Reader(text, definitions)
    reader.read(start)
    if len(reader.links) > 1:
        reader.links.sort()
    return Inlines(reader.links, reader.hidden)


class _Reader:
    inactive = 0  # so many of the brackets have a link within and can't be links
    ticks: dict[int, list[int]] | None = None
    unclosed: frozenset[str] = frozenset()

    def __init__(self, text: str, definitions: Mapping[str, str]) -> None:
        self.text = text
        self.known = definitions
        self.links: list[Reference] = []
        self.hidden: list[tuple[int, int]] = []
        self.brackets: list[tuple[int, bool]] = []  # position, image

    def read(self, i: int) -> None:
        text = self.text
        while (hit := _INTERESTING.search(text, i)) is not None:
            if hit.lastindex == _CODE:
                self.hidden.append(hit.span())
                i = hit.end()
                continue
            i = hit.start()
            first = text[i]
            if hit.lastindex == _LINK:
                self.links.append(Reference(i, hit.end(2), hit.end(), hit[3], False))
                self.inactive = len(self.brackets)
                i = hit.end()
            elif first == "\\":
                i += 2 if text[i + 1 : i + 2] in _PUNCTUATION else 1
            elif first == "`":
                i = self.code(i)
            elif first == "<":
                i = self.angle(i)
            elif first == "]":
                i = self.close(i)
            elif first == "[":
                self.brackets.append((i, False))
                i += 1
            elif text.startswith("[", i + 1):
                self.brackets.append((i, True))
                i += 2
            else:
                i += 1

    def code(self, i: int) -> int:
        if self.ticks is None:
            self.ticks = {}
            for run in _TICKS.finditer(self.text):
                self.ticks.setdefault(run.end() - run.start(), []).append(run.start())
        end = i
        while self.text.startswith("`", end):
            end += 1
        runs = self.ticks.get(end - i, [])
        place = bisect_right(runs, end)
        if place == len(runs):
            return end
        stop = runs[place] + end - i
        self.hidden.append((i, stop))
        return stop

    def angle(self, i: int) -> int:
        end = self.markup(i) or tag_end(self.text, i)
        if end > 0:
            self.hidden.append((i, end))
            return end
        end = _autolink_end(self.text, i)
        if end < 0:
            return i + 1
        self.links.append(Reference(i, end - 1, end, self.text[i + 1 : end - 1], False))
        return end

    def markup(self, i: int) -> int:
        """The end of the comment, instruction, declaration or CDATA at `i`; 0 when none."""
        text = self.text
        if text[i + 1 : i + 2] not in ("!", "?"):
            return 0
        if text.startswith(("<!-->", "<!--->"), i):
            return text.index(">", i) + 1
        for opening, closing in (
            ("<!--", "-->"),
            ("<?", "?>"),
            ("<![CDATA[", "]]>"),
            ("<!", ">"),
        ):
            if text.startswith(opening, i):
                if opening == "<!" and not text[i + 2 : i + 3].isalpha():
                    return 0
                if closing in self.unclosed:
                    return 0
                end = text.find(closing, i + len(opening))
                if end < 0:
                    self.unclosed |= {closing}
                    return 0
                return end + len(closing)
        return 0

    def close(self, i: int) -> int:
        """Take a `]`: the end of a link where a bracket is open and a target follows."""
        if not self.brackets:
            return i + 1
        start, image = self.brackets.pop()
        active = image or len(self.brackets) >= self.inactive
        self.inactive = min(self.inactive, len(self.brackets))
        if not active:
            return i + 1
        target, end = self.target(start + 1 + image, i)
        if target is None:
            return i + 1
        self.links.append(Reference(start, i, end, target, image))
        if not image:
            self.inactive = len(self.brackets)
        return end

    def target(self, start: int, i: int) -> tuple[str | None, int]:
        text = self.text
        if text.startswith("(", i + 1):
            found = _destination_in_parentheses(text, i + 2)
            if found is not None:
                return found
        if text.startswith("[", i + 1):
            end = _label_end(text, i + 2)
            if end > i + 2:
                return self.known.get(normalised(text[i + 2 : end])), end + 1
            if end == i + 2:
                return self.lookup(start, i), end + 1
        return self.lookup(start, i), i + 1

    def lookup(self, start: int, end: int) -> str | None:
        if end - start >= _LABEL_LIMIT or not self.known or _label_end(self.text, start) != end:
            return None
        return self.known.get(normalised(self.text[start:end]))


def normalised(label: str) -> str:
    """A reference's label as it is compared: case and runs of blanks do not matter."""
    return " ".join(label.split()).casefold()


def tag_end(text: str, i: int) -> int:
    """Where the HTML tag that begins at `i` ends; -1 when it is not a whole tag."""
    i += 1
    closing = text.startswith("/", i)
    i += closing
    start = i
    while text[i : i + 1].isascii() and (text[i : i + 1].isalnum() or text[i : i + 1] == "-"):
        i += 1
    if i == start or not text[start].isalpha():
        return -1
    while True:
        after = _skip_blanks(text, i)
        if text.startswith(">", after):
            return after + 1
        if closing:
            return -1
        if text.startswith("/>", after):
            return after + 2
        if after == i or text[after : after + 1] not in _NAME_START or after == len(text):
            return -1
        i = _attribute_end(text, after)
        if i < 0:
            return -1


def _attribute_end(text: str, i: int) -> int:
    while i < len(text) and text[i] in _NAME:
        i += 1
    after = _skip_blanks(text, i)
    if not text.startswith("=", after):
        return i
    i = _skip_blanks(text, after + 1)
    quote = text[i : i + 1]
    if quote in ('"', "'"):
        return text.find(quote, i + 1) + 1 or -1
    start = i
    while i < len(text) and text[i] not in " \t\r\n\"'=<>`":
        i += 1
    return i if i > start else -1


def _skip_blanks(text: str, i: int) -> int:
    while text[i : i + 1] in (" ", "\t", "\n", "\r"):
        i += 1
    return i


def _autolink_end(text: str, i: int) -> int:
    """Where `<scheme:address>` or `<name@host>` ends; -1 when there is none at `i`."""
    end = i + 1
    while end < len(text) and text[end] not in "<> \t\r\n":
        end += 1
    if not text.startswith(">", end):
        return -1
    scheme, colon, _ = text[i + 1 : end].partition(":")
    if colon and 2 <= len(scheme) <= 32 and scheme[0].isalpha() and scheme.isascii():
        return (
            end + 1 if scheme.replace("+", "").replace(".", "").replace("-", "").isalnum() else -1
        )
    return -1


def _label_end(text: str, i: int) -> int:
    """Where the `]` of a label stands whose content begins at `i`; -1 when there is none."""
    limit = min(len(text), i + _LABEL_LIMIT)
    while i < limit:
        if text[i] == "]":
            return i
        if text[i] == "[":
            return -1
        i += 2 if text[i] == "\\" else 1
    return -1


def _destination(text: str, i: int) -> tuple[str, int] | None:
    """A link's target at `i` and where it ends."""
    if text.startswith("<", i):
        end = i + 1
        while end < len(text) and text[end] not in "<>\n":
            end += 2 if text[end] == "\\" else 1
        return (unescaped(text[i + 1 : end]), end + 1) if text.startswith(">", end) else None
    end = i
    depth = 0
    while True:
        stop = _TARGET_STOP.search(text, end)
        end = stop.start() if stop else len(text)
        mark = text[end : end + 1]
        if mark == "\\":
            end += 2 if text[end + 1 : end + 2] in _PUNCTUATION else 1
        elif mark == "(" and depth < _NESTED_PARENTHESES:
            depth += 1
            end += 1
        elif mark == ")" and depth:
            depth -= 1
            end += 1
        else:
            return (unescaped(text[i:end]), end) if depth == 0 else None


def _title_end(text: str, i: int) -> int:
    """Where the title that begins at `i` ends; -1 when it does not."""
    closing = {'"': '"', "'": "'", "(": ")"}.get(text[i : i + 1])
    if closing is None:
        return -1
    i += 1
    while i < len(text):
        if text[i] == closing:
            return i + 1
        if text[i] == "(" and closing == ")":
            return -1
        i += 2 if text[i] == "\\" else 1
    return -1


def _destination_in_parentheses(text: str, i: int) -> tuple[str, int] | None:
    i = _skip_blanks(text, i)
    found = _destination(text, i)
    if found is None:
        return None
    target, end = found
    after = _skip_blanks(text, end)
    if after > end:
        title = _title_end(text, after)
        if title > 0:
            after = _skip_blanks(text, title)
    return (target, after + 1) if text.startswith(")", after) else None


def unescaped(text: str) -> str:
    """Return a text as a reader sees it: without escapes, with entities replaced."""
    if "\\" in text:
        text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    return without_entities(text)


def without_entities(text: str) -> str:
    """Return a text with the characters that its entities stand for."""
    if "&" not in text:
        return text
    from html import unescape

    return unescape(text)


def definitions(text: str) -> tuple[dict[str, str], int]:
    """The reference definitions that a paragraph begins with, and where they end."""
    found: dict[str, str] = {}
    i = 0
    while True:
        start = i
        while text[start : start + 1] in (" ", "\t"):
            start += 1
        definition = _definition(text, start)
        if definition is None:
            return found, i
        label, target, i = definition
        found.setdefault(label, target)


def definitions_end(text: str) -> int:
    """Where the reference definitions end that a paragraph begins with."""
    return definitions(text)[1]


def _definition(text: str, i: int) -> tuple[str, str, int] | None:
    if not text.startswith("[", i):
        return None
    end = _label_end(text, i + 1)
    label = normalised(text[i + 1 : end]) if end > 0 else ""
    if not label or not text.startswith(":", end + 1) or label.startswith("^"):
        return None  # `[^1]: text` is a footnote
    start = _skip_blanks(text, end + 2)
    found = _destination(text, start)
    if found is None or found[1] == start:
        return None
    target, end = found
    line_end = _blank_rest(text, end)
    after = _skip_blanks(text, end)
    if after > end:
        title = _title_end(text, after)
        title_line_end = _blank_rest(text, title) if title > 0 else -1
        if title_line_end > 0:
            return label, target, title_line_end
    return None if line_end < 0 else (label, target, line_end)


def _blank_rest(text: str, i: int) -> int:
    """Where the next line begins, when nothing but blanks stands before it; else -1."""
    while text[i : i + 1] in (" ", "\t"):
        i += 1
    if i >= len(text):
        return len(text)
    return i + 1 if text[i] == "\n" else -1
