"""Find the inlines in the text of a block: links, code spans, HTML tags and comments.

One pass from left to right, by the rules of CommonMark; emphasis is ignored.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple


class Reference(NamedTuple):
    """A link from `start` to `end` in a text; `inner` is the end of the text of the link."""

    start: int
    inner: int
    end: int
    target: str
    image: bool


class Inlines(NamedTuple):
    """The links of a text, and the ranges of code, tags and comments (`hidden`); both sorted."""

    links: list[Reference]
    hidden: list[tuple[int, int]]


class Prose:
    """The running text of one block, in whole lines; `begin` is where its inlines begin."""

    def __init__(
        self, rows: list[tuple[int, str]], begin: int, definitions: Mapping[str, str]
    ) -> None:
        self.rows = rows
        self.begin = begin
        self.text = rows[0][1] if len(rows) == 1 else "".join(row for _, row in rows)
        self.links, self.hidden = find_inlines(self.text, definitions, begin)

    def place(self, position: int) -> tuple[int, int]:
        """Return the line and column of a position in the text."""
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
        """Return the text with spaces for the hidden ranges that start with one of the marks."""
        text = self.text
        out: list[str] = []
        last = 0
        for start, end in self.hidden:
            if text[start] in marks:
                out += (text[last:start], " " * (end - start))
                last = end
        return "".join(out) + text[last:] if out else text


# Matches the usual forms of code and links as a whole, and the first character of all else.
# Each alternative begins with a literal character, which lets `re` skip other characters quickly.
_INTERESTING = re.compile(
    r"`([^`]+)`(?!`)|\[([^\[\]`<\\!]*)\]\(([^\s\x00-\x20\x7f<>()\\&]+)\)|\\|`|<|\[|\]|!"
)
_CODE, _LINK = 1, 3  # its last groups
_TARGET_STOP = re.compile(r"[\x00-\x20\x7f\\()]")
_TICKS = re.compile("`+")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# These are compiled when they are first used, since many documents need none of them.
_AUTOLINK = r"<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<> \t\r\n]*+>"
_BRACKETED = r"(?s)<(?:\\.|[^<>\n\\])*+>"
_LABEL = r"(?s)(?:\\.|[^\[\]\\])*+\]"
_TITLE = r"""(?s)"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|\((?:\\.|[^()\\])*+\)"""
_MARKUP = r"<!--|<\?|<!\[CDATA\[|<!(?=[^\W\d_])"
_CLOSING = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>"}
_VALUE = r"""(?:[^ \t\r\n"'=<>`]++|'[^']*+'|"[^"]*+")"""
_BLANKS = r"[ \t\r\n]"
_ATTRIBUTE = rf"{_BLANKS}++[A-Za-z_:][A-Za-z0-9_:.-]*+(?:{_BLANKS}*+={_BLANKS}*+{_VALUE})?+"
_TAG_NAME = "[A-Za-z][A-Za-z0-9-]*+"
_TAG = rf"</{_TAG_NAME}{_BLANKS}*+>|<{_TAG_NAME}(?:{_ATTRIBUTE})*+{_BLANKS}*+/?>"
_LABEL_LIMIT = 1000  # CommonMark's own limit is 999 characters
_NESTED_PARENTHESES = 8  # CommonMark asks for three; each costs time in a text full of them


def find_inlines(text: str, definitions: Mapping[str, str], start: int = 0) -> Inlines:
    """Read a text; `definitions` are the document's reference targets by normalised label."""
    reader = _Reader(text, definitions)
    reader.read(start)
    if len(reader.links) > 1:
        reader.links.sort()
    return Inlines(reader.links, reader.hidden)


class _Reader:
    inactive = 0  # how many of the open brackets contain a link, and so can't be links
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
        address = re.compile(_AUTOLINK).match(self.text, i)
        if address is None:
            return i + 1
        end = address.end()
        self.links.append(Reference(i, end - 1, end, address[0][1:-1], False))
        return end

    def markup(self, i: int) -> int:
        """Return the end of the comment, instruction, declaration or CDATA at `i`; 0 without."""
        text = self.text
        if text[i + 1 : i + 2] not in ("!", "?"):
            return 0
        if text.startswith(("<!-->", "<!--->"), i):
            return text.index(">", i) + 1
        opening = re.compile(_MARKUP).match(text, i)
        closing = _CLOSING.get(opening[0], ">") if opening else ""
        if opening is None or closing in self.unclosed:
            return 0
        end = text.find(closing, opening.end())
        if end < 0:
            self.unclosed |= {closing}
            return 0
        return end + len(closing)

    def close(self, i: int) -> int:
        """Process a `]`, which ends a link if a bracket is open and a target follows."""
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
                return self.known.get(normalise_label(text[i + 2 : end])), end + 1
            if end == i + 2:
                return self.lookup(start, i), end + 1
        return self.lookup(start, i), i + 1

    def lookup(self, start: int, end: int) -> str | None:
        if end - start >= _LABEL_LIMIT or not self.known or _label_end(self.text, start) != end:
            return None
        return self.known.get(normalise_label(self.text[start:end]))


def normalise_label(label: str) -> str:
    """Return the normal form of a reference's label: case and runs of spaces are ignored."""
    return " ".join(label.split()).casefold()


def tag_end(text: str, i: int) -> int:
    """Return the end of the HTML tag at `i`; -1 if it is not a whole tag."""
    found = re.compile(_TAG).match(text, i)
    return found.end() if found else -1


def _skip_blanks(text: str, i: int) -> int:
    while text[i : i + 1] in (" ", "\t", "\n", "\r"):
        i += 1
    return i


def _label_end(text: str, i: int) -> int:
    """Return the position of the `]` of a label whose content is at `i`; -1 if there is none."""
    found = re.compile(_LABEL).match(text, i, i + _LABEL_LIMIT)
    return found.end() - 1 if found else -1


def _destination(text: str, i: int) -> tuple[str, int] | None:
    """Return a link's target at `i`, and its end; None if there is none."""
    if text.startswith("<", i):
        found = re.compile(_BRACKETED).match(text, i)
        return (unescape(found[0][1:-1]), found.end()) if found else None
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
            return (unescape(text[i:end]), end) if depth == 0 else None


def _title_end(text: str, i: int) -> int:
    """Return the end of the title at `i`; -1 if there is none."""
    found = re.compile(_TITLE).match(text, i)
    return found.end() if found else -1


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


def unescape(text: str) -> str:
    """Return a text without backslash escapes, and with entities replaced."""
    if "\\" in text:
        text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    return replace_entities(text)


def replace_entities(text: str) -> str:
    """Return a text with its entities replaced by characters."""
    if "&" not in text:
        return text
    from html import unescape

    return unescape(text)


def definitions(text: str) -> tuple[dict[str, str], int]:
    """Return the link reference definitions at the start of a paragraph, and their end."""
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


def _definition(text: str, i: int) -> tuple[str, str, int] | None:
    if not text.startswith("[", i):
        return None
    end = _label_end(text, i + 1)
    label = normalise_label(text[i + 1 : end]) if end > 0 else ""
    if not label or not text.startswith(":", end + 1) or label.startswith("^"):
        return None  # `[^1]: text` is a footnote
    start = _skip_blanks(text, end + 2)
    found = _destination(text, start)
    if found is None or found[1] == start:
        return None
    target, end = found
    line_end = _next_line_if_blank(text, end)
    after = _skip_blanks(text, end)
    if after > end:
        title = _title_end(text, after)
        title_line_end = _next_line_if_blank(text, title) if title > 0 else -1
        if title_line_end > 0:
            return label, target, title_line_end
    return None if line_end < 0 else (label, target, line_end)


def _next_line_if_blank(text: str, i: int) -> int:
    """Return the start of the next line if only spaces are before it; else -1."""
    while text[i : i + 1] in (" ", "\t"):
        i += 1
    if i >= len(text):
        return len(text)
    return i + 1 if text[i] == "\n" else -1
